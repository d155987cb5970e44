/* connection: libmicrohttpd's callbacks. They run on the pool's threads, one connection always on the same one. */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/http/inside.h"

#define ALLOWED "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
/* A body that turns out too large without having said so is read on and thrown away up to here, so that its sender can
 * be told (413); libmicrohttpd takes no answer in the middle of a body. */
#define DROPPED_MAX ((size_t)1 << 20)
#define CERTIFICATES_MAX 8

void connection_cut(struct connection *connection)
{
	if (!connection || connection->cut)
		return;
	connection->cut = true;
	shutdown(connection->fd, SHUT_RDWR);
}

void connection_notify(void *context, struct MHD_Connection *mhd, void **own, enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = context;
	struct connection *connection = *own;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		connection = calloc(1, sizeof *connection);
		if (!connection)
			die("out of memory");
		connection->server = server;
		connection->mhd = mhd;
		connection->fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
		/* libmicrohttpd leaves Nagle's algorithm on under TLS: the second record of an answer would wait for the client's
		 * delayed acknowledgement of the first, 40 ms. */
		(void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		connection->deadline_ms = clock_mono_ms() + server->config.header_ms;
		*own = connection;
		server_lock(server);
		connection->next = server->connections;
		if (connection->next)
			connection->next->previous = connection;
		server->connections = connection;
		server->counters.connections++;
		server->counters.connections_now++;
		server_unlock(server);
		return;
	}
	/* The socket is closed after this returns: until then the watchdog may shut it down, afterwards it must not. */
	server_lock(server);
	*(connection->previous ? &connection->previous->next : &server->connections) = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	server->counters.connections_now--;
	if (connection->linger && !connection->cut)
		linger_add(server, connection->fd);
	pthread_cond_broadcast(&server->changed);
	server_unlock(server);
	free(connection);
	*own = NULL;
}

static void peer_read(struct request *request, struct MHD_Connection *mhd)
{
	const struct sockaddr *address = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
	struct http_request *public = &request->public;
	const struct sockaddr_in *v4 = (const void *)address;
	const struct sockaddr_in6 *v6 = (const void *)address;
	public->peer = request->peer;
	if (address->sa_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		inet_ntop(AF_INET6, &v6->sin6_addr, request->peer, sizeof request->peer);
		public->peer_port = ntohs(v6->sin6_port);
		public->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
		return;
	}
	const uint8_t *octets = address->sa_family == AF_INET ? (const uint8_t *)&v4->sin_addr : v6->sin6_addr.s6_addr + 12;
	inet_ntop(AF_INET, octets, request->peer, sizeof request->peer);
	public->peer_port = ntohs(address->sa_family == AF_INET ? v4->sin_port : v6->sin6_port);
	public->loopback = octets[0] == 127;
}

/* What a client shows is bounded by GnuTLS (a handshake message) and here: more is no chain that anybody has. */
static void certificates_read(struct request *request, struct MHD_Connection *mhd)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned count = 0;
	const gnutls_datum_t *shown = info ? gnutls_certificate_get_peers(info->tls_session, &count) : NULL;
	if (!shown || !count || count > CERTIFICATES_MAX)
		return;
	struct bytes *certificates = arena_array(request->arena, count, sizeof *certificates);
	for (unsigned i = 0; i < count; i++)
		certificates[i] = arena_bytes(request->arena, (struct bytes){ shown[i].data, shown[i].size });
	request->public.certificates = certificates;
	request->public.n_certificates = count;
}

void *connection_target(void *context, const char *target, struct MHD_Connection *mhd)
{
	struct http_server *server = context;
	struct connection *connection = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	struct request *request = calloc(1, sizeof *request);
	if (!request)
		die("out of memory");
	request->server = server;
	request->connection = connection;
	request->arena = arena_new();
	atomic_init(&request->owners, 1);
	request->raw_target = target;
	request->body_limit = server->config.body_limit;
	request->public = (struct http_request){ .arena = request->arena, .id = id_uuid7(request->id), .tls = server->tls,
						 .target = arena_text(request->arena, target), .received_ms = clock_now_ms() };
	peer_read(request, mhd);
	if (server->asks)
		certificates_read(request, mhd);
	atomic_fetch_add(&server->owners, 1);
	server_lock(server);
	connection->request = request;
	connection->asked = true;
	int64_t latest = clock_mono_ms() + server->config.header_ms;
	if (!connection->deadline_ms || connection->deadline_ms > latest)
		connection->deadline_ms = latest;
	server->counters.requests++;
	server->requests_now++;
	server_unlock(server);
	return request;
}

void request_release(struct request *request)
{
	if (atomic_fetch_sub(&request->owners, 1) != 1)
		return;
	struct http_server *server = request->server;
	server_lock(server);
	server->counters.body_bytes_now -= request->body.size;
	server_unlock(server);
	answer_release(&request->answer);
	buffer_clear(&request->body);
	spool_free(&request->spool);
	arena_free(&request->arena);
	free(request);
	server_release(server);
}

