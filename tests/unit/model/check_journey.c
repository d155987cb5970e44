/* A section of a journey: what has the wrong kind or is too much is refused, and nothing is read that was not checked. */
#include "model/journey.h"

#include <string.h>

#include "support/suite.h"

static int check(struct arena *arena, const char *members, struct error *why)
{
	struct json *json;
	const char *text = arena_printf(arena, "{%s}", members);
	must_succeed(json_parse(arena, bytes_of_text(text), NULL, &json, error));
	return journey_section_check(arena, json, why);
}

#define WHOLE "\"container\":\"CSQU3054383\",\"from\":\"2016-02-01T00:00:00Z\""

START_TEST(a_member_of_the_wrong_kind_is_told_of)
{
	static const struct {
		const char *members, *field;
	} cases[] = {
		{ "\"from\":\"2016-02-01T00:00:00Z\",\"container\":true", "/container" },
		{ "\"from\":\"2016-02-01T00:00:00Z\",\"container\":5", "/container" },
		{ "\"from\":\"2016-02-01T00:00:00Z\",\"container\":[]", "/container" },
		{ "\"from\":\"2016-02-01T00:00:00Z\",\"container\":\"CSQU30543831234\"", "/container" },
		{ WHOLE ",\"until\":\"9999-12-31T23:59:59-23:59\"", "/until" },
		{ WHOLE ",\"until\":\"1970-01-01T00:00:00+01:00\"", "/until" },
		{ WHOLE ",\"seals\":[{\"number\":12345}]", "/seals/0/number" },
		{ WHOLE ",\"seals\":[{\"number\":true}]", "/seals/0/number" },
		{ WHOLE ",\"legs\":[{\"mode\":\"1\",\"voyage\":605}]", "/legs/0/voyage" },
		{ WHOLE ",\"legs\":[{\"mode\":true}]", "/legs/0/mode" },
		{ WHOLE ",\"legs\":[{\"mode\":\"1\",\"to\":{\"locode\":5}}]", "/legs/0/to/locode" },
		{ WHOLE ",\"legs\":[{\"mode\":\"1\",\"vessel\":{\"imo\":\"0123456789012345678901234567890123456789\"}}]", "/legs/0/vessel/imo" },
		{ WHOLE ",\"offices\":{\"first_entry\":\"NL0005110123456789\"}", "/offices/first_entry" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ARENA_AUTO arena = arena_new();
		struct error why = { 0 };
		if (check(arena, cases[i].members, &why) == 0)
			ck_abort_msg("%s was taken", cases[i].members);
		ck_assert_str_eq(why.field, cases[i].field);
	}
}
END_TEST

START_TEST(codes_may_be_numbers)
{
	ARENA_AUTO arena = arena_new();
	must_succeed(check(arena, WHOLE ",\"fullness\":5,\"legs\":[{\"mode\":1,\"vessel\":{\"imo\":9395044}}],"
	                   "\"consignments\":[{\"references\":[{\"type\":355,\"id\":\"26NL0005101X7K2LF6\"}]}]", error));
}
END_TEST

static int whole(struct arena *arena, int seals, int references, struct error *why)
{
	struct json *journey = json_new_object(arena), *list = json_new_array(arena), *consignments = json_new_array(arena);
	for (int i = 0; i < seals; i++)
		json_append(list, json_new_object(arena));
	json_set(journey, "seals", list);
	for (int c = 0; c < 3; c++) {
		struct json *consignment = json_new_object(arena), *some = json_new_array(arena);
		for (int i = 0; i < references / 3; i++)
			json_append(some, json_new_object(arena));
		json_set(consignment, "references", some);
		json_append(consignments, consignment);
	}
	json_set(journey, "consignments", consignments);
	return journey_whole_check(journey, why);
}

START_TEST(a_journey_fits_into_a_report)
{
	ARENA_AUTO arena = arena_new();
	struct error why = { 0 };
	must_succeed(whole(arena, JOURNEY_SEALS, JOURNEY_REFERENCES, error));
	ck_assert_int_eq(whole(arena, JOURNEY_SEALS + 1, 3, &why), -1);
	ck_assert_str_eq(why.field, "/seals");
	ck_assert_int_eq(whole(arena, 1, JOURNEY_REFERENCES + 3, &why), -1);
	ck_assert_str_eq(why.field, "/consignments");
}
END_TEST

SUITE("journey", a_member_of_the_wrong_kind_is_told_of, codes_may_be_numbers, a_journey_fits_into_a_report)
