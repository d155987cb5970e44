/* Messages: what an operator does with them, and how they came to be. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "model/container.h"
#include "receive/call.h"
#include "store/as4.h"
#include "store/body.h"

struct asked {
	struct call *call;
	struct bytes octets;
	const char *content_type;
	struct message_row row;
	bool found, moved;
	struct json *out;
};

static int find_shown(struct db *db, struct asked *a, struct error *error)
{
	struct json *shown = NULL;
	TRY(message_find(db, a->call->arena, a->call->id, &a->row, &a->found, error));
	if (a->found)
		TRY(view_message(db, a->call->arena, &a->call->viewer, &a->row, &shown, error));
	a->found = shown != NULL;
	return 0;
}

static int find_one(struct db *db, void *context, struct error *error)
{
	return find_shown(db, context, error);
}

/* What went into it tells of every consignment. */
static int find_whole(struct db *db, void *context, struct error *error)
{
	struct asked *a = context;
	bool may = true;
	TRY(find_shown(db, a, error));
	if (a->found)
		TRY(view_whole_journey(db, a->call->arena, &a->call->viewer, a->row.journey, &may, error));
	if (!may)
		FAIL(error, FORBIDDEN, "message \"%s\" tells of consignments that are not yours", a->call->id);
	return 0;
}

static int ask(struct call *call, store_read_fn *read, struct asked *a)
{
	*a = (struct asked){ .call = call };
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, read, a, call->error));
	return a->found ? 0 : answer_not_found(call, "message");
}

static void put_time(struct arena *arena, struct json *out, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (ms != CLOCK_NONE)
		json_set_text(arena, out, name, clock_format(ms, text));
}

static int attempts_read(struct db *db, void *context, struct error *error)
{
	struct asked *a = context;
	struct arena *arena = a->call->arena;
	struct attempt_row *attempts;
	struct receipt_row *receipts;
	size_t count;
	TRY(find_shown(db, a, error));
	if (!a->found)
		return 0;
	struct json *list = json_new_array(arena), *got = json_new_array(arena);
	TRY(attempt_list(db, arena, a->row.id, &attempts, &count, error));
	for (size_t i = 0; i < count; i++) {
		struct json *one = json_new_object(arena);
		json_set_integer(arena, one, "number", attempts[i].number);
		put_time(arena, one, "started", attempts[i].started);
		put_time(arena, one, "ended", attempts[i].ended);
		json_set_text(arena, one, "outcome", attempts[i].outcome ? attempts[i].outcome : "under way");
		if (attempts[i].status != CLOCK_NONE)
			json_set_integer(arena, one, "status", attempts[i].status);
		if (attempts[i].detail)
			json_set_text(arena, one, "detail", attempts[i].detail);
		json_append(list, one);
	}
	TRY(receipt_list(db, arena, a->row.id, &receipts, &count, error));
	for (size_t i = 0; i < count; i++) {
		struct json *one = json_new_object(arena);
		json_set_text(arena, one, "id", receipts[i].id);
		json_set_text(arena, one, "kind", receipts[i].kind);
		put_time(arena, one, "received", receipts[i].received);
		if (receipts[i].conversation)
			json_set_text(arena, one, "conversation", receipts[i].conversation);
		json_append(got, one);
	}
	a->out = json_new_object(arena);
	json_set(a->out, "items", list);
	json_set(a->out, "receipts", got);
	return 0;
}

int message_attempts(struct call *call)
{
	struct asked a;
	TRY(ask(call, attempts_read, &a));
	return answer_json(call, 200, a.out);
}

/* ---- what proves that it went out and arrived ---- */

static int octets_read(struct db *db, struct asked *a, const char *id, struct error *error)
{
	struct body body;
	bool found;
	TRY(body_find(db, a->call->arena, id, &body, &found, error));
	a->found = found;
	if (!found)
		return 0;
	a->content_type = body.content_type;
	return body_read(db, a->call->arena, id, &a->octets, error);
}

static int sent_read(struct db *db, void *context, struct error *error)
{
	struct asked *a = context;
	struct as4_out_row out;
	TRY(find_whole(db, a, error));
	if (a->found)
		TRY(as4_out_find(db, a->call->arena, a->row.id, &out, &a->found, error));
	return a->found ? octets_read(db, a, out.body, error) : 0;
}

