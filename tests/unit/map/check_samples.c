/* Every mapping that ships has golden samples: sample*.in.json (of customs' answers: sample*.in.xml) gives sample*.out.xml or
 * sample*.out.json, octet for octet.
 * SEALGATE_WRITE_SAMPLES=1 writes them anew, to be read before they are committed. */
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "map/map.h"
#include "support/suite.h"

static struct map_set *set_of_project(struct arena *arena)
{
	struct map_set *set;
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", arena, NULL, &set, error));
	return set;
}

static struct json *json_of_file(struct arena *arena, const char *path)
{
	char *text;
	struct json *root;
	must_succeed(file_read_text(path, arena, &text, error));
	must_succeed(json_parse(arena, bytes_of_text(text), NULL, &root, error));
	return root;
}

/* What a sample holds: JSON as it is, XML as map_input_from_xml turns it. */
static struct json *input_of(struct arena *arena, const struct mapping *mapping, const char *path)
{
	char *text;
	struct xml_document *document;
	if (text_ends(path, ".json"))
		return json_of_file(arena, path);
	must_succeed(file_read_text(path, arena, &text, error));
	must_succeed(xml_parse(arena, bytes_of_text(text), NULL, &document, error));
	return map_input_from_xml(mapping, document->root, arena);
}

static const char *output_of(struct arena *arena, const struct mapping *mapping, const struct json *input, bool *is_xml)
{
	struct error why = { 0 };
	struct json *root;
	BUFFER_AUTO out = { 0 };
	*is_xml = text_starts(mapping_name(mapping), "messages/");
	if (*is_xml) {
		must_succeed(map_to_xml(mapping, input, arena, &out, NULL, error));
		return arena_text(arena, buffer_text(&out));
	}
	if (map_to_json(mapping, input, arena, &root, NULL, &why) < 0)
		return arena_printf(arena, "error: %s\n", why.text);
	return json_to_text(arena, root, JSON_PRETTY);
}

START_TEST(every_sample_gives_its_golden_output)
{
	ARENA_AUTO arena = arena_new();
	struct map_set *set = set_of_project(arena);
	size_t compared = 0;
	for (const char *const *name = map_set_names(set); *name; name++) {
		const char *folder = arena_printf(arena, SOURCE_DIR "/mappings/%s", *name);
		char **files;
		size_t here = 0;
		must_succeed(file_list(folder, arena, &files, error));
		for (; *files; files++) {
			if (!text_starts(*files, "sample") || !strstr(*files, ".in."))
				continue;
			bool is_xml;
			const struct mapping *mapping = mapping_find(set, *name);
			const char *got = output_of(arena, mapping, input_of(arena, mapping, file_path(arena, folder, *files)), &is_xml);
			const char *path = arena_printf(arena, "%s/%.*s.out.%s", folder, (int)(strstr(*files, ".in.") - *files), *files, is_xml ? "xml" : "json");
			char *wanted;
			if (getenv("SEALGATE_WRITE_SAMPLES"))
				must_succeed(file_write(path, bytes_of_text(got), 0644, error));
			must_succeed(file_read_text(path, arena, &wanted, error));
			if (strcmp(got, wanted) != 0)
				ck_abort_msg("%s: got\n%s", path, got);
			here++;
		}
		if (!here)
			ck_abort_msg("mapping \"%s\" has no sample", *name);
		compared += here;
	}
	ck_assert_uint_ge(compared, 4);
	map_set_free(&set);
}
END_TEST

