/* breaker: one per peer. After `failures` failures in a row it opens: nothing is sent until `open_ms` have passed;
 * then one try is let through (half open), whose outcome closes it or opens it again. A dead peer then costs one try
 * a while instead of one a message. Not thread-safe: the courier's alone.
 */
#ifndef SEALGATE_DELIVER_BREAKER_H
#define SEALGATE_DELIVER_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_HALF_OPEN };

struct breaker {
	int failures;     /* in a row that open it */
	int64_t open_ms;  /* how long it stays open */
	int count;
	enum breaker_state state;
	int64_t until_ms; /* monotonic, while open */
};

void breaker_init(struct breaker *breaker, int failures, int64_t open_ms);
/* May a try start now? In BREAKER_HALF_OPEN only the first asker hears yes. */
bool breaker_allows(struct breaker *breaker, int64_t mono_ms);
/* The try that was allowed did not happen: somebody else may have it. */
void breaker_give_back(struct breaker *breaker);
/* Returns true where this outcome opened or closed it (to be logged). */
bool breaker_note(struct breaker *breaker, bool success, int64_t mono_ms);
const char *breaker_state_name(enum breaker_state state);

#endif
