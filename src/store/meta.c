#include "store/store.h"

int meta_find(struct db *db, struct arena *arena, const char *key, const char **value_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select value from meta where key = $1", "t", key));
	int more = db_next(rows, error);
	TRY(more);
	*value_r = more ? db_text(rows, arena, 0) : NULL;
	return 0;
}

int meta_set(struct db *db, const char *key, const char *value, struct error *error)
{
	return db_run(db, error, "insert into meta (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
	              "tt", key, value);
}

int secret_find(struct db *db, struct arena *arena, const char *name, struct bytes *value_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select value from secret where name = $1", "t", name));
	int more = db_next(rows, error);
	TRY(more);
	*value_r = more ? db_bytes(rows, arena, 0) : (struct bytes){ 0 };
	return 0;
}

int secret_set(struct db *db, const char *name, struct bytes value, struct error *error)
{
	return db_run(db, error,
	              "insert into secret (name, value, changed) values ($1, $2, $3) "
	              "on conflict (name) do update set value = excluded.value, changed = excluded.changed",
	              "tbi", name, &value, clock_now_ms());
}
