/* What a party may file as its section of a journey. */
#include "lib/base/text.h"
#include "model/container.h"
#include "model/journey.h"

struct check {
	struct arena *arena;
	struct error *error;
};

static int fail(struct check *c, const char *path, const char *name)
{
	return error_in_field(c->error, "%s/%s", path, name);
}

/* `number`: JSON's number will do as well, and is read as it was written. */
static int check_scalar(struct check *c, const struct json *in, const char *path, const char *name, size_t most, bool required, bool number)
{
	const struct json *node = json_find(in, name);
	if (!node || json_kind(node) == JSON_KIND_NULL) {
		if (!required)
			return 0;
		error_set(c->error, ERROR_MISSING_FIELD, "\"%s\" is missing", name);
		return fail(c, path, name);
	}
	const char *text = number && json_number(node) ? json_number(node) : json_text(node);
	if (text && *text && text_utf8_length(text) <= most)
		return 0;
	error_set(c->error, ERROR_BAD_FIELD, "\"%s\" must be text of 1 to %zu characters", name, most);
	return fail(c, path, name);
}

static int check_text(struct check *c, const struct json *in, const char *path, const char *name, size_t most, bool required)
{
	return check_scalar(c, in, path, name, most, required, false);
}

static int check_code(struct check *c, const struct json *in, const char *path, const char *name, size_t most, bool required)
{
	return check_scalar(c, in, path, name, most, required, true);
}

static int check_time(struct check *c, const struct json *in, const char *path, const char *name, bool required)
{
	TRY(check_text(c, in, path, name, 40, required));
	const char *text = json_text(json_find(in, name));
	int64_t ms;
	return !text || clock_parse(text, &ms, c->error) == 0 ? 0 : fail(c, path, name);
}

static int check_decimal(struct check *c, const struct json *in, const char *path, const char *name, double min, double max)
{
	TRY(check_code(c, in, path, name, 40, true));
	const char *text = json_scalar(json_find(in, name));
	if (text_is_decimal(text) && text_double(text) >= min && text_double(text) <= max)
		return 0;
	error_set(c->error, ERROR_BAD_FIELD, "\"%s\" is \"%s\": a decimal number from %g to %g is due", name, text, min, max);
	return fail(c, path, name);
}

static int check_permit(struct check *c, const struct json *permit, const char *path)
{
	const struct json *place = json_find(permit, "place");
	if (json_kind(place) != JSON_KIND_OBJECT) {
		error_set(c->error, ERROR_MISSING_FIELD, "a permit needs a \"place\" with lat, lon and radius_m");
		return fail(c, path, "place");
	}
	const char *at = arena_printf(c->arena, "%s/place", path);
	TRY(check_decimal(c, place, at, "lat", -90, 90));
	TRY(check_decimal(c, place, at, "lon", -180, 180));
	TRY(check_decimal(c, place, at, "radius_m", 1, 200000));
	TRY(check_time(c, permit, path, "from", true));
	TRY(check_time(c, permit, path, "until", true));
	return check_text(c, permit, path, "why", 200, false);
}

static int check_leg(struct check *c, const struct json *leg, const char *path)
{
	static const char *const times[] = { "cut_off", "etd", "atd", "eta", "ata" };
	static const char *const ends[] = { "from", "to" };
	TRY(check_code(c, leg, path, "mode", 1, true));
	TRY(check_text(c, leg, path, "voyage", 17, false));
	TRY(check_code(c, json_find(leg, "vessel"), arena_printf(c->arena, "%s/vessel", path), "imo", 35, false));
	for (size_t i = 0; i < sizeof times / sizeof *times; i++)
		TRY(check_time(c, leg, path, times[i], false));
	for (size_t i = 0; i < 2; i++) {
		const struct json *end = json_find(leg, ends[i]);
		if (end)
			TRY(check_text(c, end, arena_printf(c->arena, "%s/%s", path, ends[i]), "locode", 5, true));
	}
	return 0;
}

static int check_seal(struct check *c, const struct json *seal, const char *path)
{
	TRY(check_text(c, seal, path, "number", 35, true));
	TRY(check_time(c, seal, path, "at", false));
	return check_time(c, seal, path, "removed", false);
}

