/* Over HTTP: what parties may file and see, and what an answer says where it says no. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "receive/call.h"
#include "support/folder.h"
#include "support/raw_http.h"
#include "support/suite.h"

#define BOX "CSQU3054383"

static const struct { const char *party; enum role role; } keys[] = {
	{ "carrier-1", ROLE_CARRIER }, { "broker-1", ROLE_BROKER }, { "broker-2", ROLE_BROKER }, { "provider-1", ROLE_PROVIDER }, { "admin-1", ROLE_ADMIN },
};

static int identified(void *context, const struct http_request *request, struct caller *caller_r, struct error *error)
{
	(void)context;
	for (size_t i = 0; http_request_header(request, "Authorization") && i < sizeof keys / sizeof *keys; i++)
		if (text_equal(http_request_header(request, "Authorization"), keys[i].party)) {
			*caller_r = (struct caller){ keys[i].party, 1u << keys[i].role, "t" };
			return 0;
		}
	FAIL(error, UNAUTHENTICATED, "nobody");
}

static int vouched(void *context, const struct provider *provider, const struct http_request *request, struct error *error)
{
	(void)context, (void)provider, (void)request, (void)error;
	return 0;
}

static const struct party parties[] = { { .name = "carrier-1" }, { .name = "broker-1" }, { .name = "broker-2" }, { .name = "provider-1" }, { .name = "admin-1" } };
static const struct provider provider = { .name = "tracker", .party = "provider-1", .mapping = "providers/native" };

struct gateway {
	struct arena *arena;
	struct settings settings;
	struct store *store;
	struct map_set *set;
	struct receive *receive;
	const char *head;            /* of the last answer */
};

static void gateway_stop(struct gateway *g)
{
	receive_stop(&g->receive);
	store_close(&g->store);
	map_set_free(&g->set);
	arena_free(&g->arena);
}

static void gateway_start(struct gateway *g, const char *folder)
{
	g->arena = arena_new();
	g->settings = (struct settings){ .address = "127.0.0.1", .connections = 16, .connections_per_address = 16, .body_limit = 1 << 20,
		                         .header_limit = 16 << 10, .request_ms = 10000, .parties = parties, .party_count = 5, .providers = &provider,
		                         .provider_count = 1 };
	disclosure_default(&g->settings.disclosure);
	must_succeed(store_open(folder, NULL, &g->store, error));
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", g->arena, NULL, &g->set, error));
	struct receive_config config = { .settings = &g->settings, .store = g->store, .set = g->set, .threads = 2,
		                         .hooks = { .identified = identified, .vouched = vouched } };
	must_succeed(receive_start(&config, &g->receive, error));
}

#define GATEWAY(g)                                                         \
	FOLDER(folder);                                                    \
	__attribute__((cleanup(gateway_stop))) struct gateway g = { 0 };   \
	gateway_start(&g, folder)

/* "PUT /v1/..." as this party (NULL: nobody); the answer's status must be that. */
static struct json *ask(struct gateway *g, const char *party, const char *line, const char *type, const char *body, int status)
{
	const char *request = arena_printf(g->arena, "%s HTTP/1.1\r\nHost: localhost\r\n%s%s%s%s%s%sContent-Length: %zu\r\nConnection: close\r\n\r\n%s", line,
	                                   party ? "Authorization: " : "", party ? party : "", party ? "\r\n" : "", type ? "Content-Type: " : "",
	                                   type ? type : "", type ? "\r\n" : "", body ? strlen(body) : (size_t)0, body ? body : "");
	char *reply = raw_exchange(receive_port(g->receive), request, strlen(request), 5000);
	const char *text = strstr(reply, "\r\n\r\n");
	if (raw_status(reply) != status || !text)
		ck_abort_msg("%s %s: %s", line, body ? body : "", reply);
	g->head = arena_text_n(g->arena, reply, (size_t)(text - reply) + 2);
	struct json *json = NULL;
	if (text[4])
		must_succeed(json_parse(g->arena, bytes_of_text(arena_text(g->arena, text + 4)), NULL, &json, error));
	free(reply);
	return json;
}

