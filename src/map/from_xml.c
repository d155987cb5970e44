/* Documents from outside as inputs of mappings. map.h tells the rules. */
#include <string.h>

#include "lib/base/text.h"
#include "map/set.h"

struct reader {
	struct arena *arena;
	const struct json *declared;  /* root of input.json, with the prefixes; NULL: none */
};

static const struct json *declared_member(const struct json *shape, const char *name)
{
	const struct json *found = json_find(shape, name);
	return found ? found : json_find(shape, "*");
}

/* The namespace that a root member "xmlns:p" names: behind "text: ". */
static bool is_namespace(const struct json *declared, const char *uri)
{
	const char *text = json_text(declared);
	return text && text_starts(text, "text: ") && text_equal(text + strlen("text: "), uri);
}

static const char *name_of(struct reader *r, const struct xml_node *node)
{
	if (node->parent && text_equal(node->parent->uri, node->uri))
		return node->name;
	for (struct json_iter it = json_iter(r->declared); json_next(&it);)
		if (text_starts(it.name, "xmlns:") && is_namespace(it.value, node->uri))
			return arena_printf(r->arena, "%s:%s", it.name + strlen("xmlns:"), node->name);
	return node->name;
}

static void attributes_add(struct reader *r, struct json *object, const char *element, const struct xml_node *node)
{
	for (const struct xml_attribute *a = node->attributes; a; a = a->next) {
		const char *name = arena_printf(r->arena, "%s@%s", element, a->name);
		if (!json_find(object, name))
			json_set_text(r->arena, object, name, a->value);
	}
}

static void member_add(struct reader *r, struct json *object, const char *name, const struct json *shape, struct json *value)
{
	struct json *before = json_find(object, name);
	if (json_kind(before) == JSON_KIND_ARRAY) {
		json_append(before, value);
	} else if (!before && json_kind(shape) == JSON_KIND_ARRAY) {
		struct json *list = json_new_array(r->arena);
		json_append(list, value);
		json_set(object, name, list);
	} else if (!before) {
		json_set(object, name, value);
	} else if (!shape || text_starts(json_text(shape), "any")) {
		struct json *list = json_new_array(r->arena);
		json_append(list, json_clone(r->arena, before));
		json_append(list, value);
		json_set(object, name, list);
	}
}

static void element_add(struct reader *r, struct json *object, const struct json *shape, const struct xml_node *node)
{
	const char *name = name_of(r, node);
	const struct json *declared = declared_member(shape, name);
	if (!node->child) {
		const char *text = xml_text(r->arena, node);
		if (*text)
			member_add(r, object, name, declared, json_new_text(r->arena, text));
		attributes_add(r, object, name, node);
		return;
	}
	struct json *inside = json_new_object(r->arena);
	const struct json *within = json_kind(declared) == JSON_KIND_ARRAY ? json_at(declared, 0) : declared;
	attributes_add(r, inside, "", node);
	for (const struct xml_node *child = node->child; child; child = child->next)
		element_add(r, inside, json_kind(within) == JSON_KIND_OBJECT ? within : NULL, child);
	member_add(r, object, name, declared, inside);
}

struct json *map_input_from_xml(const struct mapping *mapping, const struct xml_node *root, struct arena *arena)
{
	struct reader r = { arena, mapping->shape };
	struct json *input = json_new_object(arena);
	if (json_find(mapping->shape, "@element"))
		json_set_text(arena, input, "@element", root->name);
	element_add(&r, input, mapping->shape, root);
	return input;
}
