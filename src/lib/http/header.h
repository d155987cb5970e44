/* header: one header field, as both server and client hand it out. */
#ifndef SEALGATE_LIB_HTTP_HEADER_H
#define SEALGATE_LIB_HTTP_HEADER_H

#include <stdbool.h>
#include <stddef.h>

struct http_header {
	const char *name;
	const char *value;   /* without blanks around it */
};

/* The value of the first header of that name (compared without case), or NULL. */
const char *http_header_find(const struct http_header *headers, size_t n, const char *name);
/* RFC 9110 5.6.2: one or more tchar. */
bool http_is_token(const char *text);
/* RFC 9110 5.5: no control character but TAB. */
bool http_is_field_value(const char *text);
/* Retry-After (RFC 9110 10.2.3): seconds from now, of the number or the HTTP date; 0 where absent or unreadable, at
 * most 86400. */
int http_retry_after(const char *value);

#endif
