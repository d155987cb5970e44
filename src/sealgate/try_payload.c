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

static void tell_refused(struct run *run, size_t index, const struct error *why, const char *source)
{
	note(run, "event %zu is refused: %s%s%s%s%s%s", index, why->text, *why->field ? " (field " : "", why->field, source ? ", made of " : "",
	     source ? source : "", *why->field ? ")" : "");
}

int payload_read(struct bench *bench, const char *name, const struct json *in, struct payload *payload, struct error *error)
{
	struct arena *arena = bench->run->arena;
	struct json *out;
	const char *mapping_name = mapping_of(bench, name);
	const struct mapping *mapping = mapping_find(bench->set, mapping_name);
	if (!mapping)
		FAIL(error, NOT_FOUND, "there is no provider and no mapping \"%s\"", name);
	struct map_refusals refusals;
	TRY(map_to_list(mapping, in, arena, &out, &refusals, &payload->traces, error));
	payload->events = json_new_array(arena);
	if (json_kind(out) == JSON_KIND_ARRAY)
		payload->events = out;
	else if (json_kind(out) == JSON_KIND_OBJECT)
		json_append(payload->events, out);
	for (struct json_iter it = json_iter(payload->events); json_next(&it);)
		give_id(arena, it.value);
	for (size_t i = 0; i < refusals.count; i++)
		tell_refused(bench->run, refusals.items[i].index, &refusals.items[i].error, NULL);
	payload->refused = refusals.count;
	return 0;
}

int try_payload(struct bench *bench, const char *provider, const char *file, struct error *error)
{
	struct run *run = bench->run;
	struct json *in;
	struct payload p;
	TRY(input_json(run, file, &in, error));
	TRY(payload_read(bench, provider, in, &p, error));
	size_t bad = p.refused;
	for (struct json_iter it = json_iter(p.events); json_next(&it);) {
		struct event event;
		struct error why = { 0 };
		if (json_kind(it.value) == JSON_KIND_NULL)
			continue;
		if (event_read(run->arena, it.value, CLOCK_NONE, &event, &why) < 0) {
			const struct map_trace *trace = map_traces_find_element(&p.traces, arena_printf(run->arena, "/%zu%s", it.index - 1, why.field));
			tell_refused(run, it.index - 1, &why, trace && *trace->source ? trace->source : NULL);
			bad++;
			continue;
		}
		if (run->json)
			out_json(run, event.json);
		else
			out_json_pretty(run, event.json);
	}
	if (!json_count(p.events))
		note(run, "nothing of this payload is an event");
	return bad || !json_count(p.events) ? EXIT_FAILED : EXIT_GOOD;
}
