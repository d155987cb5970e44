/* Providers' payloads: golden samples, two real voyages in the tracker's own shape, and hostile ones. Nothing
 * that came in may vanish: it is an event, or a refusal that names the member. */
#include "support/payload.h"
#include "support/voyage.h"

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

SUITE("providers", golden_samples_are_canonical_events, the_trackers_rows_lead_to_the_same_findings,
      ids_of_rows_can_be_derived, hostile_payloads_are_told_of)
