/* What lifts what. A notice lifts those of its peer, for its box, about the same declaration, that were there before it was
 * issued, and whose kind its own kind lifts. Answers may come out of order: a control that comes after the release that
 * followed it is lifted when it comes. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/text.h"

struct other {
	struct notice_row *row;
	struct json *json;
	int64_t issued;
};

/* By what customs calls it, else by our message. */
static bool same_matter(const struct incoming *n, const struct other *o)
{
	const char *mrn = json_path_text(o->json, "mrn"), *message = n->tied ? n->message.id : NULL;
	if (mrn && n->mrn)
		return text_equal(mrn, n->mrn);
	return !message || !o->row->message || text_equal(message, o->row->message);
}

static bool is_before(int64_t a, int64_t b)
{
	return a == CLOCK_NONE || b == CLOCK_NONE || a <= b;
}

static int lift_other(struct db *db, struct arena *arena, struct json *lifts, struct other *o, const char *by, int64_t now, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	json_append(lifts, json_new_text(arena, o->row->id));
	json_set_text(arena, o->json, "lifted_by", by);
	json_set_text(arena, o->json, "lifted", clock_format(now, time));
	o->row->content = notice_text(arena, o->json);
	o->row->lifted = now;
	o->row->escalate = CLOCK_NONE;
	return notice_update(db, o->row, "lifted", error);
}

/* The other came first and was issued later: it stands over the new one already. */
static int be_lifted(struct db *db, struct arena *arena, const struct incoming *n, struct other *o, struct notice_row *row, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	json_set_text(arena, n->json, "lifted_by", o->row->id);
	json_set_text(arena, n->json, "lifted", clock_format(row->received, time));
	row->lifted = row->received;
	row->escalate = CLOCK_NONE;
	struct json *lifts = json_find(o->json, "lifts");
	if (json_kind(lifts) != JSON_KIND_ARRAY)
		json_set(o->json, "lifts", lifts = json_new_array(arena));
	json_append(lifts, json_new_text(arena, row->id));
	o->row->content = notice_text(arena, o->json);
	return notice_update(db, o->row, "changed", error);
}

int notice_lift(struct db *db, struct arena *arena, const struct incoming *n, struct notice_row *row, struct error *error)
{
	struct notice_row *rows = NULL;
	size_t count = 0;
	if (row->container)
		TRY(notice_of_container(db, arena, row->container, &rows, &count, error));
	else if (row->message)
		TRY(notice_of_message(db, arena, row->message, &rows, &count, error));
	for (size_t i = 0; i < count; i++) {
		const struct notice_kind *kind = notice_kind_find(rows[i].kind);
		bool lifts = notice_kind_lifts(n->kind, rows[i].kind), is_lifted = kind && notice_kind_lifts(kind, n->kind->name);
		if (!text_equal(rows[i].peer, row->peer) || (!lifts && !is_lifted))
			continue;
		struct other o = { &rows[i], notice_tree(arena, rows[i].content), CLOCK_NONE };
		o.issued = notice_time(o.json, "issued");
		if (!same_matter(n, &o))
			continue;
		if (lifts && rows[i].lifted == CLOCK_NONE && is_before(o.issued, n->issued))
			TRY(lift_other(db, arena, json_find(n->json, "lifts"), &o, row->id, row->received, error));
		else if (is_lifted && row->lifted == CLOCK_NONE && o.issued != CLOCK_NONE && n->issued != CLOCK_NONE && n->issued < o.issued)
			TRY(be_lifted(db, arena, n, &o, row, error));
	}
	return 0;
}
