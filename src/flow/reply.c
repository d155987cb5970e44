/* An approved answer to a question becomes a message. */
#include "model/reply.h"

#include <string.h>

#include "flow/report.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "store/document.h"
#include "store/part.h"
#include "store/reply.h"

struct approving {
	const struct flow_config *config;
	const struct flow_approval *approval;
	struct arena *arena;
	struct notice_row notice;
	struct json *question;          /* the notice as it is shown */
	struct reply_row reply;
	struct part_row *parts;
	size_t part_count;
	struct prepared prepared;
};

/* ---- may it go? ---- */

static int approval_check(struct approving *a, struct error *error)
{
	const struct reply_row *r = &a->reply;
	if (!text_equal(a->notice.kind, "question") || !text_equal(json_path_text(a->question, "answerable"), "api"))
		FAIL(error, CONFLICT, "notice \"%s\" is no question that is answered here", a->notice.id);
	if (!text_equal(r->state, "draft"))
		FAIL(error, CONFLICT, "reply \"%s\" is %s: only a draft is approved", r->id, r->state);
	if (text_equal(r->token, a->approval->token))
		FAIL(error, FORBIDDEN, "reply \"%s\" was written with this very key: somebody else must approve it", r->id);
	return 0;
}

static int find_all(struct db *db, struct approving *a, struct error *error)
{
	const struct json_limits wide = { .bytes = 16 << 20, .text = 4 << 20 };
	bool notice, reply;
	TRY(notice_find(db, a->arena, a->approval->notice, &a->notice, &notice, error));
	TRY(reply_find(db, a->arena, a->approval->reply, &a->reply, &reply, error));
	if (!notice || !reply || !text_equal(a->reply.notice, a->notice.id))
		FAIL(error, NOT_FOUND, "there is no reply \"%s\" to notice \"%s\"", a->approval->reply, a->approval->notice);
	TRY(json_parse(a->arena, bytes_of_text(a->notice.content), &wide, &a->question, error));
	return approval_check(a, error);
}

static int agreement_of(const struct approving *a, int64_t now, const struct agreement **agreement_r, struct error *error)
{
	const struct agreement *agreement = settings_agreement(a->config->settings, a->notice.peer);
	if (!agreement)
		FAIL(error, NOT_AGREED, "there is no agreement \"%s\" any more", a->notice.peer);
	const char *refusal = agreement_refusal(agreement, KIND_REPLY, now, a->arena);
	if (refusal)
		FAIL(error, NOT_AGREED, "%s", refusal);
	*agreement_r = agreement;
	return 0;
}

/* Customs did not get it, or did not take it: then the request may be answered again. */
static int is_void(struct db *db, struct approving *a, const struct message_row *message, bool *void_r, struct error *error)
{
	struct notice_row *rows;
	size_t count;
	*void_r = message->state == MESSAGE_FAILED || message->state == MESSAGE_WITHDRAWN;
	TRY(notice_of_message(db, a->arena, message->id, &rows, &count, error));
	for (size_t i = 0; i < count; i++)
		*void_r |= text_equal(rows[i].kind, "rejected");
	return 0;
}

/* One answer to a request, however many notices it was told in (one for each box of ours). */
static int cause_find(struct db *db, struct approving *a, const struct agreement *agreement, const char **cause_r, struct error *error)
{
	struct message_row before;
	bool found, is_dead;
	const char *mrn = json_path_text(a->question, "mrn"), *request = json_path_text(a->question, "reference");
	const char *kind = message_kind_name(KIND_REPLY), *cause = arena_printf(a->arena, "reply:%s:%s", mrn ? mrn : "", request ? request : "");
	*cause_r = cause;
	for (size_t again = 2;; again++) {
		TRY(message_find_cause(db, a->arena, agreement->name, kind, *cause_r, &before, &found, error));
		if (!found)
			return 0;
		TRY(is_void(db, a, &before, &is_dead, error));
		if (!is_dead)
			FAIL(error, CONFLICT, "request \"%s\" was answered by message \"%s\"", request ? request : "", before.id);
		*cause_r = arena_printf(a->arena, "%s:%zu", cause, again);
	}
}

