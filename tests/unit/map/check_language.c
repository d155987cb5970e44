/* The mapping language: what it says to files that are wrong, and that a kept set is the set. */
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

/* Problems of a set that holds one JSON mapping. */
static struct map_problems problems_of(struct arena *arena, const char *name, const char *text)
{
	FOLDER(folder);
	struct map_problems problems = { 0 };
	struct map_set *set = NULL;
	struct error why = { 0 };
	put(arena, folder, "schemas/README", "");
	put(arena, folder, "mappings/codes/yesno.csv", "# source: invented for this test\na,b\n1,yes\n0,no\n");
	put(arena, folder, arena_printf(arena, "mappings/%s", name), text);
	int result = map_set_load(arena_printf(arena, "%s/mappings", folder), arena_printf(arena, "%s/schemas", folder), arena, &problems, &set, &why);
	ck_assert_int_eq(result < 0, problems.count > 0);
	map_set_free(&set);
	return problems;
}

START_TEST(problems_are_told_with_their_line)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *says;
	} cases[] = {
		{ "{\n \"a\": \"{x | nosuch}\"\n}", 2, "no filter \"nosuch\"" },
		{ "{\n \"a\": 1,\n \"b\": \"{x\"\n}", 3, "never closed" },
		{ "{\n \"a\": \"{x | code('nolist')}\"\n}", 2, "no code list" },
		{ "{\n \"a\": \"{x | code('yesno', 'zz')}\"\n}", 2, "no column" },
		{ "{\n \"a\": \"{x | limit('many')}\"\n}", 2, "number of characters" },
		{ "{\n \"m:for\": \"x of y\",\n \"a\": \"1\"\n}", 2, "name in path" },
		{ "{\n \"m:when\": \"x\"\n}", 2, "no \"m:when\"" },
		{ "{\n \"a\": \"{x | datetime('noon')}\"\n}", 2, "datetime()" },
		{ "{\n \"a\": \"{x | part(',', 'second')}\"\n}", 2, "number of the piece" },
		{ "{\n \"a\": }", 2, "" },
		{ "{\n \"a\": { \"m:first\": [ \"{x}\" ], \"b\": \"c\" }\n}", 2, "stands alone" },
		{ "{\n \"a\": { \"m:first\": \"{x}\" }\n}", 2, "is an array" },
		{ "{\n \"a\": \"{x | datetime('rfc3339', 'minute', 'maybe')}\"\n}", 2, "'optional'" },
		{ "{\n \"a\": \"{x | datetime('rfc3339', '')}\"\n}", 2, "datetime()" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ARENA_AUTO arena = arena_new();
		struct map_problems p = problems_of(arena, "providers/x/events.json", cases[i].text);
		if (p.count != 1 || p.items[0].line != cases[i].line || !strstr(p.items[0].text, cases[i].says))
			ck_abort_msg("case %zu: %zu problems; line %u: %s", i, p.count, p.count ? p.items[0].line : 0, p.count ? p.items[0].text : "");
	}
}
END_TEST

/* A mapping is held against its profile's input.json. */
START_TEST(a_path_that_the_profile_does_not_declare_is_told)
{
	ARENA_AUTO arena = arena_new();
	FOLDER(folder);
	struct map_problems problems = { 0 };
	struct map_set *set = NULL;
	struct error why = { 0 };
	put(arena, folder, "schemas/README", "");
	put(arena, folder, "mappings/answers/x/input.json", "{\"rows\": [{\"at\": \"time\"}], \"more\": {\"*\": \"any\"}}");
	put(arena, folder, "mappings/answers/x/good/notice.json", "{\n \"a\": \"{rows.first.at}\",\n \"b\": \"{more.what.ever}\"\n}");
	put(arena, folder, "mappings/answers/x/wrong/notice.json", "{\n \"a\": \"{rows.first.att}\"\n}");
	ck_assert_int_lt(map_set_load(arena_printf(arena, "%s/mappings", folder), arena_printf(arena, "%s/schemas", folder), arena, &problems, &set, &why), 0);
	ck_assert_uint_eq(problems.count, 1);
	ck_assert_str_eq(problems.items[0].file, "answers/x/wrong/notice.json");
	ck_assert_uint_eq(problems.items[0].line, 2);
	ck_assert_ptr_nonnull(strstr(problems.items[0].text, "rows.first.att"));
}
END_TEST

