#include "lib/xml/xml.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/xml/guard.h"

#define NAMESPACE_MOST 500

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* libxml2 2.9 does not survive every allocation that fails. Lost memory ends the process here as everywhere (lib/base/arena.h). */
static void *memory_or_end(void *memory)
{
	if (!memory)
		die("out of memory: reading XML");
	return memory;
}

static void *xml_alloc(size_t size)
{
	return memory_or_end(malloc(size ? size : 1));
}

static void *xml_resize(void *old, size_t size)
{
	return memory_or_end(realloc(old, size ? size : 1));
}

static char *xml_copy(const char *text)
{
	return memory_or_end(strdup(text));
}

static void library_init(void)
{
	xmlMemSetup(free, xml_alloc, xml_resize, xml_copy);
	LIBXML_TEST_VERSION
	xmlInitParser();
}

void xml_library_init(void)
{
	pthread_once(&once, library_init);
}

static void document_free(void *document)
{
	xmlFreeDoc(document);
}

/* ---- the tree ---- */

static void take_text(struct arena *arena, struct xml_node *node, const xmlNode *in)
{
	BUFFER_AUTO text = { 0 };
	for (const xmlNode *n = in->children; n; n = n->next)
		if ((n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) && n->content)
			buffer_add_text(&text, (const char *)n->content);
	node->text = arena_text(arena, buffer_text(&text));
}

static void take_attributes(struct arena *arena, struct xml_node *node, xmlNode *in)
{
	const struct xml_attribute **last = &node->attributes;
	for (xmlAttr *a = in->properties; a; a = a->next) {
		struct xml_attribute *attribute = arena_alloc(arena, sizeof *attribute);
		xmlChar *value = xmlNodeListGetString(in->doc, a->children, 1);
		attribute->uri = a->ns ? (const char *)a->ns->href : "";
		attribute->name = (const char *)a->name;
		attribute->value = value ? arena_text(arena, (const char *)value) : "";
		xmlFree(value);
		*last = attribute;
		last = &attribute->next;
	}
}

/* Names and namespaces stay libxml2's, which lives as long: a namespace's URI is as long as its author likes, and there are as
 * many elements in it. */
static struct xml_node *take(struct arena *arena, xmlNode *in, const struct xml_node *parent)
{
	struct xml_node *node = arena_alloc(arena, sizeof *node);
	long line = xmlGetLineNo(in);
	*node = (struct xml_node){ .uri = in->ns ? (const char *)in->ns->href : "", .name = (const char *)in->name,
		                   .line = line > 0 ? (unsigned)line : 0, .parent = parent, .inside = in };
	take_text(arena, node, in);
	take_attributes(arena, node, in);
	const struct xml_node **last = &node->child;
	for (xmlNode *n = in->children; n; n = n->next)
		if (n->type == XML_ELEMENT_NODE) {
			struct xml_node *child = take(arena, n, node);
			*last = child;
			last = &child->next;
		}
	return node;
}

/* A namespace's name is short. One as long as the document, said once and used by every element, is read and written again at
 * each of them when the canonical form is made. */
static bool namespaces_are_short(const xmlNode *node)
{
	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		for (const xmlNs *ns = node->nsDef; ns; ns = ns->next)
			if (ns->href && strlen((const char *)ns->href) > NAMESPACE_MOST)
				return false;
		if (!namespaces_are_short(node->children))
			return false;
	}
	return true;
}

int xml_parse(struct arena *arena, struct bytes octets, const struct xml_limits *limits, struct xml_document **document_r, struct error *error)
{
	struct xml_limits own = limits ? *limits : (struct xml_limits){ 0 };
	own.bytes = own.bytes ? own.bytes : (size_t)8 << 20;
	own.elements = own.elements ? own.elements : 200000;
	own.attributes = own.attributes ? own.attributes : 64;
	own.depth = own.depth ? own.depth : 64;
	must(own.bytes <= INT_MAX);
	TRY(guard_octets(octets, &own, error));
	xml_library_init();
	xmlParserCtxt *context = xmlNewParserCtxt();
	if (!context)
		die("out of memory");
	xmlDoc *document = xmlCtxtReadMemory(context, (const char *)octets.data, (int)octets.size, NULL, "UTF-8",
	                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_BIG_LINES);
	/* An attribute twice, under two prefixes of one namespace, or a prefix that is not bound: libxml2 says so, and gives the document. */
	bool bad = !document || !xmlDocGetRootElement(document) || document->intSubset || !context->nsWellFormed;
	if (bad) {
		const xmlError *last = xmlCtxtGetLastError(context);
		char text[300] = "it is empty";
		if (last && last->message)
			snprintf(text, sizeof text, "%.*s", (int)strcspn(last->message, "\n"), last->message);
		error_set(error, ERROR_BAD_XML, "the document is not well-formed: %s", text);
		error_at(error, "line %d, column %d", last ? last->line : 1, last ? last->int2 : 1);
		xmlFreeDoc(document);
	}
	xmlFreeParserCtxt(context);
	if (bad)
		return -1;
	arena_at_free(arena, document_free, document);
	if (!namespaces_are_short(xmlDocGetRootElement(document)))
		FAIL(error, TOO_LARGE, "the name of a namespace has more than %d octets", NAMESPACE_MOST);
	struct xml_document *out = arena_alloc(arena, sizeof *out);
	*out = (struct xml_document){ take(arena, xmlDocGetRootElement(document), NULL), document };
	*document_r = out;
	return 0;
}

