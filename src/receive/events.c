/* Events in: one, an array, NDJSON, or a provider's own payload through its mapping. */
#include <stdatomic.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "model/event.h"
#include "receive/call.h"
#include "store/body.h"

#define EVENTS_MOST 10000
#define EXPLAINED_MOST 100  /* bad events of one request for which the member is looked up */

struct item {
	struct event event;
	struct error *error;         /* NULL: good so far */
	const char *digest, *content; /* of a good one, as they will be stored */
	enum store_outcome outcome;
	struct event_row row;        /* as it is stored */
};

struct intake {
	struct call *call;
	const struct provider *provider;
	struct item *items;
	size_t count;
	bool alone;                  /* one event, not a list of one */
	char raw[ID_UUID_SIZE], raw_digest[DIGEST_HEX_SIZE];  /* of the octets as they came */
	bool raw_stored;
};

/* An error takes more room than an event, and few events have one. */
static void item_fail(struct intake *intake, struct item *item, const struct error *error)
{
	item->error = arena_alloc(intake->call->arena, sizeof *error);
	*item->error = *error;
}

/* ---- reading ---- */

static const struct provider *provider_of_party(const struct call *call, struct error *error)
{
	const struct settings *s = call->receive->config.settings;
	const char *named = call_parameter(call, "provider");
	const struct provider *found = NULL;
	for (size_t i = 0; i < s->provider_count; i++) {
		const struct provider *p = &s->providers[i];
		if (!text_equal(p->party, call->caller->party) || (named && !text_equal(named, p->name)))
			continue;
		if (found) {
			error_set(error, ERROR_BAD_REQUEST, "party \"%s\" runs several providers: say which, ?provider=%s", call->caller->party, p->name);
			return NULL;
		}
		found = p;
	}
	if (!found)
		error_set(error, ERROR_FORBIDDEN, "party \"%s\" runs no provider%s%s%s", call->caller->party, named ? " \"" : "", named ? named : "",
		          named ? "\"" : "");
	return found;
}

static int check_vouched(const struct intake *intake)
{
	const struct receive_hooks *hooks = &intake->call->receive->config.hooks;
	return hooks->vouched(hooks->context, intake->provider, intake->call->request, intake->call->error);
}

/* A row of a feed that has no id gets one of its device, time and values: the same row gives the same id. */
static void give_id(struct arena *arena, struct json *in)
{
	const char *device = json_path_text(in, "device.id"), *time = json_path_text(in, "time"), *type = json_path_text(in, "type");
	const struct json *position = json_find(in, "position"), *readings = json_find(in, "readings");
	BUFFER_AUTO value = { 0 };
	if (json_find(in, "id") || !time)
		return;
	if (position)
		json_write(&value, position, JSON_CANONICAL);
	if (readings)
		json_write(&value, readings, JSON_CANONICAL);
	if (json_find(in, "seal"))
		json_write(&value, json_find(in, "seal"), JSON_CANONICAL);
	const char *about = device ? device : json_path_text(in, "container");
	json_set_text(arena, in, "id", event_derive_id(arena, about ? about : "", time, type ? type : "", buffer_text(&value)));
}

static int item_check(struct intake *intake, struct arena *arena, struct json *in, struct event *event_r, struct error *error)
{
	if (json_kind(in) != JSON_KIND_OBJECT)
		FAIL(error, BAD_FIELD, "an event is an object, not %s", json_kind_name(json_kind(in)));
	struct json *device = json_find(in, "device");
	if (intake->provider->interval_ms && json_kind(device) == JSON_KIND_OBJECT && !json_find(device, "interval"))
		json_set_integer(arena, device, "interval", intake->provider->interval_ms / 1000);
	TRY(event_read(arena, in, clock_now_ms(), event_r, error));
	if (event_r->container || event_r->device || event_r->retracts)
		return 0;
	error_set(error, ERROR_MISSING_FIELD, "neither \"container\" nor \"device\" is said: nobody could tell what happened where");
	return error_in_field(error, "/container");
}

static void item_read(struct intake *intake, struct arena *arena, struct json *in)
{
	struct item *item = &intake->items[intake->count++];
	struct error error = { 0 };
	if (item_check(intake, arena, in, &item->event, &error) < 0)
		item_fail(intake, item, &error);
}

