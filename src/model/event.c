#include "model/event.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "model/container.h"

#define FUTURE_MS (5 * 60 * 1000)
/* Stored events are read under the usual limits of JSON: what is kept beside the canonical members stays well within them, or
 * one event would make all that is known of its container unreadable. */
#define EXTENSIONS { .bytes = 64 << 10, .nodes = 10000, .text = 32 << 10, .depth = 24 }

static const char *const type_names[] = {
#define EVENT_TYPE(name, text) text,
#include "model/event_type.def"
#undef EVENT_TYPE
};
static const char *const source_names[] = { "none", "gnss", "cell", "wifi", "ble", "manual", "declared" };

const char *event_type_name(enum event_type type)
{
	return type_names[type];
}

bool event_type_find(const char *name, enum event_type *type_r)
{
	for (int i = 0; i < EVENT_TYPES; i++)
		if (text_equal(name, type_names[i])) {
			*type_r = (enum event_type)i;
			return true;
		}
	return false;
}

const char *fix_source_name(enum fix_source source)
{
	return source_names[source];
}

bool fix_is_proof(const struct fix *fix)
{
	return fix->source == FIX_GNSS || fix->source == FIX_WIFI || fix->source == FIX_BLE || fix->source == FIX_MANUAL;
}

/* What reads one event: the tree as it came, the canonical one being made. */
struct reader {
	struct arena *arena;
	struct json *out;
	struct error *error;
};

static int fail_field(struct reader *r, const char *field)
{
	return error_in_field(r->error, "%s", field);
}

/* A text member of `in`, or NULL; a number is taken as its token where `numbers`. At most `most` characters. */
static int take(struct reader *r, const struct json *in, const char *path, const char *name, size_t most, bool numbers,
                const char **value_r)
{
	const struct json *node = json_find(in, name);
	*value_r = NULL;
	if (!node || json_kind(node) == JSON_KIND_NULL)
		return 0;
	const char *value = json_text(node) ? json_text(node) : numbers ? json_number(node) : NULL;
	if (!value)
		error_set(r->error, ERROR_BAD_FIELD, "\"%s\" is %s where text is due", name, json_kind_name(json_kind(node)));
	else if (!*value || text_utf8_length(value) > most)
		error_set(r->error, ERROR_BAD_FIELD, "\"%s\" must have 1 to %zu characters", name, most);
	else {
		*value_r = value;
		return 0;
	}
	return error_in_field(r->error, "%s/%s", path, name);
}

/* A member that is an object (a list) or is not there: nothing that was said is passed over because it has the wrong shape. */
static int take_node(struct reader *r, const struct json *in, const char *name, enum json_kind kind, const struct json **node_r)
{
	const struct json *node = json_find(in, name);
	*node_r = node && json_kind(node) != JSON_KIND_NULL ? node : NULL;
	if (!*node_r || json_kind(node) == kind)
		return 0;
	error_set(r->error, ERROR_BAD_FIELD, "\"%s\" is %s where %s is due", name, json_kind_name(json_kind(node)), json_kind_name(kind));
	return error_in_field(r->error, "/%s", name);
}

/* A decimal number within min..max, as text. */
static int take_decimal(struct reader *r, const struct json *in, const char *path, const char *name, double min, double max,
                        const char **value_r)
{
	TRY(take(r, in, path, name, 40, true, value_r));
	if (!*value_r)
		return 0;
	double value = text_double(*value_r);
	if (text_is_decimal(*value_r) && value >= min && value <= max)
		return 0;
	error_set(r->error, ERROR_BAD_FIELD, "\"%s\" is \"%.40s\": a decimal number from %g to %g is due", name, *value_r, min, max);
	return error_in_field(r->error, "%s/%s", path, name);
}

static void put(struct reader *r, struct json *out, const char *name, const char *value)
{
	json_set_text(r->arena, out, name, value);
}

static int read_time(struct reader *r, const struct json *in, int64_t now, struct event *e)
{
	TRY(take(r, in, "", "time", 40, false, &e->time_text));
	if (!e->time_text) {
		error_set(r->error, ERROR_MISSING_FIELD, "\"time\" is missing: device time, such as 2016-02-03T01:48:21Z");
		return fail_field(r, "/time");
	}
	if (clock_parse(e->time_text, &e->time, r->error) < 0)
		return fail_field(r, "/time");
	if (now != CLOCK_NONE && e->time > now + FUTURE_MS) {
		char text[CLOCK_TEXT_SIZE];
		error_set(r->error, ERROR_BAD_FIELD, "\"time\" %s lies more than five minutes ahead of the gateway's clock (%s)",
		          e->time_text, clock_format(now, text));
		return fail_field(r, "/time");
	}
	put(r, r->out, "time", e->time_text);
	return 0;
}

