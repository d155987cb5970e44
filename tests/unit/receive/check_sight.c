/* Who sees what over HTTP: nobody learns what the disclosure matrix keeps from him by a filter, a cursor, a count, an original,
 * a journey of his own or a name that somebody else gave up. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "receive/receive.h"
#include "store/body.h"
#include "store/subscription.h"
#include "support/folder.h"
#include "support/raw_http.h"
#include "support/suite.h"

#define BOX "CSQU3054383"

/* "Bearer <party>": the role is the party's name up to the hyphen. */
static int identified(void *context, const struct http_request *request, struct caller *caller_r, struct error *error)
{
	enum role role;
	const char *party = http_request_header(request, "Authorization") + strlen("Bearer ");
	(void)context, (void)error;
	must(role_find(arena_text_n(request->arena, party, strcspn(party, "-")), &role));
	*caller_r = (struct caller){ .party = arena_text(request->arena, party), .roles = 1u << role, .token = "t" };
	return 0;
}

static int vouched(void *context, const struct provider *provider, const struct http_request *request, struct error *error)
{
	(void)context, (void)provider, (void)request, (void)error;
	return 0;
}

static const struct party parties[] = { { .name = "security-1" }, { .name = "broker-1" }, { .name = "terminal-1" }, { .name = "carrier-1" },
					 { .name = "admin-1" }, { .name = "provider-1" } };
static const struct provider provider = { .name = "tracker", .party = "provider-1", .mapping = "providers/native", .interval_ms = 3600000 };

struct gateway {
	struct arena *arena;
	struct settings settings;
	struct store *store;
	struct map_set *set;
	struct receive *receive;
};

static void gateway_start(struct gateway *g, const char *folder)
{
	g->arena = arena_new();
	must_succeed(store_open(folder, NULL, &g->store, error));
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", g->arena, NULL, &g->set, error));
	g->settings = (struct settings){ .address = "127.0.0.1", .uri = "https://gateway.example/", .connections = 16, .connections_per_address = 16,
		                         .body_limit = 1 << 20, .header_limit = 16 << 10, .request_ms = 10000, .parties = parties, .party_count = 6,
		                         .providers = &provider, .provider_count = 1 };
	disclosure_default(&g->settings.disclosure);
	struct receive_config config = { .settings = &g->settings, .store = g->store, .set = g->set, .threads = 2,
		                         .hooks = { .identified = identified, .vouched = vouched } };
	must_succeed(receive_start(&config, &g->receive, error));
}

static void gateway_stop(struct gateway *g)
{
	receive_stop(&g->receive);
	store_close(&g->store);
	map_set_free(&g->set);
	arena_free(&g->arena);
}