static const char *part(struct gateway *g, const struct json *json, const char *path)
{
	const struct json *at = json_path(json, path);
	return at ? json_to_text(g->arena, at, JSON_COMPACT) : "";
}

#define JOURNEY "{\"container\":\"" BOX "\",\"from\":\"2016-01-01T00:00:00Z\",\"until\":\"2016-06-01T00:00:00Z\",\"consignments\":[{\"may_see\":[\"broker-1\"]}]}"

START_TEST(whoever_asks_often_whether_it_is_ready_makes_one_write)
{
	GATEWAY(g);
	int64_t before = store_numbers(g.store).writes;
	for (int i = 0; i < 20; i++)
		ck_assert_str_eq(json_path_text(ask(&g, NULL, "GET /readyz", NULL, NULL, 200), "status"), "ready");
	int64_t writes = store_numbers(g.store).writes - before;
	ck_assert_msg(writes >= 1 && writes <= 5, "%lld writes", (long long)writes);  /* one, or one a second where the machine is slow */
}
END_TEST

START_TEST(a_refusal_says_what_would_do)
{
	GATEWAY(g);
	ask(&g, "admin-1", "DELETE /v1/journeys/J-1", NULL, NULL, 405);
	ck_assert_ptr_nonnull(strstr(g.head, "\r\nAllow: PUT, GET, HEAD\r\n"));
	ask(&g, "admin-1", "PUT /healthz", "application/json", "{}", 405);
	ck_assert_ptr_nonnull(strstr(g.head, "\r\nAllow: GET, HEAD\r\n"));
	ask(&g, NULL, "GET /v1/journeys/J-1", NULL, NULL, 401);
	ck_assert_ptr_nonnull(strstr(g.head, "\r\nWWW-Authenticate: Bearer\r\n"));
	ask(&g, "broker-2", "GET /v1/status", NULL, NULL, 403);
	ck_assert_ptr_null(strstr(g.head, "WWW-Authenticate"));
}
END_TEST

START_TEST(an_error_of_ours_in_a_list_keeps_its_words_to_itself)
{
	ARENA_AUTO arena = arena_new();
	struct http_request request = { .id = "r" };
	struct receive receive = { 0 };
	struct call call = { .receive = &receive, .arena = arena, .request = &request };
	struct error ours = { 0 }, theirs = { 0 };
	error_set(&ours, ERROR_INTERNAL, "table secret has no column x");
	error_in_field(&ours, "/a");
	error_set(&theirs, ERROR_BAD_FIELD, "\"time\" is no time");
	error_in_field(&theirs, "/time");
	ck_assert_ptr_null(strstr(json_to_text(arena, problem_json(&call, &ours), JSON_COMPACT), "secret"));
	ck_assert_ptr_null(json_find(problem_json(&call, &ours), "field"));
	ck_assert_str_eq(json_path_text(problem_json(&call, &theirs), "detail"), "\"time\" is no time");
	ck_assert_str_eq(json_path_text(problem_json(&call, &theirs), "field"), "/time");
	error_set(&theirs, ERROR_BAD_FIELD, "\"%.4s\" is no container", "\u65e5\u672c\u8a9e");  /* cut within a character */
	ck_assert_str_eq(json_path_text(problem_json(&call, &theirs), "detail"), "\"\u65e5?\" is no container");
}
END_TEST

