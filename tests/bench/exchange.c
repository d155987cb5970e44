/* exchange: an event goes in, a finding is made of it, a signed message goes to a sandbox customs, its signed answer comes back,
 * and a webhook tells the port: through the real programs, everything over TLS on loopback, everything on disk before it is
 * said. One loop is over when the webhook is here.
 *
 *	--loops N    of each round, 2000
 *	--window N   under way at once, 64
 *	--stored N   events that are in the store before, written there directly; 0
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bench/bench.h"
#include "bench/history.h"
#include "bench/stage.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/http/server.h"
#include "model/container.h"

#define OWNER "BNCU"
#define ROUNDS 3

struct loop {
	double started, ended;         /* ended 0: under way */
	char body[400];
};

struct exchange {
	struct stage stage;
	struct http_server *hook;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct loop *loops;
	size_t count, done, first;     /* first: of this round */
	size_t refused;
	const char *key, *url, *ca;
};

static void number_write(size_t index, char out[static CONTAINER_NUMBER_SIZE])
{
	snprintf(out, CONTAINER_NUMBER_SIZE, OWNER "%06zu", index % 1000000);
	out[10] = container_check_digit(out);
	out[11] = '\0';
}

/* ---- webhooks ---- */

static void hooked(void *context, struct http_request *request)
{
	struct exchange *x = context;
	const char *at = strstr((const char *)request->body.data, OWNER);
	size_t index = at ? (size_t)atol(arena_text_n(request->arena, at + strlen(OWNER), 6)) : SIZE_MAX;
	pthread_mutex_lock(&x->lock);
	if (index < x->count && x->loops[index].started > 0 && x->loops[index].ended <= 0) {
		x->loops[index].ended = bench_wall();
		x->done++;
		pthread_cond_signal(&x->changed);
	}
	pthread_mutex_unlock(&x->lock);
	http_answer(request, 204, NULL, (struct bytes){ 0 });
}

static void hook_start(struct exchange *x)
{
	struct http_server_config config = { .port = (uint16_t)x->stage.hook_port, .certificate_file = stage_file(&x->stage, "tls/hook.pem"),
		                             .key_file = stage_file(&x->stage, "tls/hook.key") };
	bench_must(http_server_start(&config, hooked, x, &x->hook, error));
	const char *body = arena_printf(x->stage.arena, "{\"url\":\"https://localhost:%d/hook\",\"types\":[\"notice.*\"]}", x->stage.hook_port);
	stage_ask(&x->stage, "PUT", "/v1/subscriptions/bench", "port-1", "application/json", bytes_of_text(body));
}

/* ---- journeys ---- */

static void journeys_file(struct exchange *x)
{
	for (size_t i = 0; i < x->count;) {
		BUFFER_AUTO lines = { 0 };
		for (size_t end = i + 500; i < end && i < x->count; i++) {
			char number[CONTAINER_NUMBER_SIZE], from[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE], etd[CLOCK_TEXT_SIZE];
			int64_t now = clock_real_ms(), day = 86400000;
			number_write(i, number);
			buffer_printf(&lines,
			              "{\"id\":\"J-%zu\",\"container\":\"%s\",\"size_type\":\"45G1\",\"fullness\":\"5\",\"from\":\"%s\",\"until\":\"%s\","
			              "\"consignments\":[{\"master\":\"SGTU6301234567\",\"references\":[{\"type\":\"355\",\"id\":\"26NL0005101X7K2LF6\"}],"
			              "\"may_see\":[\"port-1\"]}],\"legs\":[{\"mode\":\"1\",\"carrier\":{\"smdg\":\"SGT\"},\"vessel\":{\"imo\":\"9395044\"},"
			              "\"voyage\":\"605E\",\"from\":{\"locode\":\"CNYSA\"},\"to\":{\"locode\":\"NLRTM\"},\"etd\":\"%s\"}],"
			              "\"seals\":[{\"number\":\"H1234567\",\"class\":\"H\",\"by\":\"SH\"}]}\n", i, number, clock_format(now - 30 * day, from),
			              clock_format(now + 30 * day, until), clock_format(now + 2 * day, etd));
		}
		const char *answer = stage_ask(&x->stage, "POST", "/v1/journeys", "carrier-1", "application/x-ndjson", buffer_bytes(&lines));
		if (stage_number(answer, "refused") != 0) {
			fprintf(stderr, "bench: journeys were refused: %.400s\n", answer);
			exit(1);
		}
	}
	stage_quiet(&x->stage);
}

