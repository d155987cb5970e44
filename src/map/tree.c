/* Mappings to JSON: a value in the shape of what it gives, with "m:for", "m:if", "m:first" and "m:value" members. */
#include "map/tree.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

/* ---- compiling ---- */

struct reader {
	struct compiler *c;
	const char *source;
	const char *at;  /* lines are found by going on from here */
	unsigned line;
};

/* Members come in the order of the file, so the next occurrence of the text is the one that is meant. */
static unsigned line_of(struct reader *r, const char *text)
{
	BUFFER_AUTO quoted = { 0 };
	text_escape_json(&quoted, text);
	const char *found = strstr(r->at, buffer_text(&quoted));
	for (; found && r->at < found; r->at++)
		r->line += *r->at == '\n';
	return r->line;
}

static void compile(struct reader *r, const struct json *node, unsigned depth, struct tree *out);

static void compile_inside(struct reader *r, const struct json *node, unsigned depth, struct tree *out)
{
	out->inside = arena_array(r->c->arena, json_count(node) + 1, sizeof *out->inside);
	for (struct json_iter it = json_iter(node); json_next(&it);) {
		if (it.name && text_starts(it.name, "m:"))
			continue;
		struct tree *member = &out->inside[out->count++];
		if (it.name)
			line_of(r, it.name);
		compile(r, it.value, depth + 1, member);
		member->name = it.name ? arena_text(r->c->arena, it.name) : NULL;
		out->dynamic |= member->dynamic;
	}
}

static void compile_object(struct reader *r, const struct json *node, unsigned depth, struct tree *out)
{
	const char *loop = json_text(json_find(node, "m:for")), *test = json_text(json_find(node, "m:if"));
	const struct json *first = json_find(node, "m:first");
	if (first) {
		if (json_kind(first) != JSON_KIND_ARRAY || json_count(node) != 1)
			problem_add(r->c, line_of(r, "m:first"), "\"m:first\" is an array and stands alone in its object");
		compile(r, first, depth + 1, out);
		out->first = true;
		return;
	}
	out->kind = TREE_OBJECT;
	for (struct json_iter it = json_iter(node); json_next(&it);)
		if (text_starts(it.name, "m:") && !text_equal(it.name, "m:for") && !text_equal(it.name, "m:if") && !text_equal(it.name, "m:value"))
			problem_add(r->c, line_of(r, it.name), "there is no \"%s\"", it.name);
	if (loop)
		out->loop = loop_open(r->c, loop, line_of(r, loop));
	if (test)
		out->condition = condition_compile(r->c, test, line_of(r, test));
	const struct json *value = json_find(node, "m:value");
	if (value) {  /* "m:for" over something that is not an object */
		struct tree *only = arena_alloc(r->c->arena, sizeof *only);
		compile(r, value, depth + 1, only);
		out->inside = only;
		out->count = 1;
		out->dynamic = only->dynamic;
	} else {
		compile_inside(r, node, depth, out);
	}
	if (loop)
		loop_close(r->c);
}

static void compile(struct reader *r, const struct json *node, unsigned depth, struct tree *out)
{
	out->line = r->line;
	if (depth > 32) {
		problem_add(r->c, r->line, "the mapping stands too deep in itself");
		return;
	}
	switch (json_kind(node)) {
	case JSON_KIND_OBJECT:
		compile_object(r, node, depth, out);
		return;
	case JSON_KIND_ARRAY:
		out->kind = TREE_ARRAY;
		compile_inside(r, node, depth, out);
		return;
	case JSON_KIND_TEXT:
		out->kind = TREE_TEXT;
		out->line = line_of(r, json_text(node));
		template_compile(r->c, json_text(node), out->line, &out->text);
		out->dynamic = out->text.has_expression;
		return;
	default:
		out->kind = TREE_FIXED;
		out->fixed = node;
	}
}

struct tree *tree_compile(struct compiler *c, const char *text)
{
	struct json *root;
	struct error error = { 0 };
	if (json_parse(c->arena, bytes_of_text(text), NULL, &root, &error) < 0) {
		problem_add(c, (unsigned)strtoul(error.place + strcspn(error.place, "0123456789"), NULL, 10), "%s", error.text);
		return NULL;
	}
	struct reader r = { c, text, text, 1 };
	struct tree *tree = arena_alloc(c->arena, sizeof *tree);
	compile(&r, root, 0, tree);
	if (tree->kind == TREE_OBJECT && !tree->loop)
		tree->dynamic = false;  /* what stands at the root stands always */
	return tree;
}

