/* Subscriptions and what became of deliveries. The secret is made here, shown once, and never given again. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "receive/call.h"
#include "store/record.h"
#include "store/subscription.h"

#define OVERLAP_MS (24 * 3600 * 1000)  /* the old secret signs beside the new one for so long */

struct subscribing {
	struct call *call;
	struct subscription_row row;
	bool found;
	const char *secret;   /* made now; NULL: none was */
	struct json *out;
};

static bool is_own(const struct call *call, const struct subscription_row *row)
{
	return text_equal(row->party, call->caller->party) || caller_has(call->caller, ROLE_ADMIN);
}

static struct json *shown(struct arena *arena, const struct subscription_row *row)
{
	struct json *out;
	struct error error = { 0 };
	char time[CLOCK_TEXT_SIZE];
	if (json_parse(arena, bytes_of_text(row->content), NULL, &out, &error) < 0)
		out = json_new_object(arena);
	json_unset(out, "roles");
	json_set_text(arena, out, "id", row->id);
	json_set_text(arena, out, "party", row->party);
	json_set_text(arena, out, "state", row->state);
	json_set_text(arena, out, "created", clock_format(row->created, time));
	if (row->failing_since != CLOCK_NONE)
		json_set_text(arena, out, "failing_since", clock_format(row->failing_since, time));
	return out;
}

#define URL_LONGEST 2000

/* A host, nobody's name and password, nothing that an address cannot hold. Whether it may be called is asked when it is. */
static bool is_address(const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = strcspn(host, "/?#");
	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= 0x20 || (unsigned char)*at == 0x7f || *at == '\\')
			return false;
	return n && !memchr(host, '@', n) && strlen(url) <= URL_LONGEST;
}

static int check_list(struct call *call, const char *name)
{
	const struct json *list = json_find(call->in, name);
	bool good = !list || json_kind(list) == JSON_KIND_NULL || (json_kind(list) == JSON_KIND_ARRAY && json_count(list) <= 1000);
	for (struct json_iter it = json_iter(list); good && json_next(&it);)
		good = json_text(it.value) && strlen(json_text(it.value)) <= 100;
	if (good)
		return 0;
	error_set(call->error, ERROR_BAD_FIELD, "\"%s\" is a list of at most 1000 texts", name);
	return error_in_field(call->error, "/%s", name);
}

