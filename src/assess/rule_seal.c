/* F-SEAL: a seal that somebody saw is not the declared one, or is damaged, missing, broken (UNCL 4517). What is
 * declared changes on the way: seals of the journey, and changes that parties reported. */
#include "assess/inside.h"
#include "lib/base/text.h"

static bool is_declared(const struct run *run, const char *number, int64_t time)
{
	const struct journey *journey = run->in->journey;
	bool declared = false;
	for (size_t i = 0; i < journey->seal_count; i++) {
		const struct seal *seal = &journey->seals[i];
		if (text_equal_nocase(seal->number, number) && (seal->at == CLOCK_NONE || seal->at <= time) &&
		    (seal->removed == CLOCK_NONE || seal->removed >= time))
			declared = true;
	}
	for (size_t i = 0; i < run->in->seal_change_count; i++) {
		const struct assess_seal_change *change = &run->in->seal_changes[i];
		if (change->at > time)
			continue;
		if (text_equal_nocase(change->number, number))
			declared = true;
		else if (text_equal_nocase(change->replaces, number))
			declared = false;
	}
	return declared;
}

static bool any_declared(const struct run *run)
{
	return run->in->journey->seal_count || run->in->seal_change_count;
}

static void report(struct run *run, const struct assess_event *row, enum severity severity, const char *template, const char *sentence,
                   const char *const names[3])
{
	struct finding *f = run_add_finding(run, names[0], names[1], names[2], severity, row->event.time, row->id);
	f->trust = row->event.seal_by ? "high" : "medium";  /* from a person or an electronic seal */
	f->template = template;
	f->sentence = sentence;
	json_set_text(run->arena, f->values, "seal", row->event.seal_number);
	json_set_text(run->arena, f->values, "condition", row->event.seal_condition);
	json_set_text(run->arena, f->values, "by", row->event.seal_by);
	if (!text_equal(run->out->seal, "unknown"))
		run->out->seal = "mismatch";
}

void rule_seal(struct run *run, const char *rule, const char *version, const char *code)
{
	static const char *const words[] = { "", "in right condition", "damaged", "missing", "broken", "a faulty electronic seal" };
	const char *const names[] = { rule, version, code };
	const struct journey *journey = run->in->journey;
	if (!journey)
		return;
	for (size_t i = 0; i < run->in->event_count; i++) {
		const struct assess_event *row = &run->in->events[i];
		const struct event *e = &row->event;
		if (row->is_derived || e->time < journey->from || (journey->until != CLOCK_NONE && e->time > journey->until))
			continue;
		char time[CLOCK_TEXT_SIZE];
		int condition = e->seal_condition ? e->seal_condition[0] - '0' : e->type == EVENT_SEAL_BROKEN ? 4 : 1;
		const char *number = e->seal_number ? e->seal_number : "(no number)";
		clock_format(e->time, time);
		if (condition > 1 && condition <= 5)
			report(run, row, condition == 5 ? SEVERITY_LOW : condition == 2 ? SEVERITY_MEDIUM : SEVERITY_HIGH, "condition",
			       arena_printf(run->arena, "Seal %s was seen to be %s at %s.", number, words[condition], time), names);
		else if (e->type == EVENT_SEAL_MISMATCH ||
		         (e->seal_number && e->type != EVENT_SEAL_APPLIED && any_declared(run) && !is_declared(run, e->seal_number, e->time)))
			report(run, row, SEVERITY_HIGH, "mismatch",
			       arena_printf(run->arena, "Seal %s was seen at %s; it is not the declared one.", number, time), names);
	}
}
