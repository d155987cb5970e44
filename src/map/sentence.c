/* Sentences for an officer, with a tail of key=value pairs for a program. sealgate-mapping(5) tells the rules; the one
 * that matters most: nothing of the input ever writes a key, since values in the tail are percent-encoded and a "=" in
 * the sentence's values is written as ":". */
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/crypto/digest.h"
#include "map/document.h"

/* ---- compiling ---- */

struct word_reader {
	struct compiler *c;
	const char *at;
	unsigned line;
};

static const char *expression_end(const char *at)
{
	for (bool quoted = false; *at; at++)
		if (*at == '\'')
			quoted = !quoted;
		else if (*at == '}' && !quoted)
			return at;
	return NULL;
}

/* Up to the end or, inside a bracket, to the one that closes it; brackets stand in one another at most three deep. */
static struct sentence_word *words_compile(struct word_reader *r, unsigned inside, size_t *count_r)
{
	struct sentence_word words[64];
	size_t count = 0;
	while (*r->at && !(inside && *r->at == ']')) {
		if (count == 64) {
			problem_add(r->c, r->line, "a sentence has too many parts");
			break;
		}
		struct sentence_word *word = &words[count++];
		*word = (struct sentence_word){ 0 };
		if (*r->at == '{') {
			const char *end = expression_end(r->at + 1);
			if (!end) {
				problem_add(r->c, r->line, "a { of a sentence is never closed");
				break;
			}
			word->expression = arena_alloc(r->c->arena, sizeof *word->expression);
			expression_compile(r->c, r->at + 1, (size_t)(end - r->at - 1), r->line, word->expression);
			r->at = end + 1;
		} else if (*r->at == '[' && inside < 3) {
			r->at++;
			word->inside = words_compile(r, inside + 1, &word->inside_count);
			if (*r->at != ']') {
				problem_add(r->c, r->line, "a [ of a sentence is never closed");
				break;
			}
			r->at++;
		} else {
			size_t n = 1 + strcspn(r->at + 1, inside ? "{[]" : "{[");
			word->fixed = arena_text_n(r->c->arena, r->at, n);
			if (strchr(word->fixed, '='))
				problem_add(r->c, r->line, "a sentence has no \"=\": that is for the pairs behind it");
			r->at += n;
		}
	}
	struct sentence_word *out = arena_array(r->c->arena, count + 1, sizeof *out);
	memcpy(out, words, count * sizeof *out);
	*count_r = count;
	return out;
}

static unsigned line_in(const char *source, const char *text)
{
	BUFFER_AUTO quoted = { 0 };
	text_escape_json(&quoted, text);
	const char *found = strstr(source, buffer_text(&quoted));
	unsigned line = 1;
	for (const char *p = source; found && p < found; p++)
		line += *p == '\n';
	return found ? line : 0;
}

static void texts_compile(struct compiler *c, const struct sentence_table *tables, const char *group, unsigned line, struct sentence *out)
{
	struct sentence_text texts[256];
	size_t count = 0;
	bool found = false;
	for (const struct sentence_table *t = tables; t; t = t->next) {
		const struct json *of = json_find(t->groups, group);
		found |= of != NULL;
		for (struct json_iter it = json_iter(of); of && json_next(&it) && count < 256;) {
			const char *text = json_text(it.value);
			if (!text)
				continue;
			struct compiler own = *c;
			own.file = t->file;
			struct word_reader r = { &own, text, line_in(t->source, text) };
			texts[count] = (struct sentence_text){ .key = it.name, .language = t->language };
			texts[count].words = words_compile(&r, 0, &texts[count].count);
			count++;
		}
	}
	if (!found)
		problem_add(c, line, "no sentences.<language>.json of this profile has a group \"%s\"", group);
	out->texts = arena_array(c->arena, count + 1, sizeof *texts);
	memcpy(out->texts, texts, count * sizeof *texts);
	out->text_count = count;
}

static void pairs_compile(struct compiler *c, const char *tail, unsigned line, struct sentence *out)
{
	struct sentence_pair pairs[48];
	size_t count = 0;
	for (const char *at = tail;;) {
		for (; *at && strchr(" \t\r\n", *at); at++)
			line += *at == '\n';
		if (!*at)
			break;
		size_t n = strcspn(at, "= \t\r\n{");
		if (at[n] != '=' || n == 0 || count == 48) {
			problem_add(c, line, "behind a sentence stand key={expression} pairs: \"%.20s\" is none", at);
			break;
		}
		pairs[count].key = arena_text_n(c->arena, at, n);
		at += n + 1;
		const char *end = at;
		while (*end && !strchr(" \t\r\n", *end)) {
			const char *close = *end == '{' ? expression_end(end + 1) : NULL;
			end = close ? close + 1 : end + 1;
		}
		template_compile(c, arena_text_n(c->arena, at, (size_t)(end - at)), line, &pairs[count].value);
		at = end;
		count++;
	}
	out->pairs = arena_array(c->arena, count + 1, sizeof *pairs);
	memcpy(out->pairs, pairs, count * sizeof *pairs);
	out->pair_count = count;
}