static int receipt_read(struct db *db, void *context, struct error *error)
{
	struct asked *a = context;
	struct receipt_row *receipts;
	size_t count = 0;
	const char *id = call_segment(a->call, 4);
	TRY(find_whole(db, a, error));
	if (a->found)
		TRY(receipt_list(db, a->call->arena, a->row.id, &receipts, &count, error));
	a->found = false;
	for (size_t i = 0; i < count; i++)
		if (text_equal(receipts[i].id, id) && receipts[i].body)
			return octets_read(db, a, receipts[i].body, error);
	return 0;
}

static int octets_answer(struct call *call, store_read_fn *read, const char *what)
{
	struct asked a = { .call = call };
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, read, &a, call->error));
	if (!a.found)
		return answer_not_found(call, what);
	http_answer(call->request, 200, a.content_type, a.octets);
	return 0;
}

int message_sent(struct call *call)
{
	return octets_answer(call, sent_read, "wire form of message");
}

int message_receipt(struct call *call)
{
	return octets_answer(call, receipt_read, "receipt of message");
}

/* ---- how it came to be ---- */

static int input_of(struct call *call, struct asked *a, struct json **input_r)
{
	const struct json_limits wide = { .bytes = 64 << 20, .nodes = 2000000, .text = 4 << 20, .depth = 64 };
	TRY(ask(call, find_whole, a));
	return json_parse(call->arena, bytes_of_text(a->row.input), &wide, input_r, call->error);
}

int message_input(struct call *call)
{
	struct asked a;
	struct json *input, *out = json_new_object(call->arena);
	TRY(input_of(call, &a, &input));
	const struct agreement *agreement = settings_agreement(call->receive->config.settings, a.row.agreement);
	json_set_text(call->arena, out, "mapping", arena_printf(call->arena, "messages/%s/%s", agreement ? agreement->profile : "wco-dms", a.row.kind));
	json_set_text(call->arena, out, "mapping_set", a.row.set_digest);
	json_set(out, "input", input);
	return answer_json(call, 200, out);
}

static void set_drop(void *set)
{
	struct map_set *own = set;
	map_set_free(&own);
}

/* The set that made it: the one in use, or one that was kept. */
static int set_of(struct call *call, const char *digest, struct map_set **set_r)
{
	struct map_set *now = call->receive->config.set;
	if (text_equal(map_set_digest(now), digest)) {
		*set_r = now;
		return 0;
	}
	TRY(map_set_open_kept(call->receive->config.settings->kept_sets, digest, set_r, call->error));
	arena_at_free(call->arena, set_drop, *set_r);
	return 0;
}

int message_explain(struct call *call)
{
	struct asked a;
	struct json *input, *out = json_new_object(call->arena), *rows = json_new_array(call->arena);
	struct map_set *set;
	struct map_traces traces;
	TRY(input_of(call, &a, &input));
	TRY(set_of(call, a.row.set_digest, &set));
	const struct agreement *agreement = settings_agreement(call->receive->config.settings, a.row.agreement);
	const char *name = arena_printf(call->arena, "messages/%s/%s", agreement ? agreement->profile : "wco-dms", a.row.kind);
	const struct mapping *mapping = mapping_find(set, name);
	if (!mapping)
		FAIL(call->error, BAD_MAPPING, "the mapping set of this message has no \"%s\"", name);
	TRY(map_explain(mapping, input, call->arena, &traces, call->error));
	for (size_t i = 0; i < traces.count; i++) {
		const struct map_trace *t = &traces.items[i];
		struct json *row = json_new_object(call->arena);
		json_set_text(call->arena, row, "element", t->element);
		if (t->wco)
			json_set_text(call->arena, row, "wco", t->wco);
		if (t->pointer)
			json_set_text(call->arena, row, "pointer", t->pointer);
		json_set_text(call->arena, row, "source", t->source);
		json_set_text(call->arena, row, "filters", t->filters);
		json_set_text(call->arena, row, "value", t->value);
		json_set_text(call->arena, row, "place", arena_printf(call->arena, "%s:%u", t->file, t->line));
		json_append(rows, row);
	}
	json_set_text(call->arena, out, "message", a.row.id);
	json_set_text(call->arena, out, "mapping", name);
	json_set_text(call->arena, out, "mapping_set", a.row.set_digest);
	json_set(out, "elements", rows);
	return answer_json(call, 200, out);
}

static int resend(struct db *db, void *context, struct error *error)
{
	struct asked *a = context;
	TRY(find_shown(db, a, error));
	if (!a->found)
		return 0;
	TRY(message_resend(db, a->row.id, &a->moved, error));
	return message_find(db, a->call->arena, a->row.id, &a->row, &a->found, error);
}

