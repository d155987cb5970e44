#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/http/inside.h"

#define WAITING_BLOCK 16384

static void stream_release(struct http_stream *stream)
{
	if (atomic_fetch_sub(&stream->owners, 1) != 1)
		return;
	buffer_clear(&stream->waiting);
	server_release(stream->server);
	free(stream);
}

static void resume(struct http_stream *stream)
{
	if (!stream->suspended)
		return;
	stream->suspended = false;
	MHD_resume_connection(stream->connection->mhd);
}

void stream_over(struct http_stream *stream)
{
	stream->dead = true;
	if (stream->request)
		stream->request->stream = NULL;
	stream->request = NULL;
	stream->connection = NULL;
}

void stream_end(struct http_stream *stream)
{
	stream->closed = true;
	if (stream->connection)
		resume(stream);
}

/* Called by libmicrohttpd, holding the response's lock. */
static ssize_t stream_read(void *context, uint64_t at, char *out, size_t room)
{
	struct http_stream *stream = context;
	(void)at;
	server_lock(stream->server);
	size_t n = stream->waiting.size - stream->sent;
	ssize_t result;
	if (stream->dropped || !stream->connection) {
		result = MHD_CONTENT_READER_END_WITH_ERROR;
	} else if (n) {
		n = n < room ? n : room;
		memcpy(out, stream->waiting.data + stream->sent, n);
		stream->sent += n;
		result = (ssize_t)n;
	} else if (stream->closed || stream->server->stopped) {
		result = MHD_CONTENT_READER_END_OF_STREAM;
	} else {
		stream->suspended = true;
		MHD_suspend_connection(stream->connection->mhd);
		result = 0;
	}
	server_unlock(stream->server);
	return result;
}

/* libmicrohttpd needs the response no more, or it never got it. */
static void stream_response_gone(void *context)
{
	struct http_stream *stream = context;
	server_lock(stream->server);
	stream_over(stream);
	stream->server->counters.streams_now--;
	pthread_cond_broadcast(&stream->server->changed);
	server_unlock(stream->server);
	stream_release(stream);
}

struct http_stream *http_stream_open(struct http_request *public, const char *type)
{
	struct request *request = request_of(public);
	struct http_server *server = request->server;
	struct http_stream *stream = calloc(1, sizeof *stream);
	if (!stream)
		die("out of memory");
	stream->server = server;
	atomic_fetch_add(&server->owners, 1);
	atomic_init(&stream->owners, 2);
	buffer_init(&stream->waiting, 2 * server->config.stream_limit);
	struct MHD_Response *response =
		MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, WAITING_BLOCK, stream_read, stream, stream_response_gone);
	if (!response)
		die("out of memory: stream");
	server_lock(server);
	server->counters.streams_now++;
	if (request->stage != STAGE_OVER && !request->given_up) {
		stream->connection = request->connection;
		stream->request = request;
		request->stream = stream;
	}
	stream->closed = server->stopping;
	server_unlock(server);
	answer_stream(request, type, response);
	return stream;
}

static int stream_take(struct http_stream *stream, struct bytes bytes, struct error *error)
{
	struct http_server *server = stream->server;
	if (stream->dropped)
		FAIL(error, TOO_MANY, "the client of the stream read too slowly and was dropped");
	if (stream->dead || stream->closed)
		FAIL(error, UNREACHABLE, "the client of the stream has gone");
	if (stream->waiting.size - stream->sent + bytes.size > server->config.stream_limit) {
		stream->dropped = true;
		server->counters.streams_dropped++;
		connection_cut(stream->connection);
		resume(stream);
		FAIL(error, TOO_MANY, "the client of the stream read too slowly and was dropped");
	}
	if (stream->sent == stream->waiting.size) {
		buffer_reset(&stream->waiting);
		stream->sent = 0;
	} else if (stream->sent > server->config.stream_limit / 2) {
		memmove(stream->waiting.data, stream->waiting.data + stream->sent, stream->waiting.size - stream->sent);
		stream->waiting.size -= stream->sent;
		stream->sent = 0;
	}
	buffer_add(&stream->waiting, bytes.data, bytes.size);
	must(!stream->waiting.over);
	resume(stream);
	return 0;
}

int http_stream_write(struct http_stream *stream, struct bytes bytes, struct error *error)
{
	server_lock(stream->server);
	int result = stream_take(stream, bytes, error);
	server_unlock(stream->server);
	return result;
}

bool http_stream_alive(const struct http_stream *stream)
{
	server_lock(stream->server);
	bool alive = !stream->dead && !stream->dropped && !stream->closed;
	server_unlock(stream->server);
	return alive;
}

size_t http_stream_waiting(const struct http_stream *stream)
{
	server_lock(stream->server);
	size_t waiting = stream->dead || stream->dropped ? 0 : stream->waiting.size - stream->sent;
	server_unlock(stream->server);
	return waiting;
}

void http_stream_close(struct http_stream **stream)
{
	if (!*stream)
		return;
	struct http_server *server = (*stream)->server;
	server_lock(server);
	stream_end(*stream);
	if ((*stream)->connection)
		(*stream)->connection->deadline_ms = clock_mono_ms() + server->config.answer_ms;
	server_unlock(server);
	stream_release(*stream);
	*stream = NULL;
}
