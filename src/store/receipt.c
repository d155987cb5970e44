#include <stdio.h>

#include "lib/base/id.h"
#include "store/message.h"
#include "store/record.h"

int receipt_add(struct db *db, struct arena *arena, const struct receipt_row *row, struct error *error)
{
	struct message_row message;
	bool found;
	TRY(message_find(db, arena, row->message, &message, &found, error));
	char id[ID_UUID_SIZE], kind[40];
	snprintf(kind, sizeof kind, "receipt.%s", row->kind);
	TRY(db_run(db, error, "insert into receipt (id, message, kind, received, conversation, body, content) values ($1, $2, $3, $4, $5, $6, $7)",
	           "tttittt", id_uuid7(id), row->message, row->kind, row->received, row->conversation, row->body, row->content));
	struct record record = { .kind = kind, .object = id, .container = found ? message.container : NULL,
		.journey = found ? message.journey : NULL, .agreement = found ? message.agreement : NULL };
	return record_add(db, &record, error);
}

int receipt_list(struct db *db, struct arena *arena, const char *message, struct receipt_row **rows_r, size_t *count_r,
                 struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from receipt where message = $1", "t", message));
	struct receipt_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select id, message, kind, received, conversation, body, content from receipt where message = $1 order by received, id",
	             "t", message));
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = (struct receipt_row){ db_text(rows, arena, 0), db_text(rows, arena, 1), db_text(rows, arena, 2),
			db_int(rows, 3), db_text(rows, arena, 4), db_text(rows, arena, 5), db_text(rows, arena, 6) };
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}