static int list_read(struct intake *intake, struct json *root)
{
	if (json_kind(root) != JSON_KIND_ARRAY) {
		intake->alone = json_kind(root) == JSON_KIND_OBJECT;
		intake->items = arena_array(intake->call->arena, 1, sizeof *intake->items);
		item_read(intake, intake->call->arena, root);
		return 0;
	}
	if (json_count(root) > EVENTS_MOST)
		FAIL(intake->call->error, TOO_LARGE, "a request holds at most %d events, this one %zu", EVENTS_MOST, json_count(root));
	intake->items = arena_array(intake->call->arena, json_count(root) + 1, sizeof *intake->items);
	for (struct json_iter it = json_iter(root); json_next(&it);)
		item_read(intake, intake->call->arena, it.value);
	return 0;
}

/* Here, on the request's thread: the committer has everybody's work to do. */
static void item_prepare(struct intake *intake, struct item *item)
{
	struct arena *arena = intake->call->arena;
	struct event *e = &item->event;
	char digest[DIGEST_HEX_SIZE];
	if (item->error)
		return;
	event_digest(e, digest);
	item->digest = arena_text(arena, digest);
	item->content = json_to_text(arena, e->json, JSON_COMPACT);
}

/* A line's tree takes ten times the room of its text: of an event only that stays which is stored. */
static void line_read(struct intake *intake, struct bytes line)
{
	ARENA_AUTO arena = arena_new();
	struct arena *whole = intake->call->arena;
	struct item *item = &intake->items[intake->count];
	struct event *e = &item->event;
	struct error error = { 0 };
	struct json *root;
	if (json_parse(arena, line, NULL, &root, &error) < 0) {
		item_fail(intake, &intake->items[intake->count++], &error);
		return;
	}
	item_read(intake, arena, root);
	item_prepare(intake, item);
	*e = (struct event){ .type = e->type, .time = e->time, .id = arena_text(whole, e->id), .container = arena_text(whole, e->container),
		             .device = arena_text(whole, e->device), .retracts = arena_text(whole, e->retracts) };
}

static int lines_read(struct intake *intake)
{
	struct arena *arena = intake->call->arena;
	struct bytes body = intake->call->request->body;
	const char *at = (const char *)body.data, *end = at + body.size;
	size_t lines = 1;
	for (const char *p = at; p < end; p++)
		lines += *p == '\n';
	if (lines > EVENTS_MOST + 1)
		FAIL(intake->call->error, TOO_LARGE, "a request holds at most %d events", EVENTS_MOST);
	intake->items = arena_array(arena, lines, sizeof *intake->items);
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);
		if (size > strspn(at, " \t\r"))
			line_read(intake, (struct bytes){ (const uint8_t *)at, size });
		at += size + 1;
	}
	return 0;
}

/* The mapping knows why it refused an element; where the canonical event is wrong, it knows what the provider calls the member. */
static int refusals_tell(struct intake *intake, const struct mapping *mapping, const struct json *in, const struct map_refusals *refusals)
{
	struct arena *arena = intake->call->arena;
	struct map_refusals again;
	struct map_traces traces;
	struct json *out;
	bool bad = false;
	for (size_t i = 0; i < intake->count; i++)
		bad |= intake->items[i].error != NULL;
	if (!bad)
		return 0;
	TRY(map_to_list(mapping, in, arena, &out, &again, &traces, intake->call->error));
	for (size_t i = 0, told = 0; i < intake->count && told < EXPLAINED_MOST; i++) {
		struct error *error = intake->items[i].error;
		const struct map_trace *trace = NULL;
		if (error && *error->field && ++told)
			trace = map_traces_find_element(&traces, arena_printf(arena, "/%zu%s", i, error->field));
		if (trace && *trace->source)
			error_at(error, "%s", trace->source);
	}
	for (size_t i = 0; i < refusals->count; i++)
		item_fail(intake, &intake->items[refusals->items[i].index], &refusals->items[i].error);
	return 0;
}

