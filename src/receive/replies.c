/* Replies to questions of customs: drafted by one, read and approved by another. The octets of files go to disk piece by piece, each
 * with a commit of its own, before the draft that owns them is seen. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "model/reply.h"
#include "receive/call.h"
#include "store/body_stream.h"
#include "store/document.h"
#include "store/part.h"
#include "store/reply.h"

struct upload {
	struct bytes octets;
	char body[ID_UUID_SIZE], digest[DIGEST_HEX_SIZE];
	const char *name, *type, *description;
};

struct drafting {
	struct call *call;
	bool of_document;           /* parts: of a document, not of a message */
	const char *text;
	struct upload *uploads;
	size_t count;
	struct notice_row notice;
	struct reply_row reply;
	struct part_row *parts;
	struct json *shown;
	bool found;
	int64_t number;
	struct part_row part;
	struct bytes octets;
};

/* ---- what is sent ---- */

static int fault(struct call *call, enum error_code code, size_t index, const char *member, const char *text)
{
	error_set(call->error, code, "%s", text);
	return error_in_field(call->error, "/files/%zu%s%s", index, *member ? "/" : "", member);
}

static int file_take(struct call *call, const struct json *file, size_t index, struct upload *u)
{
	BUFFER_AUTO octets = { .ceiling = REPLY_OCTETS };
	const char *content = json_path_text(file, "content"), *type = json_path_text(file, "type");
	u->name = json_path_text(file, "name");
	u->description = json_path_text(file, "description");
	const char *wrong = reply_name_fault(u->name);
	if (wrong)
		return fault(call, ERROR_BAD_FIELD, index, "name", wrong);
	if (u->description && text_utf8_length(u->description) > 256)
		return fault(call, ERROR_BAD_FIELD, index, "description", "a description has 256 characters at most");
	if (!content || text_base64_decode(content, false, &octets, call->error) < 0)
		return fault(call, ERROR_BAD_FIELD, index, "content", "the octets in base64 are wanted");
	if (octets.over)
		return fault(call, ERROR_TOO_LARGE, index, "content", "the file has more than 20,000,000 octets");
	u->octets = arena_bytes(call->arena, buffer_bytes(&octets));
	u->type = reply_file_type(u->octets);
	if (!u->type)
		return fault(call, ERROR_MEDIA_TYPE, index, "content", "it is neither PDF nor JPEG, and customs takes no other");
	if (type && !text_equal(type, u->type))
		return fault(call, ERROR_BAD_FIELD, index, "type", "the file is of another type than is said");
	id_uuid7(u->body);
	return 0;
}

static int draft_take(struct call *call, struct drafting *d)
{
	const struct json *files = json_find(call->in, "files");
	size_t total = 0;
	d->text = json_path_text(call->in, "text");
	d->text = d->text ? d->text : "";
	if (files && json_kind(files) != JSON_KIND_ARRAY)
		return fault(call, ERROR_BAD_FIELD, 0, "", "\"files\" is a list");
	if (!*d->text && !json_count(files)) {
		error_set(call->error, ERROR_MISSING_FIELD, "an answer has \"text\", \"files\", or both");
		return error_in_field(call->error, "/text");
	}
	if (json_count(reply_pieces(call->arena, d->text)) > REPLY_TEXTS) {
		error_set(call->error, ERROR_TOO_LARGE, "the text is too long: customs takes %d pieces of %d characters; put it into a PDF", REPLY_TEXTS, REPLY_TEXT);
		return error_in_field(call->error, "/text");
	}
	if (json_count(files) > REPLY_FILES)
		return fault(call, ERROR_TOO_LARGE, REPLY_FILES, "", "an answer takes nine files at most");
	d->uploads = arena_array(call->arena, json_count(files) + 1, sizeof *d->uploads);
	for (; d->count < json_count(files); d->count++) {
		TRY(file_take(call, json_at(files, d->count), d->count, &d->uploads[d->count]));
		total += d->uploads[d->count].octets.size;
		if (total > REPLY_OCTETS)
			return fault(call, ERROR_TOO_LARGE, d->count, "", "the files have more than 20,000,000 octets together");
	}
	return 0;
}

