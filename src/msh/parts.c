/* Parts of what came: small ones in memory, large ones to the store as they are unpacked, a block with each commit. */
#include <string.h>

#include "lib/base/id.h"
#include "lib/base/log.h"
#include "msh/inside.h"
#include "store/body.h"

#define DOCUMENT_MOST ((size_t)8 << 20)  /* what lib/xml reads */

/* ---- a large part on its way to the store ---- */

struct storing {
	struct msh *msh;
	const char *id, *content_type;
	struct buffer block;
	struct bytes memory;      /* what had been kept in memory before it was too much */
	int64_t number, size;
	struct digest *digest;
};

static int begin(struct db *db, void *context, struct error *error)
{
	const struct storing *s = context;
	return body_begin(db, s->id, s->content_type, error);
}

static int add(struct db *db, void *context, struct error *error)
{
	const struct storing *s = context;
	return body_add(db, s->id, s->number, buffer_bytes(&s->block), error);
}

static int block_write(struct storing *s, struct error *error)
{
	if (!s->block.size)
		return 0;
	TRY(store_write(s->msh->config.store, add, s, error));
	s->number++;
	buffer_reset(&s->block);
	return 0;
}

static int store_some(struct storing *s, struct bytes bytes, struct error *error)
{
	digest_add(s->digest, bytes);
	s->size += (int64_t)bytes.size;
	while (bytes.size) {
		size_t room = BODY_PART - s->block.size, n = bytes.size < room ? bytes.size : room;
		buffer_add(&s->block, bytes.data, n);
		bytes.data += n;
		bytes.size -= n;
		if (s->block.size == BODY_PART)
			TRY(block_write(s, error));
	}
	return 0;
}

/* ---- one part ---- */

struct reading {
	struct parts *parts;
	struct arena *arena;
	struct buffer memory;
	size_t memory_left, left;
	struct storing storing;   /* once it is too much for memory */
	bool is_document;         /* which is read in memory */
	bool stores, broken;      /* broken: the store's fault */
};

static int store_begin(struct reading *r, const char *content_type, struct error *error)
{
	char id[ID_UUID_SIZE];
	struct parts *parts = r->parts;
	r->storing = (struct storing){ .msh = parts->msh, .id = arena_text(r->arena, id_uuid7(id)), .content_type = content_type, .digest = digest_new() };
	r->stores = true;
	parts->stored[parts->stored_count++].id = r->storing.id;
	TRY(store_write(parts->msh->config.store, begin, &r->storing, error));
	TRY(store_some(&r->storing, buffer_bytes(&r->memory), error));
	buffer_clear(&r->memory);
	return 0;
}

static int take(void *context, struct bytes bytes, struct error *error)
{
	struct reading *r = context;
	if (bytes.size > r->left)
		FAIL(error, TOO_LARGE, "the parts have more octets than are taken in all");
	r->left -= bytes.size;
	if (!r->stores && r->memory.size + bytes.size <= r->memory_left) {
		buffer_add(&r->memory, bytes.data, bytes.size);
		return 0;
	}
	if (!r->stores && r->is_document)
		FAIL(error, TOO_LARGE, "the document has more than %zu octets", DOCUMENT_MOST);
	r->broken = true;
	if (!r->stores)
		TRY(store_begin(r, r->storing.content_type, error));
	TRY(store_some(&r->storing, bytes, error));
	r->broken = false;
	return 0;
}

static int part_end(struct reading *r, struct msh_part *part, struct error *error)
{
	if (!r->stores) {
		part->octets = arena_bytes(r->arena, buffer_bytes(&r->memory));
		r->memory_left -= r->memory.size;
		return 0;
	}
	struct stored_part *stored = &r->parts->stored[r->parts->stored_count - 1];
	r->broken = true;
	TRY(block_write(&r->storing, error));
	r->broken = false;
	stored->size = r->storing.size;
	digest_end_hex(&r->storing.digest, stored->digest);
	part->stored = stored->id;
	return 0;
}

static void reading_clear(struct reading *r)
{
	buffer_clear(&r->memory);
	buffer_clear(&r->storing.block);
	digest_free(&r->storing.digest);
}

static int part_read(struct reading *r, const struct as4_incoming *in, size_t i, enum ebms_code *code, struct error *error)
{
	const struct as4_part_info *info = in->parts[i].info;
	const char *type = info->mime_type ? info->mime_type : "application/octet-stream";
	struct msh_part *part = &r->parts->items[i];
	struct sink sink = { take, r };
	if (info->character_set)
		type = arena_printf(r->arena, "%s; charset=%s", type, info->character_set);
	*part = (struct msh_part){ .cid = info->cid, .content_type = type, .purpose = as4_property_find(info->properties, "Purpose"),
		                   .name = as4_property_find(info->properties, "FileName") };
	r->stores = r->broken = false;
	r->storing = (struct storing){ .content_type = type };
	int result = as4_part_read(in, i, &sink, code, error);
	if (result == 0)
		result = part_end(r, part, error);
	if (r->broken)
		*code = EBMS_NONE;
	size_t memory_left = r->memory_left, left = r->left;
	reading_clear(r);
	*r = (struct reading){ .parts = r->parts, .arena = r->arena, .memory_left = memory_left, .left = left };
	return result;
}

int parts_read(struct parts *parts, const struct as4_incoming *in, size_t most, struct arena *arena, enum ebms_code *code_r, struct error *error)
{
	struct reading r = { .parts = parts, .arena = arena, .memory_left = MSH_MEMORY, .left = most };
	parts->count = in->count;
	parts->items = arena_array(arena, in->count + 1, sizeof *parts->items);
	parts->stored = arena_array(arena, in->count + 1, sizeof *parts->stored);
	for (size_t i = 0; i < in->count; i++) {
		r.is_document = i == 0;
		if (i == 0)
			r.memory_left = DOCUMENT_MOST;
		TRY(part_read(&r, in, i, code_r, error));
		if (i == 0)
			r.memory_left = MSH_MEMORY;
	}
	return 0;
}

int parts_complete(struct db *db, const struct parts *parts, struct error *error)
{
	for (size_t i = 0; i < parts->stored_count; i++)
		TRY(body_end(db, parts->stored[i].id, parts->stored[i].size, parts->stored[i].digest, error));
	return 0;
}

static int drop(struct db *db, void *context, struct error *error)
{
	const struct parts *parts = context;
	for (size_t i = 0; i < parts->stored_count; i++)
		TRY(body_drop(db, parts->stored[i].id, error));
	return 0;
}

void parts_drop(struct parts *parts)
{
	struct error error = { 0 };
	if (parts->stored_count && store_write(parts->msh->config.store, drop, parts, &error) < 0)
		log_warning("as4", NULL, "parts of a message that was not taken stay until the next start: %s", error.text);
	parts->stored_count = 0;
}
