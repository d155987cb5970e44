/* record: one entry of the tamper-evident log, appended in the same transaction as each change of state. It has its
 * number and its chain from then on, since there is one writer (store.h, S5). */
#ifndef SEALGATE_STORE_RECORD_H
#define SEALGATE_STORE_RECORD_H

#include "lib/db/db.h"

struct record {
	const char *id;         /* filled in by record_add where NULL */
	int64_t at;             /* filled in where 0 */
	const char *kind;       /* event.received, finding.raised, message.sent, notice.control, journey.changed, ... */
	const char *object;     /* id of the thing it is about */
	const char *container, *journey, *agreement;  /* may be NULL */
	const char *content;    /* JSON, "{}" where there is nothing to say */
	int64_t number;         /* when read */
	const char *chain;      /* hexadecimal, when read */
};

struct record_filter {
	int64_t after;          /* numbers greater than this */
	int64_t before;         /* 0, or numbers less than this, latest first */
	int64_t limit;
	const char *kind_start; /* NULL, or kinds that start so */
	const char *container;  /* NULL: any */
};

int record_add(struct db *db, const struct record *record, struct error *error) must_use;
int record_list(struct db *db, struct arena *arena, const struct record_filter *filter, struct record **records_r, size_t *count_r,
                struct error *error) must_use;
int record_last_number(struct db *db, int64_t *last_r, struct error *error) must_use;
/* Walks the chain from `from` on; fails with CONFLICT naming the first number that does not fit. */
int record_verify(struct db *db, int64_t from, int64_t *count_r, struct error *error) must_use;

#endif
