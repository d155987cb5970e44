/* The mapping's input: what is known, cut down to what the agreement shares. */
#include <stdlib.h>
#include <string.h>

#include "flow/report.h"
#include "lib/base/text.h"
#include "store/body.h"

struct builder {
	struct db *db;
	struct arena *arena;
	const struct settings *settings;
	const struct agreement *agreement;
	const struct picture *picture;
	const struct report_reason *reason;
	struct json *out;
	struct error *error;
};

static void put(struct builder *b, struct json *out, const char *name, const char *text)
{
	if (!text_empty(text))
		json_set_text(b->arena, out, name, text);
}

static void put_time(struct builder *b, struct json *out, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (ms != CLOCK_NONE)
		json_set_text(b->arena, out, name, clock_format(ms, text));
}

static bool shares(const struct builder *b, enum shared_field field)
{
	return b->agreement->fields & field;
}

static void add_gateway(struct builder *b)
{
	const struct settings *s = b->settings;
	struct json *gateway = json_new_object(b->arena), *contact = json_new_object(b->arena);
	put(b, gateway, "name", s->name);
	put(b, gateway, "eori", s->eori);
	put(b, gateway, "country", s->country);
	put(b, gateway, "uri", s->uri);
	put(b, contact, "role", s->contact.role);
	put(b, contact, "name", s->contact.name);
	put(b, contact, "phone", s->contact.phone);
	put(b, contact, "mail", s->contact.mail);
	put(b, contact, "language", s->contact.language);
	if (shares(b, SHARE_CONTACT))
		json_set(gateway, "contact", contact);
	json_set(b->out, "gateway", gateway);
}

static void add_agreement(struct builder *b)
{
	const struct agreement *a = b->agreement;
	struct json *out = json_new_object(b->arena);
	put(b, out, "name", a->name);
	put(b, out, "country", a->country);
	put(b, out, "agency", a->agency);
	put(b, out, "customization", a->customization);
	put(b, out, "customization_version", a->customization_version);
	put(b, out, "type_code", a->type_codes[b->reason->kind]);
	put(b, out, "language", a->language);
	if (a->mandate_eori) {
		struct json *agent = json_new_object(b->arena);
		put(b, agent, "name", a->mandate_name);
		put(b, agent, "eori", b->settings->eori);
		put(b, agent, "function", a->mandate_function);
		json_set(out, "agent", agent);
	}
	json_set(b->out, "agreement", out);
}

/* Seals as last known: those of the journey that were not removed, then every change on the way. */
static struct json *seals_now(struct builder *b)
{
	struct json *list = json_new_array(b->arena);
	const struct journey *j = &b->picture->journey;
	size_t count = 0, room = j->seal_count + b->picture->input.seal_change_count;
	const char **numbers = arena_array(b->arena, room + 1, sizeof *numbers);
	for (size_t i = 0; b->picture->journey_row && i < j->seal_count; i++)
		if (j->seals[i].removed == CLOCK_NONE && j->seals[i].number)
			numbers[count++] = j->seals[i].number;
	for (size_t i = 0; i < b->picture->input.seal_change_count; i++) {
		const struct assess_seal_change *change = &b->picture->input.seal_changes[i];
		size_t kept = 0;
		for (size_t k = 0; k < count; k++)
			if (!text_equal_nocase(numbers[k], change->replaces) && !text_equal_nocase(numbers[k], change->number))
				numbers[kept++] = numbers[k];
		count = kept;
		if (change->number)
			numbers[count++] = change->number;
	}
	/* where more were reported on the way than fit, the last ones are those that are on the box */
	for (size_t i = count > JOURNEY_SEALS ? count - JOURNEY_SEALS : 0; i < count; i++) {
		struct json *seal = json_new_object(b->arena);
		put(b, seal, "number", numbers[i]);
		json_append(list, seal);
	}
	return list;
}

