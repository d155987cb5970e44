/* A multipart is read at its right places, or refused: anything that two readers could read in two ways. */
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/mime/mime.h"
#include "support/suite.h"

#define TYPE "multipart/related; boundary=\"b1\"; type=\"application/soap+xml\"; start=\"<root@x>\""
#define ROOT "--b1\r\nContent-Type: application/soap+xml; charset=utf-8\r\nContent-ID: <root@x>\r\n\r\n<a/>\r\n"
#define PART "--b1\r\nContent-Type: application/gzip\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <p@x>\r\n\r\n\1\2\n--b1x-not at line start\r\n3\r\n"

static int parse(struct arena *arena, const char *type, struct bytes octets, size_t parts, struct mime_message **message, struct error *error)
{
	struct blob blob = blob_of_bytes(&octets);
	return mime_parse(arena, type, &blob, parts, message, error);
}

static int parse_text(struct arena *arena, const char *type, const char *text, struct mime_message **message, struct error *error)
{
	return parse(arena, type, bytes_of_text(text), 0, message, error);
}

START_TEST(parts_are_found_where_they_are)
{
	ARENA_AUTO arena = arena_new();
	struct mime_message *m;
	const char *text = ROOT "--b1\r\nContent-Type: application/gzip;\r\n name=x\r\nContent-ID: <p@x>\r\n\r\n\1\2 --b1 \r\n-3\r\n--b1\r\ncontent-id: <q@x>\r\n\r\n\r\n--b1--\r\n";
	must_succeed(parse_text(arena, TYPE, text, &m, error));
	ck_assert_uint_eq(m->count, 3);
	ck_assert_ptr_eq(m->root, &m->parts[0]);
	ck_assert_str_eq(m->parts[0].type.type, "application/soap+xml");
	ck_assert_str_eq(mime_type_parameter(&m->parts[0].type, "charset"), "utf-8");
	ck_assert_int_eq(memcmp(text + m->parts[0].at, "<a/>", 4), 0);
	ck_assert_uint_eq(m->parts[0].size, 4);
	ck_assert_str_eq(m->parts[1].content_id, "p@x");
	ck_assert_str_eq(mime_type_parameter(&m->parts[1].type, "name"), "x");
	ck_assert_uint_eq(m->parts[1].size, strlen("\1\2 --b1 \r\n-3"));
	ck_assert_int_eq(memcmp(text + m->parts[1].at, "\1\2 --b1 \r\n-3", m->parts[1].size), 0);
	ck_assert_uint_eq(m->parts[2].size, 0);
	ck_assert_str_eq(m->parts[2].type.type, "text/plain");
	must_succeed(parse_text(arena, TYPE, "\r\n" ROOT "--b1--", &m, error));
	ck_assert_uint_eq(m->count, 1);
}
END_TEST

/* Content ends in all ways around the edges of the guard's and GMime's windows. */
START_TEST(sizes_around_every_window_are_right)
{
	static const size_t edges[] = { 4096, 8192, 65536, 131072, 196608 };
	for (size_t e = 0; e < sizeof edges / sizeof *edges; e++)
		for (size_t size = edges[e] - 150; size < edges[e] + 10; size += e < 2 ? 1 : 3) {
			ARENA_AUTO arena = arena_new();
			BUFFER_AUTO text = { 0 };
			struct mime_message *m;
			buffer_add_text(&text, ROOT "--b1\r\nContent-ID: <p@x>\r\nContent-Type: application/octet-stream\r\n\r\n");
			for (size_t i = 0; i < size; i++)
				buffer_add_char(&text, "-\r-b1\n"[i * 7 % 6] & (i % 64 == 0 ? 0x7f : 0x3f));
			buffer_add_text(&text, "\r\n--b1\r\nContent-ID: <q@x>\r\nContent-Type: application/octet-stream\r\n\r\nlast\r\n--b1--\r\n");
			must_succeed(parse(arena, TYPE, buffer_bytes(&text), 0, &m, error));
			ck_assert_uint_eq(m->count, 3);
			ck_assert_uint_eq(m->parts[1].size, size);
			ck_assert_int_eq(memcmp(text.data + m->parts[2].at, "last", 4), 0);
		}
}
END_TEST