void connection_completed(void *context, struct MHD_Connection *mhd, void **own, enum MHD_RequestTerminationCode code)
{
	struct http_server *server = context;
	struct request *request = *own;
	(void)mhd, (void)code;
	if (!request)
		return;
	server_lock(server);
	request->stage = STAGE_OVER;
	if (request->stream)
		stream_over(request->stream);
	request->connection->request = NULL;
	/* How long a next request line takes is not to be seen before it is there: quiet, then slow, in all. */
	request->connection->deadline_ms = clock_mono_ms() + server->config.idle_ms + server->config.header_ms;
	request->connection = NULL;
	server->requests_now--;
	pthread_cond_broadcast(&server->changed);
	server_unlock(server);
	*own = NULL;
	request_release(request);
}

/* The answer, ready, goes to libmicrohttpd: at the end of the request, or early, which ends the connection. */
static enum MHD_Result answer_queue(struct request *request, struct MHD_Connection *mhd, bool early)
{
	struct http_server *server = request->server;
	server_lock(server);
	if (request->drop) {
		connection_cut(request->connection);
		server_unlock(server);
		return MHD_NO;
	}
	struct answer answer = request->answer;
	request->answer.response = NULL;
	request->stage = STAGE_SENDING;
	bool close = request->close || early || server->stopping;
	int64_t time_ms = request->stream && request->stream->closed ? server->config.answer_ms : answer.time_ms;
	request->connection->deadline_ms = time_ms ? clock_mono_ms() + time_ms : 0;
	request->connection->linger = early && request->has_body;
	server->counters.answers[answer.status / 100]++;
	server_unlock(server);
	if (close && MHD_add_response_header(answer.response, "Connection", "close") != MHD_YES)
		die("out of memory: header of an answer");
	enum MHD_Result result = MHD_queue_response(mhd, (unsigned)answer.status, answer.response);
	MHD_destroy_response(answer.response);
	return result;
}

static void refuse(struct request *request, const struct error *error)
{
	answer_give(request, answer_problem(request, request->id, error, true));
}

static void options_answer(struct request *request)
{
	http_answer_header(&request->public, "Allow", ALLOWED);
	http_answer(&request->public, 204, NULL, (struct bytes){ 0 });
}

/* The method is one of ours; request->public.method is set. */
static int method_check(struct request *request, const char *method, struct error *error)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE" };
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		if (text_equal(method, methods[i])) {
			request->public.head = text_equal(method, "HEAD");
			request->public.method = request->public.head ? "GET" : methods[i];
			return 0;
		}
	http_answer_header(&request->public, "Allow", ALLOWED);
	FAIL(error, METHOD, "method \"%.20s\" is not known here", method);
}

static int admit(struct request *request, struct error *error)
{
	struct http_server *server = request->server;
	if (server->config.admit && server->config.admit(server->context, &request->public, &request->body_limit, error) < 0) {
		server_lock(server);
		server->counters.not_admitted++;
		server_unlock(server);
		return -1;
	}
	if (!request->answered && request->length > request->body_limit)
		FAIL(error, TOO_LARGE, "the body has %llu bytes, at most %zu are taken here", (unsigned long long)request->length,
		     request->body_limit);
	return 0;
}

/* First call: the headers are there, the body is not read. */
static enum MHD_Result headers_handle(struct request *request, struct MHD_Connection *mhd, const char *method,
				      const char *version)
{
	struct http_server *server = request->server;
	struct error error = { 0 };
	request->public.method = "";
	server_lock(server);
	request->stage = STAGE_BODY;
	request->connection->deadline_ms = clock_mono_ms() + server->config.request_ms;
	bool stopping = server->stopping;
	server_unlock(server);
	if (guard_check(request, mhd, method, version, &error) < 0) {
		server_lock(server);
		server->counters.guarded++;
		server_unlock(server);
		request->close = true;
		request->has_body = true;  /* for all we know */
		refuse(request, &error);
		return answer_queue(request, mhd, true);
	}
	if (stopping) {
		error_set(&error, ERROR_STOPPING, "the gateway is stopping; try again in a moment");
		error.retry_after = 5;
		refuse(request, &error);
	} else if (text_equal(method, "OPTIONS")) {
		options_answer(request);
	} else if (method_check(request, method, &error) < 0 || target_read(&request->public, &error) < 0 ||
		   admit(request, &error) < 0) {
		if (!request->answered)
			refuse(request, &error);
	}
	/* Refused: without a body, the end of the request is the next call, and the connection may live on. */
	return request->answered && request->has_body ? answer_queue(request, mhd, true) : MHD_YES;
}

