#include "store/message.h"

#include <stdio.h>

#include "lib/base/text.h"
#include "store/record.h"

#define MESSAGE_COLUMNS \
	"id, agreement, kind, cause, container, journey, finding, state, ordinal, document, signature, content_type, headers, input, " \
	"set_digest, marks, created, due, attempts, first_try, held_since, conversation, customs_id, reason, out_of_order, signer_until"

static struct message_row message_read(struct db_rows *rows, struct arena *arena)
{
	struct message_row row = { .id = db_text(rows, arena, 0), .agreement = db_text(rows, arena, 1), .kind = db_text(rows, arena, 2),
		.cause = db_text(rows, arena, 3), .container = db_text(rows, arena, 4), .journey = db_text(rows, arena, 5),
		.finding = db_text(rows, arena, 6), .ordinal = db_int(rows, 8), .document = db_text(rows, arena, 9),
		.signature = db_text(rows, arena, 10), .content_type = db_text(rows, arena, 11), .headers = db_text(rows, arena, 12),
		.input = db_text(rows, arena, 13), .set_digest = db_text(rows, arena, 14), .marks = db_text(rows, arena, 15),
		.created = db_int(rows, 16), .due = db_int(rows, 17), .attempts = db_int(rows, 18), .first_try = db_int(rows, 19),
		.held_since = db_int(rows, 20), .conversation = db_text(rows, arena, 21), .customs_id = db_text(rows, arena, 22),
		.reason = db_text(rows, arena, 23), .out_of_order = db_int(rows, 24) == 1, .signer_until = db_int(rows, 25) };
	must(message_state_find(db_text(rows, arena, 7), &row.state));
	return row;
}

static int message_list(struct db_rows *rows, struct arena *arena, size_t most, struct message_row **rows_r, size_t *count_r,
                        struct error *error)
{
	struct message_row *list = arena_array(arena, most + 1, sizeof *list);
	size_t count = 0;
	int more = 0;
	while (count < most && (more = db_next(rows, error)) > 0)
		list[count++] = message_read(rows, arena);
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

static int message_one(struct db_rows *rows, struct arena *arena, struct message_row *row_r, bool *found_r, struct error *error)
{
	struct message_row *list;
	size_t count;
	TRY(message_list(rows, arena, 1, &list, &count, error));
	*found_r = count == 1;
	if (count)
		*row_r = list[0];
	return 0;
}

int message_find(struct db *db, struct arena *arena, const char *id, struct message_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " MESSAGE_COLUMNS " from message where id = $1", "t", id));
	return message_one(rows, arena, row_r, found_r, error);
}

int message_find_conversation(struct db *db, struct arena *arena, const char *agreement, const char *conversation,
                              struct message_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " MESSAGE_COLUMNS " from message where conversation = $2 and agreement = $1 order by ordinal",
	             "tt", agreement, conversation));
	return message_one(rows, arena, row_r, found_r, error);
}

int message_find_customs_id(struct db *db, struct arena *arena, const char *agreement, const char *customs_id, struct message_row *row_r,
                            bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " MESSAGE_COLUMNS " from message where customs_id = $2 and agreement = $1 order by ordinal", "tt",
	             agreement, customs_id));
	return message_one(rows, arena, row_r, found_r, error);
}

int message_find_cause(struct db *db, struct arena *arena, const char *agreement, const char *kind, const char *cause,
                       struct message_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " MESSAGE_COLUMNS " from message where agreement = $1 and kind = $2 and cause = $3", "ttt",
	             agreement, kind, cause));
	return message_one(rows, arena, row_r, found_r, error);
}

int message_held_of(struct db *db, struct arena *arena, const char *container, const char *kind, struct message_row **rows_r, size_t *count_r,
                 struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from message where container = $1 and state = 'held' and kind = $2", "tt", container, kind));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " MESSAGE_COLUMNS " from message where container = $1 and state = 'held' and kind = $2 order by ordinal",
	             "tt", container, kind));
	return message_list(rows, arena, (size_t)most, rows_r, count_r, error);
}

