/* inside: OpenSSL handles that the files of lib/crypto share. */
#ifndef SEALGATE_LIB_CRYPTO_INSIDE_H
#define SEALGATE_LIB_CRYPTO_INSIDE_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "lib/crypto/certificate.h"

#define RSA_LEAST_BITS 3000

struct key {
	EVP_PKEY *pkey;
	unsigned least_bits;  /* of RSA, agreed for this key */
};

struct certificate {
	X509 *x509;
	struct certificate *next;  /* of the chain, towards the root */
	struct trust_memory *memory;  /* of anchors that were read from a file, at the first of them; NULL: none */
};

/* Is it this key's signature over the octets? Fails with BAD_SIGNATURE, BAD_KEY. */
int crypto_verify(EVP_PKEY *pkey, enum algorithm algorithm, unsigned rsa_bits, struct bytes octets, struct bytes signature, struct error *error)
	must_use;
struct certificate *certificate_of(X509 *x509);  /* takes it */
bool x509_is_der(X509 *x509, const uint8_t *octets, size_t size);
STACK_OF(X509_CRL) *crypto_revocations(const struct revocations *revocations);
/* certificate_trust, and from when and until when at most it holds: the latest beginning and the earliest end of what it rests on. */
struct trust_span {
	int64_t from, until;
};
int crypto_trust_span(const struct certificate *chain, const struct trust *trust, int64_t at, struct trust_span *span_r, struct error *error) must_use;
/* OpenSSL's own words for what failed last. */
const char *crypto_reason(void);
/* Does the algorithm fit this public key, and is it strong enough (RSA: `least_bits`, 0: RSA_LEAST_BITS)? Fails with BAD_KEY. */
int crypto_fits(EVP_PKEY *pkey, enum algorithm algorithm, unsigned least_bits, struct error *error) must_use;

#endif