/* The answer's body; its status must be that. */
static const char *ask(struct gateway *g, const char *party, const char *method, const char *target, const char *body, int status)
{
	const char *request = arena_printf(g->arena, "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
	                                   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s", method, target, party, strlen(body), body);
	if (!*body && !text_equal(method, "POST"))
		request = arena_printf(g->arena, "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n", method, target, party);
	char *reply = raw_exchange(receive_port(g->receive), request, strlen(request), 5000);
	const char *text = strstr(reply, "\r\n\r\n");
	if (raw_status(reply) != status || !text)
		ck_abort_msg("%s %s by %s, %d wanted: %s", method, target, party, status, reply);
	text = arena_text(g->arena, text + 4);
	free(reply);
	return text;
}

static void check_says(const char *text, const char *wanted, bool says)
{
	if ((strstr(text, wanted) != NULL) != says)
		ck_abort_msg("\"%s\" is %s: %s", wanted, says ? "missing" : "told", text);
}

#define TIMES "\"from\":\"2016-02-01T00:00:00Z\",\"until\":\"2016-03-05T00:00:00Z\""

static void journey_file(struct gateway *g)
{
	static const char journey[] = "{\"container\":\"csqu 305438-3\"," TIMES ",\"consignments\":["
		"{\"references\":[{\"type\":\"355\",\"id\":\"FIRST\"}],\"may_see\":[\"broker-1\"]},"
		"{\"references\":[{\"type\":\"705\",\"id\":\"SECOND\"}],\"may_see\":[\"terminal-1\",\"carrier-1\"]}]}";
	check_says(ask(g, "security-1", "PUT", "/v1/journeys/J-1", journey, 201), "\"" BOX "\"", true);
}

#define AT INT64_C(1454464101000) /* 2016-02-03T01:48:21Z */

static int things_add(struct db *db, void *context, struct error *error)
{
	struct arena *arena = context;
	enum store_outcome outcome;
	const char *body;
	TRY(body_put(db, arena, bytes_of_text("<tells of=\"SECOND\"/>"), "application/xml", &body, error));
	struct finding_row finding = { .id = "f-1", .container = BOX, .journey = "J-1", .rule = "opening", .code = "F-OPENING", .severity = "high", .time = AT,
		                       .cause = "c-1", .content = "{\"id\":\"f-1\",\"code\":\"F-OPENING\"}", .closed = CLOCK_NONE }, stored;
	struct message_row message = { .id = "SG1", .agreement = "peer", .kind = "integrity-report", .cause = "c-1", .container = BOX, .journey = "J-1",
		                       .state = MESSAGE_READY, .document = body, .content_type = "application/xml", .headers = "{}",
		                       .input = "{\"references\":[{\"id\":\"SECOND\"}]}", .set_digest = "x", .marks = "[]", .created = AT, .due = CLOCK_NONE,
		                       .first_try = CLOCK_NONE, .held_since = CLOCK_NONE, .signer_until = CLOCK_NONE };
	struct notice_row notice = { .id = "n-1", .kind = "control", .peer = "peer", .document = "d-1", .message = "SG1", .container = BOX, .journey = "J-1",
		                     .received = AT, .disclosure = "restricted", .content = "{\"kind\":\"control\",\"container\":\"" BOX "\"}",
		                     .acknowledged = CLOCK_NONE, .lifted = CLOCK_NONE, .escalate = CLOCK_NONE };
	TRY(finding_add(db, arena, &finding, &outcome, &stored, error));
	TRY(message_add(db, arena, &message, &outcome, error));
	return notice_add(db, &notice, error);
}

/* Lists and cursors go by sealed numbers only. */
static void things_put(struct gateway *g)
{
	must_succeed(store_write(g->store, things_add, g->arena, error));
	for (int i = 0; i < 100 && !strstr(ask(g, "admin-1", "GET", "/v1/notices", "", 200), "n-1"); i++)
		usleep(20000);
}

START_TEST(filters_see_what_the_caller_sees)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	journey_file(&g);
	things_put(&g);
	check_says(ask(&g, "security-1", "GET", "/v1/notices?kind=control", "", 200), "n-1", true);
	check_says(ask(&g, "security-1", "GET", "/v1/notices?kind=hold", "", 200), "n-1", false);
	check_says(ask(&g, "terminal-1", "GET", "/v1/notices?kind=control", "", 200), "n-1", false);
	check_says(ask(&g, "terminal-1", "GET", "/v1/notices?kind=hold", "", 200), "n-1", true);
	check_says(ask(&g, "terminal-1", "GET", "/v1/findings?code=F-OPENING", "", 200), "f-1", false);
	check_says(ask(&g, "terminal-1", "GET", "/v1/findings", "", 200), "f-1", true);
	gateway_stop(&g);
}
END_TEST

START_TEST(a_cursor_does_not_move_over_what_is_hidden)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	journey_file(&g);
	const char *before = ask(&g, "carrier-1", "GET", "/v1/notices?container=" BOX, "", 200);
	things_put(&g);
	ck_assert_str_eq(ask(&g, "carrier-1", "GET", "/v1/notices?container=" BOX, "", 200), before);
	ck_assert_str_eq(ask(&g, "carrier-1", "GET", "/v1/findings?limit=1", "", 200), before);
	ck_assert_str_eq(ask(&g, "carrier-1", "GET", "/v1/messages?state=ready", "", 200), before);
	check_says(ask(&g, "security-1", "GET", "/v1/notices?limit=1", "", 200), "\"more\":false", true);
	check_says(ask(&g, "security-1", "GET", "/v1/notices?limit=1", "", 200), "\"cursor\":\"0\"", false);
	gateway_stop(&g);
}
END_TEST

START_TEST(originals_are_for_who_sees_all_of_the_journey)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	journey_file(&g);
	things_put(&g);
	check_says(ask(&g, "security-1", "GET", "/v1/messages/SG1/document", "", 200), "SECOND", true);
	check_says(ask(&g, "broker-1", "GET", "/v1/journeys/J-1", "", 200), "SECOND", false);
	check_says(ask(&g, "broker-1", "GET", "/v1/messages/SG1", "", 200), "SG1", true);
	check_says(ask(&g, "broker-1", "GET", "/v1/messages/SG1/document", "", 403), "SECOND", false);
	check_says(ask(&g, "broker-1", "GET", "/v1/messages/SG1/input", "", 403), "SECOND", false);
	check_says(ask(&g, "broker-1", "GET", "/v1/messages/SG1/explain", "", 403), "SECOND", false);
	gateway_stop(&g);
}
END_TEST

