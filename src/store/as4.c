#include "store/as4.h"

#define OUT_COLUMNS "message, message_id, content_type, body, digests, made"
#define IN_COLUMNS "agreement, signer, message_id, received, digest, conversation, document, answer_type, answer"

int as4_out_add(struct db *db, const struct as4_out_row *row, struct error *error)
{
	return db_run(db, error, "insert into as4_out (" OUT_COLUMNS ") values ($1, $2, $3, $4, $5, $6)", "ttttti", row->message, row->message_id,
	              row->content_type, row->body, row->digests, row->made);
}

static int out_one(struct db_rows *rows, struct arena *arena, struct as4_out_row *row_r, bool *found_r, struct error *error)
{
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more > 0;
	if (*found_r)
		*row_r = (struct as4_out_row){ db_text(rows, arena, 0), db_text(rows, arena, 1), db_text(rows, arena, 2), db_text(rows, arena, 3),
			db_text(rows, arena, 4), db_int(rows, 5) };
	return 0;
}

int as4_out_find(struct db *db, struct arena *arena, const char *message, struct as4_out_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " OUT_COLUMNS " from as4_out where message = $1", "t", message));
	return out_one(rows, arena, row_r, found_r, error);
}

int as4_out_find_id(struct db *db, struct arena *arena, const char *message_id, struct as4_out_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " OUT_COLUMNS " from as4_out where message_id = $1", "t", message_id));
	return out_one(rows, arena, row_r, found_r, error);
}

int as4_in_add(struct db *db, const struct as4_in_row *row, struct error *error)
{
	return db_run(db, error, "insert into as4_in (" IN_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9)", "tttittttt", row->agreement,
	              row->signer, row->message_id, row->received, row->digest, row->conversation, row->document, row->answer_type, row->answer);
}

static int in_one(struct db_rows *rows, struct arena *arena, struct as4_in_row *row_r, bool *found_r, struct error *error)
{
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more > 0;
	if (*found_r)
		*row_r = (struct as4_in_row){ db_text(rows, arena, 0), db_text(rows, arena, 1), db_text(rows, arena, 2), db_int(rows, 3),
			db_text(rows, arena, 4), db_text(rows, arena, 5), db_text(rows, arena, 6), db_text(rows, arena, 7), db_text(rows, arena, 8) };
	return 0;
}

int as4_in_find(struct db *db, struct arena *arena, const char *agreement, const char *signer, const char *message_id, struct as4_in_row *row_r,
                bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " IN_COLUMNS " from as4_in where agreement = $1 and signer = $2 and message_id = $3", "ttt", agreement,
	             signer, message_id));
	return in_one(rows, arena, row_r, found_r, error);
}

int as4_in_find_document(struct db *db, struct arena *arena, const char *document, struct as4_in_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " IN_COLUMNS " from as4_in where document = $1 order by received", "t", document));
	return in_one(rows, arena, row_r, found_r, error);
}

int as4_in_forget(struct db *db, const char *agreement, int64_t before, struct error *error)
{
	return db_run(db, error,
	              "delete from as4_in where agreement = $1 and message_id in "
	              "(select message_id from as4_in where agreement = $1 and received < $2 limit 1000) and received < $2",
	              "ti", agreement, before);
}
