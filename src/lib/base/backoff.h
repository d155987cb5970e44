/* backoff: when to try again. Pure functions; times in milliseconds. */
#ifndef SEALGATE_LIB_BASE_BACKOFF_H
#define SEALGATE_LIB_BASE_BACKOFF_H

#include <stdint.h>

struct backoff_plan {
	int64_t first_ms;   /* before the second try */
	int64_t longest_ms; /* ceiling of one wait */
	int64_t budget_ms;  /* from the first try; after that no more tries */
	double factor;      /* each wait is this much longer than the one before, >= 1 */
	double jitter;      /* 0 to 1: part of the wait that is left to chance, either side */
};

/* Wait after `tries` tries (>= 1), `chance` in 0..1 from the entropy source. A Retry-After of the peer (seconds, 0:
 * none) is a least wait, and is clamped to the plan's longest. */
int64_t backoff_wait_ms(const struct backoff_plan *plan, int64_t tries, int retry_after_s, double chance);
/* -1 where the budget would be over by then. */
int64_t backoff_due_ms(const struct backoff_plan *plan, int64_t first_try_ms, int64_t now_ms, int64_t tries, int retry_after_s,
                       double chance);

#endif
