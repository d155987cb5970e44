/* The statement layer. */
#include <string.h>

#include "lib/base/file.h"
#include "lib/db/db.h"
#include "support/folder.h"
#include "support/suite.h"

/* Statements that are put together lie in memory which the next one gets too: the cache must not take one for another. */
START_TEST(two_statements_at_one_address_are_two)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct db *db;
	char sql[100];
	int64_t one = 0, two = 0;
	must_succeed(db_open(file_path(arena, folder, "x.db"), DB_WRITER, &db, error));
	strcpy(sql, "select 1 + $1");
	must_succeed(db_number(db, 0, &one, error, sql, "i", (int64_t)1));
	strcpy(sql, "select 10 + $1");
	must_succeed(db_number(db, 0, &two, error, sql, "i", (int64_t)1));
	ck_assert_int_eq(one, 2);
	ck_assert_int_eq(two, 11);
	db_close(&db);
}
END_TEST

SUITE("db", two_statements_at_one_address_are_two)
