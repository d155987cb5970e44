/* The canonical event: what has the wrong shape is told of, never passed over. */
#include "model/event.h"

#include <string.h>

#include "support/suite.h"

START_TEST(a_member_of_the_wrong_shape_is_told_of)
{
	static const struct {
		const char *event, *field;
	} cases[] = {
		{ "\"device\":5", "/device" },
		{ "\"device\":\"356938035643809\"", "/device" },
		{ "\"device\":[]", "/device" },
		{ "\"position\":\"51.9,4.0\"", "/position" },
		{ "\"position\":{\"lat\":\"51.9\"}", "/position" },
		{ "\"position\":{\"lat\":{},\"lon\":\"4\"}", "/position/lat" },
		{ "\"position\":{\"lat\":\"1e1\",\"lon\":\"4\"}", "/position/lat" },
		{ "\"position\":{\"lat\":\"91\",\"lon\":\"4\"}", "/position/lat" },
		{ "\"readings\":7", "/readings" },
		{ "\"readings\":{}", "/readings" },
		{ "\"readings\":[5]", "/readings/0" },
		{ "\"readings\":[{\"kind\":\"door\",\"value\":[]}]", "/readings/0/value" },
		{ "\"seal\":\"H1234567\"", "/seal" },
		{ "\"seal\":{\"condition\":\"9\"}", "/seal/condition" },
		{ "\"place\":7", "/place" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ARENA_AUTO arena = arena_new();
		struct json *json;
		struct event event;
		struct error why = { 0 };
		const char *text = arena_printf(arena, "{\"type\":\"status\",\"time\":\"2016-02-03T01:48:21Z\",\"container\":\"CSQU3054383\",%s}", cases[i].event);
		must_succeed(json_parse(arena, bytes_of_text(text), NULL, &json, error));
		if (event_read(arena, json, CLOCK_NONE, &event, &why) == 0)
			ck_abort_msg("%s was taken", cases[i].event);
		ck_assert_str_eq(why.field, cases[i].field);
	}
}
END_TEST

START_TEST(null_is_not_there)
{
	ARENA_AUTO arena = arena_new();
	struct json *json;
	struct event event;
	const char *text = "{\"type\":\"status\",\"time\":\"2016-02-03T01:48:21Z\",\"container\":\"CSQU3054383\",\"device\":null,\"position\":null,"
			   "\"readings\":null,\"seal\":null}";
	must_succeed(json_parse(arena, bytes_of_text(text), NULL, &json, error));
	must_succeed(event_read(arena, json, CLOCK_NONE, &event, error));
	ck_assert_int_eq(event.fix.source, FIX_NONE);
	ck_assert_ptr_null(event.device);
}
END_TEST

static int read_text(struct arena *arena, const char *text, struct event *event_r, struct error *why)
{
	struct json *json;
	const struct json_limits wide = { .bytes = 8 << 20, .nodes = 1000000, .text = 1 << 20, .depth = 100 };
	must_succeed(json_parse(arena, bytes_of_text(text), &wide, &json, error));
	return event_read(arena, json, CLOCK_NONE, event_r, why);
}

/* A list in a list and so on, or a list of many times `part`. */
static const char *extension(struct arena *arena, int deep, int many, const char *part)
{
	BUFFER_AUTO out = { 0 };
	for (int i = 0; i < deep; i++)
		buffer_add_char(&out, '[');
	for (int i = 0; i < many; i++)
		buffer_printf(&out, "%s%s", i ? "," : "", part);
	for (int i = 0; i < deep; i++)
		buffer_add_char(&out, ']');
	return arena_printf(arena, "{\"type\":\"status\",\"time\":\"2016-02-03T01:48:21Z\",\"container\":\"CSQU3054383\",\"x\":%s}", buffer_text(&out));
}

/* One event that could be stored and not read again would leave its container unassessed for ever. */
START_TEST(what_is_taken_can_be_read_again)
{
	static const struct {
		int deep, many;
		const char *part;
		bool taken;
	} cases[] = {
		{ 1, 1, "1", true }, { 20, 1, "1", true }, { 1, 9000, "1", true }, { 1, 60, "\"012345678901234567890123456789\"", true },
		{ 31, 1, "1", false }, { 1, 99993, "1", false }, { 1, 11000, "\"\\b\"", false }, { 1, 3000, "\"012345678901234567890123456789\"", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ARENA_AUTO arena = arena_new();
		struct event event, again;
		struct error why = { 0 };
		const char *text = extension(arena, cases[i].deep, cases[i].many, cases[i].part);
		if ((read_text(arena, text, &event, &why) == 0) != cases[i].taken)
			ck_abort_msg("case %zu: %s", i, why.text);
		if (cases[i].taken)
			must_succeed(event_load(arena, json_to_text(arena, event.json, JSON_COMPACT), &again, error));
		else
			ck_assert_str_eq(why.field, "/extensions");
	}
}
END_TEST

START_TEST(a_number_with_something_behind_it_is_another_number)
{
	ARENA_AUTO arena = arena_new();
	struct event event;
	struct error why = { 0 };
	static const char *const start = "{\"type\":\"status\",\"time\":\"2016-02-03T01:48:21Z\",\"container\":\"%s\"}";
	must_succeed(read_text(arena, arena_printf(arena, start, "csqu 305438-3"), &event, error));
	ck_assert_str_eq(event.container, "CSQU3054383");
	ck_assert_int_eq(read_text(arena, arena_printf(arena, start, "CSQU30543831234"), &event, &why), -1);
	ck_assert_str_eq(why.field, "/container");
}
END_TEST

SUITE("event", what_is_taken_can_be_read_again, a_number_with_something_behind_it_is_another_number, a_member_of_the_wrong_shape_is_told_of, null_is_not_there)
