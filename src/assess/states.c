/* Feeds of states: many trackers tell how things are, not what happened. A change between two rows of one device is an
 * event; its identity is made from the row, so that late and repeated rows lead to the same ones. */
#include <stdio.h>
#include <string.h>

#include "assess/inside.h"
#include "lib/base/text.h"

struct state_kind {
	const char *kind;                /* of the reading */
	const char *on, *off;            /* its values; NULL: a measured value against a threshold */
	enum event_type turned_on, turned_off;
};

static const struct state_kind kinds[] = {
	{ "door", "open", "closed", EVENT_DOOR_OPENED, EVENT_DOOR_CLOSED },
	{ "motion", "moving", "still", EVENT_MOTION_STARTED, EVENT_MOTION_STOPPED },
	{ "light", NULL, NULL, EVENT_LIGHT_DETECTED, EVENT_TYPES },
};

/* 1 on, 0 off, -1 the row does not say. */
static int state_of(const struct run *run, const struct event *event, const struct state_kind *kind)
{
	const char *value = event_reading(event, kind->kind);
	if (!value)
		return -1;
	if (!kind->on)
		return text_is_decimal(value) ? text_double(value) > run->in->settings.light_lux : -1;
	return text_equal(value, kind->on) ? 1 : text_equal(value, kind->off) ? 0 : -1;
}

/* A UUID of version 8 (RFC 9562 5.8) out of a digest: derived events need an id that is the same on every run. */
static char *uuid_of(struct arena *arena, const char *text)
{
	uint8_t d[DIGEST_SHA256_SIZE];
	digest_sha256(bytes_of_text(text), d);
	d[6] = (uint8_t)(0x80 | (d[6] & 0x0f));
	d[8] = (uint8_t)(0x80 | (d[8] & 0x3f));
	return arena_printf(arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1], d[2], d[3], d[4],
	                    d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
}

static struct json *derived_json(struct run *run, const struct event *row, const char *id, enum event_type type, const char *source)
{
	struct arena *arena = run->arena;
	struct json *out = json_new_object(arena), *marks = json_new_object(arena);
	json_set_text(arena, out, "id", id);
	json_set_text(arena, out, "type", event_type_name(type));
	json_set_text(arena, out, "time", row->time_text);
	json_set_text(arena, out, "container", run->in->container);
	json_set(out, "device", json_find(row->json, "device"));
	json_set(out, "position", json_find(row->json, "position"));
	json_set(out, "readings", json_find(row->json, "readings"));
	json_set_bool(arena, marks, "derived", true);
	json_set_text(arena, marks, "from", source);
	json_set(out, "marks", marks);
	return out;
}

static const struct assess_derived *derive(struct run *run, const struct assess_event *row, const struct state_kind *kind, bool on)
{
	if (run->derived_count == run->derived_room) {
		size_t room = run->derived_room ? run->derived_room * 2 : 16;
		struct assess_derived *wider = arena_array(run->arena, room, sizeof *wider);
		if (run->derived_count)
			memcpy(wider, run->derived, run->derived_count * sizeof *wider);
		run->derived = wider;
		run->derived_room = room;
	}
	const char *device = row->event.device ? row->event.device : run->in->container;
	struct assess_derived *d = &run->derived[run->derived_count++];
	*d = (struct assess_derived){ .source = row->id, .event = row->event };
	d->event.type = on ? kind->turned_on : kind->turned_off;
	d->event.id = d->provider_id = event_derive_id(run->arena, device, row->event.time_text, kind->kind, on ? "on" : "off");
	d->id = uuid_of(run->arena, arena_printf(run->arena, "%s\n%s", run->in->container, d->provider_id));
	d->event.json = derived_json(run, &row->event, d->provider_id, d->event.type, row->id);
	return d;
}

static void opened(struct run *run, const struct event *what, const char *id, int64_t received)
{
	struct opening *last = run->opening_count ? &run->openings[run->opening_count - 1] : NULL;
	if (last && last->until == CLOCK_NONE)
		return;  /* open already */
	bool merged = last && what->time - last->until <= run->in->settings.merge_ms;
	run->openings[run->opening_count++] = (struct opening){ .from = what->time, .until = CLOCK_NONE, .event = id, .what = what,
		.received = received, .is_merged = merged };
}

static void closed(struct run *run, int64_t time)
{
	if (run->opening_count && run->openings[run->opening_count - 1].until == CLOCK_NONE)
		run->openings[run->opening_count - 1].until = time;
}

/* Rows that only repeat what the device said last are no change; neither is its very first word. */
static int last_state_of(const char **devices, int *states, size_t *count, const char *device, int state)
{
	for (size_t i = 0; i < *count; i++)
		if (text_equal(devices[i], device)) {
			int before = states[i];
			states[i] = state;
			return before;
		}
	if (*count < 64) {
		devices[*count] = device;
		states[(*count)++] = state;
	}
	return -1;
}

