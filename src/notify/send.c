/* Calls: claimed on disk first, signed by every secret in force (Standard Webhooks 1.0), and written down when they end. */
#include <string.h>

#include "lib/base/backoff.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/key.h"
#include "notify/inside.h"

#define SECRET_PREFIX "whsec_"
#define ANSWER_LIMIT ((size_t)16 << 10)

void calls_free(struct call *calls)
{
	for (struct call *next; calls; calls = next) {
		struct arena *arena = calls->arena;
		next = calls->next;
		arena_free(&arena);
	}
}

/* ---- signing ---- */

static int signature_add(struct buffer *out, const char *secret, const struct buffer *what, struct error *error)
{
	BUFFER_AUTO key = { 0 };
	uint8_t mac[32];
	if (!text_starts(secret, SECRET_PREFIX))
		FAIL(error, BAD_KEY, "a secret of the subscription does not start with " SECRET_PREFIX);
	TRY(text_base64_decode(secret + strlen(SECRET_PREFIX), false, &key, error));
	hmac_sha256(buffer_bytes(&key), buffer_bytes(what), mac);
	buffer_add_text(out, out->size ? " v1," : "v1,");
	text_base64(out, (struct bytes){ mac, sizeof mac });
	return 0;
}

static bool is_in_force(const struct json *secret, int64_t now)
{
	const char *until = json_number(json_find(secret, "until"));
	int64_t ms;
	return !until || (text_integer(until, INT64_MIN, INT64_MAX, &ms, NULL) == 0 && ms > now);
}

static int sign(struct call *call, struct bytes secrets, const char *timestamp, int64_t now, const char **signature_r, struct error *error)
{
	BUFFER_AUTO what = { 0 };
	BUFFER_AUTO out = { 0 };
	struct json *root;
	TRY(json_parse(call->arena, secrets, NULL, &root, error));
	buffer_printf(&what, "%s.%s.", call->row.id, timestamp);
	buffer_add_text(&what, call->row.body);
	for (struct json_iter it = json_iter(json_find(root, "secrets")); json_next(&it);)
		if (is_in_force(it.value, now) && json_path_text(it.value, "secret"))
			TRY(signature_add(&out, json_path_text(it.value, "secret"), &what, error));
	if (!out.size)
		FAIL(error, BAD_KEY, "the subscription has no secret: put it again with \"rotate_secret\": true");
	*signature_r = arena_text(call->arena, buffer_text(&out));
	return 0;
}

/* ---- what came of it ---- */

static double chance(void)
{
	uint16_t random;
	entropy_fill(&random, sizeof random);
	return random / 65536.0;
}

static bool is_ours(const struct call *call)  /* the gateway's own doing: it says nothing about the receiver */
{
	return call->fate != HTTP_ANSWERED && (call->error.code == ERROR_STOPPING || call->error.code == ERROR_BUSY);
}

static bool is_delivered(const struct call *call)
{
	return call->status / 100 == 2 && (call->fate == HTTP_ANSWERED || call->error.code == ERROR_TOO_LARGE);
}

static const char *trouble(const struct call *call)
{
	if (call->fate != HTTP_ANSWERED)
		return call->error.text;
	if (call->status / 100 == 3)
		return arena_printf(call->arena, "answered %d: redirects are not followed, name the final address", call->status);
	if (call->status == 410)
		return "answered 410: the receiver is gone, the subscription is switched off";
	return arena_printf(call->arena, "answered %d", call->status);
}

static void succeeded(struct notify *notify, struct call *call, int64_t now)
{
	struct lane *lane = call->lane;
	call->row.state = "sent";
	call->row.ended = now;
	call->row.last_error = NULL;
	call->noted = lane->row.failing_since != CLOCK_NONE;
	call->failing_since = lane->row.failing_since = CLOCK_NONE;
	if (call->noted)
		log_info("subscription", lane->row.id, "takes deliveries again");
	atomic_fetch_add(&notify->sent, 1);
}

static void try_again(struct notify *notify, struct call *call, int64_t now)
{
	const struct retry_plan *plan = &notify->config.settings->webhook_retry;
	struct backoff_plan backoff = { plan->first_ms, plan->longest_ms, plan->budget_ms, 2, 0.2 };
	int64_t due = backoff_due_ms(&backoff, call->row.first_try, now, call->row.attempts, call->retry_after, chance());
	call->row.state = due == -1 ? "failed" : "ready";
	call->row.due = due == -1 ? CLOCK_NONE : due;
	call->row.ended = due == -1 ? now : CLOCK_NONE;
	atomic_fetch_add(&notify->failed, due == -1);
	if (call->retry_after) {
		int64_t least = call->retry_after * (int64_t)1000;
		call->lane->quiet_until = clock_mono_ms() + (least < plan->longest_ms ? least : plan->longest_ms);
	}
}

