/* Running expressions, conditions and loops over an input. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/text.h"
#include "map/engine.h"

bool value_is_there(const struct value *value)
{
	return value->kind != VALUE_NONE && !(value->kind == VALUE_NODE && json_kind(value->node) <= JSON_KIND_NULL);
}

const char *value_text(const struct value *value)
{
	switch (value->kind) {
	case VALUE_TEXT:
	case VALUE_NUMBER:
		return value->text;
	case VALUE_BOOL:
		return value->yes ? "true" : "false";
	case VALUE_NODE:
		return json_scalar(value->node);
	case VALUE_NONE:
		break;
	}
	return NULL;
}

bool value_holds(const struct value *value)
{
	if (!value_is_there(value))
		return false;
	if (value->kind == VALUE_BOOL)
		return value->yes;
	const char *text = value_text(value);
	if (text)
		return *text && !(value->kind == VALUE_NODE && json_kind(value->node) == JSON_KIND_BOOL && !json_bool(value->node, false));
	return json_count(value->node) > 0;
}

void value_set_text(struct value *value, const char *text)
{
	*value = (struct value){ .kind = text ? VALUE_TEXT : VALUE_NONE, .text = text };
}

void value_set_bool(struct value *value, bool yes)
{
	*value = (struct value){ .kind = VALUE_BOOL, .yes = yes };
}

int run_fail(struct run *run, enum error_code code, const char *format, ...)
{
	char text[400];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	error_set(run->error, code, "%s", text);
	if (run->field)
		error_in_field(run->error, "%s", run->field);
	return error_at(run->error, "%s:%u", run->file, run->line);
}

void run_mark(struct run *run, const char *kind, const char *format, ...)
{
	struct map_marks *marks = run->marks;
	if (!marks)
		return;
	char text[400];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (marks->count == run->mark_room) {
		size_t room = run->mark_room ? run->mark_room * 2 : 8;
		struct map_mark *items = arena_array(run->arena, room, sizeof *items);
		if (marks->count)
			memcpy(items, marks->items, marks->count * sizeof *items);
		marks->items = items;
		run->mark_room = room;
	}
	marks->items[marks->count++] = (struct map_mark){ kind, run->where ? run->where(run) : "", run->field ? run->field : "",
		                                          arena_text(run->arena, text) };
}

void run_refuse(struct run *run, size_t index, const struct error *why)
{
	struct map_refusals *refusals = run->refusals;
	if (refusals->count == run->refusal_room) {
		size_t room = run->refusal_room ? run->refusal_room * 2 : 8;
		struct map_refusal *items = arena_array(run->arena, room, sizeof *items);
		if (refusals->count)
			memcpy(items, refusals->items, refusals->count * sizeof *items);
		refusals->items = items;
		run->refusal_room = room;
	}
	refusals->items[refusals->count++] = (struct map_refusal){ index, *why };
}

int run_step(struct run *run)
{
	if (++run->steps > MAP_STEPS)
		return run_fail(run, ERROR_TOO_LARGE, "the mapping takes more than %d steps for this input", MAP_STEPS);
	return 0;
}

static const struct json *walk(const struct json *node, const struct path_step *steps, size_t count)
{
	for (size_t i = 0; i < count && node; i++) {
		if (steps[i].name)
			node = json_find(node, steps[i].name);
		else if (json_kind(node) == JSON_KIND_ARRAY)
			node = steps[i].last ? (json_count(node) ? json_at(node, json_count(node) - 1) : NULL) : json_at(node, steps[i].index);
		else if (steps[i].last || steps[i].index > 0)
			node = steps[i].last ? node : NULL;  /* one thing is a list of itself */
	}
	return node;
}

int reference_value(struct run *run, const struct reference *reference, struct value *value_r)
{
	TRY(run_step(run));
	if (reference->literal) {
		*value_r = (struct value){ .kind = reference->number ? VALUE_NUMBER : VALUE_TEXT, .text = reference->literal };
	} else if (reference->position) {
		*value_r = (struct value){ .kind = VALUE_NUMBER,
			                   .text = arena_printf(run->arena, "%zu", run->variables[reference->variable].number) };
	} else {
		const struct json *from = reference->variable < 0 ? run->root : run->variables[reference->variable].node;
		const struct json *node = walk(from, reference->steps, reference->count);
		*value_r = (struct value){ .kind = node ? VALUE_NODE : VALUE_NONE, .node = node };
	}
	return 0;
}

const char *reference_path(struct run *run, const struct reference *reference)
{
	if (reference->literal)
		return "";
	BUFFER_AUTO path = { 0 };
	const struct json *node = run->root;
	if (reference->variable >= 0) {
		buffer_add_text(&path, run->variables[reference->variable].path);
		node = run->variables[reference->variable].node;
		if (reference->position)
			buffer_add_char(&path, '#');
	}
	for (size_t i = 0; i < reference->count; i++) {
		const struct path_step *step = &reference->steps[i];
		size_t n = json_count(node);
		if (path.size)
			buffer_add_char(&path, '.');
		if (step->name)
			buffer_add_text(&path, step->name);
		else
			buffer_printf(&path, "%zu", step->last && n ? n - 1 : step->index);
		node = walk(node, step, 1);
	}
	return path.size ? arena_text(run->arena, buffer_text(&path)) : "$";
}

const char *filter_argument(struct run *run, const struct filter_use *use, size_t i)
{
	struct value value = { 0 };
	if (i >= use->count || reference_value(run, &use->arguments[i], &value) < 0)
		return "";
	const char *text = value_text(&value);
	return text ? text : "";
}

