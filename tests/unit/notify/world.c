#include "world.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/id.h"
#include "lib/base/log.h"
#include "store/document.h"
#include "store/event.h"
#include "store/finding.h"
#include "store/journey.h"
#include "store/message.h"
#include "support/folder.h"

static const struct party parties[] = { { .name = "provider-1" }, { .name = "terminal-1" }, { .name = "port-1" }, { .name = "broker-1" } };
static const struct provider providers[] = { { .name = "tracker-1", .party = "provider-1" } };
static const char *const loopback[] = { "127.0.0.1", NULL };

static char *copy(const char *text)
{
	return strdup(text ? text : "");
}

static int answer_of(const char *path)
{
	static const char *const names[] = { "/ok", "/flaky", "/later", "/gone", "/moved", "/fail" };
	for (int i = 0; i < 6; i++)
		if (text_starts(path, names[i]))
			return i;
	return 0;
}

static void receive(void *context, struct http_request *request)
{
	struct world *w = context;
	int what = answer_of(request->path);
	pthread_mutex_lock(&w->lock);
	ck_assert_uint_lt(w->got_count, sizeof w->got / sizeof *w->got);
	w->got[w->got_count++] = (struct got){
		copy(request->path), copy(http_request_header(request, "webhook-id")), copy(http_request_header(request, "webhook-timestamp")),
		copy(http_request_header(request, "webhook-signature")), copy(http_request_header(request, "Content-Type")),
		strndup((const char *)request->body.data, request->body.size), clock_mono_ms() };
	int asked = w->asked[what]++;
	pthread_mutex_unlock(&w->lock);
	int status = (what == 1 && !asked) || what == 5 ? 500 : what == 2 && !asked ? 503 : what == 3 ? 410 : what == 4 ? 302 : 200;
	if (status == 503)
		http_answer_header(request, "Retry-After", "1");
	if (status == 302)
		http_answer_header(request, "Location", arena_printf(request->arena, "http://127.0.0.1:%u/ok", (unsigned)http_server_port(w->receiver)));
	http_answer(request, status, NULL, (struct bytes){ 0 });
}

static void heard(void *context, int64_t number)
{
	struct world *w = context;
	(void)number;
	pthread_mutex_lock(&w->lock);
	if (w->notify)
		notify_wake(w->notify);
	pthread_mutex_unlock(&w->lock);
}

static int journey_write(struct db *db, void *context, struct error *error)
{
	const char *id = context;
	const char *container = text_equal(id, "J1") ? BOX : OTHER_BOX;
	struct journey_row row = { .id = id, .container = container, .from = 0, .until = CLOCK_NONE, .closed = CLOCK_NONE, .version = 1, .stored = 1,
		.content = "{\"owners\":[\"port-1\",\"terminal-1\",\"provider-1\",\"broker-1\"]}" };
	return journey_put(db, &row, error);
}

void world_open(struct world *w)
{
	*w = (struct world){ .folder = "/tmp/sealgate-test-XXXXXX", .lock = PTHREAD_MUTEX_INITIALIZER };
	log_open("check", 2, LOG_LEVEL_NONE);
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	w->arena = arena_new();
	w->settings = (struct settings){ .uri = "https://gateway.example", .parties = parties, .party_count = 4, .providers = providers,
		                         .provider_count = 1, .webhook_private_hosts = loopback, .webhook_plain_hosts = loopback,
		                         .webhook_retry = { 100, 2000, 60000 }, .webhook_disable_ms = 60000 };
	disclosure_default(&w->settings.disclosure);
	must_succeed(store_open(w->folder, NULL, &w->store, error));
	store_on_sealed(w->store, heard, w);
	must_succeed(http_server_start(&(struct http_server_config){ 0 }, receive, w, &w->receiver, error));
	must_succeed(store_write(w->store, journey_write, (void *)"J1", error));
	must_succeed(store_write(w->store, journey_write, (void *)"J2", error));
	w->config.settings = &w->settings;
	w->config.store = w->store;
}

void world_start(struct world *w)
{
	struct notify *notify;
	must_succeed(http_client_open(&(struct http_client_config){ 0 }, &w->client, error));
	w->config.client = w->client;
	must_succeed(notify_start(&w->config, &notify, error));
	pthread_mutex_lock(&w->lock);
	w->notify = notify;
	pthread_mutex_unlock(&w->lock);
}

void world_stop(struct world *w)
{
	pthread_mutex_lock(&w->lock);
	struct notify *notify = w->notify;
	w->notify = NULL;
	pthread_mutex_unlock(&w->lock);
	if (!notify)
		return;
	http_client_stop(w->client);
	notify_stop(&notify);
	http_client_close(&w->client);
}