static void went_wrong(struct notify *notify, struct call *call, int64_t now)
{
	struct lane *lane = call->lane;
	call->row.last_error = trouble(call);
	try_again(notify, call, now);
	if (lane->row.version != call->subscription.version || lane->row.created != call->subscription.created)
		return;  /* it was put again meanwhile: the next try says how it does */
	if (lane->row.failing_since == CLOCK_NONE) {
		lane->row.failing_since = now;
		log_warning("subscription", lane->row.id, "a delivery failed: %s", call->row.last_error);
	}
	call->noted = true;
	call->failing_since = lane->row.failing_since;
	call->disable = (call->fate == HTTP_ANSWERED && call->status == 410) ||
	                now - lane->row.failing_since >= notify->config.settings->webhook_disable_ms;
	if (call->disable && text_equal(lane->row.state, "active")) {
		log_warning("subscription", lane->row.id, "is switched off: %s", call->row.last_error);
		atomic_fetch_add(&notify->disabled, 1);
		lane->row.state = "disabled";
	}
}

static void judge(struct notify *notify, struct call *call)
{
	int64_t now = clock_real_ms();
	call->row.last_status = call->status ? call->status : CLOCK_NONE;
	call->row.due = CLOCK_NONE;
	if (is_delivered(call)) {
		succeeded(notify, call, now);
	} else if (is_ours(call)) {
		call->row.state = "ready";
		call->row.due = call->error.code == ERROR_STOPPING ? now : now + 1000;
		call->row.last_error = call->error.text;
		call->row.ended = CLOCK_NONE;
	} else {
		went_wrong(notify, call, now);
	}
}

static int ends_write(struct db *db, void *context, struct error *error)
{
	for (struct call *call = context; call; call = call->next) {
		TRY(delivery_end(db, &call->row, error));
		if (call->noted)
			TRY(subscription_note(db, &call->subscription, call->failing_since, call->disable, error));
	}
	return 0;
}

static void call_back(struct notify *notify, struct call *call)
{
	notify->out--;
	atomic_fetch_sub(&notify->under_way, 1);
	call->lane->under_way--;
	judge(notify, call);
}

static struct call *ended_take(struct notify *notify)
{
	pthread_mutex_lock(&notify->lock);
	struct call *latest = notify->ended, *first = NULL;
	notify->ended = NULL;
	pthread_mutex_unlock(&notify->lock);
	for (struct call *next; latest; latest = next) {
		next = latest->next;
		latest->next = first;
		first = latest;
	}
	return first;
}

void send_ended(struct notify *notify)
{
	struct error error = { 0 };
	struct call **last = &notify->unwritten;
	while (*last)
		last = &(*last)->next;
	*last = ended_take(notify);
	for (struct call *call = *last; call; call = call->next)
		call_back(notify, call);
	if (!notify->unwritten)
		return;
	if (store_write(notify->config.store, ends_write, notify->unwritten, &error) < 0) {
		/* Tried again in a while; and should the process end before, the next start sends them again under the same ids. */
		log_error("subscription", NULL, "what became of deliveries cannot be written: %s", error.text);
		notify->rest_until = clock_mono_ms() + 1000;
		return;
	}
	calls_free(notify->unwritten);
	notify->unwritten = NULL;
	notify->lanes_number = -1;
}

/* ---- starting ---- */

static void ended_add(struct notify *notify, struct call *call)
{
	pthread_mutex_lock(&notify->lock);
	call->next = notify->ended;
	notify->ended = call;
	notify->hints++;
	pthread_cond_signal(&notify->wake);
	pthread_mutex_unlock(&notify->lock);
}

struct ending {
	struct notify *notify;
	struct call *call;
};

/* On the client's thread. */
static void call_ended(void *context, const struct http_outcome *outcome)
{
	struct ending *e = context;
	e->call->fate = outcome->fate;
	e->call->status = outcome->status;
	e->call->error = outcome->error;
	if (outcome->fate == HTTP_ANSWERED && (outcome->status == 429 || outcome->status == 503))
		e->call->retry_after = http_retry_after(http_header_find(outcome->headers, outcome->n_headers, "Retry-After"));
	ended_add(e->notify, e->call);
}

