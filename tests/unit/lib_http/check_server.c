/* The server, from outside: bytes in, bytes out. Each row of the guard's table is a request that two readers could
 * understand differently; the second request, hidden behind it, must never be served. */
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/http/server.h"
#include "support/raw_http.h"
#include "support/suite.h"
#include "unit/lib_http/probes.h"

#define QUIET_MS 2500

static struct http_server *server;
static atomic_int calls, smuggled;
static _Atomic(struct http_request *) held;
static _Atomic(struct http_stream *) streamed;

static void *answer_soon(void *context)
{
	struct http_request *request = context;
	usleep(30000);
	http_answer_header(request, "X-Late", "yes");
	http_answer(request, 202, "text/plain", bytes_of_text("deferred"));
	return NULL;
}

static void *drop_soon(void *context)
{
	usleep(30000);
	http_request_drop(context);
	return NULL;
}

static long source_read(void *source, uint64_t at, char *out, size_t size)
{
	uint64_t whole = *(uint64_t *)source, left = whole - at;
	size_t n = left < size ? (size_t)left : size;
	memset(out, 'x', n);
	return (long)n;
}

static void path_tell(struct http_request *request)
{
	BUFFER_AUTO out = { 0 };
	for (size_t i = 0; i < request->n_segments; i++)
		buffer_printf(&out, "[%s]", request->segments[i]);
	for (size_t i = 0; i < request->n_parameters; i++)
		buffer_printf(&out, "{%s=%s}", request->parameters[i].name, request->parameters[i].value);
	http_answer_owned(request, 200, "text/plain", &out);
}

static void handle(void *context, struct http_request *request)
{
	static uint64_t large = 3000000;
	(void)context;
	atomic_fetch_add(&calls, 1);
	const char *what = request->n_segments ? request->segments[0] : "";
	if (text_equal(what, "smuggled")) {
		atomic_fetch_add(&smuggled, 1);
		http_answer(request, 200, "text/plain", bytes_of_text("SMUGGLED"));
	} else if (text_equal(what, "echo")) {
		http_answer(request, 200, "text/plain", request->body);
	} else if (text_equal(what, "path")) {
		path_tell(request);
	} else if (text_equal(what, "defer")) {
		pthread_t thread;
		http_request_defer(request);
		ck_assert(pthread_create(&thread, NULL, answer_soon, request) == 0);
		pthread_detach(thread);
	} else if (text_equal(what, "drop")) {
		http_request_drop(request);
	} else if (text_equal(what, "drop-later")) {
		pthread_t thread;
		http_request_defer(request);
		ck_assert(pthread_create(&thread, NULL, drop_soon, request) == 0);
		pthread_detach(thread);
	} else if (text_equal(what, "hold")) {
		http_request_defer(request);
		atomic_store(&held, request);
	} else if (text_equal(what, "large")) {
		http_answer_source(request, 200, "text/plain", large, source_read, &large, NULL);
	} else if (text_equal(what, "stream")) {
		atomic_store(&streamed, http_stream_open(request, "text/event-stream"));
	} else if (text_equal(what, "problem")) {
		struct error error = { 0 };
		error_set(&error, ERROR_BUSY, "say \"when\"");
		error_in_field(&error, "/events/3");
		error.retry_after = 7;
		http_answer_problem(request, &error);
	} else if (!text_equal(what, "silent")) {
		http_answer(request, 200, "text/plain", bytes_of_text("hello"));
	}
}

static int admit(void *context, struct http_request *request, size_t *body_limit, struct error *error)
{
	(void)context;
	if (http_request_header(request, "X-Nobody"))
		FAIL(error, UNAUTHENTICATED, "who are you?");
	if (request->n_segments && text_equal(request->segments[0], "small"))
		*body_limit = 10;
	return 0;
}

static void start_with(struct http_server_config config)
{
	struct error error = { 0 };
	config.admit = admit;
	log_open("check", 2, LOG_LEVEL_NONE);
	if (http_server_start(&config, handle, NULL, &server, &error) < 0)
		ck_abort_msg("%s", error.text);
}

