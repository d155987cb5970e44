#include "store/event.h"

#include <string.h>

#include "lib/base/text.h"
#include "store/checkpoint.h"
#include "store/container.h"
#include "store/record.h"

#define EVENT_COLUMNS \
	"id, provider, provider_id, type, time, received, container, device, content, content_digest, raw, origin, status"

static struct event_row event_read_row(struct db_rows *rows, struct arena *arena)
{
	return (struct event_row){ .id = db_text(rows, arena, 0), .provider = db_text(rows, arena, 1),
		.provider_id = db_text(rows, arena, 2), .type = db_text(rows, arena, 3), .time = db_int(rows, 4),
		.received = db_int(rows, 5), .container = db_text(rows, arena, 6), .device = db_text(rows, arena, 7),
		.content = db_text(rows, arena, 8), .content_digest = db_text(rows, arena, 9), .raw = db_text(rows, arena, 10),
		.origin = (enum event_origin)db_int(rows, 11), .status = (enum event_status)db_int(rows, 12) };
}

static int event_one(struct db_rows *rows, struct arena *arena, struct event_row *row_r, bool *found_r, struct error *error)
{
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more;
	if (more)
		*row_r = event_read_row(rows, arena);
	return 0;
}

int event_find(struct db *db, struct arena *arena, const char *id, struct event_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " EVENT_COLUMNS " from event where id = $1", "t", id));
	return event_one(rows, arena, row_r, found_r, error);
}

int event_find_provider(struct db *db, struct arena *arena, const char *provider, const char *provider_id, struct event_row *row_r,
                        bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " EVENT_COLUMNS " from event where provider = $1 and provider_id = $2", "tt", provider,
	             provider_id));
	return event_one(rows, arena, row_r, found_r, error);
}

/* Somebody has to look, and not past what is older than what was looked at before. */
static int container_changed(struct db *db, const char *container, int64_t time, struct error *error)
{
	TRY(checkpoint_drop(db, container, time, error));
	return container_want(db, container, error);
}

int event_add(struct db *db, struct arena *arena, const struct event_row *row, enum store_outcome *outcome_r,
              struct event_row *row_r, struct error *error)
{
	TRY(db_run(db, error,
	           "insert into event (" EVENT_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) "
	           "on conflict (provider, provider_id) do nothing",
	           "ttttiittttt" "ii", row->id, row->provider, row->provider_id, row->type, row->time, row->received, row->container,
	           row->device, row->content, row->content_digest, row->raw, (int64_t)row->origin, (int64_t)row->status));
	if (db_changes(db) == 0) {
		bool found;
		TRY(event_find_provider(db, arena, row->provider, row->provider_id, row_r, &found, error));
		must(found);
		*outcome_r = text_equal(row_r->content_digest, row->content_digest) ? STORE_SAME : STORE_CONFLICT;
		return 0;
	}
	*outcome_r = STORE_NEW;
	*row_r = *row;
	if (row->container)
		TRY(container_changed(db, row->container, row->time, error));
	struct record record = { .kind = row->origin == ORIGIN_DERIVED ? "event.derived" : "event.received", .object = row->id,
		.container = row->container };
	return record_add(db, &record, error);
}

int event_of_container(struct db *db, struct arena *arena, const char *container, int64_t from, int64_t until,
                       struct event_row **rows_r, size_t *count_r, struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error,
	              "select count(*) from event where container = $1 and time >= $2 and time <= $3 and status = 0", "tii", container,
	              from, until));
	struct event_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select " EVENT_COLUMNS " from event where container = $1 and time >= $2 and time <= $3 and status = 0 "
	             "order by time, id", "tii", container, from, until));
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = event_read_row(rows, arena);
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

int event_set_status(struct db *db, const char *id, enum event_status status, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct event_row row;
	bool found;
	TRY(db_run(db, error, "update event set status = $2 where id = $1", "ti", id, (int64_t)status));
	TRY(event_find(db, arena, id, &row, &found, error));
	return found && row.container ? container_changed(db, row.container, row.time, error) : 0;
}

int event_pairing(struct db *db, struct arena *arena, const char *provider, const char *device, int64_t at, const char **container_r,
                  struct error *error)
{
	DB_ROWS rows = NULL;
	*container_r = NULL;
	TRY(db_query(db, &rows, error,
	             "select type, container from event where device = $1 and provider = $2 and time <= $3 "
	             "and type in ('device_paired', 'device_unpaired') and status = 0 order by time desc, id desc limit 1",
	             "tti", device, provider, at));
	int more = db_next(rows, error);
	TRY(more);
	if (more && text_equal(db_text(rows, arena, 0), "device_paired"))
		*container_r = db_text(rows, arena, 1);
	return 0;
}
