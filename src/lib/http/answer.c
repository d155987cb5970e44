#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/http/inside.h"

void answer_release(struct answer *answer)
{
	if (answer->response)
		MHD_destroy_response(answer->response);
	answer->response = NULL;
}

static void header_add(struct MHD_Response *response, const char *name, const char *value)
{
	must(http_is_token(name) && http_is_field_value(value));
	if (*value && MHD_add_response_header(response, name, value) != MHD_YES)
		die("out of memory: header of an answer");
}

static void headers_add(struct MHD_Response *response, int status, const char *id, const char *type, const struct extra_header *extra)
{
	bool cache = false, challenge = status != 401;
	for (; extra; extra = extra->next) {
		header_add(response, extra->name, extra->value);
		cache = cache || text_equal_nocase(extra->name, "cache-control");
		challenge = challenge || text_equal_nocase(extra->name, "www-authenticate");
	}
	if (!challenge)
		header_add(response, "WWW-Authenticate", "Bearer");  /* RFC 9110 15.5.2: a 401 has one */
	if (type)
		header_add(response, "Content-Type", type);
	if (!cache)
		header_add(response, "Cache-Control", "no-store");
	header_add(response, "X-Content-Type-Options", "nosniff");
	header_add(response, "X-Request-Id", id);
}

static struct MHD_Response *response_of(void *data, size_t size, enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(size, data, mode);
	if (!response)
		die("out of memory: answer of %zu bytes", size);
	return response;
}

/* The owner's last word. Whoever comes second (the owner, or the watchdog) finds it done. */
void answer_give(struct request *request, struct answer answer)
{
	struct http_server *server = request->server;
	must(!request->answered);
	request->answered = true;
	server_lock(server);
	bool deferred = request->deferred, late = request->given_up || request->stage == STAGE_OVER;
	if (!late) {
		bool suspended = request->stage == STAGE_SUSPENDED;
		request->answer = answer;
		request->stage = STAGE_ANSWERED;
		if (suspended) {
			server->counters.deferred_now--;
			MHD_resume_connection(request->connection->mhd);
		}
	}
	server_unlock(server);
	if (late)
		answer_release(&answer);
	if (deferred)
		request_release(request);
}

void http_answer_header(struct http_request *public, const char *name, const char *value)
{
	must(http_is_token(name) && http_is_field_value(value));
	struct request *request = request_of(public);
	struct extra_header *header = arena_alloc(request->arena, sizeof *header), **end = &request->extra;
	*header = (struct extra_header){ NULL, arena_text(request->arena, name), arena_text(request->arena, value) };
	while (*end)
		end = &(*end)->next;
	*end = header;
}

static void answer_with(struct request *request, int status, const char *type, struct MHD_Response *response, int64_t time_ms)
{
	must(status >= 200 && status <= 599);
	headers_add(response, status, request->id, type, request->extra);
	answer_give(request, (struct answer){ response, status, time_ms });
}

void http_answer(struct http_request *public, int status, const char *type, struct bytes body)
{
	struct request *request = request_of(public);
	struct MHD_Response *response = response_of((void *)(uintptr_t)body.data, body.size, MHD_RESPMEM_MUST_COPY);
	answer_with(request, status, type, response, request->server->config.answer_ms);
}

void http_answer_owned(struct http_request *public, int status, const char *type, struct buffer *body)
{
	struct request *request = request_of(public);
	size_t size = body->size;
	struct MHD_Response *response = response_of(buffer_steal(body), size, MHD_RESPMEM_MUST_FREE);
	answer_with(request, status, type, response, request->server->config.answer_ms);
}

static void member_add(struct buffer *out, const char *name, const char *value)
{
	if (text_empty(value))
		return;
	buffer_printf(out, ",\"%s\":", name);
	text_escape_json(out, value);
}

/* RFC 9457. What went wrong inside us is for the log. */
static void problem_write(struct buffer *out, const char *id, const struct error *error)
{
	bool ours = error_is_ours(error);
	if (ours)
		log_error("answer", id, "%s: %s [%s]", error_slug(error->code), error->text, error->place);
	buffer_printf(out, "{\"type\":\"urn:sealgate:problem:%s\"", error_slug(error->code));
	member_add(out, "title", error_title(error->code));
	buffer_printf(out, ",\"status\":%d", error_status(error));
	if (ours) {
		member_add(out, "detail", "the gateway's log says more under this request's id");
	} else {
		member_add(out, "detail", error->text);
		member_add(out, "field", error->field);
		member_add(out, "place", error->place);
	}
	member_add(out, "request", id);
	buffer_add_char(out, '}');
}

struct answer answer_problem(struct request *request, const char *id, const struct error *error, bool extra)
{
	BUFFER_AUTO body = { 0 };
	atomic_fetch_add(&request->server->refused[error->code], 1);
	problem_write(&body, id, error);
	size_t size = body.size;
	struct MHD_Response *response = response_of(buffer_steal(&body), size, MHD_RESPMEM_MUST_FREE);
	headers_add(response, error_status(error), id, "application/problem+json", extra ? request->extra : NULL);
	if (error->retry_after > 0) {
		char seconds[16];
		snprintf(seconds, sizeof seconds, "%d", error->retry_after);
		header_add(response, "Retry-After", seconds);
	}
	return (struct answer){ response, error_status(error), request->server->config.answer_ms };
}

void http_answer_problem(struct http_request *public, const struct error *error)
{
	struct request *request = request_of(public);
	answer_give(request, answer_problem(request, request->id, error, true));
}

/* No limit to its time: a slow reader is dropped by the size of what waits. */
void answer_stream(struct request *request, const char *type, struct MHD_Response *response)
{
	answer_with(request, 200, type, response, 0);
}

void http_request_drop(struct http_request *public)
{
	struct request *request = request_of(public);
	server_lock(request->server);
	request->drop = true;
	server_unlock(request->server);
	http_answer(public, 503, NULL, (struct bytes){ 0 });  /* which nobody gets to see */
}

struct source {
	http_source_fn *read;
	void *source;
	void (*free_it)(void *source);
};

static ssize_t source_read(void *context, uint64_t at, char *out, size_t size)
{
	struct source *source = context;
	long n = source->read(source->source, at, out, size);
	return n > 0 ? n : n == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void source_free(void *context)
{
	struct source *source = context;
	if (source->free_it)
		source->free_it(source->source);
	free(source);
}

#define SOURCE_BLOCK 65536
#define SOURCE_TIME_FACTOR 10

void http_answer_source(struct http_request *public, int status, const char *type, uint64_t size, http_source_fn *read,
			void *from, void (*free_it)(void *source))
{
	struct request *request = request_of(public);
	struct source *source = malloc(sizeof *source);
	if (!source)
		die("out of memory");
	*source = (struct source){ read, from, free_it };
	struct MHD_Response *response =
		MHD_create_response_from_callback(size == HTTP_SIZE_UNKNOWN ? MHD_SIZE_UNKNOWN : size, SOURCE_BLOCK, source_read,
						  source, source_free);
	if (!response)
		die("out of memory: answer");
	answer_with(request, status, type, response, (int64_t)SOURCE_TIME_FACTOR * request->server->config.answer_ms);
}
