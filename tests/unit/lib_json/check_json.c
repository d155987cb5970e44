#include "support/suite.h"

#include <stdlib.h>
#include <string.h>

#include "lib/json/json.h"

START_TEST(what_comes_in_comes_out_digit_for_digit)
{
	static const char *const rows[] = {
		"30.87770100", "-0", "1e400", "123456789012345678901234567890", "\"a\\u0001b\"", "\"\\u0001n5\"", "true", "null", "[]", "{}",
		"{\"a\":[1,2.50,{\"b\":null}],\"\":\"\"}", "\"\xf0\x9f\x9a\xa2\"", "{\"\\u0001n\":\"\\u0001n5\"}",
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ARENA_AUTO arena = arena_new();
		struct json *root;
		must_succeed(json_parse(arena, bytes_of_text(rows[i]), NULL, &root, error));
		ck_assert_str_eq(json_to_text(arena, root, JSON_COMPACT), rows[i]);
	}
}
END_TEST

START_TEST(what_rfc_8259_does_not_allow_is_refused_with_its_place)
{
	static const char *const rows[] = {
		"", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "'a'", "01", "+1", "1.", ".5", "-", "1e", "NaN", "Infinity", "nul", "true false",
		"[1 2]", "{\"a\" 1}", "\"\\x\"", "\"\\u12\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"",
		"\xef\xbb\xbf{}", "\"\xff\"", "\"\xed\xa0\x80\"", "\"abc", "{\"a\":1,\"a\":2}", "[1]x", "\"\t\"",
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ARENA_AUTO arena = arena_new();
		struct json *root;
		must_fail(json_parse(arena, bytes_of_text(rows[i]), NULL, &root, error), BAD_JSON);
	}
	ARENA_AUTO arena = arena_new();
	struct json *root;
	struct error error = { 0 };
	ck_assert_int_eq(json_parse(arena, bytes_of_text("{\n \"a\": 01}"), NULL, &root, &error), -1);
	ck_assert_str_eq(error.place, "line 2, column 8");
	ck_assert_int_eq(json_parse(arena, bytes_of_text("{\"a\":1,\n \"b\":{\"c\":1, \"c\":2}}"), NULL, &root, &error), -1);
	ck_assert_str_eq(error.place, "line 2, column 14");
	ck_assert_str_eq(error.text, "a member name stands twice in one object, at line 2, column 14");
}
END_TEST

START_TEST(escapes_become_what_they_mean)
{
	ARENA_AUTO arena = arena_new();
	struct json *root;
	must_succeed(json_parse(arena, bytes_of_text("{\"\\u0061\\n\":\"\\\"\\\\\\/\\b\\f\\r\\t\\u00e9\\u20ac\\ud83d\\udea2x\",\"b\":\"\\u001f\"}"), NULL, &root, error));
	ck_assert_str_eq(json_path_text(root, "a\n"), "\"\\/\b\f\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xa2x");
	ck_assert_str_eq(json_path_text(root, "b"), "\x1f");
	must_fail(json_parse(arena, bytes_of_text("{\"a\":1,\"\\u0061\":2}"), NULL, &root, error), BAD_JSON);
}
END_TEST

START_TEST(an_object_may_have_many_members)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO text = { 0 };
	struct json *root, *made = json_new_object(arena);
	for (int i = 0; i < 1000; i++) {
		buffer_printf(&text, "%c\"name-%d\":%d", i ? ',' : '{', i, i);
		json_set_integer(arena, made, arena_printf(arena, "name-%d", i), i);
	}
	size_t open = text.size;
	buffer_add_char(&text, '}');
	must_succeed(json_parse(arena, buffer_bytes(&text), NULL, &root, error));
	struct json *const trees[] = { root, made, json_clone(arena, root) };
	for (size_t t = 0; t < 3; t++) {
		ck_assert_str_eq(json_to_text(arena, trees[t], JSON_COMPACT), buffer_text(&text));
		ck_assert(json_same(trees[t], root));
		for (int i = 0; i < 1000; i++)
			ck_assert_int_eq(atoi(json_number(json_find(trees[t], arena_printf(arena, "name-%d", i)))), i);
		ck_assert_ptr_null(json_find(trees[t], "name-1000"));
	}
	json_unset(made, "name-500");
	json_set_text(arena, made, "name-999", "last");
	ck_assert_uint_eq(json_count(made), 999);
	ck_assert_ptr_null(json_find(made, "name-500"));
	ck_assert_str_eq(json_number(json_find(made, "name-501")), "501");
	ck_assert_str_eq(json_path_text(made, "name-999"), "last");
	text.size = open;
	buffer_add_text(&text, ",\"name-7\":0}");
	must_fail(json_parse(arena, buffer_bytes(&text), NULL, &root, error), BAD_JSON);
}
END_TEST

