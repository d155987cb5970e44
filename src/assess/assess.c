#include "assess/assess.h"

#include <string.h>

#include "assess/inside.h"
#include "lib/base/text.h"

#define HOUR_MS ((int64_t)3600 * 1000)

const struct assess_settings assess_defaults = { .light_lux = 1, .merge_ms = HOUR_MS / 6, .fix_age_ms = 6 * HOUR_MS,
	.fix_wait_ms = HOUR_MS / 12, .interval_ms = 6 * HOUR_MS, .slack = 1.25, .assurance_ms = 24 * HOUR_MS };

struct finding *run_add_finding(struct run *run, const char *rule, const char *version, const char *code, enum severity severity,
                                int64_t time, const char *event)
{
	if (run->finding_count == run->finding_room) {
		size_t room = run->finding_room ? run->finding_room * 2 : 8;
		struct finding *wider = arena_array(run->arena, room, sizeof *wider);
		if (run->finding_count)
			memcpy(wider, run->findings, run->finding_count * sizeof *wider);
		run->findings = wider;
		run->finding_room = room;
	}
	const char **events = arena_array(run->arena, 1, sizeof *events);
	events[0] = event;
	struct finding *f = &run->findings[run->finding_count++];
	*f = (struct finding){ .rule = rule, .version = version, .code = code, .severity = severity, .time = time, .events = events,
		.event_count = 1, .values = json_new_object(run->arena), .trust = "medium", .until = CLOCK_NONE };
	const char *journey = run->in->journey ? run->in->journey->id : "";
	f->cause = arena_printf(run->arena, "%s|%s|%s|%s", rule, run->in->container, journey, event);
	deadline_set(run, f);
	return f;
}

/* Opened by right, and nobody has said yet that it was sealed again: not an alarm, and not fine. */
static bool is_resealed(const struct run *run, int64_t since)
{
	for (size_t i = 0; i < run->in->seal_change_count; i++)
		if (run->in->seal_changes[i].at >= since)
			return true;
	for (size_t i = 0; i < run->in->event_count; i++)
		if (run->in->events[i].event.type == EVENT_SEAL_APPLIED && run->in->events[i].event.time >= since)
			return true;
	const struct journey *journey = run->in->journey;
	for (size_t i = 0; i < journey->seal_count; i++)
		if (journey->seals[i].at != CLOCK_NONE && journey->seals[i].at >= since)
			return true;
	return false;
}

static void seal_now(struct run *run)
{
	if (text_equal(run->out->seal, "mismatch"))
		return;
	run->out->seal = run->in->journey && run->in->journey->seal_count ? "ok" : "unknown";
	for (size_t i = 0; i < run->opening_count; i++)
		if (run->in->journey && run->openings[i].permit && !is_resealed(run, run->openings[i].from))
			run->out->seal = "unknown";
}

static void last_words(struct run *run)
{
	run->out->last_report = CLOCK_NONE;
	for (size_t i = 0; i < run->in->event_count; i++) {
		const struct assess_event *row = &run->in->events[i];
		if (row->is_derived)
			continue;
		run->out->last_report = row->event.time;
		if (row->event.fix.source)
			run->out->last_fix = row;
	}
}

static void verdict_find(struct run *run)
{
	struct assess_result *out = run->out;
	enum severity worst = SEVERITY_LOW;
	for (size_t i = 0; i < run->finding_count; i++)
		worst = run->findings[i].severity > worst ? run->findings[i].severity : worst;
	const struct assess_gap *last = out->gap_count ? &out->gaps[out->gap_count - 1] : NULL;
	if (!run->in->journey) {
		out->verdict = "no_journey";
		out->sentence = "No journey is registered for this container: its events are kept and assessed once there is one.";
	} else if (run->finding_count && worst == SEVERITY_HIGH) {
		out->verdict = "alarm";
		out->sentence = run->findings[run->finding_count - 1].sentence;
	} else if (run->finding_count) {
		out->verdict = "attention";
		out->sentence = run->findings[run->finding_count - 1].sentence;
	} else if (run->opening_count && run->in->journey->seal_count && text_equal(out->seal, "unknown")) {
		out->verdict = "seal_unknown";
		out->sentence = "Opened by right, and no new seal was reported since.";
	} else if (last && last->until == out->watched_until) {
		out->verdict = "unwatched";
		out->sentence = "The tracker is silent for longer than its reporting interval.";
	} else {
		out->verdict = "intact";
		out->sentence = "No finding: closed, or opened only as permitted.";
	}
}

void assess_run(const struct assess_input *input, struct arena *arena, struct assess_result *result)
{
	*result = (struct assess_result){ .seal = "unknown" };
	struct run run = { .in = input, .arena = arena, .out = result, .look_again = CLOCK_NONE };
	states_find(&run);
#define RULE(function, name, version, code) function(&run, name, version, code);
#include "assess/rules.def"
#undef RULE
	coverage_find(&run);
	if (run.look_again != CLOCK_NONE && (result->next_due == CLOCK_NONE || run.look_again < result->next_due))
		result->next_due = run.look_again;
	seal_now(&run);
	last_words(&run);
	verdict_find(&run);
	result->findings = run.findings;
	result->finding_count = run.finding_count;
}

const char *assess_assurance_refusal(const struct assess_input *input, const struct assess_result *result, double least,
                                     struct arena *arena)
{
	if (!input->journey)
		return "no journey is registered for this container";
	for (size_t i = 0; i < result->finding_count; i++)
		if (result->findings[i].severity >= SEVERITY_MEDIUM)
			return arena_printf(arena, "there is a finding: %s", result->findings[i].sentence);
	if (text_equal(result->seal, "mismatch"))
		return "the seal is not the declared one";
	if (result->coverage < least) {
		char from[CLOCK_TEXT_SIZE];
		int64_t longest = 0, at = CLOCK_NONE;
		for (size_t i = 0; i < result->gap_count; i++)
			if (result->gaps[i].until - result->gaps[i].from > longest) {
				longest = result->gaps[i].until - result->gaps[i].from;
				at = result->gaps[i].from;
			}
		return arena_printf(arena, "the watch covers %.1f %% of the way, less than the %.1f %% agreed; the longest of %zu gaps lasts "
		                    "%lld h from %s", result->coverage, least, result->gap_count, (long long)(longest / HOUR_MS),
		                    at == CLOCK_NONE ? "?" : clock_format(at, from));
	}
	return NULL;
}
