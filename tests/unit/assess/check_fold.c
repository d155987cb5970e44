/* Whatever is folded, and however often: the rules come to the same as over all events. */
#include "support/suite.h"

#include "support/result.h"
#include "support/voyage.h"

/* What a voyage may hold besides, put somewhere into it. */
static const char *const extras[] = {
	"\"type\":\"light_detected\",\"device\":{\"id\":\"x\"}",
	"\"type\":\"status\",\"device\":{\"id\":\"x\"},\"readings\":[{\"kind\":\"light\",\"value\":\"40.5\"}]",
	"\"type\":\"status\",\"device\":{\"id\":\"y\"},\"readings\":[{\"kind\":\"door\",\"value\":\"open\"}]",
	"\"type\":\"status\",\"device\":{\"id\":\"y\"},\"readings\":[{\"kind\":\"door\",\"value\":\"closed\"},{\"kind\":\"motion\",\"value\":\"moving\"}]",
	"\"type\":\"gate_in\",\"device\":{\"id\":\"g\"},\"seal\":{\"number\":\"X99\",\"by\":\"TO\"}",
	"\"type\":\"seal_applied\",\"device\":{\"id\":\"g\"},\"seal\":{\"number\":\"H1\",\"by\":\"TO\"}",
	"\"type\":\"gnss_interference\",\"device\":{\"id\":\"x\"}",
	"\"type\":\"door_opened\",\"device\":{\"id\":\"z\"}",
	"\"type\":\"door_closed\",\"device\":{\"id\":\"z\"}",
	"\"type\":\"position\",\"device\":{\"id\":\"x\"},\"position\":{\"lat\":\"30.6\",\"lon\":\"122.1\",\"source\":\"cell\"}",
};

static void extra_add(struct arena *arena, struct voyage *v, uint64_t *state)
{
	char time[CLOCK_TEXT_SIZE];
	struct json *json;
	struct assess_event *e = &v->events[v->count];
	int64_t at = v->events[dice(state, (uint32_t)v->count)].event.time + dice(state, 600) * 1000;
	char *text = arena_printf(arena, "{\"id\":\"extra-%zu\",\"time\":\"%s\",%s}", v->count, clock_format(at, time),
	                          extras[dice(state, sizeof extras / sizeof *extras)]);
	must_succeed(json_parse(arena, bytes_of_text(text), NULL, &json, error));
	must_succeed(event_read(arena, json, CLOCK_NONE, &e->event, error));
	e->id = e->event.id;
	e->received = at + 1000;
	v->count++;
}

static void sort(struct voyage *v)
{
	qsort(v->events, v->count, sizeof *v->events, voyage_by_time);
}

/* A fix that was taken long before it was reported, or by a clock that runs ahead; a reporting interval; a cell where it was none. */
static void disturb(struct voyage *v, uint64_t *state)
{
	for (int i = 0; i < 40; i++) {
		struct event *e = &v->events[dice(state, (uint32_t)v->count)].event;
		e->fix.time += ((int64_t)dice(state, 8 * 3600) - 6 * 3600) * 1000;
		e = &v->events[dice(state, (uint32_t)v->count)].event;
		e->interval_ms = (int64_t)dice(state, 3) * 1800000;
		e = &v->events[dice(state, (uint32_t)v->count)].event;
		e->fix.source = e->fix.source ? FIX_CELL : e->fix.source;
	}
}

static struct assess_input input_of(const struct voyage *v, int64_t now)
{
	return (struct assess_input){ .container = v->journey.container, .journey = &v->journey, .events = v->events, .event_count = v->count,
		                      .settings = assess_defaults, .now = now };
}

/* What an earlier look derived from a part is there as well. */
static void derived_add(struct arena *arena, struct voyage *v, size_t part)
{
	struct assess_input in = input_of(v, v->events[v->count - 1].event.time);
	struct assess_result r;
	in.event_count = part;
	assess_run(&in, arena, &r);
	for (size_t i = 0; i < r.derived_count; i++)
		v->events[v->count++] = (struct assess_event){ r.derived[i].event, r.derived[i].id, 0, true };
	sort(v);
}

static struct voyage voyage_make(struct arena *arena, const char *name, uint64_t *state)
{
	struct voyage v = voyage_load(arena, name, NULL);
	struct assess_event *events = arena_array(arena, 3 * v.count, sizeof *events);
	memcpy(events, v.events, v.count * sizeof *events);
	v.events = events;
	for (uint32_t i = dice(state, 30); i > 0; i--)
		extra_add(arena, &v, state);
	sort(&v);
	disturb(&v, state);
	derived_add(arena, &v, dice(state, (uint32_t)v.count + 1));
	return v;
}

static size_t before(const struct voyage *v, int64_t until)
{
	size_t count = 0;
	while (count < v->count && v->events[count].event.time <= until)
		count++;
	return count;
}

