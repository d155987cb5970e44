/* db: a thin statement layer; one driver today (SQLite), a second to follow (PostgreSQL): SQL is written for both.
 *
 * Placeholders are $1..$n; flags are smallint, times bigint milliseconds, ids text, octets blob; no boolean, rowid,
 * "or ignore", JSON function or now(). `{skip}` stands where PostgreSQL wants "for update skip locked".
 *
 * Arguments are told by letters, one for each placeholder: t text (const char *, NULL is null), i int64_t,
 * n int64_t with CLOCK_NONE for null, b const struct bytes *.
 *
 *	TRY(db_run(db, error, "update container set due = $2 where number = $1", "ti", number, due));
 *
 *	DB_ROWS rows = NULL;
 *	TRY(db_query(db, &rows, error, "select id, time from event where container = $1", "t", number));
 *	while ((more = db_next(rows, error)) > 0) ...
 *	TRY(more);
 *
 * A connection serves one thread at a time. Errors: STORE_FULL (no space), STORE (cannot now: I/O, lock),
 * INTERNAL (the statement is wrong).
 */
#ifndef SEALGATE_LIB_DB_DB_H
#define SEALGATE_LIB_DB_DB_H

#include "lib/base/arena.h"
#include "lib/base/clock.h"

struct db;
struct db_rows;

enum db_mode { DB_WRITER, DB_READER };

int db_open(const char *path, enum db_mode mode, struct db **db_r, struct error *error) must_use;
void db_close(struct db **db);

int db_script(struct db *db, const char *sql, struct error *error) must_use;  /* several statements, no arguments */
int db_run(struct db *db, struct error *error, const char *sql, const char *letters, ...) must_use;
int64_t db_changes(struct db *db);  /* rows that the last db_run changed */

int db_query(struct db *db, struct db_rows **rows_r, struct error *error, const char *sql, const char *letters, ...) must_use;
int db_next(struct db_rows *rows, struct error *error) must_use;  /* 1 a row, 0 no more, -1 */
void db_rows_close(struct db_rows **rows);
#define DB_ROWS __attribute__((cleanup(db_rows_close))) struct db_rows *
/* Columns from 0, copied into the arena. */
const char *db_text(struct db_rows *rows, struct arena *arena, int column);   /* NULL: null */
int64_t db_int(struct db_rows *rows, int column);                             /* null: CLOCK_NONE */
struct bytes db_bytes(struct db_rows *rows, struct arena *arena, int column);
/* One number of the first row; `otherwise` where there is no row or it is null. */
int db_number(struct db *db, int64_t otherwise, int64_t *number_r, struct error *error, const char *sql, const char *letters, ...)
	must_use;

/* How many rows a table has that never loses any: by the driver's own count, without reading them. */
int db_count_kept(struct db *db, const char *table, int64_t *count_r, struct error *error) must_use;

int db_begin(struct db *db, struct error *error) must_use;     /* a writer takes the lock at once */
int db_commit(struct db *db, bool *unknown_r, struct error *error) must_use; /* *unknown_r: I/O failed, the outcome is not known */
void db_rollback(struct db *db);
bool db_is_open(struct db *db);                                /* is a transaction open? A full disk closes it silently. */
int db_savepoint(struct db *db, struct error *error) must_use;
int db_release(struct db *db, struct error *error) must_use;
int db_back(struct db *db, struct error *error) must_use;      /* back to the savepoint, and releases it */

/* What a connection's only writer knows and need not read again: octets that are forgotten with the end of the transaction, and
 * whenever something is undone. One thing at a time; none outside a transaction. */
#define DB_MEMORY 128
void db_remember(struct db *db, const void *octets, size_t size);
bool db_recall(struct db *db, void *octets, size_t size);      /* false: not known, or of another size */

int db_checkpoint(struct db *db, struct error *error) must_use;
int db_backup(struct db *db, const char *path, struct error *error) must_use;  /* online, into a new file */

#endif
