/* document: what a peer sent, exactly as it came; notice: what it means. */
#ifndef SEALGATE_STORE_DOCUMENT_H
#define SEALGATE_STORE_DOCUMENT_H

#include "store/event.h"

struct document_row {
	const char *id, *peer;        /* peer: the agreement's name */
	int64_t received;
	const char *body, *signature; /* bodies; signature may be NULL */
	const char *content_type, *type;
	const char *dedupe;           /* unique with peer: the peer's own reference, or the digest */
	const char *state;            /* tied, untied, refused */
	const char *reason;           /* why it was refused or cannot be tied */
	const char *message, *container, *journey, *conversation;
	const char *content;          /* JSON, as the API shows it: verdict, type, references */
};

/* With record "document.<state>". STORE_SAME: the dedupe key is known; *row_r is what is stored. */
int document_add(struct db *db, struct arena *arena, const struct document_row *row, enum store_outcome *outcome_r,
                 struct document_row *row_r, struct error *error) must_use;
int document_find_dedupe(struct db *db, struct arena *arena, const char *peer, const char *dedupe, struct document_row *row_r, bool *found_r,
                         struct error *error) must_use;
int document_find(struct db *db, struct arena *arena, const char *id, struct document_row *row_r, bool *found_r, struct error *error) must_use;

struct notice_row {
	const char *id, *kind, *peer, *document;
	const char *message, *container, *journey;   /* may be NULL */
	int64_t received;
	const char *disclosure;       /* open, restricted, covert */
	const char *content;          /* JSON: MESSAGE-GUIDE's notice */
	int64_t acknowledged, lifted; /* CLOCK_NONE: not yet */
	int64_t escalate;             /* when the next contact must hear of it; CLOCK_NONE: not */
};

/* With record "notice.<kind>", and wants its container looked at. */
int notice_add(struct db *db, const struct notice_row *row, struct error *error) must_use;
int notice_find(struct db *db, struct arena *arena, const char *id, struct notice_row *row_r, bool *found_r, struct error *error) must_use;
int notice_of_container(struct db *db, struct arena *arena, const char *container, struct notice_row **rows_r, size_t *count_r,
                        struct error *error) must_use;
int notice_of_message(struct db *db, struct arena *arena, const char *message, struct notice_row **rows_r, size_t *count_r,
                      struct error *error) must_use;
/* Replaces content and marks; with record "notice.<what>" (acknowledged, lifted, escalated). */
int notice_update(struct db *db, const struct notice_row *row, const char *what, struct error *error) must_use;
int notice_escalation_due(struct db *db, struct arena *arena, int64_t now, struct notice_row **rows_r, size_t *count_r,
                          struct error *error) must_use;

#endif
