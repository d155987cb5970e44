/* Events that come in by a provider's mapping, over HTTP and into a store: the good ones are stored, each bad one is told of
 * by index, and by what the provider calls the member. */
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "receive/receive.h"
#include "store/event.h"
#include "support/folder.h"
#include "support/raw_http.h"
#include "support/suite.h"

static int identified(void *context, const struct http_request *request, struct caller *caller_r, struct error *error)
{
	(void)context, (void)request, (void)error;
	*caller_r = (struct caller){ .party = "provider-1", .roles = 1u << ROLE_PROVIDER, .token = "t" };
	return 0;
}

static int vouched(void *context, const struct provider *provider, const struct http_request *request, struct error *error)
{
	(void)context, (void)provider, (void)request, (void)error;
	return 0;
}

static const struct party party = { .name = "provider-1" };
static const struct provider providers[] = {
	{ .name = "tracker", .party = "provider-1", .mapping = "providers/schenker-tracker", .interval_ms = 3600000 },
	{ .name = "carrier", .party = "provider-1", .mapping = "providers/dcsa-iot-1.0", .interval_ms = 3600000 },
	{ .name = "plain", .party = "provider-1", .mapping = "providers/native", .interval_ms = 3600000 },
};

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
	g->settings = (struct settings){ .address = "127.0.0.1", .connections = 16, .connections_per_address = 16, .body_limit = 1 << 20,
		                         .header_limit = 16 << 10, .request_ms = 10000, .parties = &party, .party_count = 1,
		                         .providers = providers, .provider_count = 3 };
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
static struct json *post(struct gateway *g, const char *provider, const char *body, int status)
{
	const char *request = arena_printf(g->arena, "POST /v1/providers/%s/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\n"
	                                   "Content-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
	                                   provider, strlen(body), body);
	char *reply = raw_exchange(receive_port(g->receive), request, strlen(request), 5000);
	const char *text = strstr(reply, "\r\n\r\n");
	if (raw_status(reply) != status || !text)
		ck_abort_msg("%s: %s", body, reply);
	struct json *json;
	must_succeed(json_parse(g->arena, bytes_of_text(arena_text(g->arena, text + 4)), NULL, &json, error));
	free(reply);
	return json;
}

static const char *scalar(const struct json *json, const char *path)
{
	const char *text = json_scalar(json_path(json, path));
	return text ? text : "(nothing)";
}

static bool says(const struct json *json, const char *path, const char *wanted)
{
	const struct json *part = json_path(json, path);
	BUFFER_AUTO text = { 0 };
	if (part)
		json_write(&text, part, JSON_COMPACT);
	return part && strstr(buffer_text(&text), wanted);
}

START_TEST(good_rows_are_stored_and_bad_ones_told)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	static const char rows[] = "{\"device\":\"d-1\",\"rows\":[{\"time_utc\":\"2016-02-03T01:48:21Z\",\"door\":\"1\"},{\"door\":\"1\"},"
				   "{\"time_utc\":\"noon\",\"door\":\"0\"},5,{\"time_utc\":\"2016-02-03T01:50:00Z\",\"door\":\"0\"}]}";
	struct json *answer = post(&g, "tracker", rows, 200);
	ck_assert_str_eq(scalar(answer, "stored"), "2");
	ck_assert_str_eq(scalar(answer, "refused"), "3");
	ck_assert(says(answer, "results.1.problem", "rows.1.time_utc"));
	ck_assert(says(answer, "results.2.problem", "\"noon\\\""));
	ck_assert(says(answer, "results.2.problem", "rows.2.time_utc"));
	ck_assert(says(answer, "results.3.problem", "rows.3.time_utc"));
	ck_assert_str_eq(scalar(answer, "results.4.status"), "201");
	answer = post(&g, "tracker", rows, 200);  /* the same rows have the same ids */
	ck_assert_str_eq(scalar(answer, "stored"), "0");
	ck_assert_str_eq(scalar(answer, "repeated"), "2");
	(void)post(&g, "tracker", "{\"device\":\"d-1\"}", 422);
	(void)post(&g, "tracker", "{\"device\":\"d-1\",\"rows\":[{}]}", 422);
	gateway_stop(&g);
}
END_TEST

struct stored {
	struct arena *arena;
	struct event_row rows[2];
	bool found[2];
};

static int read_both(struct db *db, void *context, struct error *error)
{
	struct stored *s = context;
	TRY(event_find_provider(db, s->arena, "carrier", "e-1", &s->rows[0], &s->found[0], error));
	return event_find_provider(db, s->arena, "carrier", "e-2", &s->rows[1], &s->found[1], error);
}

/* It is about the container of what it takes back, which is looked at again. */
START_TEST(a_retraction_needs_no_container)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	(void)post(&g, "carrier", "{\"metadata\":{\"eventID\":\"e-1\",\"eventCreatedDateTime\":\"2016-02-03T02:00:00Z\"},\"payload\":{"
	           "\"eventClassifierCode\":\"ACT\",\"eventDateTime\":\"2016-02-03T01:48:21Z\",\"iotEventCode\":\"DRO\",\"equipmentReference\":\"CSQU3054383\"}}", 200);
	struct json *answer = post(&g, "carrier", "{\"metadata\":{\"eventID\":\"e-2\",\"eventCreatedDateTime\":\"2016-02-03T03:00:00Z\","
	                           "\"retractedEventID\":\"e-1\"}}", 200);
	ck_assert_str_eq(scalar(answer, "results.0.status"), "201");
	struct stored stored = { .arena = g.arena };
	must_succeed(store_read(g.store, read_both, &stored, error));
	ck_assert(stored.found[0] && stored.found[1]);
	ck_assert_int_eq(stored.rows[0].status, STATUS_RETRACTED);
	ck_assert_str_eq(stored.rows[1].container, "CSQU3054383");
	gateway_stop(&g);
}
END_TEST

/* Once ended the process: a device that is no object, where the provider has an interval of its own. */
START_TEST(members_of_the_wrong_shape_are_refused)
{
	FOLDER(folder);
	struct gateway g;
	gateway_start(&g, folder);
	static const char *const devices[] = { "5", "\"d-1\"", "[]", "true" };
	for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
		struct json *answer = post(&g, "plain", arena_printf(g.arena, "{\"id\":\"e\",\"type\":\"status\",\"time\":\"2016-02-03T01:48:21Z\","
		                                                     "\"container\":\"CSQU3054383\",\"device\":%s}", devices[i]), 422);
		ck_assert(says(answer, "field", "/device"));
	}
	gateway_stop(&g);
}
END_TEST

SUITE("received events", good_rows_are_stored_and_bad_ones_told, a_retraction_needs_no_container, members_of_the_wrong_shape_are_refused)
