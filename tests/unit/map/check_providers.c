/* Providers' payloads: golden samples, published samples (the wrong ones too), two real voyages in the tracker's own shape,
 * and hostile ones. Nothing that came in may vanish: an event, or a refusal that names the member. */
#include <stdio.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "map/map.h"
#include "support/suite.h"
#include "support/voyage.h"

static struct map_set *set_of_project(struct arena *arena)
{
	struct map_set *set;
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", arena, NULL, &set, error));
	return set;
}

static struct json *json_of_text(struct arena *arena, const char *text)
{
	struct json *root;
	must_succeed(json_parse(arena, bytes_of_text(text), &(struct json_limits){ .bytes = 16 << 20, .nodes = 1000000 }, &root, error));
	return root;
}

static struct json *json_of_file(struct arena *arena, const char *path)
{
	char *text;
	must_succeed(file_read_text(path, arena, &text, error));
	return json_of_text(arena, text);
}

/* What became of a payload. */
struct outcome {
	struct json *out;            /* a list */
	struct map_refusals refusals;
	struct event *events;        /* by index */
	struct error *errors;        /* by index; ERROR_NONE: the event is good */
	size_t count, good;
};

static struct outcome outcome_of(struct arena *arena, const struct mapping *mapping, const struct json *input)
{
	struct outcome o = { 0 };
	struct error error = { 0 };
	if (map_to_list(mapping, input, arena, &o.out, &o.refusals, NULL, &error) < 0) {
		o.errors = arena_array(arena, 1, sizeof *o.errors);
		o.errors[0] = error;
		o.count = 1;
		return o;
	}
	if (json_kind(o.out) == JSON_KIND_NULL)  /* an empty list */
		o.out = json_new_array(arena);
	if (json_kind(o.out) != JSON_KIND_ARRAY) {
		struct json *list = json_new_array(arena);
		json_append(list, o.out);
		o.out = list;
	}
	o.count = json_count(o.out);
	o.events = arena_array(arena, o.count + 1, sizeof *o.events);
	o.errors = arena_array(arena, o.count + 1, sizeof *o.errors);
	for (size_t i = 0; i < o.refusals.count; i++)
		o.errors[o.refusals.items[i].index] = o.refusals.items[i].error;
	for (size_t i = 0; i < o.count; i++)
		if (!o.errors[i].code && event_read(arena, json_at(o.out, i), CLOCK_NONE, &o.events[i], &o.errors[i]) == 0)
			o.good++;
	return o;
}

/* One line for each: "type time container device (seal)", or "refused field". */
static const char *told(struct arena *arena, const struct outcome *o)
{
	BUFFER_AUTO text = { 0 };
	for (size_t i = 0; i < o->count; i++) {
		const struct event *e = &o->events[i];
		if (o->errors[i].code)
			buffer_printf(&text, "refused %s %s\n", error_slug(o->errors[i].code), o->errors[i].field);
		else
			buffer_printf(&text, "%s %s %s%s%s%s%s\n", event_type_name(e->type), e->time_text, e->container ? e->container : "-",
			              e->device ? " " : "", e->device ? e->device : "", e->retracts ? " <- " : "", e->retracts ? e->retracts : "");
	}
	return arena_text(arena, buffer_text(&text));
}


/* Every payload element is told of: nothing is there that is neither an event nor a refusal with its field. */
static void check_outcome(struct arena *arena, const char *what, const struct outcome *o)
{
	for (size_t i = 0; i < o->count; i++)
		if (o->errors[i].code && (!*o->errors[i].field || !*o->errors[i].text))
			ck_abort_msg("%s: element %zu is refused without a field: %s\n%s", what, i, o->errors[i].text, json_to_text(arena, o->out, JSON_PRETTY));
}