void world_close(struct world *w)
{
	world_stop(w);
	http_server_stop(&w->receiver);
	store_close(&w->store);
	for (size_t i = 0; i < w->got_count; i++) {
		char *texts[] = { w->got[i].path, w->got[i].id, w->got[i].timestamp, w->got[i].signature, w->got[i].type, w->got[i].body };
		for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
			free(texts[k]);
	}
	arena_free(&w->arena);
	folder_remove(&w->folder);
}

const char *world_url(struct world *w, const char *path)
{
	char *out;
	ck_assert_int_gt(asprintf(&out, "http://127.0.0.1:%u%s", (unsigned)http_server_port(w->receiver), path), 0);
	arena_at_free(w->arena, free, out);
	return out;
}

/* ---- things in the store ---- */

struct secrets {
	const char *id, *json;
};

static int secrets_write(struct db *db, void *context, struct error *error)
{
	const struct secrets *s = context;
	char name[100];
	snprintf(name, sizeof name, "subscription:%s", s->id);
	return secret_set(db, name, bytes_of_text(s->json), error);
}

void world_secrets(struct world *w, const char *id, const char *json)
{
	struct secrets s = { id, json };
	must_succeed(store_write(w->store, secrets_write, &s, error));
}

static int subscription_write(struct db *db, void *context, struct error *error)
{
	return subscription_put(db, context, error);
}

void world_subscribe(struct world *w, const char *id, const char *party, unsigned roles, const char *url, const char *more)
{
	char content[600], secret[100], octets[32];
	BUFFER_AUTO base64 = { 0 };
	memset(octets, *id, sizeof octets);
	text_base64(&base64, (struct bytes){ (const uint8_t *)octets, sizeof octets });
	snprintf(secret, sizeof secret, "{\"secrets\":[{\"secret\":\"whsec_%s\"}]}", buffer_text(&base64));
	snprintf(content, sizeof content, "{\"url\":\"%s\",\"roles\":%u%s}", url, roles, more);
	struct subscription_row row = { .id = id, .party = party, .content = content, .state = "active", .cursor = store_sealed_number(w->store),
		                        .failing_since = CLOCK_NONE, .created = clock_now_ms(), .version = 1 };
	world_secrets(w, id, secret);
	must_succeed(store_write(w->store, subscription_write, &row, error));
}

struct thing {
	struct world *w;
	const char *id, *kind, *container, *extra;
};

static int event_write(struct db *db, void *context, struct error *error)
{
	const struct thing *t = context;
	ARENA_AUTO arena = arena_new();
	enum store_outcome outcome;
	struct event_row stored, row = { .id = t->id, .provider = "tracker-1", .provider_id = t->id, .type = "door_opened", .time = 1, .received = 2,
		.container = t->container, .content_digest = "x",
		.content = arena_printf(arena, "{\"id\":\"%s\",\"type\":\"door_opened\",\"extra\":\"%s\"}", t->id, t->extra ? t->extra : "") };
	return event_add(db, arena, &row, &outcome, &stored, error);
}

void world_event(struct world *w, const char *id, const char *container, const char *extra)
{
	must_succeed(store_write(w->store, event_write, &((struct thing){ w, id, NULL, container, extra }), error));
}

static int notice_write(struct db *db, void *context, struct error *error)
{
	const struct thing *t = context;
	ARENA_AUTO arena = arena_new();
	struct notice_row row = { .id = t->id, .kind = t->kind, .peer = "nl-risk", .document = "D", .container = BOX, .journey = "J1", .received = 3,
		.disclosure = t->extra, .acknowledged = CLOCK_NONE, .lifted = CLOCK_NONE, .escalate = CLOCK_NONE,
		.content = arena_printf(arena, "{\"kind\":\"%s\",\"peer\":\"nl-risk\",\"text\":\"the reason\",\"disclosure\":\"%s\","
		                               "\"action\":{\"who\":\"terminal\",\"blocks\":[\"gate_out\"]}}", t->kind, t->extra) };
	return notice_add(db, &row, error);
}

void world_notice(struct world *w, const char *id, const char *kind, const char *disclosure)
{
	must_succeed(store_write(w->store, notice_write, &((struct thing){ w, id, kind, NULL, disclosure }), error));
}