static int check(struct call *call, const char *id)
{
	const char *url = json_path_text(call->in, "url");
	if (!*id || strlen(id) > 70 || id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")])
		FAIL(call->error, BAD_FIELD, "a subscription's id has 1 to 70 letters, digits, points, hyphens and underscores");
	TRY(check_list(call, "types"));
	TRY(check_list(call, "containers"));
	if ((!text_starts(url, "https://") && !text_starts(url, "http://")) || !is_address(url)) {
		error_set(call->error, ERROR_MISSING_FIELD, "\"url\" is missing or no http(s) address (without user and password): where deliveries are posted to");
		return error_in_field(call->error, "/url");
	}
	for (struct json_iter it = json_iter(json_find(call->in, "types")); json_find(call->in, "types") && json_next(&it);) {
		static const char *const known[] = { "event.", "finding.", "message.", "notice.", "document.", "subscription.", "journey.", "*" };
		bool good = false;
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			good |= text_starts(json_text(it.value), known[i]);
		if (!good) {
			error_set(call->error, ERROR_BAD_FIELD, "\"types\" holds texts such as notice.control, finding.raised, message.*, or *");
			return error_in_field(call->error, "/types");
		}
	}
	return 0;
}

/* {"secrets": [{"secret": "whsec_…", "until": ms or null}, …]}, the newest first. */
static int secrets_turn(struct db *db, struct subscribing *s, struct error *error)
{
	struct arena *arena = s->call->arena;
	uint8_t octets[32];
	BUFFER_AUTO text = { 0 };
	struct bytes old;
	const char *name = arena_printf(arena, "subscription:%s", s->row.id);
	struct json *root = json_new_object(arena), *list = json_new_array(arena), *one = json_new_object(arena), *before;
	entropy_fill(octets, sizeof octets);
	buffer_add_text(&text, "whsec_");
	text_base64(&text, (struct bytes){ octets, sizeof octets });
	s->secret = arena_text(arena, buffer_text(&text));
	json_set_text(arena, one, "secret", s->secret);
	json_append(list, one);
	TRY(secret_find(db, arena, name, &old, error));
	if (old.size && json_parse(arena, old, NULL, &before, error) == 0) {
		struct json *last = json_clone(arena, json_path(before, "secrets.0"));
		json_set_integer(arena, last, "until", clock_real_ms() + OVERLAP_MS);
		json_append(list, last);
	}
	json_set(root, "secrets", list);
	return secret_set(db, name, bytes_of_text(json_to_text(arena, root, JSON_COMPACT)), error);
}

/* An administrator who mends another party's subscription does not lend it his own eyes. */
static const char *with_roles_of(struct arena *arena, const char *content, const char *old)
{
	struct json *to, *from;
	struct error error = { 0 };
	if (json_parse(arena, bytes_of_text(content), NULL, &to, &error) < 0 || json_parse(arena, bytes_of_text(old), NULL, &from, &error) < 0)
		return old;
	json_set(to, "roles", json_find(from, "roles") ? json_clone(arena, json_find(from, "roles")) : json_new_integer(arena, 0));
	return json_to_text(arena, to, JSON_COMPACT);
}

static int put(struct db *db, void *context, struct error *error)
{
	struct subscribing *s = context;
	struct call *call = s->call;
	struct subscription_row old;
	TRY(subscription_find(db, call->arena, s->row.id, &old, &s->found, error));
	if (s->found && !is_own(call, &old))
		FAIL(error, FORBIDDEN, "subscription \"%s\" is not yours", s->row.id);
	s->row.cursor = s->found ? old.cursor : store_sealed_number(call->receive->config.store);
	s->row.created = s->found ? old.created : clock_now_ms();
	s->row.version = s->found ? old.version + 1 : 1;
	if (s->found && !text_equal(old.party, call->caller->party)) {
		s->row.party = old.party;
		s->row.content = with_roles_of(call->arena, s->row.content, old.content);
	}
	TRY(subscription_put(db, &s->row, error));
	return !s->found || json_bool(json_find(call->in, "rotate_secret"), false) ? secrets_turn(db, s, error) : 0;
}

int subscription_put_one(struct call *call)
{
	struct json *kept = json_new_object(call->arena);
	struct subscribing s = { .call = call };
	TRY(call_parse(call, &call->in));
	TRY(check(call, call_segment(call, 2)));
	json_set_text(call->arena, kept, "url", json_path_text(call->in, "url"));
	if (json_kind(json_find(call->in, "types")) == JSON_KIND_ARRAY)
		json_set(kept, "types", json_clone(call->arena, json_find(call->in, "types")));
	if (json_kind(json_find(call->in, "containers")) == JSON_KIND_ARRAY)
		json_set(kept, "containers", json_clone(call->arena, json_find(call->in, "containers")));
	json_set_integer(call->arena, kept, "roles", (int64_t)call->caller->roles);
	s.row = (struct subscription_row){ .id = call_segment(call, 2), .party = call->caller->party, .state = "active",
		                           .content = json_to_text(call->arena, kept, JSON_COMPACT), .failing_since = CLOCK_NONE };
	TRY(store_write(call->receive->config.store, put, &s, call->error));
	struct json *out = shown(call->arena, &s.row);
	if (s.secret)
		json_set_text(call->arena, out, "secret", s.secret);
	return answer_json(call, s.found ? 200 : 201, out);
}

static int read_one(struct db *db, void *context, struct error *error)
{
	struct subscribing *s = context;
	TRY(subscription_find(db, s->call->arena, s->call->id, &s->row, &s->found, error));
	s->found = s->found && is_own(s->call, &s->row);
	return 0;
}

int subscription_get(struct call *call)
{
	struct subscribing s = { .call = call };
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, read_one, &s, call->error));
	return s.found ? answer_json(call, 200, shown(call->arena, &s.row)) : answer_not_found(call, "subscription");
}

static int read_all(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	struct subscription_row *rows;
	size_t count;
	TRY(subscription_list(db, call->arena, call_has(call, ROLE_ADMIN) ? NULL : call->caller->party, &rows, &count, error));
	for (size_t i = 0; i < count; i++)
		json_append(call->out, shown(call->arena, &rows[i]));
	return 0;
}

int subscriptions_get(struct call *call)
{
	struct json *out = json_new_object(call->arena);
	call->out = json_new_array(call->arena);
	TRY(call_read(call, read_all));
	json_set(out, "items", call->out);
	return answer_json(call, 200, out);
}

static int delete_one(struct db *db, void *context, struct error *error)
{
	struct subscribing *s = context;
	TRY(read_one(db, s, error));
	return s->found ? subscription_delete(db, s->call->id, error) : 0;
}

int subscription_delete_one(struct call *call)
{
	struct subscribing s = { .call = call };
	call->id = call_segment(call, 2);
	TRY(store_write(call->receive->config.store, delete_one, &s, call->error));
	if (!s.found)
		return answer_not_found(call, "subscription");
	http_answer(call->request, 204, NULL, (struct bytes){ 0 });
	return 0;
}

