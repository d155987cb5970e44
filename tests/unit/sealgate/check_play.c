/* A voyage against a gateway that is played: in which order what is asked, with whose key; that each row waits for what the
 * one before led to; that a gateway which is away for a while is waited for; what is counted and saved at the end. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/http/server.h"
#include "lib/json/json.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/suite.h"

struct stage {
	pthread_mutex_t lock;
	struct buffer log;        /* a line for each request that changes something */
	int pending;              /* GET /v1/status counts it down */
	bool never_quiet;         /* it does not */
	int busy_every;           /* each so many requests are answered with 503; 0: none */
	int requests;
	int refused_rows;
	bool filed;               /* the journey is there already */
};

static const struct fixed {
	const char *path, *body;
} fixed[] = {
	{ "/v1/events", "{\"items\":[{\"uid\":\"e1\"},{\"uid\":\"e2\"},{\"uid\":\"e3\"}],\"cursor\":\"9\",\"more\":false}" },
	{ "/v1/events/e1", "{\"uid\":\"e1\",\"type\":\"door_opened\",\"time\":\"2016-02-03T01:48:21Z\"}" },
	{ "/v1/findings", "{\"items\":[{\"id\":\"f1\"}],\"cursor\":\"9\",\"more\":false}" },
	{ "/v1/messages", "{\"items\":[{\"id\":\"SG1\",\"state\":\"sent\"},{\"id\":\"SG2\",\"state\":\"held\"}],\"cursor\":\"9\",\"more\":false}" },
	{ "/v1/messages/SG1/attempts", "{\"items\":[],\"receipts\":[{\"kind\":\"accepted\"},{\"kind\":\"accepted\"},{\"kind\":\"answer\"}]}" },
	{ "/v1/messages/SG2/attempts", "{\"items\":[],\"receipts\":[]}" },
	{ "/v1/messages/SG1/document", "<one/>" },
	{ "/v1/messages/SG1/signature", "<one-signature/>" },
	{ "/v1/messages/SG2/document", "<two/>" },
	{ "/v1/documents/d1/content", "<answer/>" },
	{ "/v1/documents/d1/signature", "<answer-signature/>" },
	{ "/v1/deliveries", "{\"items\":[{\"id\":\"w1\",\"state\":\"sent\",\"about\":\"n1\"},{\"id\":\"w2\",\"state\":\"sent\"},{\"id\":\"w3\",\"state\":\"failed\"}]}" },
	{ "/v1/containers/CSQU3054383",
	  "{\"number\":\"CSQU3054383\",\"integrity\":{\"verdict\":\"alarm\",\"sentence\":\"x\\u001b[2Jy\"},"
	  "\"findings\":[{\"id\":\"f1\",\"code\":\"F-OPENING\",\"severity\":\"high\",\"events\":[\"e1\"],\"sentence\":\"opened\"}],"
	  "\"messages\":[{\"id\":\"SG1\",\"kind\":\"integrity-report\",\"state\":\"sent\",\"finding\":\"f1\"}],"
	  "\"notices\":[{\"id\":\"n1\",\"kind\":\"control\",\"message\":\"SG1\",\"scheduled\":\"2016-02-04T08:00:00Z\"}]}" },
};

static void answer_text(struct http_request *request, int status, const char *text)
{
	http_answer(request, status, *text == '<' ? "application/xml" : "application/json", bytes_of_text(text));
}

static void note_request(struct stage *s, const struct http_request *request)
{
	const char *key = http_request_header(request, "Authorization");
	buffer_printf(&s->log, "%s %s %s %.*s\n", key ? key + 7 : "-", request->method, request->target, (int)request->body.size,
	              (const char *)request->body.data);
}

static void documents_answer(struct http_request *request)
{
	const char *state = http_request_parameter(request, "state");
	if (!state)
		answer_text(request, 200, "{\"items\":[{\"id\":\"d1\",\"state\":\"tied\"}],\"cursor\":\"9\",\"more\":false}");
	else if (text_equal(state, "untied"))
		answer_text(request, 200, "{\"items\":[{\"id\":\"d2\",\"state\":\"untied\"}],\"cursor\":\"9\",\"more\":false}");
	else
		answer_text(request, 200, "{\"items\":[],\"cursor\":\"0\",\"more\":false}");
}

static void change(struct stage *s, struct http_request *request)
{
	note_request(s, request);
	if (text_equal(request->path, "/v1/providers/tracker-1/events")) {
		if (s->pending && !s->never_quiet)
			buffer_add_text(&s->log, "TOO EARLY\n");
		s->pending = 2;
		if (strstr((const char *)request->body.data, "\"latitude\":\"bad\"")) {
			s->refused_rows++;
			answer_text(request, 422, "{\"detail\":\"latitude is no number\",\"field\":\"/rows/0/latitude\"}");
			return;
		}
	}
	if (text_starts(request->path, "/v1/journeys/") && s->filed) {
		answer_text(request, 428, "{\"detail\":\"say If-Match\"}");
		return;
	}
	answer_text(request, 200, "{}");
}