START_TEST(golden_samples_are_canonical_events)
{
	ARENA_AUTO arena = arena_new();
	struct map_set *set = set_of_project(arena);
	size_t mappings = 0, events = 0;
	for (const char *const *name = map_set_names(set); *name; name++) {
		const char *folder = arena_printf(arena, SOURCE_DIR "/mappings/%s", *name);
		char **files;
		if (!text_starts(*name, "providers/"))
			continue;
		mappings++;
		must_succeed(file_list(folder, arena, &files, error));
		for (; *files; files++) {
			if (!text_starts(*files, "sample") || !text_ends(*files, ".in.json"))
				continue;
			const char *path = file_path(arena, folder, *files);
			struct outcome o = outcome_of(arena, mapping_find(set, *name), json_of_file(arena, path));
			for (size_t i = 0; i < o.count; i++)
				if (o.errors[i].code)
					ck_abort_msg("%s: event %zu: %s [%s]", path, i, o.errors[i].text, o.errors[i].field);
			struct json *wanted = json_of_file(arena, arena_printf(arena, "%.*s.out.json", (int)strlen(path) - 8, path));
			ck_assert(json_same(json_kind(wanted) == JSON_KIND_ARRAY ? wanted : json_at(o.out, 0),
			                    json_kind(wanted) == JSON_KIND_ARRAY ? o.out : wanted));
			events += o.good;
		}
	}
	ck_assert_uint_ge(mappings, 6);
	ck_assert_uint_ge(events, 30);
	map_set_free(&set);
}
END_TEST

/* ---- published samples ---- */

struct published {
	const char *mapping, *file, *told;
};

