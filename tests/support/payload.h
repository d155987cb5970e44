/* payload: what becomes of a provider's payload: canonical events, and refusals. */
#ifndef SEALGATE_TESTS_SUPPORT_PAYLOAD_H
#define SEALGATE_TESTS_SUPPORT_PAYLOAD_H

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "map/map.h"
#include "model/event.h"
#include "support/suite.h"

static inline struct map_set *set_of_project(struct arena *arena)
{
	struct map_set *set;
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", arena, NULL, &set, error));
	return set;
}

static inline struct json *json_of_text(struct arena *arena, const char *text)
{
	struct json *root;
	must_succeed(json_parse(arena, bytes_of_text(text), &(struct json_limits){ .bytes = 16 << 20, .nodes = 1000000 }, &root, error));
	return root;
}

static inline struct json *json_of_file(struct arena *arena, const char *path)
{
	char *text;
	must_succeed(file_read_text(path, arena, &text, error));
	return json_of_text(arena, text);
}

/* What became of a payload. */
struct outcome {
	struct json *out;            /* a list */
	struct map_refusals refusals;
	struct event *events;        /* by index */
	struct error *errors;        /* by index; ERROR_NONE: the event is good */
	size_t count, good;
};

static inline struct outcome outcome_of(struct arena *arena, const struct mapping *mapping, const struct json *input)
{
	struct outcome o = { 0 };
	struct error error = { 0 };
	if (map_to_list(mapping, input, arena, &o.out, &o.refusals, NULL, &error) < 0) {
		o.errors = arena_array(arena, 1, sizeof *o.errors);
		o.errors[0] = error;
		o.count = 1;
		return o;
	}
	if (json_kind(o.out) == JSON_KIND_NULL)  /* an empty list */
		o.out = json_new_array(arena);
	if (json_kind(o.out) != JSON_KIND_ARRAY) {
		struct json *list = json_new_array(arena);
		json_append(list, o.out);
		o.out = list;
	}
	o.count = json_count(o.out);
	o.events = arena_array(arena, o.count + 1, sizeof *o.events);
	o.errors = arena_array(arena, o.count + 1, sizeof *o.errors);
	for (size_t i = 0; i < o.refusals.count; i++)
		o.errors[o.refusals.items[i].index] = o.refusals.items[i].error;
	for (size_t i = 0; i < o.count; i++)
		if (!o.errors[i].code && event_read(arena, json_at(o.out, i), CLOCK_NONE, &o.events[i], &o.errors[i]) == 0)
			o.good++;
	return o;
}

/* One line for each: "type time container device (seal)", or "refused field". */
static inline const char *told(struct arena *arena, const struct outcome *o)
{
	BUFFER_AUTO text = { 0 };
	for (size_t i = 0; i < o->count; i++) {
		const struct event *e = &o->events[i];
		if (o->errors[i].code)
			buffer_printf(&text, "refused %s %s\n", error_slug(o->errors[i].code), o->errors[i].field);
		else
			buffer_printf(&text, "%s %s %s%s%s%s%s\n", event_type_name(e->type), e->time_text, e->container ? e->container : "-",
			              e->device ? " " : "", e->device ? e->device : "", e->retracts ? " <- " : "", e->retracts ? e->retracts : "");
	}
	return arena_text(arena, buffer_text(&text));
}


/* Every payload element is told of: nothing is there that is neither an event nor a refusal with its field. */
static inline void check_outcome(struct arena *arena, const char *what, const struct outcome *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->errors[i].code && (!*o->errors[i].field || !*o->errors[i].text))
			ck_abort_msg("%s: element %zu is refused without a field: %s\n%s", what, i, o->errors[i].text, json_to_text(arena, o->out, JSON_PRETTY));
}

#endif
