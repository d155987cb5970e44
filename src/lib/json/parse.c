/* Reading: one pass that checks the octets and builds the tree, with the names and texts where they stand in a copy. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/json/node.h"

#define FEW 48
#define NUMBER_MOST 64

struct parse {
	struct arena *arena;
	struct bytes in;
	char *text;             /* a copy of `in`, followed by NUL: texts are unescaped and ended in it */
	size_t at;
	size_t nodes;
	struct json_limits limits;
	struct member few[FEW], *open;  /* what the objects and arrays hold that are not closed yet */
	size_t count, room;
	struct error *error;
};

static int parse_fail_at(struct parse *p, size_t at, const char *text)
{
	size_t line = 1, start = 0;
	for (size_t i = 0; i < at && i < p->in.size; i++)
		if (p->in.data[i] == '\n') {
			line++;
			start = i + 1;
		}
	error_set(p->error, ERROR_BAD_JSON, "%s at line %zu, column %zu", text, line, at - start + 1);
	return error_at(p->error, "line %zu, column %zu", line, at - start + 1);
}

static int parse_fail(struct parse *p, const char *text)
{
	return parse_fail_at(p, p->at, text);
}

static int peek(const struct parse *p)
{
	return p->at < p->in.size ? p->in.data[p->at] : -1;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static int hex4(struct parse *p, uint32_t *value_r)
{
	*value_r = 0;
	for (int i = 0; i < 4; i++, p->at++) {
		int c = peek(p);
		uint32_t digit = is_digit(c) ? (uint32_t)(c - '0') : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
		                 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) : 99;
		if (digit == 99)
			return parse_fail(p, "\\u is not followed by four hexadecimal digits");
		*value_r = *value_r << 4 | digit;
	}
	return 0;
}

/* Behind \u. */
static int parse_code(struct parse *p, uint32_t *code_r)
{
	uint32_t high, low = 0;
	TRY(hex4(p, &high));
	if (high == 0)
		return parse_fail(p, "NUL in a string");
	if (high >= 0xdc00 && high <= 0xdfff)
		return parse_fail(p, "lone surrogate in a string");
	*code_r = high;
	if (high < 0xd800 || high > 0xdbff)
		return 0;
	if (peek(p) == '\\' && p->at + 1 < p->in.size && p->in.data[p->at + 1] == 'u') {
		p->at += 2;
		TRY(hex4(p, &low));
	}
	if (low < 0xdc00 || low > 0xdfff)
		return parse_fail(p, "lone surrogate in a string");
	*code_r = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
	return 0;
}

/* At the character behind the backslash; what it means goes to *out, which is never ahead of what is read. */
static int parse_escape(struct parse *p, char **out)
{
	static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
	int c = peek(p);
	const char *name = c > 0 ? strchr(names, c) : NULL;
	p->at += name || c == 'u';
	if (name) {
		*(*out)++ = meant[name - names];
		return 0;
	}
	if (c != 'u')
		return parse_fail(p, "unknown escape in a string");
	uint32_t code = 0;
	TRY(parse_code(p, &code));
	*out += text_utf8_put(*out, code);
	return 0;
}

/* At the opening quote. Most have no escape, and are what stands there. */
static int parse_string(struct parse *p, const char **text_r, uint32_t *size_r)
{
	const size_t start = ++p->at;
	char *out = p->text + start;
	for (;;) {
		size_t from = p->at;
		int c;
		while ((c = peek(p)) >= 0x20 && c != '"' && c != '\\')
			p->at++;
		if (out != p->text + from)
			memmove(out, p->text + from, p->at - from);
		out += p->at - from;
		if (p->at - start >= p->limits.text) {
			p->at = start + p->limits.text;
			return parse_fail(p, "string is longer than allowed");
		}
		if (c < 0)
			return parse_fail(p, "the text ends within a string");
		if (c < 0x20)
			return parse_fail(p, "control character in a string, where JSON wants an escape");
		p->at++;
		if (c == '"')
			break;
		TRY(parse_escape(p, &out));
	}
	*out = '\0';
	*text_r = p->text + start;
	*size_r = (uint32_t)(out - *text_r);
	return 0;
}

static int parse_digits(struct parse *p, const char *what)
{
	if (!is_digit(peek(p)))
		return parse_fail(p, what);
	while (is_digit(peek(p)))
		p->at++;
	return 0;
}

/* RFC 8259 section 6: [ minus ] int [ frac ] [ exp ]. It stays the text that it is. */
static int parse_number(struct parse *p, struct json **value_r)
{
	size_t start = p->at;
	if (peek(p) == '-')
		p->at++;
	if (peek(p) == '0')
		p->at++;
	else
		TRY(parse_digits(p, "a number has no digit where one is due"));
	if (is_digit(peek(p)))
		return parse_fail(p, "a number starts with 0 and goes on");
	if (peek(p) == '.') {
		p->at++;
		TRY(parse_digits(p, "a number has no digit behind its point"));
	}
	if (peek(p) == 'e' || peek(p) == 'E') {
		p->at++;
		if (peek(p) == '+' || peek(p) == '-')
			p->at++;
		TRY(parse_digits(p, "a number has no digit in its exponent"));
	}
	if (p->at - start > NUMBER_MOST)
		return parse_fail(p, "a number has more than 64 characters");
	*value_r = node_text(p->arena, JSON_KIND_NUMBER, p->text + start, p->at - start);
	return 0;
}

