/* Manual pages against the code. The parts of a page that stand between  .\" begin NAME  and  .\" end NAME  are made from the
 * code's own lists (settings, agreements, errors, states, types); every filter is in sealgate-mapping(5), and its examples
 * give what the page says. SEALGATE_WRITE_PAGES=1 writes the made parts anew, to be read before they are committed. */
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "map/engine.h"
#include "model/event.h"
#include "model/message_state.h"
#include "model/settings.h"
#include "support/folder.h"
#include "support/suite.h"

/* ---- writing mdoc ---- */

/* Words filled into lines of at most 78 octets; what troff would take for its own is protected. */
static void add_words(struct buffer *out, const char *text)
{
	size_t column = 0;
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, " ");
		if (column && column + 1 + n > 78) {
			buffer_add_char(out, '\n');
			column = 0;
		} else if (column) {
			buffer_add_char(out, ' ');
			column++;
		}
		if (!column && (*at == '.' || *at == '\''))
			buffer_add_text(out, "\\&");
		for (size_t i = 0; i < n; i++)
			if (at[i] == '\\')
				buffer_add_text(out, "\\e");
			else if (at[i] == '\'')
				buffer_add_text(out, "\\(aq");
			else
				buffer_add_char(out, at[i]);
		column += n;
		at += n + (at[n] == ' ');
	}
	buffer_add_char(out, '\n');
}

/* A fragment as a sentence: a capital first, a full stop last. */
static void add_sentence(struct arena *arena, struct buffer *out, const char *text)
{
	char *sentence = arena_printf(arena, "%s.", text);
	bool plain = sentence[strspn(sentence, "abcdefghijklmnopqrstuvwxyz")] != ':' && sentence[1] != '=';
	if (plain && *sentence >= 'a' && *sentence <= 'z')
		*sentence = (char)(*sentence - 'a' + 'A');
	add_words(out, sentence);
}

static const char *duration(struct arena *arena, int64_t ms)
{
	static const struct {
		int64_t ms;
		const char *unit;
	} units[] = { { 86400000, "d" }, { 3600000, "h" }, { 60000, "m" }, { 1000, "s" }, { 1, "ms" } };
	for (size_t i = 0; ms && i < sizeof units / sizeof *units; i++)
		if (ms % units[i].ms == 0)
			return arena_printf(arena, "%lld%s", (long long)(ms / units[i].ms), units[i].unit);
	return "0s";
}

static const char *size(struct arena *arena, int64_t octets)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB" };
	size_t i = 0;
	while (i < 3 && octets && octets % 1024 == 0) {
		octets /= 1024;
		i++;
	}
	return arena_printf(arena, "%lld%s", (long long)octets, units[i]);
}

static const char *limit_of(struct arena *arena, const struct config_row *row, int64_t value)
{
	return row->type == CONFIG_DURATION ? duration(arena, value)
		: row->type == CONFIG_SIZE ? size(arena, value) : arena_printf(arena, "%lld", (long long)value);
}

static void add_row(struct arena *arena, struct buffer *out, const struct config_row *row)
{
	static const char *const types[] = { [CONFIG_TEXT] = "Text", [CONFIG_INTEGER] = "A whole number", [CONFIG_DECIMAL] = "A number",
		[CONFIG_BOOL] = "true or false", [CONFIG_DURATION] = "A time span", [CONFIG_SIZE] = "A size", [CONFIG_TIME] = "A date or time",
		[CONFIG_CHOICE] = "One of", [CONFIG_TEXTS] = "A list of texts", [CONFIG_FILE] = "A file that can be read",
		[CONFIG_PATH] = "A file or folder", [CONFIG_GROUP] = "A group" };
	buffer_printf(out, ".It Cm %s\n", row->path);
	add_sentence(arena, out, row->help);
	BUFFER_AUTO kind = { 0 };
	buffer_add_text(&kind, types[row->type]);
	if (row->choices)
		buffer_printf(&kind, "%s %s", row->type == CONFIG_TEXTS ? " among" : "", row->choices);
	if (row->type != CONFIG_TEXT && (row->least || row->most))
		buffer_printf(&kind, ", %s to %s", limit_of(arena, row, row->least), limit_of(arena, row, row->most));
	if (row->required)
		buffer_add_text(&kind, "; required");
	buffer_add_char(&kind, '.');
	add_words(out, buffer_text(&kind));
	if (row->otherwise)
		buffer_printf(out, "The default is\n.Ql %s .\n", row->otherwise);
}

