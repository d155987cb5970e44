/* source: a mapping or schema file as a tree in which every attribute and every text knows its line.
 *
 * Reads the files that ship with the gateway and stand in its configuration, never anything from outside (that is
 * lib/xml's business). What it takes is less than XML: no DOCTYPE, no processing instructions, UTF-8 only.
 */
#ifndef SEALGATE_MAP_SOURCE_H
#define SEALGATE_MAP_SOURCE_H

#include "lib/base/arena.h"

#define SOURCE_MAPPING_NS "urn:sealgate:mapping:1"

struct source_attribute {
	const char *prefix;  /* "" where there is none */
	const char *name;
	const char *uri;     /* "": no namespace */
	const char *value;
	unsigned line;
	struct source_attribute *next;
};

struct source_node {
	const char *prefix;
	const char *name;    /* NULL: this is text */
	const char *uri;
	const char *text;    /* of a text node: entities resolved, neighbours joined */
	unsigned line;
	struct source_attribute *attributes;  /* without xmlns declarations */
	struct source_node *child, *next, *parent;
};

/* Fails with BAD_MAPPING; error.place is "line N". */
int source_read(struct arena *arena, const char *text, struct source_node **root_r, struct error *error) must_use;
/* The attribute of that namespace ("": none) and name, or NULL. */
const struct source_attribute *source_attribute(const struct source_node *node, const char *uri, const char *name);
const char *source_value(const struct source_node *node, const char *uri, const char *name);  /* NULL: not there */

#endif
