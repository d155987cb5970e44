#include "lib/http/client.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/http/client_inside.h"

#define POLL_MS 1000

/* Whose connections are shared among whom. libcurl keeps connections in the share, so a call never gets one that
 * another pool has opened. */
struct pool {
	struct pool *next;
	char *key;
	CURLSH *share;                     /* the loop's */
	struct transfer *first, **last;    /* waiting */
	unsigned waiting, running;
	int64_t idle_since_ms;
};

struct http_client {
	struct http_client_config config;
	char *ca_file, *user_agent;
	CURLM *multi;
	pthread_t thread;
	pthread_mutex_t lock;              /* guards the rest */
	bool stopping;
	struct pool *pools;
	struct transfer *running;          /* the loop's alone */
	unsigned n_waiting, n_running;
	struct http_client_counters counters;
};

static void client_lock(struct http_client *client)
{
	must(pthread_mutex_lock(&client->lock) == 0);
}

static void client_unlock(struct http_client *client)
{
	must(pthread_mutex_unlock(&client->lock) == 0);
}

static struct pool *pool_find(struct http_client *client, const char *key)
{
	for (struct pool *pool = client->pools; pool; pool = pool->next)
		if (text_equal(pool->key, key))
			return pool;
	struct pool *pool = calloc(1, sizeof *pool);
	if (!pool || !(pool->key = strdup(key)))
		die("out of memory");
	pool->last = &pool->first;
	pool->next = client->pools;
	client->pools = pool;
	return pool;
}

static void pool_free(struct pool *pool)
{
	if (pool->share)
		curl_share_cleanup(pool->share);
	free(pool->key);
	free(pool);
}

/* Lock held. Pools that nobody has used for as long as a connection may live have none worth keeping. */
static void pools_sweep(struct http_client *client, int64_t now)
{
	for (struct pool **at = &client->pools; *at;) {
		struct pool *pool = *at;
		if (pool->waiting || pool->running || now - pool->idle_since_ms < client->config.connection_life_ms) {
			at = &pool->next;
		} else {
			*at = pool->next;
			pool_free(pool);
		}
	}
}

static CURLSH *pool_share(struct pool *pool)
{
	if (pool->share)
		return pool->share;
	pool->share = curl_share_init();  /* used by the loop's thread alone: needs no lock functions */
	if (!pool->share || curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK ||
	    curl_share_setopt(pool->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK)
		die("libcurl cannot share connections");
	return pool->share;
}

/* Lock held. The next one that may run, one of each pool in turn, or NULL. */
static struct transfer *transfer_next(struct http_client *client)
{
	if (client->n_running >= client->config.calls)
		return NULL;
	struct pool *chosen = NULL;
	for (struct pool *pool = client->pools; pool; pool = pool->next)
		if (pool->first && pool->running < client->config.calls_per_pool && (!chosen || pool->running < chosen->running))
			chosen = pool;
	if (!chosen)
		return NULL;
	struct transfer *transfer = chosen->first;
	chosen->first = transfer->next;
	if (!chosen->first)
		chosen->last = &chosen->first;
	chosen->waiting--;
	chosen->running++;
	client->n_waiting--;
	client->n_running++;
	transfer->next = client->running;
	client->running = transfer;
	return transfer;
}

static void transfer_over(struct http_client *client, struct transfer *transfer, enum http_fate fate)
{
	long connects = 0;
	if (transfer->easy)
		curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects);
	struct pool *pool = transfer->pool;
	struct transfer **at = &client->running;
	while (*at != transfer)
		at = &(*at)->next;
	*at = transfer->next;
	bool refused = transfer->refused;
	transfer_free(&transfer);  /* before the pool may go: the handle uses its share */
	client_lock(client);
	pool->running--;
	pool->idle_since_ms = clock_mono_ms();
	client->n_running--;
	struct http_client_counters *counters = &client->counters;
	counters->answered += fate == HTTP_ANSWERED;
	counters->unknown += fate == HTTP_UNKNOWN;
	counters->not_sent += fate == HTTP_NOT_SENT;
	counters->refused_addresses += refused;
	counters->connections += (uint64_t)connects;
	client_unlock(client);
}