static int mapped_read(struct intake *intake)
{
	struct call *call = intake->call;
	const struct mapping *mapping = mapping_find(call->receive->config.set, intake->provider->mapping);
	struct map_refusals refusals;
	struct json *in, *out;
	if (!mapping)
		FAIL(call->error, BAD_MAPPING, "provider \"%s\" has mapping \"%s\", which there is not", intake->provider->name, intake->provider->mapping);
	TRY(call_parse(call, &in));
	TRY(map_to_list(mapping, in, call->arena, &out, &refusals, NULL, call->error));
	if (json_kind(out) == JSON_KIND_OBJECT)
		give_id(call->arena, out);
	for (struct json_iter it = json_iter(out); json_kind(out) == JSON_KIND_ARRAY && json_next(&it);)
		if (json_kind(it.value) == JSON_KIND_OBJECT)
			give_id(call->arena, it.value);
	if (json_kind(out) == JSON_KIND_NULL)
		FAIL(call->error, BAD_FIELD, "nothing of this payload is an event by mapping \"%s\"", intake->provider->mapping);
	TRY(list_read(intake, out));
	return refusals_tell(intake, mapping, in, &refusals);
}

/* ---- storing ---- */

static int item_store(struct db *db, struct intake *intake, struct item *item, struct error *error)
{
	struct arena *arena = intake->call->arena;
	struct event *e = &item->event;
	char id[ID_UUID_SIZE];
	const char *container = e->container;
	struct event_row other = { 0 };
	bool other_found = false;
	if (e->retracts)
		TRY(event_find_provider(db, arena, intake->provider->name, e->retracts, &other, &other_found, error));
	if (!container && other_found)  /* a retraction is about the container of what it takes back */
		container = other.container;
	if (!container && e->device)
		TRY(event_pairing(db, arena, intake->provider->name, e->device, e->time, &container, error));
	struct event_row row = { .id = arena_text(arena, id_uuid7(id)), .provider = intake->provider->name, .provider_id = e->id,
		                 .type = event_type_name(e->type), .time = e->time, .received = clock_now_ms(), .container = container,
		                 .device = e->device, .content = item->content,
		                 .content_digest = item->digest, .raw = intake->raw, .origin = ORIGIN_RECEIVED, .status = STATUS_CURRENT };
	TRY(event_add(db, arena, &row, &item->outcome, &item->row, error));
	if (item->outcome != STORE_NEW)
		return 0;
	item->row = row;
	if (!intake->raw_stored)  /* the octets as they came, once where any event of them is new */
		TRY(body_put_as(db, intake->raw, intake->call->request->body, intake->raw_digest,
		                http_request_header(intake->call->request, "Content-Type"), error));
	intake->raw_stored = true;
	return other_found ? event_set_status(db, other.id, STATUS_RETRACTED, error) : 0;
}

static int store_all(struct db *db, void *context, struct error *error)
{
	struct intake *intake = context;
	intake->raw_stored = false;
	for (size_t i = 0; i < intake->count; i++)
		if (!intake->items[i].error)
			TRY(item_store(db, intake, &intake->items[i], error));
	return 0;
}

/* ---- answering ---- */

/* The event as it is stored (a compact object), and what the gateway adds. By the text: this is said on the committer. */
static void stored_write(struct buffer *out, const struct event_row *row)
{
	char time[CLOCK_TEXT_SIZE];
	buffer_add(out, row->content, strlen(row->content) - 1);
	buffer_add_text(out, ",\"uid\":");
	text_escape_json(out, row->id);
	buffer_add_text(out, ",\"provider\":");
	text_escape_json(out, row->provider);
	buffer_add_text(out, ",\"received\":");
	text_escape_json(out, clock_format(row->received, time));
	buffer_add_text(out, "}\n");
}

static void conflict(struct intake *intake, struct item *item)
{
	struct error error;
	error_set(&error, ERROR_CONFLICT, "provider \"%s\" has sent an event \"%s\" with another content: an event never changes; send a new one, "
	          "or one of type retracted", item->row.provider, item->row.provider_id);
	error_in_field(&error, "/id");
	item_fail(intake, item, &error);
}

static void answer_one(struct intake *intake)
{
	struct call *call = intake->call;
	struct item *item = &intake->items[0];
	if (item->outcome == STORE_CONFLICT && !item->error)
		conflict(intake, item);
	if (item->error) {
		http_answer_problem(call->request, item->error);
		return;
	}
	http_answer_header(call->request, "Location", arena_printf(call->arena, "/v1/events/%s", item->row.id));
	BUFFER_AUTO out = { 0 };
	stored_write(&out, &item->row);
	http_answer_owned(call->request, item->outcome == STORE_NEW ? 201 : 200, "application/json", &out);
}

