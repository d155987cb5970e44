#include "sandbox/judge.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "model/container.h"

#define FUTURE_MS (5 * 60 * 1000)

static bool object(struct arena *arena, struct decision *d, const char *code, const char *pointer, const char *text)
{
	d->function = "03";
	d->why = text;
	d->objection = (struct objection){ code, text, arena_text(arena, pointer) };
	return true;
}

static bool is_finding(const struct statement *s)
{
	return text_starts(s->code, "F-");
}

/* Somebody was, or may have been, in the box. */
static bool is_opening(const struct statement *s)
{
	return text_equal(s->code, "F-OPENING") || text_equal(s->code, "F-HIDDENENTRY") || text_equal(s->code, "F-SEAL");
}

static int severity_of(struct arena *arena, const struct statement *s)
{
	const char *severity = statement_value(arena, s, "sev");
	return text_equal(severity, "high") ? 3 : text_equal(severity, "medium") ? 2 : text_equal(severity, "low") ? 1 : 0;
}

/* ---- what is wrong with it ---- */

static bool objects_to_statements(struct arena *arena, const struct declaration *d, struct decision *out)
{
	size_t findings = 0, none = 0;
	for (size_t i = 0; i < d->statement_count; i++) {
		const struct statement *s = &d->statements[i];
		bool nothing = text_equal(s->code, "F-NOFINDING"), wants_severity = is_finding(s) && !nothing;
		none += nothing;
		findings += is_finding(s) || text_equal(s->code, "RETRACTED");
		if (wants_severity && !severity_of(arena, s))
			return object(arena, out, "SBX30225", arena_printf(arena, "42A/03A[%zu]/225", i + 1),
			              "the finding does not say how severe it is (sev=high, medium or low at the end of its description)");
	}
	if (d->kind == LODGED_REPORT && (!findings || none))
		return object(arena, out, "SBX30226", "42A/03A/226", "an integrity report holds a finding (F-...) or a retraction, and not F-NOFINDING");
	if (d->kind == LODGED_ASSURANCE && (findings != 1 || none != 1))
		return object(arena, out, "SBX30227", "42A/03A/226", "an assurance holds F-NOFINDING and no other finding");
	return false;
}

static bool objects(struct arena *arena, const struct declaration *d, enum known known, int64_t now, struct decision *out)
{
	bool report = d->kind == LODGED_REPORT || d->kind == LODGED_ASSURANCE;
	if (d->kind == LODGED_OTHER)
		return object(arena, out, "SBX12014", "42A/D013",
		              "the type is none that is taken with this function: SCI and SCA with function 9, INV and GPR with 13");
	if (!report && !d->id)
		return object(arena, out, "SBX12015", "42A/D014", "the identifier of the declaration that is meant is missing");
	if (d->kind == LODGED_WITHDRAWAL && known != KNOWN_STANDS)
		return object(arena, out, known == KNOWN_NOT ? "SBX12015" : "SBX12016", "42A/D014",
		              known == KNOWN_NOT        ? "no report is known by this identifier, or another party lodged it"
		              : known == KNOWN_REJECTED ? "the report was rejected: there is nothing to withdraw"
		                                        : "the report was withdrawn before");
	if (report && now != CLOCK_NONE && d->issued != CLOCK_NONE && d->issued > now + FUTURE_MS)
		return object(arena, out, "SBX12011", "42A/D011", "the document was issued in the future");
	if (report && (!d->container || !container_is_iso(d->container)))
		return object(arena, out, "SBX31159", "42A/67A/28A/31B/159", "the container number is none of ISO 6346, or its check digit is wrong");
	return report && objects_to_statements(arena, d, out);
}

/* ---- what follows from it ---- */

static void weigh(struct arena *arena, const struct declaration *d, struct decision *out)
{
	int worst = 1;
	out->function = "01";
	for (size_t i = 0; i < d->statement_count; i++) {
		const struct statement *s = &d->statements[i];
		if (text_equal(s->code, "RETRACTED")) {  /* what it says of the finding is history */
			out->finding = NULL;
			out->why = "the report before it is taken back: nothing more is asked for";
			return;
		}
		int severity = is_opening(s) ? severity_of(arena, s) : 0;
		if (severity <= worst)
			continue;
		worst = severity;
		out->finding = s;
	}
	out->why = "nothing in it asks for a control";
	if (!out->finding)
		return;
	out->function = "05";
	out->thorough = worst >= 3;
	out->why = arena_printf(arena, "%s of %s severity is not explained", out->finding->code, worst >= 3 ? "high" : "medium");
}

void judge(struct arena *arena, const struct declaration *d, enum known known, int64_t now, struct decision *decision_r)
{
	struct decision out = { 0 };
	if (!objects(arena, d, known, now, &out)) {
		if (d->kind == LODGED_REPORT) {
			weigh(arena, d, &out);
		} else if (d->kind == LODGED_ARRIVAL) {
			out.function = known == KNOWN_STANDS ? "01" : "02";
			out.why = known == KNOWN_STANDS ? "the goods have arrived" : "the declaration it names was lodged elsewhere: registered";
		} else {
			out.function = d->kind == LODGED_WITHDRAWAL ? "10" : "01";
			out.why = d->kind == LODGED_WITHDRAWAL ? "the report is withdrawn" : "the assurance is on file";
		}
	}
	*decision_r = out;
}

size_t judge_by_scenario(const struct scenarios *s, const struct declaration *d, const char **functions)
{
	static const struct {
		enum scenario scenario;
		const char *function;
	} table[] = { { SCENARIO_REJECT, "03" }, { SCENARIO_DOCUMENTS, "06" }, { SCENARIO_QUESTION, "51" }, { SCENARIO_HOLD, "50" } };
	size_t count = 0;
	if (d->kind != LODGED_REPORT && d->kind != LODGED_ASSURANCE)
		return 0;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (s->on[table[i].scenario] && (i == 0 || !s->on[SCENARIO_REJECT]))
			functions[count++] = table[i].function;
	return count;
}
