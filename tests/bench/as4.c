/* as4: messages from one gateway to another, from the moment that they wait to the moment that the last one is sent: framed, signed,
 * pushed, verified, stored, confirmed; the receipt verified and stored. Against phase4 in the same exchange, and against the four
 * signature operations and the digests alone, on the machine's two cores.
 *
 *	--messages N   in each round: 3000
 *	--seconds S    for phase4: 10
 *	--pushes N     of a hub that gives orders, one at a time, each until its webhook: 200
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/as4_peer.h"
#include "bench/as4_push.h"
#include "bench/bench.h"
#include "bench/history.h"
#include "lib/base/file.h"
#include "lib/crypto/certificate.h"

#define CORES 2

/* ---- the floor ---- */

struct floor {
	struct key *key;
	struct certificate *certificate;
	struct bytes signed_info, document;
	long count;
};

/* What both sides of one exchange cannot do without: two signatures, two verifications, and the digests of header and document on
 * each side, of the receipt's header on each. */
static void floor_once(struct floor *f)
{
	ARENA_AUTO arena = arena_new();
	enum algorithm algorithm = key_algorithm(f->key, true);
	uint8_t digest[DIGEST_SHA256_SIZE];
	for (int side = 0; side < 2; side++) {
		struct key_job job = { .octets = f->signed_info };
		bench_must(key_sign(f->key, algorithm, &job, 1, arena, error));
		bench_must(certificate_verify_least(f->certificate, algorithm, 2048, f->signed_info, job.signature, error));
		digest_sha256(f->document, digest);
		digest_sha256(f->signed_info, digest);
		digest_sha256(f->signed_info, digest);
	}
	f->count++;
}

static void *floor_run(void *context)
{
	struct floor *f = context;
	double until = bench_wall() + 1;
	while (bench_wall() < until)
		floor_once(f);
	return NULL;
}

static double floor_rate(struct stage *stage)
{
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO certificate = NULL;
	static uint8_t octets[3072];
	pthread_t threads[CORES];
	struct floor floors[CORES];
	double rate = 0;
	bench_must(key_open_least(stage_file(stage, "keys/as4.key"), 2048, &key, error));
	bench_must(certificate_open(stage_file(stage, "keys/as4.pem"), &certificate, error));
	for (int i = 0; i < CORES; i++) {
		floors[i] = (struct floor){ key, certificate, { octets, 2048 }, { octets, sizeof octets }, 0 };
		if (pthread_create(&threads[i], NULL, floor_run, &floors[i]) != 0)
			exit(1);
	}
	for (int i = 0; i < CORES; i++) {
		pthread_join(threads[i], NULL);
		rate += (double)floors[i].count;
	}
	return rate;
}

/* ---- ours ---- */

static long sent_now(struct stage *stage)
{
	long sent = stage_number(stage_ask(stage, "GET", "/v1/status", "admin-1", NULL, (struct bytes){ 0 }), "messages.sent");
	return sent < 0 ? 0 : sent;
}

/* CPU of the two, for each message. */
struct costs {
	double sender, receiver;  /* ms */
};

static double round_rate(struct stage *sender, struct stage *receiver, size_t messages, struct costs *costs_r)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	long before = 0;
	if (sender->gateway) {
		before = sent_now(sender);
		stage_stop(&sender->gateway, SIGTERM);
	}
	history_messages(stage_file(sender, "data"), "peer", messages);
	double start = bench_wall(), cpu = process_cpu(receiver->gateway);
	stage_start_gateway(sender);
	while (sent_now(sender) < before + (long)messages) {
		if (bench_wall() - start > 300) {
			fprintf(stderr, "bench: only %ld of %zu messages were sent in five minutes\n", sent_now(sender) - before, messages);
			exit(1);
		}
		nanosleep(&pause, NULL);
	}
	double took = bench_wall() - start;
	costs_r->sender = process_cpu(sender->gateway) / (double)messages * 1000;
	costs_r->receiver = (process_cpu(receiver->gateway) - cpu) / (double)messages * 1000;
	return (double)messages / took;
}