static void transfer_start(struct http_client *client, struct transfer *transfer)
{
	struct error error = { 0 };
	if (transfer_begin(transfer, &client->config, pool_share(transfer->pool), &error) < 0)
		transfer_over(client, transfer, transfer_abandon(transfer, &error));
	else
		must(curl_multi_add_handle(client->multi, transfer->easy) == CURLM_OK);
}

static void transfers_collect(struct http_client *client)
{
	int left;
	for (CURLMsg *message; (message = curl_multi_info_read(client->multi, &left));) {
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode code = message->data.result;
		char *own = NULL;
		must(curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &own) == CURLE_OK && own);
		struct transfer *transfer = (void *)own;
		must(curl_multi_remove_handle(client->multi, transfer->easy) == CURLM_OK);
		transfer_over(client, transfer, transfer_end(transfer, code));
	}
}

static void abandon_all(struct http_client *client)
{
	struct error error = { 0 };
	error_set(&error, ERROR_STOPPING, "the gateway is stopping");
	while (client->running) {
		struct transfer *transfer = client->running;
		curl_multi_remove_handle(client->multi, transfer->easy);
		transfer_over(client, transfer, transfer_abandon(transfer, &error));
	}
	client_lock(client);
	client->config.calls = client->config.calls_per_pool = UINT32_MAX;
	for (struct transfer *transfer; (transfer = transfer_next(client));) {
		client_unlock(client);
		transfer_over(client, transfer, transfer_abandon(transfer, &error));
		client_lock(client);
	}
	client_unlock(client);
}

static void *loop_run(void *context)
{
	struct http_client *client = context;
	sigset_t pipe;
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe, NULL);  /* a peer that closes while we write is an error of that call */
	for (bool stopping = false; !stopping;) {
		int running, ready;
		client_lock(client);
		pools_sweep(client, clock_mono_ms());
		for (struct transfer *transfer; (transfer = transfer_next(client));) {
			client_unlock(client);
			transfer_start(client, transfer);
			client_lock(client);
		}
		client_unlock(client);
		CURLMcode code = curl_multi_perform(client->multi, &running);
		if (code != CURLM_OK)
			die("libcurl: %s", curl_multi_strerror(code));
		transfers_collect(client);
		client_lock(client);
		stopping = client->stopping;
		bool more = client->n_waiting && client->n_running < client->config.calls;
		client_unlock(client);
		/* What ended made room: look at once (a pool may be full nevertheless: then not at full speed). */
		if (!stopping)
			curl_multi_poll(client->multi, NULL, 0, more ? 5 : POLL_MS, &ready);
	}
	abandon_all(client);
	return NULL;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void library_init(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		die("libcurl cannot be initialised");
}

int http_client_open(const struct http_client_config *config, struct http_client **client_r, struct error *error)
{
	if (config->ca_file && config->ca_file[0] == '\0')
		FAIL(error, BAD_CONFIG, "the name of the CA file is empty");
	must(pthread_once(&once, library_init) == 0);
	struct http_client *client = calloc(1, sizeof *client);
	if (!client)
		die("out of memory");
	client->ca_file = config->ca_file ? strdup(config->ca_file) : NULL;
	client->user_agent = strdup(config->user_agent ? config->user_agent : "sealgate/" SEALGATE_VERSION);
	client->config = *config;
	struct http_client_config *filled = &client->config;
	filled->ca_file = client->ca_file;
	filled->user_agent = client->user_agent;
	filled->queue_limit = config->queue_limit ? config->queue_limit : 1024;
	filled->queue_per_pool = config->queue_per_pool ? config->queue_per_pool : (filled->queue_limit + 3) / 4;
	filled->calls_per_pool = config->calls_per_pool ? config->calls_per_pool : 4;
	filled->calls = config->calls ? config->calls : 256;
	filled->connection_life_ms = config->connection_life_ms ? config->connection_life_ms : 300000;
	client->multi = curl_multi_init();
	if (!client->multi || !client->user_agent ||
	    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)filled->calls) != CURLM_OK ||
	    curl_multi_setopt(client->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING) != CURLM_OK)
		die("libcurl cannot be set up");
	must(pthread_mutex_init(&client->lock, NULL) == 0);
	if (pthread_create(&client->thread, NULL, loop_run, client) != 0)
		die("cannot start a thread");
	*client_r = client;
	return 0;
}

