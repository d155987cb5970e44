#include "flow/work.h"

#include <string.h>

#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

/* What one picture leads to. */
struct outcome {
	const char **finding_ids;      /* beside result.findings */
	struct prepared *prepared;
	size_t prepared_count;
	struct json *refusals;         /* what was due and is not sent, and why */
};

/* ---- look ---- */

static void refusal_add(struct work *w, struct outcome *o, const struct agreement *agreement, enum message_kind kind, const char *reason)
{
	struct json *one = json_new_object(w->arena);
	json_set_text(w->arena, one, "agreement", agreement->name);
	json_set_text(w->arena, one, "kind", message_kind_name(kind));
	json_set_text(w->arena, one, "reason", reason);
	json_append(o->refusals, one);
}

static int prepare(struct db *db, struct work *w, struct outcome *o, const struct picture *p, const struct agreement *agreement,
                   const struct report_reason *reason, const char *cause, struct error *error)
{
	const char *refusal = agreement_refusal(agreement, reason->kind, w->now, w->arena);
	if (refusal) {
		refusal_add(w, o, agreement, reason->kind, refusal);
		return 0;
	}
	TRY(report_prepare(db, w->arena, w->config, agreement, p, reason, cause, &o->prepared[o->prepared_count], error));
	o->prepared_count++;
	return 0;
}

static bool sends(const struct agreement *agreement, enum message_kind kind)
{
	return agreement->kinds & (1u << kind);
}

static int reports_prepare(struct db *db, struct work *w, struct outcome *o, const struct picture *p, const struct agreement *agreement, struct error *error)
{
	for (size_t i = 0; sends(agreement, KIND_INTEGRITY_REPORT) && i < p->result.finding_count; i++) {
		const struct finding *f = &p->result.findings[i];
		struct report_reason reason = { .kind = KIND_INTEGRITY_REPORT, .finding = f, .finding_id = o->finding_ids[i] };
		if (f->severity >= agreement->severity)
			TRY(prepare(db, w, o, p, agreement, &reason, f->cause, error));
	}
	return 0;
}

/* The good news, once, a while before the arrival; or the reason why it cannot be given. */
static int assurance_prepare(struct db *db, struct work *w, struct outcome *o, const struct picture *p, const struct agreement *agreement, struct error *error)
{
	if (!sends(agreement, KIND_ASSURANCE) || !p->journey_row || p->result.assurance_due == CLOCK_NONE || w->now < p->result.assurance_due)
		return 0;
	const char *cause = arena_printf(w->arena, "assurance:%s", p->journey_row->id);
	struct message_row given;
	bool found;
	TRY(message_find_cause(db, w->arena, agreement->name, message_kind_name(KIND_ASSURANCE), cause, &given, &found, error));
	if (found)
		return 0;
	const char *refusal = assess_assurance_refusal(&p->input, &p->result, agreement->coverage, w->arena);
	struct report_reason reason = { .kind = KIND_ASSURANCE };
	if (refusal) {
		refusal_add(w, o, agreement, KIND_ASSURANCE, refusal);
		return 0;
	}
	return prepare(db, w, o, p, agreement, &reason, cause, error);
}

static void findings_name(struct work *w, struct outcome *o, const struct picture *p)
{
	o->finding_ids = arena_array(w->arena, p->result.finding_count + 1, sizeof *o->finding_ids);
	for (size_t i = 0; i < p->result.finding_count; i++) {
		char id[ID_UUID_SIZE];
		const struct finding_row *row = picture_finding(p, p->result.findings[i].cause);
		o->finding_ids[i] = row ? row->id : arena_text(w->arena, id_uuid7(id));
	}
}

static int picture_look(struct db *db, struct work *w, struct picture *p, struct outcome *o, struct error *error)
{
	const struct settings *s = w->config->settings;
	picture_assess(p, w->arena);
	picture_fold(p, w->arena);
	findings_name(w, o, p);
	o->refusals = json_new_array(w->arena);
	o->prepared = arena_array(w->arena, s->agreement_count * (p->result.finding_count + 1) + 1, sizeof *o->prepared);
	for (size_t i = 0; i < s->agreement_count; i++) {
		TRY(reports_prepare(db, w, o, p, &s->agreements[i], error));
		TRY(assurance_prepare(db, w, o, p, &s->agreements[i], error));
	}
	return 0;
}

/* The picture that says how the container is now: the journey that time is in, else the latest. */
static size_t picture_now(const struct work *w)
{
	for (size_t i = 0; i < w->picture_count; i++) {
		const struct journey_row *row = w->pictures[i].journey_row;
		if (row && row->from <= w->now && (row->until == CLOCK_NONE || row->until >= w->now))
			return i;
	}
	return w->picture_count - 1;
}

static void due_note(struct work *w, int64_t at)
{
	if (at != CLOCK_NONE && at > w->now && (w->due == CLOCK_NONE || at < w->due))
		w->due = at;
}

