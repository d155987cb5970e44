/* What is told of states without counting rows is what counting them gives. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "store/document.h"
#include "store/list.h"
#include "store/message.h"
#include "store/store.h"
#include "store/subscription.h"
#include "support/folder.h"
#include "unit/store/claim.h"

#define PEER "customs"

struct world {
	struct arena *arena;
	struct store *store;
	struct count_item *items;
	size_t count;
	struct pending pending;
	struct message_ages ages;
};

static int message_in(struct db *db, struct arena *arena, const char *kind, int64_t due, const char **id_r, struct error *error)
{
	static int serial;
	enum store_outcome outcome;
	char id[20];
	snprintf(id, sizeof id, "m%d", ++serial);
	*id_r = arena_text(arena, id);
	struct message_row row = { .id = *id_r, .agreement = PEER, .kind = kind, .cause = *id_r, .state = MESSAGE_READY, .document = "b", .content_type = "t",
		                   .headers = "{}", .input = "{}", .set_digest = "s", .marks = "[]", .created = due, .due = due, .first_try = CLOCK_NONE,
		                   .held_since = CLOCK_NONE, .signer_until = CLOCK_NONE };
	return message_add(db, arena, &row, &outcome, error);
}

/* Tried at `now`, and the peer has it. */
static int send_all(struct db *db, struct arena *arena, int64_t now, struct error *error)
{
	struct message_row *rows;
	size_t count;
	bool moved;
	TRY(messages_take(db, arena, PEER, now, 0, &rows, &count, error));
	for (size_t i = 0; i < count; i++)
		TRY(message_move(db, rows[i].id, MESSAGE_SENT, CLOCK_NONE, NULL, &moved, error));
	return 0;
}

static int answer(struct db *db, struct arena *arena, const char *message, struct error *error)
{
	enum store_outcome outcome;
	struct document_row stored, row = { .id = "d", .peer = PEER, .received = 5, .body = "b", .content_type = "t", .type = "response", .dedupe = "d",
		.state = "tied", .content = "{}" };
	TRY(document_add(db, arena, &row, &outcome, &stored, error));
	TRY(document_add(db, arena, &row, &outcome, &stored, error));  /* a repeat */
	return notice_add(db, &(struct notice_row){ .id = "n", .kind = "release", .peer = PEER, .document = "d", .message = message, .received = 5,
	                  .disclosure = "open", .content = "{}", .acknowledged = CLOCK_NONE, .lifted = CLOCK_NONE, .escalate = CLOCK_NONE }, error);
}

static int deliver(struct db *db, int64_t record, struct error *error)
{
	char id[20];
	snprintf(id, sizeof id, "w%lld", (long long)record);
	return delivery_add(db, &(struct delivery_row){ .id = id, .subscription = "s", .record = record, .type = "t", .body = "{}", .state = "ready", .due = 100,
	                    .last_status = CLOCK_NONE, .created = 100, .ended = CLOCK_NONE }, error);
}

/* Sent: one answered, one not, one reply that nobody answers. Waiting: two, the older one since 300. */
static int fill(struct db *db, void *context, struct error *error)
{
	struct world *w = context;
	const char *answered, *id;
	TRY(message_in(db, w->arena, "report", 100, &answered, error));
	TRY(send_all(db, w->arena, 110, error));
	TRY(message_in(db, w->arena, "report", 200, &id, error));
	TRY(message_in(db, w->arena, "reply", 200, &id, error));
	TRY(send_all(db, w->arena, 210, error));
	TRY(answer(db, w->arena, answered, error));
	TRY(message_in(db, w->arena, "report", 400, &id, error));
	TRY(message_in(db, w->arena, "report", 300, &id, error));
	for (int64_t record = 1; record <= 3; record++)
		TRY(deliver(db, record, error));
	return db_run(db, error, "update delivery set state = 'done' where id = 'w2'", "");
}

static int look(struct db *db, void *context, struct error *error)
{
	struct world *w = context;
	TRY(count_all(db, w->arena, &w->items, &w->count, error));
	TRY(pending_count(db, 1000, &w->pending, error));
	return message_ages(db, PEER, &w->ages, error);
}

static int64_t counted(const struct world *w, const char *name)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->items[i].name, name) == 0)
			return w->items[i].count;
	return 0;
}

static void must_be_as_filled(struct world *w)
{
	must_succeed(store_read(w->store, look, w, error));
	ck_assert_int_eq(counted(w, "messages.sent"), 3);
	ck_assert_int_eq(counted(w, "messages.ready"), 2);
	ck_assert_int_eq(counted(w, "messages.sending"), 0);
	ck_assert_int_eq(counted(w, "documents.tied"), 1);
	ck_assert_int_eq(counted(w, "deliveries.ready"), 2);
	ck_assert_int_eq(counted(w, "deliveries.done"), 1);
	ck_assert_int_eq(counted(w, "notices"), 1);
	ck_assert_int_eq(w->pending.messages, 2);
	ck_assert_int_eq(w->pending.deliveries, 2);
	ck_assert_int_eq(w->pending.unanswered, 1);
	ck_assert_int_eq(w->ages.waiting, 300);
	ck_assert_int_eq(w->ages.unanswered, 210);
}

static int none_left(struct db *db, void *context, struct error *error)
{
	(void)context;
	return db_run(db, error, "delete from delivery where state = 'ready'", "");
}

START_TEST(states_are_told_as_they_are)
{
	FOLDER(folder);
	struct world w = { .arena = arena_new() };
	must_succeed(store_open(folder, NULL, &w.store, error));
	must_succeed(store_write(w.store, fill, &w, error));
	must_be_as_filled(&w);
	must_succeed(store_write(w.store, none_left, NULL, error));
	must_succeed(store_read(w.store, look, &w, error));
	ck_assert_int_eq(w.pending.deliveries, 0);
	ck_assert_int_eq(counted(&w, "deliveries.done"), 1);
	store_close(&w.store);
	arena_free(&w.arena);
}
END_TEST

/* As a store of schema 4 is. */
static int age(struct db *db, void *context, struct error *error)
{
	(void)context;
	return db_script(db,
		"drop trigger message_tally_new; drop trigger message_tally_moved; drop trigger document_tally_new; drop trigger delivery_tally_new;"
		"drop trigger delivery_tally_moved; drop trigger delivery_tally_gone; drop trigger notice_answers; drop table tally;"
		"drop index message_oldest; drop index message_unanswered; drop index container_held; drop index container_leased;"
		"create index event_device on event (device, time); drop index body_open; alter table body drop column octets;"
		"alter table message drop column answered; update meta set value = '4' where key = 'schema';", error);
}

START_TEST(an_older_store_is_counted_once_when_it_is_opened)
{
	FOLDER(folder);
	struct world w = { .arena = arena_new() };
	must_succeed(store_open(folder, NULL, &w.store, error));
	must_succeed(store_write(w.store, fill, &w, error));
	must_succeed(store_write(w.store, age, NULL, error));
	store_close(&w.store);
	must_succeed(store_open(folder, NULL, &w.store, error));
	must_be_as_filled(&w);
	store_close(&w.store);
	arena_free(&w.arena);
}
END_TEST

SUITE("counts", states_are_told_as_they_are, an_older_store_is_counted_once_when_it_is_opened)