/* ---- loops ---- */

static void posted(void *context, const struct http_outcome *outcome)
{
	struct exchange *x = context;
	if (outcome->status == 201)
		return;
	pthread_mutex_lock(&x->lock);
	if (!x->refused++)
		fprintf(stderr, "bench: an event was answered %d %s %s\n", outcome->status, outcome->error.text,
		        outcome->body.data ? (const char *)outcome->body.data : "");
	pthread_mutex_unlock(&x->lock);
}

static void loop_start(struct exchange *x, size_t index)
{
	static const char *const local[] = { "localhost", NULL };
	struct loop *loop = &x->loops[index];
	char number[CONTAINER_NUMBER_SIZE], time[CLOCK_TEXT_SIZE];
	number_write(index, number);
	int n = snprintf(loop->body, sizeof loop->body,
	                 "{\"id\":\"bench-%zu\",\"type\":\"door_opened\",\"time\":\"%s\",\"container\":\"%s\",\"device\":{\"id\":\"35693803%07zu\"},"
	                 "\"position\":{\"lat\":\"30.877701\",\"lon\":\"121.883003\",\"source\":\"gnss\",\"accuracy\":\"30\"},"
	                 "\"readings\":[{\"kind\":\"light\",\"value\":\"12.5\",\"unit\":\"LUX\"}]}", index, clock_format(clock_real_ms(), time), number, index);
	const struct http_header headers[] = { { "Authorization", x->key }, { "Content-Type", "application/json" } };
	struct http_call call = { .method = "POST", .url = x->url, .headers = headers, .n_headers = 2, .body = { (const uint8_t *)loop->body, (size_t)n },
		                  .private_hosts = local, .ca_file = x->ca };
	loop->started = bench_wall();
	bench_must(http_client_start(x->stage.client, &call, posted, x, error));
}

static int compare(const void *a, const void *b)
{
	const double *p = a, *q = b;
	return *p < *q ? -1 : *p > *q;
}

struct round {
	double rate, p50, p99, cpu, sandbox_cpu, load_cpu, commits;
};

/* What the store has committed so far; each commit is at least one fsync. */
static double commits_of(struct exchange *x)
{
	static const char name[] = "\nsealgate_store_batches_total ";
	const char *at = strstr(stage_ask(&x->stage, "GET", "/metrics", "admin-1", NULL, (struct bytes){ 0 }), name);
	must(at);
	return strtod(at + strlen(name), NULL);
}

static double own_cpu(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static struct round round_run(struct exchange *x, size_t loops, size_t window)
{
	struct round round;
	size_t next = x->first, end = x->first + loops, done_before = x->done;
	double commits = commits_of(x), start = bench_wall(), cpu = process_cpu(x->stage.gateway), sandbox = process_cpu(x->stage.sandbox), load = own_cpu();
	pthread_mutex_lock(&x->lock);
	while (x->done - done_before < loops) {
		while (next < end && next - x->first - (x->done - done_before) < window) {
			pthread_mutex_unlock(&x->lock);
			loop_start(x, next++);
			pthread_mutex_lock(&x->lock);
		}
		struct timespec until;
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += 30;
		size_t before = x->done;
		if (pthread_cond_timedwait(&x->changed, &x->lock, &until) != 0 && x->done == before) {
			fprintf(stderr, "bench: no webhook for 30 s: %zu of %zu loops are done\n", x->done - done_before, loops);
			exit(1);
		}
	}
	pthread_mutex_unlock(&x->lock);
	round.rate = (double)loops / (bench_wall() - start);
	round.cpu = (process_cpu(x->stage.gateway) - cpu) / (double)loops * 1000;
	round.sandbox_cpu = (process_cpu(x->stage.sandbox) - sandbox) / (double)loops * 1000;
	round.load_cpu = (own_cpu() - load) / (double)loops * 1000;
	round.commits = (commits_of(x) - commits) / (double)loops;
	double *took = arena_array(x->stage.arena, loops, sizeof *took);
	for (size_t i = 0; i < loops; i++)
		took[i] = (x->loops[x->first + i].ended - x->loops[x->first + i].started) * 1000;
	qsort(took, loops, sizeof *took, compare);
	round.p50 = took[loops / 2];
	round.p99 = took[loops * 99 / 100];
	x->first = end;
	return round;
}

static void tell(const char *name, const char *unit, const double *values, size_t count, double target, bool less)
{
	const struct figure figure = { .name = name, .unit = unit, .ours = values, .rounds = count, .target = target, .less = less };
	bench_tell(&figure);
}

static double store_kilobytes(struct exchange *x)
{
	static const char *const files[] = { "data/sealgate.db", "data/sealgate.db-wal" };
	double sum = 0;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct stat stat_of;
		if (stat(stage_file(&x->stage, files[i]), &stat_of) == 0)
			sum += (double)stat_of.st_size / 1024;
	}
	return sum;
}