static const struct {
	const char *type, *text, *why;
} bad[] = {
	{ "application/xml", ROOT "--b1--", "not multipart/related" },
	{ "multipart/related", ROOT "--b1--", "no boundary" },
	{ "multipart/related; boundary=b1; boundary=b2", ROOT "--b1--", "stands twice" },
	{ "multipart/related; boundary=b1; BOUNDARY=b1", ROOT "--b1--", "stands twice" },
	{ "multipart/related; boundary=\"b1 \"", ROOT "--b1--", "no boundary" },
	{ "multipart/related; boundary=\"b1", ROOT "--b1--", "does not end" },
	{ "multipart/related; boundary*0=b; boundary*1=1", ROOT "--b1--", "in pieces" },
	{ "multipart/related; boundary=1234567890123456789012345678901234567890123456789012345678901234567890x", ROOT "--b1--", "no boundary" },
	{ TYPE, "", "does not begin" },
	{ TYPE, "preamble\r\n" ROOT "--b1--", "does not begin" },
	{ TYPE, "\n" ROOT "--b1--", "does not begin" },
	{ TYPE, "--b1--\r\n", "no part" },
	{ TYPE, ROOT, "closing boundary" },
	{ TYPE, ROOT "--b1", "begins like" },
	{ TYPE, ROOT "--b1-", "begins like" },
	{ TYPE, ROOT "--b1--\r\nepilogue", "behind the closing" },
	{ TYPE, ROOT "--b1--\r\n\r\n", "behind the closing" },
	{ TYPE, ROOT "--b1--x", "behind the closing" },
	{ TYPE, ROOT "--b1--\n", "behind the closing" },
	{ TYPE, ROOT "--b1 \r\nContent-ID: <p@x>\r\n\r\nx\r\n--b1--", "begins like" },
	{ TYPE, ROOT "--b12\r\nContent-ID: <p@x>\r\n\r\nx\r\n--b1--", "begins like" },
	{ TYPE, ROOT "--b1\nContent-ID: <p@x>\r\n\r\nx\r\n--b1--", "begins like" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\n\r\nx\r\n--b1--", "control" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\n\nx\r\n--b1--", "control" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\n\r\nx\n--b1\r\nContent-ID: <q@x>\r\n\r\nx\r\n--b1--", "not CR LF" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\n\r\nx\r--b1\r\nContent-ID: <q@x>\r\n\r\nx\r\n--b1--", "not CR LF" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\n\r\n\n--b1\r\nContent-ID: <q@x>\r\n\r\nx\r\n--b1--", "not CR LF" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\n\r\n--b1--", "no content" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\n", "inside the header" },
	{ TYPE, ROOT "--b1\r\nContent-ID <p@x>\r\n\r\nx\r\n--b1--", "name: value" },
	{ TYPE, ROOT "--b1\r\nContent-ID : <p@x>\r\n\r\nx\r\n--b1--", "name: value" },
	{ TYPE, ROOT "--b1\r\n: <p@x>\r\n\r\nx\r\n--b1--", "name: value" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\nX: \1\r\n\r\nx\r\n--b1--", "control" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\nX: \xc3\xa9\r\n\r\nx\r\n--b1--", "non-ASCII" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\nContent-Id: <p@x>\r\n\r\nx\r\n--b1--", "twice in one part" },
	{ TYPE, ROOT "--b1\r\nContent-ID: p@x\r\n\r\nx\r\n--b1--", "form <id>" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p @x>\r\n\r\nx\r\n--b1--", "form <id>" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <>\r\n\r\nx\r\n--b1--", "form <id>" },
	{ TYPE, ROOT "--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n--b1--", "no Content-ID" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <root@x>\r\n\r\nx\r\n--b1--", "two parts" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n--b1--", "transfer encoding" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b1--", "multipart" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\nContent-Type: message/rfc822\r\n\r\nx\r\n--b1--", "message" },
	{ TYPE, ROOT "--b1\r\nContent-ID: <p@x>\r\nContent-Type: text\r\n\r\nx\r\n--b1--", "media type" },
	{ "multipart/related; boundary=b1; start=\"<other@x>\"", ROOT "--b1--", "Content-ID of no part" },
};

START_TEST(what_could_be_read_in_two_ways_is_refused)
{
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ARENA_AUTO arena = arena_new();
		struct mime_message *m;
		struct error why = { 0 };
		if (parse_text(arena, bad[i].type, bad[i].text, &m, &why) == 0)
			ck_abort_msg("case %zu (%s) was accepted", i, bad[i].why);
		if (!strstr(why.text, bad[i].why))
			ck_abort_msg("case %zu: \"%s\" says nothing of \"%s\"", i, why.text, bad[i].why);
	}
}
END_TEST

START_TEST(limits_hold)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO text = { 0 };
	struct mime_message *m;
	buffer_add_text(&text, ROOT);
	for (int i = 1; i < 10000; i++)
		buffer_printf(&text, "--b1\r\nContent-Type: application/gzip\r\nContent-ID: <p%d@x>\r\n\r\n%d\r\n", i, i);
	buffer_add_text(&text, "--b1--\r\n");
	must_fail(parse(arena, TYPE, buffer_bytes(&text), 0, &m, error), TOO_LARGE);
	must_fail(parse(arena, TYPE, buffer_bytes(&text), 9999, &m, error), TOO_LARGE);
	must_succeed(parse(arena, TYPE, buffer_bytes(&text), 10000, &m, error));
	ck_assert_uint_eq(m->count, 10000);
	ck_assert_str_eq(m->parts[9999].content_id, "p9999@x");

	for (int more = 0; more < 2; more++) {
		BUFFER_AUTO headers = { 0 };
		BUFFER_AUTO line = { 0 };
		buffer_add_text(&headers, ROOT "--b1\r\nContent-ID: <p@x>\r\n");
		for (int i = 0; i < 31 + more; i++)
			buffer_printf(&headers, "X-%d: x\r\n", i);
		buffer_add_text(&headers, "\r\nx\r\n--b1--");
		buffer_add_text(&line, ROOT "--b1\r\nContent-ID: <p@x>\r\nX-Long: ");
		for (int i = 0; i < 8184 + more; i++)
			buffer_add_char(&line, 'x');
		buffer_add_text(&line, "\r\n\r\nx\r\n--b1--");
		if (more) {
			must_fail(parse(arena, TYPE, buffer_bytes(&headers), 0, &m, error), BAD_REQUEST);
			must_fail(parse(arena, TYPE, buffer_bytes(&line), 0, &m, error), BAD_REQUEST);
		} else {
			must_succeed(parse(arena, TYPE, buffer_bytes(&headers), 0, &m, error));
			must_succeed(parse(arena, TYPE, buffer_bytes(&line), 0, &m, error));
		}
	}
}
END_TEST

