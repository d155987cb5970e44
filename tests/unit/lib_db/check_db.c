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

static bool recalls(struct db *db, const char *text)
{
	char out[8];
	return db_recall(db, out, 4) && memcmp(out, text, 4) == 0;
}

START_TEST(what_is_remembered_ends_with_the_transaction_and_with_what_is_undone)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct db *db;
	bool unknown;
	must_succeed(db_open(file_path(arena, folder, "x.db"), DB_WRITER, &db, error));
	db_remember(db, "none", 4);
	ck_assert(!recalls(db, "none"));
	must_succeed(db_begin(db, error));
	ck_assert(!recalls(db, "none"));
	db_remember(db, "here", 4);
	ck_assert(recalls(db, "here"));
	must_succeed(db_savepoint(db, error));
	db_remember(db, "then", 4);
	must_succeed(db_release(db, error));
	ck_assert(recalls(db, "then"));
	must_succeed(db_savepoint(db, error));
	db_remember(db, "lost", 4);
	must_succeed(db_back(db, error));
	ck_assert(!recalls(db, "lost") && !recalls(db, "then"));
	db_remember(db, "last", 4);
	must_succeed(db_commit(db, &unknown, error));
	ck_assert(!recalls(db, "last"));
	must_succeed(db_begin(db, error));
	ck_assert(!recalls(db, "last"));
	db_remember(db, "gone", 4);
	db_rollback(db);
	must_succeed(db_begin(db, error));
	ck_assert(!recalls(db, "gone"));
	db_rollback(db);
	db_close(&db);
}
END_TEST

SUITE("db", two_statements_at_one_address_are_two, what_is_remembered_ends_with_the_transaction_and_with_what_is_undone)
