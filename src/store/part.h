/* part: what travels beside a document: attachments of a message, of a reply that is being written, of a document that came. The
 * octets are a body; several owners may share one. */
#ifndef SEALGATE_STORE_PART_H
#define SEALGATE_STORE_PART_H

#include "lib/db/db.h"

struct part_row {
	const char *owner;          /* id of the message, reply or document */
	int64_t number;             /* from 1 */
	const char *id;             /* Content-ID, without brackets: what the document calls it */
	const char *body;
	const char *name;           /* of the file */
	const char *content_type;
	const char *description;    /* may be NULL */
	int64_t size;               /* when read, as is: */
	const char *digest;         /* SHA-256, hexadecimal */
};

int part_add(struct db *db, const struct part_row *row, struct error *error) must_use;
int part_list(struct db *db, struct arena *arena, const char *owner, struct part_row **rows_r, size_t *count_r, struct error *error) must_use;
int part_find(struct db *db, struct arena *arena, const char *owner, int64_t number, struct part_row *row_r, bool *found_r, struct error *error)
	must_use;

#endif