/* ---- the mapping's input ---- */

static void put(struct approving *a, struct json *out, const char *name, const char *text)
{
	if (!text_empty(text))
		json_set_text(a->arena, out, name, text);
}

static const char *party_of(const struct approving *a, const char *role)
{
	for (struct json_iter it = json_iter(json_find(a->question, "parties")); json_next(&it);)
		if (text_equal(json_path_text(it.value, "role"), role))
			return json_path_text(it.value, "eori");
	return NULL;
}

static void add_bills(struct approving *a, struct json *question)
{
	for (struct json_iter it = json_iter(json_path(a->question, "scope.bills")); json_next(&it);) {
		const char *level = json_path_text(it.value, "level");
		struct json *one = json_new_object(a->arena);
		put(a, one, "number", json_path_text(it.value, "number"));
		put(a, one, "type", json_path_text(it.value, "type"));
		if (level && !json_find(question, level))
			json_set(question, level, one);
	}
}

static struct json *question_json(struct approving *a)
{
	struct json *out = json_new_object(a->arena);
	put(a, out, "notice", a->notice.id);
	put(a, out, "document", a->notice.document);
	put(a, out, "mrn", json_path_text(a->question, "mrn"));
	put(a, out, "reference", json_path_text(a->question, "reference"));
	put(a, out, "type", json_path_text(a->question, "requests.0.type"));
	put(a, out, "member_state", json_path_text(a->question, "office.country"));
	put(a, out, "declarant", party_of(a, "declarant"));
	put(a, out, "representative", party_of(a, "representative"));
	add_bills(a, out);
	return out;
}

static struct json *reply_json(struct approving *a)
{
	struct json *out = json_new_object(a->arena), *files = json_new_array(a->arena);
	put(a, out, "id", a->reply.id);
	put(a, out, "by", a->reply.author);
	put(a, out, "approved_by", a->approval->by);
	json_set(out, "texts", reply_pieces(a->arena, a->reply.text));
	for (size_t i = 0; i < a->part_count; i++) {
		struct json *file = json_new_object(a->arena);
		put(a, file, "id", a->parts[i].id);
		put(a, file, "name", a->parts[i].name);
		put(a, file, "type", a->parts[i].content_type);
		put(a, file, "description", a->parts[i].description);
		json_set_integer(a->arena, file, "size", a->parts[i].size);
		put(a, file, "digest", a->parts[i].digest);
		json_append(files, file);
	}
	json_set(out, "files", files);
	return out;
}

static struct json *input_of(struct approving *a, const struct agreement *agreement, const char *reference, int64_t now)
{
	char time[CLOCK_TEXT_SIZE];
	struct json *out = json_new_object(a->arena), *gateway = json_new_object(a->arena), *own = json_new_object(a->arena), *message = json_new_object(a->arena);
	put(a, gateway, "name", a->config->settings->name);
	put(a, gateway, "eori", a->config->settings->eori);
	put(a, own, "name", agreement->name);
	put(a, own, "country", agreement->country);
	put(a, own, "language", agreement->language);
	put(a, message, "reference", reference);
	put(a, message, "kind", message_kind_name(KIND_REPLY));
	put(a, message, "issued", clock_format(now - now % 1000, time));
	json_set(out, "gateway", gateway);
	json_set(out, "agreement", own);
	json_set(out, "message", message);
	json_set(out, "question", question_json(a));
	json_set(out, "reply", reply_json(a));
	return out;
}

/* ---- look, then write ---- */

static int size_check(const struct approving *a, struct error *error)
{
	size_t size = a->prepared.report.document.size;
	for (size_t i = 0; i < a->part_count; i++)
		size += (size_t)a->parts[i].size;
	if (size > REPLY_OCTETS)
		FAIL(error, TOO_LARGE, "document and files have %zu octets; %zu are taken", size, REPLY_OCTETS);
	return 0;
}

