/* body: octets kept exactly, with their digest. Up to 256 KiB they are written in the caller's transaction, in one row; larger
 * ones in parts (body_begin, body_add, body_end), each with a commit of its own, and seen only after the last. */
#ifndef SEALGATE_STORE_BODY_H
#define SEALGATE_STORE_BODY_H

#include "lib/crypto/digest.h"
#include "lib/db/db.h"

#define BODY_PART ((size_t)256 << 10)

struct body {
	const char *id;
	int64_t size;
	const char *digest;        /* SHA-256, hexadecimal */
	const char *content_type;
};

/* The whole at once, in parts but in this one transaction; `id_r` gets a UUID of the arena. `content_type` NULL: its sender
 * did not say. */
int body_put(struct db *db, struct arena *arena, struct bytes octets, const char *content_type, const char **id_r,
             struct error *error) must_use;
/* The same under an id of the caller's, who has made the digest: large ones take longer than the committer has. */
int body_put_as(struct db *db, const char *id, struct bytes octets, const char *digest, const char *content_type, struct error *error) must_use;
int body_begin(struct db *db, const char *id, const char *content_type, struct error *error) must_use;
int body_add(struct db *db, const char *id, int64_t number, struct bytes octets, struct error *error) must_use;
/* `content_type`: of one whose media type was not known when it began; NULL: as it began. */
int body_end(struct db *db, const char *id, int64_t size, const char *digest, const char *content_type, struct error *error) must_use;
int body_find(struct db *db, struct arena *arena, const char *id, struct body *body_r, bool *found_r, struct error *error) must_use;
int body_read(struct db *db, struct arena *arena, const char *id, struct bytes *octets_r, struct error *error) must_use;
/* Part `number` from 0; an empty one: past the end. */
int body_part(struct db *db, struct arena *arena, const char *id, int64_t number, struct bytes *octets_r, struct error *error) must_use;
/* Deletes one that was never ended; another stays. */
int body_drop(struct db *db, const char *id, struct error *error) must_use;
/* Deletes what was never ended. At start. */
int body_recover(struct db *db, struct error *error) must_use;

#endif