/* Anybody who may file can file a journey of last year. */
START_TEST(a_journey_of_another_time_opens_nothing)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	static const char event[] = "{\"id\":\"e-1\",\"type\":\"door_opened\",\"time\":\"2016-02-03T01:48:21Z\",\"container\":\"" BOX "\"}";
	static const char own[] = "{\"container\":\"" BOX "\",\"from\":\"2010-01-01T00:00:00Z\",\"until\":\"2010-02-01T00:00:00Z\"}";
	journey_file(&g);
	(void)ask(&g, "provider-1", "POST", "/v1/events", event, 201);
	(void)ask(&g, "carrier-9", "PUT", "/v1/journeys/J-2", own, 201);
	for (int i = 0; i < 100 && !strstr(ask(&g, "admin-1", "GET", "/v1/events", "", 200), "e-1"); i++)
		usleep(20000);
	check_says(ask(&g, "terminal-1", "GET", "/v1/events", "", 200), "e-1", true);
	check_says(ask(&g, "carrier-9", "GET", "/v1/events?container=" BOX, "", 200), "e-1", false);
	(void)ask(&g, "carrier-9", "POST", "/v1/containers/" BOX "/seals", "{\"number\":\"X\",\"at\":\"2016-02-03T00:00:00Z\"}", 403);
	(void)ask(&g, "terminal-1", "POST", "/v1/containers/" BOX "/seals", "{\"number\":\"X\",\"at\":\"2016-02-03T00:00:00Z\"}", 201);
	gateway_stop(&g);
}
END_TEST

static int delivered(struct db *db, void *context, struct error *error)
{
	(void)context;
	struct delivery_row row = { .id = "w-1", .subscription = "s-1", .record = 7, .type = "org.sealgate.notice.control", .container = BOX,
		                    .body = "{\"data\":{\"id\":\"n-1\"}}", .state = "sent", .attempts = 1, .first_try = AT, .due = CLOCK_NONE, .last_status = 200,
		                    .created = AT, .ended = AT };
	return delivery_add(db, &row, error);
}

START_TEST(a_name_given_up_takes_its_deliveries_along)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	static const char body[] = "{\"url\":\"https://hooks.example/x\"}";
	(void)ask(&g, "security-1", "PUT", "/v1/subscriptions/s-1", body, 201);
	must_succeed(store_write(g.store, delivered, NULL, error));
	check_says(ask(&g, "security-1", "GET", "/v1/deliveries", "", 200), "w-1", true);
	(void)ask(&g, "carrier-1", "PUT", "/v1/subscriptions/s-1", body, 403);
	(void)ask(&g, "security-1", "DELETE", "/v1/subscriptions/s-1", "", 204);
	(void)ask(&g, "carrier-1", "PUT", "/v1/subscriptions/s-1", body, 201);
	check_says(ask(&g, "carrier-1", "GET", "/v1/deliveries", "", 200), "w-1", false);
	(void)ask(&g, "carrier-1", "POST", "/v1/deliveries/w-1/redeliver", "", 404);
	check_says(ask(&g, "admin-1", "GET", "/v1/deliveries", "", 200), "w-1", true);
	gateway_stop(&g);
}
END_TEST

START_TEST(what_a_party_files_is_checked)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	static const char *const addresses[] = { "https://", "https://a b/", "https://x\\r\\nH: y/", "https://user:pw@localhost/", "file:///etc/passwd" };
	for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
		(void)ask(&g, "carrier-1", "PUT", "/v1/subscriptions/s", arena_printf(g.arena, "{\"url\":\"%s\"}", addresses[i]), 422);
	(void)ask(&g, "carrier-1", "PUT", "/v1/subscriptions/s", "{\"url\":\"https://a/\",\"types\":\"notice.control\"}", 422);
	(void)ask(&g, "carrier-1", "PUT", "/v1/subscriptions/s", "{\"url\":\"https://a/\",\"containers\":5}", 422);
	(void)ask(&g, "carrier-1", "PUT", "/v1/journeys/J", "{\"container\":true," TIMES "}", 422);
	(void)ask(&g, "carrier-1", "PUT", "/v1/journeys/J", "{\"container\":\"" BOX "\"," TIMES ",\"conflicts\":\"x\",\"owners\":5,\"size_type\":\"45G1\","
	          "\"consignments\":[{\"may_see\":[\"terminal-1\"]}]}", 201);
	check_says(ask(&g, "terminal-1", "PUT", "/v1/journeys/J", "{\"container\":\"" BOX "\"," TIMES ",\"size_type\":\"22G1\"}", 200), "\"conflicts\":[", true);
	(void)ask(&g, "carrier-1", "POST", "/v1/containers/" BOX "/seals",
	          arena_printf(g.arena, "{\"number\":\"X\",\"at\":\"2016-02-03T00:00:00Z\",\"evidence\":\"%0600d\"}", 0), 422);
	gateway_stop(&g);
}
END_TEST

SUITE("sight", filters_see_what_the_caller_sees, a_cursor_does_not_move_over_what_is_hidden, originals_are_for_who_sees_all_of_the_journey,
      a_journey_of_another_time_opens_nothing, a_name_given_up_takes_its_deliveries_along, what_a_party_files_is_checked)
