/* Health, figures, the stream, customs' notifications, and the clock of a played voyage. */
#include <stdatomic.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "receive/call.h"

int health_get(struct call *call)
{
	struct json *out = json_new_object(call->arena);
	json_set_text(call->arena, out, "status", "alive");
	json_set_text(call->arena, out, "version", SEALGATE_VERSION);
	return answer_json(call, 200, out);
}

static int touch(struct db *db, void *context, struct error *error)
{
	(void)context;
	return meta_set(db, "ready", "yes", error);
}

#define PROBE_MS 1000

/* Ready is: a write reaches the disk. Anybody may ask: one write answers all who ask within a second of it. */
int ready_get(struct call *call)
{
	struct json *out = json_new_object(call->arena);
	if (atomic_load(&call->receive->drains))
		FAIL(call->error, STOPPING, "the gateway is about to stop: what comes next is for another one");
	int64_t now = clock_mono_ms(), probed = atomic_load(&call->receive->probed_ms);
	if (!probed || now - probed >= PROBE_MS) {
		TRY(call_write(call, touch));
		atomic_store(&call->receive->probed_ms, now);
	}
	json_set_text(call->arena, out, "status", "ready");
	json_set_text(call->arena, out, "mapping_set", map_set_digest(call->receive->config.set));
	return answer_json(call, 200, out);
}

int openapi_get(struct call *call)
{
	if (!call->receive->openapi)
		FAIL(call->error, NOT_FOUND, "the description of the interface is not installed");
	http_answer(call->request, 200, "application/json", bytes_of_text(call->receive->openapi));
	return 0;
}

struct counting {
	struct call *call;
	struct count_item *items;
	size_t count;
	struct pending pending;
};

static int counts_read(struct db *db, void *context, struct error *error)
{
	struct counting *c = context;
	TRY(pending_count(db, clock_now_ms(), &c->pending, error));
	return count_all(db, c->call->arena, &c->items, &c->count, error);
}

static void measure(struct buffer *out, const char *name, const char *help, const char *type, int64_t value)
{
	buffer_printf(out, "# HELP sealgate_%s %s\n# TYPE sealgate_%s %s\nsealgate_%s %lld\n", name, help, name, type, name, (long long)value);
}

/* Each reason is there from the start: a rate needs the zero before the first. */
static void refused_measure(const struct receive *receive, const struct http_server_counters *http, struct buffer *out)
{
	buffer_add_text(out, "# HELP sealgate_refused_total Requests, and items of a list, that were answered by a problem, by its type\n"
	                     "# TYPE sealgate_refused_total counter\n");
	for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODES; code++)
		buffer_printf(out, "sealgate_refused_total{reason=\"%s\"} %lld\n", error_slug(code),
		              (long long)http->refused[code] + (long long)atomic_load(&receive->refused[code]));
}

int metrics_get(struct call *call)
{
	struct counting c = { .call = call };
	struct store_numbers store = store_numbers(call->receive->config.store);
	struct http_server_counters http;
	BUFFER_AUTO out = { 0 };
	TRY(store_read(call->receive->config.store, counts_read, &c, call->error));
	buffer_add_text(&out, "# HELP sealgate_stored Things in the store, by kind and state\n# TYPE sealgate_stored gauge\n");
	for (size_t i = 0; i < c.count; i++) {
		size_t n = strcspn(c.items[i].name, ".");
		const char *state = c.items[i].name[n] ? c.items[i].name + n + 1 : "";
		buffer_printf(&out, "sealgate_stored{kind=\"%.*s\",state=\"%s\"} %lld\n", (int)n, c.items[i].name, state, (long long)c.items[i].count);
	}
	measure(&out, "store_queue", "Writes that wait for the committer", "gauge", store.queued);
	measure(&out, "store_batches_total", "Commits", "counter", store.batches);
	measure(&out, "store_writes_total", "Writes", "counter", store.writes);
	measure(&out, "store_failed_total", "Writes that failed", "counter", store.failed);
	measure(&out, "requests_waiting", "Requests that wait for a worker", "gauge", (int64_t)jobs_waiting(call->receive->jobs));
	http_server_count(call->receive->server, &http);
	measure(&out, "http_connections_total", "Connections since the start", "counter", (int64_t)http.connections);
	measure(&out, "http_requests_total", "Requests since the start", "counter", (int64_t)http.requests);
	measure(&out, "http_guarded_total", "Requests that the guard refused", "counter", (int64_t)http.guarded);
	measure(&out, "http_refused_total", "Requests that were not admitted", "counter", (int64_t)http.not_admitted);
	measure(&out, "http_cut_total", "Connections cut for being slow", "counter", (int64_t)http.cut);
	measure(&out, "http_connections", "Connections now", "gauge", (int64_t)http.connections_now);
	measure(&out, "http_streams", "Streams now", "gauge", (int64_t)http.streams_now);
	refused_measure(call->receive, &http, &out);
	if (call->receive->config.hooks.measured)
		call->receive->config.hooks.measured(call->receive->config.hooks.context, &out);
	http_answer_owned(call->request, 200, "text/plain; version=0.0.4; charset=utf-8", &out);
	return 0;
}

