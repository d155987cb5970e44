/* mode: the processing mode (P-Mode, ebMS 3 Core 4; AS4 2.1) of one peer, as an agreement fills it in.
 *
 * It owns nothing. Every message is signed, in and out; there is no mode without.
 */
#ifndef SEALGATE_AS4_MODE_H
#define SEALGATE_AS4_MODE_H

#include "as4/header.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/memory.h"

/* How a signature names its certificate (WS-Security X.509 Token Profile 1.1). */
enum as4_token {
	AS4_TOKEN_PKIPATH,        /* the whole chain: what ICS2 asks for (ICD 4.6.2) */
	AS4_TOKEN_X509V3,         /* the leaf */
	AS4_TOKEN_ISSUER_SERIAL,
	AS4_TOKEN_KEY_ID,         /* X509SubjectKeyIdentifier */
	AS4_TOKENS
};

#define AS4_SOAP_BYTES ((size_t)8 << 20)
#define AS4_PART_BYTES ((size_t)100 << 20)   /* ICS2 ICD 3.2: an XML part, unpacked */
#define AS4_MESSAGE_BYTES ((size_t)20 << 20) /* ICS2 ICD 3.2: all parts, packed */

struct as4_mode {
	const char *name;
	struct as4_party self, peer;                  /* with their roles */
	struct as4_collaboration collaboration;       /* service, action NULL: any on the way in; conversation is not looked at */
	const char *mpc;                              /* NULL: the default one */
	bool four_corners;                            /* originalSender and finalRecipient must be there (eDelivery AS4 1.15, 2.1) */

	/* what we sign with */
	const struct key *key;
	const struct certificate *chain;              /* leaf first */
	enum algorithm algorithm;
	enum as4_token token;

	/* what the peer may sign with */
	struct trust trust;
	struct trust_memory *memory;                  /* of this trust; NULL: each message's chain is checked anew */
	const char *signer;                           /* whom the certificate must name (certificate_named): "CN=sti-taxud"; NULL: any trusted */
	const struct certificate *known;              /* that a key identifier or serial number may name; authorities between leaf and anchor */
	unsigned tokens, algorithms;                  /* bits 1 << enum; 0: all, and all but Ed25519 */
	unsigned rsa_bits;                            /* at least; 0: 3000 */
	bool errors_unsigned;                         /* an error signal without a signature is taken, as a hint */

	bool compress, must_compress;                 /* our parts; theirs */

	const struct certificate *encrypt_for;        /* our parts; NULL: not encrypted */
	enum oaep oaep;
	const struct key *decrypt_key;                /* NULL: an encrypted part is refused */
	bool must_encrypt, take_mgf1_sha1;            /* theirs */

	size_t part_bytes;                            /* of each part, unpacked; 0: AS4_PART_BYTES */
	unsigned ratio;                               /* of unpacked to packed; 0: 100 */
};

/* What a message may cost before any agreement is known. 0: the default. */
struct as4_limits {
	size_t message_bytes;                         /* AS4_MESSAGE_BYTES and a SOAP part */
	size_t soap_bytes;                            /* AS4_SOAP_BYTES */
	size_t parts;                                 /* 64 */
};

#endif