static const struct published published[] = {
	{ "dcsa-iot-1.0", "dcsa/examples/iot-1.0.0-beta1-01.json", "door_opened 2022-09-19T06:31:00+02:00 MSKU9070323\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/iot-1.0.0-beta1-02.json", "door_opened 2019-11-12T07:41:00+08:30 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/iot-1.0.0-beta1-03.json", "door_opened 2022-09-19T06:31:00+02:00 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/iot-1.0.0-beta1-04.json", "retracted 2022-09-20T07:41:00+08:30 - <- 957e4966-dad0-4111-9f8f-fb7216c43907\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/reefer-1.0.0-beta1-01.json",
	  "temperature 2022-09-19T06:31:00+02:00 MSKU9070323\ntemperature 2019-11-12T07:41:00+08:30 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/reefer-1.0.0-beta1-02.json",
	  "temperature 2019-11-12T07:41:00+08:30 APZU4812090\ntemperature 2018-03-18T17:36:00+01:00 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/reefer-1.0.0-beta1-03.json", "temperature 2022-09-19T06:31:00+02:00 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/reefer-1.0.0-beta1-04.json",
	  "retracted 2022-09-20T07:41:00+08:30 - <- 957e4966-dad0-4111-9f8f-fb7216c43907\n" },
	/* a document was issued; a loading is estimated, and is none */
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-01.json",
	  "other 2022-09-19T06:31:00+02:00 APZU4812090\nother 2022-10-05T13:19:00+02:00 APZU4812090\n" },
	/* a drop-off has no canonical type; APNR7744962 is no container number */
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-02.json", "other 2019-11-12T07:41:00+08:30 APZU4812090\nrefused bad-field /container\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-03.json",
	  "retracted 2022-09-20T07:41:00+08:30 - <- 957e4966-dad0-4111-9f8f-fb7216c43907\nother 2022-10-03T02:55:00+03:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-04.json", "other 2022-09-19T06:31:00+02:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-05.json", "other 2022-09-30T09:25:00+02:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-06.json", "other 2022-10-03T02:55:00+03:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-07.json", "other 2022-10-03T02:55:00+03:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-08.json",
	  "retracted 2022-09-20T07:41:00+08:30 - <- 957e4966-dad0-4111-9f8f-fb7216c43907\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-equipment.json", "loaded 2026-01-20T14:15:00Z APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-iot.json", "door_opened 2026-01-20T16:45:00Z APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-reefer.json", "temperature 2026-01-20T18:00:00Z APZU4812090\n" },
	/* of a booking and of a vessel, with no container in it */
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-shipment.json", "refused missing-field events.0.equipmentDetails.equipmentReference\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-transport.json", "refused missing-field events.0.equipmentDetails.equipmentReference\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-response.json",
	  "refused missing-field events.0.equipmentDetails.equipmentReference\nrefused missing-field events.1.equipmentDetails.equipmentReference\n"
	  "gate_in 2026-01-17T13:45:00Z APZU4812090\nposition 2026-01-18T15:20:00Z APZU4812090\ntemperature 2026-01-19T17:00:00Z APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-response-nextpage.json",
	  "refused missing-field events.0.equipmentDetails.equipmentReference\nrefused missing-field events.1.equipmentDetails.equipmentReference\n"
	  "discharged 2026-01-20T12:30:00Z APZU4812090\ndoor_closed 2026-01-20T14:45:00Z APZU4812090\nother 2026-01-20T16:30:00Z APZU4812090\n" },
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response.json",
	  "arrived 2021-01-09T14:12:56+01:00 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\nother 2021-01-23T12:34:56Z APZU4812090\n"
	  "arrived 2021-01-09T14:12:56+01:00 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\nother 2021-01-09T14:12:56Z APZU4812090\n"
	  "other 2019-11-12T07:41:00+08:30 APZU4812090\n" },
	/* APZU2134567 has a wrong check digit: taken, and marked */
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response-wrong-attribute-values.json",
	  "refused missing-field $.0.equipmentReference\nrefused missing-field $.1.equipmentReference\nother 2021-01-09T14:12:56Z APZU2134567\n" },
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response-wrong-date-times.json",
	  "refused missing-field $.0.equipmentReference\nrefused missing-field $.1.equipmentReference\nrefused missing-field $.2.eventDateTime\n"
	  "refused missing-field $.3.equipmentReference\nrefused missing-field $.4.equipmentReference\nrefused missing-field $.5.equipmentReference\n"
	  "refused missing-field $.6.equipmentReference\n" },
	/* a number as id is an id; the same id twice is for the store to find */
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response-wrong-event-ids.json",
	  "other 2019-11-12T07:41:00+08:30 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\n"
	  "other 2019-11-12T07:41:00+08:30 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\n"
	  "other 2019-11-12T07:41:00+08:30 APZU4812090\n" },
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response-wrong-structure.json",
	  "refused missing-field $.0.eventClassifierCode\nrefused missing-field $.1.eventClassifierCode\n" },
	{ "epcis-2.0", "epcis/examples/AssociationEvent-a.jsonld", "other 2019-11-01T14:00:00.000+01:00 - urn:epc:id:giai:4000001.12345\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample1.jsonld",
	  "inspected 2019-04-02T15:00:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:05:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-04-02T14:35:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:55:00.000+01:00 - urn:epc:id:giai:4000001.111\n" },
	/* goods, seen by nothing that has a name */
	{ "epcis-2.0", "epcis/examples/SensorDataExample3.jsonld", "refused missing-field /container\nrefused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample5.jsonld",
	  "inspected 2019-04-02T15:00:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:05:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-04-02T14:15:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:25:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-04-02T14:35:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:45:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-04-02T14:55:00.000+01:00 - urn:epc:id:giai:4000001.111\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample7.jsonld",
	  "refused missing-field /container\nstatus 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.112\nstatus 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.113\n"
	  "status 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.114\nstatus 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.115\n"
	  "status 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.116\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample9.jsonld", "refused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample11.jsonld", "refused missing-field /container\nrefused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample13.jsonld", "refused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample15.jsonld", "refused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample17.jsonld", "refused missing-field /container\n" },
};

/* Folders whose every sample is in the table: a new one must not go by unread. */
static void check_none_forgotten(struct arena *arena, const char *reference, const char *folder)
{
	char **files;
	must_succeed(file_list(arena_printf(arena, "%s/events/%s", reference, folder), arena, &files, error));
	for (; *files; files++) {
		const char *name = arena_printf(arena, "%s/%s", folder, *files);
		bool known = !text_ends(*files, ".json") && !text_ends(*files, ".jsonld");
		for (size_t i = 0; i < sizeof published / sizeof *published && !known; i++)
			known = text_equal(published[i].file, name);
		if (!known)
			ck_abort_msg("%s is read by no test", name);
	}
}