static int read_type(struct reader *r, const struct json *in, struct event *e)
{
	const char *type;
	TRY(take(r, in, "", "type", 100, false, &type));
	TRY(take(r, in, "", "provider_code", 100, true, &e->provider_code));
	if (!type) {
		error_set(r->error, ERROR_MISSING_FIELD, "\"type\" is missing, such as door_opened or status");
		return fail_field(r, "/type");
	}
	if (!event_type_find(type, &e->type)) {  /* kept, never dropped */
		e->type = EVENT_OTHER;
		e->provider_code = e->provider_code ? e->provider_code : type;
	}
	put(r, r->out, "type", type_names[e->type]);
	put(r, r->out, "provider_code", e->provider_code);
	return 0;
}

static int read_container(struct reader *r, const struct json *in, struct event *e)
{
	const char *number, *scheme;
	TRY(take(r, in, "", "container", 17, false, &number));
	TRY(take(r, in, "", "container_scheme", 20, false, &scheme));
	if (!number)
		return 0;
	if (text_equal(scheme, "other")) {
		e->container = number;
		e->container_checked = true;
		put(r, r->out, "container_scheme", scheme);
	} else {
		char normal[CONTAINER_NUMBER_SIZE];
		if (container_read(number, normal, &e->container_checked, r->error) < 0)
			return fail_field(r, "/container");
		e->container = arena_text(r->arena, normal);
	}
	put(r, r->out, "container", e->container);
	return 0;
}

static int read_device(struct reader *r, const struct json *in, struct event *e)
{
	const struct json *device;
	const char *sequence, *battery, *interval;
	TRY(take_node(r, in, "device", JSON_KIND_OBJECT, &device));
	if (!device)
		return 0;
	TRY(take(r, device, "/device", "id", 100, true, &e->device));
	TRY(take(r, device, "/device", "model", 100, false, &e->device_model));
	TRY(take_decimal(r, device, "/device", "sequence", 0, 1e15, &sequence));
	TRY(take_decimal(r, device, "/device", "battery", 0, 1, &battery));
	TRY(take_decimal(r, device, "/device", "interval", 1, 31536000, &interval));
	e->sequence = CLOCK_NONE;
	if (sequence && text_integer(sequence, 0, INT64_MAX, &e->sequence, r->error) < 0)
		return fail_field(r, "/device/sequence");
	e->interval_ms = interval ? (int64_t)(text_double(interval) * 1000) : 0;
	struct json *out = json_new_object(r->arena);
	put(r, out, "id", e->device);
	put(r, out, "model", e->device_model);
	if (sequence)
		json_set(out, "sequence", json_new_number(r->arena, sequence));
	put(r, out, "battery", battery);
	put(r, out, "interval", interval);
	json_set(r->out, "device", out);
	return 0;
}

static int read_position(struct reader *r, const struct json *in, struct event *e)
{
	const struct json *position;
	const char *source, *time;
	struct fix *f = &e->fix;
	TRY(take_node(r, in, "position", JSON_KIND_OBJECT, &position));
	if (!position)
		return 0;
	TRY(take_decimal(r, position, "/position", "lat", -90, 90, &f->lat));
	TRY(take_decimal(r, position, "/position", "lon", -180, 180, &f->lon));
	TRY(take_decimal(r, position, "/position", "accuracy", 0, 20000000, &f->accuracy));
	TRY(take(r, position, "/position", "source", 20, false, &source));
	TRY(take(r, position, "/position", "time", 40, false, &time));
	if (!f->lat || !f->lon) {
		error_set(r->error, ERROR_MISSING_FIELD, "\"position\" needs both \"lat\" and \"lon\"");
		return fail_field(r, "/position");
	}
	f->source = FIX_DECLARED;
	for (int i = FIX_GNSS; source && i <= FIX_DECLARED; i++)
		if (text_equal(source, source_names[i]))
			f->source = (enum fix_source)i;
	if (source && f->source == FIX_DECLARED && !text_equal(source, "declared")) {
		error_set(r->error, ERROR_BAD_FIELD, "\"source\" is \"%.40s\": gnss, cell, wifi, ble, manual or declared is due", source);
		return fail_field(r, "/position/source");
	}
	f->time = e->time;
	if (time && clock_parse(time, &f->time, r->error) < 0)
		return fail_field(r, "/position/time");
	f->point = (struct geo_point){ text_double(f->lat), text_double(f->lon) };
	f->accuracy_m = f->accuracy ? text_double(f->accuracy) : f->source == FIX_CELL ? 10000 : 100;
	struct json *out = json_new_object(r->arena);
	put(r, out, "lat", f->lat);
	put(r, out, "lon", f->lon);
	put(r, out, "source", source_names[f->source]);
	put(r, out, "accuracy", f->accuracy);
	put(r, out, "time", time);
	json_set(r->out, "position", out);
	return 0;
}

