#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "store/message.h"
#include "store/container.h"
#include "store/body.h"
#include "store/record.h"
#include "store/schema.h"
#include "store/subscription.h"

#define BATCH 256
#define BATCH_WAIT_NS 2000000
#define LISTENERS 8
#define CHECKPOINT_BATCHES 64
#define DISK_RETRY_S 5     /* what callers are told to wait after a batch that the disk did not take */

struct job {
	store_write_fn *write;
	void *context;
	store_done_fn *done;
	struct job *next;
	bool failed;
	struct error error;
};

struct store {
	struct db *writer;
	char *path;
	int lock;
	char instance[ID_UUID_SIZE];
	_Atomic bool held;

	pthread_mutex_t mutex;
	pthread_cond_t wanted;     /* a job, or the end, for the committer */
	struct job *first, **last;
	size_t queued, most;
	bool stopping;
	pthread_t committer;
	bool started;

	pthread_mutex_t readers_mutex;
	pthread_cond_t reader_free;
	struct db *readers[16];
	int reader_count;          /* free ones are readers[0..reader_count-1] */
	int reader_total;

	struct { void (*heard)(void *, int64_t); void *context; } listeners[LISTENERS];
	size_t listener_count;
	_Atomic int64_t sealed, batches, writes, failed;
};

/* Undone whole: everyone of the batch hears why (S3). */
static void batch_fail(struct job *jobs, const struct error *error)
{
	for (struct job *job = jobs; job; job = job->next) {
		job->failed = true;
		job->error = *error;
		job->error.retry_after = DISK_RETRY_S;
	}
}

static bool is_of_the_disk(const struct error *error)
{
	return error->code == ERROR_STORE || error->code == ERROR_STORE_FULL;
}

/* Runs one write in its savepoint (S2). -1: the batch is lost, with its error. */
static int job_run(struct store *store, struct job *job, struct error *error)
{
	TRY(db_savepoint(store->writer, error));
	job->error = (struct error){ 0 };
	job->failed = job->write(store->writer, job->context, &job->error) < 0;
	if (!db_is_open(store->writer))
		FAIL(error, STORE_FULL, "the store closed its transaction by itself: no space left, or the disk failed");
	if (job->failed && is_of_the_disk(&job->error)) {
		*error = job->error;
		return -1;
	}
	return job->failed ? db_back(store->writer, error) : db_release(store->writer, error);
}

static int batch_run(struct store *store, struct job *jobs, struct error *error)
{
	int64_t last;
	TRY(db_begin(store->writer, error));
	for (struct job *job = jobs; job; job = job->next)
		TRY(job_run(store, job, error));
	TRY(record_last_number(store->writer, &last, error));
	bool unknown = false;
	if (db_commit(store->writer, &unknown, error) < 0) {
		if (unknown)  /* S4 */
			die("%s: nobody was told yes; the store decides at the next start what is in it", error->text);
		return -1;
	}
	atomic_store(&store->sealed, last);
	return 0;
}

static void batch_finish(struct store *store, struct job *jobs, int64_t sealed_before)
{
	for (struct job *job = jobs, *next; job; job = next) {
		next = job->next;
		atomic_fetch_add(job->failed ? &store->failed : &store->writes, 1);
		job->done(job->context, job->failed ? &job->error : NULL);
		free(job);
	}
	int64_t sealed = atomic_load(&store->sealed);
	for (size_t i = 0; sealed > sealed_before && i < store->listener_count; i++)
		store->listeners[i].heard(store->listeners[i].context, sealed);
}

/* Where several write at once, a commit that waits for a moment takes what others are about to bring: each commit costs an fsync and
 * every page that it touches. One that writes alone waits for nothing. */
static void batch_wait(size_t before)
{
	const struct timespec moment = { .tv_nsec = BATCH_WAIT_NS };
	if (before > 1 && before < BATCH)
		nanosleep(&moment, NULL);
}

static struct job *batch_take(struct store *store, size_t *count_r)
{
	pthread_mutex_lock(&store->mutex);
	while (!store->first && !store->stopping)
		pthread_cond_wait(&store->wanted, &store->mutex);
	struct job *jobs = store->first, *end = jobs;
	size_t count = jobs ? 1 : 0;
	while (end && end->next && count < BATCH) {
		end = end->next;
		count++;
	}
	if (end) {
		store->first = end->next;
		end->next = NULL;
		if (!store->first)
			store->last = &store->first;
		store->queued -= count;
	}
	*count_r = count;
	pthread_mutex_unlock(&store->mutex);
	return jobs;
}

static void *committer(void *context)
{
	struct store *store = context;
	size_t count = 0;
	for (struct job *jobs; (jobs = batch_take(store, &count));) {
		struct error error = { 0 };
		int64_t before = atomic_load(&store->sealed);
		if (batch_run(store, jobs, &error) < 0) {
			db_rollback(store->writer);
			log_error("store", NULL, "batch undone: %s %s", error.text, error.place);
			batch_fail(jobs, &error);
		}
		batch_finish(store, jobs, before);
		if (atomic_fetch_add(&store->batches, 1) % CHECKPOINT_BATCHES == CHECKPOINT_BATCHES - 1 &&
		    db_checkpoint(store->writer, &error) < 0)
			log_warning("store", NULL, "%s", error.text);
		batch_wait(count);
	}
	return NULL;
}

