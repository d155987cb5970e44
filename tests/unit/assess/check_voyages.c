#include "support/suite.h"

#include "lib/base/id.h"
#include "support/voyage.h"

static struct assess_result run(struct arena *arena, struct voyage *v, const char *now)
{
	struct assess_input in = { .container = v->journey.container, .journey = &v->journey, .events = v->events,
		.event_count = v->count, .settings = assess_defaults };
	struct assess_result result;
	ck_assert_int_eq(clock_parse(now, &in.now, NULL), 0);
	assess_run(&in, arena, &result);
	return result;
}

static const char *refusal(struct arena *arena, struct voyage *v, const char *now)
{
	struct assess_input in = { .container = v->journey.container, .journey = &v->journey, .events = v->events,
		.event_count = v->count, .settings = assess_defaults };
	struct assess_result result;
	ck_assert_int_eq(clock_parse(now, &in.now, NULL), 0);
	assess_run(&in, arena, &result);
	return assess_assurance_refusal(&in, &result, 90, arena);
}

static void check_two_openings(const struct assess_result *r)
{
	char time[CLOCK_TEXT_SIZE];
	ck_assert_uint_eq(r->finding_count, 2);
	ck_assert_str_eq(r->findings[0].code, "F-OPENING");
	ck_assert_str_eq(clock_format(r->findings[0].time, time), "2016-02-03T01:48:21Z");
	ck_assert_str_eq(r->findings[1].code, "F-OPENING");
	ck_assert_str_eq(clock_format(r->findings[1].time, time), "2016-02-03T03:34:55Z");
}

START_TEST(voyage_c_was_opened_twice_and_delivered_by_right)
{
	ARENA_AUTO arena = arena_new();
	struct voyage v = voyage_load(arena, "C", NULL);
	struct assess_result r = run(arena, &v, "2016-02-27T13:00:00Z");
	check_two_openings(&r);
	ck_assert_uint_eq(r.openings, 4);
	ck_assert_uint_eq(r.permitted_openings, 2);
	ck_assert_str_eq(r.verdict, "alarm");
	ck_assert_str_eq(r.door, "open");
	struct assess_result then = run(arena, &v, "2016-02-03T02:00:00Z");
	ck_assert_str_eq(then.findings[0].act, "do_not_load");
	ck_assert_str_eq(then.findings[0].act_at, "CNYSA");
	then = run(arena, &v, "2016-02-10T02:00:00Z");
	ck_assert_str_eq(then.findings[0].act, "control");
	ck_assert_str_eq(then.findings[0].act_at, "USLAX");
	then = run(arena, &v, "2016-02-25T02:00:00Z");
	ck_assert_str_eq(then.findings[0].act, "gate_hold");
}
END_TEST

/* The tracker at the customer's yard tells of the door first, and of the place 36 seconds later. */
START_TEST(an_opening_in_a_permits_time_waits_for_the_fix_that_says_where)
{
	ARENA_AUTO arena = arena_new();
	struct voyage v = voyage_load(arena, "H", NULL);
	int64_t opened;
	must_succeed(clock_parse("2016-03-11T15:45:02Z", &opened, error));
	while (v.events[v.count - 1].event.time > opened)
		v.count--;
	struct assess_result then = run(arena, &v, "2016-03-11T15:45:03Z");
	ck_assert_uint_eq(then.finding_count, 0);
	ck_assert_int_eq(then.next_due, opened + 1000 + assess_defaults.fix_wait_ms);
	then = run(arena, &v, "2016-03-11T15:50:04Z");  /* none has come */
	ck_assert_uint_eq(then.finding_count, 1);
	ck_assert_str_eq(then.findings[0].code, "F-OPENING");

	struct voyage in_nobodys_time = voyage_load(arena, "C", NULL);
	must_succeed(clock_parse("2016-02-03T01:48:21Z", &opened, error));
	while (in_nobodys_time.events[in_nobodys_time.count - 1].event.time > opened)
		in_nobodys_time.count--;
	then = run(arena, &in_nobodys_time, "2016-02-03T01:48:22Z");
	ck_assert_uint_eq(then.finding_count, 1);
}
END_TEST