/* ---- reading ---- */

static bool is_named(const struct xml_node *node, const char *uri, const char *name)
{
	return text_equal(node->name, name) && (!uri || text_equal(node->uri, uri));
}

const struct xml_node *xml_child(const struct xml_node *parent, const char *uri, const char *name)
{
	const struct xml_node *node = parent ? parent->child : NULL;
	while (node && !is_named(node, uri, name))
		node = node->next;
	return node;
}

const struct xml_node *xml_next_same(const struct xml_node *node)
{
	const struct xml_node *next = node->next;
	while (next && !is_named(next, node->uri, node->name))
		next = next->next;
	return next;
}

const char *xml_attribute(const struct xml_node *node, const char *name)
{
	for (const struct xml_attribute *a = node->attributes; a; a = a->next)
		if (!*a->uri && text_equal(a->name, name))
			return a->value;
	return NULL;
}

const char *xml_text(struct arena *arena, const struct xml_node *node)
{
	if (!node)
		return NULL;
	const char *text = node->text + strspn(node->text, " \t\r\n");
	size_t n = strlen(text);
	while (n && strchr(" \t\r\n", text[n - 1]))
		n--;
	return arena_text_n(arena, text, n);
}

const char *xml_child_text(struct arena *arena, const struct xml_node *parent, const char *uri, const char *name)
{
	return xml_text(arena, xml_child(parent, uri, name));
}

size_t xml_count(const struct xml_node *root, const char *uri, const char *name)
{
	size_t count = is_named(root, uri, name);
	for (const struct xml_node *node = root->child; node; node = node->next)
		count += xml_count(node, uri, name);
	return count;
}

/* ---- canonical form ---- */

struct choice {
	const xmlNode *apex, *without;
};

/* Is it in the set? libxml2 asks for every node; namespace nodes come with their element as the parent. */
static int chosen(void *context, xmlNode *node, xmlNode *parent)
{
	const struct choice *choice = context;
	const xmlNode *at = node->type == XML_NAMESPACE_DECL ? parent : node;
	for (; at && at->type != XML_DOCUMENT_NODE; at = at->parent) {
		if (at == choice->without)
			return 0;
		if (at == choice->apex)
			return 1;
	}
	return 0;
}

static int sink(void *context, const char *octets, int size)
{
	struct buffer *out = context;
	buffer_add(out, octets, (size_t)size);
	return out->over ? -1 : size;
}

/* Else libxml2 writes what it finds wrong to stderr, in words that a stranger chose. */
static void be_silent(void *context, xmlError *why)
{
	(void)context, (void)why;
}

static int canonical(const struct xml_document *document, struct choice *choice, xmlChar **prefixes, struct buffer *out, struct error *error)
{
	xmlOutputBuffer *to = xmlOutputBufferCreateIO(sink, NULL, out, NULL);
	if (!to)
		die("out of memory");
	xmlSetStructuredErrorFunc(NULL, be_silent);  /* of this thread */
	int result = xmlC14NExecute(document->inside, choice ? chosen : NULL, choice, XML_C14N_EXCLUSIVE_1_0, prefixes, 0, to);
	xmlSetStructuredErrorFunc(NULL, NULL);
	bool closed = xmlOutputBufferClose(to) >= 0;
	if (out->over)
		FAIL(error, TOO_LARGE, "the document's canonical form is too large: it repeats namespaces again and again");
	if (!closed || result < 0)
		FAIL(error, BAD_XML, "the document has no canonical form");
	return 0;
}

int xml_canonical(const struct xml_document *document, const struct xml_node *apex, const struct xml_node *without, struct buffer *out,
                  struct error *error)
{
	struct choice choice = { apex->inside, without ? without->inside : NULL };
	return canonical(document, &choice, NULL, out, error);
}

#define PREFIXES_MOST 32

int xml_canonical_inclusive(const struct xml_document *document, const struct xml_node *apex, const char *prefixes, struct buffer *out,
                            struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct choice choice = { apex ? apex->inside : NULL, NULL };
	xmlChar *list[PREFIXES_MOST + 1] = { 0 };
	size_t count = 0;
	char *rest = arena_text(arena, prefixes ? prefixes : "");
	for (char *one; (one = strsep(&rest, " \t\r\n"));) {
		if (!*one)
			continue;
		if (count == PREFIXES_MOST)
			FAIL(error, BAD_XML, "a PrefixList has more than %d prefixes", PREFIXES_MOST);
		list[count++] = (xmlChar *)one;
	}
	return canonical(document, apex ? &choice : NULL, list, out, error);
}

static void escape(struct buffer *out, const char *text, const char *what)
{
	for (;;) {
		size_t n = strcspn(text, what);
		buffer_add(out, text, n);
		text += n;
		if (!*text)
			return;
		static const struct {
			char c;
			const char *written;
		} table[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" }, { '\t', "&#x9;" }, { '\n', "&#xA;" }, { '\r', "&#xD;" } };
		for (size_t i = 0; i < sizeof table / sizeof *table; i++)
			if (table[i].c == *text)
				buffer_add_text(out, table[i].written);
		text++;
	}
}

void xml_escape_text(struct buffer *out, const char *text)
{
	escape(out, text, "&<>\r");
}

void xml_escape_attribute(struct buffer *out, const char *text)
{
	escape(out, text, "&<\"\t\n\r");
}
