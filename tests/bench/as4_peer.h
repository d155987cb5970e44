/* as4_peer: identities and agreements of the two sides of an AS4 exchange, and phase4 in their place. */
#ifndef SEALGATE_TESTS_BENCH_AS4_PEER_H
#define SEALGATE_TESTS_BENCH_AS4_PEER_H

#include "bench/stage.h"

/* New keys of this kind ("p256", "rsa2048") for both, of one authority, and the agreement "peer" between them. */
void as4_pair(struct stage *sender, struct stage *receiver, const char *kind);

struct phase4 {
	double rate;          /* messages a second, push to verified receipt */
	double rss_sender, rss_receiver;  /* MB */
	double cpu_sender, cpu_receiver;  /* ms for each message */
};
/* phase4 both ways for so many seconds, with keys of this kind, a JVM for each side; false: it is not there, and *why_r says why. */
bool phase4_measure(const char *kind, int seconds, struct phase4 *phase4_r, const char **why_r);

#endif