START_TEST(a_permit_filed_after_the_opening_silences_nothing)
{
	ARENA_AUTO arena = arena_new();
	struct voyage v = voyage_load(arena, "C", NULL);
	struct permit *late = arena_array(arena, 2, sizeof *late);
	late[0] = v.journey.permits[0];
	late[0].stored = late[0].until;
	v.journey.permits = late;
	struct assess_result r = run(arena, &v, "2016-02-27T13:00:00Z");
	ck_assert_uint_eq(r.finding_count, 4);
	ck_assert_str_eq(r.findings[2].template, "later_permit");
}
END_TEST

START_TEST(order_of_arrival_and_repeats_change_nothing)
{
	for (int round = 0; round < 5; round++) {
		ARENA_AUTO arena = arena_new();
		struct voyage v = voyage_load(arena, "C", NULL);
		struct assess_result plain = run(arena, &v, "2016-02-27T13:00:00Z");
		/* what an earlier run derived from a part of the rows is in the store when the rest comes */
		struct voyage part = v;
		part.events = arena_array(arena, v.count * 2, sizeof *part.events);
		part.count = 0;
		for (size_t i = 0; i < v.count; i++) {
			uint8_t dice;
			entropy_fill(&dice, 1);
			if (dice % 3)
				part.events[part.count++] = v.events[i];
		}
		struct assess_result first = run(arena, &part, "2016-02-27T13:00:00Z");
		struct assess_event *all = arena_array(arena, v.count + first.derived_count, sizeof *all);
		memcpy(all, v.events, v.count * sizeof *all);
		for (size_t i = 0; i < first.derived_count; i++)
			all[v.count + i] = (struct assess_event){ first.derived[i].event, first.derived[i].id, 0, true };
		struct voyage whole = { v.journey, all, v.count + first.derived_count };
		qsort(whole.events, whole.count, sizeof *all, voyage_by_time);
		struct assess_result again = run(arena, &whole, "2016-02-27T13:00:00Z");
		check_two_openings(&again);
		ck_assert_str_eq(again.findings[0].cause, plain.findings[0].cause);
		ck_assert_uint_eq(again.derived_count + first.derived_count - again.superseded_count, plain.derived_count);
	}
}
END_TEST

static bool first_and_last_third(size_t i, size_t count)
{
	return i < count / 3 || i >= 2 * count / 3;
}

START_TEST(voyage_h_is_clean_and_well_watched)
{
	ARENA_AUTO arena = arena_new();
	struct voyage v = voyage_load(arena, "H", NULL);
	struct assess_result r = run(arena, &v, "2016-03-08T12:30:00Z");
	ck_assert_uint_eq(r.finding_count, 0);
	ck_assert(r.coverage > 99);
	ck_assert(r.assurance_due <= 1457440200000);
	ck_assert_ptr_null(refusal(arena, &v, "2016-03-08T12:30:00Z"));
	r = run(arena, &v, "2016-03-12T12:00:00Z");
	ck_assert_uint_eq(r.finding_count, 0);
	ck_assert_uint_eq(r.permitted_openings, 1);
	ck_assert_str_eq(r.verdict, "seal_unknown");
}
END_TEST

START_TEST(with_a_third_of_the_rows_gone_no_assurance_is_given)
{
	ARENA_AUTO arena = arena_new();
	struct voyage v = voyage_load(arena, "H", first_and_last_third);
	struct assess_result r = run(arena, &v, "2016-03-08T12:30:00Z");
	ck_assert(r.coverage < 90);
	const char *why = refusal(arena, &v, "2016-03-08T12:30:00Z");
	ck_assert_ptr_nonnull(why);
	ck_assert_msg(strstr(why, "less than the 90.0 % agreed") != NULL, "%s", why);
}
END_TEST

START_TEST(without_a_journey_nothing_is_concluded)
{
	ARENA_AUTO arena = arena_new();
	struct voyage v = voyage_load(arena, "C", NULL);
	struct assess_input in = { .container = "CSQU3054383", .events = v.events, .event_count = v.count, .settings = assess_defaults,
		.now = 1456578000000 };
	struct assess_result r;
	assess_run(&in, arena, &r);
	ck_assert_uint_eq(r.finding_count, 0);
	ck_assert_str_eq(r.verdict, "no_journey");
	ck_assert(r.derived_count > 0);
}
END_TEST