START_TEST(journeys_come_a_line_each_and_keep_their_ids)
{
	GATEWAY(g);
	const struct json *out = ask(&g, "carrier-1", "POST /v1/journeys", "application/x-ndjson",
	                             "{\"id\":\"J-2016-first\",\"container\":\"" BOX "\",\"from\":\"2016-01-01T00:00:00Z\",\"until\":\"2016-02-01T00:00:00Z\"}\n"
	                             "{\"id\":\"J-2016-second\",\"container\":\"" BOX "\",\"from\":\"2016-03-01T00:00:00Z\"}\n{\"container\":1}\n", 200);
	ck_assert_str_eq(part(&g, out, "stored"), "2");
	ck_assert_str_eq(part(&g, out, "results.0.id"), "\"J-2016-first\"");
	ck_assert_str_eq(part(&g, out, "results.1.id"), "\"J-2016-second\"");
	ck_assert_str_eq(part(&g, out, "results.2.problem.field"), "\"/id\"");
	const struct json *first = ask(&g, "carrier-1", "GET /v1/journeys/J-2016-first", NULL, NULL, 200);
	ck_assert_str_eq(part(&g, first, "id"), "\"J-2016-first\"");
}
END_TEST

START_TEST(who_joins_a_journey_repeats_nothing_who_starts_one_says_it_all)
{
	GATEWAY(g);
	const struct json *no = ask(&g, "carrier-1", "PUT /v1/journeys/J-1", "application/json", "{\"from\":\"2016-01-01T00:00:00Z\"}", 422);
	ck_assert_str_eq(part(&g, no, "field"), "\"/container\"");
	no = ask(&g, "carrier-1", "PUT /v1/journeys/J-1", "application/json", "{\"container\":\"" BOX "\"}", 422);
	ck_assert_str_eq(part(&g, no, "field"), "\"/from\"");
	ask(&g, "carrier-1", "PUT /v1/journeys/J-1", "application/json",
	    "{\"container\":\"csqu 305438-3\",\"from\":\"2016-01-01T00:00:00Z\",\"consignments\":[{\"may_see\":[\"broker-1\"]}]}", 201);
	const struct json *joined = ask(&g, "broker-1", "PUT /v1/journeys/J-1", "application/json", "{\"size_type\":\"45G1\"}", 200);
	ck_assert_str_eq(part(&g, joined, "container"), "\"" BOX "\"");  /* as events have it */
	ck_assert_str_eq(part(&g, joined, "size_type"), "\"45G1\"");
	ck_assert_str_eq(part(&g, joined, "conflicts"), "");
	ask(&g, "broker-1", "PUT /v1/journeys/J-2", "application/json", "{\"size_type\":\"45G1\"}", 422);
	ask(&g, "broker-1", "PUT /v1/journeys/J-1", "application/json", "{\"container\":\"MSKU9070323\"}", 428);
}
END_TEST

#define EVENT(id, time) "{\"id\":\"" id "\",\"type\":\"door_opened\",\"time\":\"" time "\",\"container\":\"" BOX "\"}"

