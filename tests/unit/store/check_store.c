#include "support/suite.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/base/file.h"
#include "lib/base/id.h"
#include "store/body.h"
#include "store/container.h"
#include "store/document.h"
#include "store/finding.h"
#include "store/record.h"
#include "store/store.h"
#include "support/folder.h"
#include "unit/store/claim.h"

/* One event, added from wherever. */
struct adding {
	struct arena *arena;
	const char *provider_id, *digest;
	enum store_outcome outcome;
	char id[ID_UUID_SIZE];
};

static int add_event(struct db *db, void *context, struct error *error)
{
	struct adding *a = context;
	struct event_row stored, row = { .id = id_uuid7(a->id), .provider = "p", .provider_id = a->provider_id, .type = "door_opened",
		.time = 1000, .received = 2000, .container = "CSQU3054383", .device = "d", .content = "{}", .content_digest = a->digest };
	return event_add(db, a->arena, &row, &a->outcome, &stored, error);
}

static int add_then_fail(struct db *db, void *context, struct error *error)
{
	TRY(add_event(db, context, error));
	FAIL(error, BAD_FIELD, "on purpose");
}

static int count_events(struct db *db, void *context, struct error *error)
{
	return db_number(db, -1, context, error, "select count(*) from event", "");
}

static int verify_records(struct db *db, void *context, struct error *error)
{
	return record_verify(db, 1, context, error);
}

static void *add_from_a_thread(void *context)
{
	struct store *store = context;
	struct adding *a = calloc(1, sizeof *a);
	ARENA_AUTO arena = arena_new();
	*a = (struct adding){ .arena = arena, .provider_id = "e1", .digest = "x" };
	struct error error = { 0 };
	if (store_write(store, add_event, a, &error) < 0)
		a->outcome = STORE_CONFLICT;
	return a;
}

START_TEST(the_same_event_from_sixteen_threads_is_there_once)
{
	FOLDER(folder);
	struct store *store;
	must_succeed(store_open(folder, NULL, &store, error));
	pthread_t threads[16];
	int fresh = 0, same = 0;
	for (int i = 0; i < 16; i++)
		pthread_create(&threads[i], NULL, add_from_a_thread, store);
	for (int i = 0; i < 16; i++) {
		struct adding *a;
		pthread_join(threads[i], (void **)&a);
		fresh += a->outcome == STORE_NEW;
		same += a->outcome == STORE_SAME;
		free(a);
	}
	ck_assert_int_eq(fresh, 1);
	ck_assert_int_eq(same, 15);
	int64_t count;
	must_succeed(store_read(store, count_events, &count, error));
	ck_assert_int_eq(count, 1);
	store_close(&store);
}
END_TEST

START_TEST(a_write_that_fails_leaves_nothing_and_takes_no_other_with_it)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct store *store;
	must_succeed(store_open(folder, NULL, &store, error));
	struct adding good = { .arena = arena, .provider_id = "a", .digest = "1" }, bad = { .arena = arena, .provider_id = "b", .digest = "1" };
	struct adding other = { .arena = arena, .provider_id = "a", .digest = "2" };
	must_succeed(store_write(store, add_event, &good, error));
	must_fail(store_write(store, add_then_fail, &bad, error), BAD_FIELD);
	must_succeed(store_write(store, add_event, &other, error));
	ck_assert_int_eq(other.outcome, STORE_CONFLICT);
	int64_t count, records;
	must_succeed(store_read(store, count_events, &count, error));
	ck_assert_int_eq(count, 1);
	must_succeed(store_read(store, verify_records, &records, error));
	ck_assert_int_eq(records, 1);
	ck_assert_int_eq(store_sealed_number(store), 1);
	store_close(&store);
}
END_TEST

START_TEST(a_second_process_is_told_who_has_the_store)
{
	FOLDER(folder);
	struct store *store, *second;
	must_succeed(store_open(folder, NULL, &store, error));
	must_fail(store_open(folder, NULL, &second, error), BUSY);
	store_close(&store);
	must_succeed(store_open(folder, NULL, &second, error));
	store_close(&second);
}
END_TEST

static int newer(struct db *db, void *context, struct error *error)
{
	(void)context;
	return meta_set(db, "schema", "99", error);
}

START_TEST(a_newer_store_refuses_an_older_program)
{
	FOLDER(folder);
	struct store *store;
	must_succeed(store_open(folder, NULL, &store, error));
	must_succeed(store_write(store, newer, NULL, error));
	store_close(&store);
	must_fail(store_open(folder, NULL, &store, error), BAD_CONFIG);
}
END_TEST

