#include "store/subscription.h"

#include "lib/base/id.h"
#include "lib/base/text.h"
#include "store/record.h"

#define SUBSCRIPTION_COLUMNS "id, party, content, state, cursor, failing_since, created, version"

static int subscription_rows(struct db_rows *rows, struct arena *arena, int64_t most, struct subscription_row **rows_r,
                             size_t *count_r, struct error *error)
{
	struct subscription_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = (struct subscription_row){ db_text(rows, arena, 0), db_text(rows, arena, 1), db_text(rows, arena, 2),
			db_text(rows, arena, 3), db_int(rows, 4), db_int(rows, 5), db_int(rows, 6), db_int(rows, 7) };
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

int subscription_put(struct db *db, const struct subscription_row *row, struct error *error)
{
	TRY(db_run(db, error,
	           "insert into subscription (" SUBSCRIPTION_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update "
	           "set content = excluded.content, state = excluded.state, failing_since = excluded.failing_since, version = excluded.version",
	           "ttttinii", row->id, row->party, row->content, row->state, row->cursor, row->failing_since, row->created, row->version));
	struct record record = { .kind = "subscription.changed", .object = row->id };
	return record_add(db, &record, error);
}

int subscription_find(struct db *db, struct arena *arena, const char *id, struct subscription_row *row_r, bool *found_r,
                      struct error *error)
{
	struct subscription_row *list;
	size_t count;
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " SUBSCRIPTION_COLUMNS " from subscription where id = $1", "t", id));
	TRY(subscription_rows(rows, arena, 1, &list, &count, error));
	*found_r = count == 1;
	if (count)
		*row_r = list[0];
	return 0;
}

int subscription_list(struct db *db, struct arena *arena, const char *party, struct subscription_row **rows_r, size_t *count_r,
                      struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from subscription where cast($1 as text) is null or party = $1", "t", party));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select " SUBSCRIPTION_COLUMNS " from subscription where cast($1 as text) is null or party = $1 order by created, id", "t",
	             party));
	return subscription_rows(rows, arena, most, rows_r, count_r, error);
}

int subscription_delete(struct db *db, const char *id, struct error *error)
{
	char gone[ID_UUID_SIZE];
	TRY(db_run(db, error, "delete from delivery where subscription = $1 and state in ('ready', 'sending')", "t", id));
	/* what was delivered stays on file, out of reach of whoever takes this id next */
	TRY(db_run(db, error, "update delivery set subscription = subscription || '#' || $2 where subscription = $1", "tt", id, id_uuid7(gone)));
	TRY(db_run(db, error, "delete from secret where name = 'subscription:' || $1", "t", id));
	TRY(db_run(db, error, "delete from subscription where id = $1", "t", id));
	struct record record = { .kind = "subscription.deleted", .object = id };
	return record_add(db, &record, error);
}

#define THIS_ONE "id = $1 and version = $2 and created = $3"

int subscription_advance(struct db *db, const struct subscription_row *row, int64_t cursor, bool *moved_r, struct error *error)
{
	TRY(db_run(db, error, "update subscription set cursor = $5 where " THIS_ONE " and cursor = $4 and state = 'active'", "tiiii", row->id, row->version,
	           row->created, row->cursor, cursor));
	*moved_r = db_changes(db) == 1;
	return 0;
}

int subscription_note(struct db *db, const struct subscription_row *row, int64_t failing_since, bool disable, struct error *error)
{
	TRY(db_run(db, error, "update subscription set failing_since = $4 where " THIS_ONE, "tiin", row->id, row->version, row->created, failing_since));
	if (!disable)
		return 0;
	TRY(db_run(db, error, "update subscription set state = 'disabled' where " THIS_ONE " and state = 'active'", "tii", row->id, row->version,
	           row->created));
	if (db_changes(db) == 0)
		return 0;
	struct record record = { .kind = "subscription.disabled", .object = row->id };
	return record_add(db, &record, error);
}

int subscription_lag(struct db *db, int64_t *records_r, struct error *error)
{
	return db_number(db, 0, records_r, error,
	                 "select max((select coalesce(max(number), 0) from record) - cursor) from subscription where state = 'active'", "");
}

#define DELIVERY_COLUMNS \
	"id, subscription, record, type, container, body, state, attempts, due, last_status, last_error, created, ended, first_try"

