#include "flow/flow.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "flow/work.h"
#include "lib/base/log.h"

#define SCAN_MS 200            /* a lost wake-up costs no more than this */
#define AGAIN_MS 1000          /* after a failure */
#define ROUND 16               /* containers that a worker claims at once */

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

/* Containers that one worker has claimed together: each is looked at by itself and written by itself; that they are claimed in
 * one commit, and that nobody waits for one's commit before the next is looked at, is what makes it fast. */
struct round {
	struct flow *flow;
	struct arena *arena;
	struct container_claim claims[ROUND];
	struct work *works[ROUND];
	struct error errors[ROUND];
	bool failed[ROUND];
	size_t count;
	size_t out;                /* writes on their way; by the flow's lock */
	pthread_cond_t written;
};

struct giving_back {
	struct flow *flow;
	const struct work *work;
	int64_t due;
};

static int claim(struct db *db, void *context, struct error *error)
{
	struct round *r = context;
	return container_claim(db, r->arena, store_instance(r->flow->config.store), clock_now_ms(), ROUND, r->claims, &r->count, error);
}

static int give_back(struct db *db, void *context, struct error *error)
{
	struct giving_back *g = context;
	return container_release(db, &g->work->claim, store_instance(g->flow->config.store), g->due, error);
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
	struct giving_back g = { flow, work, clock_now_ms() + AGAIN_MS };
	log_error("assess", work->claim.number, "failed, try %lld: %s%s%s", (long long)work->claim.claims, why->text, *why->place ? " at " : "", why->place);
	note(flow, work, true);
	if (why->code == ERROR_CONFLICT)  /* the lease is somebody else's: nothing to give back */
		return;
	if (store_write(flow->config.store, give_back, &g, &error) < 0)
		log_error("assess", work->claim.number, "cannot be given back: %s", error.text);
}

static struct work *work_new(struct flow *flow, const struct container_claim *claim)
{
	struct arena *arena = arena_new();
	struct work *work = arena_alloc(arena, sizeof *work);
	*work = (struct work){ .config = &flow->config, .arena = arena, .claim = *claim };
	return work;
}

static void work_free(struct work *work)
{
	struct arena *arena = work->arena;
	arena_free(&arena);
}

/* With nothing beside it: it failed twice, and may be what takes the process down. */
static void work_alone(struct round *r, size_t i)
{
	struct flow *flow = r->flow;
	struct work *work = r->works[i] = work_new(flow, &r->claims[i]);
	pthread_rwlock_wrlock(&flow->alone);
	r->failed[i] = store_read(flow->config.store, work_look, work, &r->errors[i]) < 0 ||
	               store_write(flow->config.store, work_write, work, &r->errors[i]) < 0;
	pthread_rwlock_unlock(&flow->alone);
}

struct writing {
	struct round *round;
	size_t index;
};

static int writing_write(struct db *db, void *context, struct error *error)
{
	const struct writing *w = context;
	return work_write(db, w->round->works[w->index], error);
}

/* On the committer's thread. */
static void work_written(void *context, const struct error *error)
{
	struct writing *w = context;
	struct round *r = w->round;
	if (error) {
		r->failed[w->index] = true;
		r->errors[w->index] = *error;
	}
	pthread_mutex_lock(&r->flow->lock);
	if (--r->out == 0)
		pthread_cond_signal(&r->written);
	pthread_mutex_unlock(&r->flow->lock);
}

static void work_start(struct round *r, size_t i)
{
	struct flow *flow = r->flow;
	struct work *work = r->works[i] = work_new(flow, &r->claims[i]);
	struct writing *w = arena_alloc(work->arena, sizeof *w);
	*w = (struct writing){ r, i };
	r->failed[i] = store_read(flow->config.store, work_look, work, &r->errors[i]) < 0;
	if (r->failed[i])
		return;
	pthread_mutex_lock(&flow->lock);
	r->out++;
	pthread_mutex_unlock(&flow->lock);
	if (store_write_later(flow->config.store, writing_write, w, work_written, &r->errors[i]) < 0) {
		r->failed[i] = true;
		pthread_mutex_lock(&flow->lock);
		r->out--;
		pthread_mutex_unlock(&flow->lock);
	}
}

static void round_run(struct round *r)
{
	pthread_rwlock_rdlock(&r->flow->alone);
	for (size_t i = 0; i < r->count; i++)
		if (r->claims[i].claims < CONTAINER_CLAIMS)
			work_start(r, i);
	pthread_mutex_lock(&r->flow->lock);
	while (r->out)
		pthread_cond_wait(&r->written, &r->flow->lock);
	pthread_mutex_unlock(&r->flow->lock);
	pthread_rwlock_unlock(&r->flow->alone);
	for (size_t i = 0; i < r->count; i++)
		if (r->claims[i].claims >= CONTAINER_CLAIMS)
			work_alone(r, i);
	for (size_t i = 0; i < r->count; i++) {
		if (r->failed[i])
			work_failed(r->flow, r->works[i], &r->errors[i]);
		else
			note(r->flow, r->works[i], false);
		work_free(r->works[i]);
	}
}

static int look_for_work(struct db *db, void *context, struct error *error)
{
	return container_is_due(db, clock_now_ms(), context, error);
}

/* True: there was something to do. */
static bool work_some(struct flow *flow)
{
	struct error error = { 0 };
	bool due = false;
	if (store_read(flow->config.store, look_for_work, &due, &error) == 0 && !due)
		return false;
	ARENA_AUTO arena = arena_new();
	struct round r = { .flow = flow, .arena = arena, .written = PTHREAD_COND_INITIALIZER };
	if (store_write(flow->config.store, claim, &r, &error) < 0) {
		if (error.code != ERROR_STOPPING)
			log_error("assess", NULL, "nothing can be claimed: %s", error.text);
		return false;
	}
	round_run(&r);
	pthread_cond_destroy(&r.written);
	return r.count > 0;
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
		if (!work_some(flow))
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
