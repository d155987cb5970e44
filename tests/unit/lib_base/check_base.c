#include "support/suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/base/text.h"

/* Whoever cuts a text by octets may cut a character; and what was never UTF-8 is told too. */
START_TEST(what_an_error_says_is_utf8)
{
	struct error error = { 0 };
	error_set(&error, ERROR_BAD_FIELD, "\"%.4s\" is no container", "\u65e5\u672c\u8a9e");
	ck_assert_str_eq(error.text, "\"\u65e5?\" is no container");
	error_in_field(&error, "/%.5s", "\u65e5\u672c");
	ck_assert_str_eq(error.field, "/\u65e5??");
	error_at(&error, "%s", "a\xff" "b\xc3");
	ck_assert_str_eq(error.place, "a?b?");
	error_during(&error, "take \xe6\x97");
	ck_assert_str_eq(error.text, "take ??: \"\u65e5?\" is no container");
}
END_TEST

START_TEST(error_keeps_class_place_and_what_was_being_done)
{
	struct error error = { 0 };
	ck_assert_int_eq(error_set(&error, ERROR_BUSY, "queue \"%s\" is full", "spool"), -1);
	error_at(&error, "line %d", 7);
	error_during(&error, "take event");
	ck_assert_str_eq(error.text, "take event: queue \"spool\" is full");
	ck_assert_str_eq(error.place, "line 7");
	ck_assert_int_eq(error_class(&error), ERROR_CLASS_TEMP);
	ck_assert_int_eq(error_status(&error), 503);
}
END_TEST

START_TEST(times_are_read_with_offset_and_written_in_utc)
{
	static const struct { const char *in, *out, *out_304; } rows[] = {
		{ "2016-02-03T01:48:21Z", "2016-02-03T01:48:21Z", "20160203014821Z" },
		{ "2016-02-03T02:48:21.250+01:00", "2016-02-03T01:48:21.250Z", "20160203014821Z" },
		{ "2016-02-28T23:59:60-00:30", "2016-02-29T00:30:00Z", "20160229003000Z" },
		{ "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "19700101000000Z" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t ms;
		char out[CLOCK_TEXT_SIZE];
		must_succeed(clock_parse(rows[i].in, &ms, error));
		ck_assert_str_eq(clock_format(ms, out), rows[i].out);
		ck_assert_str_eq(clock_format_304(ms, out), rows[i].out_304);
	}
	static const char *const wrong[] = { "", "2016-02-03", "2016-02-03T01:48:21", "2016-02-30T01:48:21Z", "2016-2-3T01:48:21Z",
		"2016-02-03T24:00:00Z", "2016-02-03T01:48:21.Z", "2016-02-03T01:48:21Zx", "1969-12-31T23:59:59Z", "2016-02-03T01:48:21+25:00" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		int64_t ms;
		must_fail(clock_parse(wrong[i], &ms, error), BAD_FIELD);
	}
	int64_t ms;
	must_succeed(clock_parse_304("20160203024821+01", &ms, error));
	char out[CLOCK_TEXT_SIZE];
	ck_assert_str_eq(clock_format(ms, out), "2016-02-03T01:48:21Z");
	must_fail(clock_parse_304("2016020301", &ms, error), BAD_FIELD);
}
END_TEST

START_TEST(base64_and_hex_go_there_and_back_and_refuse_what_is_not_theirs)
{
	static const char *const rows[][2] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" } };
	for (size_t i = 0; i < 5; i++) {
		BUFFER_AUTO out = { 0 };
		BUFFER_AUTO back = { 0 };
		text_base64(&out, bytes_of_text(rows[i][0]));
		ck_assert_str_eq(buffer_text(&out), rows[i][1]);
		must_succeed(text_base64_decode(rows[i][1], false, &back, error));
		ck_assert_str_eq(buffer_text(&back), rows[i][0]);
	}
	static const char *const wrong[] = { "Zg=", "Zg", "Z", "Zh==", "Zm9v=", "Zm 9v", "Z-9v", "Zg==Zg==" };
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		BUFFER_AUTO out = { 0 };
		must_fail(text_base64_decode(wrong[i], false, &out, error), BAD_FIELD);
	}
	BUFFER_AUTO hex = { 0 };
	text_hex(&hex, (struct bytes){ (const uint8_t *)"\x00\xff", 2 });
	ck_assert_str_eq(buffer_text(&hex), "00ff");
}
END_TEST

