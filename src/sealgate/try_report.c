/* Events and a journey to the document: the same steps as the gateway's, on files. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "model/container.h"
#include "sealgate/input.h"
#include "sealgate/output.h"
#include "sealgate/try.h"

struct trial {
	struct bench *bench;
	struct run *run;
	struct arena *arena;
	struct picture picture;
	struct journey_row journey_row;
	const char **raws;           /* beside the events: name of the payload that each came in (RFC 6920), as evidence */
	enum message_kind kind;
	int64_t issued;
	const char *reference;
};

/* ---- what is known ---- */

static int journey_take(struct trial *t, struct error *error)
{
	const char *file = run_option(t->run, "journey");
	struct json *section;
	if (!file)
		return 0;
	TRY(input_json(t->run, file, &section, error));
	const char *id = json_path_text(section, "id");
	if (journey_section_check(t->arena, section, error) < 0)
		return error_during(error, "journey \"%s\"", file);
	struct journey_filing filing = { .owner = "try", .version = 1, .content = section };
	const char *from = json_path_text(section, "from");
	if (from)
		TRY(clock_parse(from, &filing.stored, error));
	TRY(run_time(t->run, "filed", filing.stored, &filing.stored, error));
	struct json *whole = journey_merge(t->arena, id ? id : "J-TRY", &filing, 1);
	t->journey_row.content = json_to_text(t->arena, whole, JSON_COMPACT);
	TRY(journey_load(t->arena, t->journey_row.content, &t->picture.journey, error));
	if (journey_complete_check(&t->picture.journey, error) < 0)
		return error_during(error, "journey \"%s\"", file);
	t->journey_row.id = t->picture.journey.id;
	t->picture.journey_row = &t->journey_row;
	t->picture.input.journey = &t->picture.journey;
	t->picture.container = t->picture.journey.container;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct assess_event *x = a, *y = b;
	if (x->event.time != y->event.time)
		return x->event.time < y->event.time ? -1 : 1;
	return strcmp(x->id, y->id);
}

/* An event as GET /v1/events gives it knows what the gateway knows of it; one as it is posted came in this file. */
static int raw_name(struct trial *t, const struct json *in, struct bytes file, const char **name_r, struct error *error)
{
	const char *told = json_path_text(in, "raw_digest");
	uint8_t digest[DIGEST_SHA256_SIZE];
	BUFFER_AUTO octets = { 0 };
	BUFFER_AUTO name = { 0 };
	digest_sha256(file, digest);
	if (told)
		TRY(text_hex_decode(told, &octets, error));
	else
		buffer_add(&octets, digest, sizeof digest);
	buffer_add_text(&name, "ni:///sha-256;");
	text_base64url(&name, buffer_bytes(&octets));
	*name_r = arena_text(t->arena, buffer_text(&name));
	return 0;
}

static int event_take(struct trial *t, struct json *in, size_t index, struct assess_event *out, struct error *error)
{
	static const char *const ours[] = { "uid", "provider", "received", "origin", "status", "raw_digest" };
	const struct bench *bench = t->bench;
	const char *uid = arena_text(t->arena, json_path_text(in, "uid")), *provider = run_option(t->run, "provider");
	const struct provider *known = provider ? settings_provider(bench->settings, provider) : NULL;
	if (known && known->interval_ms && json_find(in, "device") && !json_path(in, "device.interval"))
		json_set_integer(t->arena, json_find(in, "device"), "interval", known->interval_ms / 1000);
	out->is_derived = text_equal(json_path_text(in, "origin"), "derived");
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		json_unset(in, ours[i]);
	if (event_read(t->arena, in, CLOCK_NONE, &out->event, error) < 0)
		return error_during(error, "event %zu", index);
	out->id = uid ? uid : out->event.id;
	out->received = out->event.time;
	return 0;
}

/* Not one that holds no longer, nor one of another box. */
static bool counts(const struct trial *t, const struct json *in)
{
	if (json_kind(in) == JSON_KIND_NULL)  /* a row that its mapping refused */
		return false;
	const char *status = json_path_text(in, "status"), *container = json_path_text(in, "container");
	return (!status || text_equal(status, "current")) && (!container || !t->picture.container || text_equal(container, t->picture.container));
}

