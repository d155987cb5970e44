#include "store/checkpoint.h"

#include "store/container.h"

int checkpoint_find(struct db *db, struct arena *arena, const char *container, const char *journey, struct checkpoint_row *row_r, bool *found_r,
                    struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select container, journey, until, basis, content from checkpoint where container = $1 and journey = $2", "tt",
	             container, journey));
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more;
	if (more)
		*row_r = (struct checkpoint_row){ db_text(rows, arena, 0), db_text(rows, arena, 1), db_int(rows, 2), db_text(rows, arena, 3),
			db_text(rows, arena, 4) };
	return 0;
}

int checkpoint_put(struct db *db, const struct checkpoint_row *row, int64_t wanted, struct error *error)
{
	int64_t now;
	TRY(container_wanted(db, row->container, &now, error));
	if (now != wanted)
		return 0;
	return db_run(db, error,
	              "insert into checkpoint (container, journey, until, basis, content) values ($1, $2, $3, $4, $5) on conflict (container, journey) "
	              "do update set until = excluded.until, basis = excluded.basis, content = excluded.content",
	              "ttitt", row->container, row->journey, row->until, row->basis, row->content);
}

int checkpoint_drop(struct db *db, const char *container, int64_t time, struct error *error)
{
	return db_run(db, error, "delete from checkpoint where container = $1 and until >= $2", "ti", container, time);
}
