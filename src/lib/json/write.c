#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/json/json.h"

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
	return strcmp(((const struct json_iter *)a)->name, ((const struct json_iter *)b)->name);
}

static void write_node(struct buffer *out, const struct json *node, enum json_form form, unsigned depth);

static void write_member(struct buffer *out, const struct json_iter *member, bool first, enum json_form form, unsigned depth)
{
	if (!first)
		buffer_add_char(out, ',');
	new_line(out, form, depth + 1);
	text_escape_json(out, member->name);
	buffer_add_text(out, form == JSON_PRETTY ? ": " : ":");
	write_node(out, member->value, form, depth + 1);
}

static void write_sorted(struct buffer *out, const struct json *node, size_t count, unsigned depth)
{
	struct json_iter few[24], *members = few;
	size_t i = 0;
	if (count > sizeof few / sizeof *few && !(members = calloc(count, sizeof *members)))
		die("out of memory");
	for (struct json_iter it = json_iter(node); i < count && json_next(&it); i++)
		members[i] = it;
	qsort(members, i, sizeof *members, by_name);
	for (size_t k = 0; k < i; k++)
		write_member(out, &members[k], k == 0, JSON_CANONICAL, depth);
	if (members != few)
		free(members);
}

static void write_object(struct buffer *out, const struct json *node, enum json_form form, unsigned depth)
{
	size_t count = json_count(node);
	bool first = true;
	buffer_add_char(out, '{');
	if (form == JSON_CANONICAL)
		write_sorted(out, node, count, depth);
	else
		for (struct json_iter it = json_iter(node); json_next(&it); first = false)
			write_member(out, &it, first, form, depth);
	if (count)
		new_line(out, form, depth);
	buffer_add_char(out, '}');
}

static void write_array(struct buffer *out, const struct json *node, enum json_form form, unsigned depth)
{
	size_t count = json_count(node);
	buffer_add_char(out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			buffer_add_char(out, ',');
		new_line(out, form, depth + 1);
		write_node(out, json_at(node, i), form, depth + 1);
	}
	if (count)
		new_line(out, form, depth);
	buffer_add_char(out, ']');
}

static void write_node(struct buffer *out, const struct json *node, enum json_form form, unsigned depth)
{
	switch (json_kind(node)) {
	case JSON_KIND_OBJECT:
		write_object(out, node, form, depth);
		break;
	case JSON_KIND_ARRAY:
		write_array(out, node, form, depth);
		break;
	case JSON_KIND_TEXT:
		text_escape_json(out, json_text(node));
		break;
	case JSON_KIND_NUMBER:
	case JSON_KIND_BOOL:
		buffer_add_text(out, json_scalar(node));
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
