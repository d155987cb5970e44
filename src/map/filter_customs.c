/* Filters that read what customs writes: sentences with pairs behind them, and WCO pointers. */
#include <string.h>

#include "lib/base/text.h"
#include "map/engine.h"

#define PAIRS 64

/* ---- the tail of a sentence: "Unpacking. type=unpack from=20260226T0800Z" ---- */

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* key=value with a value that is percent-encoded outside [A-Za-z0-9._:/+-]; the key's length, or 0. */
static size_t pair_key(const char *at, const char *end)
{
	size_t key = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (key == 0 || key > 17 || at + key >= end || at[key] != '=' || *at < 'a')
		return 0;
	for (const char *p = at + key + 1; p < end; p++) {
		if (*p == '%' && end - p > 2 && is_hex(p[1]) && is_hex(p[2]))
			p += 2;
		else if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/+-", *p))
			return 0;
	}
	return key;
}

static const char *end_of(const char *text)
{
	const char *end = text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]))
		end--;
	return end;
}

/* Where the pairs begin: everything from there to the end is pairs, parted by blanks. The end, where there are none. */
static const char *tail_of(const char *text)
{
	const char *end = end_of(text), *tail = end;
	for (size_t n = 0; n < PAIRS && end > text; n++) {
		const char *start = end;
		while (start > text && start[-1] != ' ')
			start--;
		if (!pair_key(start, end))
			break;
		tail = start;
		for (end = start; end > text && end[-1] == ' ';)
			end--;
	}
	return tail;
}

static int hex_of(char c)
{
	return c <= '9' ? c - '0' : (c | 32) - 'a' + 10;
}

/* NULL: not a text that a person could have meant: no UTF-8, or control characters in it. */
static const char *value_decode(struct arena *arena, const char *at, const char *end)
{
	BUFFER_AUTO out = { 0 };
	for (; at < end; at++) {
		unsigned char c = (unsigned char)*at;
		if (c == '%') {
			c = (unsigned char)(hex_of(at[1]) * 16 + hex_of(at[2]));
			at += 2;
		}
		if (c < 0x20 || c == 0x7f)
			return NULL;
		buffer_add_char(&out, (char)c);
	}
	return text_utf8_check(buffer_bytes(&out)) == out.size ? arena_text(arena, buffer_text(&out)) : NULL;
}

static int text_of(struct run *run, const struct value *value, const char **text_r)
{
	*text_r = value_text(value);
	return *text_r ? 0 : run_fail(run, ERROR_BAD_FIELD, "\"%s\" is a list or an object where text is wanted", run->field);
}

/* An object of the pairs. A key that stands twice means nothing: it is left out and marked, and so is a value that is no text. */
static int pairs(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	const char *text;
	TRY(text_of(run, value, &text));
	struct json *found = json_new_object(run->arena), *refused = json_new_object(run->arena);
	const char *end = end_of(text), *at = tail_of(text);
	while (at < end) {
		const char *stop = memchr(at, ' ', (size_t)(end - at));
		stop = stop ? stop : end;
		size_t size = pair_key(at, stop);
		const char *key = arena_text_n(run->arena, at, size), *decoded = value_decode(run->arena, at + size + 1, stop);
		if (json_find(found, key) || json_find(refused, key) || !decoded) {
			json_unset(found, key);
			json_set_bool(run->arena, refused, key, true);
			run_mark(run, "left_out", decoded ? "\"%s\" is told twice" : "\"%s\" has a value that is no text", key);
		} else if (*decoded) {
			json_set_text(run->arena, found, key, decoded);
		}
		for (at = stop; at < end && *at == ' ';)
			at++;
	}
	*value = (struct value){ .kind = VALUE_NODE, .node = found };
	return 0;
}

/* What stands before the pairs; nothing left is absent. */
static int sentence(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	const char *text;
	TRY(text_of(run, value, &text));
	text += strspn(text, " \t\r\n");
	const char *end = tail_of(text);
	while (end > text && strchr(" \t\r\n", end[-1]))
		end--;
	value_set_text(value, end > text ? arena_text_n(run->arena, text, (size_t)(end - text)) : NULL);
	return 0;
}

/* ---- pointers ---- */

/* A list of Pointer elements (WCO 97A), from the root on, as "42A/67A/31B(2)/159": map_traces_find reads it. */
static int pointer(struct run *run, const struct filter_use *use, struct value *value)
{
	(void)use;
	if (value->kind != VALUE_NODE || json_kind(value->node) != JSON_KIND_ARRAY)
		return run_fail(run, ERROR_BAD_FIELD, "\"%s\" is no list of pointers", run->field);
	BUFFER_AUTO out = { .ceiling = 4096 };
	for (struct json_iter it = json_iter(value->node); json_next(&it);) {
		const char *section = json_scalar(json_find(it.value, "DocumentSectionCode")), *number = json_scalar(json_find(it.value, "SequenceNumeric"));
		const char *tag = json_scalar(json_find(it.value, "TagID"));
		TRY(run_step(run));
		if (section)
			buffer_printf(&out, "%s%s", out.size ? "/" : "", section);
		if (section && number && !text_equal(number, "1"))
			buffer_printf(&out, "(%s)", number);
		if (tag)
			buffer_printf(&out, "%s%s", out.size ? "/" : "", tag);
	}
	if (out.over)
		return run_fail(run, ERROR_TOO_LARGE, "\"%s\" is longer than any pointer", run->field);
	value_set_text(value, out.size ? arena_text(run->arena, buffer_text(&out)) : NULL);
	return 0;
}

const struct filter filters_of_customs[] = {
	{ "pairs", 0, 0, false, pairs, NULL },
	{ "sentence", 0, 0, false, sentence, NULL },
	{ "pointer", 0, 0, false, pointer, NULL },
	{ 0 },
};