struct sentence *sentence_compile(struct compiler *c, const struct sentence_table *tables, const char *attribute, unsigned line,
                                  const char *tail, unsigned tail_line, struct text_template *language)
{
	struct sentence *out = arena_alloc(c->arena, sizeof *out);
	size_t n = strcspn(attribute, "/");
	const char *group = arena_text_n(c->arena, attribute, n);
	template_compile(c, attribute[n] ? attribute + n + 1 : "*", line, &out->key);
	out->language = language;
	texts_compile(c, tables, group, line, out);
	pairs_compile(c, tail, tail_line, out);
	return out;
}

/* ---- running ---- */

/* What breaks a line, cannot be seen, or turns the order in which everything behind it is read (U+202E and its like). */
static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0x200b || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* What a value may not do in a sentence: write a key, break a line, change how the rest is read. */
static void add_value(struct buffer *out, const char *text)
{
	while (*text) {
		const char *start = text;
		while (*text >= 0x20 && *text < 0x7f && *text != '=')
			text++;
		buffer_add(out, start, (size_t)(text - start));
		if (!*text)
			break;
		uint32_t c = text_utf8_next(&text);
		text_utf8_add(out, is_control(c) ? ' ' : c == '=' || c == 0xff1d || c == 0xfe66 ? ':' : c);
	}
}

/* *whole_r false: a value of these words is absent. */
static int words_run(struct run *run, const struct sentence_word *words, size_t count, struct buffer *out, size_t *values, bool *whole_r)
{
	*whole_r = true;
	for (size_t i = 0; i < count; i++) {
		const struct sentence_word *word = &words[i];
		if (word->fixed) {
			buffer_add_text(out, word->fixed);
		} else if (word->expression) {
			struct value value;
			TRY(expression_run(run, word->expression, &value));
			const char *text = value_text(&value);
			*whole_r &= text && *text;
			add_value(out, text ? text : "");
			*values += text && *text;
		} else {
			BUFFER_AUTO part = { 0 };
			size_t inside = 0;
			bool whole;
			TRY(words_run(run, word->inside, word->inside_count, &part, &inside, &whole));
			if (whole)
				buffer_add_text(out, buffer_text(&part));
			*values += whole ? inside : 0;
		}
	}
	return 0;
}

static const struct sentence_text *text_choose(const struct sentence *sentence, const char *key, const char *language)
{
	const char *const languages[] = { language, "en" };
	const char *const keys[] = { key, "*" };
	for (size_t l = 0; l < 2; l++)
		for (size_t k = 0; k < 2; k++)
			for (size_t i = 0; i < sentence->text_count; i++)
				if (text_equal(sentence->texts[i].key, keys[k]) && text_equal(sentence->texts[i].language, languages[l]))
					return &sentence->texts[i];
	return NULL;
}

/* A value longer than `longest` octets, percent-encoded, becomes a prefix of its SHA-256. `ref` stays whole. */
static int tail_write(struct run *run, const struct sentence *sentence, size_t longest, bool last, struct buffer *out, size_t *values)
{
	BUFFER_AUTO value = { 0 };
	*values = 0;
	buffer_reset(out);
	for (size_t i = 0; i < sentence->pair_count; i++) {
		const struct sentence_pair *pair = &sentence->pairs[i];
		const char *text;
		size_t found;
		TRY(template_run(run, &pair->value, &text, &found));
		if (text_empty(text))
			continue;
		buffer_reset(&value);
		text_escape_percent(&value, text);
		if (value.size > longest && !(text_equal(pair->key, "ref") && value.size <= 40)) {
			char hex[DIGEST_HEX_SIZE];
			digest_sha256_hex(bytes_of_text(text), hex);
			buffer_reset(&value);
			buffer_printf(&value, "sha256:%.*s", longest > 40 ? 32 : 16, hex);
			if (last)
				run_mark(run, "hashed", "the value of %s= is too long and is told by its SHA-256", pair->key);
		}
		size_t size = out->size + 2 + strlen(pair->key) + value.size;
		if (last && size > SENTENCE_TAIL) {
			run_mark(run, "left_out", "%s= found no room behind the sentence", pair->key);
			continue;
		}
		buffer_add_char(out, ' ');
		buffer_add_text(out, pair->key);
		buffer_add_char(out, '=');
		buffer_add(out, value.data, value.size);
		*values += found;
	}
	return 0;
}