static void add_rows(struct arena *arena, struct buffer *out, const struct config_row *rows, size_t count)
{
	buffer_add_text(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < count; i++)
		add_row(arena, out, &rows[i]);
	buffer_add_text(out, ".El\n");
}

/* ---- the parts ---- */

static void write_settings(struct arena *arena, struct buffer *out)
{
	add_rows(arena, out, settings_rows, settings_row_count);
}

static void write_agreement(struct arena *arena, struct buffer *out)
{
	add_rows(arena, out, agreement_rows, agreement_row_count);
}

static void write_disclosure(struct arena *arena, struct buffer *out)
{
	static const char *const levels[] = { "nothing", "block_only", "full" };
	struct disclosure_matrix matrix;
	disclosure_default(&matrix);
	buffer_add_text(out, ".Bl -tag -width Ds\n");
	for (int subject = 0; subject < SUBJECTS; subject++) {
		BUFFER_AUTO line = { 0 };
		buffer_printf(out, ".It Cm %s\n", subject_name((enum subject)subject));
		for (int level = 2; level >= 0; level--) {
			size_t before = line.size;
			for (int role = 0; role < ROLES; role++)
				if ((int)matrix.cell[subject][role] == level)
					buffer_printf(&line, "%s%s", line.size == before ? before ? "; " : "" : ", ",
					              line.size == before ? arena_printf(arena, "%s for %s", levels[level], role_name((enum role)role))
					                                  : role_name((enum role)role));
		}
		buffer_add_char(&line, '.');
		add_words(out, buffer_text(&line));
	}
	buffer_add_text(out, ".El\n");
}

static void write_errors(struct arena *arena, struct buffer *out)
{
	static const char *const classes[] = { [ERROR_CLASS_NONE] = "", [ERROR_CLASS_TEMP] = "try again", [ERROR_CLASS_PERM] = "the sender must change something",
		[ERROR_CLASS_HOLD] = "an operator must look", [ERROR_CLASS_BUG] = "a fault of the gateway" };
	buffer_add_text(out, ".Bl -tag -width Ds\n");
	for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODES; code++) {
		struct error error = { .code = code };
		buffer_printf(out, ".It Li %s\n", error_slug(code));
		add_sentence(arena, out, error_title(code));
		add_words(out, arena_printf(arena, "HTTP status %d; %s.", error_status(&error), classes[error_code_class(code)]));
	}
	buffer_add_text(out, ".El\n");
}

static void write_states(struct arena *arena, struct buffer *out)
{
	buffer_add_text(out, ".Bl -tag -width Ds\n");
	for (int state = 0; state < MESSAGE_STATES; state++) {
		BUFFER_AUTO next = { 0 };
		buffer_printf(out, ".It Li %s\n", message_state_name((enum message_state)state));
		add_sentence(arena, out, message_state_meaning((enum message_state)state));
		for (int to = 0; to < MESSAGE_STATES; to++)
			if (message_state_may((enum message_state)state, (enum message_state)to))
				buffer_printf(&next, "%s%s", next.size ? ", " : "", message_state_name((enum message_state)to));
		add_words(out, next.size ? arena_printf(arena, "From here to: %s.", buffer_text(&next)) : "It is an end.");
		add_words(out, arena_printf(arena, "At its start the gateway %s.", message_state_recovery((enum message_state)state)));
	}
	buffer_add_text(out, ".El\n");
}

static const struct code_list *list_read(struct arena *arena, const char *name)
{
	char *text;
	struct code_list *list;
	must_succeed(file_read_text(arena_printf(arena, SOURCE_DIR "/mappings/codes/%s.csv", name), arena, &text, error));
	must_succeed(code_list_read(arena, name, text, &list, error));
	return list;
}

