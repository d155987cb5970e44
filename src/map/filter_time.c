/* datetime: from what providers and customs write to what customs and providers read. */
#include <stdio.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "map/engine.h"

static const char *const inputs[] = { "rfc3339", "304", "102", "minute", "unix", "unix_ms", NULL };
static const char *const outputs[] = { "304", "102", "rfc3339", "unix", "unix_ms", "minute", NULL };

static bool among(const char *const *names, const char *name)
{
	while (*names && !text_equal(*names, name))
		names++;
	return *names;
}

/* Seconds or milliseconds since 1970, as a decimal; more than 1e11 can only be milliseconds. */
static int parse_unix(const char *text, const char *form, int64_t *ms_r, struct error *error)
{
	double value = text_is_decimal(text) ? text_double(text) : -1;
	bool in_ms = form ? text_equal(form, "unix_ms") : value > 1e11;
	value = in_ms ? value : value * 1000;
	if (value < 0 || value > 253402300799999.0)
		FAIL(error, BAD_FIELD, "\"%.40s\" is no time since 1970", text);
	*ms_r = (int64_t)(value + 0.5);
	return 0;
}

/* 20260204T0600Z, as the tails of sentences have it. */
static int parse_minute(const char *text, int64_t *ms_r, struct error *error)
{
	char whole[16];
	if (strlen(text) != 14 || text[8] != 'T' || text[13] != 'Z')
		FAIL(error, BAD_FIELD, "\"%.40s\" is no time like 20260204T0600Z", text);
	snprintf(whole, sizeof whole, "%.8s%.4s00Z", text, text + 9);
	return clock_parse_304(whole, ms_r, error);
}

static int parse(const struct value *value, const char *text, const char *form, int64_t *ms_r, struct error *error)
{
	bool number = value->kind == VALUE_NUMBER || (value->kind == VALUE_NODE && json_number(value->node));
	if (form ? text_starts(form, "unix") : number)
		return parse_unix(text, form, ms_r, error);
	if (text_equal(form, "minute"))
		return parse_minute(text, ms_r, error);
	if (form ? !text_equal(form, "rfc3339") : strlen(text) > 4 && text[4] != '-')
		return clock_parse_304(text, ms_r, error);
	return clock_parse(text, ms_r, error);
}

static int datetime(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text = value_text(value), *out = filter_argument(run, use, 0);
	const char *form = use->count > 1 ? filter_argument(run, use, 1) : NULL;
	form = text_empty(form) ? NULL : form;
	if (!text)
		return run_fail(run, ERROR_BAD_FIELD, "\"%s\" is no time", run->field);
	int64_t ms;
	struct error why = { 0 };
	if (parse(value, text, form, &ms, &why) < 0 && use->count > 2) {  /* optional: what cannot be read is left out */
		run_mark(run, "left_out", "%s", why.text);
		*value = (struct value){ 0 };
		return 0;
	}
	if (why.code != ERROR_NONE)
		return run_fail(run, ERROR_BAD_FIELD, "\"%s\": %s", run->field, why.text);
	char room[CLOCK_TEXT_SIZE];
	if (text_equal(out, "304"))
		value_set_text(value, arena_text(run->arena, clock_format_304(ms, room)));
	else if (text_equal(out, "102"))
		value_set_text(value, arena_text(run->arena, clock_format_102(ms, room)));
	else if (text_equal(out, "rfc3339"))
		value_set_text(value, arena_text(run->arena, clock_format(ms, room)));
	else if (text_equal(out, "minute"))  /* 20260204T0600Z: for the tail of a sentence */
		value_set_text(value, arena_printf(run->arena, "%.8sT%.4sZ", clock_format_304(ms, room), clock_format_304(ms, room) + 8));
	else
		*value = (struct value){ .kind = VALUE_NUMBER,
			                 .text = arena_printf(run->arena, "%lld", (long long)(text_equal(out, "unix") ? ms / 1000 : ms)) };
	return 0;
}

static void check_datetime(struct compiler *c, struct filter_use *use, unsigned line)
{
	const char *out = use->arguments[0].literal, *in = use->count > 1 ? use->arguments[1].literal : "304";
	if (!out || !among(outputs, out))
		problem_add(c, line, "datetime() writes '304', '102', 'rfc3339', 'minute', 'unix' or 'unix_ms'");
	if (!in || (*in && !among(inputs, in)) || (!*in && use->count < 3))
		problem_add(c, line, "datetime() reads 'rfc3339', '304', '102', 'minute', 'unix' or 'unix_ms' ('': what it looks like, before 'optional')");
	if (use->count > 2 && !text_equal(use->arguments[2].literal, "optional"))
		problem_add(c, line, "the third argument of datetime() is 'optional': a time that cannot be read is left out and marked");
}

const struct filter filters_of_time[] = {
	{ "datetime", 1, 3, false, datetime, check_datetime },
	{ 0 },
};