static void body_spool(struct request *request, const char *data, size_t size)
{
	struct bytes bytes = { (const uint8_t *)data, size };
	if (!request->spool)
		request->spool = spool_new(request->server->config.spool_folder, request->body_limit);
	if (spool_size(request->spool) + size > request->body_limit)
		request->too_large = true;
	else if (request->spool_error.code == ERROR_NONE && spool_add(request->spool, bytes, &request->spool_error) < 0)
		log_error("http", request->id, "a body cannot be kept: %s", request->spool_error.text);
}

static enum MHD_Result body_take(struct request *request, const char *data, size_t *size)
{
	struct http_server *server = request->server;
	size_t n = *size;
	*size = 0;
	if (request->public.spools)
		body_spool(request, data, n);
	else if (request->body_limit - request->body.size < n)
		request->too_large = true;
	if (!request->too_large && !request->no_memory && !request->public.spools) {
		server_lock(server);
		if (server->config.body_memory - server->counters.body_bytes_now < n)
			request->no_memory = true;
		else
			server->counters.body_bytes_now += n;
		server_unlock(server);
	}
	if (request->too_large || request->no_memory || request->spool_error.code != ERROR_NONE) {
		request->close = true;
		request->dropped += n;
		return request->dropped > DROPPED_MAX ? MHD_NO : MHD_YES;
	}
	if (request->public.spools)
		return MHD_YES;
	request->body.ceiling = request->body_limit;
	buffer_add(&request->body, data, n);
	must(!request->body.over);
	return MHD_YES;
}

static void handler_call(struct request *request)
{
	struct http_server *server = request->server;
	struct error error = { 0 };
	if (request->too_large)
		error_set(&error, ERROR_TOO_LARGE, "the body is larger than %zu bytes", request->body_limit);
	else if (request->no_memory)
		error_set(&error, ERROR_BUSY, "too many bodies are being read; try again in a moment");
	else if (request->spool_error.code != ERROR_NONE)
		error = request->spool_error;
	if (error.code != ERROR_NONE) {
		error.retry_after = request->no_memory ? 1 : request->spool_error.code != ERROR_NONE ? 10 : 0;
		refuse(request, &error);
		return;
	}
	server_lock(server);
	request->stage = STAGE_HANDLING;
	request->connection->deadline_ms = 0;
	server_unlock(server);
	request->public.body = buffer_bytes(&request->body);
	if (request->public.spools && !request->spool)
		request->spool = spool_new(server->config.spool_folder, request->body_limit);  /* of an empty body */
	if (request->spool)
		request->public.spooled = spool_blob(request->spool);
	server->handler(server->context, &request->public);
}

/* The request is complete, or its connection goes on after having been suspended. */
static enum MHD_Result complete_handle(struct request *request, struct MHD_Connection *mhd, enum stage stage)
{
	struct http_server *server = request->server;
	if (stage == STAGE_BODY) {
		handler_call(request);
		server_lock(server);
		if (request->stage == STAGE_DEFERRED && server->stopped)
			watch_give_up(request, ERROR_STOPPING, "the gateway is stopping; try again in a moment");
		if (request->stage == STAGE_DEFERRED) {
			request->stage = STAGE_SUSPENDED;
			server->counters.deferred_now++;
			MHD_suspend_connection(mhd);
		}
		stage = request->stage;
		server_unlock(server);
		if (stage == STAGE_SUSPENDED)
			return MHD_YES;
	}
	if (stage == STAGE_HANDLING) {
		struct error error = { 0 };
		error_set(&error, ERROR_INTERNAL, "%s %s was neither answered nor deferred", request->public.method,
			  request->public.path);
		refuse(request, &error);
	}
	return answer_queue(request, mhd, false);
}

enum MHD_Result connection_handle(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
				  const char *version, const char *data, size_t *size, void **own)
{
	struct http_server *server = context;
	struct request *request = *own;
	(void)url;
	must(request);
	server_lock(server);
	enum stage stage = request->stage;
	server_unlock(server);
	if (stage == STAGE_HEADERS)
		return headers_handle(request, mhd, method, version);
	if (data && *size)
		return body_take(request, data, size);
	if (stage == STAGE_SUSPENDED || stage == STAGE_SENDING || stage == STAGE_DEFERRED)
		return MHD_YES;
	return complete_handle(request, mhd, stage);
}

void http_request_defer(struct http_request *public)
{
	struct request *request = request_of(public);
	struct http_server *server = request->server;
	server_lock(server);
	must(request->stage == STAGE_HANDLING);
	atomic_fetch_add(&request->owners, 1);
	request->deferred = true;
	request->stage = STAGE_DEFERRED;
	request->defer_deadline_ms = clock_mono_ms() + server->config.defer_ms;
	server_unlock(server);
}

bool http_request_waiting(const struct http_request *public)
{
	const struct request *request = (const struct request *)public;
	server_lock(request->server);
	bool waiting = !request->given_up && (request->stage == STAGE_DEFERRED || request->stage == STAGE_SUSPENDED);
	server_unlock(request->server);
	return waiting;
}
