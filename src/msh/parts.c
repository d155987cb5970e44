/* Parts of what came: small ones in memory, large ones to the store as they are unpacked, a block with each commit. */
#include <string.h>

#include "lib/base/id.h"
#include "msh/inside.h"
#include "store/body_stream.h"

#define DOCUMENT_MOST ((size_t)8 << 20)  /* what lib/xml reads */

/* ---- one part ---- */

struct reading {
	struct parts *parts;
	struct arena *arena;
	struct buffer memory;
	size_t memory_left, left;
	struct body_writing writing;  /* once it is too much for memory */
	const char *content_type;
	bool is_document;         /* which is read in memory */
	bool stores, broken;      /* broken: the store's fault */
};

static int store_begin(struct reading *r, struct error *error)
{
	char uuid[ID_UUID_SIZE];
	struct parts *parts = r->parts;
	const char *id = arena_text(r->arena, id_uuid7(uuid));
	r->stores = true;
	parts->stored[parts->stored_count++].id = id;
	TRY(body_writing_begin(&r->writing, parts->msh->config.store, id, r->content_type, error));
	TRY(body_writing_add(&r->writing, buffer_bytes(&r->memory), error));
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
		TRY(store_begin(r, error));
	TRY(body_writing_add(&r->writing, bytes, error));
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
	TRY(body_writing_finish(&r->writing, stored->digest, error));
	r->broken = false;
	stored->size = r->writing.size;
	part->stored = stored->id;
	return 0;
}

static void reading_clear(struct reading *r)
{
	buffer_clear(&r->memory);
	body_writing_clear(&r->writing);
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
	r->content_type = type;
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
		TRY(body_end(db, parts->stored[i].id, parts->stored[i].size, parts->stored[i].digest, NULL, error));
	return 0;
}

void parts_drop(struct parts *parts)
{
	for (size_t i = 0; i < parts->stored_count; i++)
		body_abandon(parts->msh->config.store, parts->stored[i].id);
	parts->stored_count = 0;
}
