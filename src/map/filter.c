/* Filters that ask for presence, codes and lists. sealgate-mapping(5) has the table for people. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "map/engine.h"

static int required(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	const char *text = value_text(value);
	if (value->kind == VALUE_NONE || (text && text[strspn(text, " \t\r\n")] == '\0'))
		return run_fail(run, ERROR_MISSING_FIELD, "\"%s\" is required and missing", run->field);
	return 0;
}

static int use_default(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text = value_text(value);
	for (size_t i = 0; i < use->count && (value->kind == VALUE_NONE || (text && !*text)); i++) {
		TRY(reference_value(run, &use->arguments[i], value));
		if (!value_is_there(value))
			*value = (struct value){ 0 };
		else if (!use->arguments[i].literal)
			run->base = &use->arguments[i];
		text = value_text(value);
	}
	return 0;
}

/* Fails where the value is a list or an object. */
static int scalar(struct run *run, const struct value *value, const char **text_r)
{
	*text_r = value_text(value);
	return *text_r ? 0 : run_fail(run, ERROR_BAD_FIELD, "\"%s\" is a list or an object where one value is wanted", run->field);
}

static int code(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text;
	TRY(scalar(run, value, &text));
	value_set_text(value, code_list_find(use->list, text, use->from, use->to));
	return 0;
}

static void check_code(struct compiler *c, struct filter_use *use, unsigned line)
{
	const char *names[3] = { NULL };
	for (size_t i = 0; i < use->count; i++)
		if (!(names[i] = use->arguments[i].literal)) {
			problem_add(c, line, "the arguments of code() stand in quotes");
			return;
		}
	for (use->list = c->lists; use->list && !text_equal(use->list->name, names[0]);)
		use->list = use->list->next;
	if (!use->list) {
		problem_add(c, line, "there is no code list \"%s\" (codes/%s.csv)", names[0], names[0]);
		return;
	}
	use->from = names[2] ? code_list_column(use->list, names[2]) : 0;
	use->to = names[1] ? code_list_column(use->list, names[1]) : 1;
	if (use->from == SIZE_MAX || use->to == SIZE_MAX || use->to >= use->list->column_count)
		problem_add(c, line, "code list \"%s\" has no column \"%s\"", names[0],
		            use->from == SIZE_MAX ? names[2] : names[1] ? names[1] : "(second)");
}

/* choose('1','open','0','closed'[, otherwise]) */
static int choose(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text = value_text(value);
	const struct reference *chosen = use->count % 2 ? &use->arguments[use->count - 1] : NULL;
	for (size_t i = 0; text && i + 1 < use->count; i += 2)
		if (text_equal(filter_argument(run, use, i), text)) {
			chosen = &use->arguments[i + 1];
			break;
		}
	*value = (struct value){ 0 };
	if (chosen && !chosen->literal)
		run->base = chosen;
	return chosen ? reference_value(run, chosen, value) : 0;
}

/* Becomes absent if it is one of these. */
static int unless(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text = value_text(value);
	for (size_t i = 0; text && i < use->count; i++)
		if (text_equal(filter_argument(run, use, i), text)) {
			*value = (struct value){ 0 };
			break;
		}
	return 0;
}

static int list(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	if (value->kind == VALUE_NODE && json_kind(value->node) == JSON_KIND_ARRAY)
		return 0;
	struct json *array = json_new_array(run->arena);
	if (value->kind == VALUE_NODE)
		json_append(array, json_clone(run->arena, value->node));
	else
		json_append(array, json_new_text(run->arena, value_text(value)));
	*value = (struct value){ .kind = VALUE_NODE, .node = array, .is_alone = true };
	return 0;
}

/* A list of this alone, even where it is a list or nothing: "m:for" over it names a value. */
static int one(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	struct json *array = json_new_array(run->arena);
	if (value->kind == VALUE_NODE)
		json_append(array, json_clone(run->arena, value->node));
	else
		json_append(array, json_new_text(run->arena, value_text(value)));
	*value = (struct value){ .kind = VALUE_NODE, .node = array, .is_alone = true };
	return 0;
}

/* The first element whose member has that value. */
static int pick(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *member = filter_argument(run, use, 0), *wanted = filter_argument(run, use, 1);
	const struct json *among = value->kind == VALUE_NODE ? value->node : NULL;
	*value = (struct value){ 0 };
	if (json_kind(among) == JSON_KIND_OBJECT && text_equal(json_scalar(json_find(among, member)), wanted))
		*value = (struct value){ .kind = VALUE_NODE, .node = among };
	if (json_kind(among) != JSON_KIND_ARRAY)
		return 0;
	for (struct json_iter it = json_iter(among); json_next(&it);) {
		TRY(run_step(run));
		if (text_equal(json_scalar(json_find(it.value, member)), wanted)) {
			*value = (struct value){ .kind = VALUE_NODE, .node = it.value };
			break;
		}
	}
	return 0;
}

