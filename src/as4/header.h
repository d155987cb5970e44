/* header: eb:Messaging (ebMS 3 Core 5.2), as structs; read strictly, written canonical by construction.
 *
 * One Messaging holds one UserMessage or one SignalMessage, and a signal is one of receipt, errors, pull request: what the AS4
 * profiles use; bundles are refused (EBMS:0008). Texts are trimmed, never empty, at most 1024 octets, without control
 * characters; NULL where an optional one is absent. Everything lives in the arena that was given.
 */
#ifndef SEALGATE_AS4_HEADER_H
#define SEALGATE_AS4_HEADER_H

#include "as4/ebms.h"
#include "lib/base/clock.h"
#include "lib/xml/xml.h"

struct as4_property {
	const char *name, *type, *value;  /* type: NULL where none */
	const struct as4_property *next;
};

struct as4_party {                        /* ebMS 3 Core 5.2.2.4; one PartyId (eDelivery AS4 1.15, 1.3.5.3) */
	const char *id, *type, *role;
};

struct as4_collaboration {                /* ebMS 3 Core 5.2.2.7 to 5.2.2.10 */
	const char *agreement, *agreement_type, *agreement_mode;
	const char *service, *service_type, *action, *conversation;
};

/* One eb:PartInfo. The properties that AS4 3.1 defines are taken out of the list. */
struct as4_part_info {
	const char *cid;                  /* of href, without "cid:" */
	const char *mime_type, *character_set;
	bool compressed;                  /* CompressionType application/gzip */
	const struct as4_property *properties;
	const struct as4_part_info *next;
};

struct as4_user {
	const char *mpc;
	struct as4_party from, to;
	struct as4_collaboration collaboration;
	const struct as4_property *properties;
	const struct as4_part_info *parts;
	size_t part_count;
};

struct as4_error {                        /* ebMS 3 Core 6.2 */
	const char *code, *severity, *category, *origin, *ref_to, *text, *description, *detail;
	const struct as4_error *next;
};

/* One ds:Reference, as it stands in a SignedInfo and again in a receipt. */
struct as4_reference {
	const char *uri;
	const char *transform;            /* algorithm of the one transform; NULL: none */
	const char *prefixes;             /* PrefixList of exclusive C14N; NULL: none */
	const char *digest_method;
	const char *digest;               /* base64, without blanks */
	const struct as4_reference *next;
};

enum as4_kind { AS4_USER, AS4_RECEIPT, AS4_ERROR, AS4_PULL };

struct as4_header {
	enum as4_kind kind;
	const char *message_id, *ref_to;
	int64_t time;
	struct as4_user user;                      /* AS4_USER */
	const struct as4_reference *references;    /* AS4_RECEIPT with NonRepudiationInformation (ebBP signals 2.0) */
	const struct as4_error *errors;            /* AS4_ERROR */
	const char *pull_mpc;                      /* AS4_PULL; NULL: the default one */
};

bool as4_is_test(const struct as4_header *header);  /* ebMS 3 Core 5.2.2.8: "ping" */
const char *as4_property_find(const struct as4_property *properties, const char *name);

/* Reads an eb:Messaging. */
int header_read(struct arena *arena, const struct xml_node *messaging, struct as4_header *header_r, struct fault *fault) must_use;
/* Reads one ds:Reference of the forms that AS4 allows; more than one transform, or one with odd content, is refused as `code`. */
int reference_read(struct arena *arena, const struct xml_node *node, enum ebms_code code, struct as4_reference *reference_r, struct fault *fault)
	must_use;

/* Appends an eb:Messaging with this wsu:Id, which is its own exclusive C14N. The caller answers for the texts. */
void header_write(const struct as4_header *header, const char *id, struct buffer *out);
/* `ds`: the prefix is bound in a rendered ancestor. */
void reference_write(const struct as4_reference *reference, bool ds, struct buffer *out);

#endif
