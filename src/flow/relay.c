#include "flow/relay.h"

#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "store/body.h"
#include "store/document.h"

struct relaying {
	struct db *db;
	struct arena *arena;
	const struct flow_config *config;
	const struct agreement *agreement;
	const struct notice_row *notice;
	struct document_row document;
	struct json *about;             /* the document as it is shown */
	struct error *error;
};

static bool among(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (text_equal(*list, name))
			return true;
	return false;
}

static struct json *tree_of(struct arena *arena, const char *content)
{
	struct json *tree;
	struct error ignored = { 0 };
	const struct json_limits wide = { .bytes = 16 << 20, .text = 4 << 20 };
	return json_parse(arena, bytes_of_text(content), &wide, &tree, &ignored) == 0 ? tree : json_new_object(arena);
}

/* What the agreement wants of what may be told. */
static bool is_wanted(const struct relaying *r)
{
	const struct notice_row *n = r->notice;
	const struct agreement *a = r->agreement;
	return !text_equal(n->peer, a->name) && n->received >= a->from && among(a->relay_notices, n->kind) &&
	       (!a->relay_peers || among(a->relay_peers, n->peer)) && !text_equal(n->disclosure, "covert") &&
	       !json_find(tree_of(r->arena, n->content), "relayed");
}

static void put(struct relaying *r, struct json *out, const char *name, const char *text)
{
	if (!text_empty(text))
		json_set_text(r->arena, out, name, text);
}

static struct json *input_of(struct relaying *r, const char *reference, int64_t now, const struct agreement *source)
{
	static const char *const copied[] = { "verdict", "by", "algorithm", "certificate", "form", "time" };
	struct arena *arena = r->arena;
	char time[CLOCK_TEXT_SIZE];
	struct json *out = json_new_object(arena), *gateway = json_new_object(arena), *message = json_new_object(arena), *original = json_new_object(arena);
	struct json *signature = json_new_object(arena);
	put(r, gateway, "name", r->config->settings->name);
	put(r, gateway, "eori", r->config->settings->eori);
	put(r, message, "reference", reference);
	put(r, message, "kind", message_kind_name(KIND_RELAY));
	put(r, message, "issued", clock_format(now, time));
	put(r, original, "id", arena_printf(arena, "%s-1", reference));
	put(r, original, "authority", source->agency);
	put(r, original, "country", source->country);
	put(r, original, "profile", source->profile);
	put(r, original, "type", r->document.type);
	put(r, original, "content_type", r->document.content_type);
	put(r, original, "digest", json_path_text(r->about, "digest"));
	put(r, original, "received", clock_format(r->document.received, time));
	put(r, original, "disclosure", json_path_text(r->about, "disclosure"));
	for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
		put(r, signature, copied[i], json_path_text(json_find(r->about, "signature"), copied[i]));
	if (r->document.signature)
		put(r, signature, "id", arena_printf(arena, "%s-2", reference));
	json_set(out, "gateway", gateway);
	json_set(out, "message", message);
	json_set(out, "original", original);
	json_set(out, "signature", signature);
	return out;
}

static void parts_make(struct relaying *r, const char *reference, struct prepared *out)
{
	out->parts = arena_array(r->arena, 2, sizeof *out->parts);
	out->parts[out->part_count++] = (struct part_row){ .number = 1, .id = arena_printf(r->arena, "%s-1", reference), .body = r->document.body,
		                                           .name = "original.xml", .content_type = r->document.content_type };
	if (r->document.signature)
		out->parts[out->part_count++] = (struct part_row){ .number = 2, .id = arena_printf(r->arena, "%s-2", reference),
			                                           .body = r->document.signature, .name = "signature.xml",
			                                           .content_type = "application/xml" };
}

static int prepare(struct relaying *r, const char *cause, const struct agreement *source, struct prepared *out)
{
	char reference[ID_REFERENCE_SIZE];
	struct error why = { 0 };
	int64_t now = clock_now_ms();
	id_reference(reference);
	struct json *input = input_of(r, reference, now, source);
	*out = (struct prepared){ .agreement = r->agreement, .report.marks = "[]" };
	out->row = (struct message_row){ .id = arena_text(r->arena, reference), .agreement = r->agreement->name, .kind = message_kind_name(KIND_RELAY),
		                         .cause = cause, .container = r->notice->container, .journey = r->notice->journey, .state = MESSAGE_READY,
		                         .content_type = "application/xml; charset=UTF-8", .headers = "{}", .input = json_to_text(r->arena, input, JSON_COMPACT),
		                         .set_digest = map_set_digest(r->config->set), .created = now, .due = clock_real_ms(), .first_try = CLOCK_NONE,
		                         .held_since = CLOCK_NONE, .signer_until = CLOCK_NONE };
	parts_make(r, reference, out);
	if (report_make(r->config, r->arena, r->agreement, KIND_RELAY, input, reference, now, &out->report, &why) < 0) {
		out->row.reason = arena_printf(r->arena, "%s%s%s%s", why.text, *why.place ? " [" : "", why.place, *why.place ? "]" : "");
		out->row.state = MESSAGE_HELD;
		out->row.due = CLOCK_NONE;
		log_error("message", out->row.id, "held: %s", out->row.reason);
	}
	out->row.marks = out->report.marks;
	return 0;
}

/* *made_r: there is one more. */
static int relay_one(struct relaying *r, const struct prepared *before, size_t count, struct prepared *out, bool *made_r)
{
	bool found;
	struct message_row given;
	const struct agreement *source = settings_agreement(r->config->settings, r->notice->peer);
	const char *cause = arena_printf(r->arena, "relay:%s", r->notice->document);
	*made_r = false;
	if (!is_wanted(r) || !source)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (before[i].agreement == r->agreement && text_equal(before[i].row.cause, cause))
			return 0;
	TRY(message_find_cause(r->db, r->arena, r->agreement->name, message_kind_name(KIND_RELAY), cause, &given, &found, r->error));
	if (found)
		return 0;
	TRY(document_find(r->db, r->arena, r->notice->document, &r->document, &found, r->error));
	r->about = found ? tree_of(r->arena, r->document.content) : NULL;
	if (!found || text_equal(json_path_text(r->about, "disclosure"), "covert"))
		return 0;  /* another of its notices is covert: then all of it is */
	*made_r = true;
	return prepare(r, cause, source, out);
}

int relay_look(struct db *db, struct arena *arena, const struct flow_config *config, const char *container, struct prepared **prepared_r,
               size_t *count_r, struct error *error)
{
	const struct settings *s = config->settings;
	struct notice_row *notices = NULL;
	size_t count = 0;
	bool read = false;
	*prepared_r = NULL;
	*count_r = 0;
	for (size_t i = 0; i < s->agreement_count; i++) {
		const struct agreement *a = &s->agreements[i];
		if (!(a->kinds & (1u << KIND_RELAY)) || agreement_refusal(a, KIND_RELAY, clock_now_ms(), arena))
			continue;
		if (!read)
			TRY(notice_of_container(db, arena, container, &notices, &count, error));
		read = true;
		if (!*prepared_r)
			*prepared_r = arena_array(arena, count * s->agreement_count + 1, sizeof **prepared_r);
		for (size_t k = 0; k < count; k++) {
			struct relaying r = { db, arena, config, a, &notices[k], { 0 }, NULL, error };
			bool made;
			TRY(relay_one(&r, *prepared_r, *count_r, &(*prepared_r)[*count_r], &made));
			*count_r += made;
		}
	}
	return 0;
}