int work_look(struct db *db, void *context, struct error *error)
{
	struct work *w = context;
	w->now = clock_now_ms();
	w->due = CLOCK_NONE;
	TRY(pictures_read(db, w->arena, w->config->settings, w->claim.number, w->now, false, &w->pictures, &w->picture_count, error));
	w->outcomes = arena_array(w->arena, w->picture_count, sizeof *w->outcomes);
	for (size_t i = 0; i < w->picture_count; i++) {
		TRY(picture_look(db, w, &w->pictures[i], &w->outcomes[i], error));
		due_note(w, w->pictures[i].result.next_due);
		due_note(w, w->pictures[i].result.assurance_due);
	}
	TRY(remake_look(db, w->arena, w->config, w->claim.number, &w->remade, &w->remade_count, error));
	TRY(relay_look(db, w->arena, w->config, w->claim.number, &w->relayed, &w->relayed_count, error));
	size_t now = picture_now(w);
	struct json *content = picture_content(&w->pictures[now], w->arena);
	if (json_count(w->outcomes[now].refusals))
		json_set(content, "not_sent", w->outcomes[now].refusals);
	w->content = json_to_text(w->arena, content, JSON_COMPACT);
	return 0;
}

/* ---- write ---- */

/* An event that states imply stands beside the row that shows it: same provider, same raw payload. */
static int derived_write(struct db *db, struct work *w, const struct picture *p, const struct assess_derived *d, struct error *error)
{
	char digest[DIGEST_HEX_SIZE];
	const struct event_row *source = NULL;
	enum store_outcome outcome;
	struct event_row stored;
	for (size_t i = 0; i < p->input.event_count && !source; i++)
		if (text_equal(p->rows[i].id, d->source))
			source = &p->rows[i];
	must(source);
	event_digest(&d->event, digest);
	struct event_row row = { .id = d->id, .provider = source->provider, .provider_id = d->provider_id, .type = event_type_name(d->event.type),
		                 .time = d->event.time, .received = source->received, .container = w->claim.number, .device = d->event.device,
		                 .content = json_to_text(w->arena, d->event.json, JSON_COMPACT), .content_digest = digest, .raw = source->raw,
		                 .origin = ORIGIN_DERIVED, .status = STATUS_CURRENT };
	TRY(event_add(db, w->arena, &row, &outcome, &stored, error));
	if (outcome != STORE_NEW && stored.status == STATUS_SUPERSEDED)  /* it holds again */
		return event_set_status(db, stored.id, STATUS_CURRENT, error);
	return 0;
}

static int finding_write_row(struct db *db, struct work *w, const struct picture *p, const struct finding *f, const char *id, struct error *error)
{
	enum store_outcome outcome;
	struct finding_row stored;
	const char *journey = p->journey_row ? p->journey_row->id : NULL;
	struct finding_row row = { .id = id, .container = w->claim.number, .journey = journey, .rule = f->rule, .code = f->code,
		                   .severity = severity_name(f->severity), .time = f->time, .cause = f->cause, .closed = CLOCK_NONE,
		                   .content = json_to_text(w->arena, finding_write(w->arena, f, id, w->claim.number, journey, w->now), JSON_COMPACT) };
	return finding_add(db, w->arena, &row, &outcome, &stored, error);
}

/* A stored finding that the rules do not reach any more: later rows, a permit that was stored in time after all. */
static int findings_close(struct db *db, struct work *w, const struct picture *p, struct error *error)
{
	for (size_t i = 0; i < p->finding_count; i++) {
		const struct finding_row *row = &p->findings[i];
		bool holds = row->closed != CLOCK_NONE || !text_equal(row->journey, p->journey_row ? p->journey_row->id : NULL);
		for (size_t k = 0; k < p->result.finding_count && !holds; k++)
			holds = text_equal(p->result.findings[k].cause, row->cause);
		if (!holds)
			TRY(finding_close(db, row, w->now, error));
	}
	return 0;
}

static int picture_write(struct db *db, struct work *w, const struct picture *p, struct outcome *o, struct error *error)
{
	const struct assess_result *r = &p->result;
	for (size_t i = 0; i < r->derived_count; i++)
		TRY(derived_write(db, w, p, &r->derived[i], error));
	for (size_t i = 0; i < r->superseded_count; i++)
		TRY(event_set_status(db, r->superseded[i], STATUS_SUPERSEDED, error));
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct finding_row *stored = picture_finding(p, r->findings[i].cause);
		if (!stored)
			TRY(finding_write_row(db, w, p, &r->findings[i], o->finding_ids[i], error));
		else if (stored->closed != CLOCK_NONE)  /* the rules reach it again */
			TRY(finding_close(db, stored, CLOCK_NONE, error));
	}
	TRY(findings_close(db, w, p, error));
	for (size_t i = 0; i < o->prepared_count; i++) {
		enum store_outcome outcome;
		TRY(report_store(db, w->arena, &o->prepared[i], &outcome, error));
		w->messages += outcome == STORE_NEW;
	}
	return picture_fold_write(db, p, error);
}

int work_write(struct db *db, void *context, struct error *error)
{
	struct work *w = context;
	w->messages = 0;
	for (size_t i = 0; i < w->picture_count; i++)
		TRY(picture_write(db, w, &w->pictures[i], &w->outcomes[i], error));
	for (size_t i = 0; i < w->relayed_count; i++) {
		enum store_outcome outcome;
		TRY(report_store(db, w->arena, &w->relayed[i], &outcome, error));
		w->messages += outcome == STORE_NEW;
	}
	for (size_t i = 0; i < w->remade_count; i++) {
		bool made;
		TRY(remake_store(db, w->arena, &w->remade[i], &made, error));
		w->messages += made;
	}
	/* last: adding derived events and messages wants the container again, and what was seen here is done with */
	return container_done(db, &w->claim, store_instance(w->config->store), w->due, w->content, error);
}