/* What the writer writes is its own exclusive canonical form, held against libxml2's. */
START_TEST(documents_are_canonical)
{
	ARENA_AUTO arena = arena_new();
	struct map_set *set = set_of_project(arena);
	for (const char *const *name = map_set_names(set); *name; name++) {
		if (!text_starts(*name, "messages/"))
			continue;
		bool is_xml;
		const char *got = output_of(arena, mapping_find(set, *name),
		                            json_of_file(arena, arena_printf(arena, SOURCE_DIR "/mappings/%s/sample.in.json", *name)), &is_xml);
		xmlDocPtr document = xmlReadMemory(got, (int)strlen(got), NULL, "UTF-8", XML_PARSE_NONET);
		ck_assert_ptr_nonnull(document);
		xmlChar *canonical = NULL;
		int size = xmlC14NDocDumpMemory(document, NULL, XML_C14N_EXCLUSIVE_1_0, NULL, 0, &canonical);
		ck_assert_int_eq(size, (int)strlen(got));
		ck_assert_str_eq((char *)canonical, got);
		xmlFree(canonical);
		xmlFreeDoc(document);
	}
	map_set_free(&set);
}
END_TEST

START_TEST(explain_tells_number_and_source)
{
	ARENA_AUTO arena = arena_new();
	struct map_set *set = set_of_project(arena);
	struct map_traces traces;
	struct json *input = json_of_file(arena, SOURCE_DIR "/mappings/messages/wco-dms/integrity-report/sample.in.json");
	must_succeed(map_explain(mapping_find(set, "messages/wco-dms/integrity-report"), input, arena, &traces, error));
	const struct map_trace *box = map_traces_find(&traces, "42A/67A/28A/31B(1)/159");
	ck_assert_ptr_nonnull(box);
	ck_assert_str_eq(box->source, "container.number");
	ck_assert_str_eq(box->value, "CSQU3054383");
	const struct map_trace *statement = map_traces_find(&traces, "42A/03A(2)/226");
	ck_assert_ptr_nonnull(statement);
	ck_assert_str_eq(statement->source, "events.0.type");
	ck_assert_str_eq(statement->value, "DOOROPEN");
	ck_assert_ptr_null(map_traces_find(&traces, "42A/03A(99)/226"));
	map_set_free(&set);
}
END_TEST