static const char *run(struct arena *arena, const char *mapping, const char *input)
{
	FOLDER(folder);
	struct map_set *set;
	struct json *in, *out;
	put(arena, folder, "schemas/README", "");
	put(arena, folder, "mappings/codes/yesno.csv", "# source: invented for this test\na,b\n1,yes\n0,no\n");
	put(arena, folder, "mappings/providers/x/events.json", mapping);
	must_succeed(map_set_load(arena_printf(arena, "%s/mappings", folder), arena_printf(arena, "%s/schemas", folder), arena, NULL, &set, error));
	must_succeed(json_parse(arena, bytes_of_text(input), NULL, &in, error));
	struct error why = { 0 };
	const char *result;
	if (map_to_json(mapping_find(set, "providers/x"), in, arena, &out, NULL, &why) < 0)
		result = arena_printf(arena, "%s: %s (%s)", error_slug(why.code), why.text, why.field);
	else
		result = json_to_text(arena, out, JSON_COMPACT);
	map_set_free(&set);
	return result;
}

START_TEST(values_come_out_as_they_went_in)
{
	static const struct {
		const char *mapping, *input, *output;
	} cases[] = {
		{ "{\"a\":\"{x}\"}", "{\"x\":30.87770100}", "{\"a\":30.87770100}" },
		{ "{\"a\":\"{x | decimal}\"}", "{\"x\":1.5e-3}", "{\"a\":\"0.0015\"}" },
		{ "{\"a\":\"{x | decimal}\"}", "{\"x\":30.87770100}", "{\"a\":\"30.87770100\"}" },
		{ "{\"a\":\"{x}\",\"b\":\"{y}\"}", "{\"y\":\"1\"}", "{\"b\":\"1\"}" },
		{ "{\"a\":{\"b\":\"{x}\",\"c\":\"fixed\"},\"d\":\"e\"}", "{}", "{\"d\":\"e\"}" },
		{ "{\"a\":\"{x | code('yesno')}\"}", "{\"x\":1}", "{\"a\":\"yes\"}" },
		{ "{\"a\":\"{x | choose('0', 'closed', '1', 'open')}\"}", "{\"x\":1}", "{\"a\":\"open\"}" },
		{ "{\"a\":\"{x | required}\"}", "{}", "missing-field: \"x\" is required and missing (x)" },
		{ "{\"m:for\":\"e in list where e.on\",\"n\":\"{e#}\",\"v\":\"{e.v}\"}", "{\"list\":[{\"v\":1,\"on\":true},{\"v\":2,\"on\":false},{\"v\":3,\"on\":true}]}",
		  "[{\"n\":1,\"v\":1},{\"n\":2,\"v\":3}]" },
		{ "{\"a\":\"{x | datetime('rfc3339')}\"}", "{\"x\":1454464101}", "{\"a\":\"2016-02-03T01:48:21Z\"}" },
		{ "{\"a\":\"{x | upper | append('!')}\"}", "{\"x\":\"ab\"}", "{\"a\":\"AB!\"}" },
		{ "{\"a\":\"{x.y}\"}", "{\"x\":{\"y\":{\"z\":[1,2]}}}", "{\"a\":{\"z\":[1,2]}}" },
		{ "{\"a\":\"{x | part(',', 0)}\",\"b\":\"{x | part(',', 2)}\",\"c\":\"{x | part(',', 3)}\"}", "{\"x\":\"51.9,4,\"}", "{\"a\":\"51.9\",\"b\":\"\"}" },
		{ "{\"a\":\"{x | sha256(3)}\",\"b\":\"{y | sha256(3)}\"}", "{\"x\":\"abc\",\"y\":\"abcd\"}",
		  "{\"a\":\"abc\",\"b\":\"88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589\"}" },
		{ "{\"a\":\"{x | keep('p:', 'q:')}\",\"b\":\"{y | keep('p:')}\",\"c\":\"{z | keep('p:')}\"}", "{\"x\":[\"p:1\",\"r:2\",3,{},\"q:4\"],\"y\":\"p:5\",\"z\":[\"r:6\"]}",
		  "{\"a\":[\"p:1\",\"q:4\"],\"b\":[\"p:5\"]}" },
		{ "{\"a\":\"{x | having('t', 'A', 'B')}\",\"b\":\"{x | having('t', 'Z')}\",\"c\":\"{y | having('t', 'A')}\"}",
		  "{\"x\":[{\"t\":\"A\"},{\"t\":\"C\"},5,{\"t\":\"B\",\"n\":1}],\"y\":\"text\"}", "{\"a\":[{\"t\":\"A\"},{\"t\":\"B\",\"n\":1}],\"c\":\"text\"}" },
		{ "[{\"m:for\":\"v in x | default(y) | one\",\"a\":\"{v}\",\"b\":\"{'set'}\"}]", "{\"y\":[1,2]}", "[{\"a\":[1,2],\"b\":\"set\"}]" },
		{ "[{\"m:for\":\"v in x | default(y) | one\",\"a\":\"{v.z | required}\"}]", "{\"y\":{}}", "missing-field: \"y.z\" is required and missing (y.z)" },
		{ "{\"a\":\"{x | choose('1', y, z) | required}\"}", "{\"x\":\"2\"}", "missing-field: \"z\" is required and missing (z)" },
		/* a loop over what the loops inside give: one list */
		{ "[{\"m:for\":\"e in list\",\"m:value\":[{\"n\":\"{e.n}\"},{\"m:for\":\"s in e.more\",\"n\":\"{e.n}.{s}\"},{\"m:if\":\"e.tail\",\"m:value\":[\"end\"]}]}]",
		  "{\"list\":[{\"n\":1,\"more\":[7,8]},{\"n\":2,\"tail\":true}]}", "[{\"n\":1},{\"n\":\"1.7\"},{\"n\":\"1.8\"},{\"n\":2},\"end\"]" },
		{ "{\"m:for\":\"e in list\",\"v\":[[\"{e}\"]]}", "{\"list\":[1]}", "[{\"v\":[[1]]}]" },
		/* the first that has a value */
		{ "{\"a\":{\"m:first\":[\"{x}\",{\"m:if\":\"y | is('1')\",\"m:value\":\"one\"},\"{y}\",\"other\"]}}", "{\"y\":\"1\"}", "{\"a\":\"one\"}" },
		{ "{\"a\":{\"m:first\":[\"{x}\",{\"m:if\":\"y | is('1')\",\"m:value\":\"one\"},\"{y}\",\"other\"]}}", "{\"y\":\"2\"}", "{\"a\":\"2\"}" },
		{ "{\"a\":{\"m:first\":[\"{x}\",\"other\"]},\"b\":{\"m:first\":[\"{x}\",\"{z}\"]}}", "{}", "{\"a\":\"other\"}" },
		{ "{\"a\":{\"m:first\":[{\"m:for\":\"e in list\",\"m:value\":\"{e.v}\"},\"none\"]}}", "{\"list\":[{},{\"v\":1},{\"v\":2}]}", "{\"a\":1}" },
		/* what customs writes */
		{ "{\"a\":\"{x | sentence}\",\"b\":\"{x | pairs}\"}", "{\"x\":\"A word, c=d too. k=v%20w n=1\"}", "{\"a\":\"A word, c=d too.\",\"b\":{\"k\":\"v w\",\"n\":\"1\"}}" },
		{ "{\"a\":\"{x | pairs | get('k')}\",\"b\":\"{x | pairs | get('n')}\"}", "{\"x\":\"k=1 n=2 k=3\"}", "{\"b\":\"2\"}" },
		{ "{\"a\":\"{x | pairs | get('t') | datetime('rfc3339', 'minute')}\"}", "{\"x\":\"t=20160204T0600Z\"}", "{\"a\":\"2016-02-04T06:00:00Z\"}" },
		{ "{\"a\":\"{x | datetime('rfc3339', 'minute', 'optional')}\",\"b\":\"c\"}", "{\"x\":\"noon\"}", "{\"b\":\"c\"}" },
		{ "{\"a\":\"{x | datetime('rfc3339', '', 'optional')}\"}", "{\"x\":\"20160204060000+01\"}", "{\"a\":\"2016-02-04T05:00:00Z\"}" },
		{ "{\"a\":\"{x | pointer}\"}", "{\"x\":[{\"DocumentSectionCode\":\"42A\"},{\"SequenceNumeric\":\"2\",\"DocumentSectionCode\":\"03A\",\"TagID\":\"225\"}]}",
		  "{\"a\":\"42A/03A(2)/225\"}" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ARENA_AUTO arena = arena_new();
		ck_assert_str_eq(run(arena, cases[i].mapping, cases[i].input), cases[i].output);
	}
}
END_TEST

/* One bad element costs no other one; without a list of refusals the first ends the run. */
START_TEST(elements_are_refused_one_by_one)
{
	ARENA_AUTO arena = arena_new();
	FOLDER(folder);
	struct map_set *set;
	struct map_refusals refusals;
	struct map_traces traces;
	struct json *in, *out;
	put(arena, folder, "schemas/README", "");
	put(arena, folder, "mappings/codes/yesno.csv", "# source: invented for this test\na,b\n1,yes\n0,no\n");
	put(arena, folder, "mappings/providers/x/events.json",
	    "[{\"m:for\":\"e in list\",\"m:value\":[{\"id\":\"{e.id | required}\",\"kind\":\"{e.kind | code('yesno')}\"},"
	    "{\"m:for\":\"s in e.more\",\"id\":\"{e.id}/{s}\"}]}]");
	must_succeed(map_set_load(arena_printf(arena, "%s/mappings", folder), arena_printf(arena, "%s/schemas", folder), arena, NULL, &set, error));
	const struct mapping *mapping = mapping_find(set, "providers/x");
	const char *text = "{\"list\":[{\"id\":1,\"kind\":1},{\"kind\":0},{\"id\":3,\"kind\":[]},{\"id\":4,\"more\":7},{\"id\":5,\"more\":[8]}]}";
	must_succeed(json_parse(arena, bytes_of_text(text), NULL, &in, error));
	must_succeed(map_to_list(mapping, in, arena, &out, &refusals, &traces, error));
	ck_assert_str_eq(json_to_text(arena, out, JSON_COMPACT),
	                 "[{\"id\":1,\"kind\":\"yes\"},null,null,{\"id\":4},null,{\"id\":5},{\"id\":\"5/8\"}]");
	ck_assert_uint_eq(refusals.count, 3);
	static const char *const fields[] = { "list.1.id", "list.2.kind", "list.3.more" };
	static const size_t indexes[] = { 1, 2, 4 };
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(refusals.items[i].index, indexes[i]);
		ck_assert_str_eq(refusals.items[i].error.field, fields[i]);
	}
	ck_assert_str_eq(map_traces_find_element(&traces, "/6/id")->source, "list.4.id, list.4.more.0");
	ck_assert_ptr_null(map_traces_find_element(&traces, "/4/id"));
	must_fail(map_to_json(mapping, in, arena, &out, NULL, error), MISSING_FIELD);
	must_succeed(json_parse(arena, bytes_of_text("{\"list\":7}"), NULL, &in, error));
	must_fail(map_to_list(mapping, in, arena, &out, &refusals, NULL, error), BAD_FIELD);
	map_set_free(&set);
}
END_TEST

