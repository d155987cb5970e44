#include "model/journey.h"

#include <string.h>

#include "lib/base/text.h"

/* Milliseconds of a member; CLOCK_NONE where it is missing or cannot be read (sections were checked when filed). */
static int64_t time_of(const struct json *object, const char *name)
{
	int64_t ms;
	const char *text = json_text(json_find(object, name));
	return text && clock_parse(text, &ms, NULL) == 0 ? ms : CLOCK_NONE;
}

static double decimal_of(const struct json *object, const char *name)
{
	const char *text = json_scalar(json_find(object, name));
	return text ? text_double(text) : 0;
}

/* The entries of a list member that can have an owner. */
static const char *const joined[] = { "consignments", "seals", "may_open", "contacts" };

static bool is_joined(const char *name)
{
	for (size_t i = 0; i < sizeof joined / sizeof *joined; i++)
		if (text_equal(name, joined[i]))
			return true;
	return false;
}

/* Since when this owner has had this very permit without a break: a permit that was taken out and put in again counts
 * from its return. */
static int64_t stored_since(const struct journey_filing *filings, size_t count, const struct journey_filing *latest,
                            const struct json *permit)
{
	int64_t since = latest->stored;
	for (size_t i = count; i-- > 0;) {
		if (!text_equal(filings[i].owner, latest->owner))
			continue;
		bool there = false;
		const struct json *list = json_find(filings[i].content, "may_open");
		for (size_t k = 0; k < json_count(list) && !there; k++)
			there = json_same(json_at(list, k), permit);
		if (!there)
			break;
		since = filings[i].stored;
	}
	return since;
}

static void join(struct arena *arena, struct json *whole, const char *name, const struct journey_filing *filings, size_t count,
                 const struct journey_filing *latest)
{
	struct json *list = json_find(whole, name), *mine = json_find(latest->content, name);
	if (!list)
		json_set(whole, name, list = json_new_array(arena));
	for (size_t i = 0; i < json_count(mine); i++) {
		struct json *entry = json_clone(arena, json_at(mine, i));
		if (json_kind(entry) != JSON_KIND_OBJECT)
			continue;
		json_set_text(arena, entry, "owner", latest->owner);
		if (text_equal(name, "may_open")) {
			char stored[CLOCK_TEXT_SIZE];
			json_set_text(arena, entry, "stored", clock_format(stored_since(filings, count, latest, json_at(mine, i)), stored));
		}
		json_append(list, entry);
	}
}

static void merge_one(struct arena *arena, struct json *whole, const struct journey_filing *filings, size_t count,
                      const struct journey_filing *latest)
{
	for (struct json_iter it = json_iter(latest->content); json_next(&it);) {
		if (text_equal(it.name, "id"))
			continue;
		if (is_joined(it.name)) {
			join(arena, whole, it.name, filings, count, latest);
			continue;
		}
		struct json *there = json_find(whole, it.name);
		if (!there) {
			json_set(whole, it.name, it.value);
		} else if (!json_same(there, it.value)) {
			struct json *conflicts = json_find(whole, "conflicts"), *conflict = json_new_object(arena);
			if (!conflicts)
				json_set(whole, "conflicts", conflicts = json_new_array(arena));
			json_set_text(arena, conflict, "member", it.name);
			json_set_text(arena, conflict, "owner", latest->owner);
			json_set(conflict, "value", it.value);
			json_append(conflicts, conflict);
		}
	}
}

struct json *journey_merge(struct arena *arena, const char *id, const struct journey_filing *filings, size_t count)
{
	struct json *whole = json_new_object(arena), *owners = json_new_array(arena);
	json_set_text(arena, whole, "id", id);
	for (size_t i = 0; i < count; i++) {
		if (filings[i].version != 1)
			continue;  /* once an owner, in order of first filing */
		const struct journey_filing *latest = &filings[i];
		for (size_t k = i; k < count; k++)
			if (text_equal(filings[k].owner, filings[i].owner))
				latest = &filings[k];
		json_append(owners, json_new_text(arena, latest->owner));
		merge_one(arena, whole, filings, count, latest);
	}
	json_set(whole, "owners", owners);
	return whole;
}

