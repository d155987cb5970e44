/* From document.xml to operations. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "map/document.h"

struct rendered {  /* a namespace declaration that an element on the way to the root has written */
	const char *prefix, *uri;
	const struct rendered *outer;
};

struct builder {
	struct compiler *c;
	struct operation *operations;
	size_t count, room;
	const struct sentence_table *sentences;
	struct text_template *language;
};

static size_t operation_add(struct builder *b, struct operation operation)
{
	if (b->count == b->room) {
		size_t room = b->room ? b->room * 2 : 64;
		struct operation *more = arena_array(b->c->arena, room, sizeof *more);
		if (b->count)
			memcpy(more, b->operations, b->count * sizeof *more);
		b->operations = more;
		b->room = room;
	}
	b->operations[b->count] = operation;
	return b->count++;
}

static const char *control(const struct source_node *node, const char *name)
{
	return source_value(node, SOURCE_MAPPING_NS, name);
}

static unsigned control_line(const struct source_node *node, const char *name)
{
	const struct source_attribute *a = source_attribute(node, SOURCE_MAPPING_NS, name);
	return a ? a->line : node->line;
}

static const char *full_name(struct builder *b, const char *prefix, const char *name)
{
	return *prefix ? arena_printf(b->c->arena, "%s:%s", prefix, name) : name;
}

/* ---- namespaces and attributes, as Exclusive C14N wants them (DESIGN section 6, rules 2, 5, 9) ---- */

static bool is_rendered(const struct rendered *above, const char *prefix, const char *uri)
{
	for (; above; above = above->outer)
		if (text_equal(above->prefix, prefix))
			return text_equal(above->uri, uri);
	return !*prefix && !*uri;
}

