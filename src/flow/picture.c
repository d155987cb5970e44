#include "flow/picture.h"

#include <string.h>

#include "lib/base/text.h"
#include "store/container.h"

static struct assess_settings settings_of(const struct settings *s)
{
	return (struct assess_settings){ .light_lux = s->light_lux, .merge_ms = s->merge_ms, .fix_age_ms = s->fix_age_ms,
		                         .fix_wait_ms = s->fix_wait_ms, .interval_ms = s->interval_ms,
		                         .slack = s->coverage_slack, .assurance_ms = s->assurance_ms };
}

static int events_read(struct db *db, struct arena *arena, struct picture *p, bool whole, struct error *error)
{
	int64_t from = p->journey_row ? p->journey_row->from : INT64_MIN, until = p->journey_row && p->journey_row->until != CLOCK_NONE ? p->journey_row->until : INT64_MAX;
	struct event_row *rows;
	size_t count;
	bool found = false;
	if (!whole)
		TRY(picture_unfold(db, arena, p, &rows, &count, &found, error));
	if (!found)
		TRY(event_of_container(db, arena, p->container, from, until, &rows, &count, error));
	p->input.folded = found ? &p->folded : NULL;
	struct assess_event *events = arena_array(arena, count + 1, sizeof *events);
	for (size_t i = 0; i < count; i++) {
		if (event_load(arena, rows[i].content, &events[i].event, error) < 0)
			return error_during(error, "event %s", rows[i].id);
		events[i].id = rows[i].id;
		events[i].received = rows[i].received;
		events[i].is_derived = rows[i].origin == ORIGIN_DERIVED;
	}
	p->rows = rows;
	p->input.events = events;
	p->input.event_count = count;
	return 0;
}

static int seals_read(struct db *db, struct arena *arena, struct picture *p, struct error *error)
{
	TRY(seal_change_of_container(db, arena, p->container, &p->seal_changes, &p->seal_change_count, error));
	struct assess_seal_change *changes = arena_array(arena, p->seal_change_count + 1, sizeof *changes);
	size_t count = 0;
	for (size_t i = 0; i < p->seal_change_count; i++) {
		const struct journey_row *journey = p->journey_row;
		struct json *content;
		if (journey && (p->seal_changes[i].at < journey->from || (journey->until != CLOCK_NONE && p->seal_changes[i].at > journey->until)))
			continue;  /* of another journey: seals are changed, and lost, between two */
		TRY(json_parse(arena, bytes_of_text(p->seal_changes[i].content), NULL, &content, error));
		changes[count++] = (struct assess_seal_change){ json_path_text(content, "number"), json_path_text(content, "replaces"), p->seal_changes[i].at };
	}
	p->input.seal_changes = changes;
	p->input.seal_change_count = count;
	return 0;
}

static int picture_read(struct db *db, struct arena *arena, const struct settings *settings, struct picture *p, int64_t now, bool whole,
                        struct error *error)
{
	if (p->journey_row)
		TRY(journey_load(arena, p->journey_row->content, &p->journey, error));
	p->input.container = p->container;
	p->input.journey = p->journey_row ? &p->journey : NULL;
	p->input.now = now;
	p->input.settings = settings_of(settings);
	TRY(events_read(db, arena, p, whole, error));
	TRY(seals_read(db, arena, p, error));
	return finding_of_container(db, arena, p->container, &p->findings, &p->finding_count, error);
}

int pictures_read(struct db *db, struct arena *arena, const struct settings *settings, const char *container, int64_t now, bool whole,
                  struct picture **pictures_r, size_t *count_r, struct error *error)
{
	struct journey_row *rows;
	size_t found, count = 0;
	TRY(journey_of_container(db, arena, container, &rows, &found, error));
	struct picture *pictures = arena_array(arena, found + 1, sizeof *pictures);
	for (size_t i = 0; i < found; i++)
		if (rows[i].closed == CLOCK_NONE)
			pictures[count++] = (struct picture){ .container = container, .journey_row = &rows[i] };
	if (!count)
		pictures[count++] = (struct picture){ .container = container };
	for (size_t i = 0; i < count; i++) {
		TRY(container_wanted(db, container, &pictures[i].wanted, error));
		TRY(picture_read(db, arena, settings, &pictures[i], now, whole, error));
	}
	*pictures_r = pictures;
	*count_r = count;
	return 0;
}

void picture_assess(struct picture *picture, struct arena *arena)
{
	assess_run(&picture->input, arena, &picture->result);
}

const struct finding_row *picture_finding(const struct picture *picture, const char *cause)
{
	for (size_t i = 0; i < picture->finding_count; i++)
		if (text_equal(picture->findings[i].cause, cause))
			return &picture->findings[i];
	return NULL;
}

static void put_time(struct arena *arena, struct json *out, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (ms != CLOCK_NONE)
		json_set_text(arena, out, name, clock_format(ms, text));
}

static struct json *gaps_json(const struct assess_result *r, struct arena *arena)
{
	struct json *list = json_new_array(arena);
	for (size_t i = 0; i < r->gap_count && i < 100; i++) {
		struct json *gap = json_new_object(arena);
		put_time(arena, gap, "from", r->gaps[i].from);
		put_time(arena, gap, "until", r->gaps[i].until);
		if (r->gaps[i].near_lat) {
			json_set_text(arena, gap, "lat", r->gaps[i].near_lat);
			json_set_text(arena, gap, "lon", r->gaps[i].near_lon);
		}
		json_append(list, gap);
	}
	return list;
}

struct json *picture_content(const struct picture *p, struct arena *arena)
{
	const struct assess_result *r = &p->result;
	struct json *out = json_new_object(arena);
	json_set_text(arena, out, "verdict", r->verdict);
	json_set_text(arena, out, "sentence", r->sentence);
	json_set_text(arena, out, "door", r->door);
	json_set_text(arena, out, "seal", r->seal);
	if (p->journey_row)
		json_set_text(arena, out, "journey", p->journey_row->id);
	put_time(arena, out, "assessed", p->input.now);
	put_time(arena, out, "last_report", r->last_report);
	if (r->last_fix) {
		struct json *position = json_clone(arena, json_find(r->last_fix->event.json, "position"));
		put_time(arena, position, "time", r->last_fix->event.fix.time);
		json_set(out, "last_position", position);
	}
	put_time(arena, out, "watched_from", r->watched_from);
	put_time(arena, out, "watched_until", r->watched_until);
	if (p->journey_row) {
		json_set_text(arena, out, "coverage", arena_printf(arena, "%.1f", r->coverage));
		json_set(out, "gaps", gaps_json(r, arena));
	}
	json_set_integer(arena, out, "openings", (int64_t)r->openings);
	json_set_integer(arena, out, "permitted_openings", (int64_t)r->permitted_openings);
	json_set_integer(arena, out, "findings", (int64_t)r->finding_count);
	json_set_text(arena, out, "rules", ASSESS_RULES_VERSION);
	return out;
}
