/* as4_push: how long it takes from a hub's push to the webhook that tells the port. */
#ifndef SEALGATE_TESTS_BENCH_AS4_PUSH_H
#define SEALGATE_TESTS_BENCH_AS4_PUSH_H

#include <stddef.h>

/* The bench is the hub: so many orders of "do not load" (IE3Q01), signed and compressed, one after the other, to a gateway of its own.
 * Told are the receipt and the webhook, both from the moment before the hub connects. */
void push_measure(size_t pushes);

#endif
