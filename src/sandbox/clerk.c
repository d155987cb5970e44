#include "sandbox/clerk.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/clock.h"

struct job {
	struct job *next;
	int64_t due;             /* monotonic */
	clerk_do_fn *what;
	void *context, *thing;
};

struct clerk {
	pthread_mutex_t lock;
	pthread_cond_t some;
	pthread_t thread;
	struct job *first;       /* by due time */
	size_t count;
	bool stops;
};

static void wait_until(struct clerk *c, int64_t due)
{
	struct timespec at = { .tv_sec = due / 1000, .tv_nsec = due % 1000 * 1000000 };
	pthread_cond_timedwait(&c->some, &c->lock, &at);
}

static void *run(void *context)
{
	struct clerk *c = context;
	must(pthread_mutex_lock(&c->lock) == 0);
	while (c->first || !c->stops) {
		struct job *job = c->first;
		if (!job) {
			pthread_cond_wait(&c->some, &c->lock);
			continue;
		}
		if (!c->stops && job->due > clock_mono_ms()) {
			wait_until(c, job->due);
			continue;
		}
		c->first = job->next;
		c->count--;
		must(pthread_mutex_unlock(&c->lock) == 0);
		job->what(job->context, job->thing);
		free(job);
		must(pthread_mutex_lock(&c->lock) == 0);
	}
	must(pthread_mutex_unlock(&c->lock) == 0);
	return NULL;
}

struct clerk *clerk_start(void)
{
	struct clerk *c = calloc(1, sizeof *c);
	pthread_condattr_t monotonic;
	if (!c)
		die("out of memory");
	must(pthread_condattr_init(&monotonic) == 0 && pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
	must(pthread_mutex_init(&c->lock, NULL) == 0 && pthread_cond_init(&c->some, &monotonic) == 0);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&c->thread, NULL, run, c) != 0)
		die("cannot start a thread");
	return c;
}

void clerk_stop(struct clerk **clerk)
{
	struct clerk *c = *clerk;
	if (!c)
		return;
	must(pthread_mutex_lock(&c->lock) == 0);
	c->stops = true;
	pthread_cond_signal(&c->some);
	must(pthread_mutex_unlock(&c->lock) == 0);
	must(pthread_join(c->thread, NULL) == 0);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->some);
	free(c);
	*clerk = NULL;
}

void clerk_give(struct clerk *c, int in_ms, clerk_do_fn *what, void *context, void *thing)
{
	struct job *job = calloc(1, sizeof *job);
	if (!job)
		die("out of memory");
	*job = (struct job){ .due = clock_mono_ms() + in_ms, .what = what, .context = context, .thing = thing };
	must(pthread_mutex_lock(&c->lock) == 0);
	struct job **at = &c->first;
	while (*at && (*at)->due <= job->due)
		at = &(*at)->next;
	job->next = *at;
	*at = job;
	c->count++;
	pthread_cond_signal(&c->some);
	must(pthread_mutex_unlock(&c->lock) == 0);
}

size_t clerk_waiting(struct clerk *c)
{
	must(pthread_mutex_lock(&c->lock) == 0);
	size_t count = c->count;
	must(pthread_mutex_unlock(&c->lock) == 0);
	return count;
}
