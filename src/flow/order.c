/* Messages that a person asks for. Each has its guard: an assurance its coverage, an arrival its mandate, a withdrawal an
 * operator's yes and a report of ours that customs has, or may have. */
#include <string.h>

#include "flow/report.h"
#include "lib/base/id.h"
#include "lib/base/text.h"

struct ordering {
	const struct flow_config *config;
	const struct flow_order *order;
	struct arena *arena;
	struct picture *picture;
	struct prepared *prepared;
	size_t prepared_count;
	struct json *made, *refused;
};

static void refuse(struct ordering *o, const struct agreement *agreement, const char *reason)
{
	struct json *one = json_new_object(o->arena);
	json_set_text(o->arena, one, "agreement", agreement->name);
	json_set_text(o->arena, one, "reason", reason);
	json_append(o->refused, one);
}

static int prepare(struct db *db, struct ordering *o, const struct agreement *agreement, const struct report_reason *reason, const char *cause,
                   struct error *error)
{
	TRY(report_prepare(db, o->arena, o->config, agreement, o->picture, reason, cause, &o->prepared[o->prepared_count], error));
	o->prepared_count++;
	return 0;
}

/* ---- what each kind needs ---- */

static int assurance(struct db *db, struct ordering *o, const struct agreement *agreement, struct error *error)
{
	char id[ID_UUID_SIZE];
	struct report_reason reason = { .kind = KIND_ASSURANCE };
	const char *refusal = assess_assurance_refusal(&o->picture->input, &o->picture->result, agreement->coverage, o->arena);
	if (refusal) {
		refuse(o, agreement, refusal);
		return 0;
	}
	return prepare(db, o, agreement, &reason, arena_printf(o->arena, "ordered:%s", id_uuid7(id)), error);
}

/* A goods presentation is a legal act: on an operator's word, under the declarant's mandate; the tracker only has to not contradict it. */
static int arrival(struct db *db, struct ordering *o, const struct agreement *agreement, struct error *error)
{
	if (text_empty(o->order->mrn)) {
		error_set(error, ERROR_MISSING_FIELD, "\"mrn\" is missing: the declaration whose goods are presented");
		return error_in_field(error, "/mrn");
	}
	if (!agreement->mandate_eori) {
		refuse(o, agreement, "there is no mandate of the declarant in the agreement");
		return 0;
	}
	struct report_reason reason = { .kind = KIND_ARRIVAL, .mrn = o->order->mrn, .by = o->order->by };
	return prepare(db, o, agreement, &reason, arena_printf(o->arena, "arrival:%s", o->order->mrn), error);
}

/* The report's finding as it was, with the event RETRACTED behind it. */
static int retraction(struct db *db, struct ordering *o, const struct agreement *agreement, const struct message_row *report, struct error *error)
{
	for (size_t i = 0; i < o->picture->finding_count; i++) {
		const struct finding_row *row = &o->picture->findings[i];
		if (!text_equal(row->id, report->finding))
			continue;
		for (size_t k = 0; k < o->picture->result.finding_count; k++) {
			const struct finding *f = &o->picture->result.findings[k];
			if (!text_equal(f->cause, row->cause))
				continue;
			struct report_reason reason = { .kind = KIND_INTEGRITY_REPORT, .finding = f, .finding_id = row->id, .withdrawn = report->id,
				                        .reason = o->order->reason, .by = o->order->by };
			return prepare(db, o, agreement, &reason, arena_printf(o->arena, "retracted:%s", report->id), error);
		}
	}
	FAIL(error, CONFLICT, "the finding that report \"%s\" rests on does not hold any more: there is nothing left to take back", report->id);
}

