#include "lib/http/header.h"

#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"

#define RETRY_AFTER_MAX 86400

const char *http_header_find(const struct http_header *headers, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (text_equal_nocase(headers[i].name, name))
			return headers[i].value;
	return NULL;
}

bool http_is_token(const char *text)
{
	if (text_empty(text))
		return false;
	for (const char *c = text; *c; c++) {
		bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9');
		if (!letter && !strchr("!#$%&'*+-.^_`|~", *c))
			return false;
	}
	return true;
}

/* Is one of eight octets below 0x20, or 0x7f? A borrow may say so of the octet behind one that is: then too there is one. */
static bool has_control(uint64_t eight)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t del = eight ^ ones * 0x7f;
	return ((eight - ones * 0x20) & ~eight & high) || ((del - ones) & ~del & high);
}

/* Eight at a time where none of them is in doubt: a value may be a signature, and is looked at where it comes in and where it goes out. */
bool http_is_field_value(const char *text)
{
	uint64_t eight;
	for (size_t left = strlen(text); left >= sizeof eight; left -= sizeof eight, text += sizeof eight) {
		memcpy(&eight, text, sizeof eight);
		if (has_control(eight))
			break;
	}
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if ((*c < 0x20 && *c != '\t') || *c == 0x7f)
			return false;
	return true;
}

int http_retry_after(const char *value)
{
	if (text_empty(value))
		return 0;
	int64_t seconds;
	if (text_integer(value, 0, INT64_MAX, &seconds, NULL) < 0) {
		struct tm tm = { 0 };
		const char *end = strptime(value, "%a, %d %b %Y %H:%M:%S GMT", &tm);  /* IMF-fixdate; programs run in the C locale */
		if (!end || *end)
			return 0;
		seconds = (int64_t)timegm(&tm) - clock_real_ms() / 1000;  /* the sender's clock is the real one, also where ours is played */
	}
	if (seconds < 0)
		return 0;
	return seconds < RETRY_AFTER_MAX ? (int)seconds : RETRY_AFTER_MAX;
}
