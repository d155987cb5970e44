/* What is stored, read: lists with cursors, single things, exact octets, a container's whole picture. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "model/container.h"
#include "receive/call.h"
#include "store/body.h"
#include "store/container.h"

#define PAGE 100
#define PAGE_MOST 500
#define LOOK_MOST 5000  /* things that are looked at for one page, shown or not */

static bool noun_find(const char *name, enum noun *noun_r)
{
	static const char *const names[] = { "events", "findings", "messages", "documents", "notices", "journeys" };
	for (int i = 0; i < 6; i++)
		if (text_equal(names[i], name)) {
			*noun_r = (enum noun)i;
			return true;
		}
	return false;
}

/* ---- lists ---- */

struct listing {
	struct call *call;
	struct list_filter filter;
	const char *kind;       /* as the viewer sees it; NULL: any, or the filter sees to it */
	int64_t most, cursor;
	struct json *items;
	bool more;
};

/* What is held back from the viewer is held back from filters too: who may know of the block alone finds a hold. */
static bool is_wanted(const struct listing *l, const struct json *shown)
{
	const char *code = json_path_text(shown, "code");
	return !l->kind || text_equal(l->kind, code ? code : json_path_text(shown, "kind"));
}

/* Neither the cursor nor "more" tells of what is not shown, unless there is so much of it that the next page must go on behind it. */
static int list_read(struct db *db, void *context, struct error *error)
{
	struct listing *l = context;
	struct arena *arena = l->call->arena;
	for (int64_t looked = 0; looked < LOOK_MOST;) {
		struct list_item *items;
		size_t count;
		l->filter.limit = l->most + 1;
		TRY(list_ids(db, arena, &l->filter, &items, &count, error));
		for (size_t i = 0; i < count; i++) {
			struct json *shown;
			TRY(view_find(db, arena, &l->call->viewer, l->filter.noun, items[i].id, &shown, error));
			if (shown && is_wanted(l, shown)) {
				if ((int64_t)json_count(l->items) == l->most) {
					l->more = true;
					return 0;
				}
				json_append(l->items, shown);
				l->cursor = items[i].number;
			}
			l->filter.after = items[i].number;
		}
		looked += (int64_t)count;
		if ((int64_t)count < l->filter.limit)
			return 0;
	}
	l->more = true;
	l->cursor = l->filter.after;
	return 0;
}

static int number_parameter(struct call *call, const char *name, int64_t most, int64_t otherwise, int64_t *value_r)
{
	const char *text = call_parameter(call, name);
	*value_r = otherwise;
	if (text && text_integer(text, 0, most, value_r, call->error) < 0) {
		error_set(call->error, ERROR_BAD_FIELD, "parameter \"%s\" is a number from 0 to %lld", name, (long long)most);
		return error_in_field(call->error, "?%s", name);
	}
	return 0;
}

int list_get(struct call *call)
{
	const char *kind = call_parameter(call, "kind"), *type = call_parameter(call, "type"), *code = call_parameter(call, "code");
	const char *order = call_parameter(call, "order");
	struct listing *l = arena_alloc(call->arena, sizeof *l);
	*l = (struct listing){ .call = call, .items = json_new_array(call->arena) };
	must(noun_find(call_segment(call, 1), &l->filter.noun));
	l->filter.container = call_parameter(call, "container");
	l->filter.journey = l->filter.noun == NOUN_EVENT || l->filter.noun == NOUN_JOURNEY ? NULL : call_parameter(call, "journey");
	l->filter.kind = kind ? kind : type ? type : code;
	if (!viewer_sees_all(&call->viewer) && (l->filter.noun == NOUN_FINDING || l->filter.noun == NOUN_NOTICE)) {
		l->kind = l->filter.kind;
		l->filter.kind = NULL;
	}
	l->filter.state = call_parameter(call, "state");
	l->filter.latest_first = text_equal(order, "latest");
	if (order && !l->filter.latest_first && !text_equal(order, "oldest"))
		FAIL(call->error, BAD_FIELD, "parameter \"order\" is oldest or latest");
	TRY(number_parameter(call, "limit", PAGE_MOST, PAGE, &l->most));
	TRY(number_parameter(call, "cursor", INT64_MAX, 0, &l->filter.after));
	l->cursor = l->filter.after;
	l->most = l->most ? l->most : 1;
	TRY(store_read(call->receive->config.store, list_read, l, call->error));
	struct json *out = json_new_object(call->arena);
	json_set(out, "items", l->items);
	json_set_text(call->arena, out, "cursor", arena_printf(call->arena, "%lld", (long long)l->cursor));
	json_set_bool(call->arena, out, "more", l->more);
	return answer_json(call, 200, out);
}

/* ---- single things ---- */

static int thing_read(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	enum noun noun;
	must(noun_find(call_segment(call, 1), &noun));
	return view_find(db, call->arena, &call->viewer, noun, call->id, &call->out, error);
}

int thing_get(struct call *call)
{
	static const char *const names[] = { "event", "finding", "message", "document", "notice", "journey" };
	enum noun noun;
	call->id = call_segment(call, 2);
	must(noun_find(call_segment(call, 1), &noun));
	TRY(call_read(call, thing_read));
	return call->out ? answer_json(call, 200, call->out) : answer_not_found(call, names[noun]);
}

/* ---- exact octets ---- */

struct octets {
	struct call *call;
	bool signature;
	struct bytes bytes;
	const char *type;
	bool found;
};