static void handle(void *context, struct http_request *request)
{
	struct stage *s = context;
	pthread_mutex_lock(&s->lock);
	s->requests++;
	if (s->busy_every && s->requests % s->busy_every == 0) {
		answer_text(request, 503, "{\"detail\":\"stopping\"}");
	} else if (!text_equal(request->method, "GET")) {
		change(s, request);
	} else if (text_equal(request->path, "/v1/status")) {
		const char *text = arena_printf(request->arena, "{\"stored\":{\"deliveries.sent\":2,\"deliveries.failed\":1},"
		                                                         "\"pending\":{\"containers\":%d,\"messages\":0,\"deliveries\":0,\"unanswered\":0}}", s->pending);
		s->pending -= s->pending > 0 && !s->never_quiet;
		answer_text(request, 200, text);
	} else if (text_equal(http_request_parameter(request, "type"), "finding.")) {
		answer_text(request, 200, "{\"items\":[]}");
	} else if (text_equal(request->path, "/v1/documents")) {
		documents_answer(request);
	} else {
		const struct fixed *f = fixed, *end = fixed + sizeof fixed / sizeof *fixed;
		while (f < end && !text_equal(f->path, request->path))
			f++;
		answer_text(request, f < end ? 200 : 404, f < end ? f->body : "{}");
	}
	pthread_mutex_unlock(&s->lock);
}

static struct http_server *stage_open(struct stage *s, uint16_t port)
{
	struct http_server *server;
	struct http_server_config config = { .port = port };
	must_succeed(http_server_start(&config, handle, s, &server, error));
	return server;
}

#define ROWS \
	"time_utc,latitude,door\n" \
	"2016-02-01T12:00:00Z,30.1,0\n" \
	"2016-02-01T12:00:00Z,,1\n" \
	"2016-02-01T13:00:00Z,bad,\n" \
	"2016-02-01T14:00:00Z,30.2,\n"

static struct said play(struct arena *arena, const char *folder, uint16_t port, const char *wait)
{
	static const char *const parties[] = { "provider-1", "carrier-1", "admin-1" };
	for (size_t i = 0; i < 3; i++)
		must_succeed(file_write(arena_printf(arena, "%s/%s.key", folder, parties[i]), bytes_of_text(arena_printf(arena, "%s\n", parties[i])), 0600, error));
	must_succeed(file_write(file_path(arena, folder, "v.csv"), bytes_of_text(ROWS), 0644, error));
	must_succeed(file_write(file_path(arena, folder, "j.json"),
	                        bytes_of_text("{\"id\":\"J-C\",\"container\":\"CSQU3054383\",\"from\":\"2016-02-01T11:00:00Z\"}"), 0644, error));
	return program("play", "--voyage", file_path(arena, folder, "v.csv"), "--journey", file_path(arena, folder, "j.json"), "--keys", folder, "--url",
	               arena_printf(arena, "http://127.0.0.1:%u", (unsigned)port), "--summary", file_path(arena, folder, "summary.json"), "--documents",
	               file_path(arena, folder, "documents"), "--wait", wait, NULL);
}

#define ROW(text) "provider-1 POST /v1/providers/tracker-1/events {\"device\":\"356938035643809\",\"rows\":[{" text "}]}\n"
#define CLOCK(text) "admin-1 PUT /v1/clock {\"time\":\"" text "\"}\n"
static const char script[] =
	CLOCK("2016-02-01T11:00:00Z")
	"carrier-1 PUT /v1/journeys/J-C {\"container\":\"CSQU3054383\",\"from\":\"2016-02-01T11:00:00Z\"}\n"
	"provider-1 POST /v1/events?provider=tracker-1 {\"id\":\"paired-CSQU3054383-J-C\",\"type\":\"device_paired\",\"time\":\"2016-02-01T11:00:00Z\","
	"\"container\":\"CSQU3054383\",\"device\":{\"id\":\"356938035643809\"}}\n"
	CLOCK("2016-02-01T12:00:00Z")
	ROW("\"time_utc\":\"2016-02-01T12:00:00Z\",\"latitude\":\"30.1\",\"door\":\"0\"")
	ROW("\"time_utc\":\"2016-02-01T12:00:00Z\",\"door\":\"1\"")
	CLOCK("2016-02-01T13:00:00Z")
	ROW("\"time_utc\":\"2016-02-01T13:00:00Z\",\"latitude\":\"bad\"")
	CLOCK("2016-02-01T14:00:00Z")
	ROW("\"time_utc\":\"2016-02-01T14:00:00Z\",\"latitude\":\"30.2\"");

