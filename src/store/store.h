/* store: the only memory, and the place where stages meet.
 *
 * One thread, the committer, does every write of every thread: callers hand it a function, it runs many of them in
 * one transaction, each in a savepoint. Promises (assertions and tests cite the numbers):
 *
 *  S1  store_write returns 0, and store_write_later calls done(…, NULL), only after the commit is on disk.
 *  S2  A write function that fails leaves nothing behind, and takes no other one with it.
 *  S3  After an error of the disk (STORE, STORE_FULL) the whole batch is undone and every caller of it is told.
 *  S4  A commit whose outcome is not known ends the process: nobody was told yes.
 *  S5  Records are numbered in the order of their commits, without gaps, and chained: SHA-256 over the chain of the
 *      one before and the record. Readers that follow numbers never miss one.
 *  S6  One process owns the store, by a lock on its file; a second is told who has it.
 *  S7  A newer store refuses an older program.
 *
 * Write functions run on the committer: short, no network, no waiting. Reads run on the caller's thread, on a
 * connection of a pool, in one snapshot. Nothing handed out points into the database: it is copied into an arena.
 */
#ifndef SEALGATE_STORE_STORE_H
#define SEALGATE_STORE_STORE_H

#include "lib/db/db.h"

struct store;

struct store_options {
	size_t queue;          /* writes that may wait; 0: 4096. More are refused with BUSY. */
	int readers;           /* connections for reading; 0: 4 */
	int64_t max_pages;     /* tests: the database may have so many pages of 4 KiB; 0: no limit */
};

typedef int store_write_fn(struct db *db, void *context, struct error *error);
typedef int store_read_fn(struct db *db, void *context, struct error *error);
typedef void store_done_fn(void *context, const struct error *error);  /* error NULL: it is on disk */

/* Opens or makes `folder`/sealgate.db and runs what migrations are due. */
int store_open(const char *folder, const struct store_options *options, struct store **store_r, struct error *error) must_use;
void store_close(struct store **store);  /* waits for what is queued */

int store_write(struct store *store, store_write_fn *write, void *context, struct error *error) must_use;
/* Returns at once; `done` is called on the committer's thread, unless this fails with BUSY or STOPPING. */
int store_write_later(struct store *store, store_write_fn *write, void *context, store_done_fn *done, struct error *error) must_use;
/* Several, each by itself (S2): queued together, so that one commit may take them all, and waited for. errors[i].code says
 * what became of contexts[i]. */
void store_write_each(struct store *store, store_write_fn *write, void *const *contexts, size_t count, struct error *errors);
int store_read(struct store *store, store_read_fn *read, void *context, struct error *error) must_use;

/* Hints, called on the committer's thread after records were numbered; up to 8 listeners; before other threads start. */
void store_on_sealed(struct store *store, void (*heard)(void *context, int64_t last_number), void *context);
int64_t store_sealed_number(struct store *store);  /* the last one */
const char *store_instance(struct store *store);   /* id of this process as a lease owner */
bool store_delivery_held(struct store *store);     /* restored from a backup: deliver nothing until told to */
/* `by`: the party that says so, for the record. On disk when it returns 0. */
int store_delivery_release(struct store *store, const char *by, struct error *error) must_use;
/* Into a new file of mode 0600, which is there when it is whole. Fails with CONFLICT where the file is there, IO, STORE. */
int store_backup(struct store *store, const char *path, struct error *error) must_use;
/* The same from outside: of a folder whose store another process may own and write to meanwhile; S6 is about writers. One
 * snapshot. Fails with NOT_FOUND where there is no store. */
int store_copy(const char *folder, const char *path, struct error *error) must_use;

struct store_numbers {
	int64_t queued, batches, writes, failed;  /* writes waiting now; the others since start */
};
struct store_numbers store_numbers(struct store *store);

/* meta.c: small settings that outlive the process, and secrets (tokens of peers). */
int meta_find(struct db *db, struct arena *arena, const char *key, const char **value_r, struct error *error) must_use;  /* NULL: none */
int meta_set(struct db *db, const char *key, const char *value, struct error *error) must_use;
int secret_find(struct db *db, struct arena *arena, const char *name, struct bytes *value_r, struct error *error) must_use;
int secret_set(struct db *db, const char *name, struct bytes value, struct error *error) must_use;

#endif
