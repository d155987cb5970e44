/* XML from outside. What is taken has a canonical form that is its own canonical form. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/xml/xml.h"

static size_t walk(const struct xml_node *node)
{
	size_t count = 1;
	property(node->name && *node->name && node->uri && node->text && node->line);
	property(text_utf8_check(bytes_of_text(node->text)) == strlen(node->text));
	for (const struct xml_attribute *a = node->attributes; a; a = a->next)
		property(a->uri && a->name && a->value);
	for (const struct xml_node *child = node->child; child; child = child->next) {
		property(child->parent == node);
		count += walk(child);
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct error why = { 0 };
	struct xml_document *document, *again;
	struct xml_limits narrow = { .elements = 2000 }, wide = { .bytes = 64 << 20, .elements = 2000, .attributes = 200 };
	BUFFER_AUTO first = { 0 };
	BUFFER_AUTO second = { 0 };
	if (xml_parse(arena, (struct bytes){ (uint8_t *)data, size }, &narrow, &document, &why) < 0) {
		property(why.text[0]);
		return 0;
	}
	property(walk(document->root) <= 2000);
	if (xml_canonical(document, document->root, NULL, &first, &why) < 0)
		return 0;
	works(xml_parse(arena, buffer_bytes(&first), &wide, &again, error));
	works(xml_canonical(again, again->root, NULL, &second, error));
	property(bytes_equal(buffer_bytes(&first), buffer_bytes(&second)));
	return 0;
}
