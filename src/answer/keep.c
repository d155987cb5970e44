/* Into the store: the document, exactly as it came, and what it means. One write set. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "store/body.h"
#include "store/container.h"
#include "store/journey.h"
#include "store/part.h"

static const char *content_type_of(const struct taking *t)
{
	return text_empty(t->arrived->content_type) ? "application/octet-stream" : t->arrived->content_type;
}

static bool is_refused(const struct taking *t)
{
	return t->taken->why.code != ERROR_NONE;
}

/* By the peer's own reference; of a refused document nothing is believed, and it must not stand in the way of the true one. */
static const char *dedupe_of(const struct taking *t)
{
	if (is_refused(t)) {
		char hex[DIGEST_HEX_SIZE];
		return arena_printf(t->arena, "refused:%s:%.16s", t->digest, digest_sha256_hex(t->signature, hex));
	}
	return t->reference ? arena_printf(t->arena, "reference:%s", t->reference) : arena_printf(t->arena, "sha-256:%s", t->digest);
}

/* ---- the document ---- */

static struct json *signature_json(const struct taking *t)
{
	struct json *out = json_new_object(t->arena);
	char time[CLOCK_TEXT_SIZE];
	json_set_text(t->arena, out, "verdict", t->is_signed ? "valid" : is_refused(t) ? "refused" : "none");
	if (!t->is_signed)
		return out;
	json_set_text(t->arena, out, "by", t->verdict.subject);
	json_set_text(t->arena, out, "algorithm", t->verdict.algorithm);
	json_set_text(t->arena, out, "certificate", t->verdict.certificate_digest);
	json_set_text(t->arena, out, "form", t->arrived->sealed ? "channel" : t->verdict.enveloped ? "enveloped" : "detached");
	if (t->verdict.signing_time != CLOCK_NONE)  /* the seal of a channel states none */
		json_set_text(t->arena, out, "time", clock_format(t->verdict.signing_time, time));
	return out;
}

static const char *untied_reason(const struct taking *t)
{
	for (size_t i = 0; i < t->count; i++)
		if (t->notices[i].tied || t->notices[i].journey)
			return NULL;
	return t->count && !text_empty(t->notices[0].claims)
	               ? arena_printf(t->arena, "it answers \"%.60s\", which is no message of ours to this peer", t->notices[0].claims)
	               : "it names no message, conversation or container that is known here";
}

static const char *document_content(const struct taking *t, const char *other)
{
	struct json *out = json_new_object(t->arena), *kinds = json_new_array(t->arena);
	json_set_text(t->arena, out, "digest", t->digest);
	json_set(out, "signature", signature_json(t));
	json_set_text(t->arena, out, "reference", t->reference);
	json_set_text(t->arena, out, "disclosure", t->disclosure);
	for (size_t i = 0; i < t->count; i++)
		json_append(kinds, json_new_text(t->arena, t->notices[i].kind->name));
	json_set(out, "kinds", kinds);
	json_set(out, "notices", json_clone(t->arena, t->taken->notices));
	if (is_refused(t))
		json_set_text(t->arena, out, "error", error_slug(t->taken->why.code));
	if (other)
		json_set_text(t->arena, out, "differs_from", other);
	return json_to_text(t->arena, out, JSON_COMPACT);
}

/* What came beside it, refused or not. */
static int parts_keep(struct db *db, struct taking *t, const char *owner, struct error *error)
{
	for (size_t i = 0; i < t->arrived->part_count; i++) {
		const struct arrived_part *p = &t->arrived->parts[i];
		struct part_row row = { .owner = owner, .number = (int64_t)i + 1, .id = p->id, .name = p->name ? p->name : p->id, .content_type = p->content_type };
		row.body = p->stored;
		if (!p->stored)
			TRY(body_put(db, t->arena, p->octets, p->content_type, &row.body, error));
		TRY(part_add(db, &row, error));
	}
	return 0;
}

