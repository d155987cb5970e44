/* XML from outside costs what its size says, and not a multiple of it. */
#include "lib/xml/xml.h"

#include "support/suite.h"

#define ELEMENTS 60000

/* A namespace of a name of `uri` characters, and many elements in it. */
static void tower(struct buffer *out, int uri, const char *child)
{
	buffer_add_text(out, "<a xmlns:n=\"urn:");
	for (int i = 0; i < uri; i++)
		buffer_add_char(out, 'u');
	buffer_add_text(out, "\">");
	for (int i = 0; i < ELEMENTS; i++)
		buffer_add_text(out, child);
	buffer_add_text(out, "</a>");
}

START_TEST(a_long_namespace_is_kept_once)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO text = { 0 };
	struct xml_document *document;
	tower(&text, 400, "<n:b n:c=\"1\"/>");
	must_succeed(xml_parse(arena, buffer_bytes(&text), NULL, &document, error));
	ck_assert_uint_eq(xml_count(document->root, NULL, "b"), ELEMENTS);
	ck_assert_ptr_eq(document->root->child->uri, document->root->child->next->uri);
	ck_assert_ptr_eq(document->root->child->attributes->uri, document->root->child->uri);
}
END_TEST

START_TEST(a_namespace_as_long_as_a_document_is_refused)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO text = { 0 };
	struct xml_document *document;
	tower(&text, 300000, "<n:b/>");
	must_fail(xml_parse(arena, buffer_bytes(&text), NULL, &document, error), TOO_LARGE);
}
END_TEST

START_TEST(a_canonical_form_has_a_ceiling)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO text = { 0 };
	BUFFER_AUTO out = { .ceiling = 1 << 20 };
	struct xml_document *document;
	tower(&text, 400, "<n:b/>");
	must_succeed(xml_parse(arena, buffer_bytes(&text), NULL, &document, error));
	must_fail(xml_canonical(document, document->root, NULL, &out, error), TOO_LARGE);
}
END_TEST

SUITE("xml", a_namespace_as_long_as_a_document_is_refused, a_long_namespace_is_kept_once, a_canonical_form_has_a_ceiling)