static int body_of(struct db *db, struct octets *o, const char *id, struct error *error)
{
	struct body body;
	if (!id)
		return 0;
	TRY(body_find(db, o->call->arena, id, &body, &o->found, error));
	if (!o->found)
		return 0;
	o->type = body.content_type;
	return body_read(db, o->call->arena, id, &o->bytes, error);
}

static int message_octets(struct db *db, void *context, struct error *error)
{
	struct octets *o = context;
	struct message_row row;
	struct json *shown;
	bool found;
	TRY(message_find(db, o->call->arena, o->call->id, &row, &found, error));
	if (!found)
		return 0;
	TRY(view_message(db, o->call->arena, &o->call->viewer, &row, &shown, error));
	if (!shown)
		return 0;
	TRY(view_whole_journey(db, o->call->arena, &o->call->viewer, row.journey, &found, error));
	if (!found)
		FAIL(error, FORBIDDEN, "message \"%s\" tells of consignments that are not yours", o->call->id);
	return body_of(db, o, o->signature ? row.signature : row.document, error);
}

static int document_octets(struct db *db, void *context, struct error *error)
{
	struct octets *o = context;
	struct document_row row;
	struct json *shown;
	bool found;
	TRY(document_find(db, o->call->arena, o->call->id, &row, &found, error));
	if (!found)
		return 0;
	TRY(view_document(db, o->call->arena, &o->call->viewer, &row, &shown, error));
	return shown ? body_of(db, o, o->signature ? row.signature : row.body, error) : 0;
}

static int octets_answer(struct call *call, store_read_fn *read, bool signature, const char *what)
{
	struct octets o = { .call = call, .signature = signature };
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, read, &o, call->error));
	if (!o.found)
		return answer_not_found(call, what);
	http_answer_header(call->request, "Content-Disposition", "attachment");
	http_answer(call->request, 200, o.type, o.bytes);
	return 0;
}

int message_document(struct call *call)
{
	return octets_answer(call, message_octets, false, "document of a message");
}

int message_signature(struct call *call)
{
	return octets_answer(call, message_octets, true, "signature of a message");
}

int document_content(struct call *call)
{
	return octets_answer(call, document_octets, false, "document");
}

int document_signature(struct call *call)
{
	return octets_answer(call, document_octets, true, "signature of a document");
}

/* ---- a container ---- */

static int take(struct db *db, struct call *call, enum noun noun, const char *name, struct error *error)
{
	struct list_filter filter = { .noun = noun, .container = call->id, .latest_first = true, .limit = PAGE };
	struct list_item *items;
	struct json *list = json_new_array(call->arena);
	size_t count;
	TRY(list_ids(db, call->arena, &filter, &items, &count, error));
	for (size_t i = count; i-- > 0;) {
		struct json *shown;
		TRY(view_find(db, call->arena, &call->viewer, noun, items[i].id, &shown, error));
		if (shown)
			json_append(list, shown);
	}
	json_set(call->out, name, list);
	return 0;
}

/* The verdict tells that something was found: who may not know of findings is told the state of the watch alone. */
static void keep_open_part(struct call *call, struct json *integrity)
{
	if (disclosure_of(&call->viewer.settings->disclosure, call->viewer.roles, SUBJECT_FINDING_HIGH) == DISCLOSE_FULL)
		return;
	static const char *const hidden[] = { "verdict", "sentence", "seal", "door", "openings", "permitted_openings", "findings", "not_sent", "assurance" };
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		json_unset(integrity, hidden[i]);
}

static int container_read_all(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	const char *content, *held;
	bool may;
	TRY(view_container(db, call->arena, &call->viewer, call->id, &may, error));
	if (!may)
		return 0;
	TRY(container_content(db, call->arena, call->id, &content, &held, error));
	if (!content && !held) {
		struct journey_row *rows;
		size_t count;
		TRY(journey_of_container(db, call->arena, call->id, &rows, &count, error));
		if (!count)
			return 0;
	}
	call->out = json_new_object(call->arena);
	json_set_text(call->arena, call->out, "number", call->id);
	struct json *integrity, *journey = NULL;
	if (content) {
		TRY(json_parse(call->arena, bytes_of_text(content), NULL, &integrity, error));
		if (json_path_text(integrity, "journey"))
			TRY(view_find(db, call->arena, &call->viewer, NOUN_JOURNEY, json_path_text(integrity, "journey"), &journey, error));
		keep_open_part(call, integrity);
		if (journey || viewer_sees_all(&call->viewer))  /* it tells of one journey, which may be another one than the viewer's */
			json_set(call->out, "integrity", integrity);
	}
	if (held && viewer_sees_all(&call->viewer))
		json_set_text(call->arena, call->out, "held", held);
	TRY(take(db, call, NOUN_JOURNEY, "journeys", error));
	TRY(take(db, call, NOUN_FINDING, "findings", error));
	TRY(take(db, call, NOUN_MESSAGE, "messages", error));
	return take(db, call, NOUN_NOTICE, "notices", error);
}

int container_get(struct call *call)
{
	char number[CONTAINER_NUMBER_SIZE];
	bool good;
	struct error ignored = { 0 };
	const char *asked = call_segment(call, 2);
	call->id = container_read(asked, number, &good, &ignored) == 0 ? arena_text(call->arena, number) : asked;
	TRY(call_read(call, container_read_all));
	return call->out ? answer_json(call, 200, call->out) : answer_not_found(call, "container");
}