static void answer_list(void *context)
{
	struct intake *intake = context;
	struct call *call = intake->call;
	struct json *out = json_new_object(call->arena), *results = json_new_array(call->arena);
	int64_t counts[3] = { 0 };
	for (size_t i = 0; i < intake->count; i++) {
		struct item *item = &intake->items[i];
		struct json *result = json_new_object(call->arena);
		if (item->outcome == STORE_CONFLICT && !item->error)
			conflict(intake, item);
		bool bad = item->error;
		json_set_integer(call->arena, result, "index", (int64_t)i);
		json_set_integer(call->arena, result, "status", bad ? error_status(item->error) : item->outcome == STORE_NEW ? 201 : 200);
		if (bad) {
			json_set(result, "problem", problem_json(call, item->error));
		} else {
			json_set_text(call->arena, result, "id", item->row.provider_id);
			json_set_text(call->arena, result, "uid", item->row.id);
		}
		counts[bad ? 2 : item->outcome == STORE_NEW ? 0 : 1]++;
		json_append(results, result);
	}
	json_set_integer(call->arena, out, "stored", counts[0]);
	json_set_integer(call->arena, out, "repeated", counts[1]);
	json_set_integer(call->arena, out, "refused", counts[2]);
	json_set(out, "results", results);
	answer_json(call, counts[0] + counts[1] ? 200 : 422, out);
}

static void told(struct intake *intake, const struct error *error)
{
	if (error)
		http_answer_problem(intake->call->request, error);
	else if (intake->alone)
		answer_one(intake);
	else
		call_later(intake->call, answer_list, intake);
}

/* On the committer's thread. Once the call is answered nothing of it may be there any more, and behind the count nothing at all. */
static void stored(void *context, const struct error *error)
{
	struct intake *intake = context;
	struct receive *receive = intake->call->receive;
	told(intake, error);
	atomic_fetch_sub(&receive->in_store, 1);
}

static int finish(struct intake *intake)
{
	struct receive *receive = intake->call->receive;
	size_t good = 0;
	for (size_t i = 0; i < intake->count; i++)
		if (!intake->items[i].error) {
			if (!intake->items[i].content)
				item_prepare(intake, &intake->items[i]);
			good++;
		}
	if (intake->count == 0)
		FAIL(intake->call->error, BAD_REQUEST, "there is no event in the body");
	if (!good) {
		told(intake, NULL);
		return 0;
	}
	id_uuid7(intake->raw);
	digest_sha256_hex(intake->call->request->body, intake->raw_digest);
	atomic_fetch_add(&receive->in_store, 1);
	if (store_write_later(receive->config.store, store_all, intake, stored, intake->call->error) == 0)
		return 0;
	atomic_fetch_sub(&receive->in_store, 1);
	return -1;
}

/* The call's error dies with the handler; what is answered later brings its own. */
static struct intake *intake_new(struct call *call)
{
	struct intake *intake = arena_alloc(call->arena, sizeof *intake);
	intake->call = call;
	return intake;
}

int events_post(struct call *call)
{
	struct intake *intake = intake_new(call);
	intake->provider = provider_of_party(call, call->error);
	if (!intake->provider)
		return -1;
	TRY(check_vouched(intake));
	const char *type = http_request_media_type(call->request);
	struct json *root;
	if (text_equal(type, "application/x-ndjson") || text_equal(type, "application/jsonl")) {
		TRY(lines_read(intake));
	} else {
		TRY(call_parse(call, &root));
		TRY(list_read(intake, root));
	}
	return finish(intake);
}

int events_of_provider(struct call *call)
{
	struct intake *intake = intake_new(call);
	const struct settings *s = call->receive->config.settings;
	intake->provider = settings_provider(s, call_segment(call, 2));
	if (!intake->provider || !text_equal(intake->provider->party, call->caller->party))
		FAIL(call->error, FORBIDDEN, "party \"%s\" does not run a provider \"%.60s\"", call->caller->party, call_segment(call, 2));
	TRY(check_vouched(intake));
	TRY(mapped_read(intake));
	return finish(intake);
}
