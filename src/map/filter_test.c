/* Filters that answer yes or no, for m:if and where. */
#include <string.h>

#include "lib/base/text.h"
#include "map/engine.h"

static int is(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text = value_text(value);
	bool yes = false;
	for (size_t i = 0; text && !yes && i < use->count; i++)
		yes = text_equal(text, filter_argument(run, use, i));
	value_set_bool(value, yes);
	return 0;
}

static int not(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)run;
	(void)use;
	value_set_bool(value, !value_holds(value));
	return 0;
}

static int exists(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)run;
	(void)use;
	value_set_bool(value, value->kind != VALUE_NONE);
	return 0;
}

/* -1, 0, 1 by number where both are decimal, else bytewise (times in one form sort so). */
static int compare(struct run *run, const struct filter_use *use, const struct value *value, int *order_r)
{
	const char *a = value_text(value), *b = filter_argument(run, use, 0);
	if (!a)
		return run_fail(run, ERROR_BAD_FIELD, "\"%s\" is a list or an object and cannot be compared", run->field);
	if (text_is_decimal(a) && text_is_decimal(b)) {
		double x = text_double(a), y = text_double(b);
		*order_r = (x > y) - (x < y);
	} else {
		*order_r = strcmp(a, b);
	}
	return 0;
}

#define COMPARISON(name, relation) \
	static int name(struct run *run, const struct filter_use *use, struct value *value) \
	{ \
		int order; \
		TRY(compare(run, use, value, &order)); \
		value_set_bool(value, order relation 0); \
		return 0; \
	}
COMPARISON(gt, >)
COMPARISON(ge, >=)
COMPARISON(lt, <)
COMPARISON(le, <=)

static int starts(struct run *run, const struct filter_use *use, struct value *value)
{
	bool yes = false;
	for (size_t i = 0; !yes && i < use->count; i++)
		yes = text_starts(value_text(value), filter_argument(run, use, i));
	value_set_bool(value, yes);
	return 0;
}

static int ends(struct run *run, const struct filter_use *use, struct value *value)
{
	value_set_bool(value, text_ends(value_text(value), filter_argument(run, use, 0)));
	return 0;
}

/* A list has it as an element, or a text as a part. */
static int contains(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *wanted = filter_argument(run, use, 0), *text = value_text(value);
	bool yes = text && strstr(text, wanted);
	if (!text && value->kind == VALUE_NODE)
		for (struct json_iter it = json_iter(value->node); json_next(&it);) {
			TRY(run_step(run));
			yes |= text_equal(json_scalar(it.value), wanted);
		}
	value_set_bool(value, yes);
	return 0;
}

const struct filter filters_of_tests[] = {
	{ "is", 1, MAP_ARGUMENTS, true, is, NULL },
	{ "in", 1, MAP_ARGUMENTS, true, is, NULL },
	{ "not", 0, 0, true, not, NULL },
	{ "exists", 0, 0, true, exists, NULL },
	{ "gt", 1, 1, false, gt, NULL },
	{ "ge", 1, 1, false, ge, NULL },
	{ "lt", 1, 1, false, lt, NULL },
	{ "le", 1, 1, false, le, NULL },
	{ "starts", 1, MAP_ARGUMENTS, false, starts, NULL },
	{ "ends", 1, 1, false, ends, NULL },
	{ "contains", 1, 1, false, contains, NULL },
	{ 0 },
};
