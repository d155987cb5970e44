/* Folding: on a long voyage most rows only say that the box was where it should be. What the rules still ask of them is how well it was
 * watched (a sum), and which fix is nearest to something that happened. All others are kept.
 *
 * Why it is enough. Changes of state: rows that repeat what a device said last change nothing, so its first word and the rows that show a
 * change say the same as all of them. Doors: events are kept; besides, the first word that it was closed and the last word of all are asked
 * for. Places: for what is kept, the nearest fix and the nearest proof; for what comes later, no fix up to `until` can be nearer than the
 * latest one, so that one (of equal ones the first, as place_of takes it) is kept, and whatever says to be later than `until`.
 */
#include "assess/inside.h"

static bool is_telling_type(enum event_type type)
{
	switch (type) {
	case EVENT_DOOR_OPENED:
	case EVENT_DOOR_CLOSED:
	case EVENT_LIGHT_DETECTED:
	case EVENT_SEAL_APPLIED:
	case EVENT_SEAL_REMOVED:
	case EVENT_SEAL_BROKEN:
	case EVENT_SEAL_MISMATCH:
	case EVENT_GNSS_INTERFERENCE:
		return true;
	default:
		return false;
	}
}

static bool tells(const struct run *run, size_t i)
{
	const struct assess_event *row = &run->in->events[i];
	const struct event *e = &row->event;
	return run->telling[i] || row->is_derived || is_telling_type(e->type) || e->seal_number || e->seal_condition || is_light(run, e);
}

static void keep_row(const struct run *run, bool *keeps, const struct assess_event *row)
{
	if (row)
		keeps[row - run->in->events] = true;
}

/* Whose fix is the latest of those up to `until`. */
static void keep_latest(const struct run *run, bool *keeps, size_t count, bool proof)
{
	const struct assess_event *latest = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct assess_event *row = &run->in->events[i];
		if (row->is_derived || !row->event.fix.source || (proof && !fix_is_proof(&row->event.fix)))
			continue;
		if (!latest || row->event.fix.time > latest->event.fix.time)
			latest = row;
	}
	keep_row(run, keeps, latest);
}

static void keep_last_words(const struct run *run, bool *keeps, size_t count)
{
	const struct assess_event *last = NULL, *last_fix = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct assess_event *row = &run->in->events[i];
		if (row->is_derived)
			continue;
		last = row;
		if (row->event.fix.source)
			last_fix = row;
	}
	keep_row(run, keeps, last);
	keep_row(run, keeps, last_fix);
}

void assess_fold(const struct assess_input *input, int64_t until, struct arena *arena, bool *keeps, struct assess_folded *folded_r)
{
	struct assess_result result = { 0 };
	struct assess_input so_far = *input;  /* what comes later may be taken back, and then these are the nearest and the last */
	so_far.event_count = 0;
	while (so_far.event_count < input->event_count && input->events[so_far.event_count].event.time <= until)
		keeps[so_far.event_count++] = false;
	size_t count = so_far.event_count;
	struct run run = { .in = &so_far, .arena = arena, .out = &result, .look_again = CLOCK_NONE };
	run.telling = arena_array(arena, count + 1, sizeof *run.telling);
	states_find(&run);
	for (size_t i = 0; i < count; i++) {
		const struct event *e = &input->events[i].event;
		keeps[i] |= e->fix.source && e->fix.time > until;
		if (!tells(&run, i))
			continue;
		struct where where = place_of(&run, e);
		keeps[i] = true;
		keep_row(&run, keeps, where.fix);
		keep_row(&run, keeps, where.proof);
	}
	keep_latest(&run, keeps, count, false);
	keep_latest(&run, keeps, count, true);
	keep_last_words(&run, keeps, count);
	coverage_fold(&run, until, folded_r);
}
