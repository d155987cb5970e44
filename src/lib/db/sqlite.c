#include "lib/db/db.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

#define CACHE_SIZE 128

/* Small pieces of memory that each connection keeps for itself. SQLite's own measure (40 of 1,200 octets) is gone with the first few
 * statements that are kept, and everything after them would be malloc's. */
#define PIECE 1200
#define PIECES_OF_WRITER 1000
#define PIECES_OF_READER 200
#define ARGUMENTS 32

struct db_rows {
	struct db *db;
	sqlite3_stmt *statement;
	size_t slot;
};

struct db {
	sqlite3 *handle;
	enum db_mode mode;
	/* Where a statement stood when it was asked for last: the same place most often holds the same. Side by side: all are looked at. */
	const char *given[CACHE_SIZE];
	struct cached {
		char *sql;          /* a copy of the statement as it was given */
		sqlite3_stmt *statement;
		bool busy;
		int at[ARGUMENTS];  /* SQLite's number of $1, $2...; 0: not asked yet */
	} cache[CACHE_SIZE];
	size_t cached;
	int64_t changes;
	size_t remembered;
	uint8_t memory[DB_MEMORY];
};

/* Before anything of SQLite's is used, in whatever thread. Its count of the memory that it has is nobody's here, and costs all threads
 * one lock at every piece. */
__attribute__((constructor)) static void library_init(void)
{
	must(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
}

static int db_fail(struct db *db, struct error *error, const char *doing)
{
	int code = sqlite3_extended_errcode(db->handle), primary = code & 0xff;
	const char *text = sqlite3_errmsg(db->handle);
	if (primary == SQLITE_FULL)
		FAIL(error, STORE_FULL, "%s: no space left for the store: make room and try again", doing);
	if (primary == SQLITE_ERROR || primary == SQLITE_CONSTRAINT || primary == SQLITE_MISUSE || primary == SQLITE_RANGE ||
	    primary == SQLITE_MISMATCH)
		FAIL(error, INTERNAL, "%s: %s", doing, text);
	FAIL(error, STORE, "%s: %s (%d)", doing, text, code);
}

static int db_configure(struct db *db, enum db_mode mode, struct error *error)
{
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_LOOKASIDE, NULL, PIECE, mode == DB_READER ? PIECES_OF_READER : PIECES_OF_WRITER);
	sqlite3_busy_timeout(db->handle, 2000);
	TRY(db_script(db, "pragma foreign_keys = on; pragma temp_store = memory;", error));
	if (mode == DB_READER)
		return db_script(db, "pragma query_only = on;", error);
	return db_script(db, "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0; "
	                 "pragma cache_size = -8192;", error);
}

int db_open(const char *path, enum db_mode mode, struct db **db_r, struct error *error)
{
	struct db *db = calloc(1, sizeof *db);
	if (!db)
		die("out of memory");
	db->mode = mode;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (mode == DB_WRITER ? SQLITE_OPEN_CREATE : 0);
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
		db_fail(db, error, "open store");
		error_at(error, "%s", path);
		db_close(&db);
		return -1;
	}
	sqlite3_extended_result_codes(db->handle, 1);
	if (db_configure(db, mode, error) < 0) {
		db_close(&db);
		return -1;
	}
	*db_r = db;
	return 0;
}

void db_close(struct db **db)
{
	if (!*db)
		return;
	for (size_t i = 0; i < (*db)->cached; i++) {
		sqlite3_finalize((*db)->cache[i].statement);
		free((*db)->cache[i].sql);
	}
	sqlite3_close_v2((*db)->handle);
	free(*db);
	*db = NULL;
}

int db_script(struct db *db, const char *sql, struct error *error)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : db_fail(db, error, "store");
}

static sqlite3_stmt *db_compile(struct db *db, const char *sql, unsigned flags, struct error *error)
{
	BUFFER_AUTO text = { 0 };
	for (const char *at = sql; *at;) {
		const char *token = strstr(at, "{skip}");
		size_t n = token ? (size_t)(token - at) : strlen(at);
		buffer_add(&text, at, n);
		at += n + (token ? strlen("{skip}") : 0);
	}
	sqlite3_stmt *statement = NULL;
	if (sqlite3_prepare_v3(db->handle, buffer_text(&text), -1, flags, &statement, NULL) != SQLITE_OK) {
		db_fail(db, error, "prepare statement");
		error_at(error, "%.200s", sql);
	}
	return statement;
}

static bool is_cached(struct db *db, size_t slot, const char *sql)
{
	return !db->cache[slot].busy && strcmp(db->cache[slot].sql, sql) == 0;
}

static size_t cache_find(struct db *db, const char *sql)
{
	for (size_t i = 0; i < db->cached; i++)
		if (db->given[i] == sql && is_cached(db, i, sql))
			return i;
	for (size_t i = 0; i < db->cached; i++)
		if (is_cached(db, i, sql))
			return i;
	return CACHE_SIZE;
}