void http_client_stop(struct http_client *client)
{
	client_lock(client);
	bool stopped = client->stopping;
	client->stopping = true;
	client_unlock(client);
	if (stopped)
		return;
	must(!pthread_equal(pthread_self(), client->thread));
	curl_multi_wakeup(client->multi);
	must(pthread_join(client->thread, NULL) == 0);
}

void http_client_close(struct http_client **client)
{
	if (!*client)
		return;
	struct http_client *c = *client;
	http_client_stop(c);
	for (struct pool *pool = c->pools, *next; pool; pool = next) {
		next = pool->next;
		pool_free(pool);
	}
	curl_multi_cleanup(c->multi);
	pthread_mutex_destroy(&c->lock);
	free(c->ca_file);
	free(c->user_agent);
	free(c);
	*client = NULL;
}

static int transfer_queue(struct http_client *client, struct transfer *transfer, struct error *error)
{
	if (client->stopping)
		FAIL(error, STOPPING, "the gateway is stopping");
	struct pool *pool = pool_find(client, transfer_pool(transfer));
	if (client->n_waiting + client->n_running >= client->config.queue_limit ||
	    pool->waiting + pool->running >= client->config.queue_per_pool)
		FAIL(error, BUSY, "too many calls are waiting for \"%.200s\"", transfer->host);
	transfer->pool = pool;
	transfer->next = NULL;
	*pool->last = transfer;
	pool->last = &transfer->next;
	pool->waiting++;
	client->n_waiting++;
	client->counters.started++;
	/* Under the lock: after it the client may be closed. */
	curl_multi_wakeup(client->multi);
	return 0;
}

int http_client_start(struct http_client *client, const struct http_call *call, http_done_fn *done, void *context,
		      struct error *error)
{
	struct transfer *transfer = transfer_new(call, error);
	if (!transfer)
		return -1;
	transfer->done = done;
	transfer->context = context;
	client_lock(client);
	int result = transfer_queue(client, transfer, error);
	client_unlock(client);
	if (result < 0)
		transfer_free(&transfer);
	return result;
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool done;
	struct arena *arena;
	struct http_outcome *outcome;
};

static void waiter_done(void *context, const struct http_outcome *outcome)
{
	struct waiter *waiter = context;
	struct arena *arena = waiter->arena;  /* its owner waits */
	*waiter->outcome = *outcome;
	waiter->outcome->address = arena_text(arena, outcome->address);
	waiter->outcome->body = arena_bytes(arena, outcome->body);
	struct http_header *headers = arena_array(arena, outcome->n_headers, sizeof *headers);
	for (size_t i = 0; i < outcome->n_headers; i++)
		headers[i] = (struct http_header){ arena_text(arena, outcome->headers[i].name),
						   arena_text(arena, outcome->headers[i].value) };
	waiter->outcome->headers = headers;
	pthread_mutex_lock(&waiter->lock);
	waiter->done = true;
	pthread_cond_signal(&waiter->over);
	pthread_mutex_unlock(&waiter->lock);
}

int http_client_call(struct http_client *client, const struct http_call *call, struct arena *arena,
		     struct http_outcome *outcome_r, struct error *error)
{
	must(!pthread_equal(pthread_self(), client->thread));
	struct waiter waiter = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, arena, outcome_r };
	*outcome_r = (struct http_outcome){ .fate = HTTP_NOT_SENT, .address = "" };
	if (http_client_start(client, call, waiter_done, &waiter, &outcome_r->error) == 0) {
		pthread_mutex_lock(&waiter.lock);
		while (!waiter.done)
			pthread_cond_wait(&waiter.over, &waiter.lock);
		pthread_mutex_unlock(&waiter.lock);
	}
	pthread_cond_destroy(&waiter.over);
	pthread_mutex_destroy(&waiter.lock);
	if (outcome_r->fate == HTTP_ANSWERED)
		return 0;
	if (error)
		*error = outcome_r->error;
	return -1;
}

void http_client_count(struct http_client *client, struct http_client_counters *counters_r)
{
	client_lock(client);
	*counters_r = client->counters;
	counters_r->waiting_now = client->n_waiting;
	counters_r->running_now = client->n_running;
	client_unlock(client);
}
