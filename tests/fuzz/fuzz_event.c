/* Canonical events and journeys as they come in. An event that is taken is stored in a form that reads back the same. */
#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "model/event.h"
#include "model/journey.h"

#define NOW INT64_C(1454464101000) /* 2016-02-03T01:48:21Z */

static void as_event(struct arena *arena, struct json *in)
{
	struct error why = { 0 };
	struct event event, again;
	char digest[DIGEST_HEX_SIZE], digest_again[DIGEST_HEX_SIZE];
	if (event_read(arena, in, NOW, &event, &why) < 0) {
		property(why.text[0]);
		return;
	}
	property(event.id && *event.id && event.time <= NOW + 5 * 60 * 1000 && event.type < EVENT_TYPES);
	works(event_load(arena, json_to_text(arena, event.json, JSON_CANONICAL), &again, error));
	event_digest(&event, digest);
	event_digest(&again, digest_again);
	property(text_equal(digest, digest_again) && event.time == again.time && text_equal(event.id, again.id));
}

static void as_journey(struct arena *arena, const struct json *in)
{
	struct error why = { 0 };
	struct journey journey;
	if (journey_section_check(arena, in, &why) < 0) {
		property(why.text[0]);
		return;
	}
	works(journey_load(arena, json_to_text(arena, in, JSON_CANONICAL), &journey, error));
	if (journey_complete_check(&journey, &why) < 0)  /* the section of one who joins */
		property(text_equal(why.field, "/container") || text_equal(why.field, "/from"));
	else
		property(journey.container && *journey.container && journey.from != CLOCK_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct error why = { 0 };
	struct json *root;
	if (json_parse(arena, (struct bytes){ (uint8_t *)data, size }, NULL, &root, &why) < 0)
		return 0;
	as_journey(arena, root);
	as_event(arena, root);
	return 0;
}
