#include "store/document.h"

#include <stdio.h>

#include "store/container.h"
#include "store/message.h"
#include "store/record.h"

#define DOCUMENT_COLUMNS \
	"id, peer, received, body, signature, content_type, type, dedupe, state, reason, message, container, journey, conversation, content"

static int document_one(struct db_rows *rows, struct arena *arena, struct document_row *row_r, bool *found_r, struct error *error)
{
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more;
	if (more)
		*row_r = (struct document_row){ .id = db_text(rows, arena, 0), .peer = db_text(rows, arena, 1), .received = db_int(rows, 2),
			.body = db_text(rows, arena, 3), .signature = db_text(rows, arena, 4), .content_type = db_text(rows, arena, 5),
			.type = db_text(rows, arena, 6), .dedupe = db_text(rows, arena, 7), .state = db_text(rows, arena, 8),
			.reason = db_text(rows, arena, 9), .message = db_text(rows, arena, 10), .container = db_text(rows, arena, 11),
			.journey = db_text(rows, arena, 12), .conversation = db_text(rows, arena, 13), .content = db_text(rows, arena, 14) };
	return 0;
}

int document_find(struct db *db, struct arena *arena, const char *id, struct document_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " DOCUMENT_COLUMNS " from document where id = $1", "t", id));
	return document_one(rows, arena, row_r, found_r, error);
}

int document_find_dedupe(struct db *db, struct arena *arena, const char *peer, const char *dedupe, struct document_row *row_r, bool *found_r,
                         struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " DOCUMENT_COLUMNS " from document where peer = $1 and dedupe = $2", "tt", peer, dedupe));
	return document_one(rows, arena, row_r, found_r, error);
}

int document_add(struct db *db, struct arena *arena, const struct document_row *row, enum store_outcome *outcome_r,
                 struct document_row *row_r, struct error *error)
{
	TRY(db_run(db, error,
	           "insert into document (" DOCUMENT_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
	           "on conflict (peer, dedupe) do nothing",
	           "ttitttttttttttt", row->id, row->peer, row->received, row->body, row->signature, row->content_type, row->type,
	           row->dedupe, row->state, row->reason, row->message, row->container, row->journey, row->conversation, row->content));
	if (db_changes(db) == 0) {
		bool found;
		*outcome_r = STORE_SAME;
		return document_find_dedupe(db, arena, row->peer, row->dedupe, row_r, &found, error);
	}
	*outcome_r = STORE_NEW;
	*row_r = *row;
	char kind[40];
	snprintf(kind, sizeof kind, "document.%s", row->state);
	struct record record = { .kind = kind, .object = row->id, .container = row->container, .journey = row->journey,
		.agreement = row->peer };
	return record_add(db, &record, error);
}

#define NOTICE_COLUMNS \
	"id, kind, peer, document, message, container, journey, received, disclosure, content, acknowledged, lifted, escalate"

static int notice_list(struct db_rows *rows, struct arena *arena, size_t most, struct notice_row **rows_r, size_t *count_r,
                       struct error *error)
{
	struct notice_row *list = arena_array(arena, most + 1, sizeof *list);
	size_t count = 0;
	int more = 0;
	while (count < most && (more = db_next(rows, error)) > 0)
		list[count++] = (struct notice_row){ .id = db_text(rows, arena, 0), .kind = db_text(rows, arena, 1),
			.peer = db_text(rows, arena, 2), .document = db_text(rows, arena, 3), .message = db_text(rows, arena, 4),
			.container = db_text(rows, arena, 5), .journey = db_text(rows, arena, 6), .received = db_int(rows, 7),
			.disclosure = db_text(rows, arena, 8), .content = db_text(rows, arena, 9), .acknowledged = db_int(rows, 10),
			.lifted = db_int(rows, 11), .escalate = db_int(rows, 12) };
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

static int notice_record(struct db *db, const struct notice_row *row, const char *what, struct error *error)
{
	char kind[64];
	snprintf(kind, sizeof kind, "notice.%s", what);
	struct record record = { .kind = kind, .object = row->id, .container = row->container, .journey = row->journey,
		.agreement = row->peer };
	bool holds = false;
	if (row->container)  /* a withdrawal may wait for what customs says, or be refused because of it */
		TRY(message_holds(db, row->container, &holds, error));
	if (holds)
		TRY(container_want(db, row->container, error));
	return record_add(db, &record, error);
}

int notice_add(struct db *db, const struct notice_row *row, struct error *error)
{
	TRY(db_run(db, error, "insert into notice (" NOTICE_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
	           "tttttttittnnn", row->id, row->kind, row->peer, row->document, row->message, row->container, row->journey,
	           row->received, row->disclosure, row->content, row->acknowledged, row->lifted, row->escalate));
	return notice_record(db, row, row->kind, error);
}

int notice_find(struct db *db, struct arena *arena, const char *id, struct notice_row *row_r, bool *found_r, struct error *error)
{
	struct notice_row *list;
	size_t count;
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " NOTICE_COLUMNS " from notice where id = $1", "t", id));
	TRY(notice_list(rows, arena, 1, &list, &count, error));
	*found_r = count == 1;
	if (count)
		*row_r = list[0];
	return 0;
}

int notice_of_container(struct db *db, struct arena *arena, const char *container, struct notice_row **rows_r, size_t *count_r,
                        struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from notice where container = $1", "t", container));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " NOTICE_COLUMNS " from notice where container = $1 order by received, id", "t", container));
	return notice_list(rows, arena, (size_t)most, rows_r, count_r, error);
}

int notice_of_message(struct db *db, struct arena *arena, const char *message, struct notice_row **rows_r, size_t *count_r,
                      struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from notice where message = $1", "t", message));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " NOTICE_COLUMNS " from notice where message = $1 order by received, id", "t", message));
	return notice_list(rows, arena, (size_t)most, rows_r, count_r, error);
}

int notice_update(struct db *db, const struct notice_row *row, const char *what, struct error *error)
{
	TRY(db_run(db, error, "update notice set content = $2, acknowledged = $3, lifted = $4, escalate = $5 where id = $1", "ttnnn", row->id,
	           row->content, row->acknowledged, row->lifted, row->escalate));
	return notice_record(db, row, what, error);
}

int notice_escalation_due(struct db *db, struct arena *arena, int64_t now, struct notice_row **rows_r, size_t *count_r,
                          struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " NOTICE_COLUMNS " from notice where escalate <= $1 and acknowledged is null order by escalate limit 64",
	             "i", now));
	return notice_list(rows, arena, 64, rows_r, count_r, error);
}