static int call_start(struct notify *notify, struct call *call, struct bytes secrets, struct error *error)
{
	const struct settings *s = notify->config.settings;
	int64_t now = clock_real_ms();
	const char *signature = NULL, *timestamp = arena_printf(call->arena, "%lld", (long long)(now / 1000));
	struct ending *ending = arena_alloc(call->arena, sizeof *ending);
	*ending = (struct ending){ notify, call };
	TRY(sign(call, secrets, timestamp, now, &signature, error));
	const struct http_header headers[] = {
		{ "Content-Type", "application/cloudevents+json" }, { "webhook-id", call->row.id }, { "webhook-timestamp", timestamp },
		{ "webhook-signature", signature },
	};
	const struct http_call http = { .method = "POST", .url = json_path_text(call->lane->content, "url"), .headers = headers,
		                        .n_headers = sizeof headers / sizeof *headers, .body = bytes_of_text(call->row.body),
		                        .pool = arena_printf(call->arena, "webhook %s", call->row.subscription),
		                        .private_hosts = s->webhook_private_hosts, .plain_hosts = s->webhook_plain_hosts,
		                        .answer_limit = ANSWER_LIMIT, .connect_ms = CALL_MS / 2, .total_ms = CALL_MS };
	return http_client_start(notify->config.client, &http, call_ended, ending, error);
}

static void send_one(struct notify *notify, struct lane *lane, const struct delivery_row *row, struct bytes secrets)
{
	struct arena *arena = arena_new();
	struct call *call = arena_alloc(arena, sizeof *call);
	call->arena = arena;
	call->lane = lane;
	call->subscription = (struct subscription_row){ .id = arena_text(arena, lane->row.id), .version = lane->row.version, .created = lane->row.created };
	call->row = *row;
	call->row.id = arena_text(arena, row->id);
	call->row.subscription = arena_text(arena, row->subscription);
	call->row.body = arena_text(arena, row->body);
	call->row.type = call->row.container = call->row.state = call->row.last_error = NULL;
	lane->under_way++;
	notify->out++;
	atomic_fetch_add(&notify->under_way, 1);
	atomic_fetch_add(&notify->tries, 1);
	if (call_start(notify, call, secrets, &call->error) == 0)
		return;
	call->fate = HTTP_NOT_SENT;
	ended_add(notify, call);
}

/* What is claimed for one lane. */
struct claim {
	struct lane *lane;
	struct delivery_row *rows;
	size_t count;
	struct bytes secrets;
};

struct claiming {
	struct notify *notify;
	struct arena *arena;
	struct claim *claims;
	size_t count;
};

static int64_t room(const struct lane *lane)
{
	return (lane->row.failing_since == CLOCK_NONE ? LANE_CALLS : 1) - lane->under_way;
}

static int lanes_look(struct db *db, void *context, struct error *error)
{
	struct claiming *c = context;
	for (struct lane *lane = c->notify->lanes; lane; lane = lane->next) {
		if (!lane_works(lane) || room(lane) <= 0 || clock_mono_ms() < lane->quiet_until)
			continue;
		bool due;
		TRY(delivery_is_due(db, lane->row.id, clock_real_ms(), ORDER_MS, &due, error));
		if (due)
			c->claims[c->count++].lane = lane;
	}
	return 0;
}

static int claims_write(struct db *db, void *context, struct error *error)
{
	struct claiming *c = context;
	for (size_t i = 0; i < c->count; i++) {
		struct claim *claim = &c->claims[i];
		const struct lane *lane = claim->lane;
		TRY(delivery_claim(db, c->arena, lane->row.id, clock_real_ms(), ORDER_MS, room(lane), &claim->rows, &claim->count, error));
		TRY(secret_find(db, c->arena, arena_printf(c->arena, "subscription:%s", lane->row.id), &claim->secrets, error));
	}
	return 0;
}

int send_due(struct notify *notify, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct claiming c = { .notify = notify, .arena = arena };
	size_t lanes = 0;
	for (struct lane *lane = notify->lanes; lane; lane = lane->next)
		lanes++;
	c.claims = arena_array(arena, lanes + 1, sizeof *c.claims);
	TRY(store_read(notify->config.store, lanes_look, &c, error));
	if (!c.count)
		return 0;
	TRY(store_write(notify->config.store, claims_write, &c, error));
	for (size_t i = 0; i < c.count; i++)
		for (size_t r = 0; r < c.claims[i].count; r++)
			send_one(notify, c.claims[i].lane, &c.claims[i].rows[r], c.claims[i].secrets);
	return 0;
}
