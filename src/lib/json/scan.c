#include "lib/json/scan.h"

#include <string.h>
#include <strings.h>

#include "lib/base/text.h"

struct scan {
	struct bytes in;
	size_t at;
	size_t nodes;
	const struct json_limits *limits;
	struct buffer *out;
	struct error *error;
};

int json_fail_at(struct bytes bytes, size_t at, struct error *error, const char *text)
{
	size_t line = 1, start = 0;
	for (size_t i = 0; i < at && i < bytes.size; i++)
		if (bytes.data[i] == '\n') {
			line++;
			start = i + 1;
		}
	error_set(error, ERROR_BAD_JSON, "%s at line %zu, column %zu", text, line, at - start + 1);
	return error_at(error, "line %zu, column %zu", line, at - start + 1);
}

static int scan_fail(struct scan *s, const char *text)
{
	return json_fail_at(s->in, s->at, s->error, text);
}

static int peek(const struct scan *s)
{
	return s->at < s->in.size ? s->in.data[s->at] : -1;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static int hex4(struct scan *s, uint32_t *value_r)
{
	*value_r = 0;
	for (int i = 0; i < 4; i++, s->at++) {
		int c = peek(s);
		uint32_t digit = is_digit(c) ? (uint32_t)(c - '0') : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
		                 : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10) : 99;
		if (digit == 99)
			return scan_fail(s, "\\u is not followed by four hexadecimal digits");
		*value_r = *value_r << 4 | digit;
	}
	return 0;
}

/* At the character behind the backslash. */
static int scan_escape(struct scan *s)
{
	int c = peek(s);
	if (c < 0 || !strchr("\"\\/bfnrtu", c))
		return scan_fail(s, "unknown escape in a string");
	s->at++;
	if (c != 'u')
		return 0;
	uint32_t value;
	TRY(hex4(s, &value));
	if (value == 0)
		return scan_fail(s, "NUL in a string");
	if (value >= 0xdc00 && value <= 0xdfff)
		return scan_fail(s, "lone surrogate in a string");
	if (value < 0xd800 || value > 0xdbff)
		return 0;
	uint32_t low = 0;
	if (peek(s) == '\\' && s->at + 1 < s->in.size && s->in.data[s->at + 1] == 'u') {
		s->at += 2;
		TRY(hex4(s, &low));
	}
	if (low < 0xdc00 || low > 0xdfff)
		return scan_fail(s, "lone surrogate in a string");
	return 0;
}

/* At the opening quote. */
static int scan_string(struct scan *s, bool is_value)
{
	size_t start = s->at++;
	for (;;) {
		int c = peek(s);
		if (c < 0)
			return scan_fail(s, "the text ends within a string");
		if (c < 0x20)
			return scan_fail(s, "control character in a string, where JSON wants an escape");
		s->at++;
		if (c == '"')
			break;
		if (c == '\\')
			TRY(scan_escape(s));
		if (s->at - start > s->limits->text)
			return scan_fail(s, "string is longer than allowed");
	}
	const char *text = (const char *)s->in.data + start;
	buffer_add_char(s->out, '"');
	if (is_value && s->at - start > 7 && strncasecmp(text + 1, "\\u0001", 6) == 0)
		buffer_add_text(s->out, "\\u0001");
	buffer_add(s->out, text + 1, s->at - start - 1);
	return 0;
}

static int scan_digits(struct scan *s, const char *what)
{
	if (!is_digit(peek(s)))
		return scan_fail(s, what);
	while (is_digit(peek(s)))
		s->at++;
	return 0;
}

