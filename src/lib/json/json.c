#include "lib/json/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/base/text.h"
#include "lib/json/scan.h"

/* jansson tells lost memory as bad input, and copies what it can. It ends the process here as everywhere (lib/base/arena.h). */
static void *json_alloc(size_t size)
{
	void *memory = malloc(size);
	if (!memory)
		die("out of memory: JSON");
	return memory;
}

/* Before anything of jansson's is allocated, in whatever thread. */
__attribute__((constructor)) static void library_init(void)
{
	json_set_alloc_funcs(json_alloc, free);
}

static json_t *inner(const struct json *node)
{
	return (json_t *)(uintptr_t)node;
}

static struct json *outer(const json_t *node)
{
	return (struct json *)(uintptr_t)node;
}

static void release(void *thing)
{
	json_decref(thing);
}

/* The arena owns one reference to each node made in it. */
static struct json *keep(struct arena *arena, json_t *node)
{
	if (!node)
		die("out of memory: JSON value");
	arena_at_free(arena, release, node);
	return outer(node);
}

/* References to all that a tree held when it was made: what is taken out of it or replaced later lives on (json.h). */
struct held {
	size_t count;
	json_t *nodes[];
};

static size_t hold(json_t *node, json_t **nodes)
{
	size_t count = 1, index;
	json_t *inside;
	const char *name;
	if (nodes)
		nodes[0] = json_incref(node);
	json_array_foreach(node, index, inside)
		count += hold(inside, nodes ? nodes + count : NULL);
	json_object_foreach(node, name, inside)
		count += hold(inside, nodes ? nodes + count : NULL);
	return count;
}

static void held_release(void *thing)
{
	struct held *held = thing;
	for (size_t i = 0; i < held->count; i++)
		json_decref(held->nodes[i]);
}

/* As keep(), of a tree that came into being as a whole. */
static struct json *keep_tree(struct arena *arena, json_t *root)
{
	struct json *out = keep(arena, root);
	if (!json_is_array(root) && !json_is_object(root))
		return out;
	size_t count = hold(root, NULL);
	struct held *held = arena_alloc(arena, sizeof *held + count * sizeof *held->nodes);
	held->count = hold(root, held->nodes);
	arena_at_free(arena, held_release, held);
	return out;
}

int json_parse(struct arena *arena, struct bytes bytes, const struct json_limits *limits, struct json **root_r, struct error *error)
{
	struct json_limits with = limits ? *limits : (struct json_limits){ 0 };
	with.bytes = with.bytes ? with.bytes : (size_t)1 << 20;
	with.nodes = with.nodes ? with.nodes : 100000;
	with.text = with.text ? with.text : (size_t)64 << 10;
	with.depth = with.depth ? with.depth : 32;
	BUFFER_AUTO copy = { .ceiling = with.bytes * 10 + 64 };  /* a digit becomes at most ten octets */
	TRY(json_scan(bytes, &with, &copy, error));
	if (copy.over)
		FAIL(error, TOO_LARGE, "JSON text is too large");
	json_error_t why;
	json_t *root = json_loadb(buffer_text(&copy), copy.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &why);
	if (!root)  /* the scan has passed it: what is left is a duplicate name */
		FAIL(error, BAD_JSON, "%s", json_error_code(&why) == json_error_duplicate_key ? "a member name stands twice in one object"
		                                                                             : why.text);
	*root_r = keep_tree(arena, root);
	return 0;
}

/* A marked string: 0 genuine text, 'n' number. */
static const char *marked(const struct json *node, char mark)
{
	if (!node || !json_is_string(inner(node)))
		return NULL;
	const char *text = json_string_value(inner(node));
	bool number = text[0] == JSON_MARK && text[1] == 'n';
	if (mark == 'n')
		return number ? text + 2 : NULL;
	return number ? NULL : text[0] == JSON_MARK ? text + 1 : text;
}

enum json_kind json_kind(const struct json *node)
{
	if (!node)
		return JSON_KIND_NONE;
	switch (json_typeof(inner(node))) {
	case JSON_OBJECT:
		return JSON_KIND_OBJECT;
	case JSON_ARRAY:
		return JSON_KIND_ARRAY;
	case JSON_STRING:
		return marked(node, 'n') ? JSON_KIND_NUMBER : JSON_KIND_TEXT;
	case JSON_TRUE:
	case JSON_FALSE:
		return JSON_KIND_BOOL;
	case JSON_NULL:
		return JSON_KIND_NULL;
	default:
		bug("a jansson number in a tree of ours");
	}
}

const char *json_kind_name(enum json_kind kind)
{
	static const char *const names[] = { "nothing", "null", "boolean", "number", "text", "array", "object" };
	return names[kind];
}

