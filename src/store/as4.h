/* as4: messages over AS4 as they were on the wire. One row of as4_out for each message of ours, written before its first try and
 * never changed: each try sends the same octets under the same eb:MessageId, and receipts are held against its digests. One row of
 * as4_in for each user message that was taken, written together with what became of it: its signed receipt answers every repeat.
 */
#ifndef SEALGATE_STORE_AS4_H
#define SEALGATE_STORE_AS4_H

#include "lib/db/db.h"

struct as4_out_row {
	const char *message;        /* our message's id */
	const char *message_id;     /* eb:MessageId */
	const char *content_type;   /* with the boundary */
	const char *body;           /* of the octets */
	const char *digests;        /* JSON: what was signed, and what a receipt must repeat */
	int64_t made;               /* ms */
};
int as4_out_add(struct db *db, const struct as4_out_row *row, struct error *error) must_use;
int as4_out_find(struct db *db, struct arena *arena, const char *message, struct as4_out_row *row_r, bool *found_r, struct error *error) must_use;
int as4_out_find_id(struct db *db, struct arena *arena, const char *message_id, struct as4_out_row *row_r, bool *found_r, struct error *error)
	must_use;

struct as4_in_row {
	const char *agreement, *signer, *message_id;  /* the key; signer: the certificate's subject */
	int64_t received;
	const char *digest;         /* of the digests of its parts: a repeat has the same */
	const char *conversation;   /* eb:ConversationId; may be NULL */
	const char *document;       /* NULL: a test message */
	const char *answer_type, *answer;  /* the receipt: content type, and body of its octets */
};
int as4_in_add(struct db *db, const struct as4_in_row *row, struct error *error) must_use;
int as4_in_find(struct db *db, struct arena *arena, const char *agreement, const char *signer, const char *message_id, struct as4_in_row *row_r,
                bool *found_r, struct error *error) must_use;
/* The message that brought a document. */
int as4_in_find_document(struct db *db, struct arena *arena, const char *document, struct as4_in_row *row_r, bool *found_r, struct error *error)
	must_use;
/* Forgets those of one agreement that came before this time, a thousand at the most; the octets stay. */
int as4_in_forget(struct db *db, const char *agreement, int64_t before, struct error *error) must_use;

#endif
