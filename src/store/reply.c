#include "store/reply.h"

#include "store/record.h"

#define REPLY_COLUMNS "id, notice, state, text, author, token, created, approver, approved, message"

static int reply_one(struct db_rows *rows, struct arena *arena, struct reply_row *row_r, bool *found_r, struct error *error)
{
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more;
	if (more)
		*row_r = (struct reply_row){ db_text(rows, arena, 0), db_text(rows, arena, 1), db_text(rows, arena, 2), db_text(rows, arena, 3),
			db_text(rows, arena, 4), db_text(rows, arena, 5), db_int(rows, 6), db_text(rows, arena, 7), db_int(rows, 8),
			db_text(rows, arena, 9) };
	return 0;
}

static int reply_record(struct db *db, const char *kind, const struct reply_row *row, const struct notice_row *notice, struct error *error)
{
	struct record record = { .kind = kind, .object = row->id, .container = notice->container, .journey = notice->journey, .agreement = notice->peer };
	return record_add(db, &record, error);
}

int reply_add(struct db *db, const struct reply_row *row, const struct notice_row *notice, struct error *error)
{
	TRY(db_run(db, error, "update reply set state = 'replaced' where notice = $1 and state = 'draft'", "t", row->notice));
	TRY(db_run(db, error, "insert into reply (" REPLY_COLUMNS ") values ($1, $2, 'draft', $3, $4, $5, $6, null, null, null)", "tttt" "ti", row->id,
	           row->notice, row->text, row->author, row->token, row->created));
	return reply_record(db, "reply.drafted", row, notice, error);
}

int reply_find(struct db *db, struct arena *arena, const char *id, struct reply_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " REPLY_COLUMNS " from reply where id = $1", "t", id));
	return reply_one(rows, arena, row_r, found_r, error);
}

int reply_of_notice(struct db *db, struct arena *arena, const char *notice, struct reply_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " REPLY_COLUMNS " from reply where notice = $1 order by created desc, id desc limit 1", "t", notice));
	return reply_one(rows, arena, row_r, found_r, error);
}

int reply_approve(struct db *db, const struct reply_row *row, const struct notice_row *notice, bool *done_r, struct error *error)
{
	TRY(db_run(db, error, "update reply set state = 'approved', approver = $2, approved = $3, message = $4 where id = $1 and state = 'draft'",
	           "ttit", row->id, row->approver, row->approved, row->message));
	*done_r = db_changes(db) == 1;
	return *done_r ? reply_record(db, "reply.approved", row, notice, error) : 0;
}