static int parse_word(struct parse *p, struct json **value_r)
{
	static const struct { const char *text; struct json *node; } words[] = { { "true", &node_true }, { "false", &node_false }, { "null", &node_null } };
	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i].text);
		if (p->in.size - p->at >= n && memcmp(p->in.data + p->at, words[i].text, n) == 0) {
			*value_r = words[i].node;
			p->at += n;
			return 0;
		}
	}
	return parse_fail(p, peek(p) < 0 ? "the text ends where a value is due" : "no JSON value");
}

static void parse_blanks(struct parse *p)
{
	while (peek(p) == ' ' || peek(p) == '\t' || peek(p) == '\n' || peek(p) == '\r')
		p->at++;
}

static void open_add(struct parse *p, const struct member *member)
{
	if (p->count == p->room) {
		struct member *more = realloc(p->open == p->few ? NULL : p->open, 2 * p->room * sizeof *more);
		if (!more)
			die("out of memory: JSON");
		if (p->open == p->few)
			memcpy(more, p->few, sizeof p->few);
		p->open = more;
		p->room *= 2;
	}
	p->open[p->count++] = *member;
}

static int parse_value(struct parse *p, unsigned depth, struct json **value_r);

static int parse_name(struct parse *p, struct member *member)
{
	if (peek(p) != '"')
		return parse_fail(p, "no member name in quotes where one is due");
	TRY(parse_string(p, &member->name, &member->size));
	parse_blanks(p);
	if (peek(p) != ':')
		return parse_fail(p, "no colon behind a member name");
	p->at++;
	return 0;
}

/* Members or elements up to the closing bracket; at the character behind the opening one. */
static int parse_inside(struct parse *p, bool object, unsigned depth)
{
	char close = object ? '}' : ']';
	parse_blanks(p);
	if (peek(p) == close)
		return 0;
	for (;;) {
		struct member member = { 0 };
		parse_blanks(p);
		if (object)
			TRY(parse_name(p, &member));
		TRY(parse_value(p, depth, &member.value));
		open_add(p, &member);
		parse_blanks(p);
		if (peek(p) == close)
			return 0;
		if (peek(p) != ',')
			return parse_fail(p, object ? "no comma or } behind a member" : "no comma or ] behind an element");
		p->at++;
	}
}

static int parse_list(struct parse *p, bool object, unsigned depth, struct json **value_r)
{
	size_t before = p->count;
	p->at++;
	TRY(parse_inside(p, object, depth));
	p->at++;
	const struct member *inside = p->open + before;
	struct list *list = object ? node_object(p->arena, inside, p->count - before) : node_array(p->arena, inside, p->count - before);
	p->count = before;
	*value_r = &list->head;
	const struct member *twice = object ? node_twice(list) : NULL;
	return twice ? parse_fail_at(p, (size_t)(twice->name - p->text) - 1, "a member name stands twice in one object,") : 0;
}

/* Recursion is bounded by the limit of depth. */
static int parse_value(struct parse *p, unsigned depth, struct json **value_r)
{
	parse_blanks(p);
	if (++p->nodes > p->limits.nodes)
		return parse_fail(p, "more values than allowed");
	int c = peek(p);
	if (c == '"') {
		struct json *node = *value_r = arena_alloc(p->arena, sizeof *node);
		node->kind = JSON_KIND_TEXT;
		return parse_string(p, &node->text, &node->size);
	}
	if (c == '-' || is_digit(c))
		return parse_number(p, value_r);
	if (c != '{' && c != '[')
		return parse_word(p, value_r);
	if (depth == 0)
		return parse_fail(p, "nested deeper than allowed");
	return parse_list(p, c == '{', depth - 1, value_r);
}

static int parse_whole(struct parse *p, struct json **root_r)
{
	if (p->in.size >= 3 && memcmp(p->in.data, "\xef\xbb\xbf", 3) == 0)
		return parse_fail(p, "byte order mark: leave it out");
	size_t good = text_utf8_check(p->in);
	if (good < p->in.size)
		return parse_fail_at(p, good, "octets that are not UTF-8");
	TRY(parse_value(p, p->limits.depth, root_r));
	parse_blanks(p);
	if (p->at < p->in.size)
		return parse_fail(p, "something follows the value");
	return 0;
}

int json_parse(struct arena *arena, struct bytes bytes, const struct json_limits *limits, struct json **root_r, struct error *error)
{
	struct parse p = { .arena = arena, .in = bytes, .limits = limits ? *limits : (struct json_limits){ 0 }, .open = p.few, .room = FEW,
		           .error = error };
	p.limits.bytes = p.limits.bytes ? p.limits.bytes : (size_t)1 << 20;
	p.limits.nodes = p.limits.nodes ? p.limits.nodes : 100000;
	p.limits.text = p.limits.text ? p.limits.text : (size_t)64 << 10;
	p.limits.depth = p.limits.depth ? p.limits.depth : 32;
	if (bytes.size > p.limits.bytes || bytes.size >= UINT32_MAX)
		FAIL(error, TOO_LARGE, "JSON text of %zu bytes is larger than the %zu allowed", bytes.size, p.limits.bytes);
	p.text = arena_text_n(arena, (const char *)bytes.data, bytes.size);
	struct json *root;
	int rc = parse_whole(&p, &root);
	if (p.open != p.few)
		free(p.open);
	if (rc == 0)
		*root_r = root;
	return rc;
}
