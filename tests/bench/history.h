/* history: a store with a past, written directly. */
#ifndef SEALGATE_TESTS_BENCH_HISTORY_H
#define SEALGATE_TESTS_BENCH_HISTORY_H

#include <stddef.h>

/* Events on containers whose voyages are over: 100 on each, looked at and done with. */
void history_write(const char *folder, size_t events);
/* Reports to this agreement that wait for their first try. */
void history_messages(const char *folder, const char *agreement, size_t count);

#endif