static void start(void)
{
	start_with((struct http_server_config){ .body_limit = 100000 });
}

static void stop(void)
{
	http_server_stop(&server);
}

static char *exchange(const char *text)
{
	return raw_exchange(http_server_port(server), text, strlen(text), QUIET_MS);
}

/* A refusal ends the connection, says so, and serves nothing after it. */
START_TEST(ambiguous_requests_are_refused_and_nothing_behind_them_is_served)
{
	start();
	for (size_t i = 0; i < sizeof probes / sizeof *probes; i++) {
		bool closed;
		int fd = raw_connect(http_server_port(server));
		(void)raw_write(fd, probes[i].bytes, probes[i].size);
		char *reply = raw_read(fd, QUIET_MS, NULL, &closed);
		if (raw_status(reply) != probes[i].status)
			ck_abort_msg("%s: %d, not %d: %s", probes[i].name, raw_status(reply), probes[i].status, reply);
		ck_assert_msg(closed, "%s: the connection was kept", probes[i].name);
		ck_assert_msg(!probes[i].status || strcasestr(reply, "\r\nConnection: close\r\n"), "%s: no Connection: close", probes[i].name);
		ck_assert_msg(raw_count(reply, "HTTP/1.1 2") == 0, "%s: something was served: %s", probes[i].name, reply);
		ck_assert_msg(atomic_load(&smuggled) == 0, "%s: the smuggled request was served", probes[i].name);
		ck_assert_msg(atomic_load(&calls) == 0, "%s: the handler was called", probes[i].name);
		free(reply);
		close(fd);
	}
	stop();
}
END_TEST

