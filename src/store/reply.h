/* reply: our answer to a question of customs, written by one and approved by another before it becomes a message. Its files are
 * parts that it owns. A notice has one draft at most: a new one replaces it. */
#ifndef SEALGATE_STORE_REPLY_H
#define SEALGATE_STORE_REPLY_H

#include "store/document.h"

struct reply_row {
	const char *id, *notice;
	const char *state;             /* draft, replaced, approved */
	const char *text;              /* "": none */
	const char *author, *token;    /* party and key that wrote it */
	int64_t created;
	const char *approver;          /* party; NULL: not approved */
	int64_t approved;              /* CLOCK_NONE: not approved */
	const char *message;           /* that it became; NULL: none */
};

/* State draft, with record "reply.drafted"; a draft before it becomes "replaced". */
int reply_add(struct db *db, const struct reply_row *row, const struct notice_row *notice, struct error *error) must_use;
int reply_find(struct db *db, struct arena *arena, const char *id, struct reply_row *row_r, bool *found_r, struct error *error) must_use;
/* The latest of a notice. */
int reply_of_notice(struct db *db, struct arena *arena, const char *notice, struct reply_row *row_r, bool *found_r, struct error *error) must_use;
/* With record "reply.approved"; *done_r false: it is no draft any more, and stays as it is. Takes approver, approved and message of `row`. */
int reply_approve(struct db *db, const struct reply_row *row, const struct notice_row *notice, bool *done_r, struct error *error) must_use;

#endif
