#include "lib/json/json.h"

#include <pthread.h>
#include <string.h>

#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/json/node.h"

#define NONE UINT32_MAX

struct json node_null = { .kind = JSON_KIND_NULL };
struct json node_true = { .kind = JSON_KIND_BOOL, .size = 4, .text = "true" };
struct json node_false = { .kind = JSON_KIND_BOOL, .size = 5, .text = "false" };

static struct json *outer(struct list *list)
{
	return &list->head;
}

/* ---- the index of an object ---- */

static uint64_t secret;
static pthread_once_t secret_once = PTHREAD_ONCE_INIT;

static void secret_make(void)
{
	entropy_fill(&secret, sizeof secret);
	secret |= 1;
}

/* A polynomial in the secret, modulo 2^61 - 1: two names meet by a chance of their length in 2^61. */
static uint32_t name_hash(const char *name, size_t size)
{
	const uint64_t prime = ((uint64_t)1 << 61) - 1;
	must(pthread_once(&secret_once, secret_make) == 0);
	uint64_t by = secret & prime, sum = size + 1;
	for (size_t i = 0; i < size; i++) {
		unsigned __int128 product = (unsigned __int128)(sum + (uint8_t)name[i]) * by;
		sum = ((uint64_t)product & prime) + (uint64_t)(product >> 61);
		sum = sum >= prime ? sum - prime : sum;
	}
	return (uint32_t)(sum ^ sum >> 32);
}

static bool name_is(const struct member *member, const char *name, size_t size)
{
	return member->size == size && memcmp(member->name, name, size) == 0;
}

/* The number of the member, or NONE and the free place that would be its own. */
static uint32_t index_find(const struct list *o, const char *name, size_t size, uint32_t hash, uint32_t *place_r)
{
	uint32_t at = hash & (o->slots - 1);
	for (; o->index[at]; at = (at + 1) & (o->slots - 1)) {
		const struct member *member = &o->members[o->index[at] - 1];
		if (member->hash == hash && name_is(member, name, size))
			return o->index[at] - 1;
	}
	*place_r = at;
	return NONE;
}

/* Anew, with places for twice the members that there is room for. The second of the same name, or NULL. */
static const struct member *index_make(struct list *o)
{
	const struct member *twice = NULL;
	uint32_t most = o->room > o->head.size ? o->room : o->head.size, place;
	uint32_t slots = 2 * INDEX_FROM;
	while (slots < 2 * most)
		slots *= 2;
	if (o->index && o->slots >= slots) {
		memset(o->index, 0, o->slots * sizeof *o->index);
	} else {
		o->slots = slots;
		o->index = arena_array(o->arena, slots, sizeof *o->index);
	}
	for (uint32_t i = 0; i < o->head.size; i++) {
		struct member *member = &o->members[i];
		member->hash = name_hash(member->name, member->size);
		if (index_find(o, member->name, member->size, member->hash, &place) == NONE)
			o->index[place] = i + 1;
		else
			twice = twice ? twice : member;
	}
	return twice;
}

const struct member *node_twice(struct list *o)
{
	if (o->head.size >= INDEX_FROM)
		return index_make(o);
	for (uint32_t i = 1; i < o->head.size; i++)
		for (uint32_t k = 0; k < i; k++)
			if (name_is(&o->members[k], o->members[i].name, o->members[i].size))
				return &o->members[i];
	return NULL;
}

static uint32_t member_find(const struct list *o, const char *name, size_t size)
{
	uint32_t place;
	if (o->index)
		return index_find(o, name, size, name_hash(name, size), &place);
	for (uint32_t i = 0; i < o->head.size; i++)
		if (name_is(&o->members[i], name, size))
			return i;
	return NONE;
}

/* ---- looking ---- */

enum json_kind json_kind(const struct json *node)
{
	return node ? node->kind : JSON_KIND_NONE;
}

const char *json_kind_name(enum json_kind kind)
{
	static const char *const names[] = { "nothing", "null", "boolean", "number", "text", "array", "object" };
	return names[kind];
}

static struct json *find(const struct json *object, const char *name, size_t size)
{
	if (!node_is(object, JSON_KIND_OBJECT))
		return NULL;
	uint32_t at = member_find(node_list(object), name, size);
	return at == NONE ? NULL : node_list(object)->members[at].value;
}