static void tell_against_phase4(const char *kind, const double *ours, const double *cpu, double rss, int seconds, double target)
{
	ARENA_AUTO arena = arena_new();
	struct phase4 phase4;
	const char *why;
	double rates[BENCH_ROUNDS], cpus[BENCH_ROUNDS], theirs;
	if (!phase4_measure(kind, seconds, &phase4, &why)) {
		printf("as4/%s, phase4: not measured: %s\n", kind, why);
		return;
	}
	for (size_t i = 0; i < BENCH_ROUNDS; i++) {
		rates[i] = phase4.rate;
		cpus[i] = phase4.cpu_sender + phase4.cpu_receiver;
	}
	theirs = phase4.rss_sender > phase4.rss_receiver ? phase4.rss_sender : phase4.rss_receiver;
	const struct figure figures[] = {
		{ .name = arena_printf(arena, "as4/%s, phase4", kind), .unit = "messages/s", .floor_name = "phase4", .ours = ours, .floor = rates,
		  .rounds = BENCH_ROUNDS, .target = target },
		{ .name = arena_printf(arena, "as4/%s, CPU of both", kind), .unit = "ms/message", .floor_name = "phase4", .ours = cpu, .floor = cpus,
		  .rounds = BENCH_ROUNDS },
		{ .name = arena_printf(arena, "as4/%s, memory", kind), .unit = "MB", .floor_name = "phase4", .ours = &rss, .floor = &theirs, .rounds = 1, .target = 0.2,
		  .less = true },
	};
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		bench_tell(&figures[i]);
}

static void measure(const char *kind, size_t messages, int seconds, double target)
{
	ARENA_AUTO arena = arena_new();
	struct stage sender, receiver;
	double ours[BENCH_ROUNDS], floors[BENCH_ROUNDS], at_sender[BENCH_ROUNDS], at_receiver[BENCH_ROUNDS], rss;
	struct costs costs;
	stage_make(&receiver, false);
	stage_make(&sender, false);
	as4_pair(&sender, &receiver, kind);
	stage_start_gateway(&receiver);
	round_rate(&sender, &receiver, messages / 10 + 1, &costs);  /* warm */
	for (size_t i = 0; i < BENCH_ROUNDS; i++) {
		floors[i] = floor_rate(&sender);
		ours[i] = round_rate(&sender, &receiver, messages, &costs);
		at_sender[i] = costs.sender;
		at_receiver[i] = costs.receiver;
	}
	rss = process_rss(sender.gateway) > process_rss(receiver.gateway) ? process_rss(sender.gateway) : process_rss(receiver.gateway);
	stage_clear(&sender);
	stage_clear(&receiver);
	const struct figure figure = { .name = arena_printf(arena, "as4/%s", kind), .unit = "messages/s", .floor_name = "signatures and digests", .ours = ours,
		                       .floor = floors, .rounds = BENCH_ROUNDS, .target = strcmp(kind, "p256") == 0 ? 0.25 : 0 };
	const struct figure sending = { .name = arena_printf(arena, "as4/%s, sender CPU", kind), .unit = "ms/message", .ours = at_sender, .rounds = BENCH_ROUNDS };
	const struct figure receiving = { .name = arena_printf(arena, "as4/%s, receiver CPU", kind), .unit = "ms/message", .ours = at_receiver, .rounds = BENCH_ROUNDS };
	bench_tell(&figure);
	bench_tell(&sending);
	bench_tell(&receiving);
	for (size_t i = 0; i < BENCH_ROUNDS; i++)
		at_sender[i] += at_receiver[i];
	tell_against_phase4(kind, ours, at_sender, rss, seconds, target);
}

int main(int argc, char **argv)
{
	size_t messages = (size_t)bench_option(argc, argv, "--messages", 3000);
	int seconds = bench_option(argc, argv, "--seconds", 10);
	signal(SIGPIPE, SIG_IGN);
	push_measure((size_t)bench_option(argc, argv, "--pushes", 200));
	measure("p256", messages, seconds, 8);
	measure("rsa2048", messages, seconds, 2);
	return 0;
}
