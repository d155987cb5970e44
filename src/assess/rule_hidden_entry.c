/* F-HIDDENENTRY: light in a box whose door is closed: it was entered by the hinges, the roof or a panel. A door that
 * opens or closes is not seen at the same second as the light: five minutes around an opening do not count. */
#include "assess/inside.h"
#include "lib/base/text.h"

#define AROUND_MS (5 * 60 * 1000)
#define SAME_MS (60 * 60 * 1000)

bool is_light(const struct run *run, const struct event *event)
{
	const char *lux = event_reading(event, "light");
	if (lux && text_is_decimal(lux))
		return text_double(lux) > run->in->settings.light_lux;
	return event->type == EVENT_LIGHT_DETECTED;
}

void rule_hidden_entry(struct run *run, const char *rule, const char *version, const char *code)
{
	const struct journey *journey = run->in->journey;
	int64_t last = CLOCK_NONE;
	if (!journey || journey->is_empty)
		return;
	for (size_t i = 0; i < run->in->event_count; i++) {
		const struct assess_event *row = &run->in->events[i];
		int64_t time = row->event.time;
		if (row->is_derived || !is_light(run, &row->event) || time < journey->from ||
		    (journey->until != CLOCK_NONE && time > journey->until) || !states_closed_at(run, time, AROUND_MS))
			continue;
		bool same = last != CLOCK_NONE && time - last <= SAME_MS;
		last = time;
		if (same)
			continue;
		char text[CLOCK_TEXT_SIZE];
		struct finding *f = run_add_finding(run, rule, version, code, SEVERITY_HIGH, time, row->id);
		const char *lux = event_reading(&row->event, "light");
		f->trust = place_trust(run, &row->event, row->received);
		f->template = "light";
		json_set_text(run->arena, f->values, "seen", clock_format(time, text));
		json_set_text(run->arena, f->values, "lux", lux);
		f->sentence = arena_printf(run->arena, "Light%s%s%s in the container at %s with its door closed: it may have been entered "
		                           "without opening the door.", lux ? " of " : "", lux ? lux : "", lux ? " lux" : "",
		                           clock_format(time, text));
	}
}