struct json *json_find(const struct json *object, const char *name)
{
	return object && json_is_object(inner(object)) ? outer(json_object_get(inner(object), name)) : NULL;
}

struct json *json_at(const struct json *array, size_t index)
{
	return array && json_is_array(inner(array)) ? outer(json_array_get(inner(array), index)) : NULL;
}

size_t json_count(const struct json *node)
{
	if (!node)
		return 0;
	return json_is_object(inner(node)) ? json_object_size(inner(node)) : json_is_array(inner(node)) ? json_array_size(inner(node)) : 0;
}

const char *json_text(const struct json *node)
{
	return marked(node, 0);
}

const char *json_number(const struct json *node)
{
	return marked(node, 'n');
}

const char *json_scalar(const struct json *node)
{
	if (node && json_is_boolean(inner(node)))
		return json_is_true(inner(node)) ? "true" : "false";
	const char *number = json_number(node);
	return number ? number : json_text(node);
}

bool json_bool(const struct json *node, bool otherwise)
{
	return node && json_is_boolean(inner(node)) ? json_is_true(inner(node)) : otherwise;
}

struct json *json_path(const struct json *root, const char *path)
{
	struct json *node = outer(inner(root));
	while (node && *path) {
		size_t n = strcspn(path, ".");
		char step[128];
		if (n >= sizeof step)
			return NULL;
		memcpy(step, path, n);
		step[n] = '\0';
		bool index = n && strspn(step, "0123456789") == n && n < 9;
		node = json_is_array(inner(node)) && index ? json_at(node, strtoul(step, NULL, 10)) : json_find(node, step);
		path += n + (path[n] == '.');
	}
	return node;
}

const char *json_path_text(const struct json *root, const char *path)
{
	return json_text(json_path(root, path));
}

struct json_iter json_iter(const struct json *node)
{
	struct json_iter it = { .over = node };
	if (node && json_is_object(inner(node)))
		it.at = json_object_iter(inner(node));
	return it;
}

bool json_next(struct json_iter *it)
{
	if (!it->over)
		return false;
	if (json_is_array(inner(it->over))) {
		it->value = json_at(it->over, it->index++);
		return it->value != NULL;
	}
	if (!it->at)
		return false;
	it->name = json_object_iter_key(it->at);
	it->value = outer(json_object_iter_value(it->at));
	it->at = json_object_iter_next(inner(it->over), it->at);
	return true;
}

struct json *json_new_object(struct arena *arena)
{
	return keep(arena, json_object());
}

struct json *json_new_array(struct arena *arena)
{
	return keep(arena, json_array());
}

struct json *json_new_text(struct arena *arena, const char *text)
{
	if (!text)
		return json_new_null(arena);
	must(text_utf8_check(bytes_of_text(text)) == strlen(text));
	return keep(arena, text[0] == JSON_MARK ? json_string(arena_printf(arena, "%c%s", JSON_MARK, text)) : json_string(text));
}

struct json *json_new_number(struct arena *arena, const char *token)
{
	return keep(arena, json_string(arena_printf(arena, "%cn%s", JSON_MARK, token)));
}

struct json *json_new_integer(struct arena *arena, int64_t value)
{
	return json_new_number(arena, arena_printf(arena, "%lld", (long long)value));
}

struct json *json_new_bool(struct arena *arena, bool value)
{
	return keep(arena, json_boolean(value));
}

struct json *json_new_null(struct arena *arena)
{
	return keep(arena, json_null());
}

struct json *json_clone(struct arena *arena, const struct json *node)
{
	return node ? keep_tree(arena, json_deep_copy(inner(node))) : NULL;
}

void json_set(struct json *object, const char *name, struct json *value)
{
	must(object && json_is_object(inner(object)));
	if (value && json_object_set(inner(object), name, inner(value)) < 0)
		die("out of memory: JSON member");
}

void json_set_text(struct arena *arena, struct json *object, const char *name, const char *text)
{
	if (text)
		json_set(object, name, json_new_text(arena, text));
}

void json_set_integer(struct arena *arena, struct json *object, const char *name, int64_t value)
{
	json_set(object, name, json_new_integer(arena, value));
}

void json_set_bool(struct arena *arena, struct json *object, const char *name, bool value)
{
	json_set(object, name, json_new_bool(arena, value));
}

void json_unset(struct json *object, const char *name)
{
	json_object_del(inner(object), name);
}

void json_append(struct json *array, struct json *value)
{
	must(array && json_is_array(inner(array)));
	if (value && json_array_append(inner(array), inner(value)) < 0)
		die("out of memory: JSON element");
}