static void changes_of(struct run *run, const struct state_kind *kind)
{
	const char *devices[64];
	int states[64];
	size_t known = 0;
	for (size_t i = 0; i < run->in->event_count; i++) {
		const struct assess_event *row = &run->in->events[i];
		int state = row->is_derived || row->event.type != EVENT_STATUS ? -1 : state_of(run, &row->event, kind);
		if (state < 0)
			continue;
		int before = last_state_of(devices, states, &known, row->event.device, state);
		if (run->telling)
			run->telling[i] |= before != state;
		if (before >= 0 && before != state && (state || kind->turned_off != EVENT_TYPES))
			derive(run, row, kind, state == 1);
	}
}

/* What is told of the door, in order of time: by events, and by changes between rows. */
static void openings_find(struct run *run)
{
	run->openings = arena_array(run->arena, run->in->event_count + run->derived_count + 1, sizeof *run->openings);
	size_t d = 0;
	for (size_t i = 0; i < run->in->event_count; i++) {
		const struct assess_event *row = &run->in->events[i];
		if (row->is_derived)
			continue;
		if (row->event.type == EVENT_DOOR_OPENED)
			opened(run, &row->event, row->id, row->received);
		else if (row->event.type == EVENT_DOOR_CLOSED)
			closed(run, row->event.time);
		for (; d < run->derived_count && text_equal(run->derived[d].source, row->id); d++) {
			if (run->derived[d].event.type == EVENT_DOOR_OPENED)
				opened(run, &run->derived[d].event, run->derived[d].id, row->received);
			else if (run->derived[d].event.type == EVENT_DOOR_CLOSED)
				closed(run, row->event.time);
		}
	}
}

/* New ones to add, old ones that no longer hold. */
static void derived_compare(struct run *run)
{
	const char **superseded = arena_array(run->arena, run->in->event_count + 1, sizeof *superseded);
	struct assess_derived *fresh = arena_array(run->arena, run->derived_count + 1, sizeof *fresh);
	for (size_t i = 0; i < run->in->event_count; i++) {
		bool holds = !run->in->events[i].is_derived;
		for (size_t d = 0; d < run->derived_count && !holds; d++)
			holds = text_equal(run->derived[d].id, run->in->events[i].id);
		if (!holds)
			superseded[run->out->superseded_count++] = run->in->events[i].id;
	}
	for (size_t d = 0; d < run->derived_count; d++) {
		bool known = false;
		for (size_t i = 0; i < run->in->event_count && !known; i++)
			known = run->in->events[i].is_derived && text_equal(run->derived[d].id, run->in->events[i].id);
		if (!known)
			fresh[run->out->derived_count++] = run->derived[d];
	}
	run->out->derived = fresh;
	run->out->superseded = superseded;
}

static void door_now(struct run *run)
{
	size_t last = SIZE_MAX, first_closed = SIZE_MAX;
	run->out->door = "unknown";
	for (size_t i = 0; i < run->in->event_count; i++) {
		const struct event *event = &run->in->events[i].event;
		const char *value = event_reading(event, "door");
		bool open = event->type == EVENT_DOOR_OPENED || text_equal(value, "open");
		bool closed = event->type == EVENT_DOOR_CLOSED || text_equal(value, "closed");
		if (closed && first_closed == SIZE_MAX)
			first_closed = i;
		if (!open && !closed)
			continue;
		last = i;
		run->out->door = open ? "open" : "closed";
	}
	run->closed_first = first_closed == SIZE_MAX ? CLOCK_NONE : run->in->events[first_closed].event.time;
	if (run->telling && first_closed != SIZE_MAX)
		run->telling[first_closed] = true;
	if (run->telling && last != SIZE_MAX)
		run->telling[last] = true;
}

void states_find(struct run *run)
{
	changes_of(run, &kinds[0]);
	openings_find(run);  /* before the others are added: these follow the rows' order */
	for (size_t i = 1; i < sizeof kinds / sizeof *kinds; i++)
		changes_of(run, &kinds[i]);
	derived_compare(run);
	door_now(run);
}

bool states_closed_at(const struct run *run, int64_t time, int64_t around_ms)
{
	for (size_t i = 0; i < run->opening_count; i++) {
		const struct opening *o = &run->openings[i];
		if (time >= o->from - around_ms && (o->until == CLOCK_NONE || time <= o->until + around_ms))
			return false;
	}
	return run->closed_first != CLOCK_NONE && run->closed_first <= time;  /* some word that it was closed, before */
}