/* S6. The lock lives as long as the descriptor; the file says who has it, for people. */
static int store_lock(struct store *store, const char *folder, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	char *path = file_path(arena, folder, "lock");
	store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (store->lock < 0)
		FAIL(error, IO, "cannot open \"%s\": %s", path, strerror(errno));
	if (flock(store->lock, LOCK_EX | LOCK_NB) < 0) {
		char *who = NULL;
		if (file_read_text(path, arena, &who, NULL) < 0)
			who = NULL;
		FAIL(error, BUSY, "store \"%s\" is in use by process %s: stop that one first", folder, who ? who : "?");
	}
	char text[24];
	int n = snprintf(text, sizeof text, "%d", (int)getpid());
	if (ftruncate(store->lock, 0) < 0 || pwrite(store->lock, text, (size_t)n, 0) != n)
		FAIL(error, IO, "cannot write \"%s\": %s", path, strerror(errno));
	return 0;
}

/* What the last process left: leases, tries under way, bodies without an owner. */
static int store_recover(struct db *db, void *context, struct error *error)
{
	struct store *store = context;
	ARENA_AUTO arena = arena_new();
	const char *restored;
	TRY(container_release_all(db, error));
	TRY(message_recover(db, error));
	TRY(delivery_recover(db, error));
	TRY(body_recover(db, error));
	TRY(meta_find(db, arena, "restored", &restored, error));
	atomic_store(&store->held, restored != NULL);
	return 0;
}

static int store_prepare(struct store *store, const struct store_options *options, struct error *error)
{
	TRY(db_open(store->path, DB_WRITER, &store->writer, error));
	TRY(schema_migrate(store->writer, error));
	TRY(db_begin(store->writer, error));
	bool unknown;
	if (store_recover(store->writer, store, error) < 0) {
		db_rollback(store->writer);
		return -1;
	}
	TRY(db_commit(store->writer, &unknown, error));
	int64_t sealed;
	TRY(record_last_number(store->writer, &sealed, error));
	atomic_store(&store->sealed, sealed);
	if (options->max_pages) {
		char sql[64];
		snprintf(sql, sizeof sql, "pragma max_page_count = %lld", (long long)options->max_pages);
		TRY(db_script(store->writer, sql, error));
	}
	int readers = options->readers > 0 && options->readers <= 16 ? options->readers : 4;
	for (; store->reader_total < readers; store->reader_total++, store->reader_count++)
		TRY(db_open(store->path, DB_READER, &store->readers[store->reader_total], error));
	return 0;
}

int store_open(const char *folder, const struct store_options *options, struct store **store_r, struct error *error)
{
	static const struct store_options usual = { 0 };
	options = options ? options : &usual;
	TRY(file_make_folders(folder, 0700, error));
	struct store *store = calloc(1, sizeof *store);
	if (!store)
		die("out of memory");
	*store = (struct store){ .lock = -1, .most = options->queue ? options->queue : 4096 };
	store->last = &store->first;
	id_uuid4(store->instance);
	pthread_mutex_init(&store->mutex, NULL);
	pthread_cond_init(&store->wanted, NULL);
	pthread_mutex_init(&store->readers_mutex, NULL);
	pthread_cond_init(&store->reader_free, NULL);
	BUFFER_AUTO path = { 0 };
	buffer_printf(&path, "%s/sealgate.db", folder);
	store->path = buffer_steal(&path);
	if (store_lock(store, folder, error) < 0 || store_prepare(store, options, error) < 0) {
		store_close(&store);
		return -1;
	}
	if (pthread_create(&store->committer, NULL, committer, store) != 0)
		die("cannot start the committer's thread");
	store->started = true;
	*store_r = store;
	return 0;
}

void store_close(struct store **store_p)
{
	struct store *store = *store_p;
	if (!store)
		return;
	pthread_mutex_lock(&store->mutex);
	store->stopping = true;
	pthread_cond_broadcast(&store->wanted);
	pthread_mutex_unlock(&store->mutex);
	if (store->started)
		pthread_join(store->committer, NULL);
	for (int i = 0; i < store->reader_total; i++)
		db_close(&store->readers[i]);
	db_close(&store->writer);
	if (store->lock >= 0)
		close(store->lock);
	pthread_mutex_destroy(&store->mutex);
	pthread_cond_destroy(&store->wanted);
	pthread_mutex_destroy(&store->readers_mutex);
	pthread_cond_destroy(&store->reader_free);
	free(store->path);
	free(store);
	*store_p = NULL;
}

