/* Filters that change text and numbers. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/crypto/digest.h"
#include "map/engine.h"

static int text_of(struct run *run, const struct value *value, const char **text_r)
{
	*text_r = value_text(value);
	return *text_r ? 0 : run_fail(run, ERROR_BAD_FIELD, "\"%s\" is a list or an object where text is wanted", run->field);
}

static int shift_case(struct run *run, struct value *value, char from, char to)
{
	const char *text;
	TRY(text_of(run, value, &text));
	char *out = arena_text(run->arena, text);
	for (char *p = out; *p; p++)
		if (*p >= from && *p <= from + 25)
			*p = (char)(*p - from + to);
	value_set_text(value, out);
	return 0;
}

static int upper(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	return shift_case(run, value, 'a', 'A');
}

static int lower(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	return shift_case(run, value, 'A', 'a');
}

/* Without blanks at its ends; nothing left is absent. */
static int trim(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	const char *text;
	TRY(text_of(run, value, &text));
	text += strspn(text, " \t\r\n");
	size_t n = strlen(text);
	while (n && strchr(" \t\r\n", text[n - 1]))
		n--;
	value_set_text(value, n ? arena_text_n(run->arena, text, n) : NULL);
	return 0;
}

static const char *after_characters(const char *text, size_t n)
{
	while (n-- && *text)
		text_utf8_next(&text);
	return text;
}

static int limit(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text;
	TRY(text_of(run, value, &text));
	size_t most = strtoul(filter_argument(run, use, 0), NULL, 10);
	const char *end = after_characters(text, most);
	if (!*end)
		return 0;
	run_mark(run, "shortened", "cut from %zu characters to %zu", text_utf8_length(text), most);
	value_set_text(value, arena_text_n(run->arena, text, (size_t)(end - text)));
	return 0;
}

static int max(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text;
	TRY(text_of(run, value, &text));
	size_t most = strtoul(filter_argument(run, use, 0), NULL, 10);
	if (*after_characters(text, most))
		return run_fail(run, ERROR_BAD_FIELD, "\"%s\" has %zu characters, at most %zu can be sent", run->field,
		                text_utf8_length(text), most);
	return 0;
}

static void check_length(struct compiler *c, struct filter_use *use, unsigned line)
{
	const char *n = use->count ? use->arguments[0].literal : "0";
	if (!n || !*n || n[strspn(n, "0123456789")] || strlen(n) > 6)
		problem_add(c, line, "filter \"%s\" takes a number of characters", use->filter->name);
}

static int append(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text;
	TRY(text_of(run, value, &text));
	value_set_text(value, arena_printf(run->arena, "%s%s", text, filter_argument(run, use, 0)));
	return 0;
}

static int prepend(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text;
	TRY(text_of(run, value, &text));
	value_set_text(value, arena_printf(run->arena, "%s%s", filter_argument(run, use, 0), text));
	return 0;
}

/* What stands before (after) the first (last) such text; without it, everything (nothing). */
static int before(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text;
	TRY(text_of(run, value, &text));
	const char *at = strstr(text, filter_argument(run, use, 0));
	value_set_text(value, at ? arena_text_n(run->arena, text, (size_t)(at - text)) : text);
	return 0;
}

static int after(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text, *mark = filter_argument(run, use, 0), *found = NULL;
	TRY(text_of(run, value, &text));
	for (const char *at = *mark ? strstr(text, mark) : NULL; at; at = strstr(at + 1, mark))
		found = at + strlen(mark);
	value_set_text(value, found ? arena_text(run->arena, found) : NULL);
	return 0;
}

/* part(',', 1): the second of the pieces that the text is cut into; absent where there are fewer. */
static int part(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text, *mark = filter_argument(run, use, 0);
	TRY(text_of(run, value, &text));
	size_t wanted = strtoul(filter_argument(run, use, 1), NULL, 10);
	for (; *mark && wanted && text; wanted--)
		text = (text = strstr(text, mark)) ? text + strlen(mark) : NULL;
	const char *end = *mark && text ? strstr(text, mark) : NULL;
	value_set_text(value, wanted || !text ? NULL : end ? arena_text_n(run->arena, text, (size_t)(end - text)) : arena_text(run->arena, text));
	return 0;
}

static void check_part(struct compiler *c, struct filter_use *use, unsigned line)
{
	const char *n = use->arguments[1].literal;
	if (text_empty(use->arguments[0].literal) || !n || !*n || n[strspn(n, "0123456789")] || strlen(n) > 4)
		problem_add(c, line, "filter \"part\" takes the text that cuts, and the number of the piece (the first is 0)");
}

static int replace(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text, *from = filter_argument(run, use, 0), *to = filter_argument(run, use, 1);
	TRY(text_of(run, value, &text));
	BUFFER_AUTO out = { .ceiling = (size_t)1 << 20 };
	for (const char *at; *from && (at = strstr(text, from)); text = at + strlen(from)) {
		buffer_add(&out, text, (size_t)(at - text));
		buffer_add_text(&out, to);
	}
	buffer_add_text(&out, text);
	if (out.over)
		return run_fail(run, ERROR_TOO_LARGE, "\"%s\" grows past 1 MiB", run->field);
	value_set_text(value, arena_text(run->arena, buffer_text(&out)));
	return 0;
}

