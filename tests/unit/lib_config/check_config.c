/* A file of settings: what would not be read, or cannot be, is told. */
#include <string.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/config/config.h"
#include "support/folder.h"
#include "support/suite.h"

static unsigned line_of(const char *place)
{
	const char *colon = strstr(place, ".yaml:");
	return colon ? (unsigned)strtoul(colon + strlen(".yaml:"), NULL, 10) : 0;
}

START_TEST(a_second_document_is_told_of)
{
	static const struct {
		const char *text;
		unsigned line;  /* of the problem; 0: none */
	} all[] = {
		{ "a: 1\n", 0 }, { "---\na: 1\n", 0 }, { "# x\n\n--- # y\na: 1\n", 0 }, { "a: |\n  ---\n  b\n", 0 }, { "a: ---x\n", 0 },
		{ "a: 1\n---\nb: 2\n", 2 }, { "---\na: 1\n---\n", 3 }, { "a: 1\r\n--- b: 2\r\n", 2 }, { "---\n---\na: 1\n", 2 },
	};
	FOLDER(folder);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		ARENA_AUTO arena = arena_new();
		struct config_problems problems = { .arena = arena };
		struct config_node *root;
		const char *path = file_path(arena, folder, "x.yaml");
		must_succeed(file_write(path, bytes_of_text(all[i].text), 0600, error));
		int result = config_read(&problems, path, &root);
		if (result != (all[i].line ? -1 : 0) || (all[i].line && (problems.count != 1 || line_of(problems.items[0].place) != all[i].line)))
			ck_abort_msg("%s\ngives: %s", all[i].text, problems.count ? problems.items[0].text : "nothing");
	}
}
END_TEST

START_TEST(a_pipe_or_a_folder_is_no_file)
{
	static const struct config_row rows[] = { { "f", CONFIG_FILE, true, NULL, 0, 0, NULL, "a file" } };
	static const char *const texts[] = { "f: plain\n", "f: pipe\n", "f: .\n", "f: none\n" };
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	must_succeed(file_write(file_path(arena, folder, "plain"), bytes_of_text("x"), 0600, error));
	ck_assert_int_eq(mkfifo(file_path(arena, folder, "pipe"), 0600), 0);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct config_problems problems = { .arena = arena };
		struct config_node *root;
		const char *path = file_path(arena, folder, "x.yaml");
		must_succeed(file_write(path, bytes_of_text(texts[i]), 0600, error));
		ck_assert_int_eq(config_read(&problems, path, &root), 0);
		config_check(root, rows, 1, &problems);
		ck_assert_uint_eq(problems.count, i ? 1 : 0);
	}
}
END_TEST

SUITE("config", a_second_document_is_told_of, a_pipe_or_a_folder_is_no_file)