static void add_container(struct builder *b)
{
	struct json *out = json_new_object(b->arena);
	const struct json *journey = b->picture->journey_row ? b->picture->journey.json : NULL;
	put(b, out, "number", b->picture->container);
	put(b, out, "size_type", json_scalar(json_find(journey, "size_type")));
	put(b, out, "fullness", json_scalar(json_find(journey, "fullness")));
	put(b, out, "vgm_kg", json_scalar(json_find(journey, "vgm_kg")));
	if (shares(b, SHARE_SEAL))
		json_set(out, "seals", seals_now(b));
	json_set(b->out, "container", out);
}

/* The sea leg that the box is on or waits for; the first leg where there is none by sea. */
static size_t leg_now(const struct journey *j, int64_t now)
{
	size_t chosen = j->leg_count;
	for (size_t i = 0; i < j->leg_count; i++) {
		const struct leg *leg = &j->legs[i];
		if (!leg->mode || leg->mode[0] != '1')
			continue;
		int64_t arrival = leg->ata != CLOCK_NONE ? leg->ata : leg->eta;
		if (chosen == j->leg_count || (arrival != CLOCK_NONE && arrival > now))
			chosen = i;
		if (arrival == CLOCK_NONE || arrival > now)
			break;
	}
	return chosen < j->leg_count ? chosen : 0;
}

static void add_journey(struct builder *b)
{
	const struct journey *j = &b->picture->journey;
	if (!b->picture->journey_row)
		return;
	put(b, b->out, "journey", b->picture->journey_row->id);
	put(b, b->out, "office", json_path_text(j->json, "offices.first_entry"));
	if (shares(b, SHARE_CALL) && j->leg_count) {
		size_t i = leg_now(j, b->picture->input.now);
		const struct leg *leg = &j->legs[i];
		const struct json *raw = json_at(json_find(j->json, "legs"), i);
		struct json *call = json_new_object(b->arena);
		put(b, call, "mode", leg->mode);
		put(b, call, "imo", leg->imo);
		put(b, call, "vessel", leg->vessel);
		put(b, call, "voyage", leg->voyage);
		put(b, call, "from", leg->from);
		put(b, call, "to", leg->to);
		put(b, call, "terminal", json_path_text(raw, "to.terminal"));
		put_time(b, call, "etd", leg->atd != CLOCK_NONE ? leg->atd : leg->etd);
		put_time(b, call, "eta", leg->ata != CLOCK_NONE ? leg->ata : leg->eta);
		put(b, call, "stow", json_scalar(json_find(raw, "stow")));
		json_set(b->out, "call", call);
	}
	struct json *references = json_new_array(b->arena);
	for (struct json_iter c = json_iter(json_find(j->json, "consignments")); json_next(&c);) {
		const struct json *list = json_find(c.value, "references");
		for (struct json_iter r = json_iter(list); list && json_next(&r);) {
			struct json *one = json_new_object(b->arena);
			put(b, one, "type", json_scalar(json_find(r.value, "type")));
			put(b, one, "id", json_scalar(json_find(r.value, "id")));
			if (json_count(one) == 2)
				json_append(references, one);
		}
	}
	if (shares(b, SHARE_REFERENCES))
		json_set(b->out, "references", references);
}

/* ---- findings and events ---- */

static size_t event_index(const struct builder *b, const char *id)
{
	size_t i = 0;
	while (i < b->picture->input.event_count && !text_equal(b->picture->input.events[i].id, id))
		i++;
	return i;
}

/* RFC 6920 name of the raw payload that the event came in. */
static int evidence_of(struct builder *b, const char *raw, const char **name_r)
{
	struct body body;
	bool found;
	BUFFER_AUTO octets = { 0 };
	BUFFER_AUTO text = { 0 };
	*name_r = NULL;
	if (!b->db || !raw || !shares(b, SHARE_EVIDENCE))
		return 0;
	TRY(body_find(b->db, b->arena, raw, &body, &found, b->error));
	if (!found)
		return 0;
	TRY(text_hex_decode(body.digest, &octets, b->error));
	buffer_add_text(&text, "ni:///sha-256;");
	text_base64url(&text, buffer_bytes(&octets));
	*name_r = arena_text(b->arena, buffer_text(&text));
	return 0;
}

