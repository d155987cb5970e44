/* digest: SHA-2, by OpenSSL. */
#ifndef SEALGATE_LIB_CRYPTO_DIGEST_H
#define SEALGATE_LIB_CRYPTO_DIGEST_H

#include "lib/base/bytes.h"

#define DIGEST_SHA256_SIZE 32
#define DIGEST_SHA512_SIZE 64
#define DIGEST_HEX_SIZE 65  /* of SHA-256, with the NUL */

void digest_sha256(struct bytes data, uint8_t out[static DIGEST_SHA256_SIZE]);
char *digest_sha256_hex(struct bytes data, char out[static DIGEST_HEX_SIZE]);

/* SHA-256, SHA-384 or SHA-512 by its number of bits; returns how many octets there are. */
size_t digest_sha2(unsigned bits, struct bytes data, uint8_t out[static DIGEST_SHA512_SIZE]);

/* Running SHA-2 by its number of bits: digest_new_sha2, digest_add..., digest_end_sha2 (which frees, and returns how many octets). */
struct digest;
struct digest *digest_new_sha2(unsigned bits);
size_t digest_end_sha2(struct digest **digest, uint8_t out[static DIGEST_SHA512_SIZE]);
void digest_free(struct digest **digest);  /* one that is not needed any more; NULL is fine */

/* Running SHA-256: digest_new, digest_add..., digest_end (which frees). */
struct digest *digest_new(void);
void digest_add(struct digest *digest, struct bytes data);
void digest_end(struct digest **digest, uint8_t out[static DIGEST_SHA256_SIZE]);
char *digest_end_hex(struct digest **digest, char out[static DIGEST_HEX_SIZE]);

#endif