/* Whatever is damaged, the reader ends, and what it accepts lies within the message. */
START_TEST(any_octet_may_be_damaged)
{
	const char *text = ROOT PART "--b1--\r\n";
	size_t size = strlen(text), accepted = 0;
	for (size_t i = 0; i < size; i++)
		for (unsigned v = 0; v < 256; v += 5) {
			ARENA_AUTO arena = arena_new();
			char *copy = arena_text_n(arena, text, size);
			struct mime_message *m;
			struct error why = { 0 };
			copy[i] = (char)v;
			if (parse(arena, TYPE, (struct bytes){ (uint8_t *)copy, size }, 0, &m, &why) < 0)
				continue;
			accepted++;
			for (size_t k = 0; k < m->count; k++)
				ck_assert(m->parts[k].at + m->parts[k].size < size);
		}
	ck_assert_uint_gt(accepted, 0);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO out = { 0 };
	struct sink sink = sink_to_buffer(&out);
	struct mime_writer w;
	struct mime_message *m;
	mime_open(&w, &sink);
	must_succeed(mime_part_begin(&w, "root@x", "application/soap+xml", error));
	must_succeed(sink_write_text(&sink, "<a/>", error));
	must_succeed(mime_part_begin(&w, "p1@x", "application/gzip", error));
	must_succeed(mime_part_begin(&w, "p2@x", "application/xml", error));
	must_succeed(sink_write_text(&sink, "\r\n--sealgate", error));
	must_succeed(mime_close(&w, error));
	must_fail(mime_part_begin(&w, "p>2@x", "application/xml", error), BAD_FIELD);
	const char *type = mime_content_type(arena, &w, "application/soap+xml", "root@x");
	must_succeed(parse(arena, type, buffer_bytes(&out), 0, &m, error));
	ck_assert_uint_eq(m->count, 3);
	ck_assert_uint_eq(m->parts[1].size, 0);
	ck_assert_uint_eq(m->parts[2].size, 12);
}
END_TEST

SUITE("mime", parts_are_found_where_they_are, sizes_around_every_window_are_right, what_could_be_read_in_two_ways_is_refused, limits_hold,
      any_octet_may_be_damaged, what_is_written_is_read)
