/* A notice that nobody acknowledges goes to the next contact: those of the journey in their order, then the gateway's own. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "store/journey.h"

struct escalating {
	struct answer *answer;
	struct arena *arena;
	size_t count;               /* that were due */
};

static struct json *gateway_contact(struct arena *arena, const struct settings *s)
{
	struct json *out = json_new_object(arena);
	json_set_text(arena, out, "role", s->contact.role ? s->contact.role : "duty");
	json_set_text(arena, out, "name", s->contact.name ? s->contact.name : s->name);
	json_set_text(arena, out, "phone", s->contact.phone);
	json_set_text(arena, out, "mail", s->contact.mail);
	json_set_text(arena, out, "language", s->contact.language);
	return out;
}

/* All that can be told, in order. */
static int contacts_of(struct db *db, struct escalating *e, const struct notice_row *row, struct json **list_r, struct error *error)
{
	struct journey_row journey;
	bool found = false;
	const struct json *own = NULL;
	if (row->journey)
		TRY(journey_find(db, e->arena, row->journey, &journey, &found, error));
	if (found)
		own = json_find(notice_tree(e->arena, journey.content), "contacts");
	*list_r = json_kind(own) == JSON_KIND_ARRAY ? json_clone(e->arena, own) : json_new_array(e->arena);
	json_append(*list_r, gateway_contact(e->arena, e->answer->config.settings));
	return 0;
}

static int notice_escalate(struct db *db, struct escalating *e, struct notice_row *row, int64_t now, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	struct json *contacts, *content = notice_tree(e->arena, row->content), *done = json_find(content, "escalated"), *step = json_new_object(e->arena);
	const struct notice_kind *kind = notice_kind_find(row->kind);
	if (json_kind(done) != JSON_KIND_ARRAY)
		json_set(content, "escalated", done = json_new_array(e->arena));
	TRY(contacts_of(db, e, row, &contacts, error));
	size_t next = json_count(done);
	const struct json *contact = json_at(contacts, next);
	row->escalate = contact && next + 1 < json_count(contacts) && kind && kind->escalate_ms ? now + kind->escalate_ms : CLOCK_NONE;
	if (contact) {
		json_set_text(e->arena, step, "at", clock_format(now, time));
		json_set(step, "to", json_clone(e->arena, contact));
		json_append(done, step);
	}
	row->content = notice_text(e->arena, content);
	log_warning("notice", row->id, "nobody acknowledged it in time; it goes to contact %zu of %zu", next + 1, json_count(contacts));
	return notice_update(db, row, "escalated", error);
}

static int escalate(struct db *db, void *context, struct error *error)
{
	struct escalating *e = context;
	struct notice_row *rows;
	int64_t now = clock_now_ms();
	TRY(notice_escalation_due(db, e->arena, now, &rows, &e->count, error));
	for (size_t i = 0; i < e->count; i++)
		TRY(notice_escalate(db, e, &rows[i], now, error));
	return 0;
}

/* Most times nothing is due: that is found out without troubling the committer. */
static int look(struct db *db, void *context, struct error *error)
{
	struct escalating *e = context;
	struct notice_row *rows;
	return notice_escalation_due(db, e->arena, clock_now_ms(), &rows, &e->count, error);
}

int answer_escalate(struct answer *answer, struct error *error)
{
	for (;;) {
		ARENA_AUTO arena = arena_new();
		struct escalating e = { answer, arena, 0 };
		TRY(store_read(answer->config.store, look, &e, error));
		if (!e.count)
			return 0;
		TRY(store_write(answer->config.store, escalate, &e, error));
	}
}
