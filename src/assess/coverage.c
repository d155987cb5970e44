/* How much of the way the container was watched: a span counts if the next report came within the device's reporting
 * interval and some slack. */
#include <string.h>

#include "assess/inside.h"

struct walk {
	const struct run *run;
	struct assess_folded so_far;
	struct assess_gap *gaps;
	int64_t until;             /* nothing behind counts */
};

static int64_t interval_of(const struct walk *w)
{
	int64_t interval = w->so_far.interval_ms ? w->so_far.interval_ms : w->run->in->settings.interval_ms;
	return (int64_t)((double)interval * w->run->in->settings.slack);
}

/* ETA at the last place to which the container goes by sea, else its last. */
static int64_t journey_eta(const struct journey *journey)
{
	int64_t sea = CLOCK_NONE, last = CLOCK_NONE;
	for (size_t i = 0; i < journey->leg_count; i++) {
		const struct leg *leg = &journey->legs[i];
		int64_t eta = leg->ata != CLOCK_NONE ? leg->ata : leg->eta;
		if (eta == CLOCK_NONE)
			continue;
		last = eta;
		if (leg->mode && leg->mode[0] == '1')
			sea = eta;
	}
	return sea != CLOCK_NONE ? sea : last;
}

static void watch_until(struct walk *w, int64_t until)
{
	struct assess_folded *f = &w->so_far;
	if (until - f->at > interval_of(w)) {
		w->gaps[f->gap_count++] = (struct assess_gap){ f->at, until, f->near_lat, f->near_lon };
		f->missing += until - f->at;
	}
	f->at = until;
}

/* From where the folding ends, or from the start. */
static struct walk walk_start(const struct run *run, int64_t from, int64_t until)
{
	const struct assess_input *in = run->in;
	struct walk w = { .run = run, .so_far = { .until = INT64_MIN, .at = from }, .until = until };
	if (in->folded)
		w.so_far = *in->folded;
	w.gaps = arena_array(run->arena, w.so_far.gap_count + in->event_count + 2, sizeof *w.gaps);
	if (w.so_far.gap_count)
		memcpy(w.gaps, w.so_far.gaps, w.so_far.gap_count * sizeof *w.gaps);
	w.so_far.gaps = w.gaps;
	return w;
}

/* Events of times up to `last`. */
static void walk_on(struct walk *w, int64_t from, int64_t last)
{
	const struct assess_input *in = w->run->in;
	struct assess_folded *f = &w->so_far;
	int64_t folded = f->until;
	for (size_t i = 0; i < in->event_count && f->at < w->until; i++) {
		const struct event *event = &in->events[i].event;
		if (event->time < from || in->events[i].is_derived || event->time <= folded || event->time > last)
			continue;
		watch_until(w, event->time < w->until ? event->time : w->until);
		f->interval_ms = event->interval_ms;
		if (event->fix.source) {
			f->near_lat = event->fix.lat;
			f->near_lon = event->fix.lon;
			f->fixes++;
		}
	}
}

static bool is_watched(const struct run *run)
{
	return run->in->journey && run->in->journey->from != CLOCK_NONE;
}

static int64_t watched_until(const struct assess_input *in)
{
	return in->journey->until != CLOCK_NONE && in->journey->until < in->now ? in->journey->until : in->now;
}

void coverage_find(struct run *run)
{
	const struct assess_input *in = run->in;
	struct assess_result *out = run->out;
	out->watched_from = out->watched_until = out->assurance_due = out->next_due = CLOCK_NONE;
	if (!is_watched(run))
		return;
	int64_t eta = journey_eta(in->journey);
	if (eta != CLOCK_NONE)
		out->assurance_due = eta - in->settings.assurance_ms;
	if (out->assurance_due != CLOCK_NONE && out->assurance_due > in->now)
		out->next_due = out->assurance_due;
	out->watched_from = in->journey->from;
	out->watched_until = watched_until(in);
	struct walk w = walk_start(run, out->watched_from, out->watched_until);
	walk_on(&w, out->watched_from, INT64_MAX);
	if (out->watched_until > w.so_far.at)
		watch_until(&w, out->watched_until);
	out->gaps = w.gaps;
	out->gap_count = w.so_far.gap_count;
	out->fixes = w.so_far.fixes;
	int64_t whole = out->watched_until - out->watched_from;
	out->coverage = whole > 0 ? 100.0 * (double)(whole - w.so_far.missing) / (double)whole : 0;
}

void coverage_fold(const struct run *run, int64_t until, struct assess_folded *folded_r)
{
	*folded_r = (struct assess_folded){ .until = until };
	if (!is_watched(run))
		return;
	struct walk w = walk_start(run, run->in->journey->from, watched_until(run->in));
	walk_on(&w, run->in->journey->from, until);
	*folded_r = w.so_far;
	folded_r->until = until;
}
