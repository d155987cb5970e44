#include "lib/base/heap.h"

#include <malloc.h>

/* With an arena for each thread glibc keeps for each what the largest request on it ever took: much more memory, and no faster where
 * the work is done by a few threads. With two, some twenty threads wait for one another's locks (forty waits and wake-ups for an exchange of
 * messages); with four that is rare, and takes some megabytes. Other C libraries have nothing of the kind. */
void heap_prepare(void)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 4);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}
