/* Server-sent events as a client reads them. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/raw_http.h"
#include "world.h"

#define WAIT_MS 20000   /* a machine may be busy; what is there is read at once */

static struct world w;
static struct http_server *server;

/* /<party>/<role bits>/<after> */
static void stream(void *context, struct http_request *request)
{
	(void)context;
	struct viewer viewer = { &w.settings, request->segments[0], (unsigned)strtoul(request->segments[1], NULL, 10) };
	notify_stream(w.notify, request, &viewer, strtoll(request->segments[2], NULL, 10));
}

static void open_all(void)
{
	world_open(&w);
	must_succeed(http_server_start(&(struct http_server_config){ 0 }, stream, NULL, &server, error));
}

static void close_all(void)
{
	world_stop(&w);
	http_server_stop(&server);
	world_close(&w);
}

/* HTTP/1.0: no chunks in between. */
static int listen_as(const char *party, unsigned roles, int64_t after)
{
	char text[200];
	int fd = raw_connect(http_server_port(server));
	snprintf(text, sizeof text, "GET /%s/%u/%lld HTTP/1.0\r\nHost: a\r\n\r\n", party, roles, (long long)after);
	ck_assert_int_eq(raw_text(fd, text), 0);
	return fd;
}

static int64_t id_of(const char *reply, const char *uid)
{
	char wanted[60];
	snprintf(wanted, sizeof wanted, "\"uid\":\"%s\"", uid);
	const char *at = strstr(reply, wanted), *id = NULL;
	ck_assert_msg(at, "\"%s\" is not in the stream", uid);
	for (const char *p = at; p >= reply && !id; p--)  /* backwards: a long stream is not gone through for each of its events */
		if ((p == reply || p[-1] == '\n') && strncmp(p, "id: ", 4) == 0)
			id = p;
	ck_assert_ptr_nonnull(id);
	return strtoll(id + 4, NULL, 10);
}

START_TEST(events_come_and_a_client_resumes_behind_the_last_it_has)
{
	open_all();
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	int fd = listen_as("port-1", R(SECURITY), 0);
	char *reply = raw_read(fd, WAIT_MS, "\"uid\":\"e1\"", NULL);
	ck_assert(strstr(reply, "Content-Type: text/event-stream\r\n") && strstr(reply, "retry: "));
	ck_assert_ptr_nonnull(strstr(reply, "event: org.sealgate.event.received\ndata: {\"specversion\":\"1.0\""));
	int64_t first = id_of(reply, "e1");
	free(reply);
	world_event(&w, "e2", BOX, NULL);
	reply = raw_read(fd, WAIT_MS, "\"uid\":\"e2\"", NULL);
	ck_assert_int_gt(id_of(reply, "e2"), first);
	free(reply);
	close(fd);
	fd = listen_as("port-1", R(SECURITY), first);
	reply = raw_read(fd, WAIT_MS, "\"uid\":\"e2\"", NULL);
	ck_assert_ptr_null(strstr(reply, "\"e1\""));
	ck_assert_ptr_nonnull(strstr(reply, "\"e2\""));
	free(reply);
	close(fd);
	fd = listen_as("port-1", R(SECURITY), 1000000);  /* of another store: what comes from now on */
	free(raw_read(fd, WAIT_MS, "retry: ", NULL));
	world_event(&w, "e3", BOX, NULL);
	reply = raw_read(fd, WAIT_MS, "\"uid\":\"e3\"", NULL);
	ck_assert(strstr(reply, "\"e3\"") && !strstr(reply, "\"e2\""));
	free(reply);
	close(fd);
	close_all();
}
END_TEST

static int disable(struct db *db, void *context, struct error *error)
{
	struct subscription_row row;
	bool found;
	TRY(subscription_find(db, w.arena, context, &row, &found, error));
	return subscription_note(db, &row, 1000, true, error);
}

START_TEST(each_stream_shows_what_its_party_may_see)
{
	open_all();
	world_subscribe(&w, "s", "port-1", R(SECURITY), "https://receiver.example/", "");
	world_start(&w);
	int security = listen_as("port-1", R(SECURITY), 0), terminal = listen_as("terminal-1", R(TERMINAL), 0), provider = listen_as("provider-1", R(PROVIDER), 0),
	    stranger = listen_as("nobody-1", R(SECURITY), 0), admin = listen_as("admin-1", R(ADMIN), 0);
	world_notice(&w, "n1", "do_not_load", "restricted");
	must_succeed(store_write(w.store, disable, (void *)"s", error));
	world_event(&w, "last", BOX, NULL);
	char *reply = raw_read(security, WAIT_MS, "\"uid\":\"last\"", NULL);
	ck_assert(strstr(reply, "event: org.sealgate.notice.do_not_load\n") && strstr(reply, "event: org.sealgate.subscription.disabled\n"));
	free(reply);
	reply = raw_read(terminal, WAIT_MS, "\"uid\":\"last\"", NULL);
	ck_assert(strstr(reply, "event: org.sealgate.notice.hold\n") && strstr(reply, "\"last\""));
	ck_assert(!strstr(reply, "do_not_load") && !strstr(reply, "reason") && !strstr(reply, "subscription.disabled"));
	free(reply);
	reply = raw_read(provider, WAIT_MS, "\"uid\":\"last\"", NULL);
	ck_assert(strstr(reply, "\"last\"") && !strstr(reply, "notice.") && !strstr(reply, "subscription.disabled"));
	free(reply);
	reply = raw_read(admin, WAIT_MS, "\"uid\":\"last\"", NULL);
	ck_assert(strstr(reply, "notice.do_not_load") && strstr(reply, "event: org.sealgate.subscription.disabled\n"));
	free(reply);
	reply = raw_read(stranger, 100, NULL, NULL);
	ck_assert(strstr(reply, "retry: ") && !strstr(reply, "data:"));
	free(reply);
	int fds[] = { security, terminal, provider, stranger, admin };
	for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
		close(fds[i]);
	close_all();
}
END_TEST