static int read_reading(struct reader *r, const struct json *in, size_t i, struct reading *reading, struct json *list)
{
	char path[40];
	snprintf(path, sizeof path, "/readings/%zu", i);
	TRY(take(r, in, path, "kind", 40, false, &reading->kind));
	TRY(take(r, in, path, "value", 100, true, &reading->value));
	TRY(take(r, in, path, "unit", 10, false, &reading->unit));
	if (!reading->kind || !reading->value) {
		error_set(r->error, ERROR_MISSING_FIELD, "a reading needs \"kind\" and \"value\"");
		return fail_field(r, path);
	}
	struct json *out = json_new_object(r->arena);
	put(r, out, "kind", reading->kind);
	put(r, out, "value", reading->value);
	put(r, out, "unit", reading->unit);
	json_append(list, out);
	return 0;
}

static int read_readings(struct reader *r, const struct json *in, struct event *e)
{
	const struct json *readings;
	TRY(take_node(r, in, "readings", JSON_KIND_ARRAY, &readings));
	size_t count = json_count(readings);
	if (count == 0)
		return 0;
	if (count > 100) {
		error_set(r->error, ERROR_BAD_FIELD, "\"readings\" must be a list of at most 100");
		return fail_field(r, "/readings");
	}
	struct reading *list = arena_array(r->arena, count, sizeof *list);
	struct json *out = json_new_array(r->arena);
	for (size_t i = 0; i < count; i++)
		TRY(read_reading(r, json_at(readings, i), i, &list[i], out));
	e->readings = list;
	e->reading_count = count;
	json_set(r->out, "readings", out);
	return 0;
}

static int read_seal(struct reader *r, const struct json *in, struct event *e)
{
	const struct json *seal;
	TRY(take_node(r, in, "seal", JSON_KIND_OBJECT, &seal));
	if (!seal)
		return 0;
	TRY(take(r, seal, "/seal", "number", 35, false, &e->seal_number));
	TRY(take(r, seal, "/seal", "condition", 3, true, &e->seal_condition));
	TRY(take(r, seal, "/seal", "by", 3, false, &e->seal_by));
	if (e->seal_condition && !strchr("12345", e->seal_condition[0])) {
		error_set(r->error, ERROR_BAD_FIELD, "\"condition\" is \"%s\": a code of UNCL 4517, 1 to 5, is due", e->seal_condition);
		return fail_field(r, "/seal/condition");
	}
	struct json *out = json_new_object(r->arena);
	put(r, out, "number", e->seal_number);
	put(r, out, "condition", e->seal_condition);
	put(r, out, "by", e->seal_by);
	json_set(r->out, "seal", out);
	return 0;
}

/* Members that the canonical event does not know are kept as they came, and reach no customs document. */
static int keep_unknown(struct reader *r, const struct json *in)
{
	static const char *const known[] = { "id", "type", "time", "container", "container_scheme", "device", "position", "place", "readings",
		"seal", "marks", "retracts", "provider_code", "extensions", "received", "provider", "raw_digest", "trust", "check_digit" };
	struct json *extensions = json_kind(json_find(in, "extensions")) == JSON_KIND_OBJECT
		? json_clone(r->arena, json_find(in, "extensions")) : json_new_object(r->arena);
	for (struct json_iter it = json_iter(in); json_next(&it);) {
		bool is_known = false;
		for (size_t i = 0; i < sizeof known / sizeof *known && !is_known; i++)
			is_known = text_equal(it.name, known[i]);
		if (!is_known)
			json_set(extensions, it.name, it.value);
	}
	if (!json_count(extensions))
		return 0;
	const struct json_limits limits = EXTENSIONS;
	const char *text = json_to_text(r->arena, extensions, JSON_COMPACT);
	if (json_parse(r->arena, bytes_of_text(text), &limits, &extensions, r->error) < 0) {
		error_set(r->error, ERROR_BAD_FIELD, "what the event holds beside its own members is more than %zu kB, %zu values or %u levels: leave it out",
		          limits.bytes >> 10, limits.nodes, limits.depth);
		return fail_field(r, "/extensions");
	}
	json_set(r->out, "extensions", extensions);
	return 0;
}