int message_resend_now(struct call *call)
{
	struct asked a = { .call = call };
	struct json *out = json_new_object(call->arena);
	call->id = call_segment(call, 2);
	TRY(store_write(call->receive->config.store, resend, &a, call->error));
	if (!a.found)
		return answer_not_found(call, "message");
	if (!a.moved)
		FAIL(call->error, CONFLICT, "message \"%s\" is %s: that is not sent again", call->id, message_state_name(a.row.state));
	json_set_text(call->arena, out, "id", a.row.id);
	json_set_text(call->arena, out, "state", message_state_name(a.row.state));
	return answer_json(call, 202, out);
}

static int order(struct call *call, const struct report_order *order)
{
	struct json *answer = NULL;
	const struct receive_hooks *hooks = &call->receive->config.hooks;
	if (!hooks->ordered)
		FAIL(call->error, NOT_FOUND, "this gateway writes no messages");
	TRY(hooks->ordered(hooks->context, order, call->arena, &answer, call->error));
	return answer_json(call, 202, answer ? answer : json_new_object(call->arena));
}

int message_withdraw(struct call *call)
{
	struct asked a;
	TRY(ask(call, find_one, &a));
	TRY(call_parse(call, &call->in));
	const char *reason = json_path_text(call->in, "reason");
	if (text_empty(reason)) {
		error_set(call->error, ERROR_MISSING_FIELD, "\"reason\" is missing: why the report is taken back, in a sentence");
		return error_in_field(call->error, "/reason");
	}
	struct report_order o = { .kind = KIND_WITHDRAWAL, .agreement = a.row.agreement, .container = a.row.container, .message = a.row.id, .reason = reason,
		                  .by = arena_printf(call->arena, "operator:%s", call->caller->party) };
	return order(call, &o);
}

static int may_order(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	return view_container_at(db, call->arena, &call->viewer, call->id, clock_now_ms(), &call->found, error);
}

/* POST /v1/containers/{number}/messages {"kind": "assurance" | "arrival", "agreement": …, "mrn": …} */
int container_order(struct call *call)
{
	struct report_order o = { .by = arena_printf(call->arena, "operator:%s", call->caller->party) };
	call->id = call_segment(call, 2);
	TRY(call_read(call, may_order));
	if (!call->found)
		return answer_not_found(call, "container");
	TRY(call_parse(call, &call->in));
	const char *kind = json_path_text(call->in, "kind");
	if (!kind || !message_kind_find(kind, &o.kind) || (o.kind != KIND_ASSURANCE && o.kind != KIND_ARRIVAL)) {
		error_set(call->error, ERROR_BAD_FIELD, "\"kind\" is assurance or arrival; reports are made by findings, withdrawals by /v1/messages/{id}/withdraw");
		return error_in_field(call->error, "/kind");
	}
	o.container = call->id;
	o.agreement = json_path_text(call->in, "agreement");
	o.mrn = json_path_text(call->in, "mrn");
	o.reason = json_path_text(call->in, "reason");
	return order(call, &o);
}

/* ---- notices ---- */

static int acknowledge(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	struct notice_row row;
	struct json *content;
	char time[CLOCK_TEXT_SIZE];
	TRY(notice_find(db, call->arena, call->id, &row, &call->found, error));
	if (!call->found)
		return 0;
	TRY(view_notice(db, call->arena, &call->viewer, &row, &call->out, error));
	call->found = call->out != NULL;
	if (!call->found || row.acknowledged != CLOCK_NONE)
		return 0;
	row.acknowledged = clock_now_ms();
	row.escalate = CLOCK_NONE;
	TRY(json_parse(call->arena, bytes_of_text(row.content), NULL, &content, error));
	struct json *mark = json_new_object(call->arena);
	json_set_text(call->arena, mark, "by", call->caller->party);
	json_set_text(call->arena, mark, "at", clock_format(row.acknowledged, time));
	json_set(content, "acknowledged", mark);
	row.content = json_to_text(call->arena, content, JSON_COMPACT);
	TRY(notice_update(db, &row, "acknowledged", error));
	return view_notice(db, call->arena, &call->viewer, &row, &call->out, error);
}

int notice_acknowledge(struct call *call)
{
	call->id = call_segment(call, 2);
	TRY(call_write(call, acknowledge));
	return call->found ? answer_json(call, 200, call->out) : answer_not_found(call, "notice");
}