static int percent(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	const char *text;
	TRY(text_of(run, value, &text));
	BUFFER_AUTO out = { 0 };
	text_escape_percent(&out, text);
	value_set_text(value, arena_text(run->arena, buffer_text(&out)));
	return 0;
}

/* sha256(100): only what is longer than 100 characters. */
static int sha256(struct run *run, const struct filter_use *use, struct value *value)
{
	const char *text;
	TRY(text_of(run, value, &text));
	if (use->count && !*after_characters(text, strtoul(filter_argument(run, use, 0), NULL, 10)))
		return 0;
	if (use->count)
		run_mark(run, "hashed", "%zu characters became their SHA-256", text_utf8_length(text));
	char hex[DIGEST_HEX_SIZE];
	value_set_text(value, arena_text(run->arena, digest_sha256_hex(bytes_of_text(text), hex)));
	return 0;
}

static int text(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	const char *scalar;
	TRY(text_of(run, value, &scalar));
	value_set_text(value, scalar);
	return 0;
}

/* 1.5E-3 as 0.0015, digit for digit. False where it is no JSON number of sensible size. */
static bool plain_decimal(const char *token, struct buffer *out)
{
	size_t n = strcspn(token, "eE");
	char *end = NULL;
	long shift = token[n] ? strtol(token + n + 1, &end, 10) : 0;
	if ((token[n] && (*end || end == token + n + 1)) || shift > 30 || shift < -30 || n > 60)
		return false;
	char digits[128] = { 0 };
	size_t count = 0, point = SIZE_MAX;
	const char *p = token + (*token == '-');
	for (; p < token + n; p++)
		if (*p == '.' && point == SIZE_MAX)
			point = count;
		else if (*p >= '0' && *p <= '9')
			digits[count++] = *p;
		else
			return false;
	long at = (long)(point == SIZE_MAX ? count : point) + shift;  /* digits before the point */
	if (*token == '-')
		buffer_add_char(out, '-');
	const char *start = digits;
	for (; at > 1 && *start == '0'; at--)
		start++;
	if (at <= 0)
		buffer_add_char(out, '0');
	for (long i = 0; i < at; i++)
		buffer_add_char(out, *start ? *start++ : '0');
	if (*start)
		buffer_add_char(out, '.');
	for (; *start && at < 0; at++)
		buffer_add_char(out, '0');
	buffer_add_text(out, start);
	return count > 0;
}

/* A number or text of one becomes decimal text with the digits it came with. */
static int decimal(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	const char *token;
	TRY(text_of(run, value, &token));
	BUFFER_AUTO out = { 0 };
	if (!text_is_decimal(token) && (!plain_decimal(token, &out) || !text_is_decimal(buffer_text(&out))))
		return run_fail(run, ERROR_BAD_FIELD, "\"%s\" is no decimal number: \"%.40s\"", run->field, token);
	value_set_text(value, arena_text(run->arena, out.size ? buffer_text(&out) : token));
	return 0;
}

static int number(struct run *run, const struct filter_use *use, struct value *value)
{
	TRY(decimal(run, use, value));
	value->kind = VALUE_NUMBER;
	return 0;
}

/* Rounded half away from zero, for people to read. */
static int round_to(struct run *run, const struct filter_use *use, struct value *value)
{
	TRY(decimal(run, use, value));
	int places = (int)strtol(filter_argument(run, use, 0), NULL, 10);
	places = places > 12 ? 12 : places;
	value_set_text(value, arena_printf(run->arena, "%.*f", places, text_double(value->text)));
	return 0;
}

/* true, false, 1, 0, yes, no and their like. */
static int boolean(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	static const char *const words[] = { "false", "true", "0", "1", "no", "yes", "off", "on" };
	const char *scalar;
	TRY(text_of(run, value, &scalar));
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text_equal_nocase(scalar, words[i])) {
			value_set_bool(value, i % 2 == 1);
			return 0;
		}
	return run_fail(run, ERROR_BAD_FIELD, "\"%s\" is neither true nor false: \"%.40s\"", run->field, scalar);
}

const struct filter filters_of_text[] = {
	{ "upper", 0, 0, false, upper, NULL },
	{ "lower", 0, 0, false, lower, NULL },
	{ "trim", 0, 0, false, trim, NULL },
	{ "limit", 1, 1, false, limit, check_length },
	{ "max", 1, 1, false, max, check_length },
	{ "append", 1, 1, false, append, NULL },
	{ "prepend", 1, 1, false, prepend, NULL },
	{ "before", 1, 1, false, before, NULL },
	{ "after", 1, 1, false, after, NULL },
	{ "replace", 2, 2, false, replace, NULL },
	{ "percent", 0, 0, false, percent, NULL },
	{ "part", 2, 2, false, part, check_part },
	{ "sha256", 0, 1, false, sha256, check_length },
	{ "text", 0, 0, false, text, NULL },
	{ "decimal", 0, 0, false, decimal, NULL },
	{ "number", 0, 0, false, number, NULL },
	{ "round", 1, 1, false, round_to, check_length },
	{ "bool", 0, 0, false, boolean, NULL },
	{ 0 },
};