static void load_legs(struct arena *arena, struct journey *j)
{
	const struct json *list = json_find(j->json, "legs");
	struct leg *legs = arena_array(arena, json_count(list) + 1, sizeof *legs);
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *leg = json_at(list, i);
		legs[i] = (struct leg){ .mode = json_scalar(json_find(leg, "mode")), .imo = json_scalar(json_path(leg, "vessel.imo")),
			.vessel = json_path_text(leg, "vessel.name"), .voyage = json_path_text(leg, "voyage"),
			.from = json_path_text(leg, "from.locode"), .to = json_path_text(leg, "to.locode"), .cut_off = time_of(leg, "cut_off"),
			.etd = time_of(leg, "etd"), .atd = time_of(leg, "atd"), .eta = time_of(leg, "eta"), .ata = time_of(leg, "ata") };
	}
	j->legs = legs;
	j->leg_count = json_count(list);
}

static void load_permits(struct arena *arena, struct journey *j)
{
	const struct json *list = json_find(j->json, "may_open");
	struct permit *permits = arena_array(arena, json_count(list) + 1, sizeof *permits);
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *permit = json_at(list, i), *place = json_find(permit, "place");
		permits[i] = (struct permit){ .centre = { decimal_of(place, "lat"), decimal_of(place, "lon") },
			.radius_m = decimal_of(place, "radius_m"), .from = time_of(permit, "from"), .until = time_of(permit, "until"),
			.stored = time_of(permit, "stored"), .owner = json_path_text(permit, "owner"), .why = json_path_text(permit, "why") };
	}
	j->permits = permits;
	j->permit_count = json_count(list);
}

int journey_load(struct arena *arena, const char *content, struct journey *journey_r, struct error *error)
{
	struct journey j = { 0 };
	TRY(json_parse(arena, bytes_of_text(content), NULL, &j.json, error));
	j.id = json_path_text(j.json, "id");
	j.container = json_path_text(j.json, "container");
	j.owner = json_path_text(j.json, "owners.0");
	j.is_empty = text_equal(json_scalar(json_find(j.json, "fullness")), "4");
	j.from = time_of(j.json, "from");
	j.until = time_of(j.json, "until");
	load_legs(arena, &j);
	load_permits(arena, &j);
	const struct json *list = json_find(j.json, "seals");
	struct seal *seals = arena_array(arena, json_count(list) + 1, sizeof *seals);
	for (size_t i = 0; i < json_count(list); i++)
		seals[i] = (struct seal){ json_path_text(json_at(list, i), "number"), time_of(json_at(list, i), "at"),
			time_of(json_at(list, i), "removed") };
	j.seals = seals;
	j.seal_count = json_count(list);
	*journey_r = j;
	return 0;
}

static bool party_named(const struct json *party, const char *eori, const char *smdg)
{
	const char *its_eori = json_path_text(party, "eori"), *its_smdg = json_path_text(party, "smdg");
	return (eori && text_equal(its_eori, eori)) || (smdg && text_equal(its_smdg, smdg));
}

bool journey_names(const struct json *merged, const char *party, const char *eori, const char *smdg)
{
	const struct json *owners = json_find(merged, "owners"), *consignments = json_find(merged, "consignments"),
			  *legs = json_find(merged, "legs");
	for (size_t i = 0; i < json_count(owners); i++)
		if (text_equal(json_text(json_at(owners, i)), party))
			return true;
	for (size_t i = 0; i < json_count(consignments); i++) {
		const struct json *consignment = json_at(consignments, i), *may_see = json_find(consignment, "may_see");
		for (size_t k = 0; k < json_count(may_see); k++)
			if (text_equal(json_text(json_at(may_see, k)), party))
				return true;
		if (party_named(json_find(consignment, "declarant"), eori, smdg) ||
		    party_named(json_find(consignment, "representative"), eori, smdg))
			return true;
	}
	for (size_t i = 0; i < json_count(legs); i++)
		if (party_named(json_find(json_at(legs, i), "carrier"), eori, smdg))
			return true;
	return false;
}
