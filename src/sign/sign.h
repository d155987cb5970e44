/* sign: XAdES baseline B-B signatures (EN 319 132-1, clause 6) on documents that go out, and the check of those that come in.
 *
 * Out: written canonical by construction, so that the slices that are signed are the octets in the document. Detached: no
 * transform, the digest is over the octets as sent; the Reference names a file, "<reference>.xml". Enveloped: only
 * for peers that agreed to it.
 *
 * In: the form is screened before anything is computed: one Signature at its place, one Reference to the whole document
 * and one to SignedProperties, transforms and algorithms from a short list, no DTD. The signer's certificate is checked
 * by lib/crypto against the anchors of the agreement, at the signing time. KeyInfo is never more than a bag of
 * certificates.
 *
 * What was digested is what is read afterwards, though no XML signature library stands between (DESIGN names one; libxml2 and
 * OpenSSL do all that it would be asked for):
 *  - Detached: the digest is over the octets as they came, and the very same octets are parsed later.
 *  - Enveloped: the digest is over the canonical form of the whole root but for the one Signature that is its child. What C14N
 *    leaves out besides (comments, prefixes that nobody uses, the form of quotes, CDATA, empty tags) the frozen tree of lib/xml
 *    does not have either: text is joined across comments as C14N joins it, names are told by namespace. There is no DTD, so
 *    no entity, no default attribute, no attribute of type ID. Readers go down by path from the root: the Signature is on none.
 *  - SignedInfo and SignedProperties are read from the nodes whose canonical form was verified, not looked up again. The
 *    reference by Id is never resolved: the one place where SignedProperties may stand is taken, and must have that Id, alone
 *    in the document (so nothing else can be meant, whatever another verifier looks up).
 *  - No transform is carried out on the signer's word: the lists are compared with the two that are taken, parameters refused.
 */
#ifndef SEALGATE_SIGN_SIGN_H
#define SEALGATE_SIGN_SIGN_H

#include "lib/crypto/certificate.h"

struct signer;
#define SIGNER_AUTO __attribute__((cleanup(signer_free))) struct signer *

/* Key and certificate chain (leaf first). `legacy`: RSA PKCS#1 v1.5 instead of PSS. Fails with BAD_KEY where they do not
 * belong together. May be used by several threads. */
int signer_open(const char *key_file, const char *certificate_file, bool legacy, struct signer **signer_r, struct error *error) must_use;
void signer_free(struct signer **signer);
int64_t signer_until(const struct signer *signer);  /* end of its certificate, ms */
const char *signer_algorithm(const struct signer *signer);

/* Appends a detached signature, a document of its own. `name`: what the Reference's URI says: a file's name. */
int sign_detached(const struct signer *signer, struct bytes document, const char *name, int64_t signing_time, struct buffer *out,
                  struct error *error) must_use;
/* Appends the document with the Signature as the root's last child. `document` must be in exclusive canonical form without
 * an XML declaration, as lib map writes it. */
int sign_enveloped(const struct signer *signer, struct bytes document, int64_t signing_time, struct buffer *out, struct error *error) must_use;

struct verdict {
	const char *subject, *issuer;   /* of the signer, RFC 2253 */
	const char *algorithm;
	const char *certificate_digest; /* SHA-256, hexadecimal */
	int64_t signing_time;           /* as the signer claims; CLOCK_NONE: not said */
	bool enveloped;
};

/* `anchors`: CA certificates. `signer` (may be NULL): whom the certificate must name (certificate_named). `now`: when it came; signatures
 * from more than five minutes later, and certificates that have ended by then, are refused; CLOCK_NONE: nobody knows. Fails with BAD_SIGNATURE,
 * BAD_CERTIFICATE, BAD_KEY, BAD_XML, TOO_LARGE. */
int verify_detached(struct arena *arena, struct bytes document, struct bytes signature, const struct certificate *anchors, const char *signer,
                    int64_t now, struct verdict *verdict_r, struct error *error) must_use;
int verify_enveloped(struct arena *arena, struct bytes document, const struct certificate *anchors, const char *signer, int64_t now,
                     struct verdict *verdict_r, struct error *error) must_use;

/* The HTTP header that carries a detached signature beside a document: base64 of the signature document, unwrapped. */
#define SIGNATURE_HEADER "Sealgate-Signature"

#endif