START_TEST(a_full_store_says_so_and_keeps_what_it_acknowledged)
{
	FOLDER(folder);
	struct store *store;
	struct store_options options = { .max_pages = 90 };
	must_succeed(store_open(folder, &options, &store, error));
	int good = 0;
	struct error why = { 0 };
	for (int i = 0; i < 5000; i++) {
		ARENA_AUTO arena = arena_new();
		struct adding a = { .arena = arena, .provider_id = arena_printf(arena, "%0200d", i), .digest = "1" };
		if (store_write(store, add_event, &a, &why) < 0)
			break;
		good++;
	}
	ck_assert_int_eq(why.code, ERROR_STORE_FULL);
	int64_t count, records;
	must_succeed(store_read(store, count_events, &count, error));
	ck_assert_int_eq(count, good);
	must_succeed(store_read(store, verify_records, &records, error));
	ck_assert_int_eq(records, good);
	store_close(&store);
}
END_TEST

/* A child writes and says each acknowledged id into a pipe; it is killed; the parent looks for them. */
static void write_until_killed(const char *folder, int out)
{
	struct store *store;
	struct error error;
	if (store_open(folder, NULL, &store, &error) < 0)
		_exit(1);
	for (int i = 0;; i++) {
		ARENA_AUTO arena = arena_new();
		struct adding a = { .arena = arena, .provider_id = arena_printf(arena, "%d-%d", (int)getpid(), i), .digest = "1" };
		if (store_write(store, add_event, &a, &error) < 0 || write(out, a.id, ID_UUID_SIZE) != ID_UUID_SIZE)
			_exit(1);
	}
}

struct looking {
	const char *id;
	bool found;
};

static int look_for(struct db *db, void *context, struct error *error)
{
	struct looking *l = context;
	ARENA_AUTO arena = arena_new();
	struct event_row row;
	return event_find(db, arena, l->id, &row, &l->found, error);
}

START_TEST(what_was_acknowledged_before_kill_9_is_there)
{
	FOLDER(folder);
	for (int round = 0; round < 5; round++) {
		int ends[2];
		ck_assert_int_eq(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0)
			write_until_killed(folder, ends[1]);
		close(ends[1]);
		char id[ID_UUID_SIZE], first[ID_UUID_SIZE];
		ck_assert_int_eq(read(ends[0], first, sizeof first), ID_UUID_SIZE);
		usleep(3000 + 7000 * (useconds_t)round);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		struct store *store;
		must_succeed(store_open(folder, NULL, &store, error));
		memcpy(id, first, sizeof id);
		do {
			struct looking l = { .id = id };
			must_succeed(store_read(store, look_for, &l, error));
			ck_assert_msg(l.found, "%s was acknowledged and is lost", id);
		} while (read(ends[0], id, sizeof id) == ID_UUID_SIZE);
		int64_t records;
		must_succeed(store_read(store, verify_records, &records, error));
		close(ends[0]);
		store_close(&store);
	}
}
END_TEST

struct work {
	struct arena *arena;
	struct container_claim claim;
	const char *owner;
};

static int claim(struct db *db, void *context, struct error *error)
{
	struct work *w = context;
	size_t count;
	w->claim.number = NULL;
	TRY(container_claim(db, w->arena, w->owner, clock_now_ms(), 1, &w->claim, &count, error));
	if (!count)
		w->claim.number = NULL;
	return 0;
}

static int done(struct db *db, void *context, struct error *error)
{
	struct work *w = context;
	return container_done(db, &w->claim, w->owner, CLOCK_NONE, "{}", error);
}

static int want(struct db *db, void *context, struct error *error)
{
	return container_want(db, context, error);
}

static int release(struct db *db, void *context, struct error *error)
{
	struct work *w = context;
	return container_release(db, &w->claim, w->owner, 0, error);
}

START_TEST(a_container_is_claimed_by_one_and_again_for_what_came_meanwhile)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct store *store;
	must_succeed(store_open(folder, NULL, &store, error));
	struct work a = { .arena = arena, .owner = "a" }, b = { .arena = arena, .owner = "b" };
	char number[] = "CSQU3054383";
	must_succeed(store_write(store, want, number, error));
	must_succeed(store_write(store, claim, &a, error));
	ck_assert_str_eq(a.claim.number, number);
	must_succeed(store_write(store, claim, &b, error));
	ck_assert_ptr_null(b.claim.number);
	must_succeed(store_write(store, want, number, error));
	must_succeed(store_write(store, done, &a, error));
	must_fail(store_write(store, done, &a, error), CONFLICT);  /* fenced */
	must_succeed(store_write(store, claim, &b, error));
	ck_assert_str_eq(b.claim.number, number);
	must_succeed(store_write(store, done, &b, error));
	must_succeed(store_write(store, claim, &b, error));
	ck_assert_ptr_null(b.claim.number);
	must_succeed(store_write(store, want, number, error));
	for (int i = 1; i <= CONTAINER_CLAIMS; i++) {
		must_succeed(store_write(store, claim, &a, error));
		ck_assert_int_eq(a.claim.claims, i);
		must_succeed(store_write(store, release, &a, error));
	}
	must_succeed(store_write(store, claim, &a, error));  /* the fourth: held */
	ck_assert_ptr_null(a.claim.number);
	store_close(&store);
}
END_TEST

