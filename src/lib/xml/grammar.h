/* grammar: schemas as rules that one pass over a document's octets is held against. Private to lib/xml.
 *
 * A grammar only ever says yes: the document is well-formed and valid beyond doubt. Whatever it does not know (a construct of the
 * schema, a form of XML that our own writer does not write) is a doubt, as is everything that is wrong; then libxml2 decides, and
 * says why. So a schema may hold anything, and only what stands in the plain part below is fast:
 *
 * - elements, local and global, of named and nested types; sequences of elements and of choices between elements, each any number
 *   of times; attributes; simple content; xs:import and xs:include of files beside it, elementFormDefault="qualified";
 * - xs:any of one namespace, skipped; what stands there has no attributes. xs:anyAttribute, of which none may be there;
 * - xs:string, xs:token, xs:decimal, xs:positiveInteger, xs:nonNegativeInteger, restricted by lengths, totalDigits, values, and patterns;
 * - documents in the form of Exclusive C14N: UTF-8, no comments, instructions, CDATA or empty-element tags. Besides, an XML declaration
 *   in its usual forms, and spaces, tabs and line feeds between elements: so do others write.
 */
#ifndef SEALGATE_LIB_XML_GRAMMAR_H
#define SEALGATE_LIB_XML_GRAMMAR_H

#include "lib/base/arena.h"
#include "lib/xml/pattern.h"

enum simple_kind { SIMPLE_STRING, SIMPLE_TOKEN, SIMPLE_DECIMAL, SIMPLE_POSITIVE, SIMPLE_NATURAL };

struct simple {
	const struct simple *base;         /* NULL: one that XSD defines, `kind` */
	enum simple_kind kind;
	bool is_outside;                   /* has something that is not known: every value is a doubt */
	size_t least, most;                /* characters */
	size_t digits;                     /* 0: any number */
	const char **values;               /* one of them; none stated: any */
	size_t value_count;
	const struct pattern **patterns;   /* one of them; none stated: any */
	size_t pattern_count;
};

struct attribute_rule {
	const char *name;
	size_t size;
	const struct simple *type;
	bool is_required;
};

struct element_rule {
	const char *name;                  /* NULL: any */
	size_t size;
	size_t uri;                        /* index among the grammar's */
	const struct content *content;
};

struct particle {                          /* one of these, so many times */
	const struct element_rule **elements;
	size_t count, least, most;         /* SIZE_MAX: without end */
};

struct content {
	bool is_outside;
	bool is_free;                      /* anything, of any of the grammar's namespaces */
	const struct simple *simple;       /* NULL: elements */
	struct particle *particles;
	size_t particle_count;
	struct attribute_rule *attributes; /* at most GRAMMAR_ATTRIBUTES */
	size_t attribute_count;
};

#define GRAMMAR_ATTRIBUTES 32

struct grammar {
	struct arena *arena;
	const char **uris;
	size_t uri_count;
	const struct element_rule **roots;
	size_t root_count;
};

extern const struct content grammar_free_content;

/* Of a schema that libxml2 has taken. NULL: the file is built in a way that is not known, and everything would be a doubt. */
struct grammar *grammar_open(const char *path);
void grammar_free(struct grammar **grammar);
bool grammar_accepts(const struct grammar *grammar, struct bytes document);

#endif
