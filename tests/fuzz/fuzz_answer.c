/* What customs answers, from octets to notices: a profile's name ("~" in front: lenient), a line feed, the document. A document that is
 * read says something that can be stored; with its schema it says the same or nothing. */
#include "answer/inside.h"
#include "fuzz/fuzz.h"
#include "lib/base/text.h"

static struct map_set *set;
static struct validator *validator;

static void check_notices(struct arena *arena, const struct json *notices, const char *type)
{
	property(type && *type && json_count(notices) >= 1 && json_count(notices) <= 1000);
	for (struct json_iter it = json_iter(notices); json_next(&it);) {
		const char *text = notice_text(arena, it.value), *disclosure = json_path_text(it.value, "disclosure");
		struct json *again;
		works(json_parse(arena, bytes_of_text(text), NULL, &again, error));
		property(json_path_text(it.value, "kind"));
		property(text_equal(disclosure, "open") || text_equal(disclosure, "restricted") || text_equal(disclosure, "covert"));
		property(json_count(json_path(it.value, "scope.containers")) <= 1);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct bytes line, body;
	struct json *notices, *strict;
	const char *type;
	struct error why = { 0 };
	if (!set) {
		static struct arena *kept;
		kept = arena_new();
		works(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", kept, NULL, &set, error));
		works(validator_open(SOURCE_DIR "/schemas", &validator, error));
	}
	if (!fuzz_split((struct bytes){ (uint8_t *)data, size }, '\n', &line, &body))
		return 0;
	const char *profile = arena_text_n(arena, (const char *)line.data, line.size);
	bool lenient = *profile == '~';
	int loose = answer_read(set, NULL, profile + lenient, lenient, body, arena, &notices, &type, &why);
	if (loose == 0)
		check_notices(arena, notices, type);
	else
		property(why.text[0]);
	why = (struct error){ 0 };
	if (answer_read(set, validator, profile + lenient, lenient, body, arena, &strict, &type, &why) == 0)
		property(loose == 0 && json_same(notices, strict));
	else
		property(why.text[0]);
	return 0;
}
