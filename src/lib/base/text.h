/* text: NUL-terminated UTF-8. Encodings, escapes, comparisons. */
#ifndef SEALGATE_LIB_BASE_TEXT_H
#define SEALGATE_LIB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/bytes.h"

bool text_equal(const char *a, const char *b);         /* NULL equals only NULL */
bool text_equal_nocase(const char *a, const char *b);  /* ASCII */
bool text_starts(const char *text, const char *start);
bool text_ends(const char *text, const char *end);
bool text_empty(const char *text);                     /* NULL or "" */

/* Strict UTF-8 (RFC 3629): no overlong form, no surrogate, nothing past U+10FFFF. Returns the offset of the first
 * octet that is wrong, or size. */
size_t text_utf8_check(struct bytes bytes);
/* Reads one code point of valid UTF-8 and moves *at on. */
uint32_t text_utf8_next(const char **at);
size_t text_utf8_put(char *out, uint32_t code_point);  /* at most 4 octets, no NUL; how many */
void text_utf8_add(struct buffer *buffer, uint32_t code_point);
size_t text_utf8_length(const char *text);             /* code points */
bool text_is_longer(const char *text, size_t characters);  /* text_utf8_length(text) > characters, mostly without counting */

void text_escape_json(struct buffer *out, const char *text);  /* with the quotes; C0, C1, U+2028/9, bidi as \u */
void text_escape_json_n(struct buffer *out, const char *text, size_t size);
void text_escape_for_person(struct buffer *out, const char *text); /* one line: control, bidi characters as \xNN, \u{NNNN} */
/* Percent-encodes all but [A-Za-z0-9._:/+-]. */
void text_escape_percent(struct buffer *out, const char *text);

void text_hex(struct buffer *out, struct bytes bytes);  /* lower case */
int text_hex_decode(const char *text, struct buffer *out, struct error *error) must_use;
void text_base64(struct buffer *out, struct bytes bytes);     /* RFC 4648 4, padded, unwrapped */
void text_base64url(struct buffer *out, struct bytes bytes);  /* RFC 4648 5, no padding */
/* Strict: no blank unless `blanks` (XML's line ends), right padding, no stray bits. */
int text_base64_decode(const char *text, bool blanks, struct buffer *out, struct error *error) must_use;
int text_base64url_decode(const char *text, struct buffer *out, struct error *error) must_use;

/* Decimal integer, whole text, within min..max. */
int text_integer(const char *text, int64_t min, int64_t max, int64_t *value_r, struct error *error) must_use;
/* A decimal number as JSON writes it (-12.50, 1e3 is refused): what measured values look like. */
bool text_is_decimal(const char *text);
double text_double(const char *text);  /* of a decimal text, in the C locale */

#endif