/* From the cache where it is there and free; else made, and cached while there is room. By its text: some are put together in
 * memory that the next one gets too. */
static int db_prepare(struct db *db, const char *sql, sqlite3_stmt **statement_r, size_t *slot_r, struct error *error)
{
	*slot_r = cache_find(db, sql);
	if (*slot_r < CACHE_SIZE) {
		struct cached *found = &db->cache[*slot_r];
		*statement_r = found->statement;
		db->given[*slot_r] = sql;
		found->busy = true;
		return 0;
	}
	bool room = db->cached < CACHE_SIZE;
	*statement_r = db_compile(db, sql, room ? SQLITE_PREPARE_PERSISTENT : 0, error);
	if (!*statement_r)
		return -1;
	if (room) {
		*slot_r = db->cached++;
		db->given[*slot_r] = sql;
		db->cache[*slot_r] = (struct cached){ .sql = strdup(sql), .statement = *statement_r, .busy = true };
		if (!db->cache[*slot_r].sql)
			die("out of memory");
	}
	return 0;
}

static void db_done(struct db *db, sqlite3_stmt *statement, size_t slot)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	if (slot < CACHE_SIZE)
		db->cache[slot].busy = false;
	else
		sqlite3_finalize(statement);
}

/* `keep` tells SQLite whether the octets outlive the statement's run. */
static int bind_one(sqlite3_stmt *statement, int at, char letter, sqlite3_destructor_type keep, va_list *args)
{
	switch (letter) {
	case 't': {
		const char *text = va_arg(*args, const char *);
		return text ? sqlite3_bind_text(statement, at, text, -1, keep) : sqlite3_bind_null(statement, at);
	}
	case 'i':
		return sqlite3_bind_int64(statement, at, va_arg(*args, int64_t));
	case 'n': {
		int64_t value = va_arg(*args, int64_t);
		return value == CLOCK_NONE ? sqlite3_bind_null(statement, at) : sqlite3_bind_int64(statement, at, value);
	}
	case 'b': {
		const struct bytes *bytes = va_arg(*args, const struct bytes *);
		return sqlite3_bind_blob64(statement, at, bytes->data ? bytes->data : (const uint8_t *)"", bytes->size, keep);
	}
	default:
		bug("unknown letter of a statement's argument");
	}
}

/* $n is named in SQLite, so that one placeholder may stand several times and in any order. */
static int argument_number(struct db *db, size_t slot, sqlite3_stmt *statement, int i)
{
	char name[16];
	int *known = slot < CACHE_SIZE && i < ARGUMENTS ? &db->cache[slot].at[i] : NULL;
	if (known && *known)
		return *known;
	snprintf(name, sizeof name, "$%d", i + 1);
	int at = sqlite3_bind_parameter_index(statement, name);
	must(at > 0);
	if (known)
		*known = at;
	return at;
}

static int db_bind(struct db *db, sqlite3_stmt *statement, size_t slot, const char *letters, sqlite3_destructor_type keep, va_list *args,
                   struct error *error)
{
	for (int i = 0; letters[i]; i++)
		if (bind_one(statement, argument_number(db, slot, statement, i), letters[i], keep, args) != SQLITE_OK)
			return db_fail(db, error, "bind argument");
	must(sqlite3_bind_parameter_count(statement) == (int)strlen(letters));
	return 0;
}

int db_run(struct db *db, struct error *error, const char *sql, const char *letters, ...)
{
	sqlite3_stmt *statement;
	size_t slot;
	TRY(db_prepare(db, sql, &statement, &slot, error));
	va_list args;
	va_start(args, letters);
	int rc = db_bind(db, statement, slot, letters, SQLITE_STATIC, &args, error);  /* it has run before this returns */
	va_end(args);
	if (rc == 0) {
		int step;
		while ((step = sqlite3_step(statement)) == SQLITE_ROW)
			;
		if (step != SQLITE_DONE) {
			rc = db_fail(db, error, "store");
			if (error)
				error_at(error, "%.200s", sql);
		}
		db->changes = sqlite3_changes64(db->handle);
	}
	db_done(db, statement, slot);
	return rc;
}

int64_t db_changes(struct db *db)
{
	return db->changes;
}

static int query(struct db *db, struct db_rows **rows_r, struct error *error, const char *sql, const char *letters, va_list *args)
{
	sqlite3_stmt *statement;
	size_t slot;
	TRY(db_prepare(db, sql, &statement, &slot, error));
	if (db_bind(db, statement, slot, letters, SQLITE_TRANSIENT, args, error) < 0) {
		db_done(db, statement, slot);
		return -1;
	}
	struct db_rows *rows = malloc(sizeof *rows);
	if (!rows)
		die("out of memory");
	*rows = (struct db_rows){ db, statement, slot };
	*rows_r = rows;
	return 0;
}

