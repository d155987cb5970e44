#include "store/journey.h"

#include "lib/json/json.h"
#include "store/container.h"
#include "store/record.h"

#define JOURNEY_COLUMNS "id, container, from_time, until_time, closed, version, stored, content"

static struct journey_row journey_read(struct db_rows *rows, struct arena *arena)
{
	return (struct journey_row){ .id = db_text(rows, arena, 0), .container = db_text(rows, arena, 1), .from = db_int(rows, 2),
		.until = db_int(rows, 3), .closed = db_int(rows, 4), .version = db_int(rows, 5), .stored = db_int(rows, 6),
		.content = db_text(rows, arena, 7) };
}

int journey_find(struct db *db, struct arena *arena, const char *id, struct journey_row *row_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " JOURNEY_COLUMNS " from journey where id = $1", "t", id));
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more;
	if (more)
		*row_r = journey_read(rows, arena);
	return 0;
}

static int journey_list(struct db_rows *rows, struct arena *arena, int64_t most, struct journey_row **rows_r, size_t *count_r, struct error *error)
{
	struct journey_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = journey_read(rows, arena);
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

int journey_of_container(struct db *db, struct arena *arena, const char *container, struct journey_row **rows_r, size_t *count_r,
                         struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from journey where container = $1", "t", container));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " JOURNEY_COLUMNS " from journey where container = $1 order by from_time, id", "t", container));
	return journey_list(rows, arena, most, rows_r, count_r, error);
}

int journey_find_reference(struct db *db, struct arena *arena, const char *number, struct journey_row **rows_r, size_t *count_r,
                           struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from journey_reference where number = $1", "t", number));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select " JOURNEY_COLUMNS " from journey where id in (select journey from journey_reference where number = $1) order by from_time, id",
	             "t", number));
	return journey_list(rows, arena, most, rows_r, count_r, error);
}

static int section_list(struct db_rows *rows, struct arena *arena, int64_t most, struct section_row **rows_r, size_t *count_r,
                        struct error *error)
{
	struct section_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = (struct section_row){ db_text(rows, arena, 0), db_text(rows, arena, 1), db_int(rows, 2), db_int(rows, 3),
			db_text(rows, arena, 4) };
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

int journey_sections(struct db *db, struct arena *arena, const char *journey, struct section_row **rows_r, size_t *count_r,
                     struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from journey_section where journey = $1", "t", journey));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select s.journey, s.owner, s.version, s.stored, s.content from journey_section s "
	             "join journey_revision r on r.journey = s.journey and r.owner = s.owner and r.version = 1 "
	             "where s.journey = $1 order by r.stored, s.owner", "t", journey));
	return section_list(rows, arena, most, rows_r, count_r, error);
}

int journey_revisions(struct db *db, struct arena *arena, const char *journey, struct section_row **rows_r, size_t *count_r,
                      struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from journey_revision where journey = $1", "t", journey));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select journey, owner, version, stored, content from journey_revision where journey = $1 order by stored, owner, version",
	             "t", journey));
	return section_list(rows, arena, most, rows_r, count_r, error);
}

int journey_section_put(struct db *db, const struct section_row *row, struct error *error)
{
	TRY(db_run(db, error,
	           "insert into journey_section (journey, owner, version, stored, content) values ($1, $2, $3, $4, $5) "
	           "on conflict (journey, owner) do update set version = excluded.version, stored = excluded.stored, content = excluded.content",
	           "ttiit", row->journey, row->owner, row->version, row->stored, row->content));
	return db_run(db, error, "insert into journey_revision (journey, owner, version, stored, content) values ($1, $2, $3, $4, $5)",
	              "ttiit", row->journey, row->owner, row->version, row->stored, row->content);
}

static int reference_put(struct db *db, const char *journey, const char *number, struct error *error)
{
	if (!number || !*number)
		return 0;
	return db_run(db, error, "insert into journey_reference (number, journey) values ($1, $2) on conflict (number, journey) do nothing", "tt",
	              number, journey);
}

/* What a peer may call it by, as the merged whole has it now. */
static int references_put(struct db *db, const struct journey_row *row, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	const struct json_limits wide = { .bytes = 64 << 20, .nodes = 2000000, .text = 4 << 20, .depth = 64 };
	struct json *whole;
	struct error ignored = { 0 };
	TRY(db_run(db, error, "delete from journey_reference where journey = $1", "t", row->id));
	if (json_parse(arena, bytes_of_text(row->content), &wide, &whole, &ignored) < 0)
		return 0;
	for (struct json_iter it = json_iter(json_find(whole, "consignments")); json_next(&it);) {
		TRY(reference_put(db, row->id, json_path_text(it.value, "master"), error));
		TRY(reference_put(db, row->id, json_path_text(it.value, "house"), error));
		for (struct json_iter r = json_iter(json_find(it.value, "references")); json_next(&r);)
			TRY(reference_put(db, row->id, json_path_text(r.value, "id"), error));
	}
	return 0;
}

int journey_put(struct db *db, const struct journey_row *row, struct error *error)
{
	TRY(db_run(db, error,
	           "insert into journey (" JOURNEY_COLUMNS ") values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do update set "
	           "from_time = excluded.from_time, until_time = excluded.until_time, closed = excluded.closed, version = excluded.version, "
	           "stored = excluded.stored, content = excluded.content",
	           "ttinniit", row->id, row->container, row->from, row->until, row->closed, row->version, row->stored, row->content));
	TRY(references_put(db, row, error));
	TRY(container_want(db, row->container, error));
	struct record record = { .kind = "journey.changed", .object = row->id, .container = row->container, .journey = row->id };
	return record_add(db, &record, error);
}

int seal_change_add(struct db *db, const struct seal_change_row *row, struct error *error)
{
	TRY(db_run(db, error, "insert into seal_change (id, container, at, stored, party, content) values ($1, $2, $3, $4, $5, $6)", "ttiitt",
	           row->id, row->container, row->at, row->stored, row->party, row->content));
	TRY(container_want(db, row->container, error));
	struct record record = { .kind = "seal.changed", .object = row->id, .container = row->container };
	return record_add(db, &record, error);
}

int seal_change_of_container(struct db *db, struct arena *arena, const char *container, struct seal_change_row **rows_r,
                             size_t *count_r, struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from seal_change where container = $1", "t", container));
	struct seal_change_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select id, container, at, stored, party, content from seal_change where container = $1 order by at, id",
	             "t", container));
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = (struct seal_change_row){ db_text(rows, arena, 0), db_text(rows, arena, 1), db_int(rows, 2), db_int(rows, 3),
			db_text(rows, arena, 4), db_text(rows, arena, 5) };
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}
