/* Subscriptions and deliveries: the cursor, the order of a container, what a change makes void. */
#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "store/record.h"
#include "store/store.h"
#include "store/subscription.h"
#include "support/folder.h"

#define BLOCKS 60000

static struct store *store;
static struct arena *arena;

static void open_in(const char *folder)
{
	arena = arena_new();
	must_succeed(store_open(folder, NULL, &store, error));
}

static void close_it(void)
{
	store_close(&store);
	arena_free(&arena);
}

static int put(struct db *db, void *context, struct error *error)
{
	return subscription_put(db, context, error);
}

static struct subscription_row subscribe(int64_t version)
{
	struct subscription_row row = { .id = "s", .party = "p", .content = "{}", .state = "active", .cursor = 3, .failing_since = CLOCK_NONE, .created = 7,
		                        .version = version };
	must_succeed(store_write(store, put, &row, error));
	return row;
}

struct adding {
	int64_t record;
	const char *container;
};

static int add(struct db *db, void *context, struct error *error)
{
	const struct adding *a = context;
	char id[20];
	snprintf(id, sizeof id, "d%lld", (long long)a->record);
	struct delivery_row row = { .id = id, .subscription = "s", .record = a->record, .type = "t", .container = a->container, .body = "{}", .state = "ready",
		                    .due = 100, .last_status = CLOCK_NONE, .created = 100, .ended = CLOCK_NONE };
	return delivery_add(db, &row, error);
}

static void deliver(int64_t record, const char *container)
{
	must_succeed(store_write(store, add, &((struct adding){ record, container }), error));
}

struct claiming {
	int64_t now;
	struct delivery_row *rows;
	size_t count;
	bool due;
};

static int claim(struct db *db, void *context, struct error *error)
{
	struct claiming *c = context;
	TRY(delivery_is_due(db, "s", c->now, BLOCKS, &c->due, error));
	return delivery_claim(db, arena, "s", c->now, BLOCKS, 10, &c->rows, &c->count, error);
}

/* Ids of what is claimed now, with blanks between. */
static const char *claimed(int64_t now)
{
	struct claiming c = { .now = now };
	BUFFER_AUTO out = { 0 };
	must_succeed(store_write(store, claim, &c, error));
	ck_assert_int_eq(c.due, c.count > 0);
	for (size_t i = 0; i < c.count; i++)
		buffer_printf(&out, i ? " %s" : "%s", c.rows[i].id);
	return arena_text(arena, buffer_text(&out));
}

struct ending {
	const char *id, *state;
	int64_t due;
};

static int end(struct db *db, void *context, struct error *error)
{
	const struct ending *e = context;
	return delivery_end(db, &(struct delivery_row){ .id = e->id, .state = e->state, .due = e->due, .last_status = 500, .ended = CLOCK_NONE }, error);
}

static void ended(const char *id, const char *state, int64_t due)
{
	must_succeed(store_write(store, end, &((struct ending){ id, state, due }), error));
}

START_TEST(of_one_container_one_at_a_time_in_order)
{
	FOLDER(folder);
	open_in(folder);
	deliver(2, "B");
	deliver(1, "A");
	deliver(3, "A");
	deliver(4, NULL);
	deliver(5, NULL);
	ck_assert_str_eq(claimed(99), "");
	ck_assert_str_eq(claimed(100), "d1 d2 d4 d5");
	ck_assert_str_eq(claimed(100), "");
	ended("d1", "sent", CLOCK_NONE);
	ck_assert_str_eq(claimed(100), "d3");
	close_it();
}
END_TEST

START_TEST(one_that_failed_stops_later_ones_for_its_time_and_no_longer)
{
	FOLDER(folder);
	open_in(folder);
	deliver(1, "A");
	deliver(2, "A");
	ck_assert_str_eq(claimed(1000), "d1");
	ended("d1", "ready", 50000);
	ck_assert_str_eq(claimed(49999), "");
	ck_assert_str_eq(claimed(50000), "d1");
	ended("d1", "ready", 100000);
	ck_assert_str_eq(claimed(60999), "");
	ck_assert_str_eq(claimed(61000), "d2");        /* a minute after d1's first try */
	ended("d2", "ready", 100000);
	ck_assert_str_eq(claimed(100000), "d1");       /* both are due: in order again */
	close_it();
}
END_TEST

static int again(struct db *db, void *context, struct error *error)
{
	(void)context;
	return delivery_again(db, "d1", 500, error);
}

static int recover(struct db *db, void *context, struct error *error)
{
	(void)context;
	return delivery_recover(db, error);
}

static int find(struct db *db, void *context, struct error *error)
{
	bool found;
	return delivery_find(db, arena, "d1", context, &found, error);
}

