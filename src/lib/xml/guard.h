/* guard: what an XML document may cost before a parser is let at it. Private to lib/xml. */
#ifndef SEALGATE_LIB_XML_GUARD_H
#define SEALGATE_LIB_XML_GUARD_H

#include "lib/xml/xml.h"

int guard_octets(struct bytes octets, const struct xml_limits *limits, struct error *error) must_use;
void xml_library_init(void);  /* before any other call of libxml2; from any thread, as often as one likes */

#endif
