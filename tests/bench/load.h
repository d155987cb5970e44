/* load: HTTP/1.1 requests over plain TCP on loopback, from one thread, as many connections at once as wanted, each kept open and
 * with one request under way. Cheaper than any client library: the two cores are the server's. */
#ifndef SEALGATE_TESTS_BENCH_LOAD_H
#define SEALGATE_TESTS_BENCH_LOAD_H

#include "lib/base/bytes.h"

/* Answers (2xx; any other ends the program) in a second. `make` appends the next request to an empty buffer. */
double load_rate(uint16_t port, unsigned connections, double seconds, void (*make)(void *context, struct buffer *out), void *context);

#endif