static void add_position(struct builder *b, struct json *out, const struct event *event)
{
	const struct assess_event *near = event->fix.source ? NULL : assess_nearest_fix(&b->picture->input, event);
	const struct fix *fix = event->fix.source ? &event->fix : near ? &near->event.fix : NULL;
	if (!fix || !shares(b, SHARE_POSITION))
		return;
	put(b, out, "lat", fix->lat);
	put(b, out, "lon", fix->lon);
	put(b, out, "source", fix_source_name(fix->source));
	put(b, out, "accuracy", fix->accuracy);
	int64_t age = (fix->time - event->time) / 1000;
	if (age) {
		json_set_integer(b->arena, out, "age", age < 0 ? -age : age);
		put(b, out, "side", age < 0 ? "earlier" : "later");
	}
}

static int add_event(struct builder *b, struct json *list, const char *id, const char *trust)
{
	size_t i = event_index(b, id);
	const struct event *e = NULL;
	const char *raw = NULL, *own = id;
	if (i < b->picture->input.event_count) {
		e = &b->picture->input.events[i].event;
		raw = b->picture->rows[i].raw;
	}
	for (size_t k = 0; !e && k < b->picture->result.derived_count; k++) {  /* derived just now: not among the rows yet */
		const struct assess_derived *d = &b->picture->result.derived[k];
		if (!text_equal(d->id, id))
			continue;
		e = &d->event;
		i = event_index(b, d->source);
		raw = i < b->picture->input.event_count ? b->picture->rows[i].raw : NULL;
	}
	if (!e)
		return 0;
	const char *evidence;
	struct json *out = json_new_object(b->arena);
	put(b, out, "id", own);
	put(b, out, "type", event_type_name(e->type));
	put_time(b, out, "time", e->time);
	put(b, out, "provider_code", e->provider_code);
	put(b, out, "trust", trust);
	if (shares(b, SHARE_DEVICE)) {
		put(b, out, "device", e->device);
		put(b, out, "sequence", e->sequence == CLOCK_NONE ? NULL : arena_printf(b->arena, "%lld", (long long)e->sequence));
	}
	add_position(b, out, e);
	if (shares(b, SHARE_READINGS))
		put(b, out, "light", event_reading(e, "light"));
	if (shares(b, SHARE_SEAL)) {
		put(b, out, "seal", e->seal_number);
		put(b, out, "seal_condition", e->seal_condition);
		put(b, out, "seal_by", e->seal_by);
	}
	TRY(evidence_of(b, raw, &evidence));
	put(b, out, "evidence", evidence);
	json_append(list, out);
	return 0;
}

static void add_withdrawn(struct builder *b)
{
	struct json *out = json_new_object(b->arena);
	put(b, out, "reference", b->reason->withdrawn);
	put(b, out, "customs_id", b->reason->customs_id);
	put(b, out, "reason", b->reason->reason);
	put(b, out, "by", b->reason->by);
	json_set(b->out, "report", out);
}

/* A report that is taken back after customs acted on it: not an event of the box, but what customs must read beside them. */
static void add_retraction(struct builder *b, struct json *events, int64_t issued)
{
	struct json *out = json_new_object(b->arena);
	put(b, out, "id", b->reason->withdrawn);
	put(b, out, "type", event_type_name(EVENT_RETRACTED));
	put_time(b, out, "time", issued);
	json_append(events, out);
	add_withdrawn(b);
}

