#include "store/body_stream.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"

/* ---- writing ---- */

static int begin(struct db *db, void *context, struct error *error)
{
	const struct body_writing *w = context;
	return body_begin(db, w->id, w->content_type, error);
}

static int add(struct db *db, void *context, struct error *error)
{
	const struct body_writing *w = context;
	return body_add(db, w->id, w->number, buffer_bytes(&w->block), error);
}

int body_writing_begin(struct body_writing *w, struct store *store, const char *id, const char *content_type, struct error *error)
{
	*w = (struct body_writing){ .store = store, .id = id, .content_type = content_type, .digest = digest_new() };
	return store_write(store, begin, w, error);
}

static int block_write(struct body_writing *w, struct error *error)
{
	if (!w->block.size)
		return 0;
	TRY(store_write(w->store, add, w, error));
	w->number++;
	buffer_reset(&w->block);
	return 0;
}

int body_writing_add(struct body_writing *w, struct bytes octets, struct error *error)
{
	digest_add(w->digest, octets);
	w->size += (int64_t)octets.size;
	while (octets.size) {
		size_t room = BODY_PART - w->block.size, n = octets.size < room ? octets.size : room;
		buffer_add(&w->block, octets.data, n);
		octets.data += n;
		octets.size -= n;
		if (w->block.size == BODY_PART)
			TRY(block_write(w, error));
	}
	return 0;
}

int body_writing_finish(struct body_writing *w, char digest[static DIGEST_HEX_SIZE], struct error *error)
{
	TRY(block_write(w, error));
	digest_end_hex(&w->digest, digest);
	return 0;
}

void body_writing_clear(struct body_writing *w)
{
	buffer_clear(&w->block);
	digest_free(&w->digest);
}

static int drop(struct db *db, void *context, struct error *error)
{
	return body_drop(db, context, error);
}

void body_abandon(struct store *store, const char *id)
{
	struct error error = { 0 };
	if (store_write(store, drop, (void *)(uintptr_t)id, &error) < 0)
		log_warning("body", id, "octets that nothing refers to stay until the next start: %s", error.text);
}

/* ---- reading ---- */

struct body_reading {
	struct store *store;
	const char *id;
	size_t size;
	int64_t wanted, number;            /* number: of the part that is here, -1: none */
	struct arena *arena;               /* has it */
	struct bytes part;
};

struct body_reading *body_reading_new(struct store *store, const char *id, int64_t size)
{
	struct body_reading *r = calloc(1, sizeof *r);
	if (!r)
		die("out of memory");
	*r = (struct body_reading){ .store = store, .id = id, .size = (size_t)size, .number = -1 };
	return r;
}

void body_reading_free(struct body_reading **reading)
{
	if (*reading) {
		arena_free(&(*reading)->arena);
		free(*reading);
	}
	*reading = NULL;
}

static int part_get(struct db *db, void *context, struct error *error)
{
	struct body_reading *r = context;
	return body_part(db, r->arena, r->id, r->wanted, &r->part, error);
}

static int read_some(void *context, size_t at, void *room, size_t size, struct error *error)
{
	struct body_reading *r = context;
	uint8_t *out = room;
	while (size) {
		size_t from = at % BODY_PART;
		r->wanted = (int64_t)(at / BODY_PART);
		if (r->wanted != r->number) {
			r->number = -1;
			arena_free(&r->arena);
			r->arena = arena_new();
			TRY(store_read(r->store, part_get, r, error));
			r->number = r->wanted;
		}
		if (from >= r->part.size)
			FAIL(error, INTERNAL, "body \"%s\" has lost a part", r->id);
		size_t n = r->part.size - from < size ? r->part.size - from : size;
		memcpy(out, r->part.data + from, n);
		out += n;
		at += n;
		size -= n;
	}
	return 0;
}

struct blob body_reading_blob(struct body_reading *reading)
{
	return (struct blob){ reading->size, read_some, reading };
}