START_TEST(limits_hold)
{
	ARENA_AUTO arena = arena_new();
	struct json *root;
	static const struct json_limits small = { .bytes = 64, .nodes = 4, .text = 10, .depth = 2 };
	must_succeed(json_parse(arena, bytes_of_text("[[1]]"), &small, &root, error));
	must_fail(json_parse(arena, bytes_of_text("[[[1]]]"), &small, &root, error), BAD_JSON);
	must_fail(json_parse(arena, bytes_of_text("[1,2,3,4]"), &small, &root, error), BAD_JSON);
	must_fail(json_parse(arena, bytes_of_text("\"12345678901\""), &small, &root, error), BAD_JSON);
	must_fail(json_parse(arena, bytes_of_text("                                                                 1"), &small, &root, error),
	          TOO_LARGE);
	static char deep[200000];
	memset(deep, '[', sizeof deep - 1);
	must_fail(json_parse(arena, bytes_of_text(deep), NULL, &root, error), BAD_JSON);
}
END_TEST

START_TEST(paths_kinds_and_order_are_as_written)
{
	ARENA_AUTO arena = arena_new();
	struct json *root;
	must_succeed(json_parse(arena, bytes_of_text("{\"z\":{\"list\":[\"a\",7,true]},\"a\":1}"), NULL, &root, error));
	ck_assert_str_eq(json_path_text(root, "z.list.0"), "a");
	ck_assert_str_eq(json_number(json_path(root, "z.list.1")), "7");
	ck_assert_ptr_null(json_text(json_path(root, "z.list.1")));
	ck_assert_str_eq(json_scalar(json_path(root, "z.list.2")), "true");
	ck_assert_ptr_null(json_path(root, "z.list.3"));
	ck_assert_ptr_null(json_path(root, "a.b"));
	struct json_iter it = json_iter(root);
	ck_assert(json_next(&it));
	ck_assert_str_eq(it.name, "z");
	ck_assert(json_next(&it) && !json_next(&it));
	ck_assert_str_eq(json_to_text(arena, root, JSON_CANONICAL), "{\"a\":1,\"z\":{\"list\":[\"a\",7,true]}}");
	ck_assert_int_eq(json_kind(NULL), JSON_KIND_NONE);
}
END_TEST

START_TEST(trees_are_built_changed_and_outlive_nothing)
{
	ARENA_AUTO arena = arena_new();
	struct json *object = json_new_object(arena), *array = json_new_array(arena);
	json_set_text(arena, object, "text", "\x01n1");
	json_set_text(arena, object, "none", NULL);
	json_set_integer(arena, object, "n", -5);
	json_append(array, object);
	json_set(object, "gone", json_new_bool(arena, true));
	json_unset(object, "gone");
	ck_assert_str_eq(json_path_text(object, "text"), "\x01n1");
	ck_assert_str_eq(json_to_text(arena, array, JSON_COMPACT), "[{\"text\":\"\\u0001n1\",\"n\":-5}]");
	ck_assert(json_same(json_clone(arena, array), array));
}
END_TEST

START_TEST(what_is_taken_out_or_replaced_lives_as_long_as_its_arena)
{
	ARENA_AUTO arena = arena_new();
	struct json *parsed, *copy;
	must_succeed(json_parse(arena, bytes_of_text("{\"a\":{\"id\":\"J-2016-C\"},\"b\":\"first\",\"c\":[\"third\"]}"), NULL, &parsed, error));
	copy = json_clone(arena, parsed);
	struct json *const trees[] = { parsed, copy };
	for (size_t i = 0; i < 2; i++) {
		const char *id = json_path_text(trees[i], "a.id"), *first = json_path_text(trees[i], "b"), *third = json_path_text(trees[i], "c.0");
		json_unset(trees[i], "a");
		json_set_text(arena, trees[i], "b", "second");
		json_unset(trees[i], "c");
		for (int k = 0; k < 100; k++)
			json_new_text(arena, "xxxxxxxx");
		ck_assert_str_eq(id, "J-2016-C");
		ck_assert_str_eq(first, "first");
		ck_assert_str_eq(third, "third");
		ck_assert_str_eq(json_to_text(arena, trees[i], JSON_COMPACT), "{\"b\":\"second\"}");
	}
}
END_TEST

SUITE("json", what_comes_in_comes_out_digit_for_digit, what_rfc_8259_does_not_allow_is_refused_with_its_place,
      escapes_become_what_they_mean, an_object_may_have_many_members, limits_hold,
      paths_kinds_and_order_are_as_written, trees_are_built_changed_and_outlive_nothing,
      what_is_taken_out_or_replaced_lives_as_long_as_its_arena)
