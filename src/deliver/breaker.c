#include "deliver/breaker.h"

void breaker_init(struct breaker *breaker, int failures, int64_t open_ms)
{
	*breaker = (struct breaker){ .failures = failures, .open_ms = open_ms };
}

bool breaker_allows(struct breaker *breaker, int64_t mono_ms)
{
	if (breaker->state == BREAKER_OPEN && mono_ms >= breaker->until_ms) {
		breaker->state = BREAKER_HALF_OPEN;
		return true;
	}
	return breaker->state == BREAKER_CLOSED;
}

void breaker_give_back(struct breaker *breaker)
{
	if (breaker->state == BREAKER_HALF_OPEN)
		breaker->state = BREAKER_OPEN;  /* its time is over already: the next asker hears yes */
}

bool breaker_note(struct breaker *breaker, bool success, int64_t mono_ms)
{
	enum breaker_state before = breaker->state;
	if (success) {
		breaker->state = BREAKER_CLOSED;
		breaker->count = 0;
	} else if (before == BREAKER_HALF_OPEN || ++breaker->count >= breaker->failures) {
		breaker->state = BREAKER_OPEN;
		breaker->until_ms = mono_ms + breaker->open_ms;
		breaker->count = 0;
	}
	return (before == BREAKER_CLOSED) != (breaker->state == BREAKER_CLOSED);
}

const char *breaker_state_name(enum breaker_state state)
{
	static const char *const names[] = { "closed", "open", "half-open" };
	return names[state];
}
