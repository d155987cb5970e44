/* Looks that start from a checkpoint come to what a look at everything comes to, whatever order events arrive in and whatever is taken back; and a
 * long voyage costs a look no more than a short one. */
#include "flow/work.h"
#include "store/container.h"
#include "support/result.h"
#include "support/voyage.h"
#include "unit/answer/place.h"

struct filed {
	struct voyage v;
	const char *journey;        /* merged, JSON */
};

static struct filed filed_load(struct place *p, const char *name)
{
	char *text;
	struct json *section;
	struct filed f = { .v = voyage_load(p->arena, name, NULL) };
	must_succeed(file_read_text(arena_printf(p->arena, SOURCE_DIR "/tests/data/voyages/journey-%s.json", name), p->arena, &text, error));
	must_succeed(json_parse(p->arena, bytes_of_text(text), NULL, &section, error));
	struct journey_filing filing = { .owner = "carrier-1", .version = 1, .content = section };
	must_succeed(clock_parse(json_path_text(section, "from"), &filing.stored, error));
	f.journey = json_to_text(p->arena, journey_merge(p->arena, f.v.journey.id, &filing, 1), JSON_COMPACT);
	return f;
}

static void settings_fill(struct settings *s)
{
	const struct assess_settings *d = &assess_defaults;
	s->agreement_count = 0;     /* nobody is told: messages are not what is looked at here */
	s->light_lux = d->light_lux;
	s->merge_ms = d->merge_ms;
	s->fix_age_ms = d->fix_age_ms;
	s->fix_wait_ms = d->fix_wait_ms;
	s->interval_ms = d->interval_ms;
	s->coverage_slack = d->slack;
	s->assurance_ms = d->assurance_ms;
}

struct step {
	struct place *p;
	struct filed *filed;
	const size_t *order;
	size_t first, end;          /* of the order: what arrives */
	const char *retracted;      /* an event that is taken back; NULL: none */
};

static int journey_write(struct db *db, void *context, struct error *error)
{
	struct step *s = context;
	const struct journey *j = &s->filed->v.journey;
	struct journey_row row = { .id = j->id, .container = j->container, .from = j->from, .until = j->until, .closed = CLOCK_NONE, .version = 1, .stored = j->from,
		                   .content = s->filed->journey };
	return journey_put(db, &row, error);
}

static int arrive(struct db *db, void *context, struct error *error)
{
	struct step *s = context;
	for (size_t i = s->first; i < s->end; i++) {
		const struct assess_event *e = &s->filed->v.events[s->order[i]];
		enum store_outcome outcome;
		struct event_row stored, row = { .id = e->id, .provider = "tracker", .provider_id = e->id, .type = event_type_name(e->event.type), .time = e->event.time,
			                         .received = e->received, .container = s->filed->v.journey.container, .device = e->event.device,
			                         .content = json_to_text(s->p->arena, e->event.json, JSON_COMPACT), .content_digest = "", .status = STATUS_CURRENT };
		TRY(event_add(db, s->p->arena, &row, &outcome, &stored, error));
	}
	return s->retracted ? event_set_status(db, s->retracted, STATUS_RETRACTED, error) : 0;
}

struct look {
	struct place *p;
	const char *container;
	struct container_claim claim;
	size_t claimed, read, kept;
	const char *whole, *part;
};

static int claim(struct db *db, void *context, struct error *error)
{
	struct look *l = context;
	return container_claim(db, l->p->arena, store_instance(l->p->store), clock_now_ms(), 1, &l->claim, &l->claimed, error);
}

static int compare(struct db *db, void *context, struct error *error)
{
	struct look *l = context;
	const char **texts[] = { &l->whole, &l->part };
	for (int i = 0; i < 2; i++) {
		ARENA_AUTO arena = arena_new();
		struct picture *pictures;
		size_t count;
		TRY(pictures_read(db, arena, &l->p->settings, l->container, clock_now_ms(), i == 0, &pictures, &count, error));
		picture_assess(&pictures[0], arena);
		l->read = pictures[0].input.event_count;
		l->kept = pictures[0].kept_count;
		*texts[i] = arena_text(l->p->arena, result_text(arena, &pictures[0].result));
	}
	return 0;
}

/* As a worker does it, until nothing is wanted any more. The most events that one look read. */
static size_t look(struct place *p, const char *container)
{
	struct flow_config config = { .settings = &p->settings, .store = p->store, .set = p->set, .validator = p->validator };
	size_t most = 0;
	for (int i = 0;; i++) {
		ARENA_AUTO arena = arena_new();
		struct look l = { .p = p, .container = container };
		ck_assert_int_lt(i, 10);
		must_succeed(store_write(p->store, claim, &l, error));
		if (!l.claimed)
			return most;
		struct work w = { .config = &config, .arena = arena, .claim = l.claim };
		must_succeed(store_read(p->store, work_look, &w, error));
		most = w.pictures[0].input.event_count > most ? w.pictures[0].input.event_count : most;
		must_succeed(store_write(p->store, work_write, &w, error));
	}
}

