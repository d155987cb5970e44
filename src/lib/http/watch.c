/* watch: libmicrohttpd's only time-out is for quiet connections, and none for suspended ones. This thread has the rest.
 *
 * Lingering: a request refused before its body was read ends its connection; closing a socket with unread bytes sends a
 * reset, which can overtake the answer. A duplicate of the socket is kept, after FIN, for a moment, and what still comes
 * is thrown away: few sockets, few bytes, little time (RFC 9112 9.6). */
#include <errno.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/http/inside.h"

#define LINGER_MS 1000
#define LINGER_BYTES ((size_t)1 << 20)
#define TICK_MAX 200
#define TICK_MIN 10

void linger_add(struct http_server *server, int fd)
{
	if (server->n_linger == LINGER_MAX)
		return;
	int copy = dup(fd);
	if (copy < 0)
		return;
	server->linger[server->n_linger].fd = copy;
	server->linger[server->n_linger].until_ms = clock_mono_ms() + LINGER_MS;
	server->linger[server->n_linger++].read = 0;
}

static void linger_work(struct http_server *server, int64_t now, bool end)
{
	static char sink[65536];
	for (size_t i = 0; i < server->n_linger;) {
		ssize_t n = recv(server->linger[i].fd, sink, sizeof sink, MSG_DONTWAIT);
		if (n > 0)
			server->linger[i].read += (size_t)n;
		bool quiet = n < 0 && (errno == EAGAIN || errno == EINTR);
		if (end || (n <= 0 && !quiet) || now >= server->linger[i].until_ms || server->linger[i].read > LINGER_BYTES) {
			close(server->linger[i].fd);
			server->linger[i] = server->linger[--server->n_linger];
		} else if (n <= 0) {
			i++;
		}
	}
}

/* Its owner still has the request and its arena: nothing of it is touched but what the lock guards. */
void watch_give_up(struct request *request, enum error_code code, const char *text)
{
	struct error error = { 0 };
	struct http_server *server = request->server;
	bool suspended = request->stage == STAGE_SUSPENDED;
	error_set(&error, code, "%s", text);
	error.retry_after = code == ERROR_STOPPING ? 5 : 0;
	request->answer = answer_problem(request, request->id, &error, false);
	request->given_up = true;
	request->close = true;
	request->stage = STAGE_ANSWERED;
	server->counters.deferred_late++;
	if (suspended) {
		server->counters.deferred_now--;
		MHD_resume_connection(request->connection->mhd);
	}
}

static void connection_watch(struct connection *connection, int64_t now)
{
	struct http_server *server = connection->server;
	struct request *request = connection->request;
	if (request && request->stage == STAGE_SUSPENDED && now >= request->defer_deadline_ms)
		watch_give_up(request, ERROR_TIMEOUT, "the request took longer than its time; whether it was carried out is not known");
	if (connection->deadline_ms && now >= connection->deadline_ms && !connection->cut) {
		server->counters.cut++;
		connection_cut(connection);
	}
}

int64_t watch_tick_ms(const struct http_server *server)
{
	const struct http_server_config *config = &server->config;
	int64_t tick = TICK_MAX;
	const int times[] = { config->header_ms, config->request_ms, config->defer_ms, config->answer_ms };
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		if (times[i] / 4 < tick)
			tick = times[i] / 4;
	return tick < TICK_MIN ? TICK_MIN : tick;
}

void *watch_run(void *context)
{
	struct http_server *server = context;
	int64_t tick = watch_tick_ms(server);
	server_lock(server);
	while (!server->watchdog_ends) {
		int64_t now = clock_mono_ms();
		for (struct connection *c = server->connections; c; c = c->next)
			connection_watch(c, now);
		linger_work(server, now, false);
		struct timespec until = { .tv_sec = (now + tick) / 1000, .tv_nsec = (long)((now + tick) % 1000) * 1000000 };
		pthread_cond_timedwait(&server->watch, &server->lock, &until);
	}
	linger_work(server, 0, true);
	server_unlock(server);
	return NULL;
}