/* RFC 8259 section 6: [ minus ] int [ frac ] [ exp ]. */
static int scan_number(struct scan *s)
{
	size_t start = s->at;
	if (peek(s) == '-')
		s->at++;
	if (peek(s) == '0')
		s->at++;
	else
		TRY(scan_digits(s, "a number has no digit where one is due"));
	if (is_digit(peek(s)))
		return scan_fail(s, "a number starts with 0 and goes on");
	if (peek(s) == '.') {
		s->at++;
		TRY(scan_digits(s, "a number has no digit behind its point"));
	}
	if (peek(s) == 'e' || peek(s) == 'E') {
		s->at++;
		if (peek(s) == '+' || peek(s) == '-')
			s->at++;
		TRY(scan_digits(s, "a number has no digit in its exponent"));
	}
	if (s->at - start > 64)
		return scan_fail(s, "a number has more than 64 characters");
	buffer_add_text(s->out, "\"\\u0001n");
	buffer_add(s->out, s->in.data + start, s->at - start);
	buffer_add_char(s->out, '"');
	return 0;
}

static int scan_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };
	for (size_t i = 0; i < 3; i++) {
		size_t n = strlen(words[i]);
		if (s->in.size - s->at >= n && memcmp(s->in.data + s->at, words[i], n) == 0) {
			buffer_add(s->out, words[i], n);
			s->at += n;
			return 0;
		}
	}
	return scan_fail(s, peek(s) < 0 ? "the text ends where a value is due" : "no JSON value");
}

static void scan_blanks(struct scan *s)
{
	while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n' || peek(s) == '\r')
		s->at++;
}

static int scan_value(struct scan *s, unsigned depth);

/* Members or elements up to the closing bracket; at the character behind the opening one. */
static int scan_inside(struct scan *s, bool object, unsigned depth)
{
	char close = object ? '}' : ']';
	scan_blanks(s);
	if (peek(s) == close)
		return 0;
	for (;;) {
		scan_blanks(s);
		if (object) {
			if (peek(s) != '"')
				return scan_fail(s, "no member name in quotes where one is due");
			TRY(scan_string(s, false));
			scan_blanks(s);
			if (peek(s) != ':')
				return scan_fail(s, "no colon behind a member name");
			s->at++;
			buffer_add_char(s->out, ':');
		}
		TRY(scan_value(s, depth));
		scan_blanks(s);
		if (peek(s) == close)
			return 0;
		if (peek(s) != ',')
			return scan_fail(s, object ? "no comma or } behind a member" : "no comma or ] behind an element");
		s->at++;
		buffer_add_char(s->out, ',');
	}
}

/* Recursion is bounded by limits->depth. */
static int scan_value(struct scan *s, unsigned depth)
{
	scan_blanks(s);
	if (++s->nodes > s->limits->nodes)
		return scan_fail(s, "more values than allowed");
	int c = peek(s);
	if (c == '"')
		return scan_string(s, true);
	if (c == '-' || is_digit(c))
		return scan_number(s);
	if (c != '{' && c != '[')
		return scan_word(s);
	if (depth == 0)
		return scan_fail(s, "nested deeper than allowed");
	s->at++;
	buffer_add_char(s->out, (char)c);
	TRY(scan_inside(s, c == '{', depth - 1));
	s->at++;
	buffer_add_char(s->out, c == '{' ? '}' : ']');
	return 0;
}

int json_scan(struct bytes bytes, const struct json_limits *limits, struct buffer *out, struct error *error)
{
	struct scan s = { .in = bytes, .limits = limits, .out = out, .error = error };
	if (bytes.size > limits->bytes)
		FAIL(error, TOO_LARGE, "JSON text of %zu bytes is larger than the %zu allowed", bytes.size, limits->bytes);
	if (bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0)
		return scan_fail(&s, "byte order mark: leave it out");
	size_t good = text_utf8_check(bytes);
	if (good < bytes.size) {
		s.at = good;
		return scan_fail(&s, "octets that are not UTF-8");
	}
	TRY(scan_value(&s, limits->depth));
	scan_blanks(&s);
	if (s.at < bytes.size)
		return scan_fail(&s, "something follows the value");
	return 0;
}
