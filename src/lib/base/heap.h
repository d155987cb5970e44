/* heap: how malloc (jemalloc's, or the C library's) keeps memory, for a program that runs for long with many threads. */
#ifndef SEALGATE_LIB_BASE_HEAP_H
#define SEALGATE_LIB_BASE_HEAP_H

/* Before the first thread. */
void heap_prepare(void);

#endif
