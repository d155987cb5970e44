/* What XML from outside may not do: each case of the attack catalogue, section 2.1 (tests/SECURITY-ROWS.md). A
 * server on loopback sees whether anything is fetched. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/xml/xml.h"
#include "support/folder.h"
#include "support/raw_http.h"
#include "support/suite.h"

#define SECRET "octets-of-a-file-that-nobody-may-read"

struct trap {
	struct arena *arena;
	const char *file;          /* holds SECRET */
	const char *url;           /* of a server that should not be asked */
	struct raw_server server;
};

static void serve(int fd, int number, void *context)
{
	(void)number, (void)context;
	(void)raw_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n<!ENTITY fetched \"fetched!\">");
}

static void trap_open(struct trap *t, struct arena *arena, const char *folder)
{
	t->arena = arena;
	t->file = file_path(arena, folder, "secret.txt");
	must_succeed(file_write(t->file, bytes_of_text(SECRET), 0600, error));
	raw_server_start(&t->server, serve, NULL);
	t->url = arena_printf(arena, "http://127.0.0.1:%u/x", t->server.port);
}

static void trap_close(struct trap *t)
{
	int asked = raw_server_accepted(&t->server);
	raw_server_stop(&t->server);
	ck_assert_int_eq(asked, 0);
}

#define TRAP(t)                   \
	ARENA_AUTO arena = arena_new(); \
	FOLDER(folder);           \
	struct trap t;            \
	trap_open(&t, arena, folder)

static void refuse(struct arena *arena, const char *what, const char *text, enum error_code code)
{
	struct xml_document *document;
	struct error why = { 0 };
	if (xml_parse(arena, bytes_of_text(text), NULL, &document, &why) == 0)
		ck_abort_msg("%s: taken", what);
	ck_assert_msg(why.code == code, "%s: %s", what, why.text);
	ck_assert_msg(!strstr(why.text, SECRET), "%s: the refusal shows the file", what);
}

/* ---- entities and DTDs ---- */

START_TEST(external_entities_are_neither_read_nor_fetched)
{
	TRAP(t);
	static const struct { const char *what, *before, *behind; } rows[] = {
		{ "a file", "<!DOCTYPE a [<!ENTITY e SYSTEM \"file://", "\">]><a>&e;</a>" },
		{ "a file in an attribute", "<!DOCTYPE a [<!ENTITY e SYSTEM \"file://", "\">]><a b=\"&e;\"/>" },
		{ "a parameter entity of a file", "<!DOCTYPE a [<!ENTITY % e SYSTEM \"file://", "\"> %e;]><a/>" },
		{ "an external DTD", "<!DOCTYPE a SYSTEM \"file://", "\"><a/>" },
		{ "a DTD by a bare path", "<!DOCTYPE a SYSTEM \"", "\"><a/>" },
		{ "a public DTD", "<!DOCTYPE a PUBLIC \"-//W3C//DTD XHTML 1.0//EN\" \"", "\"><a/>" },
		{ "over HTTP", "<!DOCTYPE a [<!ENTITY e SYSTEM \"", "\">]><a>&e;</a>" },
		{ "a DTD over HTTP", "<!DOCTYPE a SYSTEM \"", "\"><a/>" },
		{ "a parameter entity over HTTP", "<!DOCTYPE a [<!ENTITY % e SYSTEM \"", "\"> %e;]><a>&fetched;</a>" },
		{ "lower case", "<!doctype a [<!ENTITY e SYSTEM \"", "\">]><a>&e;</a>" },
		{ "behind a byte order mark", "\xef\xbb\xbf<!DOCTYPE a [<!ENTITY e SYSTEM \"", "\">]><a>&e;</a>" },
		{ "behind a comment", "<!-- <a> --><!DOCTYPE a [<!ENTITY e SYSTEM \"", "\">]><a>&e;</a>" },
		{ "behind an instruction", "<?a <!-- ?><!DOCTYPE a [<!ENTITY e SYSTEM \"", "\">]><a>&e;</a>" },
		{ "a declaration inside", "<a><!ENTITY e SYSTEM \"", "\"></a>" },
		{ "an entity without DTD", "<a b=\"", "\">&e;</a>" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *const places[] = { t.file, t.url };
		for (size_t k = 0; k < 2; k++) {
			const char *text = arena_printf(arena, "%s%s%s", rows[i].before, places[k], rows[i].behind);
			refuse(arena, rows[i].what, text, ERROR_BAD_XML);
		}
	}
	trap_close(&t);
}
END_TEST

START_TEST(entities_that_grow_are_refused)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO laughs = { 0 };
	BUFFER_AUTO quadratic = { 0 };
	buffer_add_text(&laughs, "<!DOCTYPE a [<!ENTITY e0 \"ha\">");
	for (int i = 1; i < 10; i++) {
		buffer_printf(&laughs, "<!ENTITY e%d \"", i);
		for (int k = 0; k < 10; k++)
			buffer_printf(&laughs, "&e%d;", i - 1);
		buffer_add_text(&laughs, "\">");
	}
	refuse(arena, "a billion laughs", arena_printf(arena, "%s]><a>&e9;</a>", buffer_text(&laughs)), ERROR_BAD_XML);
	refuse(arena, "a billion laughs in an attribute", arena_printf(arena, "%s]><a b=\"&e9;\"/>", buffer_text(&laughs)), ERROR_BAD_XML);
	buffer_add_text(&quadratic, "<!DOCTYPE a [<!ENTITY e \"");
	for (int i = 0; i < 100000; i++)
		buffer_add_char(&quadratic, 'x');
	buffer_add_text(&quadratic, "\">]><a>");
	for (int i = 0; i < 100000; i++)
		buffer_add_text(&quadratic, "&e;");
	buffer_add_text(&quadratic, "</a>");
	refuse(arena, "quadratic", buffer_text(&quadratic), ERROR_BAD_XML);
}
END_TEST