static void write_types(struct arena *arena, struct buffer *out)
{
	const struct code_list *list = list_read(arena, "event-types");
	size_t to = code_list_column(list, "statement");
	ck_assert_uint_ne(to, SIZE_MAX);
	buffer_add_text(out, ".Bl -column \"gnss_interference\" \"GNSSINTERFERE\"\n");
	for (int type = 0; type < EVENT_TYPES; type++) {
		const char *name = event_type_name((enum event_type)type), *code = code_list_find(list, name, 0, to);
		if (!code)
			ck_abort_msg("event type \"%s\" has no statement code in mappings/codes/event-types.csv", name);
		buffer_printf(out, ".It Li %s Ta %s\n", name, code);
	}
	buffer_add_text(out, ".El\n");
}

static void write_roles(struct arena *arena, struct buffer *out)
{
	BUFFER_AUTO names = { 0 };
	for (int role = 0; role < ROLES; role++)
		buffer_printf(&names, "%s%s", role ? ", " : "", role_name((enum role)role));
	add_words(out, arena_printf(arena, "%s.", buffer_text(&names)));
}

static const struct part_of_page {
	const char *page, *name;
	void (*write)(struct arena *arena, struct buffer *out);
} parts[] = {
	{ "sealgate.yaml.5", "settings", write_settings },
	{ "sealgate.yaml.5", "disclosure", write_disclosure },
	{ "sealgate.yaml.5", "roles", write_roles },
	{ "sealgate-agreement.5", "agreement", write_agreement },
	{ "sealgate-errors.7", "errors", write_errors },
	{ "sealgate-states.7", "states", write_states },
	{ "sealgate-events.7", "types", write_types },
};

/* ---- holding a page against them ---- */

static char *page_read(struct arena *arena, const char *name)
{
	char *text;
	must_succeed(file_read_text(arena_printf(arena, SOURCE_DIR "/man/%s", name), arena, &text, error));
	return text;
}

/* What stands between two marks; NULL in *end_r: a mark is missing. */
static const char *between(struct arena *arena, const char *text, const char *name, const char **end_r)
{
	const char *begin = arena_printf(arena, ".\\\" begin %s\n", name), *start = strstr(text, begin);
	*end_r = start ? strstr(start, arena_printf(arena, ".\\\" end %s\n", name)) : NULL;
	return start ? start + strlen(begin) : NULL;
}

START_TEST(made_parts_are_what_the_code_says)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		ARENA_AUTO arena = arena_new();
		BUFFER_AUTO wanted = { 0 };
		const char *text = page_read(arena, parts[i].page), *end, *start = between(arena, text, parts[i].name, &end);
		if (!end)
			ck_abort_msg("man/%s has no part \"%s\"", parts[i].page, parts[i].name);
		parts[i].write(arena, &wanted);
		const char *there = arena_text_n(arena, start, (size_t)(end - start));
		if (text_equal(there, buffer_text(&wanted)))
			continue;
		if (!getenv("SEALGATE_WRITE_PAGES"))
			ck_abort_msg("man/%s, part \"%s\", is not what the code says: make it anew with SEALGATE_WRITE_PAGES=1 tests/lint/check_pages",
			             parts[i].page, parts[i].name);
		const char *page = arena_printf(arena, "%.*s%s%s", (int)(start - text), text, buffer_text(&wanted), end);
		must_succeed(file_write(arena_printf(arena, SOURCE_DIR "/man/%s", parts[i].page), bytes_of_text(page), 0644, error));
	}
}
END_TEST

/* ---- the mapping language ---- */

/* troff's names for quotes and backslash, resolved. */
static const char *plain(struct arena *arena, const char *text)
{
	static const struct {
		const char *name, *is;
	} names[] = { { "\\(aq", "'" }, { "\\(ga", "`" }, { "\\(dq", "\"" }, { "\\e", "\\" }, { "\\&", "" } };
	BUFFER_AUTO out = { 0 };
	while (*text) {
		size_t i = 0;
		while (i < sizeof names / sizeof *names && !text_starts(text, names[i].name))
			i++;
		if (i < sizeof names / sizeof *names) {
			buffer_add_text(&out, names[i].is);
			text += strlen(names[i].name);
		} else {
			buffer_add_char(&out, *text++);
		}
	}
	return arena_text(arena, buffer_text(&out));
}