struct json *json_find(const struct json *object, const char *name)
{
	return find(object, name, strlen(name));
}

struct json *json_at(const struct json *array, size_t index)
{
	return node_is(array, JSON_KIND_ARRAY) && index < array->size ? node_list(array)->elements[index] : NULL;
}

size_t json_count(const struct json *node)
{
	return node_is(node, JSON_KIND_ARRAY) || node_is(node, JSON_KIND_OBJECT) ? node->size : 0;
}

const char *json_text(const struct json *node)
{
	return node_is(node, JSON_KIND_TEXT) ? node->text : NULL;
}

const char *json_number(const struct json *node)
{
	return node_is(node, JSON_KIND_NUMBER) ? node->text : NULL;
}

const char *json_scalar(const struct json *node)
{
	return node ? node->text : NULL;  /* null, arrays and objects have none */
}

bool json_bool(const struct json *node, bool otherwise)
{
	return node_is(node, JSON_KIND_BOOL) ? node == &node_true : otherwise;
}

struct json *json_path(const struct json *root, const char *path)
{
	struct json *node = (struct json *)(uintptr_t)root;
	while (node && *path) {
		size_t n = strcspn(path, ".");
		if (node_is(node, JSON_KIND_ARRAY)) {
			size_t index = 0, digits = 0;
			for (; digits < n && digits < 9 && path[digits] >= '0' && path[digits] <= '9'; digits++)
				index = index * 10 + (size_t)(path[digits] - '0');
			node = n && digits == n ? json_at(node, index) : NULL;
		} else {
			node = find(node, path, n);
		}
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
	return (struct json_iter){ .over = json_count(node) ? node : NULL };
}

bool json_next(struct json_iter *it)
{
	if (!it->over || it->index >= it->over->size)
		return false;
	const struct list *list = node_list(it->over);
	size_t at = it->index++;
	if (it->over->kind == JSON_KIND_ARRAY) {
		it->value = list->elements[at];
		return true;
	}
	it->name = list->members[at].name;
	it->value = list->members[at].value;
	return true;
}

/* ---- making ---- */

struct json *node_text(struct arena *arena, enum json_kind kind, const char *text, size_t size)
{
	struct json *node = arena_alloc(arena, sizeof *node + size + 1);
	must(size < UINT32_MAX);
	memcpy(node + 1, text, size);
	*node = (struct json){ kind, (uint32_t)size, (const char *)(node + 1) };
	return node;
}

static struct list *list_new(struct arena *arena, enum json_kind kind, size_t count)
{
	struct list *list = arena_alloc(arena, sizeof *list);
	must(count < UINT32_MAX);
	*list = (struct list){ .head = { .kind = kind, .size = (uint32_t)count }, .arena = arena, .room = (uint32_t)count };
	return list;
}

struct list *node_object(struct arena *arena, const struct member *members, size_t count)
{
	struct list *list = list_new(arena, JSON_KIND_OBJECT, count);
	if (!count)
		return list;
	list->members = arena_array(arena, count, sizeof *members);
	memcpy(list->members, members, count * sizeof *members);
	return list;
}

struct list *node_array(struct arena *arena, const struct member *elements, size_t count)
{
	struct list *list = list_new(arena, JSON_KIND_ARRAY, count);
	if (!count)
		return list;
	list->elements = arena_array(arena, count, sizeof *list->elements);
	for (size_t i = 0; i < count; i++)
		list->elements[i] = elements[i].value;
	return list;
}

/* One more, of `size` octets each. The old row stays in the arena, as everything does. */
static void *list_grow(struct list *list, void *items, size_t size)
{
	if (list->head.size < list->room)
		return items;
	must(list->room < UINT32_MAX / 4);
	uint32_t room = list->room ? 2 * list->room : 6;
	void *more = arena_array(list->arena, room, size);
	if (list->room)
		memcpy(more, items, list->room * size);
	list->room = room;
	return more;
}

static void member_add(struct list *o, const char *name, size_t size, struct json *value)
{
	must(size < UINT32_MAX);
	o->members = list_grow(o, o->members, sizeof *o->members);
	struct member *member = &o->members[o->head.size++];
	*member = (struct member){ arena_text_n(o->arena, name, size), value, (uint32_t)size, 0 };
	if (!o->index ? o->head.size >= INDEX_FROM : 2 * o->head.size > o->slots) {
		index_make(o);
	} else if (o->index) {
		uint32_t place;
		member->hash = name_hash(name, size);
		must(index_find(o, name, size, member->hash, &place) == NONE);
		o->index[place] = o->head.size;
	}
}

struct json *json_new_object(struct arena *arena)
{
	return outer(list_new(arena, JSON_KIND_OBJECT, 0));
}

struct json *json_new_array(struct arena *arena)
{
	return outer(list_new(arena, JSON_KIND_ARRAY, 0));
}

struct json *json_new_text(struct arena *arena, const char *text)
{
	if (!text)
		return json_new_null(arena);
	struct bytes bytes = bytes_of_text(text);
	must(text_utf8_check(bytes) == bytes.size);
	return node_text(arena, JSON_KIND_TEXT, text, bytes.size);
}

struct json *json_new_number(struct arena *arena, const char *token)
{
	return node_text(arena, JSON_KIND_NUMBER, token, strlen(token));
}

struct json *json_new_integer(struct arena *arena, int64_t value)
{
	char digits[24], *end = digits + sizeof digits, *at = end;
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;
	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (value < 0)
		*--at = '-';
	return node_text(arena, JSON_KIND_NUMBER, at, (size_t)(end - at));
}

struct json *json_new_bool(struct arena *arena, bool value)
{
	(void)arena;
	return value ? &node_true : &node_false;
}

struct json *json_new_null(struct arena *arena)
{
	(void)arena;
	return &node_null;
}

static struct json *clone_object(struct arena *arena, const struct list *from)
{
	struct list *to = node_object(arena, from->members, from->head.size);
	for (uint32_t i = 0; i < to->head.size; i++) {
		to->members[i].name = arena_text_n(arena, from->members[i].name, from->members[i].size);
		to->members[i].value = json_clone(arena, from->members[i].value);
	}
	if (from->index)
		index_make(to);
	return outer(to);
}

static struct json *clone_array(struct arena *arena, const struct list *from)
{
	struct list *to = list_new(arena, JSON_KIND_ARRAY, from->head.size);
	to->elements = arena_array(arena, (size_t)from->head.size + 1, sizeof *to->elements);
	for (uint32_t i = 0; i < to->head.size; i++)
		to->elements[i] = json_clone(arena, from->elements[i]);
	return outer(to);
}

struct json *json_clone(struct arena *arena, const struct json *node)
{
	switch (json_kind(node)) {
	case JSON_KIND_NONE:
		return NULL;
	case JSON_KIND_OBJECT:
		return clone_object(arena, node_list(node));
	case JSON_KIND_ARRAY:
		return clone_array(arena, node_list(node));
	case JSON_KIND_TEXT:
	case JSON_KIND_NUMBER:
		return node_text(arena, node->kind, node->text, node->size);
	default:
		return (struct json *)(uintptr_t)node;
	}
}

void json_set(struct json *object, const char *name, struct json *value)
{
	must(node_is(object, JSON_KIND_OBJECT));
	if (!value)
		return;
	struct list *o = node_list(object);
	size_t size = strlen(name);
	uint32_t at = member_find(o, name, size);
	if (at != NONE)
		o->members[at].value = value;
	else
		member_add(o, name, size, value);
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
	struct list *o = node_list(object);
	uint32_t at = node_is(object, JSON_KIND_OBJECT) ? member_find(o, name, strlen(name)) : NONE;
	if (at == NONE)
		return;
	memmove(&o->members[at], &o->members[at + 1], (--o->head.size - at) * sizeof *o->members);
	if (o->index)
		index_make(o);
}

void json_append(struct json *array, struct json *value)
{
	must(node_is(array, JSON_KIND_ARRAY));
	struct list *list = node_list(array);
	if (!value)
		return;
	list->elements = list_grow(list, list->elements, sizeof *list->elements);
	list->elements[list->head.size++] = value;
}
