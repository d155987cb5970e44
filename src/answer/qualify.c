/* Documents without namespaces: some customs systems send them, and many samples circulate so. Which element belongs to which
 * namespace follows from where it stands; then the document goes the way of all others. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/text.h"

#define META "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
#define RES "urn:wco:datamodel:WCO:RES-DMS:2"
#define RES_DS "urn:wco:datamodel:WCO:Response_DS:DMS:2"
#define DEC "urn:wco:datamodel:WCO:DEC-DMS:2"
#define DEC_DS "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"

struct writer {
	struct buffer *out;
	unsigned line;
};

bool document_is_bare(const struct xml_node *root)
{
	if (*root->uri)
		return false;
	for (const struct xml_node *child = root->child; child; child = child->next)
		if (!document_is_bare(child))
			return false;
	return true;
}

static const char *namespace_of(const struct xml_node *node, const char *outer, size_t declarations)
{
	if (text_equal(outer, META))
		return text_equal(node->name, "Response") ? RES : META;
	if (text_equal(node->name, "DateTimeString"))
		return text_equal(outer, DEC) ? DEC_DS : RES_DS;
	/* the second Declaration of a Response is the corrected declaration itself */
	if (text_equal(outer, RES) && text_equal(node->name, "Declaration") && declarations && text_equal(node->parent->name, "Response"))
		return DEC;
	return outer;
}

static void lines_add(struct writer *w, const char *text)
{
	for (; *text; text++)
		w->line += *text == '\n';
}

static void element_write(struct writer *w, const struct xml_node *node, const char *uri)
{
	for (; w->line < node->line; w->line++)
		buffer_add_char(w->out, '\n');
	buffer_printf(w->out, "<%s xmlns=\"%s\"", node->name, uri);
	for (const struct xml_attribute *a = node->attributes; a; a = a->next) {
		if (*a->uri)
			continue;  /* xsi:schemaLocation and its like */
		buffer_printf(w->out, " %s=\"", a->name);
		xml_escape_attribute(w->out, a->value);
		buffer_add_char(w->out, '"');
	}
	buffer_add_char(w->out, '>');
	size_t declarations = 0;
	if (!node->child) {
		xml_escape_text(w->out, node->text);
		lines_add(w, node->text);
	}
	for (const struct xml_node *child = node->child; child; child = child->next) {
		element_write(w, child, namespace_of(child, uri, declarations));
		declarations += text_equal(child->name, "Declaration");
	}
	buffer_printf(w->out, "</%s>", node->name);
}

void document_qualify(const struct xml_node *root, struct buffer *out)
{
	struct writer w = { out, 1 };
	element_write(&w, root, META);
}