/* ---- running ---- */

struct walker {
	struct run *run;
	struct map_traces *traces;
	struct buffer path;    /* JSON pointer of what is being written */
	size_t values;
	unsigned loops;        /* that it stands in */
	bool is_in_element;    /* of a list whose elements are refused one by one */
};

static const char *where(struct run *run)
{
	struct walker *w = run->writer;
	return arena_text(run->arena, buffer_text(&w->path));
}

static void go_in(struct walker *w, const char *name, size_t index)
{
	if (!name)
		buffer_printf(&w->path, "/%zu", index);
	else
		buffer_printf(&w->path, "/%s", name);
}

static void go_back(struct walker *w, size_t size)
{
	w->path.size = size;
	if (w->path.data)
		w->path.data[size] = '\0';
}

static int write_text(struct walker *w, const struct tree *tree, struct json **out)
{
	struct run *run = w->run;
	if (tree->text.count == 1 && tree->text.parts[0].expression) {  /* the value as it is, whatever its kind */
		struct value value;
		TRY(expression_run(run, tree->text.parts[0].expression, &value));
		switch (value.kind) {
		case VALUE_NONE:
			return 0;
		case VALUE_NODE:
			*out = json_clone(run->arena, value.node);
			break;
		case VALUE_NUMBER:
			*out = json_new_number(run->arena, value.text);
			break;
		case VALUE_BOOL:
			*out = json_new_bool(run->arena, value.yes);
			break;
		case VALUE_TEXT:
			*out = json_new_text(run->arena, value.text);
			break;
		}
		w->values++;
	} else {
		const char *text;
		size_t values;
		TRY(template_run(run, &tree->text, &text, &values));
		w->values += values;
		*out = text ? json_new_text(run->arena, text) : NULL;
	}
	if (w->traces && *out)
		*trace_add(run->arena, w->traces) = (struct map_trace){ .element = where(run), .source = template_sources(run, &tree->text),
			.filters = template_filters(run, &tree->text), .value = json_to_text(run->arena, *out, JSON_COMPACT), .file = run->file,
			.line = tree->line };
	return 0;
}

static int walk(struct walker *w, const struct tree *tree, struct json **out);

static int write_members(struct walker *w, const struct tree *tree, struct json *object)
{
	for (size_t i = 0; i < tree->count; i++) {
		struct json *value = NULL;
		size_t size = w->path.size;
		go_in(w, tree->inside[i].name, i);
		TRY(walk(w, &tree->inside[i], &value));
		go_back(w, size);
		json_set(object, tree->inside[i].name, value);
	}
	return 0;
}

/* One object, or what stands in its "m:value"; nothing where its expressions gave nothing. */
static int write_once(struct walker *w, const struct tree *tree, struct json **out)
{
	bool holds = true;
	size_t before = w->values, traces = w->traces ? w->traces->count : 0;
	*out = NULL;
	if (tree->condition)
		TRY(condition_run(w->run, tree->condition, &holds));
	if (!holds)
		return 0;
	if (tree->count == 1 && !tree->inside[0].name) {
		TRY(walk(w, &tree->inside[0], out));
	} else {
		*out = json_new_object(w->run->arena);
		TRY(write_members(w, tree, *out));
	}
	if (tree->dynamic && w->values == before) {
		*out = NULL;
		if (w->traces)
			w->traces->count = traces;
	}
	return 0;
}

/* Where elements are refused one by one, what fails between opening and closing is one element's own failure. */
struct guard {
	struct error why, *outer;
	bool is_on;
	size_t path;
	unsigned loops;
};

static void guard_open(struct walker *w, struct guard *g, bool wanted)
{
	*g = (struct guard){ .outer = w->run->error, .path = w->path.size, .loops = w->loops };
	g->is_on = wanted && w->run->refusals && !w->is_in_element;
	if (g->is_on)
		w->run->error = &g->why;
}