static int look(struct db *db, void *context, struct error *error)
{
	struct approving *a = context;
	char reference[ID_REFERENCE_SIZE];
	int64_t now = clock_now_ms();
	const struct agreement *agreement = NULL;
	const char *cause;
	TRY(find_all(db, a, error));
	TRY(agreement_of(a, now, &agreement, error));
	TRY(cause_find(db, a, agreement, &cause, error));
	TRY(part_list(db, a->arena, a->reply.id, &a->parts, &a->part_count, error));
	id_reference(reference);
	for (size_t i = 0; i < a->part_count; i++)  /* what the document calls a file is its Content-ID (ICS2 ICD 4.2.5) */
		a->parts[i].id = arena_printf(a->arena, "%s-%zu", reference, i + 1);
	struct json *input = input_of(a, agreement, reference, now);
	a->prepared = (struct prepared){ .agreement = agreement, .parts = a->parts, .part_count = a->part_count };
	TRY(report_make(a->config, a->arena, agreement, KIND_REPLY, input, reference, now, &a->prepared.report, error));
	a->prepared.row = (struct message_row){ .id = arena_text(a->arena, reference), .agreement = agreement->name, .kind = message_kind_name(KIND_REPLY),
		                                .cause = cause, .container = a->notice.container, .journey = a->notice.journey, .state = MESSAGE_READY,
		                                .content_type = "application/xml; charset=UTF-8", .headers = "{}",
		                                .input = json_to_text(a->arena, input, JSON_COMPACT), .set_digest = map_set_digest(a->config->set),
		                                .marks = a->prepared.report.marks, .created = now, .due = clock_real_ms(), .first_try = CLOCK_NONE,
		                                .held_since = CLOCK_NONE, .signer_until = CLOCK_NONE };
	return size_check(a, error);
}

/* Whoever answers a question has taken it up. */
static int notice_mark(struct db *db, struct approving *a, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	struct json *mark = json_new_object(a->arena), *taken = json_new_object(a->arena);
	clock_format(a->reply.approved, time);
	json_set_text(a->arena, mark, "id", a->reply.id);
	json_set_text(a->arena, mark, "state", "approved");
	json_set_text(a->arena, mark, "by", a->reply.author);
	json_set_text(a->arena, mark, "approved_by", a->reply.approver);
	json_set_text(a->arena, mark, "at", time);
	json_set_text(a->arena, mark, "message", a->reply.message);
	json_set(a->question, "reply", mark);
	if (a->notice.acknowledged == CLOCK_NONE) {
		json_set_text(a->arena, taken, "by", a->reply.approver);
		json_set_text(a->arena, taken, "at", time);
		json_set(a->question, "acknowledged", taken);
		a->notice.acknowledged = a->reply.approved;
		a->notice.escalate = CLOCK_NONE;
	}
	a->notice.content = json_to_text(a->arena, a->question, JSON_COMPACT);
	return notice_update(db, &a->notice, "answered", error);
}

static int store(struct db *db, void *context, struct error *error)
{
	struct approving *a = context;
	enum store_outcome outcome;
	bool done;
	TRY(find_all(db, a, error));  /* as it is now */
	TRY(report_store(db, a->arena, &a->prepared, &outcome, error));
	if (outcome != STORE_NEW)
		FAIL(error, CONFLICT, "the request was answered meanwhile");
	a->reply.approver = a->approval->by;
	a->reply.approved = clock_now_ms();
	a->reply.message = a->prepared.row.id;
	TRY(reply_approve(db, &a->reply, &a->notice, &done, error));
	must(done);  /* it was a draft in this transaction, and there is one writer */
	return notice_mark(db, a, error);
}

int flow_approve(const struct flow_config *config, const struct flow_approval *approval, struct arena *arena, struct json **answer_r,
                 struct error *error)
{
	struct approving a = { .config = config, .approval = approval, .arena = arena };
	TRY(store_read(config->store, look, &a, error));
	TRY(store_write(config->store, store, &a, error));
	*answer_r = json_new_object(arena);
	json_set_text(arena, *answer_r, "reply", a.reply.id);
	json_set_text(arena, *answer_r, "notice", a.notice.id);
	json_set_text(arena, *answer_r, "message", a.prepared.row.id);
	json_set_text(arena, *answer_r, "agreement", a.prepared.row.agreement);
	json_set_text(arena, *answer_r, "state", message_state_name(a.prepared.row.state));
	return 0;
}