START_TEST(recovery_and_a_repeat_keep_the_id_and_an_end_is_of_what_is_sent_alone)
{
	FOLDER(folder);
	struct delivery_row row;
	open_in(folder);
	deliver(1, "A");
	deliver(1, "A");  /* of one record one only */
	ck_assert_str_eq(claimed(100), "d1");
	must_succeed(store_write(store, recover, NULL, error));
	ended("d1", "failed", CLOCK_NONE);  /* of the dead owner: too late */
	ck_assert_str_eq(claimed(100), "d1");
	must_succeed(store_read(store, find, &row, error));
	ck_assert_int_eq(row.attempts, 2);
	ck_assert_int_eq(row.first_try, 100);
	ended("d1", "sent", CLOCK_NONE);
	must_succeed(store_write(store, again, NULL, error));
	must_succeed(store_read(store, find, &row, error));
	ck_assert_int_eq(row.attempts, 0);
	ck_assert_int_eq(row.first_try, CLOCK_NONE);
	ck_assert_str_eq(claimed(499), "");
	ck_assert_str_eq(claimed(500), "d1");
	close_it();
}
END_TEST

struct changing {
	struct subscription_row row;
	int64_t number;
	bool moved, disable;
	int64_t records;
};

static int advance(struct db *db, void *context, struct error *error)
{
	struct changing *c = context;
	return subscription_advance(db, &c->row, c->number, &c->moved, error);
}

static bool advances(struct subscription_row row, int64_t to)
{
	struct changing c = { .row = row, .number = to };
	must_succeed(store_write(store, advance, &c, error));
	return c.moved;
}

static int note(struct db *db, void *context, struct error *error)
{
	struct changing *c = context;
	TRY(subscription_note(db, &c->row, c->number, c->disable, error));
	return db_number(db, 0, &c->records, error, "select count(*) from record where kind = 'subscription.disabled'", "");
}

static int reread(struct db *db, void *context, struct error *error)
{
	bool found;
	return subscription_find(db, arena, "s", context, &found, error);
}

START_TEST(a_cursor_moves_only_from_where_and_as_what_it_was_read)
{
	FOLDER(folder);
	open_in(folder);
	struct subscription_row row = subscribe(1), moved;
	ck_assert(advances(row, 5));
	ck_assert(!advances(row, 6));  /* it is at 5 */
	row.cursor = 5;
	(void)subscribe(2);
	ck_assert(!advances(row, 6));  /* it is version 2 */
	row.version = 2;
	ck_assert(advances(row, 6));
	must_succeed(store_read(store, reread, &moved, error));
	ck_assert_int_eq(moved.cursor, 6);
	row.cursor = 6;
	row.created = 8;
	ck_assert(!advances(row, 7));  /* another one of that name */
	close_it();
}
END_TEST

START_TEST(a_note_of_an_older_version_changes_nothing_and_disabling_is_recorded_once)
{
	FOLDER(folder);
	open_in(folder);
	struct changing c = { .row = subscribe(2), .number = 1234, .disable = true };
	struct subscription_row now;
	c.row.version = 1;
	must_succeed(store_write(store, note, &c, error));
	ck_assert_int_eq(c.records, 0);
	must_succeed(store_read(store, reread, &now, error));
	ck_assert_str_eq(now.state, "active");
	ck_assert_int_eq(now.failing_since, CLOCK_NONE);
	c.row.version = 2;
	must_succeed(store_write(store, note, &c, error));
	must_succeed(store_write(store, note, &c, error));
	ck_assert_int_eq(c.records, 1);
	must_succeed(store_read(store, reread, &now, error));
	ck_assert_str_eq(now.state, "disabled");
	ck_assert_int_eq(now.failing_since, 1234);
	ck_assert(!advances(now, 9));
	close_it();
}
END_TEST

static int lag(struct db *db, void *context, struct error *error)
{
	return subscription_lag(db, context, error);
}

START_TEST(lag_is_of_the_slowest_active_one)
{
	FOLDER(folder);
	int64_t records = -1;
	open_in(folder);
	must_succeed(store_read(store, lag, &records, error));
	ck_assert_int_eq(records, 0);
	struct subscription_row row = { .id = "t", .party = "p", .content = "{}", .state = "active", .cursor = 0, .failing_since = CLOCK_NONE, .version = 1 };
	must_succeed(store_write(store, put, &row, error));  /* its own record is the first one */
	must_succeed(store_read(store, lag, &records, error));
	ck_assert_int_eq(records, 1);
	ck_assert(advances(row, 1));
	must_succeed(store_read(store, lag, &records, error));
	ck_assert_int_eq(records, 0);
	close_it();
}
END_TEST

SUITE("subscription", of_one_container_one_at_a_time_in_order, one_that_failed_stops_later_ones_for_its_time_and_no_longer,
      recovery_and_a_repeat_keep_the_id_and_an_end_is_of_what_is_sent_alone, a_cursor_moves_only_from_where_and_as_what_it_was_read,
      a_note_of_an_older_version_changes_nothing_and_disabling_is_recorded_once, lag_is_of_the_slowest_active_one)
