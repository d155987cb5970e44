/* result: what the rules made of a voyage, as text that two runs can be held against each other by; and dice that fall the same each time. */
#ifndef SEALGATE_TESTS_SUPPORT_RESULT_H
#define SEALGATE_TESTS_SUPPORT_RESULT_H

#include "assess/assess.h"
#include "lib/json/json.h"

static inline uint32_t dice(uint64_t *state, uint32_t sides)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33) % sides;
}

static inline char *result_text(struct arena *arena, const struct assess_result *r)
{
	BUFFER_AUTO out = { 0 };
	buffer_printf(&out, "%s|%s|door %s|seal %s|fix %s|report %lld|from %lld|until %lld|coverage %.6f|openings %zu %zu|fixes %zu|due %lld %lld\n", r->verdict,
	              r->sentence, r->door, r->seal, r->last_fix ? r->last_fix->id : "-", (long long)r->last_report, (long long)r->watched_from,
	              (long long)r->watched_until, r->coverage, r->openings, r->permitted_openings, r->fixes, (long long)r->assurance_due,
	              (long long)r->next_due);
	for (size_t i = 0; i < r->gap_count; i++)
		buffer_printf(&out, "gap %lld %lld %s %s\n", (long long)r->gaps[i].from, (long long)r->gaps[i].until, r->gaps[i].near_lat ? r->gaps[i].near_lat : "-",
		              r->gaps[i].near_lon ? r->gaps[i].near_lon : "-");
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding *f = &r->findings[i];
		buffer_printf(&out, "finding %s %d %s %s %s %s %s %s %lld %s\n", f->cause, (int)f->severity, f->events[0], f->template, f->trust, f->act,
		              f->act_at ? f->act_at : "-", f->sentence, (long long)f->until, json_to_text(arena, f->values, JSON_COMPACT));
	}
	for (size_t i = 0; i < r->derived_count; i++)
		buffer_printf(&out, "derived %s %s\n", r->derived[i].id, json_to_text(arena, r->derived[i].event.json, JSON_COMPACT));
	for (size_t i = 0; i < r->superseded_count; i++)
		buffer_printf(&out, "superseded %s\n", r->superseded[i]);
	return arena_text(arena, buffer_text(&out));
}

#endif
