/* json: trees read from outside and written by us (RFC 8259).
 *
 * Numbers are text from end to end: "30.87770100" comes out as it went in. Reading is one pass: number tokens, depth and
 * counts are checked, and what RFC 8259 does not allow is refused; so are duplicate member names, NUL in text, lone
 * surrogates, NaN, a byte order mark and octets after the value, all with line and column in error.place.
 *
 * Every node, text and name belongs to the arena that it was made in or parsed into: nothing is freed one by one, also
 * where it is taken out of its tree or replaced, and a node put into a tree of another arena must not outlive its own.
 * A tree that nobody changes may be looked at by several threads. Accessors accept NULL and give "nothing" for it,
 * so that paths can be walked without checks.
 */
#ifndef SEALGATE_LIB_JSON_JSON_H
#define SEALGATE_LIB_JSON_JSON_H

#include "lib/base/arena.h"

struct json;

enum json_kind { JSON_KIND_NONE, JSON_KIND_NULL, JSON_KIND_BOOL, JSON_KIND_NUMBER, JSON_KIND_TEXT, JSON_KIND_ARRAY, JSON_KIND_OBJECT };

struct json_limits {
	size_t bytes;   /* of the whole; 0: 1 MiB */
	size_t nodes;   /* 0: 100,000 */
	size_t text;    /* octets of one string or name; 0: 64 KiB */
	unsigned depth; /* 0: 32 */
};

/* Fails with BAD_JSON or TOO_LARGE. `limits` may be NULL. */
int json_parse(struct arena *arena, struct bytes bytes, const struct json_limits *limits, struct json **root_r,
               struct error *error) must_use;

enum json_kind json_kind(const struct json *node);
const char *json_kind_name(enum json_kind kind);                          /* "object", "text", "number", ... */
struct json *json_find(const struct json *object, const char *name);      /* NULL: not there, or no object */
struct json *json_at(const struct json *array, size_t index);             /* NULL: past the end, or no array */
size_t json_count(const struct json *node);                               /* members or elements */
const char *json_text(const struct json *node);                           /* of a string, else NULL */
const char *json_number(const struct json *node);                         /* a number's token as it came, else NULL */
const char *json_scalar(const struct json *node);                         /* string, number token, "true", "false"; else NULL */
bool json_bool(const struct json *node, bool otherwise);
/* Names and indexes joined by points: json_path(root, "legs.0.from.locode"). NULL where a step is missing. */
struct json *json_path(const struct json *root, const char *path);
const char *json_path_text(const struct json *root, const char *path);    /* json_text(json_path()) */

/* for (struct json_iter it = json_iter(object); json_next(&it);) ... it.name, it.value. Members in the order in
 * which they came; elements of an array with name NULL. The object or array must not change meanwhile. */
struct json_iter {
	const char *name;
	struct json *value;
	size_t index;
	const struct json *over;
};
struct json_iter json_iter(const struct json *node);
bool json_next(struct json_iter *it);

struct json *json_new_object(struct arena *arena);
struct json *json_new_array(struct arena *arena);
struct json *json_new_text(struct arena *arena, const char *text);        /* NULL gives null; must be UTF-8 */
struct json *json_new_number(struct arena *arena, const char *token);     /* a JSON number token: a promise */
struct json *json_new_integer(struct arena *arena, int64_t value);
struct json *json_new_bool(struct arena *arena, bool value);
struct json *json_new_null(struct arena *arena);
struct json *json_clone(struct arena *arena, const struct json *node);    /* deep */
void json_set(struct json *object, const char *name, struct json *value); /* replaces; value NULL: does nothing */
void json_set_text(struct arena *arena, struct json *object, const char *name, const char *text); /* NULL: nothing */
void json_set_integer(struct arena *arena, struct json *object, const char *name, int64_t value);
void json_set_bool(struct arena *arena, struct json *object, const char *name, bool value);
void json_unset(struct json *object, const char *name);
void json_append(struct json *array, struct json *value);

enum json_form {
	JSON_COMPACT,
	JSON_PRETTY,    /* two blanks, a line feed at the end */
	JSON_CANONICAL, /* compact, members sorted by name bytewise: what digests and comparisons are taken over */
};
void json_write(struct buffer *out, const struct json *node, enum json_form form);
char *json_to_text(struct arena *arena, const struct json *node, enum json_form form);
bool json_same(const struct json *a, const struct json *b);               /* canonical forms are equal */

#endif
