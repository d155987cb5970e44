#include "store/body.h"

#include <string.h>

#include "lib/base/id.h"

/* RFC 9110 8.3: where nobody says what it is. */
static const char *type_or_octets(const char *content_type)
{
	return content_type ? content_type : "application/octet-stream";
}

int body_begin(struct db *db, const char *id, const char *content_type, struct error *error)
{
	return db_run(db, error, "insert into body (id, size, digest, content_type, complete) values ($1, 0, '', $2, 0)", "tt", id,
	              type_or_octets(content_type));
}

int body_add(struct db *db, const char *id, int64_t number, struct bytes octets, struct error *error)
{
	return db_run(db, error, "insert into body_part (body, number, octets) values ($1, $2, $3)", "tib", id, number, &octets);
}

int body_end(struct db *db, const char *id, int64_t size, const char *digest, const char *content_type, struct error *error)
{
	return db_run(db, error, "update body set size = $2, digest = $3, content_type = coalesce($4, content_type), complete = 1 where id = $1", "titt", id,
	              size, digest, content_type);
}

/* What is one part stands in the body's own row: two rows and their indices less, for nearly everything. */
int body_put_as(struct db *db, const char *id, struct bytes octets, const char *digest, const char *content_type, struct error *error)
{
	if (octets.size <= BODY_PART)
		return db_run(db, error, "insert into body (id, size, digest, content_type, complete, octets) values ($1, $2, $3, $4, 1, $5)", "tittb", id,
		              (int64_t)octets.size, digest, type_or_octets(content_type), &octets);
	TRY(db_run(db, error, "insert into body (id, size, digest, content_type, complete) values ($1, $2, $3, $4, 1)", "titt", id, (int64_t)octets.size,
	           digest, type_or_octets(content_type)));
	size_t done = 0;
	for (int64_t number = 0; done < octets.size; number++) {
		size_t n = octets.size - done < BODY_PART ? octets.size - done : BODY_PART;
		TRY(body_add(db, id, number, (struct bytes){ octets.data + done, n }, error));
		done += n;
	}
	return 0;
}

int body_put(struct db *db, struct arena *arena, struct bytes octets, const char *content_type, const char **id_r, struct error *error)
{
	char id[ID_UUID_SIZE], digest[DIGEST_HEX_SIZE];
	TRY(body_put_as(db, id_uuid7(id), octets, digest_sha256_hex(octets, digest), content_type, error));
	*id_r = arena_text(arena, id);
	return 0;
}

int body_find(struct db *db, struct arena *arena, const char *id, struct body *body_r, bool *found_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select id, size, digest, content_type from body where id = $1 and complete = 1", "t", id));
	int more = db_next(rows, error);
	TRY(more);
	*found_r = more;
	if (more)
		*body_r = (struct body){ db_text(rows, arena, 0), db_int(rows, 1), db_text(rows, arena, 2), db_text(rows, arena, 3) };
	return 0;
}

int body_part(struct db *db, struct arena *arena, const char *id, int64_t number, struct bytes *octets_r, struct error *error)
{
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select octets from body where id = $1 and $2 = 0 and octets is not null "
	             "union all select octets from body_part where body = $1 and number = $2", "ti", id, number));
	int more = db_next(rows, error);
	TRY(more);
	*octets_r = more ? db_bytes(rows, arena, 0) : (struct bytes){ 0 };
	return 0;
}

int body_read(struct db *db, struct arena *arena, const char *id, struct bytes *octets_r, struct error *error)
{
	struct body body;
	bool found;
	TRY(body_find(db, arena, id, &body, &found, error));
	if (!found)
		FAIL(error, INTERNAL, "body \"%s\" is not in the store", id);
	uint8_t *octets = arena_alloc(arena, (size_t)body.size + 1);
	size_t done = 0;
	for (int64_t number = 0; done < (size_t)body.size; number++) {
		ARENA_AUTO part_arena = arena_new();
		struct bytes part;
		TRY(body_part(db, part_arena, id, number, &part, error));
		if (part.size == 0 || part.size > (size_t)body.size - done)
			FAIL(error, INTERNAL, "body \"%s\" has lost a part", id);
		memcpy(octets + done, part.data, part.size);
		done += part.size;
	}
	*octets_r = (struct bytes){ octets, (size_t)body.size };
	return 0;
}

int body_drop(struct db *db, const char *id, struct error *error)
{
	TRY(db_run(db, error, "delete from body_part where body in (select id from body where id = $1 and complete = 0)", "t", id));
	return db_run(db, error, "delete from body where id = $1 and complete = 0", "t", id);
}

int body_recover(struct db *db, struct error *error)
{
	TRY(db_run(db, error, "delete from body_part where body in (select id from body where complete = 0)", ""));
	return db_run(db, error, "delete from body where complete = 0", "");
}