static bool same(struct place *p, const char *container, uint64_t seed)
{
	struct look l = { .p = p, .container = container };
	must_succeed(store_read(p->store, compare, &l, error));
	ck_assert_msg(strcmp(l.whole, l.part) == 0, "seed %llu, %zu read, %zu kept:\n%.1500s\ninstead of\n%.1500s", (unsigned long long)seed, l.read, l.kept, l.part, l.whole);
	return l.kept > 0;
}

/* Mostly in order; some late by a little, some by much. */
static size_t *order_make(struct place *p, size_t count, uint64_t *state)
{
	size_t *order = arena_array(p->arena, count, sizeof *order);
	for (size_t i = 0; i < count; i++)
		order[i] = i;
	for (size_t i = 0; i < count / 20; i++) {
		size_t a = dice(state, (uint32_t)count), far = dice(state, 10) ? 12 : (uint32_t)count, b = a + dice(state, (uint32_t)far);
		if (b < count) {
			size_t moved = order[a];
			memmove(order + a, order + a + 1, (b - a) * sizeof *order);
			order[b] = moved;
		}
	}
	return order;
}

static void voyage_run(const char *name, uint64_t seed)
{
	PLACE(p);
	uint64_t state = seed;
	struct filed filed = filed_load(&p, name);
	const char *container = filed.v.journey.container;
	size_t *order = order_make(&p, filed.v.count, &state), from_checkpoint = 0;
	struct step s = { .p = &p, .filed = &filed, .order = order };
	settings_fill(&p.settings);
	must_succeed(store_write(p.store, journey_write, &s, error));
	while (s.end < filed.v.count) {
		s.first = s.end;
		s.end += 1 + dice(&state, 90);
		s.end = s.end < filed.v.count ? s.end : filed.v.count;
		s.retracted = dice(&state, 6) ? NULL : filed.v.events[order[dice(&state, (uint32_t)s.end)]].id;
		int64_t latest = filed.v.events[order[s.end - 1]].event.time;
		if (latest + 60000 > clock_now_ms())
			clock_freeze(latest + 60000);
		must_succeed(store_write(p.store, arrive, &s, error));
		from_checkpoint += same(&p, container, seed);  /* before the look, too: what arrived has to do with what is folded */
		look(&p, container);
		from_checkpoint += same(&p, container, seed);
	}
	ck_assert_uint_gt(from_checkpoint, 5);
	place_close(&p);
}

START_TEST(late_and_retracted_events_lead_to_the_same)
{
	for (uint64_t seed = 1; seed <= 3; seed++) {
		voyage_run("C", seed);
		voyage_run("H", seed);
	}
}
END_TEST

/* Reports of a quiet box, more and more of them: what a look reads stays what it was. */
START_TEST(a_long_voyage_does_not_get_dearer)
{
	PLACE(p);
	struct filed filed = filed_load(&p, "H");
	size_t count = 3000, *order = arena_array(p.arena, count, sizeof *order), first = 0, last = 0;
	struct assess_event *events = arena_array(p.arena, count, sizeof *events), quiet = filed.v.events[filed.v.count / 2];
	struct step s = { .p = &p, .filed = &filed, .order = order };
	settings_fill(&p.settings);
	for (size_t i = 0; i < count; i++) {
		char time[CLOCK_TEXT_SIZE];
		order[i] = i;
		events[i] = quiet;
		events[i].event.time = quiet.event.time + (int64_t)i * 60000;
		events[i].event.json = json_clone(p.arena, quiet.event.json);
		json_set_text(p.arena, events[i].event.json, "time", clock_format(events[i].event.time, time));
		json_set_text(p.arena, events[i].event.json, "id", arena_printf(p.arena, "quiet-%zu", i));
		events[i].id = arena_printf(p.arena, "quiet-%05zu", i);
	}
	filed.v.events = events;
	must_succeed(store_write(p.store, journey_write, &s, error));
	for (; s.end < count; s.first = s.end) {
		s.end = s.first + 20;
		clock_freeze(events[s.end - 1].event.time + 1000);
		must_succeed(store_write(p.store, arrive, &s, error));
		size_t read = look(&p, filed.v.journey.container);
		first = s.end <= 300 && read > first ? read : first;
		last = s.end > count - 300 && read > last ? read : last;
	}
	ck_assert_uint_le(last, first);
	ck_assert_uint_lt(last, 150);
	ck_assert(same(&p, filed.v.journey.container, 0));
	place_close(&p);
}
END_TEST

SUITE("flow fold", late_and_retracted_events_lead_to_the_same, a_long_voyage_does_not_get_dearer)