static int read_rest(struct reader *r, const struct json *in, struct event *e)
{
	TRY(take(r, in, "", "place", 9, false, &e->place));
	TRY(take(r, in, "", "retracts", 100, true, &e->retracts));
	e->late = json_bool(json_path(in, "marks.late"), false);
	e->is_signed = json_bool(json_path(in, "marks.signed"), false);
	put(r, r->out, "place", e->place);
	put(r, r->out, "retracts", e->retracts);
	if (e->late || e->is_signed) {
		struct json *marks = json_new_object(r->arena);
		json_set_bool(r->arena, marks, "late", e->late);
		json_set_bool(r->arena, marks, "signed", e->is_signed);
		json_set(r->out, "marks", marks);
	}
	if (e->type == EVENT_RETRACTED && !e->retracts) {
		error_set(r->error, ERROR_MISSING_FIELD, "a retraction needs \"retracts\": the id of the event that it takes back");
		return fail_field(r, "/retracts");
	}
	if (!e->container && !e->device && !e->retracts) {
		error_set(r->error, ERROR_MISSING_FIELD, "neither \"container\" nor \"device\": say what it happened to");
		return fail_field(r, "/container");
	}
	return keep_unknown(r, in);
}

static void set_derived_id(struct reader *r, struct event *e)
{
	BUFFER_AUTO what = { 0 };
	for (size_t i = 0; i < e->reading_count; i++)
		buffer_printf(&what, "%s=%s;", e->readings[i].kind, e->readings[i].value);
	if (e->fix.source)
		buffer_printf(&what, "at=%s,%s;", e->fix.lat, e->fix.lon);
	e->id = event_derive_id(r->arena, e->device ? e->device : e->container, e->time_text, type_names[e->type], buffer_text(&what));
	put(r, r->out, "id", e->id);
}

int event_read(struct arena *arena, struct json *in, int64_t now, struct event *event_r, struct error *error)
{
	struct reader r = { arena, json_new_object(arena), error };
	struct event e = { .json = r.out, .sequence = CLOCK_NONE };
	if (json_kind(in) != JSON_KIND_OBJECT)
		FAIL(error, BAD_FIELD, "an event must be a JSON object, this is %s", json_kind_name(json_kind(in)));
	TRY(take(&r, in, "", "id", 100, true, &e.id));
	put(&r, r.out, "id", e.id);
	TRY(read_type(&r, in, &e));
	TRY(read_time(&r, in, now, &e));
	TRY(read_container(&r, in, &e));
	TRY(read_device(&r, in, &e));
	TRY(read_position(&r, in, &e));
	TRY(read_readings(&r, in, &e));
	TRY(read_seal(&r, in, &e));
	TRY(read_rest(&r, in, &e));
	if (!e.id)
		set_derived_id(&r, &e);
	*event_r = e;
	return 0;
}

int event_load(struct arena *arena, const char *content, struct event *event_r, struct error *error)
{
	struct json *json;
	TRY(json_parse(arena, bytes_of_text(content), NULL, &json, error));
	return event_read(arena, json, CLOCK_NONE, event_r, error);
}

void event_digest(const struct event *event, char out[static DIGEST_HEX_SIZE])
{
	BUFFER_AUTO text = { 0 };
	json_write(&text, event->json, JSON_CANONICAL);
	digest_sha256_hex(buffer_bytes(&text), out);
}

const char *event_reading(const struct event *event, const char *kind)
{
	for (size_t i = 0; i < event->reading_count; i++)
		if (text_equal(event->readings[i].kind, kind))
			return event->readings[i].value;
	return NULL;
}

char *event_derive_id(struct arena *arena, const char *device, const char *time, const char *kind, const char *value)
{
	char digest[DIGEST_HEX_SIZE];
	const char *text = arena_printf(arena, "%s\n%s\n%s\n%s", device, time, kind, value);
	digest_sha256_hex(bytes_of_text(text), digest);
	return arena_printf(arena, "%.32s", digest);
}
