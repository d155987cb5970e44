/* inside: OpenSSL handles that the files of lib/crypto share. */
#ifndef SEALGATE_LIB_CRYPTO_INSIDE_H
#define SEALGATE_LIB_CRYPTO_INSIDE_H

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "lib/crypto/certificate.h"

struct key {
	EVP_PKEY *pkey;
};

struct certificate {
	X509 *x509;
	struct certificate *next;  /* of the chain, towards the root */
};

/* OpenSSL's own words for what failed last. */
const char *crypto_reason(void);
/* Which algorithm fits this public key and is allowed; fails with BAD_KEY. */
int crypto_fits(EVP_PKEY *pkey, enum algorithm algorithm, struct error *error) must_use;

#endif