/* ---- who may ---- */

/* A question that the caller may see in full, and that is answered here. */
static int question_find(struct db *db, struct drafting *d, struct error *error)
{
	struct call *call = d->call;
	TRY(notice_find(db, call->arena, call->id, &d->notice, &d->found, error));
	if (d->found)
		TRY(view_notice(db, call->arena, &call->viewer, &d->notice, &d->shown, error));
	d->found = d->shown && text_equal(json_path_text(d->shown, "kind"), d->notice.kind);
	if (!d->found)
		return 0;
	if (!text_equal(d->notice.kind, "question") || !text_equal(json_path_text(d->shown, "answerable"), "api"))
		FAIL(error, CONFLICT, "notice \"%s\" is no question that is answered here%s", d->notice.id,
		     text_equal(json_path_text(d->shown, "answerable"), "portal") ? ": customs takes the answer at its portal" : "");
	return 0;
}

static int question_look(struct db *db, void *context, struct error *error)
{
	return question_find(db, context, error);
}

/* ---- how it is shown ---- */

static struct json *files_json(struct arena *arena, const struct part_row *parts, size_t count)
{
	struct json *list = json_new_array(arena);
	for (size_t i = 0; i < count; i++) {
		struct json *one = json_new_object(arena);
		json_set_integer(arena, one, "number", parts[i].number);
		json_set_text(arena, one, "id", parts[i].id);
		json_set_text(arena, one, "name", parts[i].name);
		json_set_text(arena, one, "type", parts[i].content_type);
		if (parts[i].description)
			json_set_text(arena, one, "description", parts[i].description);
		json_set_integer(arena, one, "size", parts[i].size);
		json_set_text(arena, one, "digest", parts[i].digest);
		json_append(list, one);
	}
	return list;
}

static int reply_json(struct db *db, struct drafting *d, struct error *error)
{
	struct arena *arena = d->call->arena;
	const struct reply_row *r = &d->reply;
	char time[CLOCK_TEXT_SIZE];
	struct part_row *parts;
	size_t count;
	struct json *out = json_new_object(arena);
	TRY(part_list(db, arena, r->id, &parts, &count, error));
	json_set_text(arena, out, "id", r->id);
	json_set_text(arena, out, "notice", r->notice);
	json_set_text(arena, out, "state", r->state);
	json_set_text(arena, out, "text", r->text);
	json_set(out, "files", files_json(arena, parts, count));
	json_set_text(arena, out, "by", r->author);
	json_set_text(arena, out, "created", clock_format(r->created, time));
	if (r->approver) {
		json_set_text(arena, out, "approved_by", r->approver);
		json_set_text(arena, out, "approved", clock_format(r->approved, time));
		json_set_text(arena, out, "message", r->message);
	}
	d->call->out = out;
	return 0;
}

static int reply_look(struct db *db, void *context, struct error *error)
{
	struct drafting *d = context;
	struct call *call = d->call;
	TRY(question_find(db, d, error));
	if (d->found)
		TRY(reply_of_notice(db, call->arena, d->notice.id, &d->reply, &d->found, error));
	return d->found ? reply_json(db, d, error) : 0;
}

/* ---- drafting ---- */

static int upload_write(struct store *store, struct upload *u, struct error *error)
{
	__attribute__((cleanup(body_writing_clear))) struct body_writing w = { 0 };
	TRY(body_writing_begin(&w, store, u->body, u->type, error));
	TRY(body_writing_add(&w, u->octets, error));
	return body_writing_finish(&w, u->digest, error);
}

