#include "lib/base/heap.h"

#include "config.h"

/* With an arena for each thread an allocator keeps for each what the largest request on it ever took: much more memory, and no faster
 * where the work is done by a few threads. So there are two, and what is free for a second goes back to the system. */
#if defined(HAVE_JEMALLOC)

extern const char *malloc_conf;  /* jemalloc reads it when the program starts; jemalloc(3), TUNING */
const char *malloc_conf = "narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0";

void heap_prepare(void)
{
}

#else

#include <malloc.h>

void heap_prepare(void)
{
#ifdef M_ARENA_MAX
	mallopt(M_ARENA_MAX, 2);
	mallopt(M_TRIM_THRESHOLD, 1 << 20);
#endif
}

#endif
