/* xml: documents from outside, on libxml2, which no other folder knows.
 *
 * xml_parse is the one way in. It caps octets; one linear pass counts attributes, elements and depth and refuses what
 * opens "<!" and is neither comment nor CDATA (libxml2 would spend seconds on 100,000 attributes before anybody is
 * asked); only then libxml2 runs, without entities, DTDs, XInclude, network. UTF-8 only.
 *
 * The tree is ours: frozen, in the arena, with the line of every element. The document keeps libxml2's beside it, for
 * canonical forms and schemas, and belongs to the arena too.
 */
#ifndef SEALGATE_LIB_XML_XML_H
#define SEALGATE_LIB_XML_XML_H

#include "lib/base/arena.h"

struct xml_limits {      /* 0: the default */
	size_t bytes;        /* 8 MiB */
	size_t elements;     /* 200,000 */
	unsigned attributes; /* of one element, xmlns included: 64 */
	unsigned depth;      /* 64 */
};

struct xml_attribute {
	const char *uri;     /* "": none */
	const char *name, *value;
	const struct xml_attribute *next;
};

struct xml_node {
	const char *uri;     /* "": no namespace */
	const char *name;    /* local */
	const char *text;    /* its own text and CDATA, joined, as it stands */
	unsigned line;
	const struct xml_attribute *attributes;
	const struct xml_node *parent, *child, *next;  /* elements only */
	void *inside;        /* lib/xml's own */
};

struct xml_document {
	const struct xml_node *root;
	void *inside;
};

/* Fails with BAD_XML (place: line and column), TOO_LARGE. */
int xml_parse(struct arena *arena, struct bytes octets, const struct xml_limits *limits, struct xml_document **document_r,
              struct error *error) must_use;

/* The first child of that name; uri NULL: in any namespace. NULL: none; parent may be NULL. */
const struct xml_node *xml_child(const struct xml_node *parent, const char *uri, const char *name);
const struct xml_node *xml_next_same(const struct xml_node *node);  /* the next sibling of the same name */
const char *xml_attribute(const struct xml_node *node, const char *name);  /* without namespace; NULL: none */
const char *xml_text(struct arena *arena, const struct xml_node *node);    /* without blanks at its ends; NULL for NULL */
/* Text of the child, or NULL. */
const char *xml_child_text(struct arena *arena, const struct xml_node *parent, const char *uri, const char *name);
size_t xml_count(const struct xml_node *root, const char *uri, const char *name);  /* in the whole tree */

/* Exclusive C14N without comments of the element and what is in it (RFC 3741). `without` (may be NULL): an element that
 * is left out, with all in it. */
int xml_canonical(const struct xml_document *document, const struct xml_node *apex, const struct xml_node *without, struct buffer *out,
                  struct error *error) must_use;

/* The same, with the namespaces of these prefixes handled as inclusive C14N does (RFC 3741 3: PrefixList, separated by blanks,
 * "#default" among them; NULL: none). apex NULL: the whole document, with the instructions around its root. */
int xml_canonical_inclusive(const struct xml_document *document, const struct xml_node *apex, const char *prefixes, struct buffer *out,
                            struct error *error) must_use;

/* A schema (XSD 1.0): read once, used by any thread. */
struct xml_schema;
int xml_schema_open(const char *path, struct xml_schema **schema_r, struct error *error) must_use;
void xml_schema_free(struct xml_schema **schema);
/* Fails with BAD_SCHEMA: the first thing that is wrong, with its line, and how many there are. */
int xml_schema_check(const struct xml_schema *schema, const struct xml_document *document, struct error *error) must_use;
/* The same of a document whose octets are still there: what the pass that xml_schema_check_own makes finds good needs no libxml2. What
 * is to be judged is the document that xml_parse has made of these octets, which it has screened. */
int xml_schema_check_parsed(const struct xml_schema *schema, const struct xml_document *document, struct bytes octets, struct error *error) must_use;
/* The same for a document of our own making, without a tree: one pass holds it against the rules of the schema, as far as they are of
 * the plain kind (grammar.h); what that pass is not sure of is parsed and judged by libxml2. Not for anything from outside: nothing
 * is screened. Fails with BAD_XML too. */
int xml_schema_check_own(const struct xml_schema *schema, struct bytes octets, struct error *error) must_use;

void xml_escape_text(struct buffer *out, const char *text);       /* & < > CR as C14N writes them */
void xml_escape_attribute(struct buffer *out, const char *text);  /* & < " TAB LF CR */

#endif