struct mail {
	struct arena *arena;
	const char *id, *container;
	struct message_row *rows;
	size_t count;
	enum message_state to;
	bool moved;
};

static int add_message(struct db *db, void *context, struct error *error)
{
	struct mail *m = context;
	enum store_outcome outcome;
	struct message_row row = { .id = m->id, .agreement = "nl", .kind = "integrity-report", .cause = m->id, .container = m->container,
		.state = MESSAGE_READY, .document = "b", .content_type = "application/xml", .headers = "{}", .input = "{}", .set_digest = "d",
		.marks = "[]", .created = 5, .due = 5, .signer_until = CLOCK_NONE };
	return message_add(db, m->arena, &row, &outcome, error);
}

static int claim_messages(struct db *db, void *context, struct error *error)
{
	struct mail *m = context;
	return messages_take(db, m->arena, "nl", clock_now_ms(), 60000, &m->rows, &m->count, error);
}

static int move_message(struct db *db, void *context, struct error *error)
{
	struct mail *m = context;
	return message_move(db, m->id, m->to, 5, "why", &m->moved, error);
}

START_TEST(messages_of_a_container_leave_one_after_the_other)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct store *store;
	must_succeed(store_open(folder, NULL, &store, error));
	struct mail m = { .arena = arena };
	static const char *const made[][2] = { { "A1", "A" }, { "A2", "A" }, { "B1", "B" } };
	for (size_t i = 0; i < 3; i++) {
		m.id = made[i][0], m.container = made[i][1];
		must_succeed(store_write(store, add_message, &m, error));
	}
	must_succeed(store_write(store, claim_messages, &m, error));
	ck_assert_uint_eq(m.count, 2);
	ck_assert_str_eq(m.rows[0].id, "A1");
	ck_assert_str_eq(m.rows[1].id, "B1");
	m.id = "A1", m.to = MESSAGE_UNKNOWN;
	must_succeed(store_write(store, move_message, &m, error));
	must_succeed(store_write(store, claim_messages, &m, error));
	ck_assert_uint_eq(m.count, 1);  /* A1 again; A2 still waits */
	ck_assert_str_eq(m.rows[0].id, "A1");
	ck_assert_int_eq(m.rows[0].attempts, 2);
	m.to = MESSAGE_SENT;
	must_succeed(store_write(store, move_message, &m, error));
	ck_assert(m.moved);
	m.to = MESSAGE_WAITING;  /* nothing leads out of sent */
	must_succeed(store_write(store, move_message, &m, error));
	ck_assert(!m.moved);
	must_succeed(store_write(store, claim_messages, &m, error));
	ck_assert_uint_eq(m.count, 1);
	ck_assert_str_eq(m.rows[0].id, "A2");
	store_close(&store);
	must_succeed(store_open(folder, NULL, &store, error));  /* A2 and B1 were sending: now unknown, and tried again */
	must_succeed(store_write(store, claim_messages, &m, error));
	ck_assert_uint_eq(m.count, 2);
	store_close(&store);
}
END_TEST

struct octets {
	struct arena *arena;
	struct bytes in, out;
	const char *id;
};

static int put_body(struct db *db, void *context, struct error *error)
{
	struct octets *o = context;
	return body_put(db, o->arena, o->in, "application/xml", &o->id, error);
}

static int read_body(struct db *db, void *context, struct error *error)
{
	struct octets *o = context;
	return body_read(db, o->arena, o->id, &o->out, error);
}