START_TEST(a_quiet_stream_shows_signs_of_life)
{
	open_all();
	w.config.stream_beat_ms = 300;
	world_start(&w);
	int fd = listen_as("port-1", R(SECURITY), 1000000);
	char *reply = raw_read(fd, WAIT_MS, "\n:\n\n", NULL);
	ck_assert_ptr_nonnull(strstr(reply, "\n:\n\n"));
	free(reply);
	close(fd);
	close_all();
}
END_TEST

START_TEST(a_party_has_so_many_streams_and_one_that_goes_makes_room)
{
	open_all();
	w.config.streams_per_party = 2;
	w.config.stream_beat_ms = 50;
	world_start(&w);
	int one = listen_as("port-1", R(SECURITY), 0), two = listen_as("port-1", R(SECURITY), 0);
	free(raw_read(one, WAIT_MS, "retry: ", NULL));
	free(raw_read(two, WAIT_MS, "retry: ", NULL));
	int three = listen_as("port-1", R(SECURITY), 0), other = listen_as("terminal-1", R(TERMINAL), 0);
	char *reply = raw_read(three, WAIT_MS, "}", NULL);
	ck_assert_int_eq(raw_status(reply), 429);
	ck_assert_ptr_nonnull(strstr(reply, "Retry-After: "));
	free(reply);
	reply = raw_read(other, WAIT_MS, "retry: ", NULL);
	ck_assert_int_eq(raw_status(reply), 200);
	free(reply);
	close(one);
	close(three);
	for (int i = 0; i < 300 && world_measure(&w, "stream_clients") > 2; i++)
		usleep(10000);
	three = listen_as("port-1", R(SECURITY), 0);
	reply = raw_read(three, WAIT_MS, "retry: ", NULL);
	ck_assert_int_eq(raw_status(reply), 200);
	free(reply);
	close(two);
	close(three);
	close(other);
	close_all();
}
END_TEST

START_TEST(a_long_past_comes_whole_to_who_reads_and_who_does_not_is_dropped)
{
	static char extra[60000];
	char id[10];
	enum { EVENTS = 200 };  /* 12 MB: more than server and kernel hold for a client */
	memset(extra, 'x', sizeof extra - 1);
	open_all();
	w.config.stream_stuck_ms = 2000;  /* longer than a reader under a sanitizer stands still */
	for (int i = 0; i < EVENTS; i++) {
		snprintf(id, sizeof id, "e%d", i);
		world_event(&w, id, BOX, extra);
	}
	world_start(&w);
	int lazy = listen_as("port-1", R(SECURITY), 0), reader = listen_as("port-1", R(SECURITY), 0);
	snprintf(id, sizeof id, "e%d", EVENTS - 1);
	char wanted[40];
	snprintf(wanted, sizeof wanted, "\"uid\":\"%s\"", id);
	char *reply = raw_read(reader, 2 * WAIT_MS, wanted, NULL);
	int64_t before = 0;
	for (int i = 0; i < EVENTS; i++) {
		snprintf(id, sizeof id, "e%d", i);
		int64_t number = id_of(reply, id);
		ck_assert_int_gt(number, before);
		before = number;
	}
	ck_assert_uint_eq(raw_count(reply, "event: org.sealgate.event.received\n"), EVENTS);
	free(reply);
	for (int i = 0; i < 3000 && world_measure(&w, "stream_dropped_total") == 0; i++)
		usleep(10000);
	ck_assert_int_eq(world_measure(&w, "stream_dropped_total"), 1);
	world_event(&w, "last", BOX, NULL);
	reply = raw_read(reader, WAIT_MS, "\"uid\":\"last\"", NULL);
	ck_assert_ptr_nonnull(strstr(reply, "\"last\""));
	free(reply);
	close(lazy);
	close(reader);
	close_all();
}
END_TEST

START_TEST(a_stop_ends_streams_and_takes_no_more)
{
	open_all();
	world_start(&w);
	int fd = listen_as("port-1", R(SECURITY), 0);
	free(raw_read(fd, WAIT_MS, "retry: ", NULL));
	world_stop(&w);
	bool closed = false;
	char *reply = raw_read(fd, WAIT_MS, "\r\n0\r\n\r\n", &closed);
	ck_assert(closed || strstr(reply, "0\r\n\r\n"));
	free(reply);
	close(fd);
	close_all();
}
END_TEST

SUITE("stream", events_come_and_a_client_resumes_behind_the_last_it_has, each_stream_shows_what_its_party_may_see, a_quiet_stream_shows_signs_of_life,
      a_party_has_so_many_streams_and_one_that_goes_makes_room, a_long_past_comes_whole_to_who_reads_and_who_does_not_is_dropped,
      a_stop_ends_streams_and_takes_no_more)
