/* floor_xmlsec: the same signature made with xmlsec1's library alone: the document parsed, a template with two references,
 * xmlSecDSigCtxSign, the result written out. */
#ifndef SEALGATE_TESTS_BENCH_FLOOR_XMLSEC_H
#define SEALGATE_TESTS_BENCH_FLOOR_XMLSEC_H

#include "lib/base/bytes.h"

void floor_xmlsec_open(const char *key_file, const char *certificate_file, struct bytes document);
void floor_xmlsec_sign(void *unused);  /* one signature */

#endif
