#include "lib/base/backoff.h"

int64_t backoff_wait_ms(const struct backoff_plan *plan, int64_t tries, int retry_after_s, double chance)
{
	double wait = (double)plan->first_ms, longest = (double)plan->longest_ms;
	for (int64_t i = 1; i < tries && wait < longest; i++)
		wait *= plan->factor;
	if (wait > longest)
		wait = longest;
	wait += wait * plan->jitter * (2 * chance - 1);
	double asked = (double)retry_after_s * 1000;
	if (asked > longest)
		asked = longest;
	if (wait < asked)
		wait = asked;
	return wait < 1 ? 1 : (int64_t)wait;
}

int64_t backoff_due_ms(const struct backoff_plan *plan, int64_t first_try_ms, int64_t now_ms, int64_t tries, int retry_after_s,
                       double chance)
{
	int64_t due = now_ms + backoff_wait_ms(plan, tries, retry_after_s, chance);
	return due - first_try_ms > plan->budget_ms ? -1 : due;
}