static int message_record(struct db *db, const struct message_row *row, enum message_state state, struct error *error)
{
	char kind[40];
	snprintf(kind, sizeof kind, "message.%s", message_state_name(state));
	struct record record = { .kind = kind, .object = row->id, .container = row->container, .journey = row->journey,
		.agreement = row->agreement };
	return record_add(db, &record, error);
}

int message_add(struct db *db, struct arena *arena, const struct message_row *row, enum store_outcome *outcome_r, struct error *error)
{
	(void)arena;
	TRY(db_run(db, error,
	           "insert into message (" MESSAGE_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, "
	           "(select coalesce(max(ordinal), 0) + 1 from message), $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, null, $18, null, "
	           "null, $19, 0, $20) on conflict (agreement, kind, cause) do nothing",
	           "tttttttt" "ttttttt" "in" "n" "t" "n", row->id, row->agreement, row->kind, row->cause, row->container, row->journey,
	           row->finding, message_state_name(row->state), row->document, row->signature, row->content_type, row->headers,
	           row->input, row->set_digest, row->marks, row->created, row->due,
	           row->state == MESSAGE_HELD ? clock_real_ms() : CLOCK_NONE, row->reason, row->signer_until));
	*outcome_r = db_changes(db) ? STORE_NEW : STORE_SAME;
	return *outcome_r == STORE_NEW ? message_record(db, row, row->state, error) : 0;
}

int message_move(struct db *db, const char *id, enum message_state to, int64_t due, const char *reason, bool *moved_r,
                 struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct message_row row;
	bool found;
	TRY(message_find(db, arena, id, &row, &found, error));
	*moved_r = found && message_state_may(row.state, to);
	if (!*moved_r)
		return 0;
	TRY(db_run(db, error, "update message set state = $2, due = $3, reason = $4, held_since = $5, lease_owner = null where id = $1",
	           "ttntn", id, message_state_name(to), due, reason, to == MESSAGE_HELD ? clock_real_ms() : CLOCK_NONE));
	return message_record(db, &row, to, error);
}

int message_set_conversation(struct db *db, const char *id, const char *conversation, struct error *error)
{
	return db_run(db, error, "update message set conversation = $2 where id = $1", "tt", id, conversation);
}

int message_set_customs_id(struct db *db, const char *id, const char *customs_id, struct error *error)
{
	return db_run(db, error, "update message set customs_id = $2 where id = $1", "tt", id, customs_id);
}

int message_holds(struct db *db, const char *container, bool *holds_r, struct error *error)
{
	int64_t held;
	TRY(db_number(db, 0, &held, error, "select count(*) from message where container = $1 and state = 'held'", "t", container));
	*holds_r = held > 0;
	return 0;
}

int message_set_reason(struct db *db, const char *id, const char *reason, struct error *error)
{
	return db_run(db, error, "update message set reason = $2 where id = $1", "tt", id, reason);
}

int message_remake(struct db *db, const struct message_row *row, bool *moved_r, struct error *error)
{
	TRY(db_run(db, error,
	           "update message set document = $2, signature = $3, input = $4, set_digest = $5, marks = $6, signer_until = $7 "
	           "where id = $1 and state = 'held'",
	           "ttttttn", row->id, row->document, row->signature, row->input, row->set_digest, row->marks, row->signer_until));
	*moved_r = db_changes(db) == 1;
	return *moved_r ? message_move(db, row->id, MESSAGE_READY, clock_real_ms(), NULL, moved_r, error) : 0;
}

int message_resend(struct db *db, const char *id, bool *moved_r, struct error *error)
{
	TRY(message_move(db, id, MESSAGE_READY, clock_real_ms(), "sent again by an operator", moved_r, error));
	if (!*moved_r)
		return 0;
	return db_run(db, error, "update message set out_of_order = 1, first_try = null where id = $1", "t", id);
}