START_TEST(published_samples_are_read_or_refused)
{
	ARENA_AUTO arena = arena_new();
	const char *reference = getenv("SEALGATE_REFERENCE") ? getenv("SEALGATE_REFERENCE") : SOURCE_DIR "/../shared/data";
	if (!file_exists(arena_printf(arena, "%s/events", reference)))
		return;
	struct map_set *set = set_of_project(arena);
	for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
		const struct published *p = &published[i];
		const struct mapping *mapping = mapping_find(set, arena_printf(arena, "providers/%s", p->mapping));
		ck_assert_ptr_nonnull(mapping);
		struct outcome o = outcome_of(arena, mapping, json_of_file(arena, arena_printf(arena, "%s/events/%s", reference, p->file)));
		check_outcome(arena, p->file, &o);
		if (strcmp(told(arena, &o), p->told) != 0)
			ck_abort_msg("%s: got\n%s", p->file, told(arena, &o));
	}
	check_none_forgotten(arena, reference, "dcsa/examples");
	check_none_forgotten(arena, reference, "dcsa/tnt3");
	check_none_forgotten(arena, reference, "epcis/examples");
	map_set_free(&set);
}
END_TEST

/* ---- the tracker's voyages ---- */

static struct json *payload_of(struct arena *arena, const char *voyage)
{
	char *csv, *names[16] = { 0 };
	struct error error = { 0 };
	ck_assert_int_eq(file_read_text(arena_printf(arena, SOURCE_DIR "/tests/data/voyages/voyage-%s.csv", voyage), arena, &csv, &error), 0);
	struct json *payload = json_new_object(arena), *rows = json_new_array(arena);
	char *header = strsep(&csv, "\n");
	size_t columns = 0;
	for (header[strcspn(header, "\r")] = '\0'; header && columns < 16;)
		names[columns++] = strsep(&header, ",");
	for (char *line; (line = strsep(&csv, "\n")) && *line;) {
		struct json *row = json_new_object(arena);
		line[strcspn(line, "\r")] = '\0';
		for (size_t i = 0; i < columns; i++) {
			const char *cell = strsep(&line, ",");
			if (cell && (*cell || i % 2))  /* left out or "", both are empty */
				json_set_text(arena, row, names[i], cell);
		}
		json_append(rows, row);
	}
	json_set_text(arena, payload, "device", "tracker");
	json_set(payload, "rows", rows);
	return payload;
}

static struct voyage mapped_voyage(struct arena *arena, const struct mapping *mapping, const char *name)
{
	struct voyage v = voyage_load(arena, name, NULL);
	struct outcome o = outcome_of(arena, mapping, payload_of(arena, name));
	ck_assert_uint_eq(o.count, v.count);
	ck_assert_uint_eq(o.good, v.count);
	v.events = arena_array(arena, o.count, sizeof *v.events);
	for (size_t i = 0; i < o.count; i++)
		v.events[i] = (struct assess_event){ o.events[i], o.events[i].id, o.events[i].time + 1000, false };
	qsort(v.events, v.count, sizeof *v.events, voyage_by_time);
	return v;
}

static struct assess_result assessed(struct arena *arena, struct voyage *v, const char *now)
{
	struct assess_input in = { .container = v->journey.container, .journey = &v->journey, .events = v->events, .event_count = v->count,
		.settings = assess_defaults };
	struct assess_result result;
	must_succeed(clock_parse(now, &in.now, error));
	assess_run(&in, arena, &result);
	return result;
}

static int by_row(const void *a, const void *b)
{
	const struct event *x = &((const struct assess_event *)a)->event, *y = &((const struct assess_event *)b)->event;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	const char *const kinds[] = { "door", "light" };
	for (size_t i = 0; i < 2; i++) {
		const char *p = event_reading(x, kinds[i]), *q = event_reading(y, kinds[i]);
		int order = strcmp(p ? p : "", q ? q : "");
		if (order)
			return order;
	}
	return strcmp(x->fix.lat ? x->fix.lat : "", y->fix.lat ? y->fix.lat : "");
}