static int document_keep(struct db *db, struct taking *t, const char *dedupe, const char *other, struct error *error)
{
	const struct incoming *first = t->count ? &t->notices[0] : NULL;
	struct error *why = &t->taken->why;
	char id[ID_UUID_SIZE];
	enum store_outcome outcome;
	struct document_row stored, row = { .id = arena_text(t->arena, id_uuid7(id)), .peer = t->arrived->agreement->name, .received = t->received,
		                            .content_type = content_type_of(t), .type = is_refused(t) ? "unread" : t->type, .dedupe = dedupe,
		                            .conversation = text_empty(t->arrived->conversation) ? NULL : t->arrived->conversation };
	TRY(body_put(db, t->arena, t->arrived->body, row.content_type, &row.body, error));
	if (t->signature.size)
		TRY(body_put(db, t->arena, t->signature, "application/xml", &row.signature, error));
	TRY(parts_keep(db, t, row.id, error));
	for (size_t i = 0; i < t->count; i++) {
		t->notices[i].id = arena_text(t->arena, id_uuid7(id));
		json_append(t->taken->notices, json_new_text(t->arena, t->notices[i].id));
	}
	row.reason = is_refused(t) ? arena_printf(t->arena, "%s%s%s%s", why->text, *why->place ? " [" : "", why->place, *why->place ? "]" : "") : untied_reason(t);
	row.state = is_refused(t) ? "refused" : row.reason ? "untied" : "tied";
	if (!row.reason && other)
		row.reason = arena_printf(t->arena, "customs sent other octets under the same reference before: document \"%s\"", other);
	row.message = first && first->tied ? first->message.id : NULL;
	row.container = first ? first->container : NULL;
	row.journey = first ? first->journey : NULL;
	row.content = document_content(t, other);
	TRY(document_add(db, t->arena, &row, &outcome, &stored, error));
	must(outcome == STORE_NEW);  /* it was looked for in this transaction, and there is one writer */
	t->taken->document = row.id;
	t->taken->state = row.state;
	return 0;
}

/* ---- what it proves ---- */

/* An answer proves that the message arrived, whatever became of the try. */
static int message_prove(struct db *db, struct taking *t, const struct incoming *n, struct error *error)
{
	const struct message_row *m = &n->message;
	bool moved, tried = m->state == MESSAGE_SENDING || m->state == MESSAGE_UNKNOWN || m->state == MESSAGE_WAITING || m->state == MESSAGE_FAILED;
	if (tried || (m->state == MESSAGE_HELD && m->attempts > 0))
		TRY(message_move(db, m->id, MESSAGE_SENT, CLOCK_NONE, "customs answered it", &moved, error));
	enum message_kind kind;
	bool own = message_kind_find(m->kind, &kind) && kind < DECLARATION_KINDS;  /* a reply is about somebody else's filing */
	if (own && !m->customs_id && !text_empty(n->mrn)) {
		TRY(message_set_customs_id(db, m->id, n->mrn, error));
		bool holds = false;
		if (m->container)  /* a withdrawal may wait for this: flow looks */
			TRY(message_holds(db, m->container, &holds, error));
		if (holds)
			TRY(container_want(db, m->container, error));
	}
	struct json *content = json_new_object(t->arena);
	json_set_text(t->arena, content, "document", t->taken->document);
	struct receipt_row receipt = { .message = m->id, .kind = "answer", .received = t->received, .conversation = t->arrived->conversation,
		                       .content = json_to_text(t->arena, content, JSON_COMPACT) };
	return receipt_add(db, t->arena, &receipt, error);
}

/* Once for each message that the document answers, however many notices it makes. */
static int messages_prove(struct db *db, struct taking *t, struct error *error)
{
	for (size_t i = 0; i < t->count; i++) {
		bool done = !t->notices[i].tied;
		for (size_t k = 0; k < i && !done; k++)
			done = t->notices[k].tied && text_equal(t->notices[k].message.id, t->notices[i].message.id);
		if (!done) {
			bool found;  /* as it is now, not as it was when it was looked for */
			TRY(message_find(db, t->arena, t->notices[i].message.id, &t->notices[i].message, &found, error));
			TRY(message_prove(db, t, &t->notices[i], error));
		}
	}
	return 0;
}

/* ---- notices ---- */

static int64_t escalation_of(const struct taking *t, const struct incoming *n, const char *disclosure)
{
	int64_t due = t->received + n->kind->escalate_ms, limit = notice_time(n->json, "respond_by");
	if (!n->kind->escalate_ms || text_equal(disclosure, "covert"))
		return CLOCK_NONE;
	return limit != CLOCK_NONE && limit > t->received && limit < due ? limit : due;
}

