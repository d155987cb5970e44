/* message: one document to one peer, with its exact octets and its delivery state; attempts and receipts point at it. */
#ifndef SEALGATE_STORE_MESSAGE_H
#define SEALGATE_STORE_MESSAGE_H

#include "model/message_state.h"
#include "store/event.h"

struct message_row {
	const char *id;             /* our reference: WCO D026, LRN, the same on every try */
	const char *agreement, *kind;
	const char *cause;          /* unique with agreement and kind */
	const char *container, *journey, *finding;  /* may be NULL */
	enum message_state state;
	int64_t ordinal;            /* order of making, filled in by message_add */
	const char *document;       /* body of the document */
	const char *signature;      /* body of the detached signature, may be NULL */
	const char *content_type;
	const char *headers;        /* JSON: what frames it besides, the same on every try */
	const char *input;          /* JSON: the mapping's input */
	const char *set_digest;     /* of the mapping set */
	const char *marks;          /* JSON array: what the mapping shortened or replaced */
	int64_t created;            /* ms, of the gateway's clock, as a document says it. What follows, and the times of attempts, are
	                             * of the machine's clock (clock_real_ms): delivery runs on it also where a voyage is played */
	int64_t due;                /* CLOCK_NONE: never by itself */
	int64_t attempts, first_try, held_since;
	const char *conversation;   /* of the peer */
	const char *customs_id;     /* what customs called our report: Response/Declaration/ID */
	const char *reason;         /* why it is where it is, in words */
	bool out_of_order;          /* an operator sent it again: it waits for no other */
	int64_t signer_until;       /* end of the signer's certificate; CLOCK_NONE: not signed */
};

/* With record "message.ready". STORE_SAME: (agreement, kind, cause) is there. */
int message_add(struct db *db, struct arena *arena, const struct message_row *row, enum store_outcome *outcome_r, struct error *error)
	must_use;
int message_find(struct db *db, struct arena *arena, const char *id, struct message_row *row_r, bool *found_r, struct error *error) must_use;
/* The message that a peer's conversation id belongs to. */
int message_find_conversation(struct db *db, struct arena *arena, const char *agreement, const char *conversation,
                              struct message_row *row_r, bool *found_r, struct error *error) must_use;
/* The first message of ours that the peer calls so (Response/Declaration/ID). */
int message_find_customs_id(struct db *db, struct arena *arena, const char *agreement, const char *customs_id, struct message_row *row_r,
                            bool *found_r, struct error *error) must_use;
int message_find_cause(struct db *db, struct arena *arena, const char *agreement, const char *kind, const char *cause,
                       struct message_row *row_r, bool *found_r, struct error *error) must_use;
/* Those of this kind that are held for a container, in the order in which they were made. */
int message_held_of(struct db *db, struct arena *arena, const char *container, const char *kind, struct message_row **rows_r, size_t *count_r,
                 struct error *error) must_use;

/* Moves it, with record "message.<state>". A move that the table does not allow changes nothing and sets *moved_r false. */
int message_move(struct db *db, const char *id, enum message_state to, int64_t due, const char *reason, bool *moved_r,
                 struct error *error) must_use;
int message_set_conversation(struct db *db, const char *id, const char *conversation, struct error *error) must_use;
int message_set_customs_id(struct db *db, const char *id, const char *customs_id, struct error *error) must_use;
/* One of this container is held: something may be what it waits for. */
int message_holds(struct db *db, const char *container, bool *holds_r, struct error *error) must_use;
int message_set_reason(struct db *db, const char *id, const char *reason, struct error *error) must_use;
/* A held message whose document could not be made: document, signature, input, set_digest, marks and signer_until of `row`
 * become its own, and it is ready, due now. A message in another state stays as it is (*moved_r false). */
int message_remake(struct db *db, const struct message_row *row, bool *moved_r, struct error *error) must_use;
/* An operator's resend: ready now, waits for no other. */
int message_resend(struct db *db, const char *id, bool *moved_r, struct error *error) must_use;

/* Up to `limit` due messages of one agreement, each the first of its container that is not finished (DESIGN: order per peer and
 * container; one that is held blocks for `held_blocks_ms` at the most). Nothing is changed. */
int message_due(struct db *db, struct arena *arena, const char *agreement, int64_t now, int64_t held_blocks_ms, int64_t limit,
                struct message_row **rows_r, size_t *count_r, struct error *error) must_use;
/* One that message_due gave is taken: state sending, attempt row written; *started_r false, and nothing changed, where it is not any
 * more what it was then. What is handed out must be committed before the first octet leaves. */
int message_start(struct db *db, struct message_row *row, const char *owner, int64_t now, bool *started_r, struct error *error) must_use;
/* Next time at which one of the agreement is due; CLOCK_NONE: none. */
int message_next_due(struct db *db, const char *agreement, int64_t *due_r, struct error *error) must_use;
/* Those of the agreement that were tried first before this time, and still wait or are unknown; 100 at the most. */
int message_overdue(struct db *db, struct arena *arena, const char *agreement, int64_t before, struct message_row **rows_r, size_t *count_r,
                    struct error *error) must_use;
/* Since when (ms of the machine's clock) the oldest message of the agreement waits to be delivered, and since when the peer has had the
 * oldest one that it has not answered; CLOCK_NONE: there is none. */
struct message_ages {
	int64_t waiting, unanswered;
};
int message_ages(struct db *db, const char *agreement, struct message_ages *ages_r, struct error *error) must_use;
int message_recover(struct db *db, struct error *error) must_use;  /* at start: sending -> unknown */

struct attempt_row {
	const char *message;
	int64_t number, started, ended, status;  /* ended, status CLOCK_NONE: under way, no HTTP status */
	const char *outcome;                     /* answered, unknown, not-sent */
	const char *detail;
};
int attempt_end(struct db *db, const struct attempt_row *attempt, struct error *error) must_use;
int attempt_list(struct db *db, struct arena *arena, const char *message, struct attempt_row **rows_r, size_t *count_r,
                 struct error *error) must_use;

struct receipt_row {
	const char *id, *message, *kind;  /* kind: accepted, refused, answer */
	int64_t received;
	const char *conversation, *body, *content;
};
/* With record "receipt.<kind>"; id filled in. */
int receipt_add(struct db *db, struct arena *arena, const struct receipt_row *row, struct error *error) must_use;
int receipt_list(struct db *db, struct arena *arena, const char *message, struct receipt_row **rows_r, size_t *count_r,
                 struct error *error) must_use;

#endif
