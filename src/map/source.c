#include "map/source.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

#define DEPTH 64

struct binding {
	const char *prefix, *uri;
	const struct binding *outer;
};

struct reader {
	struct arena *arena;
	const char *at;
	unsigned line;
	struct error *error;
};

static int wrong(struct reader *r, const char *what)
{
	error_set(r->error, ERROR_BAD_MAPPING, "%s", what);
	return error_at(r->error, "line %u", r->line);
}

static void step(struct reader *r, size_t n)
{
	for (; n && *r->at; n--)
		if (*r->at++ == '\n')
			r->line++;
}

static void skip_blanks(struct reader *r)
{
	step(r, strspn(r->at, " \t\r\n"));
}

static int skip_past(struct reader *r, const char *end, const char *what)
{
	const char *found = strstr(r->at, end);
	if (!found)
		return wrong(r, what);
	step(r, (size_t)(found - r->at) + strlen(end));
	return 0;
}

static bool name_octet(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("_-.", c);
}

/* prefix:name or name. */
static int read_name(struct reader *r, const char **prefix_r, const char **name_r)
{
	const char *start = r->at, *colon = NULL;
	for (; *r->at && (name_octet(*r->at) || (*r->at == ':' && !colon)); r->at++)
		if (*r->at == ':')
			colon = r->at;
	if (r->at == start || colon == start || colon == r->at - 1 || strchr("-.0123456789", *start))
		return wrong(r, "a name is expected here");
	*prefix_r = colon ? arena_text_n(r->arena, start, (size_t)(colon - start)) : "";
	start = colon ? colon + 1 : start;
	*name_r = arena_text_n(r->arena, start, (size_t)(r->at - start));
	return 0;
}

