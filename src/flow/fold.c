/* Checkpoints of long voyages: what assess_fold makes, as it is stored. */
#include <string.h>

#include "flow/picture.h"
#include "lib/base/text.h"

#define FOLD_LEAST 64          /* events behind the last checkpoint that are worth another one */
#define FOLD_FRESH 16          /* the latest stay out: what comes a little late is no reason to read all again */

static const struct json_limits wide = { .bytes = 64 << 20, .nodes = 2000000, .text = 64 << 10, .depth = 8 };

/* What the result depends on besides events: a checkpoint of another basis is no use. */
static const char *basis_of(const struct picture *p, struct arena *arena)
{
	const struct assess_settings *s = &p->input.settings;
	const struct journey_row *j = p->journey_row;
	return arena_printf(arena, ASSESS_RULES_VERSION " %a %lld %lld %lld %lld %a %lld | %lld %lld %lld %lld", s->light_lux, (long long)s->merge_ms,
	                    (long long)s->fix_age_ms, (long long)s->fix_wait_ms, (long long)s->interval_ms, s->slack, (long long)s->assurance_ms,
	                    j ? (long long)j->version : 0LL, j ? (long long)j->stored : 0LL, j ? (long long)j->from : 0LL, j ? (long long)j->until : 0LL);
}

static const char *journey_of(const struct picture *p)
{
	return p->journey_row ? p->journey_row->id : "";
}

/* ---- reading ---- */

static bool number_read(const struct json *object, const char *name, int64_t *out)
{
	const char *text = json_number(json_find(object, name));
	return text && text_integer(text, INT64_MIN, INT64_MAX, out, NULL) == 0;
}

static bool gaps_read(const struct json *list, struct arena *arena, struct assess_folded *f)
{
	struct assess_gap *gaps = arena_array(arena, json_count(list) + 1, sizeof *gaps);
	for (struct json_iter it = json_iter(list); json_next(&it); f->gap_count++) {
		struct assess_gap *gap = &gaps[f->gap_count];
		if (!number_read(it.value, "from", &gap->from) || !number_read(it.value, "until", &gap->until))
			return false;
		gap->near_lat = json_path_text(it.value, "lat");
		gap->near_lon = json_path_text(it.value, "lon");
	}
	f->gaps = gaps;
	return true;
}

static bool folded_read(const struct json *content, struct arena *arena, struct assess_folded *f)
{
	int64_t fixes = 0;
	if (!number_read(content, "at", &f->at) || !number_read(content, "missing", &f->missing) || !number_read(content, "interval", &f->interval_ms) ||
	    !number_read(content, "fixes", &fixes))
		return false;
	f->fixes = (size_t)fixes;
	f->near_lat = json_path_text(content, "lat");
	f->near_lon = json_path_text(content, "lon");
	return gaps_read(json_find(content, "gaps"), arena, f);
}

/* The events that are kept. *whole_r false: one is not there as it was. */
static int kept_read(struct db *db, struct arena *arena, const struct json *ids, struct event_row *rows, bool *whole_r, struct error *error)
{
	size_t count = 0;
	*whole_r = true;
	for (struct json_iter it = json_iter(ids); *whole_r && json_next(&it);) {
		bool found = false;
		if (json_text(it.value))
			TRY(event_find(db, arena, json_text(it.value), &rows[count], &found, error));
		*whole_r = found && rows[count++].status == STATUS_CURRENT;
	}
	return 0;
}

