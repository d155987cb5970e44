/* voyage: the rows of tests/data/voyages as canonical events, by hand: tests of the rules need no provider mapping. */
#ifndef SEALGATE_TESTS_SUPPORT_VOYAGE_H
#define SEALGATE_TESTS_SUPPORT_VOYAGE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "assess/assess.h"
#include "lib/base/file.h"
#include "lib/base/text.h"

struct voyage {
	struct journey journey;
	struct assess_event *events;
	size_t count;
};

static inline int voyage_by_time(const void *a, const void *b)
{
	const struct assess_event *x = a, *y = b;
	if (x->event.time != y->event.time)
		return x->event.time < y->event.time ? -1 : 1;
	return strcmp(x->id, y->id);
}

static inline void voyage_reading(struct arena *arena, struct json *list, const char *kind, const char *value)
{
	if (!*value)
		return;
	struct json *reading = json_new_object(arena);
	json_set_text(arena, reading, "kind", kind);
	json_set_text(arena, reading, "value", value);
	json_append(list, reading);
}

static inline struct json *voyage_row(struct arena *arena, char *line)
{
	char *cells[16] = { 0 };
	for (size_t i = 0; i < 15; i++)
		cells[i] = strsep(&line, ",");
	struct json *row = json_new_object(arena), *device = json_new_object(arena), *readings = json_new_array(arena);
	json_set_text(arena, row, "type", "status");
	json_set_text(arena, row, "time", cells[0]);
	json_set_text(arena, device, "id", "tracker");
	json_set(row, "device", device);
	if (*cells[1] && *cells[2]) {
		struct json *position = json_new_object(arena);
		bool cell = text_starts(cells[3], "cell");
		json_set_text(arena, position, "lat", cells[1]);
		json_set_text(arena, position, "lon", cells[2]);
		json_set_text(arena, position, "source", cell ? "cell" : "gnss");
		json_set_text(arena, position, "accuracy", cell || !*cells[3] ? NULL : cells[3]);
		json_set(row, "position", position);
	}
	voyage_reading(arena, readings, "door", !*cells[7] ? "" : *cells[7] == '1' ? "open" : "closed");
	voyage_reading(arena, readings, "light", cells[14]);
	json_set(row, "readings", readings);
	return row;
}

/* Each row i for which keep(i, count) holds. */
static inline struct voyage voyage_load(struct arena *arena, const char *name, bool (*keep)(size_t i, size_t count))
{
	struct voyage v = { 0 };
	char *csv, *journey;
	struct error error = { 0 };
	ck_assert_int_eq(file_read_text(arena_printf(arena, "%s/tests/data/voyages/voyage-%s.csv", SOURCE_DIR, name), arena, &csv, &error), 0);
	ck_assert_int_eq(file_read_text(arena_printf(arena, "%s/tests/data/voyages/journey-%s.json", SOURCE_DIR, name), arena, &journey,
	                                &error), 0);
	size_t lines = 0, i = 0;
	for (char *at = csv; *at; at++)
		lines += *at == '\n';
	v.events = arena_array(arena, lines + 1, sizeof *v.events);
	strsep(&csv, "\n");
	for (char *line; (line = strsep(&csv, "\n")) && *line; i++) {
		line[strcspn(line, "\r")] = '\0';
		if (keep && !keep(i, lines - 1))
			continue;
		struct assess_event *e = &v.events[v.count++];
		if (event_read(arena, voyage_row(arena, line), CLOCK_NONE, &e->event, &error) < 0)
			ck_abort_msg("row %zu: %s", i, error.text);
		e->id = e->event.id;
		e->received = e->event.time + 1000;
	}
	qsort(v.events, v.count, sizeof *v.events, voyage_by_time);
	struct json *filed;
	ck_assert_int_eq(json_parse(arena, bytes_of_text(journey), NULL, &filed, &error), 0);
	struct journey_filing filing = { .owner = "carrier-1", .version = 1, .content = filed };
	ck_assert_int_eq(clock_parse(json_path_text(filed, "from"), &filing.stored, &error), 0);
	struct json *whole = journey_merge(arena, arena_printf(arena, "J-%s", name), &filing, 1);
	ck_assert_int_eq(journey_load(arena, json_to_text(arena, whole, JSON_COMPACT), &v.journey, &error), 0);
	return v;
}

#endif