/* A box that stays closed, with one event put into it. */
static struct assess_result with_event(struct arena *arena, const char *event)
{
	struct voyage v = voyage_load(arena, "H", NULL);
	struct json *json;
	struct assess_event *events = arena_array(arena, v.count + 1, sizeof *events);
	memcpy(events, v.events, v.count * sizeof *events);
	must_succeed(json_parse(arena, bytes_of_text(event), NULL, &json, error));
	must_succeed(event_read(arena, json, CLOCK_NONE, &events[v.count].event, error));
	events[v.count].id = "added";
	qsort(events, v.count + 1, sizeof *events, voyage_by_time);
	v.events = events;
	v.count++;
	return run(arena, &v, "2016-03-08T12:30:00Z");
}

START_TEST(light_and_seals_are_judged)
{
	static const struct { const char *event, *code, *template; } rows[] = {
		{ "{\"id\":\"1\",\"type\":\"status\",\"time\":\"2016-02-20T00:00:00Z\",\"device\":{\"id\":\"x\"},\"readings\":[{\"kind\":\"light\",\"value\":\"40.5\"}]}",
		  "F-HIDDENENTRY", "light" },
		{ "{\"id\":\"1\",\"type\":\"status\",\"time\":\"2016-02-20T00:00:00Z\",\"device\":{\"id\":\"x\"},\"readings\":[{\"kind\":\"light\",\"value\":\"0.05\"}]}",
		  NULL, NULL },
		{ "{\"id\":\"1\",\"type\":\"gate_in\",\"time\":\"2016-02-02T14:00:00Z\",\"device\":{\"id\":\"g\"},\"seal\":{\"number\":\"H7654321\",\"condition\":\"1\",\"by\":\"TO\"}}",
		  NULL, NULL },
		{ "{\"id\":\"1\",\"type\":\"gate_in\",\"time\":\"2016-02-02T14:00:00Z\",\"device\":{\"id\":\"g\"},\"seal\":{\"number\":\"X99\",\"by\":\"TO\"}}",
		  "F-SEAL", "mismatch" },
		{ "{\"id\":\"1\",\"type\":\"inspected\",\"time\":\"2016-02-02T14:00:00Z\",\"device\":{\"id\":\"g\"},\"seal\":{\"number\":\"H7654321\",\"condition\":\"4\",\"by\":\"TO\"}}",
		  "F-SEAL", "condition" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ARENA_AUTO arena = arena_new();
		struct assess_result r = with_event(arena, rows[i].event);
		ck_assert_uint_eq(r.finding_count, rows[i].code ? 1 : 0);
		if (rows[i].code) {
			ck_assert_str_eq(r.findings[0].code, rows[i].code);
			ck_assert_str_eq(r.findings[0].template, rows[i].template);
		}
	}
}
END_TEST

START_TEST(a_cell_fix_alone_proves_no_place)
{
	ARENA_AUTO arena = arena_new();
	struct voyage v = voyage_load(arena, "C", NULL);
	for (size_t i = 0; i < v.count; i++)
		if (v.events[i].event.fix.source == FIX_GNSS)
			v.events[i].event.fix.source = FIX_CELL;
	struct assess_result r = run(arena, &v, "2016-02-27T13:00:00Z");
	ck_assert_uint_eq(r.finding_count, 4);
	ck_assert_str_eq(r.findings[2].template, "unproven");
	ck_assert_int_eq(r.findings[2].severity, SEVERITY_MEDIUM);
}
END_TEST

SUITE("voyages", voyage_c_was_opened_twice_and_delivered_by_right, an_opening_in_a_permits_time_waits_for_the_fix_that_says_where, a_permit_filed_after_the_opening_silences_nothing,
      order_of_arrival_and_repeats_change_nothing, voyage_h_is_clean_and_well_watched,
      with_a_third_of_the_rows_gone_no_assurance_is_given, without_a_journey_nothing_is_concluded, light_and_seals_are_judged,
      a_cell_fix_alone_proves_no_place)
