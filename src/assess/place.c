#include "assess/inside.h"

#include <stdlib.h>

#define INTERFERENCE_MS (3600 * 1000)
#define LATE_MS ((int64_t)24 * 3600 * 1000)

static int64_t apart(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

static int by_fix_time(const void *a, const void *b)
{
	const struct assess_event *p = *(const struct assess_event *const *)a, *q = *(const struct assess_event *const *)b;
	int64_t at = p->event.fix.time, other = q->event.fix.time;
	return at != other ? (at > other) - (at < other) : (p > q) - (p < q);
}

static const struct places *places_of(struct run *run)
{
	const struct assess_input *in = run->in;
	if (run->places)
		return run->places;
	struct places *p = run->places = arena_alloc(run->arena, sizeof *p);
	p->fixes = arena_array(run->arena, in->event_count + 1, sizeof *p->fixes);
	p->proofs = arena_array(run->arena, in->event_count + 1, sizeof *p->proofs);
	p->disturbed = arena_array(run->arena, in->event_count + 1, sizeof *p->disturbed);
	for (size_t i = 0; i < in->event_count; i++) {
		const struct assess_event *row = &in->events[i];
		if (row->event.type == EVENT_GNSS_INTERFERENCE)
			p->disturbed[p->disturbed_count++] = &row->event;
		if (!row->event.fix.source || row->is_derived)
			continue;
		p->fixes[p->fix_count++] = row;
		if (fix_is_proof(&row->event.fix))
			p->proofs[p->proof_count++] = row;
	}
	qsort(p->fixes, p->fix_count, sizeof *p->fixes, by_fix_time);
	qsort(p->proofs, p->proof_count, sizeof *p->proofs, by_fix_time);
	return p;
}

/* The first that is not before this time. */
static size_t first_since(const struct assess_event *const *list, size_t count, int64_t time)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (list[middle]->event.fix.time < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Of two that are as near, the one whose event came first; NULL: none is near enough. */
static const struct assess_event *nearest(const struct assess_event *const *list, size_t count, int64_t time, int64_t most)
{
	size_t behind = first_since(list, count, time);
	const struct assess_event *after = behind < count ? list[behind] : NULL, *before = NULL;
	if (behind > 0)
		before = list[first_since(list, behind, list[behind - 1]->event.fix.time)];
	int64_t to_after = after ? apart(after->event.fix.time, time) : INT64_MAX, to_before = before ? apart(before->event.fix.time, time) : INT64_MAX;
	const struct assess_event *best = to_before < to_after || (to_before == to_after && before < after) ? before : after;
	return best && apart(best->event.fix.time, time) <= most ? best : NULL;
}

struct where place_of(struct run *run, const struct event *event)
{
	const struct places *p = places_of(run);
	int64_t age = run->in->settings.fix_age_ms;
	return (struct where){ nearest(p->fixes, p->fix_count, event->time, age), nearest(p->proofs, p->proof_count, event->time, age) };
}

bool place_proven_since(struct run *run, int64_t time)
{
	const struct places *p = places_of(run);
	return p->proof_count && p->proofs[p->proof_count - 1]->event.fix.time >= time;
}

enum geo_relation place_in_permit(struct run *run, const struct event *event, const struct permit *permit)
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

const char *place_trust(struct run *run, const struct event *event, int64_t received)
{
	const struct places *p = places_of(run);
	for (size_t i = 0; i < p->disturbed_count; i++)
		if (apart(p->disturbed[i]->time, event->time) <= INTERFERENCE_MS)
			return "low";
	bool late = event->late || received - event->time > LATE_MS;
	struct where where = place_of(run, event);
	return late || !where.proof ? "medium" : "high";
}

const struct assess_event *assess_nearest_fix(const struct assess_input *input, const struct event *event)
{
	ARENA_AUTO arena = arena_new();
	struct run run = { .in = input, .arena = arena };
	struct where where = place_of(&run, event);
	return where.proof ? where.proof : where.fix;
}
