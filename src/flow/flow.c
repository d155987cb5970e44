#include "flow/flow.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "flow/work.h"
#include "lib/base/log.h"

#define SCAN_MS 200            /* a lost wake-up costs no more than this */
#define AGAIN_MS 1000          /* after a failure */

struct flow {
	struct flow_config config;
	pthread_t *threads;
	int thread_count;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_rwlock_t alone;    /* held for writing by work that failed twice: it runs with nothing beside it */
	bool stops;
	uint64_t hints;            /* counted, so that one that comes while a worker looks is not lost */
	struct flow_numbers numbers;
};

struct claiming {
	struct flow *flow;
	struct work *work;
	int64_t due;
};

static int claim(struct db *db, void *context, struct error *error)
{
	struct claiming *c = context;
	return container_claim(db, c->work->arena, store_instance(c->flow->config.store), clock_now_ms(), &c->work->claim, error);
}

static int give_back(struct db *db, void *context, struct error *error)
{
	struct claiming *c = context;
	return container_release(db, &c->work->claim, store_instance(c->flow->config.store), c->due, error);
}

static void note(struct flow *flow, const struct work *work, bool failed)
{
	pthread_mutex_lock(&flow->lock);
	flow->numbers.assessed += !failed;
	flow->numbers.failed += failed;
	flow->numbers.messages += work->messages;
	pthread_mutex_unlock(&flow->lock);
}

static void work_failed(struct flow *flow, struct work *work, const struct error *why)
{
	struct error error = { 0 };
	struct claiming c = { flow, work, clock_now_ms() + AGAIN_MS };
	log_error("assess", work->claim.number, "failed, try %lld: %s%s%s", (long long)work->claim.claims, why->text, *why->place ? " at " : "", why->place);
	note(flow, work, true);
	if (why->code == ERROR_CONFLICT)  /* the lease is somebody else's: nothing to give back */
		return;
	if (store_write(flow->config.store, give_back, &c, &error) < 0)
		log_error("assess", work->claim.number, "cannot be given back: %s", error.text);
}

/* True: there was something to do. */
static bool work_one(struct flow *flow)
{
	ARENA_AUTO arena = arena_new();
	struct error error = { 0 };
	struct work work = { .config = &flow->config, .arena = arena };
	struct claiming c = { flow, &work, 0 };
	if (store_write(flow->config.store, claim, &c, &error) < 0) {
		if (error.code != ERROR_STOPPING)
			log_error("assess", NULL, "nothing can be claimed: %s", error.text);
		return false;
	}
	if (!work.claim.number)
		return false;
	if (work.claim.claims >= CONTAINER_CLAIMS)
		pthread_rwlock_wrlock(&flow->alone);
	else
		pthread_rwlock_rdlock(&flow->alone);
	bool done = store_read(flow->config.store, work_look, &work, &error) == 0 && store_write(flow->config.store, work_write, &work, &error) == 0;
	pthread_rwlock_unlock(&flow->alone);
	if (done)
		note(flow, &work, false);
	else
		work_failed(flow, &work, &error);
	return true;
}

static void wait_for_hint(struct flow *flow, uint64_t seen)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += SCAN_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&flow->lock);
	while (!flow->stops && flow->hints == seen && pthread_cond_timedwait(&flow->wake, &flow->lock, &until) == 0)
		;
	pthread_mutex_unlock(&flow->lock);
}

static void *worker(void *context)
{
	struct flow *flow = context;
	for (;;) {
		pthread_mutex_lock(&flow->lock);
		bool stops = flow->stops;
		uint64_t seen = flow->hints;
		pthread_mutex_unlock(&flow->lock);
		if (stops)
			return NULL;
		if (!work_one(flow))
			wait_for_hint(flow, seen);
	}
}

int flow_start(const struct flow_config *config, struct flow **flow_r, struct error *error)
{
	struct flow *flow = calloc(1, sizeof *flow);
	pthread_condattr_t monotonic;
	int wanted = config->settings->workers > 0 ? config->settings->workers : 2;
	if (!flow || !(flow->threads = calloc((size_t)wanted, sizeof *flow->threads)))
		die("out of memory");
	flow->config = *config;
	pthread_mutex_init(&flow->lock, NULL);
	pthread_rwlock_init(&flow->alone, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&flow->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	while (flow->thread_count < wanted && pthread_create(&flow->threads[flow->thread_count], NULL, worker, flow) == 0)
		flow->thread_count++;
	*flow_r = flow;
	if (flow->thread_count == wanted)
		return 0;
	flow_stop(flow_r);
	FAIL(error, BUSY, "no thread can be started");
}

void flow_stop(struct flow **flow_at)
{
	struct flow *flow = *flow_at;
	if (!flow)
		return;
	pthread_mutex_lock(&flow->lock);
	flow->stops = true;
	pthread_cond_broadcast(&flow->wake);
	pthread_mutex_unlock(&flow->lock);
	for (int i = 0; i < flow->thread_count; i++)
		pthread_join(flow->threads[i], NULL);
	pthread_cond_destroy(&flow->wake);
	pthread_rwlock_destroy(&flow->alone);
	pthread_mutex_destroy(&flow->lock);
	free(flow->threads);
	free(flow);
	*flow_at = NULL;
}

void flow_wake(struct flow *flow)
{
	pthread_mutex_lock(&flow->lock);
	flow->hints++;
	pthread_cond_signal(&flow->wake);
	pthread_mutex_unlock(&flow->lock);
}

struct flow_numbers flow_numbers(struct flow *flow)
{
	pthread_mutex_lock(&flow->lock);
	struct flow_numbers numbers = flow->numbers;
	pthread_mutex_unlock(&flow->lock);
	return numbers;
}