/* It works by pieces; no length may fall between two. */
START_TEST(base64_of_any_length_comes_back_whole)
{
	uint8_t octets[600];
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(i * 167 + i / 256);
	for (size_t size = 0; size <= sizeof octets; size++) {
		const struct bytes bytes = { octets, size };
		BUFFER_AUTO standard = { 0 };
		BUFFER_AUTO broken = { 0 };
		BUFFER_AUTO url = { 0 };
		struct buffer back[3] = { { 0 }, { 0 }, { 0 } };
		text_base64(&standard, bytes);
		text_base64url(&url, bytes);
		ck_assert_uint_eq(standard.size, (size + 2) / 3 * 4);
		ck_assert_uint_eq(url.size, (size * 4 + 2) / 3);
		for (size_t i = 0; i < standard.size; i += 76)
			buffer_printf(&broken, " %.76s\r\n", buffer_text(&standard) + i);
		must_succeed(text_base64_decode(buffer_text(&standard), false, &back[0], error));
		must_succeed(text_base64_decode(buffer_text(&broken), true, &back[1], error));
		must_succeed(text_base64url_decode(buffer_text(&url), &back[2], error));
		for (size_t i = 0; i < 3; i++) {
			ck_assert(bytes_equal(buffer_bytes(&back[i]), bytes));
			buffer_clear(&back[i]);
		}
	}
}
END_TEST

/* Ids are drawn from a pool, of which a forked process must not give what its parent gives. */
START_TEST(no_id_comes_twice_in_a_process_or_its_child)
{
	enum { COUNT = 200 };
	static char ids[COUNT][ID_UUID_SIZE], others[COUNT][ID_UUID_SIZE];
	int ends[2], status;
	id_uuid4(ids[0]);
	ck_assert_int_eq(pipe(ends), 0);
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	for (size_t i = 0; i < COUNT; i++)
		id_uuid4(ids[i]);
	if (child == 0)
		_exit(write(ends[1], ids, sizeof ids) == (ssize_t)sizeof ids ? 0 : 1);  /* less than a pipe holds */
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(read(ends[0], others, sizeof others), (ssize_t)sizeof others);
	close(ends[0]);
	close(ends[1]);
	for (size_t i = 0; i < COUNT; i++)
		for (size_t k = 0; k < COUNT; k++) {
			ck_assert_str_ne(ids[i], others[k]);
			ck_assert(i == k || (strcmp(ids[i], ids[k]) != 0 && strcmp(others[i], others[k]) != 0));
		}
}
END_TEST

START_TEST(utf8_is_strict)
{
	static const struct { const char *text; size_t good; } rows[] = {
		{ "plain", 5 }, { "\xc3\xa9", 2 }, { "\xf0\x9f\x9a\xa2", 4 }, { "a\xc0\x80", 1 }, { "\xed\xa0\x80", 0 },
		{ "\xf4\x90\x80\x80", 0 }, { "\xe2\x82", 0 }, { "ok\xff", 2 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_uint_eq(text_utf8_check(bytes_of_text(rows[i].text)), rows[i].good);
	for (size_t before = 0; before < 20; before++)  /* wherever it stands among what is plain */
		for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
			BUFFER_AUTO text = { 0 };
			buffer_printf(&text, "%.*s%s and so on", (int)before, "abcdefghijklmnopqrst", rows[i].text);
			size_t good = rows[i].good == strlen(rows[i].text) ? text.size : before + rows[i].good;
			ck_assert_uint_eq(text_utf8_check(buffer_bytes(&text)), good);
		}
}
END_TEST

START_TEST(escapes_leave_nothing_that_reads_as_something_else)
{
	BUFFER_AUTO json = { 0 };
	text_escape_json(&json, "a\"\\\n\x01\xe2\x80\xae\xff");
	ck_assert_str_eq(buffer_text(&json), "\"a\\\"\\\\\\n\\u0001\\u202e\\ufffd\"");
	BUFFER_AUTO percent = { 0 };
	text_escape_percent(&percent, "H1 sev=low\xc3\xa9/x");
	ck_assert_str_eq(buffer_text(&percent), "H1%20sev%3Dlow%C3%A9/x");
}
END_TEST

START_TEST(decimals_are_what_json_writes_without_exponent)
{
	static const char *const right[] = { "0", "-1", "30.87770100", "0.5" };
	static const char *const wrong[] = { "", "-", "01", "1.", ".5", "1e3", "+1", "1 ", "NaN" };
	for (size_t i = 0; i < sizeof right / sizeof *right; i++)
		ck_assert_msg(text_is_decimal(right[i]), "%s", right[i]);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		ck_assert_msg(!text_is_decimal(wrong[i]), "%s", wrong[i]);
}
END_TEST

START_TEST(a_buffer_stops_at_its_ceiling)
{
	BUFFER_AUTO buffer = { .ceiling = 10 };
	buffer_add_text(&buffer, "12345");
	buffer_add_text(&buffer, "123456");
	ck_assert(buffer.over);
	ck_assert_str_eq(buffer_text(&buffer), "12345");
}
END_TEST

START_TEST(references_have_their_form_and_differ)
{
	char a[ID_REFERENCE_SIZE], b[ID_REFERENCE_SIZE], u[ID_UUID_SIZE];
	id_reference(a);
	id_reference(b);
	ck_assert_uint_eq(strlen(a), 22);
	ck_assert(strncmp(a, "SG", 2) == 0 && strcmp(a, b) != 0);
	ck_assert_uint_eq(strlen(id_uuid7(u)), 36);
	ck_assert_int_eq(u[14], '7');
}
END_TEST

START_TEST(few_digits_are_the_number_that_many_would_be)
{
	static const char *const rows[] = { "0", "-0", "0.1", "-0.1", "30.877701", "121.883003", "0.83", "999999999999999", "0.000000000000001",
		"99999999999999.9", "-180", "9007199254740993", "123456789.123456789", "1e3", "-1.5E-7", "1.", ".5", "-", "", "x", "1.2.3", "12abc", " 7", "+1",
		"179769313486231570000000000000000000000" };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		double ours = text_double(rows[i]), theirs = strtod(rows[i], NULL);
		ck_assert_msg(memcmp(&ours, &theirs, sizeof ours) == 0, "\"%s\": %.17g, not %.17g", rows[i], ours, theirs);
	}
	uint64_t state = 1;
	for (int i = 0; i < 100000; i++) {
		char text[48];
		state = state * 6364136223846793005u + 1442695040888963407u;
		snprintf(text, sizeof text, "%s%llu.%0*llu", state & 1 ? "-" : "", (unsigned long long)(state >> (34 + (state >> 10 & 15))), (int)(state >> 3 & 7) + 1,
		         (unsigned long long)(state >> 20 & 0x3fffffff));
		double ours = text_double(text), theirs = strtod(text, NULL);
		ck_assert_msg(memcmp(&ours, &theirs, sizeof ours) == 0, "\"%s\"", text);
	}
}
END_TEST

