/* key: private keys and signatures, by OpenSSL's EVP.
 *
 * key_open / key_free. A key may be used by several threads at once.
 *
 * Algorithms that we sign with, and the only ones that we take: ECDSA on P-256 and P-384, RSA-PSS and RSA PKCS#1 v1.5
 * (legacy: only for peers that cannot do more) with at least 3000 bits, Ed25519. An agreement may allow RSA of 2048 bits for a
 * peer whose rules still ask for it (ICS2, eDelivery AS4 1.x): the *_least functions. A signature of ECDSA is r||s as XML
 * Signature wants it (RFC 4050 3.3, XMLDSig 1.1 6.4.3), not DER.
 */
#ifndef SEALGATE_LIB_CRYPTO_KEY_H
#define SEALGATE_LIB_CRYPTO_KEY_H

#include "lib/base/arena.h"

enum algorithm { ALGORITHM_ECDSA_SHA256, ALGORITHM_ECDSA_SHA384, ALGORITHM_RSA_PSS_SHA256, ALGORITHM_RSA_PKCS1_SHA256, ALGORITHM_ED25519, ALGORITHMS };

const char *algorithm_name(enum algorithm algorithm);  /* "ECDSA P-256 with SHA-256" */
/* What XML Signature calls it (RFC 9231, XML Signature 1.1). */
const char *algorithm_uri(enum algorithm algorithm);
enum algorithm algorithm_find(const char *uri);        /* ALGORITHMS: none that we take */

struct key;
#define KEY_AUTO __attribute__((cleanup(key_free))) struct key *

/* From a PEM file without a pass phrase. Fails with BAD_KEY (kind, size), IO. */
int key_open(const char *path, struct key **key_r, struct error *error) must_use;
int key_open_least(const char *path, unsigned rsa_bits, struct key **key_r, struct error *error) must_use;
void key_free(struct key **key);
/* The one that this key signs with; `legacy` chooses PKCS#1 v1.5 for an RSA key. */
enum algorithm key_algorithm(const struct key *key, bool legacy);

/* One thing to sign: the octets (of a SignedInfo: small), and where the signature goes. Octets rather than digests, since
 * Ed25519 has no form that signs a digest which XML Signature knows. */
struct key_job {
	struct bytes octets;
	struct bytes signature;  /* filled in; lives in the arena */
};
int key_sign(const struct key *key, enum algorithm algorithm, struct key_job *jobs, size_t count, struct arena *arena, struct error *error)
	must_use;

/* Makes one: "p256", "p384", "rsa3072", "rsa2048" (legacy), "ed25519". */
int key_make(const char *kind, struct key **key_r, struct error *error) must_use;
int key_write(const struct key *key, const char *path, struct error *error) must_use;  /* PKCS#8 PEM, mode 0600 */

/* Public keys as a JSON Web Key gives them (RFC 7518 6): big-endian octets. They verify and do not sign. Fails with BAD_KEY. */
int key_public_ec(const char *curve, struct bytes x, struct bytes y, struct key **key_r, struct error *error) must_use;  /* "P-256", "P-384" */
int key_public_rsa(struct bytes modulus, struct bytes exponent, struct key **key_r, struct error *error) must_use;
int key_public_ed25519(struct bytes x, struct key **key_r, struct error *error) must_use;
struct key *key_share(const struct key *key);  /* a handle of the same key, to be freed too */
/* Fails with BAD_SIGNATURE, or BAD_KEY where the key is none for the algorithm (RSA: of at least so many bits). */
int key_verify(const struct key *key, enum algorithm algorithm, unsigned rsa_bits, struct bytes octets, struct bytes signature,
               struct error *error) must_use;

/* HMAC-SHA-256 (RFC 2104). */
void hmac_sha256(struct bytes key, struct bytes data, uint8_t out[static 32]);
/* In a time that does not depend on what is compared, for secrets. */
bool secret_equal(struct bytes a, struct bytes b);

#endif
