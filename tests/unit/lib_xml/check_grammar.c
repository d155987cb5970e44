/* A grammar says yes only where libxml2 says yes: over documents as they should be and over thousands that were damaged; and it is
 * there to be used: what our mappings write, it takes. */
#include "lib/xml/grammar.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/xml/xml.h"
#include "support/suite.h"

/* ---- patterns ---- */

static bool match(const char *pattern, const char *text)
{
	ARENA_AUTO arena = arena_new();
	const struct pattern *compiled = pattern_compile(arena, pattern);
	ck_assert_msg(compiled != NULL, "%s is not taken", pattern);
	return pattern_matches(compiled, text, strlen(text));
}

START_TEST(a_pattern_matches_the_whole_of_a_text)
{
	static const struct {
		const char *pattern, *yes[4], *no[5];
	} cases[] = {
		{ "[A-Z]{2}", { "NL" }, { "N", "NLD", "nl", "", "N1" } },
		{ "[0-9]*", { "", "0", "123" }, { "a", "12a", " 1" } },
		{ "SG[0-9A-HJKMNP-TV-Z]{3}", { "SG0AZ" }, { "SG0AI", "SG0A", "SG0AZZ", "sg0AZ" } },
		{ "\\d{4}-\\d{2}(\\.\\d+)?Z", { "2016-02Z", "2016-02.5Z", "2016-02.55Z" }, { "2016-02.Z", "2016-2Z", "2016-02" } },
		{ "20[0-9]{2}([0-9]{2}(Z|[-+][0-9]{2}))?", { "2016", "201602Z", "201602+01", "201602-01" }, { "201602", "2016Z", "201602*01" } },
		{ "a{2,}", { "aa", "aaa", "aaaaaaa" }, { "a", "", "aab" } },
		{ "a{0,2}b", { "b", "ab", "aab" }, { "aaab", "a", "" } },
		{ "(ab|c)+", { "ab", "c", "abcab" }, { "a", "", "abb" } },
		{ "(a?b?){2}c", { "c", "abc", "ababc", "bac" }, { "bbbc", "ababab" } },
		{ "[a\\-\\]]+x?", { "-", "a]-x" }, { "b", "xx" } },
		{ "(a*)*b", { "b", "aaab" }, { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac" } },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t k = 0; k < 4 && cases[i].yes[k]; k++)
			ck_assert_msg(match(cases[i].pattern, cases[i].yes[k]), "%s: %s", cases[i].pattern, cases[i].yes[k]);
		for (size_t k = 0; k < 5 && cases[i].no[k]; k++)
			ck_assert_msg(!match(cases[i].pattern, cases[i].no[k]), "%s: %s", cases[i].pattern, cases[i].no[k]);
	}
}
END_TEST

START_TEST(a_pattern_of_another_kind_is_not_taken)
{
	static const char *const patterns[] = { ".", "[^a]", "[a-z-[aeiou]]", "\\p{L}", "\\w", "a{", "a{2", "a{3,2}", "(", "(a", "a)", "[a", "[]", "[z-a]",
		                                "a**", "\\", "[\\", "[a-", "(){100000}", "a{251}", "((a{20}){20}){20}", "a{0}", "\xc3\xa4", "a b", "^a$", "a|", "" };
	ARENA_AUTO arena = arena_new();
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
		ck_assert_msg(!pattern_compile(arena, patterns[i]), "%s is taken", patterns[i]);
}
END_TEST

/* ---- documents ---- */

struct subject {
	const char *schema, *document;
};

static const struct subject subjects[] = {
	{ "wco-dms/declaration.xsd", "wco-dms/integrity-report/sample.out.xml" },
	{ "wco-dms/declaration.xsd", "wco-dms/assurance/sample.out.xml" },
	{ "wco-dms/declaration.xsd", "wco-dms/withdrawal/sample.out.xml" },
	{ "wco-dms/declaration.xsd", "wco-dms/arrival/sample.out.xml" },
	{ "relay/relay.xsd", "relay/relay/sample.out.xml" },
	{ "eu-hub/IE3R02.xsd", "eu-hub/reply/sample.out.xml" },
	{ "wco-dms/response.xsd", "../answers/wco-dms/response/sample-control.in.xml" },
	{ "wco-dms/response.xsd", "../answers/wco-dms/response/sample-rejected.in.xml" },
};

static uint32_t state;

static uint32_t random_below(size_t limit)
{
	state = state * UINT32_C(1664525) + UINT32_C(1013904223);
	return (uint32_t)((state >> 8) % limit);
}

/* Where a tag begins. */
static size_t boundary(const char *text, size_t size)
{
	size_t at = random_below(size);
	while (at < size && text[at] != '<')
		at++;
	return at;
}

static void put(struct buffer *out, const char *text, size_t from, size_t to)
{
	buffer_add(out, text + from, to - from);
}

/* One of many damages; some leave a document as good as it was. */
static void damage(const char *text, size_t size, struct buffer *out)
{
	static const char *const pieces[] = { "", " ", "  ", "\t", "\r", "9", "0", "A", "<", ">", "&", "&amp;", "&lt;", "&#xD;", "&#65;", "]]>", "\xc3\xa4", "\xef\xbf\xbf",
		"\xff", "<!-- -->", "<?a?>", "<![CDATA[x]]>", "\x01", "\"", "/", ":", "Z", "x y", "xmlns=\"\"", " xmlns:xsi=\"urn:a\"", " a=\"1\"", "00", "-1", "+1",
		"<a></a>", "<ID>1</ID>", "NL", "2016", "\xe2\x82\xac", "\xed\xa0\x80" };
	const char *piece = pieces[random_below(sizeof pieces / sizeof *pieces)];
	size_t a = boundary(text, size), b = boundary(text, size), at = random_below(size), close = at;
	if (a > b) {
		size_t swap = a;
		a = b;
		b = swap;
	}
	switch (random_below(6)) {
	case 0:  /* octets replaced */
		put(out, text, 0, at);
		buffer_add_text(out, piece);
		put(out, text, at + 1 + random_below(3) > size ? size : at + random_below(3), size);
		break;
	case 1:  /* a piece in a place */
		put(out, text, 0, at);
		buffer_add_text(out, piece);
		put(out, text, at, size);
		break;
	case 2:  /* tags left out */
		put(out, text, 0, a);
		put(out, text, b, size);
		break;
	case 3:  /* tags doubled */
		put(out, text, 0, b);
		put(out, text, a, size);
		break;
	case 4:  /* a value in place of a value */
		while (close < size && text[close] != '>')
			close++;
		close += close < size;
		put(out, text, 0, close);
		for (uint32_t n = random_below(3); n; n--)
			buffer_add_text(out, piece);
		for (; close < size && text[close] != '<';)
			close++;
		put(out, text, close, size);
		break;
	default: {  /* an element with all in it left out or doubled */
		const char *end = a < size ? strstr(text + a, "</") : NULL;
		size_t after = end ? (size_t)(strchr(end, '>') + 1 - text) : size;
		bool twice = random_below(2);
		put(out, text, 0, twice ? after : a);
		put(out, text, twice ? a : after, size);
		break;
	}
	}
}

struct tally {
	size_t valid, accepted, damaged;
};

static void hold(const struct xml_schema *schema, const struct grammar *grammar, struct bytes document, struct tally *tally)
{
	ARENA_AUTO arena = arena_new();
	struct xml_document *parsed;
	struct error why = { 0 };
	bool accepted = grammar_accepts(grammar, document);
	bool valid = xml_parse(arena, document, NULL, &parsed, &why) == 0 && xml_schema_check(schema, parsed, &why) == 0;
	ck_assert_msg(valid || !accepted, "accepted, but %s (%s): %.*s", why.text, why.place, (int)document.size, document.data);
	tally->valid += valid;
	tally->accepted += accepted;
}

static void differ(const struct subject *subject, size_t rounds, struct tally *tally)
{
	ARENA_AUTO arena = arena_new();
	char *text;
	struct xml_schema *schema;
	const char *path = file_path(arena, SOURCE_DIR "/schemas", subject->schema);
	must_succeed(file_read_text(file_path(arena, SOURCE_DIR "/mappings/messages", subject->document), arena, &text, error));
	must_succeed(xml_schema_open(path, &schema, error));
	struct grammar *grammar = grammar_open(path);
	ck_assert_ptr_nonnull(grammar);
	ck_assert_msg(grammar_accepts(grammar, bytes_of_text(text)), "%s", subject->document);
	for (size_t i = 0; i < rounds; i++) {
		BUFFER_AUTO once = { 0 };
		BUFFER_AUTO twice = { 0 };
		damage(text, strlen(text), &once);
		hold(schema, grammar, buffer_bytes(&once), tally);
		if (once.size && i % 2) {
			damage(buffer_text(&once), once.size, &twice);
			hold(schema, grammar, buffer_bytes(&twice), tally);
		}
		tally->damaged += 1 + i % 2;
	}
	grammar_free(&grammar);
	xml_schema_free(&schema);
}

/* Of the subjects from `from` on. */
static void differ_all(size_t from, size_t to)
{
	struct tally tally = { 0 };
	state = 20160203;
	for (size_t i = from; i < to; i++)
		differ(&subjects[i], 700, &tally);
	ck_assert_uint_ge(tally.damaged, 3000);
	ck_assert_uint_ge(tally.valid, 200);                         /* the damage hits more than the form */
	ck_assert_uint_lt(tally.valid, tally.damaged / 2);
	ck_assert_uint_ge(tally.accepted * 2, tally.valid);          /* and what is valid and written as we write is accepted */
}

START_TEST(what_a_grammar_accepts_is_valid)
{
	differ_all(0, 3);
}
END_TEST

START_TEST(what_a_grammar_accepts_of_other_kinds_is_valid)
{
	differ_all(3, sizeof subjects / sizeof *subjects);
}
END_TEST

/* ---- schemas of all kinds ---- */

#define HEAD "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:t=\"urn:t\" targetNamespace=\"urn:t\" elementFormDefault=\"qualified\">"
#define A(inside) "<a xmlns=\"urn:t\">" inside "</a>"
#define TWO "<xs:element name=\"a\"><xs:complexType><xs:sequence><xs:element name=\"b\" type=\"xs:string\"/><xs:element name=\"c\" type=\"xs:string\" " \
	"minOccurs=\"0\"/></xs:sequence></xs:complexType></xs:element>"
#define ANY "<xs:element name=\"a\"><xs:complexType><xs:sequence><xs:element name=\"b\" type=\"t:B\"/><xs:any namespace=\"urn:o\" processContents=\"skip\" " \
	"minOccurs=\"0\"/></xs:sequence></xs:complexType></xs:element><xs:complexType name=\"B\"><xs:simpleContent><xs:extension base=\"t:T\"><xs:anyAttribute " \
	"namespace=\"##any\" processContents=\"skip\"/></xs:extension></xs:simpleContent></xs:complexType><xs:simpleType name=\"T\"><xs:restriction " \
	"base=\"xs:string\"><xs:maxLength value=\"1\"/></xs:restriction></xs:simpleType>"

static const struct {
	const char *schema, *document;
	bool accepted;  /* else a doubt; with `valid` for what libxml2 makes of it */
	bool valid;
} kinds[] = {
	{ "<xs:element name=\"a\" type=\"xs:string\"/>", A("x y\tz\n"), true, true },
	{ "<xs:element name=\"a\" type=\"xs:token\"/>", A(" x"), false, true },
	{ "<xs:element name=\"a\" type=\"xs:token\"/>", A("x  y"), false, true },
	{ "<xs:element name=\"a\" type=\"xs:nonNegativeInteger\"/>", A("0"), true, true },
	{ "<xs:element name=\"a\" type=\"xs:nonNegativeInteger\"/>", A("+07"), false, true },
	{ "<xs:element name=\"a\" type=\"xs:positiveInteger\"/>", A("0"), false, false },
	{ "<xs:element name=\"a\" type=\"xs:positiveInteger\"/>", A(""), false, false },
	{ "<xs:element name=\"a\" type=\"xs:dateTime\"/>", A("2016-02-03T01:48:21Z"), false, true },
	{ "<xs:element name=\"a\" type=\"xs:dateTime\"/>", A("2016-02-30T01:48:21Z"), false, false },
	{ "<xs:element name=\"a\"/>", A("anything"), false, true },
	{ "<xs:element name=\"a\" type=\"xs:string\" nillable=\"true\"/>", A("x"), false, true },
	{ "<xs:element name=\"a\" type=\"xs:string\" fixed=\"y\"/>", A("x"), false, false },
	{ "<xs:element name=\"a\"><xs:complexType mixed=\"true\"><xs:sequence/></xs:complexType></xs:element>", A("x"), false, true },
	{ "<xs:element name=\"a\"><xs:complexType/></xs:element>", A(""), true, true },
	{ "<xs:element name=\"a\"><xs:complexType/></xs:element>", A(" "), false, false },
	{ "<xs:element name=\"a\"><xs:complexType><xs:all><xs:element name=\"b\" type=\"xs:string\"/></xs:all></xs:complexType></xs:element>", A("<b></b>"), false, true },
	{ "<xs:element name=\"a\"><xs:complexType><xs:sequence><xs:any processContents=\"skip\"/></xs:sequence></xs:complexType></xs:element>", A("<b></b>"), false, true },
	{ "<xs:element name=\"a\"><xs:complexType><xs:sequence><xs:element name=\"b\" type=\"xs:string\" form=\"unqualified\"/></xs:sequence></xs:complexType></xs:element>",
	  A("<b></b>"), false, false },
	{ "<xs:element name=\"a\"><xs:complexType><xs:choice minOccurs=\"2\" maxOccurs=\"unbounded\"><xs:element name=\"b\" type=\"xs:string\"/>"
	  "<xs:element name=\"c\" type=\"xs:positiveInteger\"/></xs:choice></xs:complexType></xs:element>", A("<c>1</c><b></b><c>2</c>"), true, true },
	{ "<xs:element name=\"a\"><xs:complexType><xs:choice minOccurs=\"2\" maxOccurs=\"unbounded\"><xs:element name=\"b\" type=\"xs:string\"/>"
	  "<xs:element name=\"c\" type=\"xs:positiveInteger\"/></xs:choice></xs:complexType></xs:element>", A("<c>1</c>"), false, false },
	{ "<xs:element name=\"a\" type=\"t:A\"/><xs:complexType name=\"A\"><xs:sequence><xs:element name=\"a\" type=\"t:A\" minOccurs=\"0\"/></xs:sequence></xs:complexType>",
	  A("<a><a></a></a>"), true, true },
	{ "<xs:element name=\"a\" type=\"t:A\"/><xs:complexType name=\"A\"><xs:sequence><xs:element name=\"b\" maxOccurs=\"2\" type=\"xs:string\"/>"
	  "<xs:element name=\"c\" minOccurs=\"0\" type=\"xs:string\"/></xs:sequence></xs:complexType>", A("<b></b><b></b><b></b>"), false, false },
	{ "<xs:element name=\"a\" type=\"t:A\"/><xs:complexType name=\"A\"><xs:sequence><xs:element name=\"b\" maxOccurs=\"2\" type=\"xs:string\"/>"
	  "<xs:element name=\"c\" minOccurs=\"0\" type=\"xs:string\"/></xs:sequence></xs:complexType>", A("<c></c>"), false, false },
	{ "<xs:element name=\"a\" type=\"t:A\"/><xs:complexType name=\"A\"><xs:attribute name=\"k\" type=\"xs:token\" use=\"required\"/></xs:complexType>", A(""), false, false },
	{ "<xs:element name=\"a\" type=\"t:A\"/><xs:complexType name=\"A\"><xs:attribute name=\"k\" type=\"xs:token\" use=\"required\"/></xs:complexType>",
	  "<a xmlns=\"urn:t\" k=\"1\"></a>", true, true },
	{ "<xs:element name=\"a\" type=\"t:A\"/><xs:complexType name=\"A\"><xs:attribute name=\"k\" type=\"xs:token\" use=\"required\"/></xs:complexType>",
	  "<a xmlns=\"urn:t\" k=\"1\" k=\"1\"></a>", false, false },
	{ "<xs:element name=\"a\" type=\"t:T\"/><xs:simpleType name=\"T\"><xs:restriction base=\"xs:string\"><xs:maxLength value=\"2\"/></xs:restriction></xs:simpleType>",
	  A("\xc3\xa4&amp;"), true, true },
	{ "<xs:element name=\"a\" type=\"t:T\"/><xs:simpleType name=\"T\"><xs:restriction base=\"xs:string\"><xs:maxLength value=\"2\"/></xs:restriction></xs:simpleType>",
	  A("\xc3\xa4&amp;1"), false, false },
	{ "<xs:element name=\"a\" type=\"t:U\"/><xs:simpleType name=\"U\"><xs:restriction base=\"t:T\"><xs:enumeration value=\"ab\"/><xs:enumeration value=\"c\"/></xs:restriction>"
	  "</xs:simpleType><xs:simpleType name=\"T\"><xs:restriction base=\"xs:token\"><xs:pattern value=\"[a-c]+\"/></xs:restriction></xs:simpleType>", A("c"), true, true },
	{ "<xs:element name=\"a\" type=\"t:T\"/><xs:simpleType name=\"T\"><xs:restriction base=\"xs:token\"><xs:pattern value=\"a+\"/><xs:pattern value=\"b\"/></xs:restriction>"
	  "</xs:simpleType>", A("b"), true, true },
	{ "<xs:element name=\"a\" type=\"t:T\"/><xs:simpleType name=\"T\"><xs:restriction base=\"xs:token\"><xs:pattern value=\"\\p{L}\"/></xs:restriction></xs:simpleType>",
	  A("b"), false, true },
	{ "<xs:element name=\"a\" type=\"t:T\"/><xs:simpleType name=\"T\"><xs:restriction base=\"xs:positiveInteger\"><xs:totalDigits value=\"2\"/></xs:restriction></xs:simpleType>",
	  A("123"), false, false },
	{ "<xs:element name=\"a\" type=\"xs:decimal\"/>", A("-12.50"), true, true },
	{ "<xs:element name=\"a\" type=\"xs:decimal\"/>", A(" 12"), false, true },
	{ "<xs:element name=\"a\" type=\"xs:decimal\"/>", A("1e3"), false, false },
	{ "<xs:element name=\"a\" type=\"xs:decimal\"/>", A("1.2.3"), false, false },
	{ "<xs:element name=\"a\" type=\"xs:decimal\"/>", A("-"), false, false },
	{ TWO, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" A("\n\t<b>1</b>\n <c>2</c>\n") "\n", true, true },
	{ TWO, "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>" A("<b>1</b>"), false, true },
	{ TWO, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", false, false },
	{ TWO, A("\xc2\xa0<b>1</b>"), false, false },
	{ TWO, A("<b>1</b>x"), false, false },
	{ TWO, A("<b>1</b>") "x", false, false },
	{ ANY, A("<b>1</b><o:x xmlns:o=\"urn:o\">a <o:y>b</o:y><o:x></o:x>\n</o:x>"), true, true },
	{ ANY, A("<b>1</b><o:x xmlns:o=\"urn:o\">a <b>b</b></o:x>"), true, true },
	{ ANY, A("<b>1</b>"), true, true },
	{ ANY, A("<b>1</b><o:x xmlns:o=\"urn:o\" k=\"1\"></o:x>"), false, true },
	{ ANY, A("<b>1</b><o:x xmlns:o=\"urn:o\"></o:x><o:x xmlns:o=\"urn:o\"></o:x>"), false, false },
	{ ANY, A("<b>1</b><o:x xmlns:o=\"urn:o\"></x></o:x>"), false, false },
	{ ANY, A("<b>1</b><o:x xmlns:o=\"urn:p\"></o:x>"), false, false },
	{ ANY, A("<o:x xmlns:o=\"urn:o\"></o:x>"), false, false },
	{ ANY, A("<b k=\"1\">1</b>"), false, true },
	{ ANY, A("<b>12</b>"), false, false },
	{ "<xs:element name=\"a\" type=\"t:T\"/><xs:simpleType name=\"T\"><xs:union memberTypes=\"xs:token xs:positiveInteger\"/></xs:simpleType>", A("b"), false, true },
	{ "<xs:element name=\"a\" type=\"t:A\"><xs:unique name=\"u\"><xs:selector xpath=\"t:b\"/><xs:field xpath=\".\"/></xs:unique></xs:element><xs:complexType name=\"A\">"
	  "<xs:sequence><xs:element name=\"b\" maxOccurs=\"2\" type=\"xs:string\"/></xs:sequence></xs:complexType>", A("<b>1</b><b>1</b>"), false, false },
	{ "<xs:group name=\"g\"><xs:sequence><xs:element name=\"b\" type=\"xs:string\"/></xs:sequence></xs:group><xs:element name=\"a\" type=\"xs:string\"/>", A("x"), false, true },
};

START_TEST(what_is_not_plain_is_left_to_libxml2)
{
	char folder[] = "/tmp/grammar-XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		ARENA_AUTO arena = arena_new();
		const char *path = file_path(arena, folder, "a.xsd");
		struct xml_schema *schema;
		struct xml_document *parsed;
		struct error why = { 0 };
		struct bytes document = bytes_of_text(kinds[i].document);
		must_succeed(file_write(path, bytes_of_text(arena_printf(arena, HEAD "%s</xs:schema>", kinds[i].schema)), 0600, error));
		must_succeed(xml_schema_open(path, &schema, error));
		struct grammar *grammar = grammar_open(path);
		ck_assert_msg((grammar && grammar_accepts(grammar, document)) == kinds[i].accepted, "%zu: %s: %s", i, kinds[i].schema, kinds[i].document);
		bool valid = xml_parse(arena, document, NULL, &parsed, &why) == 0 && xml_schema_check(schema, parsed, &why) == 0;
		ck_assert_msg(valid == kinds[i].valid, "%zu: %s: %s: %s", i, kinds[i].schema, kinds[i].document, why.text);
		ck_assert_msg((xml_schema_check_own(schema, document, &why) == 0) == valid, "%zu: %s", i, why.text);
		grammar_free(&grammar);
		xml_schema_free(&schema);
		unlink(path);
	}
	rmdir(folder);
}
END_TEST

SUITE("grammar", a_pattern_matches_the_whole_of_a_text, a_pattern_of_another_kind_is_not_taken, what_a_grammar_accepts_is_valid,
      what_a_grammar_accepts_of_other_kinds_is_valid,      what_is_not_plain_is_left_to_libxml2)