/* The same table without the fault: what is right is served, and the connection lives on. */
START_TEST(sound_requests_are_served_on_one_connection)
{
	start();
	char *reply = exchange(GET "\r\n" POST "Content-Length: 3\r\n\r\nabc" POST "Content-Length: 0\r\n\r\n"
			       "DELETE /ok HTTP/1.1\r\nHost: a\r\n\r\n"
			       "HEAD /ok HTTP/1.1\r\nHost: a\r\n\r\n" "GET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_uint_eq(raw_count(reply, "HTTP/1.1 200 "), 6);
	ck_assert_uint_eq(raw_count(reply, "hello"), 2);  /* not for HEAD */
	ck_assert(strstr(reply, "\r\n\r\nabcHTTP/1.1 200"));
	ck_assert(strstr(reply, "X-Content-Type-Options: nosniff\r\n") && strstr(reply, "Cache-Control: no-store\r\n"));
	free(reply);
	reply = exchange(POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" NEXT);
	ck_assert(strstr(reply, "\r\n\r\nabcde") && strcasestr(reply, "Connection: close"));
	ck_assert_uint_eq(raw_count(reply, "SMUGGLED"), 0);  /* a connection ends with its first chunked request */
	free(reply);
	reply = exchange("OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 204);
	ck_assert(strstr(reply, "Allow: GET, HEAD"));
	free(reply);
	reply = exchange("TRACE /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 405);
	free(reply);
	stop();
}
END_TEST

START_TEST(targets_are_taken_apart_once_and_safely)
{
	static const struct { const char *target, *wanted; int status; } rows[] = {
		{ "/path", "[path]", 200 },
		{ "/path/", "[path]", 200 },
		{ "/path/a%2Fb/MSKU%20123", "[path][a/b][MSKU 123]", 200 },
		{ "/path/%25%32%65", "[path][%2e]", 200 },  /* decoded once */
		{ "/path/+?a=1+2&b&c=%C3%A9&&d==", "[path][+]{a=1 2}{b=}{c=\303\251}{d==}", 200 },
		{ "http://a/path/x", "[path][x]", 200 },
		{ "/path/../ok", "", 400 }, { "/path/%2e%2e/ok", "", 400 }, { "/path/.%2E/ok", "", 400 }, { "/path/./x", "", 400 },
		{ "//path", "", 400 }, { "/path//x", "", 400 }, { "/path/%0a", "", 400 }, { "/path/%7f", "", 400 },
		{ "/path/%", "", 400 }, { "/path/%4", "", 400 }, { "/path/%4g", "", 400 }, { "/path/%c3", "", 400 },
		{ "/path/%c0%ae", "", 400 }, { "/path?a=%0d%0a", "", 400 }, { "/path?a=%zz", "", 400 },
		{ "http://b/path", "", 400 }, { "path", "", 400 }, { "/path#x", "", 400 },
	};
	start();
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[400];
		snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", rows[i].target);
		char *reply = exchange(text);
		if (raw_status(reply) != rows[i].status || (rows[i].status == 200 && !text_ends(reply, rows[i].wanted)))
			ck_abort_msg("%s: %s", rows[i].target, reply);
		free(reply);
	}
	stop();
}
END_TEST

START_TEST(large_headers_are_refused_with_431)
{
	start();
	BUFFER_AUTO text = { 0 };
	buffer_add_text(&text, GET);
	for (int i = 0; i < 2000; i++)
		buffer_printf(&text, "X-%d: y\r\n", i);
	buffer_add_text(&text, "\r\n");
	char *reply = exchange(text.data);
	ck_assert_int_eq(raw_status(reply), 431);
	free(reply);
	buffer_reset(&text);
	buffer_add_text(&text, GET);
	for (int i = 0; i < 250; i++)
		buffer_printf(&text, "X-%d: y\r\n", i);
	buffer_add_text(&text, "\r\n");
	reply = exchange(text.data);
	ck_assert_int_eq(raw_status(reply), 431);
	free(reply);
	ck_assert_int_eq(atomic_load(&calls), 0);
	stop();
}
END_TEST

/* Refused by admit: the body is not asked for, not waited for, and the answer arrives although it was on its way. */
START_TEST(who_is_not_admitted_sends_no_body)
{
	start();
	char *reply = exchange(POST "X-Nobody: 1\r\nContent-Length: 90000\r\nExpect: 100-continue\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 401);
	ck_assert(strcasestr(reply, "Connection: close"));
	free(reply);
	BUFFER_AUTO text = { 0 };
	buffer_add_text(&text, POST "X-Nobody: 1\r\nContent-Length: 90000\r\n\r\n");
	for (int i = 0; i < 90000; i++)
		buffer_add_char(&text, 'x');
	for (int i = 0; i < 20; i++) {
		reply = exchange(text.data);
		ck_assert_int_eq(raw_status(reply), 401);
		free(reply);
	}
	reply = exchange("GET /ok HTTP/1.1\r\nHost: a\r\nX-Nobody: 1\r\n\r\n" "GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 401);
	ck_assert(strstr(reply, "HTTP/1.1 200 "));  /* without a body the connection lives on */
	free(reply);
	struct http_server_counters counters;
	http_server_count(server, &counters);
	ck_assert_uint_eq(counters.not_admitted, 22);
	ck_assert_uint_eq(counters.body_bytes_now, 0);
	ck_assert_int_eq(atomic_load(&calls), 1);
	stop();
}
END_TEST

START_TEST(expect_continue_is_answered_and_the_body_taken)
{
	start();
	int fd = raw_connect(http_server_port(server));
	ck_assert(raw_text(fd, POST "Connection: close\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n") == 0);
	char *reply = raw_read(fd, QUIET_MS, "\r\n\r\n", NULL);
	ck_assert_int_eq(raw_status(reply), 100);
	free(reply);
	ck_assert(raw_text(fd, "abc") == 0);
	reply = raw_read(fd, QUIET_MS, NULL, NULL);
	ck_assert_int_eq(raw_status(reply), 200);
	ck_assert(text_ends(reply, "\r\n\r\nabc"));
	free(reply);
	close(fd);
	stop();
}
END_TEST

START_TEST(problems_are_documents_and_hide_what_is_ours)
{
	start();
	char *reply = exchange("GET /problem HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 503);
	ck_assert(strstr(reply, "Content-Type: application/problem+json\r\n") && strstr(reply, "Retry-After: 7\r\n"));
	ck_assert(strstr(reply, "{\"type\":\"urn:sealgate:problem:busy\",\"title\":\"busy\",\"status\":503,"
				"\"detail\":\"say \\\"when\\\"\",\"field\":\"/events/3\",\"request\":\""));
	free(reply);
	reply = exchange("GET /silent HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 500);
	ck_assert(!strstr(reply, "deferred"));
	free(reply);
	stop();
}
END_TEST

/* At once and later: not an octet comes back, and the server goes on. */
START_TEST(a_dropped_request_gets_no_answer)
{
	static const char *const targets[] = { "/drop", "/drop-later" };
	start();
	for (size_t i = 0; i < 2; i++) {
		bool closed;
		char request[100];
		int fd = raw_connect(http_server_port(server));
		snprintf(request, sizeof request, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", targets[i]);
		ck_assert_int_eq(raw_text(fd, request), 0);
		char *reply = raw_read(fd, QUIET_MS, NULL, &closed);
		ck_assert_str_eq(reply, "");
		ck_assert(closed);
		free(reply);
		close(fd);
	}
	char *reply = exchange("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 200);
	free(reply);
	stop();
}
END_TEST

START_TEST(deferred_requests_are_answered_from_another_thread)
{
	start();
	char *reply = exchange("GET /defer HTTP/1.1\r\nHost: a\r\n\r\n" "GET /defer HTTP/1.1\r\nHost: a\r\n\r\n"
			       "GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_uint_eq(raw_count(reply, "HTTP/1.1 202 "), 2);
	ck_assert_uint_eq(raw_count(reply, "X-Late: yes"), 2);
	ck_assert_uint_eq(raw_count(reply, "HTTP/1.1 200 "), 1);
	free(reply);
	stop();
}
END_TEST

static struct http_request *held_wait(void)
{
	struct http_request *request = NULL;
	for (int i = 0; i < 500 && !(request = atomic_exchange(&held, NULL)); i++)
		usleep(5000);
	ck_assert(request);
	return request;
}

START_TEST(a_deferred_request_nobody_answers_gets_504_and_a_late_answer_is_harmless)
{
	start_with((struct http_server_config){ .defer_ms = 150 });
	char *reply = exchange("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n" NEXT);
	ck_assert_int_eq(raw_status(reply), 504);
	ck_assert_uint_eq(raw_count(reply, "SMUGGLED"), 0);
	free(reply);
	struct http_request *request = held_wait();
	ck_assert(!http_request_waiting(request));
	ck_assert_str_eq(request->path, "/hold");  /* still its owner's */
	http_answer(request, 200, "text/plain", bytes_of_text("too late"));
	reply = exchange("GET /hold HTTP/1.1\r\nHost: a\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 504);
	free(reply);
	struct http_server_counters counters;
	http_server_count(server, &counters);
	ck_assert_uint_eq(counters.deferred_late, 2);
	ck_assert_uint_eq(counters.deferred_now, 0);
	stop();
	http_answer(held_wait(), 200, "text/plain", bytes_of_text("after the server's end"));
}
END_TEST

START_TEST(stopping_answers_deferred_requests_and_refuses_new_ones)
{
	start_with((struct http_server_config){ .stop_ms = 200, .defer_ms = 60000 });
	uint16_t port = http_server_port(server);
	int fd = raw_connect(port), other = raw_connect(port);
	ck_assert(raw_text(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
	ck_assert(raw_text(other, GET "\r\n") == 0);
	free(raw_read(other, QUIET_MS, "hello", NULL));
	struct http_request *request = held_wait();
	ck_assert(http_request_waiting(request));
	pthread_t thread;
	ck_assert(pthread_create(&thread, NULL, (void *(*)(void *))(void *)http_server_stop, &server) == 0);
	usleep(80000);
	ck_assert(raw_text(other, GET "\r\n") == 0);  /* a connection that lives still */
	char *reply = raw_read(other, QUIET_MS, NULL, NULL);
	ck_assert_int_eq(raw_status(reply), 503);
	ck_assert(strstr(reply, "urn:sealgate:problem:stopping"));
	free(reply);
	reply = raw_read(fd, QUIET_MS, NULL, NULL);
	ck_assert_int_eq(raw_status(reply), 503);
	free(reply);
	pthread_join(thread, NULL);
	ck_assert(!server);
	http_answer(request, 200, NULL, (struct bytes){ 0 });
	close(fd);
	close(other);
}
END_TEST

START_TEST(stopping_waits_for_deferred_requests_that_are_answered)
{
	start_with((struct http_server_config){ .stop_ms = 5000 });
	int fd = raw_connect(http_server_port(server));
	ck_assert(raw_text(fd, "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
	struct http_request *request = held_wait();
	pthread_t thread;
	ck_assert(pthread_create(&thread, NULL, (void *(*)(void *))(void *)http_server_stop, &server) == 0);
	usleep(50000);
	http_answer(request, 200, "text/plain", bytes_of_text("in time"));
	char *reply = raw_read(fd, QUIET_MS, NULL, NULL);
	ck_assert_int_eq(raw_status(reply), 200);
	ck_assert(text_ends(reply, "in time"));
	free(reply);
	int64_t began = clock_mono_ms();
	pthread_join(thread, NULL);
	ck_assert_int_lt(clock_mono_ms() - began, 1500);
	close(fd);
}
END_TEST

START_TEST(a_client_that_drips_is_cut_and_holds_nobody_up)
{
	start_with((struct http_server_config){ .header_ms = 300, .request_ms = 300, .threads = 2 });
	static const char *const starts[] = {
		"", "GET ", "GET /ok HTTP/1.1\r\nHost: a\r\nX-A: ", POST "Content-Length: 5000\r\n\r\n",
		GET "\r\n",  /* a next request line that never ends */
	};
	int fds[sizeof starts / sizeof *starts];
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++) {
		fds[i] = raw_connect(http_server_port(server));
		(void)raw_text(fds[i], starts[i]);
	}
	int64_t began = clock_mono_ms();
	size_t n = sizeof fds / sizeof *fds - 1;  /* the last one has idle_ms more */
	for (int step = 0; step < 12; step++) {
		for (size_t i = 0; i < n; i++)
			(void)raw_text(fds[i], "x");
		char *reply = exchange("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
		ck_assert_int_eq(raw_status(reply), 200);
		free(reply);
		usleep(50000);
	}
	for (size_t i = 0; i < n; i++) {
		bool closed;
		free(raw_read(fds[i], 700, NULL, &closed));
		ck_assert_msg(closed, "%s: alive after %d ms", starts[i], (int)(clock_mono_ms() - began));
		close(fds[i]);
	}
	close(fds[n]);
	struct http_server_counters counters;
	http_server_count(server, &counters);
	ck_assert_uint_ge(counters.cut, n);
	stop();
}
END_TEST

START_TEST(limits_of_connections_and_memory_hold)
{
	start_with((struct http_server_config){ .connections_per_address = 3, .body_memory = 1000, .body_limit = 5000 });
	uint16_t port = http_server_port(server);
	int fds[3];
	for (int i = 0; i < 3; i++) {
		fds[i] = raw_connect(port);
		ck_assert(raw_text(fds[i], GET "\r\n") == 0);
		free(raw_read(fds[i], QUIET_MS, "hello", NULL));
	}
	bool closed;
	int fd = raw_connect(port);
	(void)raw_text(fd, GET "\r\n");
	char *reply = raw_read(fd, 1000, NULL, &closed);
	ck_assert(closed && raw_status(reply) == 0);
	free(reply);
	close(fd);
	BUFFER_AUTO text = { 0 };
	buffer_add_text(&text, POST "Content-Length: 2000\r\n\r\n");
	for (int i = 0; i < 2000; i++)
		buffer_add_char(&text, 'x');
	ck_assert(raw_text(fds[0], text.data) == 0);
	reply = raw_read(fds[0], QUIET_MS, NULL, NULL);
	ck_assert_int_eq(raw_status(reply), 503);
	free(reply);
	for (int i = 0; i < 3; i++)
		close(fds[i]);
	stop();
}
END_TEST

static struct http_stream *stream_wait(void)
{
	struct http_stream *stream = NULL;
	for (int i = 0; i < 500 && !(stream = atomic_exchange(&streamed, NULL)); i++)
		usleep(5000);
	ck_assert(stream);
	return stream;
}

START_TEST(streams_carry_what_is_written_until_closed)
{
	start();
	int fd = raw_connect(http_server_port(server));
	ck_assert(raw_text(fd, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
	struct http_stream *stream = stream_wait();
	char *reply = raw_read(fd, QUIET_MS, "\r\n\r\n", NULL);  /* the head comes before anything is written */
	ck_assert(strstr(reply, "Content-Type: text/event-stream\r\n"));
	free(reply);
	must_succeed(http_stream_write(stream, bytes_of_text("data: one\n\n"), error));
	reply = raw_read(fd, QUIET_MS, "one", NULL);
	ck_assert(strstr(reply, "data: one"));
	free(reply);
	ck_assert_uint_eq(http_stream_waiting(stream), 0);
	must_succeed(http_stream_write(stream, bytes_of_text("data: two\n\n"), error));
	must_succeed(http_stream_write(stream, bytes_of_text("data: three\n\n"), error));
	http_stream_close(&stream);
	reply = raw_read(fd, QUIET_MS, "\r\n0\r\n\r\n", NULL);
	ck_assert(strstr(reply, "two") && strstr(reply, "three") && text_ends(reply, "0\r\n\r\n"));
	free(reply);
	close(fd);
	stop();
}
END_TEST

START_TEST(a_stream_whose_client_has_gone_says_so)
{
	start();
	int fd = raw_connect(http_server_port(server));
	ck_assert(raw_text(fd, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
	struct http_stream *stream = stream_wait();
	free(raw_read(fd, QUIET_MS, "\r\n\r\n", NULL));
	close(fd);
	struct error error = { 0 };
	for (int i = 0; i < 100 && error.code == ERROR_NONE; i++) {
		(void)!http_stream_write(stream, bytes_of_text(": still there?\n"), &error);
		usleep(10000);
	}
	ck_assert_int_eq(error.code, ERROR_UNREACHABLE);
	ck_assert(!http_stream_alive(stream));
	http_stream_close(&stream);
	stop();
}
END_TEST

START_TEST(a_slow_reader_is_dropped_and_holds_nobody_up)
{
	start_with((struct http_server_config){ .stream_limit = 100000, .threads = 1 });
	int fd = raw_connect(http_server_port(server));
	int small = 4096;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
	ck_assert(raw_text(fd, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
	struct http_stream *stream = stream_wait();
	static char piece[10000];
	memset(piece, 'x', sizeof piece);
	struct error error = { 0 };
	int64_t longest = 0;
	size_t waiting = 0;
	for (int i = 0; i < 3000 && error.code == ERROR_NONE; i++) {
		int64_t began = clock_mono_ms();
		waiting = http_stream_waiting(stream);
		(void)!http_stream_write(stream, (struct bytes){ (uint8_t *)piece, sizeof piece }, &error);
		int64_t took = clock_mono_ms() - began;
		longest = took > longest ? took : longest;
	}
	ck_assert_int_eq(error.code, ERROR_TOO_MANY);
	ck_assert_uint_gt(waiting, 50000);
	ck_assert_uint_eq(http_stream_waiting(stream), 0);
	ck_assert_int_lt(longest, 500);
	char *reply = exchange("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	ck_assert_int_eq(raw_status(reply), 200);
	free(reply);
	http_stream_close(&stream);
	struct http_server_counters counters;
	for (int i = 0; i < 200; i++) {
		http_server_count(server, &counters);
		if (counters.streams_now == 0)
			break;
		usleep(10000);
	}
	ck_assert_uint_eq(counters.streams_now, 0);
	ck_assert_uint_eq(counters.streams_dropped, 1);
	close(fd);
	stop();
}
END_TEST

START_TEST(stopping_ends_streams)
{
	start();
	int fd = raw_connect(http_server_port(server));
	ck_assert(raw_text(fd, "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
	struct http_stream *stream = stream_wait();
	must_succeed(http_stream_write(stream, bytes_of_text("last"), error));
	int64_t began = clock_mono_ms();
	stop();
	ck_assert_int_lt(clock_mono_ms() - began, 1500);
	char *reply = raw_read(fd, QUIET_MS, NULL, NULL);
	ck_assert(strstr(reply, "last") && text_ends(reply, "0\r\n\r\n"));
	free(reply);
	must_fail(http_stream_write(stream, bytes_of_text("more"), error), UNREACHABLE);
	http_stream_close(&stream);
	close(fd);
}
END_TEST

START_TEST(a_post_that_says_nothing_of_a_body_has_none_and_is_the_last)
{
	static const char *const methods[] = { "POST", "PUT", "PATCH" };
	start();
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		char request[200];
		snprintf(request, sizeof request, "%s /echo HTTP/1.1\r\nHost: a\r\n\r\n" NEXT, methods[i]);
		char *reply = exchange(request);
		ck_assert_msg(raw_count(reply, "HTTP/1.1 200 ") == 1 && raw_count(reply, "HTTP/1.1 ") == 1, "%s: %s", methods[i], reply);
		ck_assert_msg(strstr(reply, "Connection: close\r\n") && strstr(reply, "Content-Length: 0\r\n"), "%s: %s", methods[i], reply);
		free(reply);
	}
	ck_assert_int_eq(atomic_load(&smuggled), 0);
	stop();
}
END_TEST

START_TEST(large_answers_are_read_while_they_are_sent)
{
	start();
	char *reply = exchange("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
	const char *body = strstr(reply, "\r\n\r\n");
	ck_assert(body && strstr(reply, "Content-Length: 3000000\r\n"));
	ck_assert_uint_eq(strspn(body + 4, "x"), 3000000);
	free(reply);
	stop();
}
END_TEST

START_TEST(a_configuration_that_cannot_work_is_refused)
{
	struct http_server *none = NULL;
	log_open("check", 2, LOG_LEVEL_NONE);
	must_fail(http_server_start(&(struct http_server_config){ .address = "localhost" }, handle, NULL, &none, error), BAD_CONFIG);
	must_fail(http_server_start(&(struct http_server_config){ .certificate_file = "/x" }, handle, NULL, &none, error), BAD_CONFIG);
	must_fail(http_server_start(&(struct http_server_config){ .certificate_file = "/nonexistent", .key_file = "/nonexistent" },
				    handle, NULL, &none, error), IO);
	must_fail(http_server_start(&(struct http_server_config){ .certificate_file = "/dev/null", .key_file = "/dev/null" },
				    handle, NULL, &none, error), BAD_CONFIG);
	start();
	must_fail(http_server_start(&(struct http_server_config){ .port = http_server_port(server) }, handle, NULL, &none, error), IO);
	ck_assert(!none);
	stop();
}
END_TEST

SUITE("server", ambiguous_requests_are_refused_and_nothing_behind_them_is_served, sound_requests_are_served_on_one_connection,
      targets_are_taken_apart_once_and_safely, large_headers_are_refused_with_431, who_is_not_admitted_sends_no_body,
      expect_continue_is_answered_and_the_body_taken, problems_are_documents_and_hide_what_is_ours,
      a_dropped_request_gets_no_answer, deferred_requests_are_answered_from_another_thread,
      a_deferred_request_nobody_answers_gets_504_and_a_late_answer_is_harmless,
      stopping_answers_deferred_requests_and_refuses_new_ones, stopping_waits_for_deferred_requests_that_are_answered,
      a_client_that_drips_is_cut_and_holds_nobody_up, limits_of_connections_and_memory_hold,
      streams_carry_what_is_written_until_closed, a_stream_whose_client_has_gone_says_so,
      a_slow_reader_is_dropped_and_holds_nobody_up, stopping_ends_streams, large_answers_are_read_while_they_are_sent, a_post_that_says_nothing_of_a_body_has_none_and_is_the_last,
      a_configuration_that_cannot_work_is_refused)