static const char *file_of(struct arena *arena, const char *folder, const char *name)
{
	char *text;
	must_succeed(file_read_text(file_path(arena, folder, name), arena, &text, error));
	return text;
}

START_TEST(a_voyage_is_played_row_by_row_and_counted)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct stage s = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct http_server *server = stage_open(&s, 0);
	SAID said = play(arena, folder, http_server_port(server), "20");
	http_server_stop(&server);
	ended(said, EXIT_FAILED);  /* something failed: that is told by the code too */
	if (!text_equal(buffer_text(&s.log), script))
		ck_abort_msg("%s", buffer_text(&s.log));
	struct json *summary;
	must_succeed(json_parse(arena, bytes_of_text(file_of(arena, folder, "summary.json")), NULL, &summary, error));
	/* failed: a held message, a delivery, a document that could not be tied */
	ck_assert_str_eq(json_to_text(arena, summary, JSON_COMPACT),
	                 "{\"events\":3,\"findings\":1,\"messages\":2,\"receipts\":1,\"answers\":1,\"webhooks\":2,\"failed\":3}");
	ck_assert_str_eq(file_of(arena, folder, "documents/SG1.xml"), "<one/>");
	ck_assert_str_eq(file_of(arena, folder, "documents/SG1.sig.xml"), "<one-signature/>");
	ck_assert_str_eq(file_of(arena, folder, "documents/d1.xml"), "<answer/>");
	ck_assert_str_eq(file_of(arena, folder, "documents/d1.sig.xml"), "<answer-signature/>");
	ck_assert(!file_exists(file_path(arena, folder, "documents/SG2.sig.xml")));
	says(said.err, "a row is refused: the gateway answered 422: latitude is no number");
	says(said.out, "2016-02-03 01:48:21 door_opened  F-OPENING high  integrity-report SG1 sent  control on 2016-02-04 08:00:00  sent");
	says(said.out, "x\\u{1b}[2Jy");
	ck_assert_ptr_null(strchr(said.out, '\033'));
	buffer_clear(&s.log);
}
END_TEST

START_TEST(a_gateway_that_is_busy_is_asked_again)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct stage s = { .lock = PTHREAD_MUTEX_INITIALIZER, .busy_every = 3 };
	struct http_server *server = stage_open(&s, 0);
	SAID said = play(arena, folder, http_server_port(server), "20");
	http_server_stop(&server);
	ck_assert(text_equal(buffer_text(&s.log), script));
	ck_assert(file_exists(file_path(arena, folder, "summary.json")));
	buffer_clear(&s.log);
}
END_TEST

struct late {
	struct stage *stage;
	uint16_t port;
	struct http_server *server;
};

static void *open_late(void *context)
{
	struct late *late = context;
	const struct timespec pause = { .tv_nsec = 700000000 };
	nanosleep(&pause, NULL);
	late->server = stage_open(late->stage, late->port);
	return NULL;
}

START_TEST(a_gateway_that_is_started_again_is_waited_for)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct stage s = { .lock = PTHREAD_MUTEX_INITIALIZER, .filed = true };
	struct http_server *server = stage_open(&s, 0);
	struct late late = { .stage = &s, .port = http_server_port(server) };
	http_server_stop(&server);
	pthread_t thread;
	ck_assert_int_eq(pthread_create(&thread, NULL, open_late, &late), 0);
	SAID said = play(arena, folder, late.port, "20");
	pthread_join(thread, NULL);
	http_server_stop(&late.server);
	ck_assert(text_equal(buffer_text(&s.log), script));
	says(said.err, "journey \"J-C\" is filed already");
	buffer_clear(&s.log);
}
END_TEST

START_TEST(what_never_gets_quiet_is_waited_for_once)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct stage s = { .lock = PTHREAD_MUTEX_INITIALIZER, .never_quiet = true };
	struct http_server *server = stage_open(&s, 0);
	struct timespec before, after;
	clock_gettime(CLOCK_MONOTONIC, &before);
	SAID said = play(arena, folder, http_server_port(server), "1");
	clock_gettime(CLOCK_MONOTONIC, &after);
	http_server_stop(&server);
	ck_assert_int_lt(after.tv_sec - before.tv_sec, 4);
	says(said.err, "at 2016-02-01T12:00:00Z: still pending after 1 s: 2 containers; going on");
	ck_assert(text_equal(buffer_text(&s.log), script));
	buffer_clear(&s.log);
}
END_TEST

SUITE("play", a_voyage_is_played_row_by_row_and_counted, a_gateway_that_is_busy_is_asked_again, a_gateway_that_is_started_again_is_waited_for,
      what_never_gets_quiet_is_waited_for_once)
