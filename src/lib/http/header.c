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

bool http_is_field_value(const char *text)
{
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
