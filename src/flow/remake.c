#include "flow/remake.h"

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "store/body.h"
#include "store/document.h"

/* The report that a held withdrawal takes back, if what it waited for is there: customs' name of the report. */
static int report_find(struct db *db, struct arena *arena, const struct message_row *row, struct json *input, struct message_row *report_r, bool *ready_r,
                       struct error *error)
{
	struct json *report = json_find(input, "report");
	const char *reference = json_path_text(report, "reference");
	bool found = false;
	*ready_r = false;
	if (row->state != MESSAGE_HELD || !text_equal(row->kind, message_kind_name(KIND_WITHDRAWAL)) || !reference || json_find(report, "customs_id"))
		return 0;
	TRY(message_find(db, arena, reference, report_r, &found, error));
	*ready_r = found && report_r->customs_id;
	return 0;
}

/* What customs did meanwhile on the report counts as it did when the withdrawal was ordered. */
static int refusal_of(struct db *db, struct arena *arena, const char *report, const char **refusal_r, struct error *error)
{
	const char *kind;
	TRY(report_standing(db, arena, report, &kind, error));
	*refusal_r = kind ? arena_printf(arena, "customs has answered the report with a %s: it is not withdrawn; ordered again, a further report says that it is "
	                                 "taken back", kind) : NULL;
	return 0;
}

static int make(struct arena *arena, const struct flow_config *config, const struct agreement *agreement, const struct message_row *report, struct json *input,
                struct remade *out, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	int64_t now = clock_now_ms();
	struct message_row *row = &out->row;
	json_set_text(arena, json_find(input, "report"), "customs_id", report->customs_id);
	json_set_text(arena, json_find(input, "message"), "issued", clock_format(now - now % 1000, time));
	TRY(report_make(config, arena, agreement, KIND_WITHDRAWAL, input, row->id, now, &out->report, error));
	const struct signer *signer = config->signers ? config->signers[agreement - config->settings->agreements] : NULL;
	row->input = json_to_text(arena, input, JSON_COMPACT);
	row->set_digest = map_set_digest(config->set);
	row->marks = out->report.marks;
	row->signer_until = signer ? signer_until(signer) : CLOCK_NONE;
	return 0;
}

static int look_at(struct db *db, struct arena *arena, const struct flow_config *config, const struct message_row *row, struct remade *out, bool *take_r,
                   struct error *error)
{
	const struct json_limits wide = { .bytes = 64 << 20, .nodes = 2000000, .text = 4 << 20, .depth = 64 };
	const struct agreement *agreement = settings_agreement(config->settings, row->agreement);
	struct message_row report;
	struct json *input;
	struct error why = { 0 };
	*take_r = false;
	*out = (struct remade){ .row = *row };
	if (!agreement || json_parse(arena, bytes_of_text(row->input), &wide, &input, &why) < 0)
		return 0;
	TRY(report_find(db, arena, row, input, &report, take_r, error));
	if (!*take_r)
		return 0;
	TRY(refusal_of(db, arena, report.id, &out->refusal, error));
	if (!out->refusal && make(arena, config, agreement, &report, input, out, &why) < 0)
		out->refusal = arena_printf(arena, "%s%s%s%s", why.text, *why.place ? " [" : "", why.place, *why.place ? "]" : "");
	*take_r = !text_equal(out->refusal, row->reason) || !out->refusal;  /* said before: nothing to write */
	return 0;
}

int remake_look(struct db *db, struct arena *arena, const struct flow_config *config, const char *container, struct remade **remade_r, size_t *count_r,
                struct error *error)
{
	struct message_row *rows;
	size_t count;
	*count_r = 0;
	TRY(message_held_of(db, arena, container, message_kind_name(KIND_WITHDRAWAL), &rows, &count, error));
	*remade_r = arena_array(arena, count + 1, sizeof **remade_r);
	for (size_t i = 0; i < count; i++) {
		bool take;
		TRY(look_at(db, arena, config, &rows[i], &(*remade_r)[*count_r], &take, error));
		*count_r += take;
	}
	return 0;
}

int remake_store(struct db *db, struct arena *arena, struct remade *r, bool *made_r, struct error *error)
{
	*made_r = false;
	if (r->refusal) {
		log_error("message", r->row.id, "stays held: %s", r->refusal);
		return message_set_reason(db, r->row.id, r->refusal, error);
	}
	r->row.signature = NULL;
	TRY(body_put(db, arena, r->report.document, r->row.content_type, &r->row.document, error));
	if (r->report.signature.size)
		TRY(body_put(db, arena, r->report.signature, "application/xml", &r->row.signature, error));
	return message_remake(db, &r->row, made_r, error);
}
