/* Payloads under the mappings that ship: a name of a mapping, a line feed, JSON (XML for an answer). Documents are XML in their own canonical form
 * whatever the input holds, and statements have no key=value that the mapping did not write. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/xml/xml.h"
#include "map/map.h"

static const struct map_set *set(void)
{
	static struct map_set *loaded;
	static struct arena *arena;
	if (!loaded) {
		arena = arena_new();
		works(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", arena, NULL, &loaded, error));
	}
	return loaded;
}

static void to_xml(struct arena *arena, const struct mapping *mapping, const struct json *input)
{
	struct error why = { 0 };
	struct map_marks marks;
	struct map_traces traces;
	struct xml_document *document;
	BUFFER_AUTO out = { 0 };
	BUFFER_AUTO canonical = { 0 };
	if (map_to_xml(mapping, input, arena, &out, &marks, &why) < 0) {
		property(why.text[0] && !out.size);
		return;
	}
	struct xml_limits wide = { .bytes = 64 << 20 };
	works(xml_parse(arena, buffer_bytes(&out), &wide, &document, error));
	works(xml_canonical(document, document->root, NULL, &canonical, error));
	property(bytes_equal(buffer_bytes(&out), buffer_bytes(&canonical)));
	works(map_explain(mapping, input, arena, &traces, error));
	property(traces.count > 0);
}

static void to_json(struct arena *arena, const struct mapping *mapping, const struct json *input)
{
	struct error why = { 0 };
	struct json *root, *again;
	BUFFER_AUTO out = { 0 };
	if (map_to_json(mapping, input, arena, &root, NULL, &why) < 0) {
		property(why.text[0]);
		return;
	}
	struct json_limits wide = { .bytes = 64 << 20, .nodes = 10000000, .text = 16 << 20 };
	json_write(&out, root, JSON_CANONICAL);
	works(json_parse(arena, buffer_bytes(&out), &wide, &again, error));
	property(json_same(root, again));
}

/* What customs answers: XML, by a mapping that says how it is read. */
static void from_xml(struct arena *arena, const struct mapping *mapping, struct bytes body)
{
	struct error why = { 0 };
	struct xml_document *document;
	if (xml_parse(arena, body, NULL, &document, &why) == 0)
		to_json(arena, mapping, map_input_from_xml(mapping, document->root, arena));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct bytes name, body;
	struct error why = { 0 };
	struct json *input;
	if (!fuzz_split((struct bytes){ (uint8_t *)data, size }, '\n', &name, &body))
		return 0;
	const struct mapping *mapping = mapping_find(set(), arena_text_n(arena, (const char *)name.data, name.size));
	if (mapping && text_starts(mapping_name(mapping), "answers/"))
		from_xml(arena, mapping, body);
	if (!mapping || json_parse(arena, body, NULL, &input, &why) < 0)
		return 0;
	if (text_starts(mapping_name(mapping), "messages/"))
		to_xml(arena, mapping, input);
	else if (text_starts(mapping_name(mapping), "providers/") || text_starts(mapping_name(mapping), "journeys/"))
		to_json(arena, mapping, input);
	return 0;
}