static int notice_mark(struct db *db, struct drafting *d, struct error *error)
{
	struct arena *arena = d->call->arena;
	char time[CLOCK_TEXT_SIZE];
	struct json *content, *mark = json_new_object(arena);
	TRY(json_parse(arena, bytes_of_text(d->notice.content), NULL, &content, error));
	json_set_text(arena, mark, "id", d->reply.id);
	json_set_text(arena, mark, "state", "draft");
	json_set_text(arena, mark, "by", d->reply.author);
	json_set_text(arena, mark, "at", clock_format(d->reply.created, time));
	json_set(content, "reply", mark);
	d->notice.content = json_to_text(arena, content, JSON_COMPACT);
	return notice_update(db, &d->notice, "drafted", error);
}

static int draft_write(struct db *db, void *context, struct error *error)
{
	struct drafting *d = context;
	struct call *call = d->call;
	char id[ID_UUID_SIZE];
	TRY(question_find(db, d, error));
	if (!d->found)
		return 0;
	d->reply = (struct reply_row){ .id = arena_text(call->arena, id_uuid7(id)), .notice = d->notice.id, .state = "draft", .text = d->text,
		                       .author = call->caller->party, .token = call->caller->token ? call->caller->token : "", .created = clock_now_ms(),
		                       .approved = CLOCK_NONE };
	TRY(reply_add(db, &d->reply, &d->notice, error));
	for (size_t i = 0; i < d->count; i++) {
		const struct upload *u = &d->uploads[i];
		struct part_row part = { .owner = d->reply.id, .number = (int64_t)i + 1, .id = arena_printf(call->arena, "%s-%zu", d->reply.id, i + 1),
			                 .body = u->body, .name = u->name, .content_type = u->type, .description = u->description };
		TRY(body_end(db, u->body, (int64_t)u->octets.size, u->digest, NULL, error));
		TRY(part_add(db, &part, error));
	}
	TRY(notice_mark(db, d, error));
	return reply_json(db, d, error);
}

/* POST /v1/notices/{id}/reply {"text": "…", "files": [{"name": "…", "content": base64, "description": "…"}]} */
int reply_post(struct call *call)
{
	struct drafting d = { .call = call };
	const struct json_limits wide = { .bytes = call->request->body.size + 1, .text = call->request->body.size + 1 };
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, question_look, &d, call->error));
	if (!d.found)
		return answer_not_found(call, "question");
	TRY(call_parse_within(call, &wide, &call->in));
	TRY(draft_take(call, &d));
	for (size_t i = 0; i < d.count; i++)
		TRY(upload_write(call->receive->config.store, &d.uploads[i], call->error));
	TRY(store_write(call->receive->config.store, draft_write, &d, call->error));
	return d.found ? answer_json(call, 201, call->out) : answer_not_found(call, "question");
}

int reply_get(struct call *call)
{
	struct drafting d = { .call = call };
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, reply_look, &d, call->error));
	return d.found ? answer_json(call, 200, call->out) : answer_not_found(call, "reply to notice");
}

/* ---- octets of files ---- */

static int number_of(struct call *call, size_t segment, int64_t *number_r)
{
	struct error ignored = { 0 };
	call->id = call_segment(call, segment);
	if (text_integer(call->id, 1, 1000000, number_r, &ignored) < 0)
		return answer_not_found(call, "file");
	return 0;
}

static int part_octets(struct db *db, struct drafting *d, const char *owner, struct error *error)
{
	TRY(part_find(db, d->call->arena, owner, d->number, &d->part, &d->found, error));
	return d->found ? body_read(db, d->call->arena, d->part.body, &d->octets, error) : 0;
}

static int reply_part_look(struct db *db, void *context, struct error *error)
{
	struct drafting *d = context;
	TRY(reply_look(db, d, error));
	return d->found ? part_octets(db, d, d->reply.id, error) : 0;
}

static int octets_answer(struct call *call, struct drafting *d)
{
	if (!d->found)
		return answer_not_found(call, "file");
	http_answer_header(call->request, "Content-Disposition", "attachment");
	http_answer(call->request, 200, d->part.content_type, d->octets);
	return 0;
}