static void check_voyage(const struct mapping *mapping, const char *name, const char *now, size_t findings)
{
	ARENA_AUTO arena = arena_new();
	struct voyage hand = voyage_load(arena, name, NULL), mapped = mapped_voyage(arena, mapping, name);
	struct assess_result wanted = assessed(arena, &hand, now), got = assessed(arena, &mapped, now);
	ck_assert_uint_eq(got.finding_count, findings);
	ck_assert_uint_eq(got.finding_count, wanted.finding_count);
	ck_assert_uint_eq(got.openings, wanted.openings);
	ck_assert_uint_eq(got.derived_count, wanted.derived_count);
	ck_assert(got.coverage == wanted.coverage);
	ck_assert_str_eq(got.verdict, wanted.verdict);
	for (size_t i = 0; i < got.finding_count; i++) {
		ck_assert_str_eq(got.findings[i].code, wanted.findings[i].code);
		ck_assert_str_eq(got.findings[i].sentence, wanted.findings[i].sentence);
		ck_assert(got.findings[i].time == wanted.findings[i].time);
	}
	qsort(hand.events, hand.count, sizeof *hand.events, by_row);
	qsort(mapped.events, mapped.count, sizeof *mapped.events, by_row);
	size_t temperatures = 0;
	for (size_t i = 0; i < hand.count; i++) {
		const struct event *a = &hand.events[i].event, *b = &mapped.events[i].event;
		ck_assert_str_eq(a->time_text, b->time_text);
		ck_assert_int_eq(b->type, EVENT_STATUS);
		ck_assert_str_eq(b->device, "tracker");
		ck_assert_int_eq(a->fix.source, b->fix.source);
		ck_assert_pstr_eq(a->fix.lat, b->fix.lat);
		ck_assert_pstr_eq(a->fix.lon, b->fix.lon);
		ck_assert_pstr_eq(a->fix.accuracy, b->fix.accuracy);
		ck_assert_pstr_eq(event_reading(a, "door"), event_reading(b, "door"));
		ck_assert_pstr_eq(event_reading(a, "light"), event_reading(b, "light"));
		temperatures += event_reading(b, "temperature") != NULL;
	}
	ck_assert_uint_gt(temperatures, 100);
}

START_TEST(the_trackers_rows_lead_to_the_same_findings)
{
	ARENA_AUTO arena = arena_new();
	struct map_set *set = set_of_project(arena);
	const struct mapping *mapping = mapping_find(set, "providers/schenker-tracker");
	check_voyage(mapping, "C", "2016-02-27T13:00:00Z", 2);
	check_voyage(mapping, "H", "2016-03-08T12:30:00Z", 0);
	map_set_free(&set);
}
END_TEST

/* The same row gives the same id, whenever it comes and whatever comes with it; another row another one. */
START_TEST(ids_of_rows_can_be_derived)
{
	ARENA_AUTO arena = arena_new();
	struct map_set *set = set_of_project(arena);
	const struct mapping *mapping = mapping_find(set, "providers/schenker-tracker");
	struct json *payload = payload_of(arena, "C"), *alone = json_new_object(arena), *rows = json_new_array(arena);
	struct outcome whole = outcome_of(arena, mapping, payload);
	size_t same = 0;
	for (size_t i = 1; i < whole.count && i < 500; i++)
		for (size_t k = 0; k < i; k++)
			if (text_equal(whole.events[i].id, whole.events[k].id)) {
				ck_assert(json_same(json_at(whole.out, i), json_at(whole.out, k)));
				same++;
			}
	ck_assert_uint_lt(same, 20);
	json_append(rows, json_at(json_find(payload, "rows"), 77));
	json_set_text(arena, alone, "device", "tracker");
	json_set(alone, "rows", rows);
	struct outcome one = outcome_of(arena, mapping, alone);
	ck_assert_uint_eq(one.good, 1);
	ck_assert_str_eq(one.events[0].id, whole.events[77].id);
	map_set_free(&set);
}
END_TEST

/* ---- hostile payloads ---- */

static const char *const wrong_values[] = { "null", "true", "0", "-1", "1e308", "99999999999999999999999999999999999999999", "\"\"", "\"x\"", "[]", "{}", "[[]]",
	"[null]", "[1,{\"a\":[]}]", "{\"a\":{\"b\":1}}", "\"{e.id}\"", "\"\\u0001\"" };

