/* F-OPENING: a door was opened outside every permitted place and time. A permit counts only if the gateway had it
 * before the opening; one that came later is shown beside the finding and silences nothing. An empty container may be
 * opened: that is what happens at depots. */
#include <string.h>

#include "assess/inside.h"
#include "lib/base/text.h"

/* The permit by which it was right. *later_r: one that would have done, had it come before. *unsure_r: one whose place
 * is not proven. */
static const struct permit *permit_for(struct run *run, const struct opening *opening, const struct permit **later_r,
                                       const struct permit **unsure_r)
{
	const struct journey *journey = run->in->journey;
	*later_r = *unsure_r = NULL;
	for (size_t i = 0; i < journey->permit_count; i++) {
		const struct permit *permit = &journey->permits[i];
		if (opening->from < permit->from || opening->from > permit->until)
			continue;
		enum geo_relation relation = place_in_permit(run, opening->what, permit);
		if (relation == GEO_OUTSIDE)
			continue;
		if (permit->stored == CLOCK_NONE || permit->stored >= opening->from)
			*later_r = permit;
		else if (relation == GEO_UNSURE)
			*unsure_r = permit;
		else
			return permit;
	}
	return NULL;
}

/* Trackers report the change of the door first and take a fix then. Where a permit was on file for this very time, but no fix at
 * or after the opening has come yet, what the last fix said is no reason for an alarm: the next one is waited for, a while. An
 * opening in nobody's time waits for nothing. */
static bool waits_for_fix(struct run *run, const struct opening *opening)
{
	const struct journey *journey = run->in->journey;
	int64_t until = opening->received + run->in->settings.fix_wait_ms;
	bool in_time = false;
	for (size_t i = 0; i < journey->permit_count; i++) {
		const struct permit *permit = &journey->permits[i];
		in_time |= opening->from >= permit->from && opening->from <= permit->until && permit->stored != CLOCK_NONE && permit->stored < opening->from;
	}
	if (!in_time || run->in->now >= until)
		return false;
	if (place_proven_since(run, opening->from))
		return false;
	if (run->look_again == CLOCK_NONE || until < run->look_again)
		run->look_again = until;
	return true;
}

static void put_time(struct run *run, struct json *values, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (ms != CLOCK_NONE)
		json_set_text(run->arena, values, name, clock_format(ms, text));
}

static void report(struct run *run, const struct opening *opening, const struct permit *later, const struct permit *unsure,
                   const char *rule, const char *version, const char *code)
{
	char time[CLOCK_TEXT_SIZE];
	struct finding *f = run_add_finding(run, rule, version, code, unsure ? SEVERITY_MEDIUM : SEVERITY_HIGH, opening->from,
	                                    opening->event);
	f->trust = place_trust(run, opening->what, opening->received);
	f->template = later ? "later_permit" : unsure ? "unproven" : "outside";
	put_time(run, f->values, "opened", opening->from);
	if (later) {
		put_time(run, f->values, "permit_stored", later->stored);
		json_set_text(run->arena, f->values, "permit_owner", later->owner);
	}
	clock_format(opening->from, time);
	if (later)
		f->sentence = arena_printf(run->arena, "Door opened at %s while loaded; a permit for it was filed only afterwards, by \"%s\".",
		                           time, later->owner ? later->owner : "?");
	else if (unsure)
		f->sentence = arena_printf(run->arena, "Door opened at %s while loaded, in the time of a permit, but no fix proves that it "
		                           "was at the permitted place.", time);
	else
		f->sentence = arena_printf(run->arena, "Door opened at %s while loaded, outside every permitted place and time; no permit "
		                           "was on file before.", time);
}

void rule_opening(struct run *run, const char *rule, const char *version, const char *code)
{
	const struct journey *journey = run->in->journey;
	if (!journey || journey->is_empty)
		return;
	for (size_t i = 0; i < run->opening_count; i++) {
		struct opening *opening = &run->openings[i];
		if (opening->from < journey->from || (journey->until != CLOCK_NONE && opening->from > journey->until))
			continue;
		const struct permit *later, *unsure;
		run->out->openings++;
		opening->permit = permit_for(run, opening, &later, &unsure);
		if (opening->permit)
			run->out->permitted_openings++;
		else if ((!opening->is_merged || run->openings[i - 1].permit) && !waits_for_fix(run, opening))
			report(run, opening, later, unsure, rule, version, code);
	}
}
