/* checkpoint: how far the events of a container's journey were looked at, and what is kept of them.
 *
 * It stands for the events up to `until` as they are. Adding one of them later, or changing the status of one, removes it in the same
 * transaction (event.c): one that is found is good, as far as the store goes. What it was made from besides is its reader's to compare:
 * `basis`.
 */
#ifndef SEALGATE_STORE_CHECKPOINT_H
#define SEALGATE_STORE_CHECKPOINT_H

#include "lib/db/db.h"

struct checkpoint_row {
	const char *container;
	const char *journey;        /* "": the container has none */
	int64_t until;              /* device time, ms */
	const char *basis, *content;
};

int checkpoint_find(struct db *db, struct arena *arena, const char *container, const char *journey, struct checkpoint_row *row_r, bool *found_r,
                    struct error *error) must_use;
/* In place of the one before; not where something about the container changed since `wanted` (container.h) was read. */
int checkpoint_put(struct db *db, const struct checkpoint_row *row, int64_t wanted, struct error *error) must_use;
/* Those that stand for an event of this time. */
int checkpoint_drop(struct db *db, const char *container, int64_t time, struct error *error) must_use;

#endif