START_TEST(a_kept_set_is_found_by_its_digest_and_not_if_changed)
{
	ARENA_AUTO arena = arena_new();
	FOLDER(folder);
	struct map_set *set, *again;
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", arena, NULL, &set, error));
	must_succeed(map_set_keep(folder, set, error));
	must_succeed(map_set_keep(folder, set, error));
	must_succeed(map_set_open_kept(folder, map_set_digest(set), &again, error));
	ck_assert_str_eq(map_set_digest(set), map_set_digest(again));
	map_set_free(&again);
	put(arena, folder, arena_printf(arena, "%s/mappings/codes/event-types.csv", map_set_digest(set)), "# source: somebody\na,b\n");
	struct error why = { 0 };
	ck_assert_int_lt(map_set_open_kept(folder, map_set_digest(set), &again, &why), 0);
	ck_assert_int_lt(map_set_open_kept(folder, "../../etc", &again, &why), 0);
	map_set_free(&set);
}
END_TEST

static const char *xml_as_input(struct arena *arena, const char *shape, const char *xml)
{
	FOLDER(folder);
	struct map_set *set;
	struct xml_document *document;
	put(arena, folder, "schemas/README", "");
	put(arena, folder, "mappings/answers/x/notice.json", "{\"a\": \"b\"}");
	if (shape)
		put(arena, folder, "mappings/answers/x/input.json", shape);
	must_succeed(map_set_load(arena_printf(arena, "%s/mappings", folder), arena_printf(arena, "%s/schemas", folder), arena, NULL, &set, error));
	must_succeed(xml_parse(arena, bytes_of_text(xml), NULL, &document, error));
	const char *text = json_to_text(arena, map_input_from_xml(mapping_find(set, "answers/x"), document->root, arena), JSON_COMPACT);
	map_set_free(&set);
	return text;
}