int db_query(struct db *db, struct db_rows **rows_r, struct error *error, const char *sql, const char *letters, ...)
{
	va_list args;
	va_start(args, letters);
	int rc = query(db, rows_r, error, sql, letters, &args);
	va_end(args);
	return rc;
}

int db_next(struct db_rows *rows, struct error *error)
{
	int step = sqlite3_step(rows->statement);
	if (step == SQLITE_ROW)
		return 1;
	return step == SQLITE_DONE ? 0 : db_fail(rows->db, error, "read store");
}

void db_rows_close(struct db_rows **rows)
{
	if (!*rows)
		return;
	db_done((*rows)->db, (*rows)->statement, (*rows)->slot);
	free(*rows);
	*rows = NULL;
}

const char *db_text(struct db_rows *rows, struct arena *arena, int column)
{
	const char *text = (const char *)sqlite3_column_text(rows->statement, column);
	return text ? arena_text_n(arena, text, (size_t)sqlite3_column_bytes(rows->statement, column)) : NULL;
}

int64_t db_int(struct db_rows *rows, int column)
{
	return sqlite3_column_type(rows->statement, column) == SQLITE_NULL ? CLOCK_NONE : sqlite3_column_int64(rows->statement, column);
}

struct bytes db_bytes(struct db_rows *rows, struct arena *arena, int column)
{
	const void *data = sqlite3_column_blob(rows->statement, column);
	return arena_bytes(arena, (struct bytes){ data, (size_t)sqlite3_column_bytes(rows->statement, column) });
}

int db_number(struct db *db, int64_t otherwise, int64_t *number_r, struct error *error, const char *sql, const char *letters, ...)
{
	DB_ROWS rows = NULL;
	va_list args;
	va_start(args, letters);
	int rc = query(db, &rows, error, sql, letters, &args);
	va_end(args);
	TRY(rc);
	int more = db_next(rows, error);
	TRY(more);
	*number_r = more ? db_int(rows, 0) : CLOCK_NONE;
	if (*number_r == CLOCK_NONE)
		*number_r = otherwise;
	return 0;
}

int db_count_kept(struct db *db, const char *table, int64_t *count_r, struct error *error)
{
	char sql[100];
	snprintf(sql, sizeof sql, "select max(rowid) from %s", table);
	return db_number(db, 0, count_r, error, sql, "");
}

void db_remember(struct db *db, const void *octets, size_t size)
{
	must(size <= DB_MEMORY);
	db->remembered = db_is_open(db) ? size : 0;
	memcpy(db->memory, octets, db->remembered);
}

bool db_recall(struct db *db, void *octets, size_t size)
{
	if (!size || db->remembered != size || !db_is_open(db))
		return false;
	memcpy(octets, db->memory, size);
	return true;
}

static void db_forget(struct db *db)
{
	db->remembered = 0;
}

int db_begin(struct db *db, struct error *error)
{
	db_forget(db);
	return db_run(db, error, db->mode == DB_READER ? "begin" : "begin immediate", "");
}

int db_commit(struct db *db, bool *unknown_r, struct error *error)
{
	*unknown_r = false;
	db_forget(db);
	if (sqlite3_exec(db->handle, "commit", NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	int primary = sqlite3_errcode(db->handle) & 0xff;
	*unknown_r = primary == SQLITE_IOERR || primary == SQLITE_CORRUPT;
	return db_fail(db, error, "commit");
}

void db_rollback(struct db *db)
{
	struct error ignored = { 0 };
	db_forget(db);
	(void)!db_run(db, &ignored, "rollback", "");
}

bool db_is_open(struct db *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

int db_savepoint(struct db *db, struct error *error)
{
	return db_run(db, error, "savepoint s", "");
}

int db_release(struct db *db, struct error *error)
{
	return db_run(db, error, "release s", "");
}

int db_back(struct db *db, struct error *error)
{
	db_forget(db);
	TRY(db_run(db, error, "rollback to s", ""));
	return db_run(db, error, "release s", "");
}

int db_checkpoint(struct db *db, struct error *error)
{
	if (sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) == SQLITE_OK)
		return 0;
	return db_fail(db, error, "checkpoint");
}

int db_backup(struct db *db, const char *path, struct error *error)
{
	struct db *target = NULL;
	TRY(db_open(path, DB_WRITER, &target, error));
	sqlite3_backup *backup = sqlite3_backup_init(target->handle, "main", db->handle, "main");
	int rc = backup ? 0 : db_fail(target, error, "backup");
	if (backup) {
		sqlite3_backup_step(backup, -1);
		if (sqlite3_backup_finish(backup) != SQLITE_OK)
			rc = db_fail(target, error, "backup");
	}
	db_close(&target);
	return rc;
}