/* The display that follows a comment. */
static const char *display_after(struct arena *arena, const char *page, const char *comment)
{
	const char *mark = strstr(page, arena_printf(arena, ".\\\" %s\n", comment));
	const char *start = mark ? strstr(mark, ".Bd -literal") : NULL, *end = start ? strstr(start, "\n.Ed\n") : NULL;
	if (!end)
		ck_abort_msg("man/sealgate-mapping.5 has no display behind \"%s\"", comment);
	start += strcspn(start, "\n") + 1;
	return plain(arena, arena_text_n(arena, start, (size_t)(end + 1 - start)));
}

static bool is_documented(struct arena *arena, const char *page, const char *filter)
{
	const char *item = arena_printf(arena, "\n.It Ic %s", filter);
	for (const char *at = strstr(page, item); at; at = strstr(at + 1, item))
		if (strchr(" \n", at[strlen(item)]))
			return true;
	return false;
}

static bool has_example(struct arena *arena, const char *page, const char *filter)
{
	const char *use = arena_printf(arena, "| %s", filter);
	for (const char *at = strstr(page, use); at; at = strstr(at + 1, use)) {
		const char *line = at;
		while (line > page && line[-1] != '\n')
			line--;
		if (strchr("( }", at[strlen(use)]) && *line == '{' && strstr(line, "  gives  ") && strstr(line, "  gives  ") < line + strcspn(line, "\n"))
			return true;
	}
	return false;
}

START_TEST(every_filter_is_in_the_manual_and_the_reverse)
{
	ARENA_AUTO arena = arena_new();
	const char *whole = page_read(arena, "sealgate-mapping.5");
	const char *start = strstr(whole, "\n.Sh LIST OF FILTERS\n"), *end = start ? strstr(start + 1, "\n.Sh ") : NULL;
	ck_assert_ptr_nonnull(end);
	const char *page = arena_text_n(arena, start, (size_t)(end - start));
	const struct filter *filter;
	for (size_t i = 0; (filter = filter_at(i)); i++) {
		if (!is_documented(arena, page, filter->name))
			ck_abort_msg("filter \"%s\" is not in man/sealgate-mapping.5", filter->name);
		if (!has_example(arena, page, filter->name))
			ck_abort_msg("filter \"%s\" has no example in man/sealgate-mapping.5 ({... | %s}  gives  ...)", filter->name, filter->name);
	}
	for (const char *at = strstr(page, "\n.It Ic "); at; at = strstr(at + 1, "\n.It Ic ")) {
		const char *name = arena_text_n(arena, at + 8, strcspn(at + 8, " \n"));
		if (!filter_find(name))
			ck_abort_msg("man/sealgate-mapping.5 tells of a filter \"%s\", which there is not", name);
	}
}
END_TEST

static const char *example_run(struct arena *arena, const char *text, const struct json *input, const struct code_list *list)
{
	struct problems problems = { .arena = arena };
	struct compiler compiler = { .arena = arena, .problems = &problems, .lists = list, .file = "example" };
	struct error error = { 0 };
	struct run run = { .file = "example", .root = input, .arena = arena, .error = &error };
	struct text_template template;
	const char *out;
	size_t values;
	template_compile(&compiler, text, 1, &template);
	if (problems.count)
		ck_abort_msg("example \"%s\": %s", text, problems.items[0].text);
	if (template_run(&run, &template, &out, &values) < 0)
		return "an error";
	return out ? out : "nothing";
}