static void render(struct builder *b, const char *prefix, const char *uri, const struct rendered **above, const char **names, size_t *count)
{
	if (text_equal(prefix, "xml") || is_rendered(*above, prefix, uri))
		return;
	struct rendered *one = arena_alloc(b->c->arena, sizeof *one);
	*one = (struct rendered){ prefix, uri, *above };
	*above = one;
	names[(*count)++] = *prefix ? arena_printf(b->c->arena, " xmlns:%s=\"%s\"", prefix, uri) : arena_printf(b->c->arena, " xmlns=\"%s\"", uri);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int by_name(const void *a, const void *b)
{
	const struct source_attribute *x = *(const struct source_attribute *const *)a, *y = *(const struct source_attribute *const *)b;
	int order = strcmp(x->uri, y->uri);
	return order ? order : strcmp(x->name, y->name);
}

#define ATTRIBUTES 16

static size_t own_attributes(const struct source_node *node, const struct source_attribute *out[static ATTRIBUTES])
{
	size_t count = 0;
	for (const struct source_attribute *a = node->attributes; a && count < ATTRIBUTES; a = a->next)
		if (!text_equal(a->uri, SOURCE_MAPPING_NS))
			out[count++] = a;
	qsort(out, count, sizeof *out, by_name);
	return count;
}

static void open_element(struct builder *b, const struct source_node *node, const struct rendered **above, struct operation *out)
{
	const struct source_attribute *attributes[ATTRIBUTES];
	size_t count = own_attributes(node, attributes), names = 0;
	const char *spaces[ATTRIBUTES + 1];
	render(b, node->prefix, node->uri, above, spaces, &names);
	for (size_t i = 0; i < count; i++)
		if (*attributes[i]->prefix)
			render(b, attributes[i]->prefix, attributes[i]->uri, above, spaces, &names);
	/* by prefix: the default one ` xmlns="` sorts before ` xmlns:` only by what follows, so it is put first by hand */
	size_t first = names && text_starts(spaces[0], " xmlns=") ? 1 : 0;
	qsort(spaces + first, names - first, sizeof *spaces, by_text);
	BUFFER_AUTO octets = { 0 };
	buffer_printf(&octets, "<%s", full_name(b, node->prefix, node->name));
	for (size_t i = 0; i < names; i++)
		buffer_add_text(&octets, spaces[i]);
	out->octets = arena_text(b->c->arena, buffer_text(&octets));
	out->attributes = arena_array(b->c->arena, count + 1, sizeof *out->attributes);
	out->attribute_count = count;
	for (size_t i = 0; i < count; i++) {
		const struct source_attribute *a = attributes[i];
		out->attributes[i].start = arena_printf(b->c->arena, " %s=\"", full_name(b, a->prefix, a->name));
		template_compile(b->c, a->value, a->line, &out->attributes[i].value);
		out->dynamic |= out->attributes[i].value.has_expression;
	}
}

/* ---- checks against the schema ---- */

static void check_attributes(struct builder *b, const struct source_node *node, const struct schema_element *schema)
{
	const struct source_attribute *attributes[ATTRIBUTES];
	size_t count = own_attributes(node, attributes);
	for (size_t i = 0; i < count; i++) {
		bool known = false;
		for (size_t k = 0; k < schema->attribute_count; k++)
			known |= text_equal(schema->attributes[k] + (*schema->attributes[k] == '!'), attributes[i]->name);
		if (!known)
			problem_add(b->c, attributes[i]->line, "the schema knows no attribute \"%s\" of <%s>", attributes[i]->name, node->name);
	}
	for (size_t k = 0; k < schema->attribute_count; k++)
		if (*schema->attributes[k] == '!' && !source_value(node, "", schema->attributes[k] + 1))
			problem_add(b->c, node->line, "<%s> needs its attribute \"%s\"", node->name, schema->attributes[k] + 1);
	for (const struct source_attribute *a = node->attributes; a; a = a->next) {
		static const char *const controls[] = { "for", "if", "wco", "sentence", "schema", "language" };
		bool known = !text_equal(a->uri, SOURCE_MAPPING_NS);
		for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
			known |= text_equal(a->name, controls[i]);
		if (!known)
			problem_add(b->c, a->line, "there is no m:%s", a->name);
	}
}

static void check_number(struct builder *b, const struct source_node *node, const struct schema_element *schema)
{
	const char *number = control(node, "wco");
	if (!number && schema->wco)
		problem_add(b->c, node->line, "<%s> needs m:wco=\"%s\", its WCO number", node->name, schema->wco);
	if (number && !text_equal(number, schema->wco))
		problem_add(b->c, control_line(node, "wco"), "m:wco=\"%s\" is wrong: <%s> here is %s", number, node->name,
		            schema->wco ? schema->wco : "none of the WCO's elements");
}

/* The children stand in the schema's order, none is unknown, none that must be there is missing. */
static void check_children(struct builder *b, const struct source_node *node, const struct schema_element *schema)
{
	size_t at = 0;
	bool *seen = arena_array(b->c->arena, schema->child_count + 1, sizeof *seen);
	for (const struct source_node *n = node->child; n; n = n->next) {
		const struct schema_element *child = n->name ? schema_child(schema, n->uri, n->name) : NULL;
		if (!n->name)
			continue;
		if (!child) {
			problem_add(b->c, n->line, "the schema knows no <%s> of namespace \"%s\" in <%s>", n->name, n->uri, node->name);
			continue;
		}
		size_t index = (size_t)(child - schema->children);
		if (index < at)
			problem_add(b->c, n->line, "<%s> is out of the schema's order: it stands before <%s>", n->name, schema->children[at].name);
		else
			at = index;
		if (child->most == 1 && (control(n, "for") || (seen[index] && !control(n, "if"))))
			problem_add(b->c, n->line, "<%s> may stand only once in <%s>", n->name, node->name);
		seen[index] = true;
	}
	for (size_t i = 0; i < schema->child_count; i++)
		if (schema->children[i].least && !seen[i])
			problem_add(b->c, node->line, "<%s> must hold a <%s>", node->name, schema->children[i].name);
}

/* ---- building ---- */

static bool blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

static void build_text(struct builder *b, const struct source_node *node, const struct source_node *text,
                       const struct schema_element *schema, bool *dynamic)
{
	struct operation out = { .kind = OPERATION_TEXT, .line = text ? text->line : node->line, .max_length = schema->max_length };
	const char *group = control(node, "sentence");
	if (group) {
		out.sentence = sentence_compile(b->c, b->sentences, group, control_line(node, "sentence"), text ? text->text : "",
		                                text ? text->line : node->line, b->language);
		*dynamic = true;
	} else {
		template_compile(b->c, text->text, text->line, &out.text);
		*dynamic |= out.text.has_expression;
		if (!out.text.has_expression && schema->max_length && text_utf8_length(text->text) > schema->max_length)
			problem_add(b->c, text->line, "the text of <%s> is longer than the schema's %zu characters", node->name, schema->max_length);
	}
	operation_add(b, out);
}

static void build(struct builder *b, const struct source_node *node, const struct schema_element *schema,
                  const struct rendered *above, unsigned depth, bool *dynamic);

static void build_content(struct builder *b, const struct source_node *node, const struct schema_element *schema,
                          const struct rendered *above, unsigned depth, bool *dynamic)
{
	const struct source_node *text = NULL;
	for (const struct source_node *n = node->child; n; n = n->next) {
		if (n->name) {
			const struct schema_element *child = schema_child(schema, n->uri, n->name);
			if (child)
				build(b, n, child, above, depth + 1, dynamic);
		} else if (!blank(n->text)) {
			if (schema->holds_elements || text)
				problem_add(b->c, n->line, "text stands among the elements of <%s>", node->name);
			text = n;
		}
	}
	if (!schema->holds_elements && (text || control(node, "sentence")))
		build_text(b, node, text, schema, dynamic);
}

static void build(struct builder *b, const struct source_node *node, const struct schema_element *schema,
                  const struct rendered *above, unsigned depth, bool *dynamic)
{
	const char *loop = control(node, "for"), *test = control(node, "if");
	size_t loop_at = 0, test_at = 0;
	bool inside = false;
	if (depth >= DOCUMENT_DEPTH) {
		problem_add(b->c, node->line, "<%s> stands too deep", node->name);
		return;
	}
	check_number(b, node, schema);
	check_attributes(b, node, schema);
	if (schema->holds_elements)
		check_children(b, node, schema);
	if (loop)
		loop_at = operation_add(b, (struct operation){ .kind = OPERATION_FOR, .line = control_line(node, "for"),
		                                               .loop = loop_open(b->c, loop, control_line(node, "for")) });
	if (test)
		test_at = operation_add(b, (struct operation){ .kind = OPERATION_IF, .line = control_line(node, "if"),
		                                               .condition = condition_compile(b->c, test, control_line(node, "if")) });
	struct operation open = { .kind = OPERATION_OPEN, .line = node->line, .name = node->name, .wco = schema->wco,
		                  .repeats = schema->most != 1 };
	open_element(b, node, &above, &open);
	inside = open.dynamic;
	size_t open_at = operation_add(b, open);
	build_content(b, node, schema, above, depth, &inside);
	b->operations[open_at].dynamic = inside;
	operation_add(b, (struct operation){ .kind = OPERATION_CLOSE, .line = node->line,
	                                     .octets = arena_printf(b->c->arena, "</%s>", full_name(b, node->prefix, node->name)) });
	if (test)
		b->operations[test_at].target = b->count;
	if (loop) {
		operation_add(b, (struct operation){ .kind = OPERATION_NEXT, .line = node->line, .target = loop_at });
		b->operations[loop_at].target = b->count;
		loop_close(b->c);
	}
	*dynamic |= inside;
}

struct document *document_compile(struct compiler *c, const char *text, const struct schema_files *schemas,
                                  const struct sentence_table *sentences)
{
	struct builder b = { .c = c, .sentences = sentences };
	struct source_node *root;
	struct schema_element *schema;
	struct error error = { 0 };
	if (source_read(c->arena, text, &root, &error) < 0) {
		unsigned line = (unsigned)strtoul(error.place + strcspn(error.place, "0123456789"), NULL, 10);
		problem_add(c, line, "%s", error.text);
		return NULL;
	}
	const char *path = control(root, "schema"), *language = control(root, "language");
	if (!path) {
		problem_add(c, root->line, "the root needs m:schema=\"profile/file.xsd\"");
		return NULL;
	}
	if (schema_load(c->arena, schemas, path, &schema, &error) < 0) {
		problem_add(c, control_line(root, "schema"), "%s", error.text);
		return NULL;
	}
	if (!text_equal(root->name, schema->name) || !text_equal(root->uri, schema->uri)) {
		problem_add(c, root->line, "the schema's root is <%s> of namespace \"%s\"", schema->name, schema->uri);
		return NULL;
	}
	if (control(root, "for") || control(root, "if"))
		problem_add(c, root->line, "the root stands once and always: neither m:for nor m:if");
	if (language) {
		b.language = arena_alloc(c->arena, sizeof *b.language);
		template_compile(c, language, control_line(root, "language"), b.language);
	}
	bool dynamic = false;
	build(&b, root, schema, NULL, 0, &dynamic);
	struct document *document = arena_alloc(c->arena, sizeof *document);
	*document = (struct document){ path, b.operations, b.count };
	return document;
}