/* A test has no record: its number is negative, and unlike any other's. */
static int test_write(struct db *db, void *context, struct error *error)
{
	struct subscribing *s = context;
	struct arena *arena = s->call->arena;
	char id[ID_UUID_SIZE], time[CLOCK_TEXT_SIZE];
	TRY(read_one(db, s, error));
	if (!s->found)
		return 0;
	struct json *event = json_new_object(arena), *data = json_new_object(arena);
	const char *delivery = arena_text(arena, id_uuid7(id));
	json_set_text(arena, event, "specversion", "1.0");
	json_set_text(arena, event, "id", delivery);
	json_set_text(arena, event, "source", s->call->receive->config.settings->uri);
	json_set_text(arena, event, "type", "org.sealgate.subscription.test");
	json_set_text(arena, event, "time", clock_format(clock_now_ms(), time));
	json_set_text(arena, event, "datacontenttype", "application/json");
	json_set_text(arena, data, "subscription", s->row.id);
	json_set(event, "data", data);
	int64_t lowest;
	TRY(db_number(db, 0, &lowest, error, "select min(record) from delivery where subscription = $1", "t", s->row.id));
	struct delivery_row row = { .id = delivery, .subscription = s->row.id, .record = (lowest < 0 ? lowest : 0) - 1, .type = "org.sealgate.subscription.test",
		                    .body = json_to_text(arena, event, JSON_COMPACT), .state = "ready", .due = clock_real_ms(), .created = clock_real_ms(),
		                    .last_status = CLOCK_NONE, .ended = CLOCK_NONE };
	s->out = event;
	return delivery_add(db, &row, error);
}

int subscription_test(struct call *call)
{
	struct subscribing s = { .call = call };
	call->id = call_segment(call, 2);
	TRY(store_write(call->receive->config.store, test_write, &s, call->error));
	return s.found ? answer_json(call, 202, s.out) : answer_not_found(call, "subscription");
}

/* ---- deliveries ---- */

/* The id of the thing that it tells of, for who wants to follow it. */
static const char *about(struct arena *arena, const char *body)
{
	struct json *event;
	struct error ignored = { 0 };
	if (json_parse(arena, bytes_of_text(body), NULL, &event, &ignored) < 0)
		return NULL;
	const char *uid = json_path_text(event, "data.uid");
	return uid ? uid : json_path_text(event, "data.id");
}

static struct json *delivery_shown(struct arena *arena, const struct delivery_row *row)
{
	struct json *out = json_new_object(arena);
	char time[CLOCK_TEXT_SIZE];
	json_set_text(arena, out, "id", row->id);
	json_set_text(arena, out, "subscription", row->subscription);
	json_set_text(arena, out, "type", row->type);
	json_set_text(arena, out, "about", about(arena, row->body));
	if (row->container)
		json_set_text(arena, out, "container", row->container);
	json_set_text(arena, out, "state", row->state);
	json_set_integer(arena, out, "attempts", row->attempts);
	if (row->last_status != CLOCK_NONE)
		json_set_integer(arena, out, "last_status", row->last_status);
	if (row->last_error)
		json_set_text(arena, out, "last_error", row->last_error);
	json_set_text(arena, out, "created", clock_format(row->created, time));
	if (row->ended != CLOCK_NONE)
		json_set_text(arena, out, "ended", clock_format(row->ended, time));
	return out;
}

static int deliveries_read(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	struct delivery_row *rows;
	size_t count;
	const char *type = call_parameter(call, "type");
	struct delivery_filter filter = { .subscription = call->id, .container = call_parameter(call, "container"), .state = call_parameter(call, "state"),
		                          .type_start = type ? arena_printf(call->arena, "org.sealgate.%s", type) : NULL };
	TRY(delivery_list(db, call->arena, &filter, 500, &rows, &count, error));
	for (size_t i = 0; i < count; i++) {
		struct subscription_row subscription;
		bool found;
		TRY(subscription_find(db, call->arena, rows[i].subscription, &subscription, &found, error));
		if (found ? is_own(call, &subscription) : caller_has(call->caller, ROLE_ADMIN))
			json_append(call->out, delivery_shown(call->arena, &rows[i]));
	}
	return 0;
}

int deliveries_get(struct call *call)
{
	struct json *out = json_new_object(call->arena);
	call->id = call_parameter(call, "subscription");
	call->out = json_new_array(call->arena);
	TRY(call_read(call, deliveries_read));
	json_set(out, "items", call->out);
	return answer_json(call, 200, out);
}

static int redeliver(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	struct delivery_row row;
	struct subscription_row subscription;
	TRY(delivery_find(db, call->arena, call->id, &row, &call->found, error));
	if (!call->found)
		return 0;
	TRY(subscription_find(db, call->arena, row.subscription, &subscription, &call->found, error));
	call->found = call->found && is_own(call, &subscription);
	return call->found ? delivery_again(db, call->id, clock_real_ms(), error) : 0;
}

int delivery_redeliver(struct call *call)
{
	struct json *out = json_new_object(call->arena);
	call->id = call_segment(call, 2);
	TRY(call_write(call, redeliver));
	if (!call->found)
		return answer_not_found(call, "delivery");
	json_set_text(call->arena, out, "id", call->id);
	json_set_text(call->arena, out, "state", "ready");
	return answer_json(call, 202, out);
}