static int read_reference(struct reader *r, struct buffer *out)
{
	static const struct {
		const char *name;
		char c;
	} known[] = { { "&lt;", '<' }, { "&gt;", '>' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&apos;", '\'' } };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (text_starts(r->at, known[i].name)) {
			buffer_add_char(out, known[i].c);
			step(r, strlen(known[i].name));
			return 0;
		}
	if (r->at[1] != '#')
		return wrong(r, "an entity that is not one of XML's five");
	bool hex = r->at[2] == 'x';
	char *end;
	unsigned long c = strtoul(r->at + (hex ? 3 : 2), &end, hex ? 16 : 10);
	if (*end != ';' || c < 0x20 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return wrong(r, "a character reference that names no character");
	text_utf8_add(out, (uint32_t)c);
	step(r, (size_t)(end + 1 - r->at));
	return 0;
}

static int read_quoted(struct reader *r, const char **value_r)
{
	char quote = *r->at;
	if (quote != '"' && quote != '\'')
		return wrong(r, "the value of an attribute stands in quotes");
	step(r, 1);
	BUFFER_AUTO value = { 0 };
	while (*r->at && *r->at != quote) {
		if (*r->at == '<')
			return wrong(r, "a < inside an attribute is written &lt;");
		if (*r->at == '&') {
			TRY(read_reference(r, &value));
			continue;
		}
		buffer_add_char(&value, strchr("\t\r\n", *r->at) ? ' ' : *r->at);
		step(r, 1);
	}
	if (!*r->at)
		return wrong(r, "the file ends inside an attribute");
	step(r, 1);
	*value_r = arena_text(r->arena, buffer_text(&value));
	return 0;
}

static int resolve(struct reader *r, const struct binding *bound, const char *prefix, const char **uri_r)
{
	if (text_equal(prefix, "xml")) {
		*uri_r = "http://www.w3.org/XML/1998/namespace";
		return 0;
	}
	for (; bound; bound = bound->outer)
		if (text_equal(bound->prefix, prefix)) {
			*uri_r = bound->uri;
			return 0;
		}
	*uri_r = "";
	return *prefix ? wrong(r, arena_printf(r->arena, "prefix \"%s\" is bound to no namespace", prefix)) : 0;
}

static int read_attributes(struct reader *r, struct source_node *node, const struct binding **bound)
{
	struct source_attribute **last = &node->attributes;
	for (;;) {
		skip_blanks(r);
		if (*r->at == '>' || *r->at == '/')
			break;
		struct source_attribute *attribute = arena_alloc(r->arena, sizeof *attribute);
		attribute->line = r->line;
		TRY(read_name(r, &attribute->prefix, &attribute->name));
		skip_blanks(r);
		if (*r->at != '=')
			return wrong(r, "an attribute has a value");
		step(r, 1);
		skip_blanks(r);
		TRY(read_quoted(r, &attribute->value));
		bool is_default = !*attribute->prefix && text_equal(attribute->name, "xmlns");
		if (is_default || text_equal(attribute->prefix, "xmlns")) {
			struct binding *binding = arena_alloc(r->arena, sizeof *binding);
			*binding = (struct binding){ is_default ? "" : attribute->name, attribute->value, *bound };
			*bound = binding;
			continue;
		}
		*last = attribute;
		last = &attribute->next;
	}
	TRY(resolve(r, *bound, node->prefix, &node->uri));
	for (struct source_attribute *a = node->attributes; a; a = a->next) {
		a->uri = "";
		if (*a->prefix)
			TRY(resolve(r, *bound, a->prefix, &a->uri));
		for (struct source_attribute *b = node->attributes; b != a; b = b->next)
			if (text_equal(a->uri, b->uri) && text_equal(a->name, b->name))
				return wrong(r, "an attribute stands twice");
	}
	return 0;
}

/* Text up to the next tag; comments are passed over and CDATA is text. NULL where there is none. */
static int read_text(struct reader *r, struct source_node *parent, struct source_node **text_r)
{
	BUFFER_AUTO text = { 0 };
	unsigned line = r->line;
	for (;;) {
		if (!*r->at)
			return wrong(r, arena_printf(r->arena, "the file ends inside <%s>", parent->name));
		if (text_starts(r->at, "<!--")) {
			TRY(skip_past(r, "-->", "a comment has no end"));
		} else if (text_starts(r->at, "<![CDATA[")) {
			r->at += 9;
			const char *start = r->at;
			TRY(skip_past(r, "]]>", "a CDATA section has no end"));
			buffer_add(&text, start, (size_t)(r->at - 3 - start));
		} else if (*r->at == '<') {
			break;
		} else if (*r->at == '&') {
			TRY(read_reference(r, &text));
		} else {
			if (text.size == strspn(buffer_text(&text), " \t\r\n") && !strchr(" \t\r\n", *r->at))
				line = r->line;
			buffer_add_char(&text, *r->at);
			step(r, 1);
		}
	}
	*text_r = NULL;
	if (!text.size)
		return 0;
	struct source_node *node = arena_alloc(r->arena, sizeof *node);
	*node = (struct source_node){ .text = arena_text(r->arena, buffer_text(&text)), .line = line, .parent = parent };
	*text_r = node;
	return 0;
}

static int read_element(struct reader *r, struct source_node *parent, const struct binding *bound, unsigned depth,
                        struct source_node **node_r);

static int read_content(struct reader *r, struct source_node *node, const struct binding *bound, unsigned depth)
{
	for (struct source_node **last = &node->child;;) {
		TRY(read_text(r, node, last));
		if (*last)
			last = &(*last)->next;
		if (r->at[1] == '/')
			return 0;
		TRY(read_element(r, node, bound, depth + 1, last));
		last = &(*last)->next;
	}
}

static int read_element(struct reader *r, struct source_node *parent, const struct binding *bound, unsigned depth,
                        struct source_node **node_r)
{
	if (r->at[0] != '<' || r->at[1] == '!' || r->at[1] == '?')
		return wrong(r, "an element is expected here; DOCTYPE and processing instructions are not taken");
	if (depth > DEPTH)
		return wrong(r, "elements stand too deep in one another");
	struct source_node *node = arena_alloc(r->arena, sizeof *node);
	node->line = r->line;
	node->parent = parent;
	step(r, 1);
	TRY(read_name(r, &node->prefix, &node->name));
	TRY(read_attributes(r, node, &bound));
	*node_r = node;
	if (text_starts(r->at, "/>")) {
		step(r, 2);
		return 0;
	}
	if (*r->at != '>')
		return wrong(r, "a tag has no end");
	step(r, 1);
	TRY(read_content(r, node, bound, depth));
	step(r, 2);
	const char *prefix, *name;
	TRY(read_name(r, &prefix, &name));
	if (!text_equal(prefix, node->prefix) || !text_equal(name, node->name))
		return wrong(r, arena_printf(r->arena, "</%s> ends <%s> of line %u", name, node->name, node->line));
	skip_blanks(r);
	if (*r->at != '>')
		return wrong(r, "a tag has no end");
	step(r, 1);
	return 0;
}

static int skip_comments(struct reader *r)
{
	for (skip_blanks(r); text_starts(r->at, "<!--"); skip_blanks(r))
		TRY(skip_past(r, "-->", "a comment has no end"));
	return 0;
}

int source_read(struct arena *arena, const char *text, struct source_node **root_r, struct error *error)
{
	struct reader r = { arena, text, 1, error };
	if (text_utf8_check(bytes_of_text(text)) != strlen(text))
		return wrong(&r, "the file is not UTF-8");
	if (text_starts(r.at, "<?xml "))
		TRY(skip_past(&r, "?>", "the XML declaration has no end"));
	TRY(skip_comments(&r));
	TRY(read_element(&r, NULL, NULL, 0, root_r));
	TRY(skip_comments(&r));
	return *r.at ? wrong(&r, "something stands after the root element") : 0;
}

const struct source_attribute *source_attribute(const struct source_node *node, const char *uri, const char *name)
{
	for (const struct source_attribute *a = node->attributes; a; a = a->next)
		if (text_equal(a->uri, uri) && text_equal(a->name, name))
			return a;
	return NULL;
}

const char *source_value(const struct source_node *node, const char *uri, const char *name)
{
	const struct source_attribute *a = source_attribute(node, uri, name);
	return a ? a->value : NULL;
}