static int withdrawal(struct db *db, struct ordering *o, const struct agreement *agreement, struct error *error)
{
	struct message_row report;
	const char *stands;
	bool found;
	TRY(message_find(db, o->arena, o->order->message, &report, &found, error));
	if (!found || !text_equal(report.kind, message_kind_name(KIND_INTEGRITY_REPORT)))
		FAIL(error, CONFLICT, "only an integrity report can be withdrawn, and \"%s\" is none", o->order->message);
	if (report.state != MESSAGE_SENT && report.state != MESSAGE_UNKNOWN)
		FAIL(error, CONFLICT, "report \"%s\" is %s: only one that customs has, or may have, is withdrawn", report.id, message_state_name(report.state));
	TRY(report_standing(db, o->arena, report.id, &stands, error));
	if (stands) {
		refuse(o, agreement, arena_printf(o->arena, "customs has answered the report with a %s: it is not withdrawn, a further report says that it is "
		                                  "taken back", stands));
		return retraction(db, o, agreement, &report, error);
	}
	struct report_reason reason = { .kind = KIND_WITHDRAWAL, .withdrawn = report.id, .customs_id = report.customs_id, .reason = o->order->reason,
		                        .by = o->order->by };
	return prepare(db, o, agreement, &reason, arena_printf(o->arena, "withdraw:%s", report.id), error);
}

/* ---- the order ---- */

static int order_look(struct db *db, void *context, struct error *error)
{
	struct ordering *o = context;
	const struct settings *s = o->config->settings;
	struct picture *pictures;
	size_t count;
	int64_t now = clock_now_ms();
	TRY(pictures_read(db, o->arena, s, o->order->container, now, true, &pictures, &count, error));
	o->picture = &pictures[count - 1];
	for (size_t i = 0; i < count; i++)
		if (pictures[i].journey_row && pictures[i].journey_row->from <= now &&
		    (pictures[i].journey_row->until == CLOCK_NONE || pictures[i].journey_row->until >= now))
			o->picture = &pictures[i];
	picture_assess(o->picture, o->arena);
	o->prepared = arena_array(o->arena, s->agreement_count + 1, sizeof *o->prepared);
	for (size_t i = 0; i < s->agreement_count; i++) {
		const struct agreement *a = &s->agreements[i];
		if (o->order->agreement && !text_equal(o->order->agreement, a->name))
			continue;
		if (!(a->kinds & (1u << o->order->kind)) && !o->order->agreement)
			continue;
		const char *refusal = agreement_refusal(a, o->order->kind, now, o->arena);
		if (refusal)
			refuse(o, a, refusal);
		else if (o->order->kind == KIND_ASSURANCE)
			TRY(assurance(db, o, a, error));
		else if (o->order->kind == KIND_ARRIVAL)
			TRY(arrival(db, o, a, error));
		else
			TRY(withdrawal(db, o, a, error));
	}
	return 0;
}

static int order_write(struct db *db, void *context, struct error *error)
{
	struct ordering *o = context;
	o->made = json_new_array(o->arena);
	for (size_t i = 0; i < o->prepared_count; i++) {
		const struct message_row *row = &o->prepared[i].row;
		enum store_outcome outcome;
		TRY(report_store(db, o->arena, &o->prepared[i], &outcome, error));
		struct json *one = json_new_object(o->arena);
		json_set_text(o->arena, one, "id", row->id);
		json_set_text(o->arena, one, "agreement", row->agreement);
		json_set_text(o->arena, one, "kind", row->kind);
		json_set_text(o->arena, one, "state", message_state_name(row->state));
		json_set_bool(o->arena, one, "new", outcome == STORE_NEW);
		if (row->reason)
			json_set_text(o->arena, one, "reason", row->reason);
		json_append(o->made, one);
	}
	return 0;
}

int flow_order(const struct flow_config *config, const struct flow_order *order, struct arena *arena, struct json **answer_r, struct error *error)
{
	struct ordering o = { .config = config, .order = order, .arena = arena, .refused = json_new_array(arena) };
	if (order->agreement && !settings_agreement(config->settings, order->agreement)) {
		error_set(error, ERROR_NOT_FOUND, "there is no agreement \"%s\"", order->agreement);
		return error_in_field(error, "/agreement");
	}
	TRY(store_read(config->store, order_look, &o, error));
	TRY(store_write(config->store, order_write, &o, error));
	if (!o.prepared_count && !json_count(o.refused))
		FAIL(error, NOT_AGREED, "no agreement shares messages of kind \"%s\"", message_kind_name(order->kind));
	if (!o.prepared_count) {
		const char *reason = json_path_text(json_at(o.refused, 0), "reason");
		FAIL(error, NOT_AGREED, "no %s was made: %s", message_kind_name(order->kind), reason ? reason : "");
	}
	*answer_r = json_new_object(arena);
	json_set(*answer_r, "messages", o.made);
	json_set(*answer_r, "refused", o.refused);
	return 0;
}