static int guard_close(struct walker *w, struct guard *g, int result, struct json *array)
{
	if (!g->is_on)
		return result;
	w->run->error = g->outer;
	if (result == 0)
		return 0;
	go_back(w, g->path);
	w->loops = g->loops;
	if (w->run->steps > MAP_STEPS) {  /* the budget is the whole list's */
		if (g->outer)
			*g->outer = g->why;
		return -1;
	}
	run_refuse(w->run, json_count(array), &g->why);
	json_append(array, json_new_null(w->run->arena));
	w->values++;
	return 0;
}

static int write_elements(struct walker *w, const struct tree *tree, bool only_first, struct json *array);

/* As an element, an object whose "m:value" is an array is that array's elements, not a list in the list. */
static bool is_group(const struct tree *tree)
{
	return tree->kind == TREE_OBJECT && tree->count == 1 && !tree->inside[0].name && tree->inside[0].kind == TREE_ARRAY &&
	       !tree->inside[0].first;
}

static int write_group(struct walker *w, const struct tree *tree, bool only_first, struct json *array)
{
	struct guard g;
	bool holds = !tree->condition;
	guard_open(w, &g, w->loops);
	TRY(guard_close(w, &g, tree->condition ? condition_run(w->run, tree->condition, &holds) : 0, array));
	return holds && g.why.code == ERROR_NONE ? write_elements(w, &tree->inside[0], only_first, array) : 0;
}

/* The element once: if it is a loop, its variable is set. */
static int write_element(struct walker *w, const struct tree *tree, bool only_first, struct json *array)
{
	if (is_group(tree))
		return write_group(w, tree, only_first, array);
	struct json *value = NULL;
	struct guard g;
	guard_open(w, &g, true);
	w->is_in_element |= g.is_on;
	go_in(w, NULL, json_count(array));
	int result = tree->loop ? write_once(w, tree, &value) : walk(w, tree, &value);
	if (g.is_on)
		w->is_in_element = false;
	TRY(guard_close(w, &g, result, array));
	go_back(w, g.path);
	if (value && g.why.code == ERROR_NONE)
		json_append(array, value);
	return 0;
}

static int write_each(struct walker *w, const struct tree *tree, bool only_first, struct json *array)
{
	struct loop_item *items = NULL;
	size_t count = 0;
	struct guard g;
	guard_open(w, &g, w->loops);
	TRY(guard_close(w, &g, loop_run(w->run, tree->loop, &items, &count), array));
	if (g.why.code != ERROR_NONE)
		return 0;
	w->loops++;
	for (size_t i = 0; i < count && !(only_first && json_count(array)); i++) {
		loop_take(w->run, tree->loop, &items[i], i + 1);
		TRY(write_element(w, tree, only_first, array));
	}
	w->loops--;
	return 0;
}

static int write_elements(struct walker *w, const struct tree *tree, bool only_first, struct json *array)
{
	for (size_t i = 0; i < tree->count && !(only_first && json_count(array)); i++)
		TRY((tree->inside[i].loop ? write_each : write_element)(w, &tree->inside[i], only_first, array));
	return 0;
}

static int write_array(struct walker *w, const struct tree *tree, struct json **out)
{
	size_t before = w->values;
	struct json *array = json_new_array(w->run->arena);
	TRY(write_elements(w, tree, tree->first, array));
	if (tree->first)
		*out = json_at(array, 0);
	else
		*out = tree->dynamic && w->values == before ? NULL : array;
	return 0;
}

static int walk(struct walker *w, const struct tree *tree, struct json **out)
{
	*out = NULL;
	TRY(run_step(w->run));
	switch (tree->kind) {
	case TREE_TEXT:
		return write_text(w, tree, out);
	case TREE_FIXED:
		*out = json_clone(w->run->arena, tree->fixed);
		return 0;
	case TREE_ARRAY:
		return write_array(w, tree, out);
	case TREE_OBJECT:
		break;
	}
	if (!tree->loop)
		return write_once(w, tree, out);
	*out = json_new_array(w->run->arena);
	return write_each(w, tree, false, *out);
}

int tree_run(struct run *run, const struct tree *tree, struct json **root_r, struct map_traces *traces)
{
	struct walker w = { .run = run, .traces = traces };
	run->where = where;
	run->writer = &w;
	int result = walk(&w, tree, root_r);
	run->where = NULL;
	buffer_clear(&w.path);
	return result;
}
