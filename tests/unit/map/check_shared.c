/* What a profile shares with another one, and what reads a document by its root. */
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "map/map.h"
#include "support/folder.h"
#include "support/suite.h"

static void put(struct arena *arena, const char *folder, const char *name, const char *text)
{
	const char *path = file_path(arena, folder, name);
	must_succeed(file_make_folders(file_folder_of(arena, path), 0700, error));
	must_succeed(file_write(path, bytes_of_text(text), 0600, error));
}

static void put_all(struct arena *arena, const char *folder)
{
	put(arena, folder, "m/answers/a/one/input.json", "{\"One\":{\"x\":\"text\"}}");
	put(arena, folder, "m/answers/a/one/notice.json", "[{\"v\":\"{One.x}\"}]");
	put(arena, folder, "m/answers/a/rest/input.json", "{\"@element\":\"text\",\"*\":\"any\"}");
	put(arena, folder, "m/answers/a/rest/notice.json", "[{\"v\":\"{@element}\"}]");
	put(arena, folder, "m/answers/b/one/input.json", "{\"One\":{\"x\":\"text\"}}");
	put(arena, folder, "m/answers/b/one/notice.json", "[{\"v\":\"{One.x}\"}]");
	put(arena, folder, "s/none/none.xsd", "<x/>");
}

static int load(struct arena *arena, const char *folder, struct map_problems *problems, struct map_set **set_r, struct error *error)
{
	return map_set_load(file_path(arena, folder, "m"), file_path(arena, folder, "s"), arena, problems, set_r, error);
}

START_TEST(a_shared_mapping_has_both_names)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	MAP_SET_AUTO set = NULL;
	struct map_problems problems = { 0 };
	put_all(arena, folder);
	put(arena, folder, "m/answers/b/shared.json", "{\"two\":\"answers/a/one\"}");
	must_succeed(load(arena, folder, &problems, &set, error));
	ck_assert_ptr_eq(mapping_find(set, "answers/b/two"), mapping_find(set, "answers/a/one"));
	ck_assert_str_eq(mapping_name(mapping_find(set, "answers/b/two")), "answers/a/one");
	const char *digest = arena_text(arena, map_set_digest(set));
	map_set_free(&set);
	put(arena, folder, "m/answers/b/shared.json", "{\"three\":\"answers/a/one\"}");
	must_succeed(load(arena, folder, &problems, &set, error));
	ck_assert_str_ne(map_set_digest(set), digest);
}
END_TEST

START_TEST(what_cannot_be_shared_is_told)
{
	static const char *const bad[] = { "{\"two\":\"answers/a/nothing\"}", "{\"two\":5}", "{\"one\":\"answers/a/one\"}", "[\"answers/a/one\"]", "{" };
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	put_all(arena, folder);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		MAP_SET_AUTO set = NULL;
		struct map_problems problems = { 0 };
		put(arena, folder, "m/answers/b/shared.json", bad[i]);
		must_fail(load(arena, folder, &problems, &set, error), BAD_MAPPING);
		ck_assert_uint_eq(problems.count, 1);
		ck_assert_str_eq(problems.items[0].file, "answers/b/shared.json");
	}
}
END_TEST

START_TEST(the_root_chooses_the_mapping)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	MAP_SET_AUTO set = NULL;
	struct map_problems problems = { 0 };
	bool declared;
	put_all(arena, folder);
	must_succeed(load(arena, folder, &problems, &set, error));
	ck_assert_str_eq(mapping_type(mapping_find_for(set, "answers/a", "One", &declared)), "one");
	ck_assert(declared);
	ck_assert_str_eq(mapping_type(mapping_find_for(set, "answers/a", "Two", &declared)), "rest");
	ck_assert(!declared);
	ck_assert_ptr_null(mapping_find_for(set, "answers/b", "Two", &declared));
	ck_assert_ptr_null(mapping_find_for(set, "answers", "One", NULL));
	struct xml_document *document;
	struct json *out;
	const struct mapping *rest = mapping_find(set, "answers/a/rest");
	must_succeed(xml_parse(arena, bytes_of_text("<Two xmlns='urn:x'/>"), NULL, &document, error));
	must_succeed(map_to_json(rest, map_input_from_xml(rest, document->root, arena), arena, &out, NULL, error));
	ck_assert_str_eq(json_path_text(json_at(out, 0), "v"), "Two");
}
END_TEST

START_TEST(a_document_s_schema_is_known)
{
	ARENA_AUTO arena = arena_new();
	MAP_SET_AUTO set = NULL;
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", arena, NULL, &set, error));
	ck_assert_str_eq(mapping_schema(mapping_find(set, "messages/eu-hub/integrity-report")), "wco-dms/declaration.xsd");
	ck_assert_str_eq(mapping_schema(mapping_find(set, "messages/eu-hub/reply")), "eu-hub/IE3R02.xsd");
	ck_assert_ptr_null(mapping_schema(mapping_find(set, "answers/wco-dms/response")));
	ck_assert_ptr_null(mapping_find(set, "messages/eu-hub/arrival"));
}
END_TEST

SUITE("map shared", a_shared_mapping_has_both_names, what_cannot_be_shared_is_told, the_root_chooses_the_mapping, a_document_s_schema_is_known)
