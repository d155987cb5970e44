/* Declared inputs: input.json names the members that a mapping may read. */
#include <string.h>

#include "lib/base/text.h"
#include "map/engine.h"

static const char *const leaves[] = { "text", "number", "decimal", "bool", "time", "any", NULL };

static bool is_leaf(const char *word, const char *leaf)
{
	size_t n = strlen(leaf);
	return strncmp(word, leaf, n) == 0 && (word[n] == '\0' || word[n] == ':');
}

static bool is_any(const struct json *shape)
{
	return json_text(shape) && is_leaf(json_text(shape), "any");
}

bool shape_step(const struct json *shape, const struct path_step *step, const struct json **shape_r)
{
	*shape_r = NULL;
	if (!shape || is_any(shape))
		return true;
	if (!step->name) {
		*shape_r = json_at(shape, 0);
		return *shape_r != NULL;
	}
	const struct json *next = json_find(shape, step->name);
	if (!next)
		next = json_find(shape, "*");
	*shape_r = next && is_any(next) ? NULL : next;
	return next != NULL;
}

const struct json *shape_element(const struct json *shape)
{
	if (!shape || is_any(shape))
		return NULL;
	const struct json *element = json_kind(shape) == JSON_KIND_ARRAY ? json_at(shape, 0) : shape;
	return is_any(element) ? NULL : element;
}

void shape_check(struct compiler *c, const struct json *shape, const char *where)
{
	if (json_kind(shape) == JSON_KIND_ARRAY && json_count(shape) != 1)
		problem_add(c, 0, "\"%s\": an array of a declared input holds one element, which stands for all", where);
	if (json_kind(shape) == JSON_KIND_OBJECT || json_kind(shape) == JSON_KIND_ARRAY) {
		for (struct json_iter it = json_iter(shape); json_next(&it);)
			shape_check(c, it.value, arena_printf(c->arena, "%s%s%s", where, *where ? "." : "", it.name ? it.name : "0"));
		return;
	}
	for (size_t i = 0; leaves[i]; i++)
		if (json_text(shape) && is_leaf(json_text(shape), leaves[i]))
			return;
	problem_add(c, 0, "\"%s\" is declared as none of text, number, decimal, bool, time, any", where);
}
