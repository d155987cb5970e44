#include "lib/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool text_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool text_equal_nocase(const char *a, const char *b)
{
	return a == b || (a && b && strcasecmp(a, b) == 0);
}

bool text_starts(const char *text, const char *start)
{
	return text && strncmp(text, start, strlen(start)) == 0;
}

bool text_ends(const char *text, const char *end)
{
	size_t n = text ? strlen(text) : 0, m = strlen(end);
	return text && n >= m && strcmp(text + n - m, end) == 0;
}

bool text_empty(const char *text)
{
	return !text || !*text;
}

/* Octets of the sequence at p, 0 where it is not valid UTF-8 (Unicode table 3-7). */
static size_t utf8_length_at(const uint8_t *p, size_t left)
{
	if (p[0] < 0x80)
		return 1;
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || left < n)
		return 0;
	uint8_t low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
	uint8_t high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

size_t text_utf8_check(struct bytes bytes)
{
	size_t at = 0;
	while (at < bytes.size) {
		uint64_t eight;
		if (bytes.size - at >= sizeof eight) {  /* eight of ASCII at a time: most of what comes is nothing else */
			memcpy(&eight, bytes.data + at, sizeof eight);
			if (!(eight & UINT64_C(0x8080808080808080))) {
				at += sizeof eight;
				continue;
			}
		}
		size_t n = utf8_length_at(bytes.data + at, bytes.size - at);
		if (!n)
			break;
		at += n;
	}
	return at;
}

uint32_t text_utf8_next(const char **at)
{
	const uint8_t *p = (const uint8_t *)*at;
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t value = n == 1 ? p[0] : p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++)
		value = value << 6 | (p[i] & 0x3f);
	*at += n;
	return value;
}

size_t text_utf8_put(char *out, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = n; i-- > 1; c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(n == 1 ? c : lead[n] | c);
	return n;
}

void text_utf8_add(struct buffer *buffer, uint32_t c)
{
	char out[4];
	buffer_add(buffer, out, text_utf8_put(out, c));
}