/* Folded at `until`, of what is there of `v` by then: `kept` (in, out) stands for all up to `folded`. */
static size_t fold(struct arena *arena, const struct voyage *v, struct assess_event *kept, size_t count, struct assess_folded *folded, int64_t until,
                   size_t behind)
{
	struct voyage seen = { v->journey, kept, count };
	size_t last = before(v, until), there = last + behind < v->count ? last + behind : v->count;
	bool *keeps = arena_array(arena, v->count + 1, sizeof *keeps);
	for (size_t i = folded->until == INT64_MIN ? 0 : before(v, folded->until); i < there; i++)
		seen.events[seen.count++] = v->events[i];
	struct assess_input in = input_of(&seen, v->events[there - 1].event.time);
	in.folded = folded->until == INT64_MIN ? NULL : folded;
	struct assess_folded next;
	assess_fold(&in, until, arena, keeps, &next);
	*folded = next;
	count = 0;
	for (size_t i = 0; i < seen.count && seen.events[i].event.time <= until; i++)
		if (keeps[i])
			kept[count++] = seen.events[i];
	return count;
}

static void same(const char *name, uint64_t seed, const struct voyage *v, const struct assess_event *kept, size_t count, const struct assess_folded *folded,
                 size_t there, int64_t now)
{
	ARENA_AUTO arena = arena_new();
	struct voyage whole = { v->journey, v->events, there }, part = { v->journey, arena_array(arena, count + there + 1, sizeof *kept), count };
	struct assess_result a, b;
	memcpy(part.events, kept, count * sizeof *kept);
	for (size_t i = before(v, folded->until); i < there; i++)
		part.events[part.count++] = v->events[i];
	struct assess_input all = input_of(&whole, now), some = input_of(&part, now);
	some.folded = folded;
	assess_run(&all, arena, &a);
	assess_run(&some, arena, &b);
	const char *wanted = result_text(arena, &a), *got = result_text(arena, &b);
	ck_assert_msg(strcmp(wanted, got) == 0, "voyage %s, seed %llu, %zu of %zu events, %zu kept:\n%.1500s\ninstead of\n%.1500s", name, (unsigned long long)seed, part.count,
	              there, count, got, wanted);
}

static void folded_again_and_again(const char *name, uint64_t seed)
{
	ARENA_AUTO arena = arena_new();
	uint64_t state = seed;
	struct voyage v = voyage_make(arena, name, &state);
	struct assess_event *kept = arena_array(arena, 2 * v.count, sizeof *kept);
	struct assess_folded folded = { .until = INT64_MIN };
	size_t count = 0;
	for (size_t at = 0;;) {
		size_t least = before(&v, folded.until) + 1;
		at = (least > at ? least : at) + dice(&state, (uint32_t)v.count / 3);
		if (at >= v.count)
			break;
		size_t behind = dice(&state, 40);
		count = fold(arena, &v, kept, count, &folded, v.events[at].event.time, behind);
		size_t seen = before(&v, folded.until) + behind;
		size_t there = seen + dice(&state, (uint32_t)v.count);
		there = there < v.count ? there : v.count;
		same(name, seed, &v, kept, count, &folded, there, v.events[there - 1].event.time + 60000);
		same(name, seed, &v, kept, count, &folded, v.count, v.journey.until + 3600000);
	}
}

START_TEST(a_folded_voyage_leads_to_the_same)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		folded_again_and_again("C", seed);
		folded_again_and_again("H", seed);
	}
}
END_TEST

/* What came behind the folding is taken back: what was nearest and last before counts again. */
START_TEST(what_is_taken_back_behind_leaves_what_was_before)
{
	for (uint64_t seed = 1; seed <= 40; seed++) {
		ARENA_AUTO arena = arena_new();
		uint64_t state = seed;
		struct voyage v = voyage_make(arena, seed % 2 ? "C" : "H", &state);
		struct assess_event *kept = arena_array(arena, 2 * v.count, sizeof *kept);
		struct assess_folded folded = { .until = INT64_MIN };
		size_t at = v.count / 4 + dice(&state, (uint32_t)v.count / 2);
		size_t count = fold(arena, &v, kept, 0, &folded, v.events[at].event.time, 60), left = before(&v, folded.until);
		for (size_t i = left; i < v.count; i++)
			if (dice(&state, 3))
				v.events[left++] = v.events[i];
		v.count = left;
		same("taken back", seed, &v, kept, count, &folded, v.count, v.journey.until);
	}
}
END_TEST

START_TEST(little_is_kept_of_a_quiet_voyage)
{
	ARENA_AUTO arena = arena_new();
	struct voyage v = voyage_load(arena, "H", NULL);
	struct assess_event *kept = arena_array(arena, 2 * v.count, sizeof *kept);
	struct assess_folded folded = { .until = INT64_MIN };
	size_t count = fold(arena, &v, kept, 0, &folded, v.events[v.count - 100].event.time, 50);
	ck_assert_uint_gt(v.count, 1000);
	ck_assert_uint_lt(count, 60);
}
END_TEST

SUITE("fold", a_folded_voyage_leads_to_the_same, what_is_taken_back_behind_leaves_what_was_before, little_is_kept_of_a_quiet_voyage)
