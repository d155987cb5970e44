/* node: what a tree is made of. Private to lib/json.
 *
 * A scalar is a node and its text; an object or an array is a list with a growing row of members or elements, which knows
 * its arena. Members stand in the order in which they came; one is found by looking at them all while they are few, from
 * INDEX_FROM on through an index. Its hash has a secret multiplier: whoever writes the names cannot make them meet.
 */
#ifndef SEALGATE_LIB_JSON_NODE_H
#define SEALGATE_LIB_JSON_NODE_H

#include "lib/json/json.h"

#define INDEX_FROM 16

struct json {
	enum json_kind kind;
	uint32_t size;          /* octets of text; members, elements */
	const char *text;       /* of a string, as it is meant; of a number, its token; "true", "false" */
};

struct member {
	const char *name;
	struct json *value;
	uint32_t size, hash;    /* of the name; the hash where there is an index */
};

struct list {
	struct json head;       /* first: a node can be looked at as either */
	struct arena *arena;
	uint32_t room, slots;
	union {
		struct member *members;
		struct json **elements;
	};
	uint32_t *index;        /* NULL, or numbers of members plus 1 in `slots` places, a power of two */
};

static inline struct list *node_list(const struct json *node)
{
	return (struct list *)(uintptr_t)node;
}

static inline bool node_is(const struct json *node, enum json_kind kind)
{
	return node && node->kind == kind;
}

/* Scalars that are the same everywhere, and never change. */
extern struct json node_null, node_true, node_false;

struct json *node_text(struct arena *arena, enum json_kind kind, const char *text, size_t size);  /* a copy */
/* Of `count` members (elements), which are copied. */
struct list *node_object(struct arena *arena, const struct member *members, size_t count);
struct list *node_array(struct arena *arena, const struct member *elements, size_t count);
/* The first name that stands twice, as far as it is known; NULL: none does. To be asked of an object that node_object made, once. */
const struct member *node_twice(struct list *object);

#endif
