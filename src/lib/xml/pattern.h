/* pattern: an XSD pattern over ASCII, matched without going back: a document cannot make it slow. Private to lib/xml.
 *
 * Taken are plain characters, classes and ranges ([0-9a-f]), \d, groups, alternatives, and ? * + {n} {n,} {n,m}. What else
 * XSD 1.0 part 2, appendix F has (., negation, subtraction, categories) is not taken, and neither is what grows past
 * PATTERN_POSITIONS characters when its counts are written out. \d means the ten ASCII digits here: a match is a match in XSD
 * too, no match may still be one there.
 */
#ifndef SEALGATE_LIB_XML_PATTERN_H
#define SEALGATE_LIB_XML_PATTERN_H

#include "lib/base/arena.h"

#define PATTERN_POSITIONS 250

struct pattern;

struct pattern *pattern_compile(struct arena *arena, const char *text);  /* NULL: not taken */
bool pattern_matches(const struct pattern *pattern, const char *text, size_t size);  /* all of it */

#endif
