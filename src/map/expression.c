/* Expressions: parsing and checking. What they are is told in sealgate-mapping(5). */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "map/engine.h"

struct scanner {
	struct compiler *c;
	const char *at, *end;
	unsigned line;
	bool failed;
};

void problem_add(struct compiler *c, unsigned line, const char *format, ...)
{
	struct problems *p = c->problems;
	if (p->count == p->room) {
		size_t room = p->room ? p->room * 2 : 16;
		struct map_problem *items = arena_array(p->arena, room, sizeof *items);
		if (p->count)
			memcpy(items, p->items, p->count * sizeof *items);
		p->items = items;
		p->room = room;
	}
	va_list args;
	va_start(args, format);
	char text[600];
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	p->items[p->count++] = (struct map_problem){ arena_text(p->arena, c->file), line, arena_text(p->arena, text) };
}

/* The first problem of an expression is told, what follows from it is not. */
#define fail(s, ...) \
	do { \
		if (!(s)->failed) \
			problem_add((s)->c, (s)->line, __VA_ARGS__); \
		(s)->failed = true; \
	} while (0)

static void skip_blanks(struct scanner *s)
{
	while (s->at < s->end && strchr(" \t\r\n", *s->at))
		s->at++;
}

static bool take(struct scanner *s, char c)
{
	skip_blanks(s);
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static bool name_octet(char c)
{
	return (unsigned char)c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("_-@:$*", c);
}

/* A name; one in backquotes may hold anything. */
static char *take_name(struct scanner *s)
{
	const char *start = s->at;
	if (s->at < s->end && *s->at == '`') {
		const char *close = memchr(s->at + 1, '`', (size_t)(s->end - s->at - 1));
		if (!close) {
			fail(s, "\"%s\" has no closing backquote", start);
			return NULL;
		}
		s->at = close + 1;
		return arena_text_n(s->c->arena, start + 1, (size_t)(close - start - 1));
	}
	while (s->at < s->end && *s->at && name_octet(*s->at))
		s->at++;
	if (s->at == start) {
		fail(s, "a path or filter name is expected in \"%.*s\"", (int)(s->end - start), start);
		return NULL;
	}
	return arena_text_n(s->c->arena, start, (size_t)(s->at - start));
}

static bool all_digits(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0' && strlen(text) < 9;
}

static struct path_step step_of(const char *name)
{
	struct path_step step = { .name = name };
	if (text_equal(name, "first") || text_equal(name, "last") || all_digits(name))
		step = (struct path_step){ .last = *name == 'l', .index = all_digits(name) ? strtoul(name, NULL, 10) : 0 };
	return step;
}

/* Walks the declared shape, so that a wrong name is found when the file is read. */
static const struct json *check_step(struct scanner *s, const struct json *shape, const struct path_step *step, const char *path)
{
	const struct json *next = NULL;
	if (shape && !s->failed && !shape_step(shape, step, &next))
		fail(s, "the input has no \"%s\" (see input.json)", path);
	return next;
}

static void take_literal(struct scanner *s, struct reference *out)
{
	const char *start = s->at + 1, *close = memchr(start, '\'', (size_t)(s->end - start));
	if (!close) {
		fail(s, "\"%s\" has no closing quote", s->at);
		return;
	}
	BUFFER_AUTO text = { 0 };
	for (;; close = memchr(start, '\'', (size_t)(s->end - start))) {  /* '' inside stands for ' */
		if (!close) {
			fail(s, "\"%s\" has no closing quote", s->at);
			return;
		}
		buffer_add(&text, start, (size_t)(close - start));
		start = close + 1;
		if (start == s->end || *start != '\'')
			break;
		buffer_add_char(&text, '\'');
		start++;
	}
	s->at = start;
	out->literal = arena_text(s->c->arena, buffer_text(&text));
}

static bool take_number(struct scanner *s, struct reference *out)
{
	const char *p = s->at;
	while (p < s->end && (strchr("-.", *p) || (*p >= '0' && *p <= '9')))
		p++;
	char *text = arena_text_n(s->c->arena, s->at, (size_t)(p - s->at));
	if (p == s->at || !text_is_decimal(text) || (p < s->end && name_octet(*p)))
		return false;
	s->at = p;
	out->literal = text;
	out->number = true;
	return true;
}

static int variable_find(const struct compiler *c, const char *name)
{
	for (int i = c->variable_count; i-- > 0;)
		if (text_equal(c->variables[i].name, name))
			return i;
	return -1;
}

/* A literal or a path; *shape_r is what the input declares for it, NULL: anything. */
static void take_reference(struct scanner *s, struct reference *out, const struct json **shape_r)
{
	*out = (struct reference){ .variable = -1 };
	*shape_r = NULL;
	skip_blanks(s);
	if (s->at < s->end && *s->at == '\'') {
		take_literal(s, out);
		return;
	}
	if (take_number(s, out))
		return;
	const char *start = s->at;
	char *name = take_name(s);
	if (!name)
		return;
	struct path_step steps[32];
	size_t count = 0;
	out->variable = variable_find(s->c, name);
	if (out->variable >= 0) {
		out->variable_name = name;
		*shape_r = s->c->variables[out->variable].shape;
		if (s->at < s->end && *s->at == '#') {
			s->at++;
			out->position = true;
			*shape_r = NULL;
			return;
		}
	} else {
		*shape_r = s->c->shape;
		if (!text_equal(name, "$")) {
			steps[count++] = (struct path_step){ .name = name };
			*shape_r = check_step(s, *shape_r, &steps[0], name);
		}
	}
	while (s->at < s->end && *s->at == '.') {
		s->at++;
		if (!(name = take_name(s)))
			return;
		if (count == 32) {
			fail(s, "path \"%s\" has too many steps", start);
			return;
		}
		steps[count] = step_of(name);
		*shape_r = check_step(s, *shape_r, &steps[count], arena_text_n(s->c->arena, start, (size_t)(s->at - start)));
		count++;
	}
	out->steps = arena_array(s->c->arena, count ? count : 1, sizeof *out->steps);
	memcpy(out->steps, steps, count * sizeof *steps);
	out->count = count;
}

static void take_arguments(struct scanner *s, struct filter_use *use)
{
	struct reference arguments[MAP_ARGUMENTS];
	const struct json *shape;
	if (take(s, '(') && !take(s, ')')) {
		do {
			if (use->count == MAP_ARGUMENTS) {
				fail(s, "filter \"%s\" has too many arguments", use->filter->name);
				return;
			}
			take_reference(s, &arguments[use->count++], &shape);
		} while (!s->failed && take(s, ','));
		if (!s->failed && !take(s, ')'))
			fail(s, "the arguments of filter \"%s\" have no closing parenthesis", use->filter->name);
	}
	use->arguments = arena_array(s->c->arena, use->count ? use->count : 1, sizeof *use->arguments);
	memcpy(use->arguments, arguments, use->count * sizeof *arguments);
}

static void take_filter(struct scanner *s, struct filter_use *use)
{
	*use = (struct filter_use){ 0 };
	skip_blanks(s);
	const char *name = take_name(s);
	if (!name)
		return;
	use->filter = filter_find(name);
	if (!use->filter) {
		fail(s, "there is no filter \"%s\" (see sealgate-mapping(5))", name);
		return;
	}
	take_arguments(s, use);
	if (!s->failed && (use->count < use->filter->least || use->count > use->filter->most)) {
		problem_add(s->c, s->line, "filter \"%s\" takes %u to %u arguments, not %zu", name, use->filter->least, use->filter->most, use->count);
		s->failed = true;
	}
	if (!s->failed && use->filter->check)
		use->filter->check(s->c, use, s->line);
}

/* What the declared input is after a filter: most give text, of which nothing more is known. */
static const struct json *shape_after(struct scanner *s, const struct json *shape, const struct filter_use *use)
{
	const char *name = use->filter->name;
	if (text_equal(name, "list") || text_equal(name, "default") || text_equal(name, "required"))
		return shape;
	if (text_equal(name, "pick"))
		return shape_element(shape);
	if (text_equal(name, "get")) {
		struct path_step step = step_of(use->arguments[0].literal ? use->arguments[0].literal : "");
		return check_step(s, shape, &step, use->arguments[0].literal);
	}
	return NULL;
}

static const struct json *take_expression(struct scanner *s, struct expression *out)
{
	skip_blanks(s);
	const char *start = s->at;
	const struct json *shape;
	struct filter_use filters[16];
	size_t count = 0;
	*out = (struct expression){ .line = s->line };
	take_reference(s, &out->base, &shape);
	while (!s->failed && take(s, '|')) {
		if (count == 16)
			fail(s, "\"%s\" has too many filters", start);
		else
			take_filter(s, &filters[count++]);
		if (!s->failed)
			shape = shape_after(s, shape, &filters[count - 1]);
	}
	out->filters = arena_array(s->c->arena, count ? count : 1, sizeof *filters);
	memcpy(out->filters, filters, count * sizeof *filters);
	out->count = count;
	const char *end = s->at;
	while (end > start && strchr(" \t\r\n", end[-1]))
		end--;
	out->text = arena_text_n(s->c->arena, start, (size_t)(end - start));
	return shape;
}

static void expect_end(struct scanner *s)
{
	skip_blanks(s);
	if (s->at < s->end)
		fail(s, "\"%.*s\" is not understood here", (int)(s->end - s->at), s->at);
}

void expression_compile(struct compiler *c, const char *text, size_t size, unsigned line, struct expression *out)
{
	struct scanner s = { c, text, text + size, line, false };
	take_expression(&s, out);
	expect_end(&s);
}

static bool take_word(struct scanner *s, const char *word)
{
	skip_blanks(s);
	size_t n = strlen(word);
	if ((size_t)(s->end - s->at) <= n || strncmp(s->at, word, n) != 0 || !strchr(" \t\r\n", s->at[n]))
		return false;
	s->at += n;
	return true;
}

static struct condition *take_condition(struct scanner *s)
{
	struct condition *out = arena_alloc(s->c->arena, sizeof *out);
	struct expression terms[16];
	take_expression(s, &terms[out->count++]);
	bool all = false;
	for (;;) {
		bool with_and = take_word(s, "and"), with_or = !with_and && take_word(s, "or");
		if (s->failed || (!with_and && !with_or))
			break;
		all |= with_and;
		out->any |= with_or;
		if ((all && out->any) || out->count == 16) {
			fail(s, "a condition joins at most 16 terms, either all by \"and\" or all by \"or\"");
			break;
		}
		take_expression(s, &terms[out->count++]);
	}
	out->terms = arena_array(s->c->arena, out->count, sizeof *terms);
	memcpy(out->terms, terms, out->count * sizeof *terms);
	return out;
}

struct condition *condition_compile(struct compiler *c, const char *text, unsigned line)
{
	struct scanner s = { c, text, text + strlen(text), line, false };
	struct condition *out = take_condition(&s);
	expect_end(&s);
	return out;
}

struct loop *loop_open(struct compiler *c, const char *text, unsigned line)
{
	struct scanner s = { c, text, text + strlen(text), line, false };
	struct loop *loop = arena_alloc(c->arena, sizeof *loop);
	skip_blanks(&s);
	loop->name = take_name(&s);
	if (!loop->name || !take_word(&s, "in"))
		fail(&s, "\"%s\" is not of the form \"name in path\"", text);
	const struct json *shape = NULL;
	if (!s.failed)
		shape = take_expression(&s, &loop->over);
	if (c->variable_count == MAP_VARIABLES)
		fail(&s, "loop \"%s\" stands in too many others", text);
	if (!s.failed && variable_find(c, loop->name) >= 0)
		fail(&s, "an outer loop has a \"%s\" already", loop->name);
	loop->variable = c->variable_count < MAP_VARIABLES ? c->variable_count : MAP_VARIABLES - 1;
	c->variables[loop->variable] = (struct variable_scope){ loop->name ? loop->name : "", shape_element(shape) };
	c->variable_count = loop->variable + 1;
	if (!s.failed && take_word(&s, "where"))
		loop->where = take_condition(&s);
	if (!s.failed)
		expect_end(&s);
	return loop;
}

void loop_close(struct compiler *c)
{
	c->variable_count--;
}

/* The brace that ends an expression: quoted text may hold braces. */
static const char *closing_brace(const char *at)
{
	for (bool quoted = false; *at; at++)
		if (*at == '\'')
			quoted = !quoted;
		else if (*at == '}' && !quoted)
			return at;
	return NULL;
}

static void part_add(struct compiler *c, struct text_template *out, struct part part)
{
	struct part *parts = arena_array(c->arena, out->count + 1, sizeof *parts);
	if (out->count)
		memcpy(parts, out->parts, out->count * sizeof *parts);
	parts[out->count++] = part;
	out->parts = parts;
}

void template_compile(struct compiler *c, const char *text, unsigned line, struct text_template *out)
{
	*out = (struct text_template){ .line = line };
	BUFFER_AUTO fixed = { 0 };
	for (const char *at = text; *at; at++) {
		if ((*at == '{' || *at == '}') && at[1] == *at) {
			buffer_add_char(&fixed, *at++);
		} else if (*at == '}') {
			problem_add(c, line, "a } that closes nothing is written }}");
		} else if (*at == '{') {
			const char *close = closing_brace(at + 1);
			if (!close) {
				problem_add(c, line, "a { is never closed; a brace as text is written {{");
				break;
			}
			if (fixed.size)
				part_add(c, out, (struct part){ .fixed = arena_text(c->arena, buffer_text(&fixed)) });
			buffer_reset(&fixed);
			struct expression *expression = arena_alloc(c->arena, sizeof *expression);
			expression_compile(c, at + 1, (size_t)(close - at - 1), line, expression);
			part_add(c, out, (struct part){ .expression = expression });
			out->has_expression = true;
			at = close;
		} else {
			line += *at == '\n';
			buffer_add_char(&fixed, *at);
		}
	}
	if (fixed.size)
		part_add(c, out, (struct part){ .fixed = arena_text(c->arena, buffer_text(&fixed)) });
}