int store_write_later(struct store *store, store_write_fn *write, void *context, store_done_fn *done, struct error *error)
{
	struct job *job = calloc(1, sizeof *job);
	if (!job)
		die("out of memory");
	*job = (struct job){ .write = write, .context = context, .done = done };
	pthread_mutex_lock(&store->mutex);
	bool stopping = store->stopping, full = store->queued >= store->most;
	if (!stopping && !full) {
		*store->last = job;
		store->last = &job->next;
		store->queued++;
		pthread_cond_signal(&store->wanted);
	}
	pthread_mutex_unlock(&store->mutex);
	if (!stopping && !full)
		return 0;
	free(job);
	if (stopping)
		FAIL(error, STOPPING, "the gateway is stopping");
	error_set(error, ERROR_BUSY, "more than %zu writes are waiting", store->most);
	if (error)
		error->retry_after = 1;
	return -1;
}

/* Who waits for writes. */
struct waiter {
	pthread_mutex_t mutex;
	pthread_cond_t over;
	size_t left;
};

struct waited {
	struct waiter *waiter;
	store_write_fn *write;
	void *context;
	struct error *error;
};

static int waited_write(struct db *db, void *context, struct error *error)
{
	struct waited *w = context;
	return w->write(db, w->context, error);
}

static void waited_done(void *context, const struct error *error)
{
	struct waited *w = context;
	struct waiter *waiter = w->waiter;
	pthread_mutex_lock(&waiter->mutex);
	if (error)
		*w->error = *error;
	if (--waiter->left == 0)
		pthread_cond_signal(&waiter->over);
	pthread_mutex_unlock(&waiter->mutex);
}

void store_write_each(struct store *store, store_write_fn *write, void *const *contexts, size_t count, struct error *errors)
{
	ARENA_AUTO arena = arena_new();
	struct waiter waiter = { .mutex = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER, .left = count };
	struct waited *waited = arena_array(arena, count + 1, sizeof *waited);
	size_t refused = 0;
	for (size_t i = 0; i < count; i++) {
		waited[i] = (struct waited){ &waiter, write, contexts[i], &errors[i] };
		errors[i] = (struct error){ 0 };
		refused += store_write_later(store, waited_write, &waited[i], waited_done, &errors[i]) < 0;
	}
	pthread_mutex_lock(&waiter.mutex);
	waiter.left -= refused;
	while (waiter.left)
		pthread_cond_wait(&waiter.over, &waiter.mutex);
	pthread_mutex_unlock(&waiter.mutex);
	pthread_mutex_destroy(&waiter.mutex);
	pthread_cond_destroy(&waiter.over);
}

int store_write(struct store *store, store_write_fn *write, void *context, struct error *error)
{
	struct error why;
	store_write_each(store, write, &context, 1, &why);
	if (why.code == ERROR_NONE)
		return 0;
	if (error)
		*error = why;
	return -1;
}

int store_read(struct store *store, store_read_fn *read, void *context, struct error *error)
{
	pthread_mutex_lock(&store->readers_mutex);
	while (store->reader_count == 0)
		pthread_cond_wait(&store->reader_free, &store->readers_mutex);
	struct db *reader = store->readers[--store->reader_count];
	pthread_mutex_unlock(&store->readers_mutex);
	int rc = db_begin(reader, error);
	if (rc == 0) {
		rc = read(reader, context, error);
		db_rollback(reader);
	}
	pthread_mutex_lock(&store->readers_mutex);
	store->readers[store->reader_count++] = reader;
	pthread_cond_signal(&store->reader_free);
	pthread_mutex_unlock(&store->readers_mutex);
	return rc;
}

void store_on_sealed(struct store *store, void (*heard)(void *context, int64_t last_number), void *context)
{
	must(store->listener_count < LISTENERS);
	store->listeners[store->listener_count].heard = heard;
	store->listeners[store->listener_count++].context = context;
}

int64_t store_sealed_number(struct store *store)
{
	return atomic_load(&store->sealed);
}

const char *store_instance(struct store *store)
{
	return store->instance;
}

bool store_delivery_held(struct store *store)
{
	return atomic_load(&store->held);
}

static int delivery_release(struct db *db, void *context, struct error *error)
{
	struct record record = { .kind = "delivery.released", .object = context };
	TRY(db_run(db, error, "delete from meta where key = 'restored'", ""));
	return record_add(db, &record, error);
}

int store_delivery_release(struct store *store, const char *by, struct error *error)
{
	char party[256];
	if (!atomic_load(&store->held))
		return 0;
	snprintf(party, sizeof party, "%s", by);
	TRY(store_write(store, delivery_release, party, error));
	atomic_store(&store->held, false);
	return 0;
}

struct store_numbers store_numbers(struct store *store)
{
	pthread_mutex_lock(&store->mutex);
	int64_t queued = (int64_t)store->queued;
	pthread_mutex_unlock(&store->mutex);
	return (struct store_numbers){ queued, atomic_load(&store->batches), atomic_load(&store->writes), atomic_load(&store->failed) };
}
