#include "lib/base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct spool {
	struct buffer memory;
	char *folder;
	size_t size, most;
	int file;            /* -1: all is in memory */
};

struct spool *spool_new(const char *folder, size_t most)
{
	struct spool *spool = calloc(1, sizeof *spool);
	if (!spool || !(spool->folder = strdup(folder ? folder : "/var/tmp")))
		die("out of memory");
	spool->most = most;
	spool->file = -1;
	return spool;
}

void spool_free(struct spool **spool)
{
	if (!*spool)
		return;
	if ((*spool)->file >= 0)
		close((*spool)->file);
	buffer_clear(&(*spool)->memory);
	free((*spool)->folder);
	free(*spool);
	*spool = NULL;
}

static int fail(const struct spool *spool, const char *what, struct error *error)
{
	if (errno == ENOSPC || errno == EDQUOT)
		FAIL(error, STORE_FULL, "%s a temporary file in \"%s\": %s", what, spool->folder, strerror(errno));
	FAIL(error, IO, "%s a temporary file in \"%s\": %s", what, spool->folder, strerror(errno));
}

/* File systems that know no O_TMPFILE get a file whose name is taken away at once. */
static int file_open(struct spool *spool, struct error *error)
{
	char path[4096];
	spool->file = open(spool->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (spool->file >= 0)
		return 0;
	if (snprintf(path, sizeof path, "%s/spool-XXXXXX", spool->folder) >= (int)sizeof path)
		FAIL(error, IO, "the name of folder \"%.100s...\" is too long", spool->folder);
	spool->file = mkostemp(path, O_CLOEXEC);
	if (spool->file < 0)
		return fail(spool, "cannot make", error);
	unlink(path);
	return 0;
}

static int write_all(struct spool *spool, struct bytes bytes, struct error *error)
{
	while (bytes.size) {
		ssize_t n = write(spool->file, bytes.data, bytes.size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(spool, "cannot write", error);
		bytes.data += n;
		bytes.size -= (size_t)n;
	}
	return 0;
}

int spool_add(struct spool *spool, struct bytes bytes, struct error *error)
{
	if (bytes.size > spool->most - spool->size)
		FAIL(error, TOO_LARGE, "more than %zu octets", spool->most);
	if (spool->file < 0 && spool->size + bytes.size <= SPOOL_MEMORY) {
		buffer_add(&spool->memory, bytes.data, bytes.size);
		spool->size += bytes.size;
		return 0;
	}
	if (spool->file < 0) {
		TRY(file_open(spool, error));
		TRY(write_all(spool, buffer_bytes(&spool->memory), error));
		buffer_clear(&spool->memory);
	}
	TRY(write_all(spool, bytes, error));
	spool->size += bytes.size;
	return 0;
}

static int add(void *context, struct bytes bytes, struct error *error)
{
	return spool_add(context, bytes, error);
}

struct sink spool_sink(struct spool *spool)
{
	return (struct sink){ add, spool };
}

size_t spool_size(const struct spool *spool)
{
	return spool->size;
}

static int read_at(void *context, size_t at, void *room, size_t size, struct error *error)
{
	const struct spool *spool = context;
	uint8_t *to = room;
	if (spool->file < 0) {
		memcpy(room, spool->memory.data + at, size);
		return 0;
	}
	while (size) {
		ssize_t n = pread(spool->file, to, size, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail(spool, "cannot read", error);
		to += n;
		at += (size_t)n;
		size -= (size_t)n;
	}
	return 0;
}

struct blob spool_blob(const struct spool *spool)
{
	return (struct blob){ spool->size, read_at, (void *)(uintptr_t)spool };
}