static int check_consignment(struct check *c, const struct json *consignment, const char *path)
{
	const struct json *references = json_find(consignment, "references");
	TRY(check_code(c, consignment, path, "master", 70, false));
	TRY(check_code(c, consignment, path, "house", 70, false));
	for (size_t i = 0; i < json_count(references); i++) {
		const char *at = arena_printf(c->arena, "%s/references/%zu", path, i);
		TRY(check_code(c, json_at(references, i), at, "type", 3, true));
		TRY(check_code(c, json_at(references, i), at, "id", 70, true));
	}
	return 0;
}

static int check_contact(struct check *c, const struct json *contact, const char *path)
{
	TRY(check_text(c, contact, path, "role", 30, true));
	TRY(check_text(c, contact, path, "phone", 50, false));
	return check_text(c, contact, path, "mail", 200, false);
}

static int check_list(struct check *c, const struct json *section, const char *name,
                      int (*each)(struct check *c, const struct json *entry, const char *path))
{
	const struct json *list = json_find(section, name);
	if (!list || json_kind(list) == JSON_KIND_NULL)
		return 0;
	if (json_kind(list) != JSON_KIND_ARRAY || json_count(list) > 1000) {
		error_set(c->error, ERROR_BAD_FIELD, "\"%s\" must be a list of at most 1000", name);
		return fail(c, "", name);
	}
	for (size_t i = 0; i < json_count(list); i++) {
		const char *path = arena_printf(c->arena, "/%s/%zu", name, i);
		if (json_kind(json_at(list, i)) != JSON_KIND_OBJECT) {
			error_set(c->error, ERROR_BAD_FIELD, "each of \"%s\" must be an object", name);
			return error_in_field(c->error, "%s", path);
		}
		TRY(each(c, json_at(list, i), path));
	}
	return 0;
}

int journey_section_check(struct arena *arena, const struct json *section, struct error *error)
{
	struct check c = { arena, error };
	if (json_kind(section) != JSON_KIND_OBJECT)
		FAIL(error, BAD_FIELD, "a journey must be a JSON object");
	TRY(check_text(&c, section, "", "container", 17, false));
	const char *container = json_scalar(json_find(section, "container"));
	if (container && !text_equal(json_path_text(section, "container_scheme"), "other")) {
		char number[CONTAINER_NUMBER_SIZE];
		bool good;
		if (container_read(container, number, &good, error) < 0)
			return fail(&c, "", "container");
		if (!good) {
			error_set(error, ERROR_BAD_FIELD, "the check digit of container \"%s\" should be %c: no message with this number would "
			          "be accepted", number, container_check_digit(number));
			return fail(&c, "", "container");
		}
	}
	TRY(check_time(&c, section, "", "from", false));
	TRY(check_time(&c, section, "", "until", false));
	TRY(check_code(&c, section, "", "size_type", 4, false));
	TRY(check_code(&c, section, "", "fullness", 1, false));
	TRY(check_text(&c, json_find(section, "offices"), "/offices", "first_entry", 17, false));
	TRY(check_list(&c, section, "consignments", check_consignment));
	TRY(check_list(&c, section, "legs", check_leg));
	TRY(check_list(&c, section, "seals", check_seal));
	TRY(check_list(&c, section, "may_open", check_permit));
	return check_list(&c, section, "contacts", check_contact);
}

int journey_whole_check(const struct json *merged, struct error *error)
{
	size_t references = 0, seals = json_count(json_find(merged, "seals"));
	for (struct json_iter it = json_iter(json_find(merged, "consignments")); json_next(&it);)
		references += json_count(json_find(it.value, "references"));
	if (seals > JOURNEY_SEALS) {
		error_set(error, ERROR_BAD_FIELD, "all sections of a journey hold at most %d seals, these are %zu: a report to customs has room for no more",
		          JOURNEY_SEALS, seals);
		return error_in_field(error, "/seals");
	}
	if (references > JOURNEY_REFERENCES) {
		error_set(error, ERROR_BAD_FIELD, "all consignments of a journey hold at most %d references, these are %zu: a report to customs has room for no more",
		          JOURNEY_REFERENCES, references);
		return error_in_field(error, "/consignments");
	}
	return 0;
}

int journey_complete_check(const struct journey *journey, struct error *error)
{
	struct check c = { .error = error };
	return check_text(&c, journey->json, "", "container", 17, true) < 0 ? -1 : check_time(&c, journey->json, "", "from", true);
}