int status_get(struct call *call)
{
	struct counting c = { .call = call };
	struct json *out = json_new_object(call->arena), *stored = json_new_object(call->arena);
	char time[CLOCK_TEXT_SIZE];
	TRY(store_read(call->receive->config.store, counts_read, &c, call->error));
	json_set_text(call->arena, out, "version", SEALGATE_VERSION);
	json_set_text(call->arena, out, "time", clock_format(clock_now_ms(), time));
	json_set_text(call->arena, out, "mapping_set", map_set_digest(call->receive->config.set));
	json_set_bool(call->arena, out, "delivery_held", store_delivery_held(call->receive->config.store));
	json_set_integer(call->arena, out, "last_record", store_sealed_number(call->receive->config.store));
	for (size_t i = 0; i < c.count; i++)
		json_set_integer(call->arena, stored, c.items[i].name, c.items[i].count);
	json_set(out, "stored", stored);
	struct json *pending = json_new_object(call->arena);
	json_set_integer(call->arena, pending, "containers", c.pending.containers);
	json_set_integer(call->arena, pending, "messages", c.pending.messages);
	json_set_integer(call->arena, pending, "deliveries", c.pending.deliveries);
	json_set_integer(call->arena, pending, "unanswered", c.pending.unanswered);
	json_set(out, "pending", pending);
	struct json *troubles = json_new_array(call->arena);
	const struct receive_hooks *hooks = &call->receive->config.hooks;
	if (hooks->troubled)
		TRY(hooks->troubled(hooks->context, call->arena, troubles, call->error));
	json_set(out, "troubles", troubles);
	return answer_json(call, 200, out);
}

int stream_get(struct call *call)
{
	const char *last = http_request_header(call->request, "Last-Event-ID");
	int64_t number = store_sealed_number(call->receive->config.store);
	const struct receive_hooks *hooks = &call->receive->config.hooks;
	if (!last)
		last = call_parameter(call, "after");
	if (last && text_integer(last, 0, INT64_MAX, &number, call->error) < 0)
		FAIL(call->error, BAD_FIELD, "Last-Event-ID is the id of an event of this stream");
	if (!hooks->streamed)
		FAIL(call->error, NOT_FOUND, "this gateway has no stream");
	hooks->streamed(hooks->context, call->request, &call->viewer, number);
	return 0;
}

/* Customs push to us. What came is on disk before the 200. */
int notification_post(struct call *call)
{
	const struct receive_hooks *hooks = &call->receive->config.hooks;
	struct json *answer = NULL;
	struct notification n = { .peer = call_segment(call, 1), .body = call->request->body,
		                  .content_type = http_request_header(call->request, "Content-Type"),
		                  .authorization = http_request_header(call->request, "Authorization"),
		                  .conversation = http_request_header(call->request, "X-Conversation-ID"),
		                  .signature = http_request_header(call->request, "Sealgate-Signature") };
	if (!hooks->notified)
		FAIL(call->error, NOT_FOUND, "this gateway takes no notifications");
	TRY(hooks->notified(hooks->context, &n, call->arena, &answer, call->error));
	return answer_json(call, 200, answer ? answer : json_new_object(call->arena));
}

/* ---- the clock of a played voyage ---- */

#define PLAYED_LATEST INT64_C(7258118400000)  /* 2200-01-01: the clock goes on from there, and years have four digits */

static int clock_shown(struct call *call)
{
	struct json *out = json_new_object(call->arena);
	char time[CLOCK_TEXT_SIZE];
	json_set_text(call->arena, out, "time", clock_format(clock_now_ms(), time));
	json_set_bool(call->arena, out, "played", call->receive->config.play);
	return answer_json(call, 200, out);
}

int clock_get(struct call *call)
{
	return clock_shown(call);
}

static int clock_keep(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	return meta_set(db, "clock", call->id, error);
}

int clock_put(struct call *call)
{
	int64_t ms;
	if (!call->receive->config.play)
		FAIL(call->error, FORBIDDEN, "the clock stands still only in a gateway that was started with --play-clock");
	TRY(call_parse(call, &call->in));
	call->id = json_path_text(call->in, "time");
	if (!call->id || clock_parse(call->id, &ms, call->error) < 0 || ms >= PLAYED_LATEST) {
		error_set(call->error, ERROR_BAD_FIELD, "\"time\" is the time that it shall be, such as 2016-02-03T01:48:21Z, before the year 2200");
		return error_in_field(call->error, "/time");
	}
	TRY(call_write(call, clock_keep));
	clock_play(ms);
	return clock_shown(call);
}