START_TEST(neither_cursor_nor_more_tells_of_what_is_hidden)
{
	GATEWAY(g);
	ask(&g, "carrier-1", "PUT /v1/journeys/J-1", "application/json", JOURNEY, 201);
	ask(&g, "provider-1", "POST /v1/events", NULL, EVENT("e-1", "2016-02-01T00:00:00Z"), 201);  /* nobody has to say what it is */
	const struct json *before = ask(&g, "broker-1", "GET /v1/events?container=" BOX "&limit=1", NULL, NULL, 200);
	ck_assert_str_eq(part(&g, before, "items.0.id"), "\"e-1\"");
	ck_assert_str_eq(part(&g, before, "more"), "false");
	/* one that is of no journey of the broker's */
	ask(&g, "provider-1", "POST /v1/events", "application/json", EVENT("e-2", "2016-08-01T00:00:00Z"), 201);
	const struct json *after = ask(&g, "broker-1", "GET /v1/events?container=" BOX "&limit=1", NULL, NULL, 200);
	ck_assert_uint_eq(json_count(json_find(after, "items")), 1);
	ck_assert_str_eq(part(&g, after, "more"), "false");
	/* the same page for who sees nothing, of whichever container: it tells how far the store is, and nothing of the container */
	const char *nothing = arena_text(g.arena, part(&g, ask(&g, "broker-2", "GET /v1/events?container=" BOX, NULL, NULL, 200), "cursor"));
	ck_assert_str_eq(part(&g, ask(&g, "broker-2", "GET /v1/events?container=MSKU9070323", NULL, NULL, 200), "cursor"), nothing);
	/* who sees all gets page after page */
	const struct json *page = ask(&g, "admin-1", "GET /v1/events?limit=1", NULL, NULL, 200);
	ck_assert_str_eq(part(&g, page, "items.0.id"), "\"e-1\"");
	ck_assert_str_eq(part(&g, page, "more"), "true");
	page = ask(&g, "admin-1", arena_printf(g.arena, "GET /v1/events?limit=1&cursor=%s", json_path_text(page, "cursor")), NULL, NULL, 200);
	ck_assert_str_eq(part(&g, page, "items.0.id"), "\"e-2\"");
	ck_assert_str_eq(part(&g, page, "more"), "false");
	page = ask(&g, "admin-1", arena_printf(g.arena, "GET /v1/events?cursor=%s", json_path_text(page, "cursor")), NULL, NULL, 200);
	ck_assert_uint_eq(json_count(json_find(page, "items")), 0);
	page = ask(&g, "admin-1", "GET /v1/events?order=latest&limit=1", NULL, NULL, 200);
	ck_assert_str_eq(part(&g, page, "items.0.id"), "\"e-2\"");
	page = ask(&g, "admin-1", arena_printf(g.arena, "GET /v1/events?order=latest&limit=1&cursor=%s", json_path_text(page, "cursor")), NULL, NULL, 200);
	ck_assert_str_eq(part(&g, page, "items.0.id"), "\"e-1\"");
	ck_assert_str_eq(part(&g, page, "more"), "false");
}
END_TEST

START_TEST(a_seal_is_reported_by_who_has_the_box_at_that_time)
{
	GATEWAY(g);
	ask(&g, "carrier-1", "PUT /v1/journeys/J-1", "application/json", JOURNEY, 201);
	ask(&g, "broker-1", "POST /v1/containers/" BOX "/seals", "application/json", "{\"number\":\"H1\",\"at\":\"2016-02-01T00:00:00Z\"}", 201);
	ask(&g, "broker-1", "POST /v1/containers/" BOX "/seals", "application/json", "{\"number\":\"H1\",\"at\":\"2016-08-01T00:00:00Z\"}", 403);
	ask(&g, "broker-2", "POST /v1/containers/" BOX "/seals", "application/json", "{\"number\":\"H1\",\"at\":\"2016-02-01T00:00:00Z\"}", 403);
}
END_TEST

/* ---- too much at once, and the end ---- */

static int held_up(struct db *db, void *gate, struct error *error)
{
	(void)db, (void)error;
	must(pthread_mutex_lock(gate) == 0 && pthread_mutex_unlock(gate) == 0);
	return 0;
}

static void let_go(void *gate, const struct error *error)
{
	(void)gate, (void)error;
}

