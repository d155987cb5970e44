/* certificate: X.509 certificates and chains, by OpenSSL.
 *
 * Chains are checked with OpenSSL's strict flags, at a given time, against given anchors alone, and against our leaf
 * profile: version 3, not a CA, key usage (where stated) digitalSignature or nonRepudiation.
 */
#ifndef SEALGATE_LIB_CRYPTO_CERTIFICATE_H
#define SEALGATE_LIB_CRYPTO_CERTIFICATE_H

#include "lib/base/clock.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/key.h"

struct certificate;
#define CERTIFICATE_AUTO __attribute__((cleanup(certificate_free))) struct certificate *

/* All of a PEM file, in its order: a leaf and its chain, or anchors. Fails with BAD_CERTIFICATE, IO. */
int certificate_open(const char *path, struct certificate **first_r, struct error *error) must_use;
int certificate_from_der(struct bytes der, struct certificate **certificate_r, struct error *error) must_use;
void certificate_free(struct certificate **first);  /* with what follows it */
const struct certificate *certificate_next(const struct certificate *certificate);
void certificate_append(struct certificate *chain, struct certificate *more);  /* takes it */

struct bytes certificate_der(const struct certificate *certificate, struct arena *arena);
const char *certificate_subject(const struct certificate *certificate, struct arena *arena);  /* RFC 2253 */
const char *certificate_issuer(const struct certificate *certificate, struct arena *arena);
/* Is `text` the value of one of the subject's attributes ("Risk centre"), or one or more of them whole, as RFC 2253 writes them
 * ("CN=Risk centre,O=Customs")? A part of a name is not enough: "Risk centre" is not "Risk centre (test)". */
bool certificate_named(const struct certificate *certificate, const char *text);
int64_t certificate_from(const struct certificate *certificate);   /* ms */
int64_t certificate_until(const struct certificate *certificate);
bool certificate_fits(const struct certificate *certificate, const struct key *key);

/* May it stand for a TLS client? Where it says what it is for (extended key usage), that must be among it (RFC 5280 4.2.1.12). */
bool certificate_is_client(const struct certificate *certificate);

/* Leaf `chain` (with its intermediates behind it) leads to one of `anchors` at this time (ms). Fails with BAD_CERTIFICATE. */
int certificate_check(const struct certificate *chain, const struct certificate *anchors, int64_t at, struct error *error) must_use;
/* The signature over these octets is by this certificate's key, with this algorithm. Fails with BAD_SIGNATURE, BAD_KEY. */
int certificate_verify(const struct certificate *certificate, enum algorithm algorithm, struct bytes octets, struct bytes signature,
                       struct error *error) must_use;

/* The same, with RSA keys of at least so many bits. */
int certificate_verify_least(const struct certificate *certificate, enum algorithm algorithm, unsigned rsa_bits, struct bytes octets,
                             struct bytes signature, struct error *error) must_use;

/* ---- what an agreement trusts ---- */

/* Revocation lists in PEM, read once. Fails with IO, BAD_CERTIFICATE. */
struct revocations;
int revocations_open(const char *path, struct revocations **revocations_r, struct error *error) must_use;
void revocations_free(struct revocations **revocations);

struct trust {
	const struct certificate *anchors;      /* authorities whose leaves are taken */
	const struct certificate *pinned;       /* leaves that are taken as they are: no chain, no revocation */
	const struct revocations *revocations;  /* NULL: none. Else the leaf's issuer must have a list, in force; others may */
};
/* As certificate_check, or the leaf is a pinned one that is valid at this time. Fails with BAD_CERTIFICATE. */
int certificate_trust(const struct certificate *chain, const struct trust *trust, int64_t at, struct error *error) must_use;

/* ---- how messages name and carry certificates ---- */

/* PKIPath (ITU-T X.509, RFC 6066 10.1): a SEQUENCE of certificates, the authority's first, the leaf last. What comes back is
 * leaf first, as everywhere here. Fails with BAD_CERTIFICATE: more than 8, one that did not issue the next, or the wrong order,
 * which the error says. */
int certificate_from_path(struct bytes der, struct certificate **chain_r, struct error *error) must_use;
struct bytes certificate_path(const struct certificate *chain, struct arena *arena);
/* The key's identifier as the certificate states it; size 0: it states none. */
struct bytes certificate_key_id(const struct certificate *certificate, struct arena *arena);
const char *certificate_serial(const struct certificate *certificate, struct arena *arena);  /* decimal */
/* A copy of this one alone. */
struct certificate *certificate_copy(const struct certificate *certificate);

struct certificate_order {
	const char *name;                 /* common name */
	const char *organisation;
	const char *country;
	const char *const *hosts;         /* subjectAltName: names and addresses; NULL: none */
	bool is_authority;
	bool is_server;                   /* for TLS */
	int64_t from, until;
};
/* Made for `key`, signed by `issuer`'s key; issuer NULL: by itself. */
int certificate_make(const struct certificate_order *order, const struct key *key, const struct certificate *issuer,
                     const struct key *issuer_key, struct certificate **certificate_r, struct error *error) must_use;
int certificate_write(const struct certificate *first, const char *path, struct error *error) must_use;  /* with what follows it */

#endif