int message_start(struct db *db, struct message_row *row, const char *owner, int64_t now, bool *started_r, struct error *error)
{
	int64_t first_try = row->first_try == CLOCK_NONE ? now : row->first_try;
	TRY(db_run(db, error,
	           "update message set state = 'sending', lease_owner = $2, attempts = $3, first_try = $4 "
	           "where id = $1 and state in ('ready', 'waiting', 'unknown') and attempts = $3 - 1",
	           "ttii", row->id, owner, row->attempts + 1, first_try));
	*started_r = db_changes(db) == 1;
	if (!*started_r)
		return 0;
	row->attempts++;
	row->state = MESSAGE_SENDING;
	row->first_try = first_try;
	return db_run(db, error, "insert into attempt (message, number, started) values ($1, $2, $3)", "tii", row->id, row->attempts, now);
}

int message_due(struct db *db, struct arena *arena, const char *agreement, int64_t now, int64_t held_blocks_ms, int64_t limit,
                struct message_row **rows_r, size_t *count_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select " MESSAGE_COLUMNS " from message m where agreement = $1 and state in ('ready', 'waiting', 'unknown') "
	             "and due <= $2 and (out_of_order = 1 or container is null or not exists (select 1 from message e "
	             "where e.agreement = $1 and e.container = m.container and e.ordinal < m.ordinal and "
	             "(e.state in ('ready', 'sending', 'unknown', 'waiting') or (e.state = 'held' and e.held_since > $3)))) "
	             "order by due, ordinal limit $4 {skip}",
	             "tiii", agreement, now, now - held_blocks_ms, limit));
	return message_list(rows, arena, (size_t)limit, rows_r, count_r, error);
}

int message_next_due(struct db *db, const char *agreement, int64_t *due_r, struct error *error)
{
	return db_number(db, CLOCK_NONE, due_r, error,
	                 "select min(due) from message where agreement = $1 and state in ('ready', 'waiting', 'unknown')", "t", agreement);
}

int message_overdue(struct db *db, struct arena *arena, const char *agreement, int64_t before, struct message_row **rows_r, size_t *count_r,
                    struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select " MESSAGE_COLUMNS " from message where agreement = $1 and state in ('waiting', 'unknown') and first_try < $2 "
	             "order by ordinal limit 100",
	             "ti", agreement, before));
	return message_list(rows, arena, 100, rows_r, count_r, error);
}

int message_ages(struct db *db, const char *agreement, struct message_ages *ages_r, struct error *error)
{
	/* one that was never tried is due since it was made */
	TRY(db_number(db, CLOCK_NONE, &ages_r->waiting, error,
	              "select min(coalesce(first_try, due)) from message where agreement = $1 and state in ('ready', 'waiting', 'unknown')", "t", agreement));
	return db_number(db, CLOCK_NONE, &ages_r->unanswered, error,
	                 "select min(first_try) from message where agreement = $1 and state = 'sent' and answered = 0 and kind not in ('reply', 'relay')",
	                 "t", agreement);
}

int message_recover(struct db *db, struct error *error)
{
	TRY(db_run(db, error,
	           "update attempt set ended = $1, outcome = 'unknown', detail = 'the gateway stopped during this try' "
	           "where ended is null and message in (select id from message where state = 'sending')", "i", clock_real_ms()));
	return db_run(db, error,
	              "update message set state = 'unknown', lease_owner = null, due = $1, "
	              "reason = 'the gateway stopped during a try' where state = 'sending'", "i", clock_real_ms());
}

int attempt_end(struct db *db, const struct attempt_row *attempt, struct error *error)
{
	return db_run(db, error, "update attempt set ended = $3, outcome = $4, status = $5, detail = $6 where message = $1 and number = $2",
	              "tiitnt", attempt->message, attempt->number, attempt->ended, attempt->outcome, attempt->status, attempt->detail);
}

int attempt_list(struct db *db, struct arena *arena, const char *message, struct attempt_row **rows_r, size_t *count_r,
                 struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from attempt where message = $1", "t", message));
	struct attempt_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select message, number, started, ended, status, outcome, detail from attempt where message = $1 order by number", "t",
	             message));
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = (struct attempt_row){ db_text(rows, arena, 0), db_int(rows, 1), db_int(rows, 2), db_int(rows, 3),
			db_int(rows, 4), db_text(rows, arena, 5), db_text(rows, arena, 6) };
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}
