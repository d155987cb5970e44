/* Copies of a store, made while it works. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "store/store.h"

/* Whoever starts on the copy finds deliveries in it that the original has made meanwhile. */
static int backup_mark(const char *path, struct error *error)
{
	struct db *db = NULL;
	TRY(db_open(path, DB_WRITER, &db, error));
	int rc = meta_set(db, "restored", "1", error);
	db_close(&db);
	return rc;
}

/* The copy holds secrets: only its owner may read it. It gets its name when it is whole, marked and on disk, so that nobody can
 * start on one that would deliver everything once more. */
static int backup_make(int (*copy)(void *from, char *path, struct error *error), void *from, const char *path, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	char *aside = arena_printf(arena, "%s.part", path);
	if (file_exists(path))
		FAIL(error, CONFLICT, "\"%s\" is there already: name a new file", path);
	int fd = open(aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		FAIL(error, IO, "cannot create \"%s\": %s", aside, strerror(errno));
	close(fd);
	if (copy(from, aside, error) == 0 && backup_mark(aside, error) == 0 && file_move(aside, path, error) == 0)
		return 0;
	unlink(aside);
	return -1;
}

static int backup_read(struct db *db, void *context, struct error *error)
{
	return db_backup(db, context, error);
}

static int copy_of_store(void *from, char *path, struct error *error)
{
	return store_read(from, backup_read, path, error);
}

static int copy_of_db(void *from, char *path, struct error *error)
{
	return db_backup(from, path, error);
}

int store_backup(struct store *store, const char *path, struct error *error)
{
	return backup_make(copy_of_store, store, path, error);
}

int store_copy(const char *folder, const char *path, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct db *db = NULL;
	const char *file = file_path(arena, folder, "sealgate.db");
	if (!file_exists(file))
		FAIL(error, NOT_FOUND, "there is no store in \"%s\"", folder);
	TRY(db_open(file, DB_READER, &db, error));
	int rc = backup_make(copy_of_db, db, path, error);
	db_close(&db);
	return rc;
}
