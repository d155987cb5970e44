/* package: AS4 messages as octets, out and in (ebMS 3 Core 5, AS4 1.0, eDelivery AS4 1.15, ICS2 ICD 4). No network, no store.
 *
 * Out: as4_pack, for user messages, receipts, errors and pull requests alike. What it gives back beside the octets, the
 * references that were signed, is what the receipt must repeat: keep it with the message.
 *
 * In: as4_open takes the message apart without believing any of it; the caller looks at header for the agreement and calls
 * as4_accept, which checks it against the mode: parties, service, coverage and value of the signature, the signer. Then
 * as4_part_read hands out the parts, deciphered, unpacked, and digested once more on the way: what was verified is what is used.
 *
 * What is refused has an ebMS error for the peer in *code_r and words in *error. A large part costs no memory: it is read from
 * the blob in blocks. XML parts that are not compressed are canonicalised (SwA Profile 1.1, 5.4.2), which takes them into memory:
 * 8 MiB at most.
 */
#ifndef SEALGATE_AS4_PACKAGE_H
#define SEALGATE_AS4_PACKAGE_H

#include "as4/mode.h"
#include "lib/base/stream.h"

/* ---- out ---- */

struct as4_payload {
	const char *cid;                    /* Content-ID; NULL: one is made */
	const char *mime_type, *character_set;
	const struct as4_property *properties;
	bool plain;                         /* is not compressed, whatever the mode says */
	const struct blob *content;
};

struct as4_packed {
	const char *content_type;           /* for HTTP */
	const struct as4_reference *references;
};

/* A user message's header as the mode has it: parties, collaboration, MPC. Ids, time, conversation and properties are the
 * caller's to set. */
void as4_user_begin(const struct as4_mode *mode, struct as4_header *header_r);
/* "<uuid>@domain" (RFC 2822) */
const char *as4_message_id(struct arena *arena, const char *domain);

/* header->user.parts is made from the payloads, the first of which is the document. Fails as the sink, the blobs and the key do,
 * and with BAD_FIELD for payloads that cannot be sent so. */
int as4_pack(struct arena *arena, const struct as4_mode *mode, const struct as4_header *header, const struct as4_payload *payloads, size_t count,
             const struct sink *out, struct as4_packed *packed_r, struct error *error) must_use;

/* ---- in ---- */

struct as4_part {
	const struct as4_part_info *info;
	size_t size;                        /* as it came */
	bool encrypted;
};

struct as4_inside;
struct as4_incoming {
	struct as4_header header;           /* message_id NULL: not even that could be read */
	const struct as4_part *parts;       /* in the order of PayloadInfo */
	size_t count;
	bool verified;                      /* as4_accept found the signature good */
	const struct as4_reference *references;  /* as signed; once verified */
	const char *signer, *issuer;        /* RFC 2253; once verified */
	const char *algorithm;              /* in words */
	const char *certificate_digest;     /* of the signer's: SHA-256, hexadecimal */
	struct as4_inside *inside;
};

/* *incoming_r is set in any case, so that an error can say what message it is about. `blob` must live as long as the arena. */
int as4_open(struct arena *arena, const char *content_type, const struct blob *blob, const struct as4_limits *limits,
             struct as4_incoming **incoming_r, enum ebms_code *code_r, struct error *error) must_use;
/* `now` (ms): the time at which the signer's certificate must be valid. The mode is copied; what it points at must live as long as the
 * parts are read. */
int as4_accept(struct as4_incoming *incoming, const struct as4_mode *mode, int64_t now, enum ebms_code *code_r, struct error *error) must_use;
/* Nothing of what was written to the sink counts unless this succeeds. */
int as4_part_read(const struct as4_incoming *incoming, size_t index, const struct sink *out, enum ebms_code *code_r, struct error *error)
	must_use;

/* ---- receipts and errors ---- */

/* The receipt for an accepted user message: non-repudiation information of all that it signed (AS4 5.1.8). Pack it with the same
 * mode: Messaging and Body are signed (ICS2 ICD 4.6.2). */
void as4_receipt_for(const struct as4_incoming *incoming, const char *message_id, int64_t time, struct as4_header *header_r);
/* An accepted receipt against what was sent: each reference is there with the same digest, and no other. Else EBMS:0302. */
int as4_receipt_check(const struct as4_header *receipt, const char *message_id, const struct as4_reference *sent, enum ebms_code *code_r,
                      struct error *error) must_use;
/* The error signal that says so; ref_to NULL where the message's id is not known. detail may be NULL. */
void as4_error_for(struct arena *arena, enum ebms_code code, const char *description, const char *detail, const char *ref_to,
                   const char *message_id, int64_t time, struct as4_header *header_r);

#endif
