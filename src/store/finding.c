#include "store/finding.h"

#include "store/record.h"

#define FINDING_COLUMNS "id, container, journey, rule, code, severity, time, cause, content, closed"

static struct finding_row finding_read(struct db_rows *rows, struct arena *arena)
{
	return (struct finding_row){ .id = db_text(rows, arena, 0), .container = db_text(rows, arena, 1),
		.journey = db_text(rows, arena, 2), .rule = db_text(rows, arena, 3), .code = db_text(rows, arena, 4),
		.severity = db_text(rows, arena, 5), .time = db_int(rows, 6), .cause = db_text(rows, arena, 7),
		.content = db_text(rows, arena, 8), .closed = db_int(rows, 9) };
}

static int finding_one(struct db *db, struct arena *arena, const char *sql, const char *key, struct finding_row *row_r, bool *found_r,
                       struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, sql, "t", key));
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more;
	if (more)
		*row_r = finding_read(rows, arena);
	return 0;
}

int finding_find(struct db *db, struct arena *arena, const char *id, struct finding_row *row_r, bool *found_r, struct error *error)
{
	return finding_one(db, arena, "select " FINDING_COLUMNS " from finding where id = $1", id, row_r, found_r, error);
}

int finding_add(struct db *db, struct arena *arena, const struct finding_row *row, enum store_outcome *outcome_r,
                struct finding_row *row_r, struct error *error)
{
	TRY(db_run(db, error,
	           "insert into finding (" FINDING_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (cause) do nothing",
	           "ttttttittn", row->id, row->container, row->journey, row->rule, row->code, row->severity, row->time, row->cause,
	           row->content, row->closed));
	if (db_changes(db) == 0) {
		bool found;
		*outcome_r = STORE_SAME;
		return finding_one(db, arena, "select " FINDING_COLUMNS " from finding where cause = $1", row->cause, row_r, &found, error);
	}
	*outcome_r = STORE_NEW;
	*row_r = *row;
	struct record record = { .kind = "finding.raised", .object = row->id, .container = row->container, .journey = row->journey };
	return record_add(db, &record, error);
}

int finding_of_container(struct db *db, struct arena *arena, const char *container, struct finding_row **rows_r, size_t *count_r,
                         struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from finding where container = $1", "t", container));
	struct finding_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " FINDING_COLUMNS " from finding where container = $1 order by time, id", "t", container));
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = finding_read(rows, arena);
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

int finding_close(struct db *db, const struct finding_row *row, int64_t at, struct error *error)
{
	struct record record = { .kind = at == CLOCK_NONE ? "finding.reopened" : "finding.closed", .object = row->id, .container = row->container,
		.journey = row->journey };
	TRY(db_run(db, error, "update finding set closed = $2 where id = $1 and (closed is null) <> (cast($2 as bigint) is null)", "tn", row->id, at));
	return db_changes(db) ? record_add(db, &record, error) : 0;
}
