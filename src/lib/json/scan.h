/* scan: the pass over the octets before jansson sees them. Private to lib/json.
 *
 * Checks what jansson does not (number tokens are kept as text; depth, counts and lengths are bounded) and writes a
 * copy in which each number is a string that starts with JSON_MARK 'n', and each genuine string that starts with
 * U+0001 has one more in front (names stay as they are). jansson then never turns a number into a double.
 */
#ifndef SEALGATE_LIB_JSON_SCAN_H
#define SEALGATE_LIB_JSON_SCAN_H

#include "lib/json/json.h"

#define JSON_MARK '\x01'

int json_scan(struct bytes bytes, const struct json_limits *limits, struct buffer *out, struct error *error) must_use;
/* Places are given by octet; this makes them line and column, counted from 1, columns in octets. */
int json_fail_at(struct bytes bytes, size_t at, struct error *error, const char *text);

#endif
