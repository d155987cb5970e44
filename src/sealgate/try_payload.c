#include "lib/base/text.h"
#include "model/event.h"
#include "sealgate/input.h"
#include "sealgate/output.h"
#include "sealgate/try.h"

/* The name of a provider, or of a mapping. */
static const char *mapping_of(const struct bench *bench, const char *name)
{
	const struct provider *provider = settings_provider(bench->settings, name);
	if (provider)
		return provider->mapping;
	return text_starts(name, "providers/") ? name : arena_printf(bench->run->arena, "providers/%s", name);
}

/* As the gateway gives them: the same row gets the same id. */
static void give_id(struct arena *arena, struct json *in)
{
	const char *device = json_path_text(in, "device.id"), *time = json_path_text(in, "time"), *type = json_path_text(in, "type");
	static const char *const parts[] = { "position", "readings", "seal" };
	BUFFER_AUTO value = { 0 };
	if (json_kind(in) != JSON_KIND_OBJECT || json_find(in, "id") || !time)
		return;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (json_find(in, parts[i]))
			json_write(&value, json_find(in, parts[i]), JSON_CANONICAL);
	const char *about = device ? device : json_path_text(in, "container");
	json_set_text(arena, in, "id", event_derive_id(arena, about ? about : "", time, type ? type : "", buffer_text(&value)));
}

int payload_events(struct bench *bench, const char *name, const struct json *payload, struct json **events_r, struct error *error)
{
	struct arena *arena = bench->run->arena;
	struct json *out;
	const char *mapping_name = mapping_of(bench, name);
	const struct mapping *mapping = mapping_find(bench->set, mapping_name);
	if (!mapping)
		FAIL(error, NOT_FOUND, "there is no provider and no mapping \"%s\"", name);
	TRY(map_to_json(mapping, payload, arena, &out, NULL, error));
	*events_r = json_new_array(arena);
	if (json_kind(out) == JSON_KIND_ARRAY)
		*events_r = out;
	else if (json_kind(out) == JSON_KIND_OBJECT)
		json_append(*events_r, out);
	for (struct json_iter it = json_iter(*events_r); json_next(&it);)
		give_id(arena, it.value);
	return 0;
}

int try_payload(struct bench *bench, const char *provider, const char *file, struct error *error)
{
	struct run *run = bench->run;
	struct json *payload, *events;
	size_t bad = 0;
	TRY(input_json(run, file, &payload, error));
	TRY(payload_events(bench, provider, payload, &events, error));
	for (struct json_iter it = json_iter(events); json_next(&it);) {
		struct event event;
		struct error why = { 0 };
		if (event_read(run->arena, it.value, CLOCK_NONE, &event, &why) < 0) {
			note(run, "event %zu is refused: %s%s%s%s", it.index - 1, why.text, *why.field ? " (field " : "", why.field, *why.field ? ")" : "");
			bad++;
			continue;
		}
		if (run->json)
			out_json(run, event.json);
		else
			out_json_pretty(run, event.json);
	}
	if (!json_count(events))
		note(run, "nothing of this payload is an event");
	return bad || !json_count(events) ? EXIT_FAILED : EXIT_GOOD;
}
