/* Exclusive canonical forms with a PrefixList, of a part and of the whole document; what has none is refused without a word. */
#include <stdio.h>
#include <unistd.h>

#include "lib/xml/xml.h"
#include "support/suite.h"

#define DOCUMENT "<?xml version=\"1.0\"?>\n<?p i?><!-- c -->\n<a:x xmlns:a='urn:a' xmlns:b='urn:b' xmlns='urn:d'><a:y c='2' b='1'/></a:x>\n"

static const char *canonical(struct arena *arena, const char *text, bool child, const char *prefixes)
{
	struct xml_document *document;
	BUFFER_AUTO out = { 0 };
	must_succeed(xml_parse(arena, bytes_of_text(text), NULL, &document, error));
	must_succeed(xml_canonical_inclusive(document, child ? document->root->child : NULL, prefixes, &out, error));
	return arena_text(arena, buffer_text(&out));
}

START_TEST(prefixes_are_handled_as_inclusive)
{
	ARENA_AUTO arena = arena_new();
	ck_assert_str_eq(canonical(arena, DOCUMENT, true, NULL), "<a:y xmlns:a=\"urn:a\" b=\"1\" c=\"2\"></a:y>");
	ck_assert_str_eq(canonical(arena, DOCUMENT, true, ""), "<a:y xmlns:a=\"urn:a\" b=\"1\" c=\"2\"></a:y>");
	ck_assert_str_eq(canonical(arena, DOCUMENT, true, "b"), "<a:y xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" b=\"1\" c=\"2\"></a:y>");
	ck_assert_str_eq(canonical(arena, DOCUMENT, true, " zz b\n#default"), "<a:y xmlns=\"urn:d\" xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" b=\"1\" c=\"2\"></a:y>");
	ck_assert_str_eq(canonical(arena, DOCUMENT, false, NULL), "<?p i?>\n<a:x xmlns:a=\"urn:a\"><a:y b=\"1\" c=\"2\"></a:y></a:x>");
}
END_TEST

START_TEST(what_has_no_canonical_form_is_refused_silently)
{
	ARENA_AUTO arena = arena_new();
	struct xml_document *document;
	BUFFER_AUTO out = { 0 };
	BUFFER_AUTO many = { 0 };
	FILE *heard = tmpfile();
	int kept = dup(STDERR_FILENO);
	must_succeed(xml_parse(arena, bytes_of_text("<x xmlns:r='relative'><r:y/></x>"), NULL, &document, error));
	dup2(fileno(heard), STDERR_FILENO);
	struct error why = { 0 };
	int result = xml_canonical_inclusive(document, document->root, NULL, &out, &why);
	dup2(kept, STDERR_FILENO);
	ck_assert_int_lt(result, 0);
	ck_assert_int_eq(why.code, ERROR_BAD_XML);
	fseek(heard, 0, SEEK_END);
	ck_assert_int_eq(ftell(heard), 0);
	fclose(heard);
	close(kept);
	for (int i = 0; i < 40; i++)
		buffer_printf(&many, "p%d ", i);
	must_succeed(xml_parse(arena, bytes_of_text("<x/>"), NULL, &document, error));
	must_fail(xml_canonical_inclusive(document, document->root, buffer_text(&many), &out, error), BAD_XML);
}
END_TEST

SUITE("canonical", prefixes_are_handled_as_inclusive, what_has_no_canonical_form_is_refused_silently)
