/* id: the one source of entropy and of identifiers. Safe from every thread. */
#ifndef SEALGATE_LIB_BASE_ID_H
#define SEALGATE_LIB_BASE_ID_H

#include <stddef.h>

#define ID_UUID_SIZE 37
#define ID_REFERENCE_SIZE 23

void entropy_fill(void *out, size_t size);          /* getrandom(2); ends the process if the kernel has none */
char *id_uuid7(char out[static ID_UUID_SIZE]);      /* RFC 9562 5.7: each sorts behind the ones before it */
char *id_uuid4(char out[static ID_UUID_SIZE]);
/* A message reference: "SG" and 20 characters of Crockford base 32, 100 random bits; fits the LRN of every profile
 * (NCTS, ICS2: an..22; WCO D026: an..35). */
char *id_reference(char out[static ID_REFERENCE_SIZE]);

#endif
