/* container: the queue of containers that somebody has to look at, with leases.
 *
 * container_want counts up whenever anything about the container changed; a worker claims, notes `wanted`, works, and
 * says done with that number: what came meanwhile makes it due again. Claiming adds 1 to `claims`, committed before
 * the work starts: work that kills the process is seen. The third claim without a done should run alone, the fourth is
 * refused and the container is held. A done with another owner or lease number is void.
 */
#ifndef SEALGATE_STORE_CONTAINER_H
#define SEALGATE_STORE_CONTAINER_H

#include "lib/db/db.h"

#define CONTAINER_CLAIMS 3

struct container_claim {
	const char *number;
	int64_t wanted;
	int64_t lease;
	int64_t claims;         /* 1: the first since it was last done */
};

int container_want(struct db *db, const char *number, struct error *error) must_use;
/* How often it was wanted so far; 0: never. */
int container_wanted(struct db *db, const char *number, int64_t *wanted_r, struct error *error) must_use;
/* Is there one to be claimed? Asked by reading alone: a claim is a write, and whoever is woken has mostly nothing to claim. */
int container_is_due(struct db *db, int64_t now, bool *due_r, struct error *error) must_use;
/* At most `limit`, those that are due by time before those about which something came: the first are few. */
int container_claim(struct db *db, struct arena *arena, const char *owner, int64_t now, size_t limit, struct container_claim *claims_r,
                    size_t *count_r, struct error *error) must_use;
/* `due` CLOCK_NONE: nothing is due by time. `content`: the state of integrity as JSON, as the API shows it.
 * Fails with CONFLICT where the lease is not this one any more. */
int container_done(struct db *db, const struct container_claim *claim, const char *owner, int64_t due, const char *content,
                   struct error *error) must_use;
/* Gives the lease back undone, to be tried again at `due`. */
int container_release(struct db *db, const struct container_claim *claim, const char *owner, int64_t due, struct error *error) must_use;
int container_release_all(struct db *db, struct error *error) must_use;  /* at start */
/* One that was held is looked at again, as if for the first time. *found_r false: there is no such container. */
int container_resume(struct db *db, const char *number, bool *found_r, struct error *error) must_use;
int container_content(struct db *db, struct arena *arena, const char *number, const char **content_r, const char **held_r,
                      struct error *error) must_use;  /* NULL: not known */

#endif
