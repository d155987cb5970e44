#include "flow/report.h"

#include <string.h>

#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "store/body.h"
#include "store/document.h"
#include "store/record.h"

static const char *marks_json(struct arena *arena, const struct map_marks *marks)
{
	struct json *list = json_new_array(arena);
	for (size_t i = 0; i < marks->count; i++) {
		struct json *mark = json_new_object(arena);
		json_set_text(arena, mark, "kind", marks->items[i].kind);
		json_set_text(arena, mark, "element", marks->items[i].element);
		json_set_text(arena, mark, "source", marks->items[i].source);
		json_set_text(arena, mark, "text", marks->items[i].text);
		json_append(list, mark);
	}
	return json_to_text(arena, list, JSON_COMPACT);
}

static const struct signer *signer_of(const struct flow_config *config, const struct agreement *agreement)
{
	return config->signers ? config->signers[agreement - config->settings->agreements] : NULL;
}

int report_make(const struct flow_config *config, struct arena *arena, const struct agreement *agreement, enum message_kind kind, const struct json *input,
                const char *reference, int64_t issued, struct report *report_r, struct error *error)
{
	BUFFER_AUTO plain = { 0 };
	BUFFER_AUTO made = { 0 };
	struct map_marks marks;
	const char *name = arena_printf(arena, "messages/%s/%s", agreement->profile, message_kind_name(kind));
	const struct mapping *mapping = mapping_find(config->set, name);
	*report_r = (struct report){ .mapping = name, .marks = "[]" };
	if (!mapping)
		FAIL(error, BAD_MAPPING, "there is no mapping \"%s\"", name);
	TRY(map_to_xml(mapping, input, arena, &plain, &marks, error));
	report_r->marks = marks_json(arena, &marks);
	report_r->document = arena_bytes(arena, buffer_bytes(&plain));
	if (validate_own(config->validator, mapping_schema(mapping), report_r->document, error) < 0)
		return error_during(error, "the document that the mapping wrote is not valid");
	const struct signer *signer = signer_of(config, agreement);
	if (agreement->form == FORM_NONE || !signer || kind >= DECLARATION_KINDS)
		return 0;  /* ICS2's documents carry no signature of their own: that of the AS4 message is the seal */
	if (agreement->form == FORM_ENVELOPED) {
		TRY(sign_enveloped(signer, report_r->document, issued, &made, error));
		report_r->document = arena_bytes(arena, buffer_bytes(&made));
		return 0;
	}
	TRY(sign_detached(signer, report_r->document, arena_printf(arena, "%s.xml", reference), issued, &made, error));
	report_r->signature = arena_bytes(arena, buffer_bytes(&made));
	return 0;
}

/* What every disclosure leaves behind: to whom, under which agreement, purpose and legal basis (DESIGN, promise 4). */
static int record_disclosure(struct db *db, struct arena *arena, const struct agreement *agreement, const struct message_row *row, struct error *error)
{
	static const char *const purposes[] = { "sandbox", "bilateral", "production" };
	struct json *content = json_new_object(arena);
	json_set_text(arena, content, "agreement", agreement->name);
	json_set_text(arena, content, "purpose", purposes[agreement->purpose]);
	json_set_text(arena, content, "basis", agreement->basis_kind);
	json_set_text(arena, content, "reference", agreement->basis_reference);
	json_set_text(arena, content, "granted_by", agreement->granted_by);
	json_set_text(arena, content, "kind", row->kind);
	struct record record = { .kind = "disclosure.made", .object = row->id, .container = row->container, .journey = row->journey,
		                 .agreement = agreement->name, .content = json_to_text(arena, content, JSON_COMPACT) };
	return record_add(db, &record, error);
}

static const char *missing_of(const struct report_reason *reason)
{
	return reason->kind == KIND_WITHDRAWAL && !reason->customs_id
	               ? "customs has not told yet what it calls the report: the withdrawal waits for that identifier" : NULL;
}

int report_prepare(struct db *db, struct arena *arena, const struct flow_config *config, const struct agreement *agreement, const struct picture *picture,
                   const struct report_reason *reason, const char *cause, struct prepared *out, struct error *error)
{
	char reference[ID_REFERENCE_SIZE];
	const char *kind = message_kind_name(reason->kind);
	int64_t now = clock_now_ms();
	struct error why = { 0 };
	struct json *input;
	struct message_row *row = &out->row;
	*out = (struct prepared){ .agreement = agreement, .report.marks = "[]" };
	TRY(message_find_cause(db, arena, agreement->name, kind, cause, row, &out->exists, error));
	if (out->exists)
		return 0;
	const struct signer *signer = signer_of(config, agreement);
	*row = (struct message_row){ .id = arena_text(arena, id_reference(reference)), .agreement = agreement->name, .kind = kind, .cause = cause,
		                     .container = picture->container, .journey = picture->journey_row ? picture->journey_row->id : NULL,
		                     .finding = reason->finding_id, .state = MESSAGE_READY, .content_type = "application/xml; charset=UTF-8", .headers = "{}",
		                     .set_digest = map_set_digest(config->set), .created = now, .due = clock_real_ms(), .first_try = CLOCK_NONE,
		                     .held_since = CLOCK_NONE, .signer_until = signer ? signer_until(signer) : CLOCK_NONE };
	TRY(report_input(db, arena, config->settings, agreement, picture, reason, row->id, now, &input, error));
	row->input = json_to_text(arena, input, JSON_COMPACT);
	row->reason = missing_of(reason);
	if (!row->reason && report_make(config, arena, agreement, reason->kind, input, row->id, now, &out->report, &why) < 0)
		row->reason = arena_printf(arena, "%s%s%s%s", why.text, *why.place ? " [" : "", why.place, *why.place ? "]" : "");
	if (row->reason) {
		row->state = MESSAGE_HELD;
		row->due = CLOCK_NONE;
		log_error("message", row->id, "held: %s", row->reason);
	}
	row->marks = out->report.marks;
	return 0;
}

int report_store(struct db *db, struct arena *arena, struct prepared *p, enum store_outcome *outcome_r, struct error *error)
{
	struct message_row *row = &p->row, stored;
	bool found;
	*outcome_r = STORE_SAME;
	if (!p->exists)
		TRY(message_find_cause(db, arena, row->agreement, row->kind, row->cause, &stored, &found, error));
	if (p->exists || found)
		return 0;
	TRY(body_put(db, arena, p->report.document, row->content_type, &row->document, error));
	if (p->report.signature.size)
		TRY(body_put(db, arena, p->report.signature, "application/xml", &row->signature, error));
	TRY(message_add(db, arena, row, outcome_r, error));
	for (size_t i = 0; i < p->part_count && *outcome_r == STORE_NEW; i++) {
		p->parts[i].owner = row->id;
		TRY(part_add(db, &p->parts[i], error));
	}
	return *outcome_r == STORE_NEW ? record_disclosure(db, arena, p->agreement, row, error) : 0;
}

int report_standing(struct db *db, struct arena *arena, const char *message, const char **kind_r, struct error *error)
{
	struct notice_row *rows;
	size_t count;
	*kind_r = NULL;
	TRY(notice_of_message(db, arena, message, &rows, &count, error));
	for (size_t i = 0; i < count && !*kind_r; i++)
		if (rows[i].lifted == CLOCK_NONE &&
		    (text_equal(rows[i].kind, "control") || text_equal(rows[i].kind, "question") || text_equal(rows[i].kind, "do_not_load")))
			*kind_r = rows[i].kind;
	return 0;
}