size_t text_utf8_length(const char *text)
{
	size_t n = 0;
	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

bool text_is_longer(const char *text, size_t characters)
{
	return strlen(text) > characters && text_utf8_length(text) > characters;
}

/* Characters that can make a line read as something else. */
static bool is_treacherous(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c || c == 0xfeff;
}

/* Where the first octet is that does not stand for itself in a JSON text. */
static size_t json_plain(const char *text, size_t size)
{
	static const bool plain[256] = { [' ' ... '!'] = true, ['#' ... '['] = true, [']' ... '~'] = true };
	size_t at = 0;
	while (at < size && plain[(uint8_t)text[at]])
		at++;
	return at;
}

static const char *escape_json_one(struct buffer *out, const char *text, size_t left)
{
	if (!utf8_length_at((const uint8_t *)text, left)) {
		buffer_add_text(out, "\\ufffd");
		return text + 1;
	}
	const char *start = text;
	uint32_t c = text_utf8_next(&text);
	if (c == '"' || c == '\\')
		buffer_add(out, (char[]){ '\\', (char)c }, 2);
	else if (c == '\n')
		buffer_add_text(out, "\\n");
	else if (is_treacherous(c))
		buffer_printf(out, "\\u%04x", c);
	else
		buffer_add(out, start, (size_t)(text - start));
	return text;
}

void text_escape_json_n(struct buffer *out, const char *text, size_t size)
{
	const char *end = text + size;
	size_t plain = json_plain(text, size);
	char *at;
	if (plain == size) {
		if (!(at = buffer_extend(out, size + 2)))
			return;
		at[0] = at[size + 1] = '"';
		if (size)
			memcpy(at + 1, text, size);
		return;
	}
	buffer_add_char(out, '"');
	for (;;) {
		buffer_add(out, text, plain);
		text += plain;
		if (text == end)
			break;
		text = escape_json_one(out, text, (size_t)(end - text));
		plain = json_plain(text, (size_t)(end - text));
	}
	buffer_add_char(out, '"');
}

void text_escape_json(struct buffer *out, const char *text)
{
	text_escape_json_n(out, text, strlen(text));
}

void text_escape_for_person(struct buffer *out, const char *text)
{
	const char *end = text + strlen(text);
	while (text < end) {
		if (!utf8_length_at((const uint8_t *)text, (size_t)(end - text))) {
			buffer_printf(out, "\\x%02x", (unsigned)(uint8_t)*text++);
			continue;
		}
		const char *start = text;
		uint32_t c = text_utf8_next(&text);
		if (is_treacherous(c) && c != '\t')
			buffer_printf(out, "\\u{%x}", c);
		else
			buffer_add(out, start, (size_t)(text - start));
	}
}

void text_escape_percent(struct buffer *out, const char *text)
{
	static const bool plain[256] = { ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['0' ... '9'] = true, ['.'] = true, ['_'] = true, [':'] = true,
		                         ['/'] = true, ['+'] = true, ['-'] = true };
	static const char hex[] = "0123456789ABCDEF";
	while (*text) {
		const char *start = text;
		while (plain[(unsigned char)*text])
			text++;
		buffer_add(out, start, (size_t)(text - start));
		for (; *text && !plain[(unsigned char)*text]; text++)
			buffer_add(out, (char[]){ '%', hex[(unsigned char)*text >> 4], hex[*text & 15] }, 3);
	}
}

void text_hex(struct buffer *out, struct bytes bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		buffer_printf(out, "%02x", bytes.data[i]);
}

int text_hex_decode(const char *text, struct buffer *out, struct error *error)
{
	size_t n = strlen(text);
	for (size_t i = 0; i < n; i += 2) {
		if (n % 2 || !isxdigit((unsigned char)text[i]) || !isxdigit((unsigned char)text[i + 1]))
			FAIL(error, BAD_FIELD, "not a hexadecimal text of even length");
		char pair[3] = { text[i], text[i + 1], 0 };
		buffer_add_char(out, (char)strtoul(pair, NULL, 16));
	}
	return 0;
}

/* By pieces: a call for each three octets would cost more than they do. */
#define PIECE 192

static void base64(struct buffer *out, struct bytes bytes, const char *alphabet, bool pad)
{
	char piece[PIECE / 3 * 4];
	size_t n = 0;
	for (size_t i = 0; i < bytes.size; i += 3) {
		size_t left = bytes.size - i;
		uint32_t v = (uint32_t)bytes.data[i] << 16 | (left > 1 ? (uint32_t)bytes.data[i + 1] << 8 : 0) |
		             (left > 2 ? bytes.data[i + 2] : 0);
		const char four[4] = { alphabet[v >> 18], alphabet[v >> 12 & 63], left > 1 ? alphabet[v >> 6 & 63] : '=', left > 2 ? alphabet[v & 63] : '=' };
		memcpy(piece + n, four, 4);
		n += pad || left > 2 ? 4 : left + 1;
		if (n > sizeof piece - 4) {
			buffer_add(out, piece, n);
			n = 0;
		}
	}
	if (n)
		buffer_add(out, piece, n);
}

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_safe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void text_base64(struct buffer *out, struct bytes bytes)
{
	base64(out, bytes, standard, true);
}

void text_base64url(struct buffer *out, struct bytes bytes)
{
	base64(out, bytes, url_safe, false);
}

/* What each octet stands for: its six bits, or one of these. */
enum { DIGIT_NONE = 64, DIGIT_BLANK, DIGIT_PAD, DIGIT_END };

static void digits_of(const char *alphabet, bool pad, bool blanks, uint8_t digits[static 256])
{
	memset(digits, DIGIT_NONE, 256);
	for (uint8_t i = 0; i < 64; i++)
		digits[(uint8_t)alphabet[i]] = i;
	if (pad)
		digits['='] = DIGIT_PAD;
	if (blanks)
		digits[' '] = digits['\t'] = digits['\r'] = digits['\n'] = DIGIT_BLANK;
	digits[0] = DIGIT_END;
}

static int base64_end(uint32_t value, size_t rest, bool pad, size_t pads, struct buffer *out, struct error *error)
{
	if (rest == 1 || (pad && pads != (4 - rest) % 4))
		FAIL(error, BAD_FIELD, "not base64: its length or padding is wrong");
	if ((rest == 2 && (value & 0xf)) || (rest == 3 && (value & 3)))
		FAIL(error, BAD_FIELD, "not base64: unused bits are set");
	if (rest == 2)
		buffer_add_char(out, (char)(value >> 4));
	if (rest == 3) {
		buffer_add_char(out, (char)(value >> 10));
		buffer_add_char(out, (char)(value >> 2));
	}
	return 0;
}

static int base64_decode(const char *text, const char *alphabet, bool pad, bool blanks, struct buffer *out, struct error *error)
{
	char piece[PIECE];
	uint8_t meaning[256];
	uint32_t value = 0;
	size_t n = 0, digits = 0, pads = 0;
	digits_of(alphabet, pad, blanks, meaning);
	for (const char *p = text;; p++) {
		uint8_t digit = meaning[(uint8_t)*p];
		if (digit == DIGIT_END)
			break;
		if (digit == DIGIT_BLANK)
			continue;
		if (digit == DIGIT_PAD) {
			pads++;
			continue;
		}
		if (digit == DIGIT_NONE || pads)
			FAIL(error, BAD_FIELD, "not base64: character %zu is not of its alphabet", (size_t)(p - text) + 1);
		value = value << 6 | digit;
		if (++digits % 4)
			continue;
		piece[n++] = (char)(value >> 16);
		piece[n++] = (char)(value >> 8);
		piece[n++] = (char)value;
		value = 0;
		if (n == sizeof piece) {
			buffer_add(out, piece, n);
			n = 0;
		}
	}
	if (n)
		buffer_add(out, piece, n);
	return base64_end(value, digits % 4, pad, pads, out, error);
}

int text_base64_decode(const char *text, bool blanks, struct buffer *out, struct error *error)
{
	return base64_decode(text, standard, true, blanks, out, error);
}

int text_base64url_decode(const char *text, struct buffer *out, struct error *error)
{
	return base64_decode(text, url_safe, false, false, out, error);
}

int text_integer(const char *text, int64_t min, int64_t max, int64_t *value_r, struct error *error)
{
	char *end;
	errno = 0;
	long long value = strtoll(text, &end, 10);
	if (!*text || *end || isspace((unsigned char)*text) || *text == '+' || errno)
		FAIL(error, BAD_FIELD, "\"%.40s\" is not a whole number", text);
	if (value < min || value > max)
		FAIL(error, BAD_FIELD, "%lld is not between %lld and %lld", value, (long long)min, (long long)max);
	*value_r = value;
	return 0;
}

bool text_is_decimal(const char *text)
{
	if (*text == '-')
		text++;
	size_t whole = strspn(text, "0123456789");
	if (whole == 0 || (whole > 1 && *text == '0'))
		return false;
	text += whole;
	if (*text != '.')
		return *text == '\0';
	size_t part = strspn(++text, "0123456789");
	return part > 0 && text[part] == '\0';
}

/* Few digits and a point, as what is measured is written: a whole number below 2^53 divided by a power of ten that a double holds
 * exactly is rounded once, as strtod() does. Anything else is for strtod(). */
static bool double_of_few(const char *text, double *value_r)
{
	static const double tens[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	bool minus = *text == '-', point = false;
	int64_t value = 0;
	unsigned digits = 0, behind = 0;
	for (text += minus; *text; text++) {
		if (*text == '.' && !point && digits) {
			point = true;
			continue;
		}
		if (*text < '0' || *text > '9' || ++digits > 15)
			return false;
		value = value * 10 + (*text - '0');
		behind += point;
	}
	*value_r = (minus ? -1.0 : 1.0) * (double)value / tens[behind];
	return digits > 0;
}

double text_double(const char *text)
{
	double value;
	return double_of_few(text, &value) ? value : strtod(text, NULL);  /* programs never call setlocale(LC_NUMERIC) */
}