START_TEST(documents_become_inputs_by_what_is_declared)
{
	static const struct {
		const char *shape, *xml, *json;
	} cases[] = {
		{ NULL, "<r><a> x </a><b><c>1</c><c>2</c></b><d/></r>", "{\"r\":{\"a\":\"x\",\"b\":{\"c\":[\"1\",\"2\"]}}}" },
		{ "{\"r\":{\"a\":[\"text\"]}}", "<r><a>x</a></r>", "{\"r\":{\"a\":[\"x\"]}}" },
		{ "{\"r\":{\"a\":[{\"b\":\"text\"}]}}", "<r><a><b>1</b></a><a><b>2</b></a></r>", "{\"r\":{\"a\":[{\"b\":\"1\"},{\"b\":\"2\"}]}}" },
		{ "{\"r\":{\"a\":\"text\"}}", "<r><a>x</a><a>y</a></r>", "{\"r\":{\"a\":\"x\"}}" },
		{ NULL, "<r><a u='K' >1</a><b v='2'><c>3</c></b></r>", "{\"r\":{\"a\":\"1\",\"a@u\":\"K\",\"b\":{\"@v\":\"2\",\"c\":\"3\"}}}" },
		/* the same local name in two namespaces */
		{ "{\"xmlns:o\":\"text: urn:o\",\"r\":\"any\"}", "<r xmlns='urn:r' xmlns:x='urn:o'><d>1</d><x:d><x:d>2</x:d></x:d></r>",
		  "{\"r\":{\"d\":\"1\",\"o:d\":{\"d\":\"2\"}}}" },
		{ NULL, "<r xmlns='urn:r' xmlns:x='urn:o'><x:d>2</x:d></r>", "{\"r\":{\"d\":\"2\"}}" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ARENA_AUTO arena = arena_new();
		ck_assert_str_eq(xml_as_input(arena, cases[i].shape, cases[i].xml), cases[i].json);
	}
}
END_TEST

SUITE("map language", documents_become_inputs_by_what_is_declared, problems_are_told_with_their_line,
      a_path_that_the_profile_does_not_declare_is_told, values_come_out_as_they_went_in,
      elements_are_refused_one_by_one, a_kept_set_is_found_by_its_digest_and_not_if_changed)