/* The events in order of time, each with its payload's name. */
static void events_set(struct trial *t, struct assess_event *events, const char **raws, size_t count)
{
	struct assess_event *sorted = arena_array(t->arena, count + 1, sizeof *sorted);
	if (count)
		memcpy(sorted, events, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, by_time);
	t->raws = arena_array(t->arena, count + 1, sizeof *t->raws);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++)
			if (events[k].id == sorted[i].id)
				t->raws[i] = raws[k];
	t->picture.input.events = sorted;
	t->picture.input.event_count = count;
	t->picture.rows = arena_array(t->arena, count + 1, sizeof *t->picture.rows);
}

static int events_take(struct trial *t, struct error *error)
{
	const char *file = run_option(t->run, "event"), *provider = run_option(t->run, "provider");
	struct bytes octets;
	struct json *list, *in;
	struct payload payload;
	if (!file)
		return 0;
	if (provider) {
		TRY(input_octets(t->run, file, &octets, error));
		TRY(input_json(t->run, file, &in, error));
		TRY(payload_read(t->bench, provider, in, &payload, error));
		list = payload.events;
	} else {
		TRY(input_list(t->run, file, &list, &octets, error));
	}
	const char **raws = arena_array(t->arena, json_count(list) + 1, sizeof *raws);
	struct assess_event *events = arena_array(t->arena, json_count(list) + 1, sizeof *events);
	size_t count = 0;
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		if (!counts(t, it.value))
			continue;
		TRY(raw_name(t, it.value, octets, &raws[count], error));
		TRY(event_take(t, it.value, it.index - 1, &events[count], error));
		if (!t->picture.container)
			t->picture.container = events[count].event.container;
		count++;
	}
	events_set(t, events, raws, count);
	return 0;
}

static int picture_make(struct trial *t, struct error *error)
{
	const struct settings *s = t->bench->settings;
	struct assess_input *in = &t->picture.input;
	TRY(journey_take(t, error));
	TRY(events_take(t, error));
	if (!t->picture.container)
		return usage_fail(t->run, error, "neither a journey nor an event says which container it is about");
	int64_t last = in->event_count ? in->events[in->event_count - 1].event.time : clock_now_ms();
	TRY(run_time(t->run, "issued", last, &t->issued, error));
	in->container = t->picture.container;
	in->now = t->issued;
	in->settings = (struct assess_settings){ .light_lux = s->light_lux, .merge_ms = s->merge_ms, .fix_age_ms = s->fix_age_ms,
		                                 .interval_ms = s->interval_ms, .slack = s->coverage_slack, .assurance_ms = s->assurance_ms };
	picture_assess(&t->picture, t->arena);
	return 0;
}

/* ---- what is said of it ---- */

static int finding_choose(struct trial *t, struct report_reason *reason, struct error *error)
{
	const struct assess_result *r = &t->picture.result;
	int64_t number;
	TRY(run_number(t->run, "finding", 1, 1000000, 1, &number, error));
	for (size_t i = 0; i < r->finding_count; i++)
		note(t->run, "finding %zu of %zu: %s, %s: %s", i + 1, r->finding_count, r->findings[i].code, severity_name(r->findings[i].severity),
		     r->findings[i].sentence);
	if (!r->finding_count)
		FAIL(error, NOT_FOUND, "no rule finds anything: no report would be sent. %s", r->sentence ? r->sentence : "");
	if ((size_t)number > r->finding_count)
		return usage_fail(t->run, error, "there is no finding %lld: there are %zu", (long long)number, r->finding_count);
	reason->finding = &r->findings[number - 1];
	if (reason->finding->severity < t->bench->agreement->severity)
		FAIL(error, NOT_AGREED, "agreement \"%s\" reports findings from severity %s on: this one is %s", t->bench->agreement->name,
		     severity_name(t->bench->agreement->severity), severity_name(reason->finding->severity));
	return 0;
}