static int add_finding(struct builder *b, int64_t issued)
{
	const struct finding *f = b->reason->finding;
	struct json *findings = json_new_array(b->arena), *events = json_new_array(b->arena), *out = json_new_object(b->arena);
	BUFFER_AUTO numbers = { 0 };
	for (size_t i = 0; i < f->event_count; i++) {
		size_t before = json_count(events);
		TRY(add_event(b, events, f->events[i], f->trust));
		if (json_count(events) > before)
			buffer_printf(&numbers, "%s%zu", numbers.size ? "," : "", json_count(events));
	}
	put(b, out, "code", f->code);
	put(b, out, "rule", f->rule);
	put(b, out, "version", f->version);
	put(b, out, "severity", severity_name(f->severity));
	put(b, out, "template", f->template);
	put_time(b, out, "time", f->time);
	put(b, out, "trust", f->trust);
	if (!b->reason->withdrawn) {  /* of a report that is taken back, nothing is left to do */
		put(b, out, "act", f->act);
		if (shares(b, SHARE_CALL)) {  /* port, cut-off and arrival */
			put(b, out, "act_at", f->act_at);
			put_time(b, out, "until", f->until);
		}
	}
	put(b, out, "coverage", arena_printf(b->arena, "%.1f", b->picture->result.coverage));
	put(b, out, "events", buffer_text(&numbers));
	json_set(out, "values", f->values);
	json_append(findings, out);
	if (b->reason->withdrawn)
		add_retraction(b, events, issued);
	json_set(b->out, "findings", findings);
	json_set(b->out, "events", events);
	return 0;
}

static const char *span_text(struct arena *arena, int64_t ms)
{
	int64_t minutes = ms / 60000;
	return minutes >= 120 ? arena_printf(arena, "%lldh", (long long)(minutes / 60)) : arena_printf(arena, "%lldmin", (long long)minutes);
}

static void add_watch(struct builder *b)
{
	const struct assess_result *r = &b->picture->result;
	struct json *out = json_new_object(b->arena);
	const struct assess_gap *longest = NULL;
	for (size_t i = 0; i < r->gap_count; i++)
		if (!longest || r->gaps[i].until - r->gaps[i].from > longest->until - longest->from)
			longest = &r->gaps[i];
	put(b, out, "template", r->openings ? "permitted" : "closed");
	put_time(b, out, "from", r->watched_from);
	put_time(b, out, "until", r->watched_until == CLOCK_NONE ? CLOCK_NONE : r->watched_until / 1000 * 1000);  /* an officer reads it */
	put(b, out, "coverage", arena_printf(b->arena, "%.1f", r->coverage));
	put(b, out, "gaps", arena_printf(b->arena, "%zu", r->gap_count));
	put(b, out, "longest_gap", longest ? span_text(b->arena, longest->until - longest->from) : NULL);
	if (longest && longest->near_lat && shares(b, SHARE_POSITION))
		put(b, out, "gap_place", arena_printf(b->arena, "%s/%s", longest->near_lat, longest->near_lon));
	put(b, out, "openings", arena_printf(b->arena, "%zu", r->openings));
	put(b, out, "permitted", arena_printf(b->arena, "%zu", r->permitted_openings));
	put(b, out, "seal", r->seal);
	put(b, out, "fixes", arena_printf(b->arena, "%zu", r->fixes));
	put(b, out, "trust", "high");
	put(b, out, "rules", ASSESS_RULES_VERSION);
	json_set(b->out, "watch", out);
}

int report_input(struct db *db, struct arena *arena, const struct settings *settings, const struct agreement *agreement, const struct picture *picture,
                 const struct report_reason *reason, const char *reference, int64_t issued, struct json **input_r, struct error *error)
{
	struct builder b = { db, arena, settings, agreement, picture, reason, json_new_object(arena), error };
	struct json *message = json_new_object(arena), *more = json_new_object(arena);
	add_gateway(&b);
	add_agreement(&b);
	put(&b, message, "reference", reference);
	put(&b, message, "kind", message_kind_name(reason->kind));
	put_time(&b, message, "issued", issued - issued % 1000);
	json_set(b.out, "message", message);
	*input_r = b.out;
	if (reason->kind == KIND_WITHDRAWAL) {
		add_withdrawn(&b);
		return 0;
	}
	if (reason->kind == KIND_ARRIVAL) {
		put(&b, more, "mrn", reason->mrn);
		put(&b, more, "submitter", agreement->mandate_eori);
		json_set(b.out, "arrival", more);
		return 0;
	}
	add_container(&b);
	add_journey(&b);
	if (reason->kind == KIND_INTEGRITY_REPORT)
		return add_finding(&b, issued - issued % 1000);
	add_watch(&b);
	return 0;
}
