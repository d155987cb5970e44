#include "sandbox/shelf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"

#define BLOCK 512
#define NAME_ROOM 100

struct shelf {
	struct arena *arena;
	const char *folder, *tar;  /* tar NULL: files */
	int fd;                    /* of the archive; -1: none */
	off_t size;                /* that is whole */
	struct buffer entries;     /* of one write; kept for its room */
};

static int tar_open(struct shelf *s, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	s->tar = file_path(s->arena, s->folder, arena_printf(s->arena, "%s-%d.tar", clock_format_304(clock_real_ms(), time), (int)getpid()));
	s->fd = open(s->tar, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (s->fd < 0)
		FAIL(error, IO, "cannot make \"%s\": %s", s->tar, strerror(errno));
	return 0;
}

int shelf_open(const char *folder, bool as_tar, struct shelf **shelf_r, struct error *error)
{
	struct shelf *s = calloc(1, sizeof *s);
	if (!s)
		die("out of memory");
	*s = (struct shelf){ .arena = arena_new(), .fd = -1 };
	s->folder = arena_text(s->arena, folder);
	int result = file_make_folders(folder, 0755, error);
	if (result == 0 && as_tar)
		result = tar_open(s, error);
	if (result < 0)
		shelf_close(&s);
	*shelf_r = s;
	return result;
}

/* ---- the archive ---- */

/* POSIX.1-1988 ustar: a block that says what comes, its octets, zeros up to the next block. */
static void entry_add(struct buffer *out, const char *name, struct bytes octets)
{
	static const char zeros[BLOCK];
	char block[BLOCK] = { 0 };
	unsigned sum = 0;
	snprintf(block, NAME_ROOM, "%s", name);
	snprintf(block + 100, 8, "%07o", 0644);
	snprintf(block + 108, 8, "%07o", 0);
	snprintf(block + 116, 8, "%07o", 0);
	snprintf(block + 124, 12, "%011zo", octets.size);
	snprintf(block + 136, 12, "%011llo", (unsigned long long)(clock_real_ms() / 1000));
	memset(block + 148, ' ', 8);  /* the sum counts itself as blanks */
	block[156] = '0';
	memcpy(block + 257, "ustar\0" "00", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (uint8_t)block[i];
	snprintf(block + 148, 8, "%06o", sum);
	buffer_add(out, block, BLOCK);
	buffer_add(out, octets.data, octets.size);
	buffer_add(out, zeros, (BLOCK - octets.size % BLOCK) % BLOCK);
}

/* What a full disk lets be written in part only is taken back, or nothing behind it could be read. */
static int entries_write(struct shelf *s, struct error *error)
{
	size_t done = 0;
	while (done < s->entries.size) {
		ssize_t n = pwrite(s->fd, s->entries.data + done, s->entries.size - done, s->size + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			error_set(error, ERROR_IO, "cannot write \"%s\": %s", s->tar, strerror(errno));
			if (ftruncate(s->fd, s->size) < 0)
				log_error("documents", s->tar, "its end is of no use: %s", strerror(errno));
			return -1;
		}
		done += (size_t)n;
	}
	s->size += (off_t)done;
	return 0;
}

void shelf_close(struct shelf **shelf)
{
	struct shelf *s = *shelf;
	if (!s)
		return;
	if (s->fd >= 0) {
		static const char end[2 * BLOCK];
		struct error error = { 0 };
		buffer_reset(&s->entries);
		buffer_add(&s->entries, end, sizeof end);
		if (entries_write(s, &error) < 0)
			log_error("documents", s->tar, "%s", error.text);
		close(s->fd);
	}
	buffer_clear(&s->entries);
	arena_free(&s->arena);
	free(s);
	*shelf = NULL;
}

/* ---- documents ---- */

struct paper {
	const char *end;     /* of its name */
	struct bytes octets;
};

static int put(struct shelf *s, const char *name, const struct paper *papers, size_t count, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	buffer_reset(&s->entries);
	for (size_t i = 0; i < count; i++) {
		const char *whole = arena_printf(arena, "%s%s", name, papers[i].end);
		if (!s->tar)
			TRY(file_write_plain(file_path(arena, s->folder, whole), papers[i].octets, 0644, error));
		else if (strlen(whole) < NAME_ROOM)
			entry_add(&s->entries, whole, papers[i].octets);
		else
			FAIL(error, IO, "\"%.60s...\" is too long for a name in an archive", whole);
	}
	return s->tar ? entries_write(s, error) : 0;
}

int shelf_put(struct shelf *s, const char *name, struct bytes document, struct bytes signature, struct error *error)
{
	const struct paper papers[] = { { ".xml", document }, { ".sig.xml", signature } };
	return put(s, name, papers, signature.size ? 2 : 1, error);
}

void shelf_put_refused(struct shelf *s, const char *conversation, struct bytes document, struct bytes signature, const char *why)
{
	ARENA_AUTO arena = arena_new();
	struct error error = { 0 };
	const struct paper papers[] = { { ".xml", document }, { ".txt", bytes_of_text(arena_printf(arena, "%s\n", why)) }, { ".sig.xml", signature } };
	if (put(s, arena_printf(arena, "refused-%s", conversation), papers, signature.size ? 3 : 2, &error) < 0)
		log_error("documents", conversation, "what was refused could not be kept: %s", error.text);
}