/* A small generator, so that a failure comes again with the same seed. */
static uint32_t chance(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static const char *hostile(struct arena *arena, uint32_t *seed)
{
	static const char *const pieces[] = { "=", " sev=low", "%3D", "\xef\xbc\x9d", "\xef\xb9\xa6", " trust=high ref=0", "\n", "\xe2\x80\xa8", "<", "&", "]]>", "\"", "{event.id}",
		                              ("\xc2\xa0" "act=none"), "\t", "x", "seal", "H1234567", "\x01", "\xf0\x9f\x94\x92" };
	BUFFER_AUTO out = { 0 };
	for (uint32_t n = chance(seed) % 30 + 1; n; n--)
		buffer_add_text(&out, pieces[chance(seed) % (sizeof pieces / sizeof *pieces)]);
	return arena_text(arena, buffer_text(&out));
}

static struct json *with_hostile_texts(struct arena *arena, const struct json *node, uint32_t *seed, const char *name)
{
	static const char *const kept[] = { "template", "rule", "type", "time", "until", "from", "opened", "issued", "etd", "eta", "lat", "lon", "reference", NULL };
	struct json *out;
	switch (json_kind(node)) {
	case JSON_KIND_OBJECT:
		out = json_new_object(arena);
		for (struct json_iter it = json_iter(node); json_next(&it);)
			json_set(out, it.name, with_hostile_texts(arena, it.value, seed, it.name));
		return out;
	case JSON_KIND_ARRAY:
		out = json_new_array(arena);
		for (struct json_iter it = json_iter(node); json_next(&it);)
			json_append(out, with_hostile_texts(arena, it.value, seed, name));
		return out;
	case JSON_KIND_TEXT:
		for (const char *const *k = kept; *k; k++)
			if (text_equal(name, *k))
				return json_clone(arena, node);
		return chance(seed) % 2 ? json_new_text(arena, hostile(arena, seed)) : json_clone(arena, node);
	default:
		return json_clone(arena, node);
	}
}

static bool key_is_known(const char *key, size_t size)
{
	static const char *const keys[] = { "t", "sev", "rule", "ev", "cov", "trust", "act", "at", "until", "lat", "lon", "src", "acc", "age", "loc", "lux",
		                            "seal", "cond", "by", "code", "dev", "seq", "ref", "cut", "role", "tel", "mail", "lang", "imo", "voy", "pol",
		                            "pod", "etd", "eta", "terminal", "stow", "st", "full", "vgm", NULL };
	for (const char *const *k = keys; *k; k++)
		if (strlen(*k) == size && strncmp(*k, key, size) == 0)
			return true;
	return false;
}

/* Each key once, known, and everything from the first pair on is pairs: a value has written nothing. */
static void look_for_forged_pairs(const char *text, uint32_t seed)
{
	const char *equals = strchr(text, '=');
	size_t keys = 0;
	const char *seen[64];
	size_t sizes[64];
	while (equals) {
		const char *start = equals;
		while (start > text && start[-1] != ' ')
			start--;
		size_t size = (size_t)(equals - start);
		if (!key_is_known(start, size))
			ck_abort_msg("seed %u: key \"%.*s\" was not written by the mapping: %s", seed, (int)size, start, text);
		for (size_t i = 0; i < keys; i++)
			if (sizes[i] == size && strncmp(seen[i], start, size) == 0)
				ck_abort_msg("seed %u: key \"%.*s\" stands twice: %s", seed, (int)size, start, text);
		ck_assert_uint_lt(keys, 64);
		seen[keys] = start;
		sizes[keys++] = size;
		const char *end = equals + 1 + strcspn(equals + 1, " ");
		if (strspn(equals + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/+-%") != (size_t)(end - equals - 1))
			ck_abort_msg("seed %u: a value is not percent-encoded: %s", seed, text);
		equals = strchr(end, '=');
	}
	if (text_utf8_length(text) > 512)
		ck_abort_msg("seed %u: %zu characters", seed, text_utf8_length(text));
}

START_TEST(no_input_writes_a_key)
{
	ARENA_AUTO outer = arena_new();
	struct map_set *set = set_of_project(outer);
	const struct mapping *mapping = mapping_find(set, "messages/wco-dms/integrity-report");
	struct json *sample = json_of_file(outer, SOURCE_DIR "/mappings/messages/wco-dms/integrity-report/sample.in.json");
	size_t written = 0;
	for (uint32_t round = 1; round <= 1500; round++) {
		ARENA_AUTO arena = arena_new();
		uint32_t seed = round;
		struct json *input = with_hostile_texts(arena, sample, &seed, NULL);
		struct map_traces traces;
		struct error why = { 0 };
		/* what must have a form, and an identifier that is too long, may be refused; the statements are what is asked for */
		json_set(input, "container", json_clone(arena, json_find(sample, "container")));
		json_set(input, "references", json_clone(arena, json_find(sample, "references")));
		json_set(input, "agreement", json_clone(arena, json_find(sample, "agreement")));
		json_set_text(arena, input, "office", "NL000511");
		json_set_text(arena, json_find(input, "gateway"), "eori", "NL123456789");
		json_set_text(arena, json_find(input, "call"), "imo", "9395044");
		json_set_text(arena, json_find(input, "call"), "mode", "1");
		json_set_text(arena, json_at(json_find(input, "findings"), 0), "code", "F-OPENING");
		json_set_text(arena, json_at(json_find(input, "events"), 0), "evidence", "ni:///sha-256;x");
		if (map_explain(mapping, input, arena, &traces, &why) < 0)
			continue;
		written++;
		for (size_t i = 0; i < traces.count; i++)
			if (text_ends(traces.items[i].element, "/StatementDescription"))
				look_for_forged_pairs(traces.items[i].value, round);
	}
	ck_assert_uint_gt(written, 1000);
	map_set_free(&set);
}
END_TEST

SUITE("map samples", every_sample_gives_its_golden_output, documents_are_canonical, explain_tells_number_and_source, no_input_writes_a_key)