START_TEST(examples_of_filters_give_what_the_manual_says)
{
	ARENA_AUTO arena = arena_new();
	const char *raw = page_read(arena, "sealgate-mapping.5"), *page = plain(arena, raw);
	const struct code_list *list = list_read(arena, "event-types");
	struct json *input;
	size_t count = 0;
	must_succeed(json_parse(arena, bytes_of_text(display_after(arena, raw, "example input")), NULL, &input, error));
	for (const char *line = page; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *end = line + strcspn(line, "\n"), *gives = strstr(line, "  gives  ");
		if (*line != '{' || !gives || gives > end)
			continue;
		const char *expression = arena_text_n(arena, line, (size_t)(gives - line)), *wanted = arena_text_n(arena, gives + 9, (size_t)(end - gives - 9));
		const char *got = example_run(arena, expression, input, list);
		if (!text_equal(got, wanted))
			ck_abort_msg("man/sealgate-mapping.5: %s gives \"%s\", the page says \"%s\"", expression, got, wanted);
		count++;
	}
	ck_assert_uint_ge(count, 30);
}
END_TEST

/* The mapping that the page builds up gives the events that it shows. */
START_TEST(the_manual_s_own_mapping_works)
{
	ARENA_AUTO arena = arena_new();
	FOLDER(folder);
	const char *page = page_read(arena, "sealgate-mapping.5"), *path = arena_printf(arena, "%s/mappings/providers/acme/events.json", folder);
	struct map_set *set;
	struct json *input, *wanted, *got;
	must_succeed(file_make_folders(file_folder_of(arena, path), 0700, error));
	must_succeed(file_make_folders(arena_printf(arena, "%s/schemas", folder), 0700, error));
	must_succeed(file_write(path, bytes_of_text(display_after(arena, page, "file events.json")), 0600, error));
	must_succeed(map_set_load(arena_printf(arena, "%s/mappings", folder), arena_printf(arena, "%s/schemas", folder), arena, NULL, &set, error));
	must_succeed(json_parse(arena, bytes_of_text(display_after(arena, page, "file sample.in.json")), NULL, &input, error));
	must_succeed(json_parse(arena, bytes_of_text(display_after(arena, page, "file sample.out.json")), NULL, &wanted, error));
	must_succeed(map_to_json(mapping_find(set, "providers/acme"), input, arena, &got, NULL, error));
	if (!json_same(got, wanted))
		ck_abort_msg("man/sealgate-mapping.5: the mapping gives\n%s", json_to_text(arena, got, JSON_PRETTY));
	map_set_free(&set);
}
END_TEST

/* ---- examples of settings ---- */

/* Names and values are taken; the files that they name are nobody's. */
static void example_check(struct arena *arena, const char *name, const struct config_row *rows, size_t count)
{
	FOLDER(folder);
	struct config_problems problems = { .arena = arena };
	struct config_node *root;
	const char *page = page_read(arena, name), *examples = strstr(page, "\n.Sh EXAMPLES\n");
	const char *start = examples ? strstr(examples, ".Bd -literal") : NULL, *end = start ? strstr(start, "\n.Ed\n") : NULL;
	ck_assert_ptr_nonnull(end);
	start += strcspn(start, "\n") + 1;
	const char *file = arena_printf(arena, "%s/example.yaml", folder);
	must_succeed(file_write(file, bytes_of_text(plain(arena, arena_text_n(arena, start, (size_t)(end + 1 - start)))), 0600, error));
	int result = config_read(&problems, file, &root);
	if (result == 0)
		config_check(root, rows, count, &problems);
	for (size_t i = 0; i < problems.count; i++)
		if (!strstr(problems.items[i].text, "cannot be read"))
			ck_abort_msg("man/%s, example: %s", name, problems.items[i].text);
	ck_assert_int_eq(result, 0);
}

START_TEST(examples_of_settings_are_taken)
{
	ARENA_AUTO arena = arena_new();
	example_check(arena, "sealgate.yaml.5", settings_rows, settings_row_count);
	example_check(arena, "sealgate-agreement.5", agreement_rows, agreement_row_count);
}
END_TEST

SUITE("manual pages", made_parts_are_what_the_code_says, every_filter_is_in_the_manual_and_the_reverse, examples_of_filters_give_what_the_manual_says,
      the_manual_s_own_mapping_works, examples_of_settings_are_taken)