int reply_file(struct call *call)
{
	struct drafting d = { .call = call };
	TRY(number_of(call, 5, &d.number));
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, reply_part_look, &d, call->error));
	return octets_answer(call, &d);
}

/* ---- what travels beside a message, or came beside a document ---- */

static int message_may(struct db *db, struct drafting *d, struct json **shown_r, struct error *error)
{
	struct message_row row;
	TRY(message_find(db, d->call->arena, d->call->id, &row, &d->found, error));
	return d->found ? view_message(db, d->call->arena, &d->call->viewer, &row, shown_r, error) : 0;
}

static int document_may(struct db *db, struct drafting *d, struct json **shown_r, struct error *error)
{
	struct document_row row;
	TRY(document_find(db, d->call->arena, d->call->id, &row, &d->found, error));
	return d->found ? view_document(db, d->call->arena, &d->call->viewer, &row, shown_r, error) : 0;
}

static int owner_may(struct db *db, struct drafting *d, struct error *error)
{
	struct json *shown = NULL;
	TRY(d->of_document ? document_may(db, d, &shown, error) : message_may(db, d, &shown, error));
	d->found = shown != NULL;
	return 0;
}

static int parts_look(struct db *db, void *context, struct error *error)
{
	struct drafting *d = context;
	struct part_row *parts;
	size_t count;
	TRY(owner_may(db, d, error));
	if (!d->found)
		return 0;
	TRY(part_list(db, d->call->arena, d->call->id, &parts, &count, error));
	d->call->out = json_new_object(d->call->arena);
	json_set(d->call->out, "items", files_json(d->call->arena, parts, count));
	return 0;
}

static int part_look(struct db *db, void *context, struct error *error)
{
	struct drafting *d = context;
	TRY(owner_may(db, d, error));
	return d->found ? part_octets(db, d, d->call->id, error) : 0;
}

static int parts_answer(struct call *call, bool of_document)
{
	struct drafting d = { .call = call, .of_document = of_document };
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, parts_look, &d, call->error));
	return d.found ? answer_json(call, 200, call->out) : answer_not_found(call, of_document ? "document" : "message");
}

static int part_answer(struct call *call, bool of_document)
{
	struct drafting d = { .call = call, .of_document = of_document };
	TRY(number_of(call, 4, &d.number));
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, part_look, &d, call->error));
	return octets_answer(call, &d);
}

int message_parts(struct call *call)
{
	return parts_answer(call, false);
}

int message_part(struct call *call)
{
	return part_answer(call, false);
}

int document_parts(struct call *call)
{
	return parts_answer(call, true);
}

int document_part(struct call *call)
{
	return part_answer(call, true);
}

/* ---- approving ---- */

/* POST /v1/notices/{id}/reply/approve {"reply": "…"}: by its id, so that nobody approves what was changed meanwhile. */
int reply_approve_one(struct call *call)
{
	struct drafting d = { .call = call };
	struct json *answer = NULL;
	const struct receive_hooks *hooks = &call->receive->config.hooks;
	call->id = call_segment(call, 2);
	TRY(store_read(call->receive->config.store, question_look, &d, call->error));
	if (!d.found)
		return answer_not_found(call, "question");
	TRY(call_parse(call, &call->in));
	struct reply_approval approval = { .notice = call->id, .reply = json_path_text(call->in, "reply"), .by = call->caller->party,
		                           .token = call->caller->token ? call->caller->token : "" };
	if (text_empty(approval.reply)) {
		error_set(call->error, ERROR_MISSING_FIELD, "\"reply\" is missing: the id of the draft that is approved");
		return error_in_field(call->error, "/reply");
	}
	if (!hooks->approved)
		FAIL(call->error, NOT_FOUND, "this gateway writes no messages");
	TRY(hooks->approved(hooks->context, &approval, call->arena, &answer, call->error));
	return answer_json(call, 202, answer);
}