static int finding_put(struct db *db, void *context, struct error *error)
{
	const struct thing *t = context;
	ARENA_AUTO arena = arena_new();
	enum store_outcome outcome;
	struct finding_row stored, row = { .id = t->id, .container = BOX, .journey = "J1", .rule = "opening", .code = "F-OPENING", .severity = t->kind,
		.time = 4, .cause = t->id, .content = arena_printf(arena, "{\"id\":\"%s\",\"text\":\"the reason\"}", t->id), .closed = CLOCK_NONE };
	return finding_add(db, arena, &row, &outcome, &stored, error);
}

void world_finding(struct world *w, const char *id, const char *severity)
{
	must_succeed(store_write(w->store, finding_put, &((struct thing){ w, id, severity, NULL, NULL }), error));
}

static int message_write(struct db *db, void *context, struct error *error)
{
	const struct thing *t = context;
	ARENA_AUTO arena = arena_new();
	enum store_outcome outcome;
	bool moved;
	struct message_row row = { .id = t->id, .agreement = "nl-risk", .kind = "integrity-report", .cause = t->id, .container = BOX, .journey = "J1",
		.state = MESSAGE_READY, .document = "b", .content_type = "application/xml", .headers = "{}", .input = "{}", .set_digest = "s", .marks = "[]",
		.created = 5, .due = 5, .signer_until = CLOCK_NONE };
	TRY(message_add(db, arena, &row, &outcome, error));
	return message_move(db, t->id, MESSAGE_FAILED, CLOCK_NONE, "refused", &moved, error);
}

void world_message_failed(struct world *w, const char *id)
{
	must_succeed(store_write(w->store, message_write, &((struct thing){ w, id, NULL, NULL, NULL }), error));
}

/* ---- what came of it ---- */

size_t world_count(struct world *w, const char *path)
{
	size_t count = 0;
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->got_count; i++)
		count += !path || text_equal(w->got[i].path, path);
	pthread_mutex_unlock(&w->lock);
	return count;
}

bool world_wait(struct world *w, const char *path, size_t count)
{
	for (int i = 0; i < 600 && world_count(w, path) < count; i++)
		usleep(5000);
	return world_count(w, path) >= count;
}

const struct got *world_got(struct world *w, const char *path, size_t index)
{
	const struct got *found = NULL;
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->got_count && !found; i++)
		if (!path || text_equal(w->got[i].path, path))
			found = index-- ? NULL : &w->got[i];
	pthread_mutex_unlock(&w->lock);
	ck_assert_ptr_nonnull(found);
	return found;
}

struct reading {
	struct world *w;
	const char *subscription;
	struct delivery_row *rows;
	struct subscription_row row;
	size_t count;
	bool found;
};

static int deliveries_read(struct db *db, void *context, struct error *error)
{
	struct reading *r = context;
	struct delivery_filter filter = { .subscription = r->subscription };
	return delivery_list(db, r->w->arena, &filter, 500, &r->rows, &r->count, error);
}

struct delivery_row world_delivery(struct world *w, const char *subscription, size_t index, const char *state)
{
	struct reading r = { .w = w, .subscription = subscription };
	for (int i = 0; i < 600; i++) {
		must_succeed(store_read(w->store, deliveries_read, &r, error));
		if (r.count > index && text_equal(r.rows[r.count - 1 - index].state, state))  /* latest first */
			return r.rows[r.count - 1 - index];
		usleep(5000);
	}
	ck_abort_msg("delivery %zu of \"%s\" is %s, not %s", index, subscription, r.count > index ? r.rows[r.count - 1 - index].state : "not there", state);
}

static int subscription_read(struct db *db, void *context, struct error *error)
{
	struct reading *r = context;
	return subscription_find(db, r->w->arena, r->subscription, &r->row, &r->found, error);
}

bool world_wait_state(struct world *w, const char *subscription, const char *state)
{
	struct reading r = { .w = w, .subscription = subscription };
	for (int i = 0; i < 600; i++) {
		must_succeed(store_read(w->store, subscription_read, &r, error));
		if (r.found && text_equal(r.row.state, state))
			return true;
		usleep(5000);
	}
	return false;
}

struct json *world_json(struct world *w, const char *text)
{
	struct json *root;
	must_succeed(json_parse(w->arena, bytes_of_text(text), NULL, &root, error));
	return root;
}

int64_t world_measure(struct world *w, const char *name)
{
	BUFFER_AUTO out = { 0 };
	char line[100];
	notify_measure(w->notify, &out);
	snprintf(line, sizeof line, "\nsealgate_%s ", name);
	const char *at = strstr(buffer_text(&out), line);
	ck_assert_ptr_nonnull(at);
	return strtoll(at + strlen(line), NULL, 10);
}