static int delivery_rows(struct db_rows *rows, struct arena *arena, int64_t most, struct delivery_row **rows_r, size_t *count_r,
                         struct error *error)
{
	struct delivery_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = (struct delivery_row){ .id = db_text(rows, arena, 0), .subscription = db_text(rows, arena, 1),
			.record = db_int(rows, 2), .type = db_text(rows, arena, 3), .container = db_text(rows, arena, 4),
			.body = db_text(rows, arena, 5), .state = db_text(rows, arena, 6), .attempts = db_int(rows, 7), .due = db_int(rows, 8),
			.last_status = db_int(rows, 9), .last_error = db_text(rows, arena, 10), .created = db_int(rows, 11),
			.ended = db_int(rows, 12), .first_try = db_int(rows, 13) };
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

int delivery_add(struct db *db, const struct delivery_row *row, struct error *error)
{
	return db_run(db, error,
	              "insert into delivery (" DELIVERY_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, null) "
	              "on conflict (subscription, record) do nothing",
	              "ttittttinntin", row->id, row->subscription, row->record, row->type, row->container, row->body, row->state,
	              row->attempts, row->due, row->last_status, row->last_error, row->created, row->ended);
}

int delivery_find(struct db *db, struct arena *arena, const char *id, struct delivery_row *row_r, bool *found_r, struct error *error)
{
	struct delivery_row *list;
	size_t count;
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " DELIVERY_COLUMNS " from delivery where id = $1", "t", id));
	TRY(delivery_rows(rows, arena, 1, &list, &count, error));
	*found_r = count == 1;
	if (count)
		*row_r = list[0];
	return 0;
}

int delivery_list(struct db *db, struct arena *arena, const struct delivery_filter *filter, int64_t limit, struct delivery_row **rows_r,
                  size_t *count_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select " DELIVERY_COLUMNS " from delivery where (cast($1 as text) is null or subscription = $1) "
	             "and (cast($3 as text) is null or container = $3) and (cast($4 as text) is null or substr(type, 1, length($4)) = $4) "
	             "and (cast($5 as text) is null or state = $5) order by created desc, id desc limit $2",
	             "tittt", filter->subscription, limit, filter->container, filter->type_start, filter->state));
	return delivery_rows(rows, arena, limit, rows_r, count_r, error);
}

int delivery_open(struct db *db, const char *subscription, int64_t *count_r, struct error *error)
{
	return db_number(db, 0, count_r, error, "select count(*) from delivery where subscription = $1 and state in ('ready', 'sending')", "t",
	                 subscription);
}

/* $1 subscription, $2 now, $3 one whose first try was before holds later ones back no more. */
#define DELIVERY_DUE \
	"from delivery d where d.subscription = $1 and d.state = 'ready' and d.due <= $2 and (d.container is null or (" \
	"not exists (select 1 from delivery e where e.subscription = $1 and e.state = 'sending' and e.container = d.container) and " \
	"not exists (select 1 from delivery e where e.subscription = $1 and e.state = 'ready' and e.container = d.container " \
	"and e.record < d.record and (e.first_try is null or e.first_try > $3 or e.due <= $2)))) "

int delivery_is_due(struct db *db, const char *subscription, int64_t now, int64_t blocks_ms, bool *due_r, struct error *error)
{
	int64_t one;
	TRY(db_number(db, 0, &one, error, "select 1 " DELIVERY_DUE "order by d.due, d.record limit 1", "tii", subscription, now, now - blocks_ms));
	*due_r = one;
	return 0;
}

int delivery_claim(struct db *db, struct arena *arena, const char *subscription, int64_t now, int64_t blocks_ms, int64_t limit,
                   struct delivery_row **rows_r, size_t *count_r, struct error *error)
{
	{
		DB_ROWS rows = NULL;
		TRY(db_query(db, &rows, error, "select " DELIVERY_COLUMNS " " DELIVERY_DUE "order by d.due, d.record limit $4 {skip}", "tiii",
		             subscription, now, now - blocks_ms, limit));
		TRY(delivery_rows(rows, arena, limit, rows_r, count_r, error));
	}
	for (size_t i = 0; i < *count_r; i++) {
		struct delivery_row *row = &(*rows_r)[i];
		row->attempts++;
		if (row->first_try == CLOCK_NONE)
			row->first_try = now;
		TRY(db_run(db, error, "update delivery set state = 'sending', attempts = $2, first_try = $3 where id = $1", "tii", row->id,
		           row->attempts, row->first_try));
	}
	return 0;
}

int delivery_end(struct db *db, const struct delivery_row *row, struct error *error)
{
	return db_run(db, error,
	              "update delivery set state = $2, due = $3, last_status = $4, last_error = $5, ended = $6 where id = $1 and state = 'sending'",
	              "ttnntn", row->id, row->state, row->due, row->last_status, row->last_error, row->ended);
}

int delivery_again(struct db *db, const char *id, int64_t now, struct error *error)
{
	return db_run(db, error,
	              "update delivery set state = 'ready', due = $2, ended = null, attempts = 0, first_try = null "
	              "where id = $1 and state in ('sent', 'failed')", "ti", id, now);
}

int delivery_recover(struct db *db, struct error *error)
{
	return db_run(db, error, "update delivery set state = 'ready', due = 0 where state = 'sending'", "");
}