/* A copy of the tree in which the node of that number is another value, or (value NULL) is not there. */
static struct json *with_other(struct arena *arena, const struct json *node, size_t *number, const char *value)
{
	if ((*number)-- == 0)
		return value ? json_of_text(arena, value) : NULL;
	struct json *out = json_kind(node) == JSON_KIND_OBJECT ? json_new_object(arena) : json_new_array(arena);
	if (json_scalar(node) || json_kind(node) == JSON_KIND_NULL)
		return json_clone(arena, node);
	for (struct json_iter it = json_iter(node); json_next(&it);) {
		struct json *child = with_other(arena, it.value, number, value);
		if (it.name)
			json_set(out, it.name, child);
		else if (child)
			json_append(out, child);
	}
	return out;
}

static size_t nodes_of(const struct json *node)
{
	size_t count = 1;
	if (!json_scalar(node))
		for (struct json_iter it = json_iter(node); json_next(&it);)
			count += nodes_of(it.value);
	return count;
}

/* The elements of a payload: NULL where it is one itself. */
static struct json *elements_of(struct json *payload)
{
	const char *const lists[] = { "events", "rows", "epcisBody.eventList" };
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (json_kind(json_path(payload, lists[i])) == JSON_KIND_ARRAY)
			return json_path(payload, lists[i]);
	return json_kind(payload) == JSON_KIND_ARRAY ? payload : NULL;
}

/* A mapping may make several events of an element, but not none: each that is not as in the sample is mapped alone. */
static void check_elements(struct arena *arena, const char *what, const struct mapping *mapping, struct json *payload, const struct json *usual)
{
	struct json *elements = elements_of(payload);
	for (size_t i = 0; i < json_count(elements); i++) {
		struct json *element = json_at(elements, i), *list = json_new_array(arena), *alone = list;
		if (json_same(element, json_at(usual, i)))
			continue;
		json_append(list, element);
		if (json_find(payload, "rows")) {
			alone = json_new_object(arena);
			json_set_text(arena, alone, "device", "tracker");
			json_set(alone, "rows", list);
		}
		struct outcome o = outcome_of(arena, mapping, alone);
		if (o.count == 0)
			ck_abort_msg("%s: element %zu vanished: %s", what, i, json_to_text(arena, element, JSON_PRETTY));
	}
}

static void check_hostile(const char *mapping_name, const struct mapping *mapping, struct json *sample, size_t *tried)
{
	size_t nodes = nodes_of(sample);
	for (size_t n = 0; n < nodes; n++)
		for (size_t v = 0; v <= sizeof wrong_values / sizeof *wrong_values; v++) {
			ARENA_AUTO arena = arena_new();
			size_t number = n;
			const char *value = v ? wrong_values[v - 1] : NULL;
			struct json *payload = with_other(arena, sample, &number, value);
			if (!payload)
				continue;
			struct outcome o = outcome_of(arena, mapping, payload);
			const char *what = arena_printf(arena, "%s: node %zu as %s", mapping_name, n, value ? value : "(nothing)");
			check_outcome(arena, what, &o);
			if (o.out)  /* else the whole is refused */
				check_elements(arena, what, mapping, payload, elements_of(sample));
			(*tried)++;
		}
}

START_TEST(hostile_payloads_are_told_of)
{
	ARENA_AUTO arena = arena_new();
	struct map_set *set = set_of_project(arena);
	size_t tried = 0;
	for (const char *const *name = map_set_names(set); *name; name++) {
		const char *folder = arena_printf(arena, SOURCE_DIR "/mappings/%s", *name);
		char **files;
		if (!text_starts(*name, "providers/") || text_equal(*name, "providers/native"))
			continue;
		must_succeed(file_list(folder, arena, &files, error));
		for (; *files; files++)
			if (text_starts(*files, "sample") && text_ends(*files, ".in.json"))
				check_hostile(*name, mapping_find(set, *name), json_of_file(arena, file_path(arena, folder, *files)), &tried);
	}
	ck_assert_uint_gt(tried, 5000);
	map_set_free(&set);
}
END_TEST

SUITE("providers", golden_samples_are_canonical_events, published_samples_are_read_or_refused, the_trackers_rows_lead_to_the_same_findings,
      ids_of_rows_can_be_derived, hostile_payloads_are_told_of)