/* The elements that begin with one of these; none is absent. One text is a list of itself. */
static int keep(struct run *run, const struct filter_use *use, struct value *value)
{
	struct json *kept = json_new_array(run->arena), *alone = json_new_array(run->arena);
	const struct json *among = value->kind == VALUE_NODE && json_kind(value->node) == JSON_KIND_ARRAY ? value->node : alone;
	if (value_text(value))
		json_append(alone, json_new_text(run->arena, value_text(value)));
	for (struct json_iter it = json_iter(among); json_next(&it);) {
		TRY(run_step(run));
		bool wanted = false;
		for (size_t i = 0; json_scalar(it.value) && !wanted && i < use->count; i++)
			wanted = text_starts(json_scalar(it.value), filter_argument(run, use, i));
		if (wanted)
			json_append(kept, json_clone(run->arena, it.value));
	}
	*value = (struct value){ .kind = json_count(kept) ? VALUE_NODE : VALUE_NONE, .node = kept };
	return 0;
}

/* Of a list, the elements whose member has one of these values; none is absent. What is no list stays as it is. */
static int having(struct run *run, const struct filter_use *use, struct value *value)
{
	if (value->kind != VALUE_NODE || json_kind(value->node) != JSON_KIND_ARRAY)
		return 0;
	struct json *kept = json_new_array(run->arena);
	for (struct json_iter it = json_iter(value->node); json_next(&it);) {
		TRY(run_step(run));
		const char *text = json_scalar(json_find(it.value, filter_argument(run, use, 0)));
		bool wanted = false;
		for (size_t i = 1; text && !wanted && i < use->count; i++)
			wanted = text_equal(text, filter_argument(run, use, i));
		if (wanted)
			json_append(kept, json_clone(run->arena, it.value));
	}
	*value = (struct value){ .kind = json_count(kept) ? VALUE_NODE : VALUE_NONE, .node = kept };
	return 0;
}

static int get(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *name = filter_argument(run, use, 0);
	const struct json *found = NULL;
	if (value->kind == VALUE_NODE && json_kind(value->node) == JSON_KIND_OBJECT)
		found = json_find(value->node, name);
	else if (value->kind == VALUE_NODE && *name >= '0' && *name <= '9')
		found = json_at(value->node, strtoul(name, NULL, 10));
	*value = (struct value){ .kind = found ? VALUE_NODE : VALUE_NONE, .node = found };
	return 0;
}

static int count(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	size_t n = value->kind == VALUE_NODE && !json_scalar(value->node) ? json_count(value->node) : value->kind != VALUE_NONE;
	*value = (struct value){ .kind = VALUE_NUMBER, .text = arena_printf(run->arena, "%zu", n) };
	return 0;
}

static int join(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *between = filter_argument(run, use, 0), *member = use->count > 1 ? filter_argument(run, use, 1) : NULL;
	if (value->kind != VALUE_NODE || json_kind(value->node) != JSON_KIND_ARRAY)
		return 0;
	BUFFER_AUTO out = { .ceiling = (size_t)1 << 20 };
	bool more = false;
	for (struct json_iter it = json_iter(value->node); json_next(&it);) {
		TRY(run_step(run));
		const char *text = json_scalar(member ? json_find(it.value, member) : it.value);
		if (!text)
			continue;
		buffer_add_text(&out, more ? between : "");
		buffer_add_text(&out, text);
		more = true;
	}
	if (out.over)
		return run_fail(run, ERROR_TOO_LARGE, "\"%s\" joins to more than 1 MiB", run->field);
	value_set_text(value, out.size ? arena_text(run->arena, buffer_text(&out)) : NULL);
	return 0;
}

static const struct filter filters[] = {
	{ "required", 0, 0, true, required, NULL },
	{ "default", 1, 8, true, use_default, NULL },
	{ "code", 1, 3, false, code, check_code },
	{ "choose", 2, MAP_ARGUMENTS, true, choose, NULL },
	{ "unless", 1, MAP_ARGUMENTS, false, unless, NULL },
	{ "list", 0, 0, false, list, NULL },
	{ "one", 0, 0, true, one, NULL },
	{ "pick", 2, 2, false, pick, NULL },
	{ "keep", 1, MAP_ARGUMENTS, false, keep, NULL },
	{ "having", 2, MAP_ARGUMENTS, false, having, NULL },
	{ "get", 1, 1, false, get, NULL },
	{ "count", 0, 0, true, count, NULL },
	{ "join", 1, 2, false, join, NULL },
	{ 0 },
};

const struct filter *filter_at(size_t index)
{
	const struct filter *const tables[] = { filters, filters_of_text, filters_of_time, filters_of_tests, filters_of_customs };
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct filter *f = tables[i]; f->name; f++)
			if (index-- == 0)
				return f;
	return NULL;
}

const struct filter *filter_find(const char *name)
{
	const struct filter *f;
	for (size_t i = 0; (f = filter_at(i)) && !text_equal(f->name, name);)
		i++;
	return f;
}
