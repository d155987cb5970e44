#include "assess/inside.h"

#define INTERFERENCE_MS (3600 * 1000)
#define LATE_MS ((int64_t)24 * 3600 * 1000)

static int64_t apart(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

struct where place_of(const struct run *run, const struct event *event)
{
	struct where where = { 0 };
	int64_t age = run->in->settings.fix_age_ms, best = age + 1, best_proof = age + 1;
	for (size_t i = 0; i < run->in->event_count; i++) {
		const struct assess_event *row = &run->in->events[i];
		if (!row->event.fix.source || row->is_derived)
			continue;
		int64_t away = apart(row->event.fix.time, event->time);
		if (away < best) {
			best = away;
			where.fix = row;
		}
		if (fix_is_proof(&row->event.fix) && away < best_proof) {
			best_proof = away;
			where.proof = row;
		}
	}
	return where;
}

enum geo_relation place_in_permit(const struct run *run, const struct event *event, const struct permit *permit)
{
	struct where where = place_of(run, event);
	if (!where.proof)
		return GEO_UNSURE;
	const struct fix *proof = &where.proof->event.fix, *nearest = &where.fix->event.fix;
	enum geo_relation relation = geo_relate(permit->centre, permit->radius_m, proof->point, proof->accuracy_m);
	if (where.fix == where.proof)
		return relation;
	/* a nearer fix of lesser worth (a cell) proves nothing, but may contradict */
	bool contradicts = geo_relate(permit->centre, permit->radius_m, nearest->point, nearest->accuracy_m) == GEO_OUTSIDE;
	return contradicts ? GEO_OUTSIDE : relation == GEO_OUTSIDE ? GEO_UNSURE : relation;
}

const char *place_trust(const struct run *run, const struct event *event, int64_t received)
{
	for (size_t i = 0; i < run->in->event_count; i++) {
		const struct event *other = &run->in->events[i].event;
		if (other->type == EVENT_GNSS_INTERFERENCE && apart(other->time, event->time) <= INTERFERENCE_MS)
			return "low";
	}
	bool late = event->late || received - event->time > LATE_MS;
	struct where where = place_of(run, event);
	return late || !where.proof ? "medium" : "high";
}

const struct assess_event *assess_nearest_fix(const struct assess_input *input, const struct event *event)
{
	struct run run = { .in = input };
	struct where where = place_of(&run, event);
	return where.proof ? where.proof : where.fix;
}
