/* What does it answer? Our reference first, the conversation second, what customs calls it third; then which boxes it is about. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/text.h"
#include "store/journey.h"

/* A message of ours to this very peer: nobody answers for another. */
static int find_claimed(struct db *db, struct taking *t, struct incoming *n, struct error *error)
{
	bool found;
	if (text_empty(n->claims))
		return 0;
	TRY(message_find(db, t->arena, n->claims, &n->message, &found, error));
	n->tied = found && text_equal(n->message.agreement, t->arrived->agreement->name);
	if (found && !n->tied)
		notice_warn(t->arena, n->json, "it names a message that went to somebody else");
	return 0;
}

static int find_message(struct db *db, struct taking *t, struct incoming *n, struct error *error)
{
	struct message_row other;
	bool found = false;
	const char *peer = t->arrived->agreement->name;
	TRY(find_claimed(db, t, n, error));
	if (!text_empty(t->arrived->conversation))
		TRY(message_find_conversation(db, t->arena, peer, t->arrived->conversation, &other, &found, error));
	if (found && n->tied && !text_equal(other.id, n->message.id))
		notice_warn(t->arena, n->json, "its conversation is that of message \"%s\"", other.id);
	if (n->tied)
		return 0;
	if (!found && !text_empty(n->mrn))
		TRY(message_find_customs_id(db, t->arena, peer, n->mrn, &other, &found, error));
	if (!found)
		return 0;
	if (!text_empty(n->claims))
		notice_warn(t->arena, n->json, "\"%.60s\" is no reference of ours to this peer", n->claims);
	n->tied = true;
	n->message = other;
	return 0;
}

/* The journey that time is in, else the latest. */
static int find_journey(struct db *db, struct taking *t, const char *container, const char **journey_r, struct error *error)
{
	struct journey_row *rows;
	size_t count;
	*journey_r = NULL;
	TRY(journey_of_container(db, t->arena, container, &rows, &count, error));
	for (size_t i = 0; i < count; i++) {
		*journey_r = rows[i].id;
		if (rows[i].closed == CLOCK_NONE && rows[i].from <= t->received && (rows[i].until == CLOCK_NONE || rows[i].until >= t->received))
			break;
	}
	return 0;
}

/* A declaration of ours that is cancelled stops no box: it was a report, and the goods are somebody else's declaration. */
static void cancelled_report(struct taking *t, struct incoming *n)
{
	static const char *const ours[] = { "integrity-report", "assurance", "withdrawal" };
	bool report = false;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		report |= n->tied && text_equal(n->message.kind, ours[i]);
	if (!report || (!text_equal(n->kind->name, "cancelled") && !text_equal(n->kind->name, "invalidated")))
		return;
	struct json *action = json_new_object(t->arena);
	json_set(action, "blocks", json_new_array(t->arena));
	json_set(n->json, "action", action);
	json_set_text(t->arena, n->json, "by", text_equal(n->message.kind, "withdrawal") ? "gateway" : "customs");
}

int taking_tie(struct db *db, void *context, struct error *error)
{
	struct taking *t = context;
	for (size_t i = 0; i < t->count; i++)
		TRY(find_message(db, t, &t->notices[i], error));
	TRY(taking_spread(db, t, error));
	for (size_t i = 0; i < t->count; i++) {
		struct incoming *n = &t->notices[i];
		if (n->tied && !n->container)
			n->container = n->message.container;
		if (n->tied && text_equal(n->container, n->message.container))
			n->journey = n->message.journey;
		else if (n->container && !n->journey)
			TRY(find_journey(db, t, n->container, &n->journey, error));
		if (n->container && !json_count(json_path(n->json, "scope.containers")))
			json_append(json_path(n->json, "scope.containers"), json_new_text(t->arena, n->container));
		if (n->tied)
			faults_explain(t, &n->message, n->json);
		cancelled_report(t, n);
	}
	return 0;
}