int expression_run(struct run *run, const struct expression *expression, struct value *value_r)
{
	run->line = expression->line;
	run->field = NULL;
	run->base = &expression->base;
	TRY(reference_value(run, &expression->base, value_r));
	if (!value_is_there(value_r))
		*value_r = (struct value){ 0 };
	for (size_t i = 0; i < expression->count; i++) {
		const struct filter_use *use = &expression->filters[i];
		if (value_r->kind == VALUE_NONE && !use->filter->takes_absent)
			continue;
		run->field = reference_path(run, run->base);
		TRY(run_step(run));
		TRY(use->filter->run(run, use, value_r));
		if (!value_is_there(value_r))
			*value_r = (struct value){ 0 };
	}
	return 0;
}

int condition_run(struct run *run, const struct condition *condition, bool *holds_r)
{
	*holds_r = !condition->any;
	for (size_t i = 0; i < condition->count && *holds_r != condition->any; i++) {
		struct value value;
		TRY(expression_run(run, &condition->terms[i], &value));
		*holds_r = value_holds(&value);
	}
	return 0;
}

void loop_take(struct run *run, const struct loop *loop, const struct loop_item *item, size_t number)
{
	run->variables[loop->variable].node = item->node;
	run->variables[loop->variable].path = item->path;
	run->variables[loop->variable].number = number;
}

int loop_run(struct run *run, const struct loop *loop, struct loop_item **items_r, size_t *count_r)
{
	struct value over;
	TRY(expression_run(run, &loop->over, &over));
	const char *path = reference_path(run, run->base);
	*count_r = 0;
	*items_r = NULL;
	if (over.kind == VALUE_NONE)
		return 0;
	if (over.kind != VALUE_NODE || json_kind(over.node) != JSON_KIND_ARRAY) {
		run->field = path;
		return run_fail(run, ERROR_BAD_FIELD, "\"%s\" is no list", run->field);
	}
	struct loop_item *items = arena_array(run->arena, json_count(over.node), sizeof *items);
	for (struct json_iter it = json_iter(over.node); json_next(&it);) {
		struct loop_item item = { it.value, over.is_alone ? path : arena_printf(run->arena, "%s.%zu", path, it.index - 1) };
		bool holds = true;
		loop_take(run, loop, &item, *count_r + 1);
		if (loop->where)
			TRY(condition_run(run, loop->where, &holds));
		TRY(run_step(run));
		if (holds)
			items[(*count_r)++] = item;
	}
	*items_r = items;
	return 0;
}

static void add_source(struct buffer *out, const char *path)
{
	if (!*path)
		return;
	if (out->size)
		buffer_add_text(out, ", ");
	buffer_add_text(out, path);
}

static void add_sources(struct run *run, const struct expression *expression, struct buffer *out)
{
	add_source(out, reference_path(run, &expression->base));
	for (size_t i = 0; i < expression->count; i++)
		for (size_t k = 0; k < expression->filters[i].count; k++)
			add_source(out, reference_path(run, &expression->filters[i].arguments[k]));
}

const char *expression_sources(struct run *run, const struct expression *expression)
{
	BUFFER_AUTO out = { 0 };
	add_sources(run, expression, &out);
	return arena_text(run->arena, buffer_text(&out));
}

const char *template_sources(struct run *run, const struct text_template *text)
{
	BUFFER_AUTO out = { 0 };
	for (size_t i = 0; i < text->count; i++)
		if (text->parts[i].expression)
			add_sources(run, text->parts[i].expression, &out);
	return arena_text(run->arena, buffer_text(&out));
}

const char *template_filters(struct run *run, const struct text_template *text)
{
	BUFFER_AUTO out = { 0 };
	for (size_t i = 0; i < text->count; i++)
		if (text->parts[i].expression)
			buffer_printf(&out, "{%s}", text->parts[i].expression->text);
	return arena_text(run->arena, buffer_text(&out));
}

/* The text of one expression; NULL: it has none. */
static int piece_run(struct run *run, const struct expression *expression, const char **piece_r)
{
	struct value value;
	*piece_r = NULL;
	TRY(expression_run(run, expression, &value));
	if (value.kind == VALUE_NONE)
		return 0;
	*piece_r = value_text(&value);
	if (*piece_r)
		return 0;
	run->field = reference_path(run, &expression->base);
	return run_fail(run, ERROR_BAD_FIELD, "\"%s\" is a list or an object where text is written", run->field);
}

/* Nothing to join: values live as long as the run, in its arena, its input or its mapping. */
static int template_one(struct run *run, const struct text_template *text, const char **text_r, size_t *values_r)
{
	const char *piece;
	TRY(piece_run(run, text->parts[0].expression, &piece));
	run->line = text->line;
	*values_r = piece && *piece;
	*text_r = *values_r ? piece : NULL;
	return 0;
}

int template_run(struct run *run, const struct text_template *text, const char **text_r, size_t *values_r)
{
	BUFFER_AUTO out = { 0 };
	*values_r = 0;
	if (text->count == 1 && text->parts[0].expression)
		return template_one(run, text, text_r, values_r);
	if (text->count == 0 || (text->count == 1 && text->parts[0].fixed)) {  /* nothing to put together */
		run->line = text->line;
		*text_r = text->has_expression ? NULL : text->count ? text->parts[0].fixed : "";
		return 0;
	}
	for (size_t i = 0; i < text->count; i++) {
		const char *piece = text->parts[i].fixed;
		if (piece) {
			buffer_add_text(&out, piece);
			continue;
		}
		TRY(piece_run(run, text->parts[i].expression, &piece));
		if (!piece)
			continue;
		buffer_add_text(&out, piece);
		*values_r += *piece != '\0';
	}
	run->line = text->line;
	*text_r = text->has_expression && !*values_r ? NULL : arena_text(run->arena, buffer_text(&out));
	return 0;
}