/* ---- what would take long, or much ---- */

/* `piece` so often; a '#' in it is the number. */
static const char *repeated(struct arena *arena, const char *before, const char *piece, size_t count, const char *after)
{
	BUFFER_AUTO text = { 0 };
	buffer_add_text(&text, before);
	for (size_t i = 0; i < count; i++)
		for (const char *c = piece; *c; c++)
			if (*c == '#')
				buffer_printf(&text, "%zu", i);
			else
				buffer_add_char(&text, *c);
	buffer_add_text(&text, after);
	return arena_text(arena, buffer_text(&text));
}

START_TEST(limits_are_kept_to_the_one)
{
	ARENA_AUTO arena = arena_new();
	struct xml_document *document;
#define TAKEN(text) must_succeed(xml_parse(arena, bytes_of_text(text), NULL, &document, error))
	TAKEN(repeated(arena, "<a", " b#=\"1\"", 64, "/>"));
	refuse(arena, "65 attributes", repeated(arena, "<a", " b#=\"1\"", 65, "/>"), ERROR_TOO_LARGE);
	refuse(arena, "100,000 attributes", repeated(arena, "<a", " b#=\"1\"", 100000, "/>"), ERROR_TOO_LARGE);
	refuse(arena, "100,000 attributes further in", repeated(arena, "<x><a/><a", " b#=\"1\"", 100000, "/></x>"), ERROR_TOO_LARGE);
	refuse(arena, "100,000 attributes of an end tag", repeated(arena, "<a></a", " b#=\"1\"", 100000, ">"), ERROR_TOO_LARGE);
	refuse(arena, "20,000 namespaces", repeated(arena, "<a", " xmlns:n#=\"urn:n\"", 20000, "/>"), ERROR_TOO_LARGE);
	TAKEN(repeated(arena, repeated(arena, "", "<a>", 64, ""), "</a>", 64, ""));
	refuse(arena, "65 deep", repeated(arena, repeated(arena, "", "<a>", 65, ""), "</a>", 65, ""), ERROR_TOO_LARGE);
	refuse(arena, "100,000 deep", repeated(arena, "", "<a>", 100000, ""), ERROR_TOO_LARGE);
	TAKEN(repeated(arena, "<a>", "<b/>", 199999, "</a>"));
	refuse(arena, "200,001 elements", repeated(arena, "<a>", "<b/>", 200000, "</a>"), ERROR_TOO_LARGE);
	refuse(arena, "more than 8 MiB", repeated(arena, "<a>", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 262144, "</a>"), ERROR_TOO_LARGE);
	refuse(arena, "a name of 60,000 octets", repeated(arena, "<", "aaaaaaaaaa", 6000, "/>"), ERROR_BAD_XML);
}
END_TEST

/* ---- what two readers could read in two ways ---- */