int picture_unfold(struct db *db, struct arena *arena, struct picture *p, struct event_row **rows_r, size_t *count_r, bool *found_r, struct error *error)
{
	struct checkpoint_row row;
	struct json *content;
	struct event_row *behind;
	size_t behind_count;
	struct error ignored = { 0 };
	*found_r = false;
	TRY(checkpoint_find(db, arena, p->container, journey_of(p), &row, found_r, error));
	if (!*found_r)
		return 0;
	p->folded = (struct assess_folded){ .until = row.until };
	*found_r = text_equal(row.basis, basis_of(p, arena)) && row.until <= p->input.now &&
	           json_parse(arena, bytes_of_text(row.content), &wide, &content, &ignored) == 0 && folded_read(content, arena, &p->folded);
	if (!*found_r)
		return 0;
	int64_t until = p->journey_row && p->journey_row->until != CLOCK_NONE ? p->journey_row->until : INT64_MAX;
	TRY(event_of_container(db, arena, p->container, row.until + 1, until, &behind, &behind_count, error));
	p->kept_count = json_count(json_find(content, "keep"));
	struct event_row *rows = arena_array(arena, p->kept_count + behind_count + 1, sizeof *rows);
	TRY(kept_read(db, arena, json_find(content, "keep"), rows, found_r, error));
	if (behind_count)
		memcpy(rows + p->kept_count, behind, behind_count * sizeof *rows);
	*rows_r = rows;
	*count_r = p->kept_count + behind_count;
	if (!*found_r)
		p->kept_count = 0;
	return 0;
}

/* ---- writing ---- */

static struct json *gaps_json(const struct assess_folded *f, struct arena *arena)
{
	struct json *list = json_new_array(arena);
	for (size_t i = 0; i < f->gap_count; i++) {
		struct json *gap = json_new_object(arena);
		json_set_integer(arena, gap, "from", f->gaps[i].from);
		json_set_integer(arena, gap, "until", f->gaps[i].until);
		json_set_text(arena, gap, "lat", f->gaps[i].near_lat);
		json_set_text(arena, gap, "lon", f->gaps[i].near_lon);
		json_append(list, gap);
	}
	return list;
}

static const char *content_of(const struct picture *p, struct arena *arena, const struct assess_folded *f, const bool *keeps, int64_t until)
{
	struct json *out = json_new_object(arena), *keep = json_new_array(arena);
	for (size_t i = 0; i < p->input.event_count && p->input.events[i].event.time <= until; i++)
		if (keeps[i])
			json_append(keep, json_new_text(arena, p->input.events[i].id));
	json_set(out, "keep", keep);
	json_set_integer(arena, out, "at", f->at);
	json_set_integer(arena, out, "missing", f->missing);
	json_set_integer(arena, out, "interval", f->interval_ms);
	json_set_integer(arena, out, "fixes", (int64_t)f->fixes);
	json_set_text(arena, out, "lat", f->near_lat);
	json_set_text(arena, out, "lon", f->near_lon);
	json_set(out, "gaps", gaps_json(f, arena));
	return json_to_text(arena, out, JSON_COMPACT);
}

void picture_fold(struct picture *p, struct arena *arena)
{
	const struct assess_input *in = &p->input;
	size_t behind = in->event_count - p->kept_count;
	p->checkpoint = NULL;
	/* Events that are still to be derived, or taken back, would make it void at once. */
	if (behind < FOLD_LEAST + FOLD_FRESH || p->result.derived_count || p->result.superseded_count)
		return;
	int64_t until = in->events[in->event_count - FOLD_FRESH].event.time;
	if (until > in->now || (in->folded && until <= in->folded->until))
		return;
	struct assess_folded folded;
	bool *keeps = arena_array(arena, in->event_count + 1, sizeof *keeps);
	assess_fold(in, until, arena, keeps, &folded);
	p->checkpoint = arena_alloc(arena, sizeof *p->checkpoint);
	*p->checkpoint = (struct checkpoint_row){ .container = p->container, .journey = journey_of(p), .until = until, .basis = basis_of(p, arena),
		                                  .content = content_of(p, arena, &folded, keeps, until) };
}

int picture_fold_write(struct db *db, const struct picture *p, struct error *error)
{
	return p->checkpoint ? checkpoint_put(db, p->checkpoint, p->wanted, error) : 0;
}