static struct json *notice_complete(const struct taking *t, const struct incoming *n)
{
	char time[CLOCK_TEXT_SIZE];
	struct json *out = json_new_object(t->arena), *rest = n->json, *office = json_find(rest, "office");
	json_set_text(t->arena, out, "id", n->id);
	json_set_text(t->arena, out, "kind", n->kind->name);
	json_set_text(t->arena, out, "peer", t->arrived->agreement->name);
	json_set_text(t->arena, out, "received", clock_format(t->received, time));
	if (!text_empty(n->claims) && !(n->tied && text_equal(n->claims, n->message.id)))
		json_set_text(t->arena, rest, "claims", n->claims);
	json_unset(rest, "message");
	json_set_text(t->arena, rest, "message", n->tied ? n->message.id : NULL);
	json_set_text(t->arena, rest, "container", n->container);
	json_set_text(t->arena, rest, "journey", n->journey);
	if (!office)
		json_set(rest, "office", office = json_new_object(t->arena));
	if (!json_find(office, "country"))
		json_set_text(t->arena, office, "country", t->arrived->agreement->country);
	json_set(rest, "signature", signature_json(t));
	json_set_text(t->arena, rest, "document", t->taken->document);
	for (struct json_iter it = json_iter(rest); json_next(&it);)
		if (!json_find(out, it.name))
			json_set(out, it.name, it.value);
	return out;
}

/* Is there another gateway that it may go on to? Then flow looks. */
static bool relays(const struct taking *t)
{
	const struct settings *s = t->answer->config.settings;
	for (size_t i = 0; i < s->agreement_count; i++)
		if (s->agreements[i].kinds & (1u << KIND_RELAY))
			return true;
	return false;
}

static int notice_keep(struct db *db, struct taking *t, struct incoming *n, const char *other, struct error *error)
{
	if (other)
		notice_warn(t->arena, n->json, "customs sent another document under the same reference before: \"%s\"", other);
	n->json = notice_complete(t, n);
	struct notice_row row = { .id = n->id, .kind = n->kind->name, .peer = t->arrived->agreement->name, .document = t->taken->document,
		                  .message = n->tied ? n->message.id : NULL, .container = n->container, .journey = n->journey, .received = t->received,
		                  .disclosure = json_path_text(n->json, "disclosure"), .acknowledged = CLOCK_NONE, .lifted = CLOCK_NONE };
	row.escalate = escalation_of(t, n, row.disclosure);
	TRY(notice_lift(db, t->arena, n, &row, error));
	row.content = notice_text(t->arena, n->json);
	TRY(notice_add(db, &row, error));
	return n->container && relays(t) ? container_want(db, n->container, error) : 0;
}

/* ---- all of it ---- */

/* The same octets under the same key were stored before: nothing is done again. */
static int find_stored(struct db *db, struct taking *t, const char *dedupe, bool *same_r, const char **other_r, struct error *error)
{
	struct document_row row;
	struct body body;
	bool found;
	*same_r = false;
	TRY(document_find_dedupe(db, t->arena, t->arrived->agreement->name, dedupe, &row, &found, error));
	if (!found)
		return 0;
	TRY(body_find(db, t->arena, row.body, &body, &found, error));
	*same_r = found && text_equal(body.digest, t->digest);
	if (!*same_r) {
		*other_r = row.id;
		return 0;
	}
	const struct json *notices = json_find(notice_tree(t->arena, row.content), "notices");
	t->taken->document = row.id;
	t->taken->state = row.state;
	t->taken->repeated = true;
	if (notices)
		t->taken->notices = json_clone(t->arena, notices);
	return 0;
}

static int document_store(struct db *db, struct taking *t, struct error *error)
{
	const char *dedupe = dedupe_of(t), *other = NULL;
	bool same;
	TRY(find_stored(db, t, dedupe, &same, &other, error));
	if (!same && other) {
		dedupe = arena_printf(t->arena, "%s:%s", dedupe, t->digest);
		const char *earlier = NULL;
		TRY(find_stored(db, t, dedupe, &same, &earlier, error));
	}
	if (same)
		return 0;
	TRY(document_keep(db, t, dedupe, other, error));
	TRY(messages_prove(db, t, error));
	for (size_t i = 0; i < t->count; i++)
		TRY(notice_keep(db, t, &t->notices[i], other, error));
	return 0;
}

int taking_keep(struct db *db, void *context, struct error *error)
{
	struct taking *t = context;
	const struct arrived_account *account = t->arrived->account;
	bool known = false;
	if (account)
		TRY(account->known(db, account->context, &known, error));
	if (known) {
		t->taken->repeated = true;
		return 0;
	}
	TRY(document_store(db, t, error));
	return account ? account->keep(db, account->context, t->taken->document, error) : 0;
}
