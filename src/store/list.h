/* list: ids of things in the order in which the store learned of them. A cursor is the number of a sealed record (S5): it
 * never misses a thing and never shows one twice. */
#ifndef SEALGATE_STORE_LIST_H
#define SEALGATE_STORE_LIST_H

#include "lib/db/db.h"

enum noun { NOUN_EVENT, NOUN_FINDING, NOUN_MESSAGE, NOUN_DOCUMENT, NOUN_NOTICE, NOUN_JOURNEY };

struct list_filter {
	enum noun noun;
	const char *container, *journey;  /* NULL: any */
	const char *kind;                 /* event's type, finding's code, message's or notice's kind; NULL: any */
	const char *state;                /* message's or document's state; NULL: any */
	int64_t after;                    /* numbers greater than this */
	bool latest_first;                /* then numbers less than `after`, if it is not 0 */
	int64_t limit;
};

struct list_item {
	int64_t number;
	const char *id;
};

int list_ids(struct db *db, struct arena *arena, const struct list_filter *filter, struct list_item **items_r, size_t *count_r,
             struct error *error) must_use;

/* How many there are, by name, for metrics: "events", "messages.sent", "deliveries.ready", ... */
struct count_item {
	const char *name;
	int64_t count;
};
int count_all(struct db *db, struct arena *arena, struct count_item **items_r, size_t *count_r, struct error *error) must_use;

/* What is not finished yet, for whoever waits until nothing is. */
struct pending {
	int64_t containers;   /* to be looked at */
	int64_t messages;     /* ready, sending, unknown, waiting */
	int64_t deliveries;   /* webhooks on their way, and subscriptions that have not seen the last record */
	int64_t unanswered;   /* messages that customs has and has not answered */
};
int pending_count(struct db *db, int64_t now, struct pending *pending_r, struct error *error) must_use;

#endif
