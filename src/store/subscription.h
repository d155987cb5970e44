/* subscription: who wants to be told of what; delivery: one thing told to one of them. */
#ifndef SEALGATE_STORE_SUBSCRIPTION_H
#define SEALGATE_STORE_SUBSCRIPTION_H

#include "lib/db/db.h"

struct subscription_row {
	const char *id, *party;
	const char *content;        /* JSON: url, types, containers; never the secrets (secret "subscription:<id>") */
	const char *state;          /* active, disabled */
	int64_t cursor;             /* last record number that was looked at */
	int64_t failing_since;      /* CLOCK_NONE: not failing */
	int64_t created, version;
};

int subscription_put(struct db *db, const struct subscription_row *row, struct error *error) must_use;
int subscription_find(struct db *db, struct arena *arena, const char *id, struct subscription_row *row_r, bool *found_r,
                      struct error *error) must_use;
int subscription_list(struct db *db, struct arena *arena, const char *party, struct subscription_row **rows_r, size_t *count_r,
                      struct error *error) must_use;  /* party NULL: all */
/* Its deliveries that are over stay, under a name that no subscription can have: who takes the id next does not inherit them. */
int subscription_delete(struct db *db, const char *id, struct error *error) must_use;
/* The subscription as it was read, `row`, has looked at records up to `cursor`. *moved_r false: it was changed, deleted or moved
 * on meanwhile, and what was made from the old one must not be kept. */
int subscription_advance(struct db *db, const struct subscription_row *row, int64_t cursor, bool *moved_r, struct error *error) must_use;
/* Notes success (failing_since CLOCK_NONE) or failure since then; `disable` switches it off with a record. A call that was made
 * for an older version says nothing of this one: it changes nothing. */
int subscription_note(struct db *db, const struct subscription_row *row, int64_t failing_since, bool disable, struct error *error) must_use;
/* How many records the slowest active subscription has still to look at. */
int subscription_lag(struct db *db, int64_t *records_r, struct error *error) must_use;

struct delivery_row {
	const char *id;             /* webhook-id: the same on every try */
	const char *subscription;
	int64_t record;             /* number of the record it tells of; unique with subscription; negative: a test */
	const char *type, *container;
	const char *body;           /* the octets that are sent, text */
	const char *state;          /* ready, sending, sent, failed */
	int64_t attempts;           /* since it was made, or ordered again */
	int64_t first_try;          /* CLOCK_NONE: not tried since then */
	int64_t due, last_status;
	const char *last_error;
	int64_t created, ended;
};
/* All times of deliveries, and failing_since, are of the machine's clock (clock_real_ms), also where an old voyage is played. */

int delivery_add(struct db *db, const struct delivery_row *row, struct error *error) must_use;
int delivery_find(struct db *db, struct arena *arena, const char *id, struct delivery_row *row_r, bool *found_r, struct error *error) must_use;
/* NULL: any. `type_start`: types that begin so, "org.sealgate.notice.". */
struct delivery_filter {
	const char *subscription, *container, *type_start, *state;
};
int delivery_list(struct db *db, struct arena *arena, const struct delivery_filter *filter, int64_t limit, struct delivery_row **rows_r,
                  size_t *count_r, struct error *error) must_use;  /* latest first */
int delivery_open(struct db *db, const char *subscription, int64_t *count_r, struct error *error) must_use;  /* ready or sending */
/* Due ones of one subscription: state sending, attempts + 1. Of one container one at a time, in the order of records; but one
 * that failed, and waits for its next try, stops the later ones for `blocks_ms` after its first try at the most. */
int delivery_claim(struct db *db, struct arena *arena, const char *subscription, int64_t now, int64_t blocks_ms, int64_t limit,
                   struct delivery_row **rows_r, size_t *count_r, struct error *error) must_use;
/* Would delivery_claim find any? */
int delivery_is_due(struct db *db, const char *subscription, int64_t now, int64_t blocks_ms, bool *due_r, struct error *error) must_use;
/* state, due, last_*, ended of one that is being sent. */
int delivery_end(struct db *db, const struct delivery_row *row, struct error *error) must_use;
int delivery_again(struct db *db, const char *id, int64_t now, struct error *error) must_use;   /* redeliver: as if it were new */
int delivery_recover(struct db *db, struct error *error) must_use;                              /* at start */

#endif
