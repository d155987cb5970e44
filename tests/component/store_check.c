/* store_check STORE-FOLDER: SQLite's own integrity check of a store that no gateway has open, foreign keys, and that the numbers of
 * its records have no hole. Says what is wrong; exit code 1 then. */
#include <stdio.h>
#include <string.h>

#include "lib/db/db.h"

static int line_take(struct db *db, const char *sql, bool *sound, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	DB_ROWS rows = NULL;
	int more;
	TRY(db_query(db, &rows, error, sql, ""));
	while ((more = db_next(rows, error)) > 0) {
		const char *text = db_text(rows, arena, 0);
		if (text && strcmp(text, "ok") == 0)
			continue;
		printf("%s: %s\n", sql, text ? text : "");
		*sound = false;
	}
	return more;
}

int main(int argc, char **argv)
{
	struct error error = { 0 };
	struct db *db = NULL;
	bool sound = true;
	char path[4096];
	if (argc != 2) {
		fprintf(stderr, "usage: store_check FOLDER\n");
		return 2;
	}
	snprintf(path, sizeof path, "%s/sealgate.db", argv[1]);
	if (db_open(path, DB_READER, &db, &error) < 0 || line_take(db, "pragma integrity_check", &sound, &error) < 0 ||
	    line_take(db, "pragma foreign_key_check", &sound, &error) < 0 ||
	    line_take(db, "select 'record ' || max(number) || ', but ' || count(*) || ' of them' from record having max(number) <> count(*)", &sound,
	              &error) < 0) {
		fprintf(stderr, "store_check: %s\n", error.text);
		sound = false;
	}
	db_close(&db);
	return !sound;
}
