#include "store/part.h"

#define PART_COLUMNS "owner, number, part.id, body, name, part.content_type, description, size, digest"

int part_add(struct db *db, const struct part_row *row, struct error *error)
{
	return db_run(db, error, "insert into part (owner, number, id, body, name, content_type, description) values ($1, $2, $3, $4, $5, $6, $7)",
	              "tittttt", row->owner, row->number, row->id, row->body, row->name, row->content_type, row->description);
}

static int part_read(struct db_rows *rows, struct arena *arena, int64_t most, struct part_row **rows_r, size_t *count_r, struct error *error)
{
	struct part_row *list = arena_array(arena, (size_t)most + 1, sizeof *list);
	size_t count = 0;
	int more = 0;
	while (count < (size_t)most && (more = db_next(rows, error)) > 0)
		list[count++] = (struct part_row){ db_text(rows, arena, 0), db_int(rows, 1), db_text(rows, arena, 2), db_text(rows, arena, 3),
			db_text(rows, arena, 4), db_text(rows, arena, 5), db_text(rows, arena, 6), db_int(rows, 7), db_text(rows, arena, 8) };
	TRY(more);
	*rows_r = list;
	*count_r = count;
	return 0;
}

int part_list(struct db *db, struct arena *arena, const char *owner, struct part_row **rows_r, size_t *count_r, struct error *error)
{
	int64_t most;
	TRY(db_number(db, 0, &most, error, "select count(*) from part where owner = $1", "t", owner));
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " PART_COLUMNS " from part join body on body.id = part.body where owner = $1 order by number", "t", owner));
	return part_read(rows, arena, most, rows_r, count_r, error);
}

int part_find(struct db *db, struct arena *arena, const char *owner, int64_t number, struct part_row *row_r, bool *found_r, struct error *error)
{
	struct part_row *list;
	size_t count;
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " PART_COLUMNS " from part join body on body.id = part.body where owner = $1 and number = $2", "ti", owner,
	             number));
	TRY(part_read(rows, arena, 1, &list, &count, error));
	*found_r = count == 1;
	if (count)
		*row_r = list[0];
	return 0;
}
