/* A bounded queue and the threads that empty it. */
#include <pthread.h>
#include <stdlib.h>

#include "receive/call.h"

struct jobs {
	pthread_mutex_t lock;
	pthread_cond_t some;
	struct http_request **ring;
	size_t size, first, count;
	bool stopping;
	pthread_t *threads;
	int thread_count;
	void (*run)(void *context, struct http_request *request);
	void *context;
};

static void *work(void *context)
{
	struct jobs *jobs = context;
	for (;;) {
		must(pthread_mutex_lock(&jobs->lock) == 0);
		while (!jobs->count && !jobs->stopping)
			pthread_cond_wait(&jobs->some, &jobs->lock);
		struct http_request *request = NULL;
		if (jobs->count) {
			request = jobs->ring[jobs->first];
			jobs->first = (jobs->first + 1) % jobs->size;
			jobs->count--;
		}
		must(pthread_mutex_unlock(&jobs->lock) == 0);
		if (!request)
			return NULL;
		jobs->run(jobs->context, request);
	}
}

struct jobs *jobs_new(int threads, size_t queue, void (*run)(void *context, struct http_request *request), void *context)
{
	struct jobs *jobs = calloc(1, sizeof *jobs);
	if (!jobs || !(jobs->ring = calloc(queue, sizeof *jobs->ring)) || !(jobs->threads = calloc((size_t)threads, sizeof *jobs->threads)))
		die("out of memory");
	must(pthread_mutex_init(&jobs->lock, NULL) == 0 && pthread_cond_init(&jobs->some, NULL) == 0);
	jobs->size = queue;
	jobs->run = run;
	jobs->context = context;
	for (; jobs->thread_count < threads; jobs->thread_count++)
		if (pthread_create(&jobs->threads[jobs->thread_count], NULL, work, jobs) != 0)
			die("cannot start a thread");
	return jobs;
}

bool jobs_add(struct jobs *jobs, struct http_request *request)
{
	must(pthread_mutex_lock(&jobs->lock) == 0);
	bool taken = !jobs->stopping && jobs->count < jobs->size;
	if (taken)
		jobs->ring[(jobs->first + jobs->count++) % jobs->size] = request;
	if (taken)  /* under the lock: behind it the job may be done, and all of this be gone */
		pthread_cond_signal(&jobs->some);
	must(pthread_mutex_unlock(&jobs->lock) == 0);
	return taken;
}

size_t jobs_waiting(struct jobs *jobs)
{
	must(pthread_mutex_lock(&jobs->lock) == 0);
	size_t count = jobs->count;
	must(pthread_mutex_unlock(&jobs->lock) == 0);
	return count;
}

void jobs_free(struct jobs **pointer)
{
	struct jobs *jobs = *pointer;
	if (!jobs)
		return;
	must(pthread_mutex_lock(&jobs->lock) == 0);
	jobs->stopping = true;
	pthread_cond_broadcast(&jobs->some);
	must(pthread_mutex_unlock(&jobs->lock) == 0);
	for (int i = 0; i < jobs->thread_count; i++)
		must(pthread_join(jobs->threads[i], NULL) == 0);
	pthread_mutex_destroy(&jobs->lock);
	pthread_cond_destroy(&jobs->some);
	free(jobs->threads);
	free(jobs->ring);
	free(jobs);
	*pointer = NULL;
}
