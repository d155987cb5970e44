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

SUITE("event", a_member_of_the_wrong_shape_is_told_of, null_is_not_there)
