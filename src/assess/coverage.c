/* How much of the way the container was watched: a span counts if the next report came within the device's reporting
 * interval and some slack. */
#include "assess/inside.h"

static int64_t interval_of(const struct run *run, const struct event *event)
{
	int64_t interval = event && event->interval_ms ? event->interval_ms : run->in->settings.interval_ms;
	return (int64_t)((double)interval * run->in->settings.slack);
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

static void add_gap(struct run *run, struct assess_gap *gaps, int64_t from, int64_t until, const struct event *near, int64_t *missing)
{
	gaps[run->out->gap_count++] = (struct assess_gap){ from, until, near ? near->fix.lat : NULL, near ? near->fix.lon : NULL };
	*missing += until - from;
}

void coverage_find(struct run *run)
{
	const struct assess_input *in = run->in;
	struct assess_result *out = run->out;
	out->watched_from = out->watched_until = out->assurance_due = out->next_due = CLOCK_NONE;
	if (!in->journey || in->journey->from == CLOCK_NONE)
		return;
	int64_t eta = journey_eta(in->journey);
	if (eta != CLOCK_NONE)
		out->assurance_due = eta - in->settings.assurance_ms;
	if (out->assurance_due != CLOCK_NONE && out->assurance_due > in->now)
		out->next_due = out->assurance_due;
	out->watched_from = in->journey->from;
	out->watched_until = in->journey->until != CLOCK_NONE && in->journey->until < in->now ? in->journey->until : in->now;
	int64_t at = out->watched_from, missing = 0;
	struct assess_gap *gaps = arena_array(run->arena, in->event_count + 2, sizeof *gaps);
	const struct event *before = NULL, *near = NULL;
	for (size_t i = 0; i < in->event_count && at < out->watched_until; i++) {
		const struct event *event = &in->events[i].event;
		if (event->time < out->watched_from || in->events[i].is_derived)
			continue;
		int64_t until = event->time < out->watched_until ? event->time : out->watched_until;
		if (until - at > interval_of(run, before))
			add_gap(run, gaps, at, until, near, &missing);
		at = until;
		before = event;
		near = event->fix.source ? event : near;
		out->fixes += event->fix.source != FIX_NONE;
	}
	if (out->watched_until - at > interval_of(run, before))
		add_gap(run, gaps, at, out->watched_until, near, &missing);
	out->gaps = gaps;
	int64_t whole = out->watched_until - out->watched_from;
	out->coverage = whole > 0 ? 100.0 * (double)(whole - missing) / (double)whole : 0;
}