static int tail_run(struct run *run, const struct sentence *sentence, struct buffer *out, size_t *values)
{
	static const size_t lengths[] = { 72, 40, 24 };
	for (size_t i = 0; i < 3; i++) {
		size_t marks = run->marks ? run->marks->count : 0;
		TRY(tail_write(run, sentence, lengths[i], true, out, values));
		if (i == 2 || !run->marks || run->marks->count == marks || strcmp(run->marks->items[run->marks->count - 1].kind, "left_out") != 0)
			return 0;
		run->marks->count = marks;
	}
	return 0;
}

int sentence_run(struct run *run, const struct sentence *sentence, const char **text_r, size_t *values_r)
{
	BUFFER_AUTO tail = { 0 };
	BUFFER_AUTO said = { 0 };
	const char *key = NULL, *language = NULL;
	size_t values = 0, ignored;
	bool whole;
	*values_r = 0;
	struct map_marks none = { 0 }, *marks = run->marks;
	size_t room_of_marks = run->mark_room;
	if (!marks) {  /* the tail shrinks by looking at its marks */
		run->marks = &none;
		run->mark_room = 0;
	}
	int result = tail_run(run, sentence, &tail, values_r);
	if (!marks) {
		run->marks = NULL;
		run->mark_room = room_of_marks;
	}
	TRY(result);
	TRY(template_run(run, &sentence->key, &key, &ignored));
	if (sentence->language)
		TRY(template_run(run, sentence->language, &language, &ignored));
	const struct sentence_text *text = text_choose(sentence, key ? key : "*", language ? language : "en");
	if (text)
		TRY(words_run(run, text->words, text->count, &said, &values, &whole));
	*values_r += values;
	size_t room = SENTENCE_LENGTH - tail.size;
	if (text_is_longer(buffer_text(&said), room)) {
		const char *start = buffer_text(&said), *end = start;
		for (size_t n = room - strlen("\u2026 cut=1") + 2; n; n--)
			text_utf8_next(&end);
		said.size = (size_t)(end - start);
		buffer_add_text(&said, "\u2026");
		buffer_add_text(&tail, " cut=1");
		run_mark(run, "shortened", "the sentence was cut to what the pairs leave of %d characters", SENTENCE_LENGTH);
	}
	buffer_add_text(&said, said.size ? buffer_text(&tail) : buffer_text(&tail) + (tail.size > 0));
	*text_r = arena_text(run->arena, buffer_text(&said));
	return 0;
}

/* ---- provenance ---- */

static void words_sources(struct run *run, const struct sentence_word *words, size_t count, struct buffer *out)
{
	for (size_t i = 0; i < count; i++) {
		if (words[i].expression)
			buffer_printf(out, "%s%s", out->size ? ", " : "", expression_sources(run, words[i].expression));
		else if (words[i].inside)
			words_sources(run, words[i].inside, words[i].inside_count, out);
	}
}

const char *sentence_sources(struct run *run, const struct sentence *sentence)
{
	BUFFER_AUTO out = { 0 };
	const char *key = NULL, *language = NULL;
	size_t ignored;
	if (template_run(run, &sentence->key, &key, &ignored) < 0 ||
	    (sentence->language && template_run(run, sentence->language, &language, &ignored) < 0))
		return "";
	const struct sentence_text *text = text_choose(sentence, key ? key : "*", language ? language : "en");
	if (text)
		words_sources(run, text->words, text->count, &out);
	for (size_t i = 0; i < sentence->pair_count; i++) {
		const char *value = NULL, *sources = template_sources(run, &sentence->pairs[i].value);
		if (*sources && template_run(run, &sentence->pairs[i].value, &value, &ignored) == 0 && value)
			buffer_printf(&out, "%s%s", out.size ? ", " : "", sources);
	}
	return arena_text(run->arena, buffer_text(&out));
}

const char *sentence_filters(struct run *run, const struct sentence *sentence)
{
	BUFFER_AUTO out = { 0 };
	for (size_t i = 0; i < sentence->pair_count; i++)
		buffer_printf(&out, "%s%s=%s", i ? " " : "", sentence->pairs[i].key, template_filters(run, &sentence->pairs[i].value));
	return arena_text(run->arena, buffer_text(&out));
}