static int reason_make(struct trial *t, struct report_reason *reason, struct error *error)
{
	const struct agreement *agreement = t->bench->agreement;
	*reason = (struct report_reason){ .kind = t->kind, .withdrawn = run_option(t->run, "withdraws"), .customs_id = run_option(t->run, "customs-id"),
		                          .reason = run_option(t->run, "reason"), .by = "try", .mrn = run_option(t->run, "mrn") };
	const char *refusal = agreement_refusal(agreement, t->kind, t->issued, t->arena);
	if (refusal)
		FAIL(error, NOT_AGREED, "%s", refusal);
	if (t->kind == KIND_INTEGRITY_REPORT)
		return finding_choose(t, reason, error);
	if (t->kind == KIND_ASSURANCE && (refusal = assess_assurance_refusal(&t->picture.input, &t->picture.result, agreement->coverage, t->arena)))
		FAIL(error, NOT_AGREED, "no assurance: %s", refusal);
	if (t->kind == KIND_WITHDRAWAL && (!reason->withdrawn || !reason->customs_id))
		return usage_fail(t->run, error, "a withdrawal needs --withdraws and --customs-id");
	if (t->kind == KIND_ARRIVAL && !reason->mrn)
		return usage_fail(t->run, error, "an arrival needs --mrn");
	return 0;
}

/* The gateway reads digests of raw payloads from its store; here the payload is the file. */
static void evidence_set(struct trial *t, struct json *input)
{
	const struct json *events = json_find(input, "events");
	if (!(t->bench->agreement->fields & SHARE_EVIDENCE))
		return;
	for (struct json_iter it = json_iter(events); json_next(&it);) {
		const char *id = json_path_text(it.value, "id");
		for (size_t i = 0; i < t->picture.result.derived_count; i++)
			if (text_equal(t->picture.result.derived[i].id, id))
				id = t->picture.result.derived[i].source;
		for (size_t i = 0; i < t->picture.input.event_count; i++)
			if (text_equal(t->picture.input.events[i].id, id))
				json_set_text(t->arena, it.value, "evidence", t->raws[i]);
	}
}

static int document_write(struct trial *t, const struct json *input, const struct report *report, struct error *error)
{
	struct run *run = t->run;
	struct json *marks, *out = json_new_object(t->arena);
	TRY(json_parse(t->arena, bytes_of_text(report->marks), NULL, &marks, error));
	for (struct json_iter it = json_iter(marks); json_next(&it);)
		note(run, "%s: %s", cell(it.value, "element"), cell(it.value, "text"));
	if (!run->json) {
		TRY(out_octets(run, report->document, error));
		if (run->colour)  /* a terminal: the next prompt begins a line */
			fputc('\n', run->out);
		return EXIT_GOOD;
	}
	json_set_text(t->arena, out, "reference", t->reference);
	json_set_text(t->arena, out, "mapping", report->mapping);
	json_set_text(t->arena, out, "mapping_set", map_set_digest(t->bench->set));
	json_set_text(t->arena, out, "document", arena_text_n(t->arena, (const char *)report->document.data, report->document.size));
	json_set(out, "input", json_clone(t->arena, input));
	json_set(out, "marks", marks);
	out_json_pretty(run, out);
	return EXIT_GOOD;
}

int try_report(struct bench *bench, struct error *error)
{
	struct run *run = bench->run;
	struct trial t = { .bench = bench, .run = run, .arena = run->arena };
	const char *kind = run_option(run, "kind");
	char reference[ID_REFERENCE_SIZE];
	struct report_reason reason;
	struct report report;
	struct json *input;
	if (kind && (!message_kind_find(kind, &t.kind) || t.kind >= DECLARATION_KINDS))
		return usage_fail(run, error, "there is no kind \"%.60s\": integrity-report, assurance, withdrawal, arrival", kind);
	TRY(picture_make(&t, error));
	TRY(reason_make(&t, &reason, error));
	t.reference = run_option(run, "reference");
	t.reference = t.reference ? t.reference : arena_text(t.arena, id_reference(reference));
	TRY(report_input(NULL, t.arena, bench->settings, bench->agreement, &t.picture, &reason, t.reference, t.issued, &input, error));
	evidence_set(&t, input);
	struct flow_config config = { .settings = bench->settings, .set = bench->set, .validator = bench->validator };
	TRY(report_make(&config, t.arena, bench->agreement, t.kind, input, t.reference, t.issued, &report, error));
	return document_write(&t, input, &report, error);
}
