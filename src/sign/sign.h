/* sign: XAdES baseline B-B signatures (EN 319 132-1, clause 6) on documents that go out, and the check of those that come in.
 *
 * Out: written canonical by construction, so that the slices that are signed are the octets in the document. Detached: no
 * transform, the digest is over the octets as sent; the Reference names a file, "<reference>.xml". Enveloped: only
 * for peers that agreed to it.
 *
 * In: the form is screened before anything is computed: one Signature at its place, one Reference to the whole document
 * and one to SignedProperties, transforms and algorithms from a short list, no DTD. The signer's certificate is checked
 * by lib/crypto against the anchors of the agreement, at the signing time. KeyInfo is never more than a bag of
 * certificates. What was digested is what is read afterwards.
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

/* `anchors`: PEM file of CA certificates. `signer` (may be NULL): text that the subject must hold. `now`: signatures more
 * than five minutes in the future are refused. Fails with BAD_SIGNATURE, BAD_CERTIFICATE, BAD_XML. */
int verify_detached(struct arena *arena, struct bytes document, struct bytes signature, const struct certificate *anchors, const char *signer,
                    int64_t now, struct verdict *verdict_r, struct error *error) must_use;
int verify_enveloped(struct arena *arena, struct bytes document, const struct certificate *anchors, const char *signer, int64_t now,
                     struct verdict *verdict_r, struct error *error) must_use;

/* The HTTP header that carries a detached signature beside a document: base64 of the signature document, unwrapped. */
#define SIGNATURE_HEADER "Sealgate-Signature"

#endif