static void until_queued(struct gateway *g, int64_t count)
{
	while (store_numbers(g->store).queued != count)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

static int event_begin(struct gateway *g, int number)
{
	const char *body = arena_printf(g->arena, EVENT("held-%d", "2016-02-02T00:00:00Z"), number);
	int fd = raw_connect(receive_port(g->receive));
	ck_assert_int_eq(raw_text(fd, arena_printf(g->arena, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: provider-1\r\n"
	                                           "Content-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", strlen(body), body)), 0);
	return fd;
}

static const char *metrics(struct gateway *g)
{
	const char *request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: admin-1\r\nConnection: close\r\n\r\n";
	char *reply = raw_exchange(receive_port(g->receive), request, strlen(request), 5000);
	const char *kept = arena_text(g->arena, reply);
	free(reply);
	return kept;
}

START_TEST(more_events_than_the_disk_takes_are_refused_and_others_are_served)
{
	GATEWAY(g);
	enum { MOST = 8 };  /* half of the connections */
	int fds[MOST];
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	ck_assert_int_eq(pthread_mutex_lock(&gate), 0);
	must_succeed(store_write_later(g.store, held_up, &gate, let_go, error));
	until_queued(&g, 0);
	for (int i = 0; i < MOST; i++) {
		fds[i] = event_begin(&g, i);
		until_queued(&g, i + 1);
	}
	const struct json *problem = ask(&g, "provider-1", "POST /v1/events", "application/json", EVENT("late", "2016-02-02T00:00:00Z"), 503);
	ck_assert_str_eq(json_path_text(problem, "type"), "urn:sealgate:problem:busy");
	ck_assert_ptr_nonnull(strstr(g.head, "Retry-After: 1"));
	ask(&g, NULL, "GET /healthz", NULL, NULL, 200);
	ask(&g, "carrier-1", "GET /v1/journeys", NULL, NULL, 200);
	ck_assert_int_eq(pthread_mutex_unlock(&gate), 0);
	for (int i = 0; i < MOST; i++) {
		char *reply = raw_read(fds[i], 20000, NULL, NULL);
		ck_assert_int_eq(raw_status(reply), 201);
		free(reply);
		close(fds[i]);
	}
	ask(&g, "provider-1", "POST /v1/events", "application/json", EVENT("late", "2016-02-02T00:00:00Z"), 201);
	ck_assert_ptr_nonnull(strstr(metrics(&g), "\nsealgate_refused_total{reason=\"busy\"} 1\n"));
}
END_TEST

START_TEST(refusals_are_counted_by_reason_those_in_a_list_too)
{
	GATEWAY(g);
	ck_assert_ptr_nonnull(strstr(metrics(&g), "\nsealgate_refused_total{reason=\"bad-json\"} 0\n"));
	ask(&g, "provider-1", "POST /v1/events", "application/json", "{", 400);
	ask(&g, NULL, "GET /v1/journeys", NULL, NULL, 401);
	ask(&g, "provider-1", "GET /v1/journeys", NULL, NULL, 403);
	ask(&g, "provider-1", "POST /v1/events", "application/x-ndjson", EVENT("n-1", "2016-02-02T00:00:00Z") "\n{\n{}\n", 200);
	const char *text = metrics(&g);
	ck_assert_ptr_nonnull(strstr(text, "\nsealgate_refused_total{reason=\"bad-json\"} 2\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nsealgate_refused_total{reason=\"missing-field\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nsealgate_refused_total{reason=\"unauthenticated\"} 1\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nsealgate_refused_total{reason=\"forbidden\"} 1\n"));
	ck_assert_uint_eq(raw_count(text, "\nsealgate_refused_total{"), ERROR_CODES - 1);
}
END_TEST

START_TEST(before_a_stop_it_is_not_ready_and_serves_everybody)
{
	GATEWAY(g);
	ask(&g, NULL, "GET /readyz", NULL, NULL, 200);
	receive_drain(g.receive);
	ck_assert_str_eq(json_path_text(ask(&g, NULL, "GET /readyz", NULL, NULL, 503), "type"), "urn:sealgate:problem:stopping");
	ask(&g, NULL, "GET /healthz", NULL, NULL, 200);
	ask(&g, "provider-1", "POST /v1/events", "application/json", EVENT("d-1", "2016-02-02T00:00:00Z"), 201);
}
END_TEST

SUITE("receive parties", more_events_than_the_disk_takes_are_refused_and_others_are_served, refusals_are_counted_by_reason_those_in_a_list_too,
      before_a_stop_it_is_not_ready_and_serves_everybody, whoever_asks_often_whether_it_is_ready_makes_one_write, a_refusal_says_what_would_do, an_error_of_ours_in_a_list_keeps_its_words_to_itself, journeys_come_a_line_each_and_keep_their_ids,
      who_joins_a_journey_repeats_nothing_who_starts_one_says_it_all, neither_cursor_nor_more_tells_of_what_is_hidden,
      a_seal_is_reported_by_who_has_the_box_at_that_time)
