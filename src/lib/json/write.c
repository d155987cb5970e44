#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/json/node.h"

#define FEW 24

static void new_line(struct buffer *out, enum json_form form, unsigned depth)
{
	if (form != JSON_PRETTY)
		return;
	buffer_add_char(out, '\n');
	for (unsigned i = 0; i < depth; i++)
		buffer_add_text(out, "  ");
}

static int by_name(const void *a, const void *b)
{
	const struct member *one = *(const struct member *const *)a, *two = *(const struct member *const *)b;
	return strcmp(one->name, two->name);
}

static void write_node(struct buffer *out, const struct json *node, enum json_form form, unsigned depth);

static void write_member(struct buffer *out, const struct member *member, bool first, enum json_form form, unsigned depth)
{
	if (!first)
		buffer_add_char(out, ',');
	new_line(out, form, depth + 1);
	text_escape_json_n(out, member->name, member->size);
	buffer_add(out, ": ", form == JSON_PRETTY ? 2 : 1);
	write_node(out, member->value, form, depth + 1);
}

/* Few are put in their places one after the other; many by qsort(). */
static void write_sorted(struct buffer *out, const struct list *list, unsigned depth)
{
	const struct member *few[FEW], **sorted = few;
	uint32_t count = list->head.size;
	if (count > FEW && !(sorted = calloc(count, sizeof *sorted)))
		die("out of memory");
	for (uint32_t i = 0; i < count; i++) {
		const struct member *member = &list->members[i];
		uint32_t at = i;
		for (; count <= FEW && at > 0 && strcmp(sorted[at - 1]->name, member->name) > 0; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = member;
	}
	if (count > FEW)
		qsort(sorted, count, sizeof *sorted, by_name);
	for (uint32_t i = 0; i < count; i++)
		write_member(out, sorted[i], i == 0, JSON_CANONICAL, depth);
	if (sorted != few)
		free(sorted);
}

static void write_object(struct buffer *out, const struct list *list, enum json_form form, unsigned depth)
{
	buffer_add_char(out, '{');
	if (form == JSON_CANONICAL)
		write_sorted(out, list, depth);
	for (uint32_t i = 0; form != JSON_CANONICAL && i < list->head.size; i++)
		write_member(out, &list->members[i], i == 0, form, depth);
	if (list->head.size)
		new_line(out, form, depth);
	buffer_add_char(out, '}');
}

static void write_array(struct buffer *out, const struct list *list, enum json_form form, unsigned depth)
{
	uint32_t count = list->head.size;
	buffer_add_char(out, '[');
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			buffer_add_char(out, ',');
		new_line(out, form, depth + 1);
		write_node(out, list->elements[i], form, depth + 1);
	}
	if (count)
		new_line(out, form, depth);
	buffer_add_char(out, ']');
}

static void write_node(struct buffer *out, const struct json *node, enum json_form form, unsigned depth)
{
	switch (json_kind(node)) {
	case JSON_KIND_OBJECT:
		write_object(out, node_list(node), form, depth);
		break;
	case JSON_KIND_ARRAY:
		write_array(out, node_list(node), form, depth);
		break;
	case JSON_KIND_TEXT:
		text_escape_json_n(out, node->text, node->size);
		break;
	case JSON_KIND_NUMBER:
	case JSON_KIND_BOOL:
		buffer_add(out, node->text, node->size);
		break;
	default:
		buffer_add_text(out, "null");
	}
}

void json_write(struct buffer *out, const struct json *node, enum json_form form)
{
	write_node(out, node, form, 0);
	if (form == JSON_PRETTY)
		buffer_add_char(out, '\n');
}

char *json_to_text(struct arena *arena, const struct json *node, enum json_form form)
{
	BUFFER_AUTO out = { 0 };
	json_write(&out, node, form);
	return arena_text_n(arena, buffer_text(&out), out.size);
}

bool json_same(const struct json *a, const struct json *b)
{
	BUFFER_AUTO one = { 0 };
	BUFFER_AUTO two = { 0 };
	json_write(&one, a, JSON_CANONICAL);
	json_write(&two, b, JSON_CANONICAL);
	return bytes_equal(buffer_bytes(&one), buffer_bytes(&two));
}