START_TEST(octets_that_are_not_plain_utf_8_are_refused)
{
	ARENA_AUTO arena = arena_new();
	static const struct { const char *what, *octets; size_t size; } rows[] = {
#define ROW(what, text) { what, text, sizeof(text) - 1 }
		ROW("UTF-16", "\xff\xfe<\0a\0/\0>\0"),
		ROW("UTF-16 without a mark", "<\0a\0/\0>\0"),
		ROW("Latin-1", "<a>\xe9</a>"),
		ROW("declared as Latin-1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>"),
		ROW("declared as UTF-7", "<?xml version=\"1.0\" encoding=\"UTF-7\"?><a>+ADw-b/+AD4-</a>"),
		ROW("declared as UTF-16", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>"),
		ROW("an overlong <", "<a>\xc0\xbc</a>"),
		ROW("half of a surrogate", "<a>\xed\xa0\x80</a>"),
		ROW("a NUL", "<a>b\0c</a>"),
		ROW("a NUL at the end", "<a/>\0"),
		ROW("a control character", "<a>\x01</a>"),
		ROW("a control character by number", "<a>&#1;</a>"),
		ROW("a NUL by number", "<a>&#0;</a>"),
		ROW("two roots", "<a/><b/>"),
		ROW("something behind the root", "<a/>b"),
		ROW("nothing", ""),
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct xml_document *document;
		struct error why = { 0 };
		struct bytes octets = { (const uint8_t *)rows[i].octets, rows[i].size };
		ck_assert_msg(xml_parse(arena, octets, NULL, &document, &why) < 0 && why.code == ERROR_BAD_XML, "%s: %s", rows[i].what, why.text);
	}
}
END_TEST

START_TEST(one_attribute_under_two_prefixes_is_refused)
{
	ARENA_AUTO arena = arena_new();
	refuse(arena, "twice", "<a b=\"1\" b=\"2\"/>", ERROR_BAD_XML);
	refuse(arena, "by two prefixes", "<a xmlns:p=\"urn:p\" xmlns:q=\"urn:p\" p:b=\"1\" q:b=\"2\"/>", ERROR_BAD_XML);
	refuse(arena, "a prefix that is not bound", "<a p:b=\"1\"/>", ERROR_BAD_XML);
}
END_TEST

START_TEST(a_comment_inside_a_text_cuts_nothing_off)
{
	ARENA_AUTO arena = arena_new();
	static const char *const rows[] = { "<a>good.gov<!-- -->.evil.example</a>", "<a>good.gov<?p?>.evil.example</a>", "<a>good.gov<![CDATA[.evil.]]>example</a>" };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct xml_document *document;
		must_succeed(xml_parse(arena, bytes_of_text(rows[i]), NULL, &document, error));
		ck_assert_str_eq(xml_text(arena, document->root), "good.gov.evil.example");
	}
}
END_TEST

/* libxml2 gives no canonical form at all for a relative namespace: nothing must be taken for the form of it. */
START_TEST(what_has_no_canonical_form_is_never_an_empty_one)
{
	ARENA_AUTO arena = arena_new();
	static const char *const rows[] = { "<a xmlns=\"b\"><c/></a>", "<a xmlns:p=\"../b\" p:x=\"1\"/>", "<a><p:b xmlns:p=\"1\"/></a>" };
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct xml_document *document;
		struct error why = { 0 };
		BUFFER_AUTO out = { 0 };
		if (xml_parse(arena, bytes_of_text(rows[i]), NULL, &document, &why) == 0 && xml_canonical(document, document->root, NULL, &out, &why) == 0)
			ck_abort_msg("row %zu has the canonical form \"%s\"", i, buffer_text(&out));
	}
}
END_TEST

/* ---- what points elsewhere ---- */

START_TEST(nothing_that_points_elsewhere_is_followed)
{
	TRAP(t);
	struct xml_document *document;
	const char *include = arena_printf(arena, "<a xmlns:i=\"http://www.w3.org/2001/XInclude\"><i:include parse=\"text\" href=\"%s\"/><i:include href=\"%s\"/></a>",
	                                   t.file, t.url);
	must_succeed(xml_parse(arena, bytes_of_text(include), NULL, &document, error));
	ck_assert_uint_eq(xml_count(document->root, NULL, "include"), 2);
	ck_assert_str_eq(xml_text(arena, document->root), "");
	must_succeed(xml_parse(arena, bytes_of_text(arena_printf(arena, "<?xml-stylesheet href=\"%s\" type=\"text/xsl\"?><a xml:base=\"%s\"/>", t.url, t.url)), NULL,
	                       &document, error));
	struct xml_schema *schema;
	must_succeed(xml_schema_open(SOURCE_DIR "/schemas/wco-dms/declaration.xsd", &schema, error));
	const char *located = arena_printf(arena, "<a xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:a %s\" "
	                                   "xsi:noNamespaceSchemaLocation=\"%s\" xmlns:b=\"urn:a\"><b:c/></a>", t.url, t.url);
	must_succeed(xml_parse(arena, bytes_of_text(located), NULL, &document, error));
	must_fail(xml_schema_check(schema, document, error), BAD_SCHEMA);
	xml_schema_free(&schema);
	trap_close(&t);
}
END_TEST

SUITE("xml attacks", external_entities_are_neither_read_nor_fetched, entities_that_grow_are_refused, limits_are_kept_to_the_one,
      octets_that_are_not_plain_utf_8_are_refused, one_attribute_under_two_prefixes_is_refused, a_comment_inside_a_text_cuts_nothing_off,
      what_has_no_canonical_form_is_never_an_empty_one, nothing_that_points_elsewhere_is_followed)
