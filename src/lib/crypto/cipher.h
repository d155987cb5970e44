/* cipher: AES-128-GCM as a filter in front of a sink, and its key under RSA-OAEP.
 *
 * The octets are those of XML Encryption 1.1 (5.2.4): 12 of the initialisation vector, the ciphertext, 16 of the tag.
 * cipher_seal or cipher_open, cipher_add..., cipher_end; cipher_free at any time. cipher_open hands on what it deciphered before
 * the tag has been seen: nothing of it may be believed, or shown to anybody, until cipher_end succeeded.
 */
#ifndef SEALGATE_LIB_CRYPTO_CIPHER_H
#define SEALGATE_LIB_CRYPTO_CIPHER_H

#include "lib/base/stream.h"
#include "lib/crypto/certificate.h"

#define CIPHER_KEY_SIZE 16
#define CIPHER_OVERHEAD 28

struct cipher;
#define CIPHER_AUTO __attribute__((cleanup(cipher_free))) struct cipher *

struct cipher *cipher_seal(const uint8_t key[static CIPHER_KEY_SIZE], const struct sink *out);  /* with a fresh vector */
struct cipher *cipher_open(const uint8_t key[static CIPHER_KEY_SIZE], const struct sink *out);
int cipher_add(struct cipher *cipher, struct bytes bytes, struct error *error) must_use;
int cipher_end(struct cipher *cipher, struct error *error) must_use;  /* BAD_REQUEST: changed, cut, or another key */
void cipher_free(struct cipher **cipher);

/* RSA-OAEP with SHA-256; its mask by SHA-256 (eDelivery AS4 1.15) or SHA-1 (older peers). */
enum oaep { OAEP_MGF1_SHA256, OAEP_MGF1_SHA1 };
int certificate_wrap(const struct certificate *certificate, enum oaep oaep, struct bytes secret, struct arena *arena, struct bytes *wrapped_r,
                     struct error *error) must_use;
/* Fails with BAD_REQUEST, always in the same words: how it failed is nobody's business. */
int key_unwrap(const struct key *key, enum oaep oaep, struct bytes wrapped, struct arena *arena, struct bytes *secret_r, struct error *error)
	must_use;

#endif