static void rounds_run(struct exchange *x, size_t loops, size_t window, const char *after)
{
	double rate[ROUNDS], p50[ROUNDS], p99[ROUNDS], cpu[ROUNDS], sandbox[ROUNDS], load[ROUNDS], commits[ROUNDS];
	struct arena *arena = x->stage.arena;
	for (size_t i = 0; i < ROUNDS; i++) {
		struct round r = round_run(x, loops, window);
		rate[i] = r.rate, p50[i] = r.p50, p99[i] = r.p99, cpu[i] = r.cpu, sandbox[i] = r.sandbox_cpu, load[i] = r.load_cpu, commits[i] = r.commits;
	}
	double one[ROUNDS], rss = process_rss(x->stage.gateway), disk = store_kilobytes(x) / (double)x->first;
	struct round alone = round_run(x, 50, 1);
	one[0] = alone.p50;
	tell(arena_printf(arena, "exchange/loops%s", after), "loops/s", rate, ROUNDS, 500, false);
	tell(arena_printf(arena, "exchange/p50%s", after), "ms", p50, ROUNDS, 0, false);
	tell(arena_printf(arena, "exchange/p99%s", after), "ms", p99, ROUNDS, 0, false);
	tell(arena_printf(arena, "exchange/p50 one at a time%s", after), "ms", one, 1, 0, false);
	tell(arena_printf(arena, "exchange/gateway CPU%s", after), "ms/loop", cpu, ROUNDS, 0, false);
	tell(arena_printf(arena, "exchange/sandbox CPU%s", after), "ms/loop", sandbox, ROUNDS, 0, false);
	tell(arena_printf(arena, "exchange/load CPU%s", after), "ms/loop", load, ROUNDS, 0, false);
	tell(arena_printf(arena, "exchange/commits%s", after), "/loop", commits, ROUNDS, 0, false);
	if (!*after)  /* journey, event, finding, report, receipt, answer, notice, webhook; two signatures made, two checked */
		tell("exchange/store", "KB/loop", &disk, 1, 0, false);
	tell(arena_printf(arena, "exchange/RSS%s", after), "MB", &rss, 1, 100, true);
}

int main(int argc, char **argv)
{
	size_t loops = (size_t)bench_option(argc, argv, "--loops", 2000), window = (size_t)bench_option(argc, argv, "--window", 64);
	size_t stored = (size_t)bench_option(argc, argv, "--stored", 0);
	struct exchange x = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .count = loops * ROUNDS + 50 };
	signal(SIGPIPE, SIG_IGN);
	stage_make(&x.stage, true);
	x.loops = arena_array(x.stage.arena, x.count, sizeof *x.loops);
	x.key = stage_key(&x.stage, "provider-1");
	x.url = stage_url(&x.stage, "/v1/events");
	x.ca = stage_file(&x.stage, "tls/ca.pem");
	if (stored)
		history_write(stage_file(&x.stage, "data"), stored);
	stage_start_sandbox(&x.stage);
	stage_start_gateway(&x.stage);
	hook_start(&x);
	journeys_file(&x);
	rounds_run(&x, loops, window, stored ? arena_printf(x.stage.arena, " after %zu", stored) : "");
	stage_stop(&x.stage.gateway, SIGTERM);
	http_server_stop(&x.hook);
	stage_clear(&x.stage);
	return x.refused ? 1 : 0;
}