/* After fork() two processes have the same memory: nothing that an id is made of may come from what was fetched before. */
START_TEST(a_child_makes_other_ids_than_its_parent)
{
	char here[ID_UUID_SIZE], there[ID_UUID_SIZE] = "";
	int ends[2];
	id_uuid7(here);
	ck_assert_int_eq(pipe(ends), 0);
	pid_t pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(write(ends[1], id_uuid7(there), ID_UUID_SIZE) != ID_UUID_SIZE);
	id_uuid7(here);
	ck_assert_int_eq(read(ends[0], there, ID_UUID_SIZE), ID_UUID_SIZE);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert_str_ne(here + 24, there + 24);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(a_file_is_replaced_whole)
{
	char path[] = "/tmp/sealgate-check-XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(path));
	ARENA_AUTO arena = arena_new();
	char *file = file_path(arena, path, "x"), *text, **names;
	must_succeed(file_write(file, bytes_of_text("one"), 0600, error));
	must_succeed(file_write(file, bytes_of_text("two"), 0600, error));
	must_succeed(file_read_text(file, arena, &text, error));
	ck_assert_str_eq(text, "two");
	must_succeed(file_list(path, arena, &names, error));
	ck_assert_str_eq(names[0], "x");
	ck_assert_ptr_null(names[1]);
	must_fail(file_read_text("/does/not/exist", arena, &text, error), IO);
	ck_assert_int_eq(remove(file), 0);
	ck_assert_int_eq(remove(path), 0);
}
END_TEST

/* What a stranger wrote neither moves the cursor nor begins a line of its own. */
START_TEST(a_line_for_a_person_stays_one)
{
	BUFFER_AUTO out = { 0 };
	text_escape_for_person(&out, "a\nb\rc\x1b[2Jd\xe2\x80\xae" "e\tf");
	ck_assert_str_eq(buffer_text(&out), "a\\u{a}b\\u{d}c\\u{1b}[2Jd\\u{202e}e\tf");
}
END_TEST

START_TEST(a_time_can_be_written_as_it_was_read)
{
	static const char *const bad[] = { "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z", "1970-01-01T00:00:00+00:01" };
	char text[CLOCK_TEXT_SIZE];
	int64_t ms, again;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		must_fail(clock_parse(bad[i], &ms, error), BAD_FIELD);
	must_succeed(clock_parse("9999-12-31T23:59:59.999Z", &ms, error));
	must_succeed(clock_parse(clock_format(ms, text), &again, error));
	ck_assert_int_eq(ms, again);
}
END_TEST

SUITE("base", what_an_error_says_is_utf8, a_line_for_a_person_stays_one, a_time_can_be_written_as_it_was_read, error_keeps_class_place_and_what_was_being_done, times_are_read_with_offset_and_written_in_utc,
      base64_and_hex_go_there_and_back_and_refuse_what_is_not_theirs, base64_of_any_length_comes_back_whole, no_id_comes_twice_in_a_process_or_its_child, utf8_is_strict,
      escapes_leave_nothing_that_reads_as_something_else, decimals_are_what_json_writes_without_exponent,
      a_buffer_stops_at_its_ceiling, references_have_their_form_and_differ, a_child_makes_other_ids_than_its_parent,
      few_digits_are_the_number_that_many_would_be, a_file_is_replaced_whole)