START_TEST(octets_come_back_as_they_were)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct store *store;
	must_succeed(store_open(folder, NULL, &store, error));
	static const size_t sizes[] = { 0, 1, BODY_PART, BODY_PART + 1, 700000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		uint8_t *data = arena_alloc(arena, sizes[i] + 1);
		entropy_fill(data, sizes[i]);
		struct octets o = { .arena = arena, .in = { data, sizes[i] } };
		must_succeed(store_write(store, put_body, &o, error));
		must_succeed(store_read(store, read_body, &o, error));
		ck_assert(bytes_equal(o.in, o.out));
	}
	char copy[128];
	snprintf(copy, sizeof copy, "%s/backup/sealgate.db", folder);
	char backup[80];
	snprintf(backup, sizeof backup, "%s/backup", folder);
	must_succeed(file_make_folders(backup, 0700, error));
	must_succeed(store_backup(store, copy, error));
	must_fail(store_backup(store, copy, error), CONFLICT);
	struct stat stat_of_copy;
	ck_assert_int_eq(stat(copy, &stat_of_copy), 0);
	ck_assert_uint_eq(stat_of_copy.st_mode & 0777, 0600);  /* it holds secrets */
	store_close(&store);
	must_succeed(store_open(backup, NULL, &store, error));
	ck_assert(store_delivery_held(store));
	store_close(&store);
}
END_TEST

struct rows {
	struct arena *arena;
	struct finding_row finding;
	struct message_row message;
	const char *id;
	int64_t at, records;
	bool found, moved;
};

static int finding_write(struct db *db, void *context, struct error *error)
{
	struct rows *r = context;
	enum store_outcome outcome;
	return finding_add(db, r->arena, &(struct finding_row){ .id = "f", .container = "A", .rule = "opening", .code = "F-OPENING", .severity = "high",
	                   .cause = "c", .content = "{}", .closed = CLOCK_NONE }, &outcome, &r->finding, error);
}

static int finding_turn(struct db *db, void *context, struct error *error)
{
	struct rows *r = context;
	TRY(finding_close(db, &r->finding, r->at, error));
	return finding_find(db, r->arena, "f", &r->finding, &r->found, error);
}

static int finding_records(struct db *db, void *context, struct error *error)
{
	struct rows *r = context;
	return db_number(db, 0, &r->records, error, "select count(*) from record where object = 'f'", "");
}

START_TEST(a_finding_is_closed_and_opened_again_with_a_record_each)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct store *store;
	struct rows r = { .arena = arena };
	static const int64_t turns[] = { 5, 6, CLOCK_NONE, CLOCK_NONE, 7 }, closed[] = { 5, 5, CLOCK_NONE, CLOCK_NONE, 7 }, records[] = { 2, 2, 3, 3, 4 };
	must_succeed(store_open(folder, NULL, &store, error));
	must_succeed(store_write(store, finding_write, &r, error));
	for (size_t i = 0; i < 5; i++) {
		r.at = turns[i];
		must_succeed(store_write(store, finding_turn, &r, error));
		ck_assert_int_eq(r.finding.closed, closed[i]);
		must_succeed(store_read(store, finding_records, &r, error));
		ck_assert_int_eq(r.records, records[i]);
	}
	store_close(&store);
}
END_TEST

static int message_held(struct db *db, void *context, struct error *error)
{
	struct rows *r = context;
	TRY(message_move(db, "A1", MESSAGE_HELD, CLOCK_NONE, "look", &r->moved, error));
	return message_find(db, r->arena, "A1", &r->message, &r->found, error);
}

static int message_again(struct db *db, void *context, struct error *error)
{
	struct rows *r = context;
	TRY(message_resend(db, "A1", &r->moved, error));
	return message_find(db, r->arena, "A1", &r->message, &r->found, error);
}

START_TEST(delivery_runs_on_the_machine_s_clock)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct store *store;
	struct mail m = { .arena = arena, .id = "A1", .container = "A" };
	struct rows r = { .arena = arena };
	int64_t start = clock_real_ms();
	must_succeed(store_open(folder, NULL, &store, error));
	must_succeed(store_write(store, add_message, &m, error));
	clock_play(INT64_C(4102444800000));  /* 2100: what is due then would never leave */
	must_succeed(store_write(store, message_held, &r, error));
	ck_assert_int_ge(r.message.held_since, start);
	ck_assert_int_le(r.message.held_since, clock_real_ms());
	must_succeed(store_write(store, message_again, &r, error));
	ck_assert_int_ge(r.message.due, start);
	ck_assert_int_le(r.message.due, clock_real_ms());
	store_close(&store);
}
END_TEST

SUITE("store", the_same_event_from_sixteen_threads_is_there_once, a_write_that_fails_leaves_nothing_and_takes_no_other_with_it,
      a_second_process_is_told_who_has_the_store, a_newer_store_refuses_an_older_program,
      a_full_store_says_so_and_keeps_what_it_acknowledged, what_was_acknowledged_before_kill_9_is_there,
      a_container_is_claimed_by_one_and_again_for_what_came_meanwhile, messages_of_a_container_leave_one_after_the_other,
      octets_come_back_as_they_were, a_finding_is_closed_and_opened_again_with_a_record_each, delivery_runs_on_the_machine_s_clock)
