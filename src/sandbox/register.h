/* register: what was lodged, by reference and by the identifier given to it. In memory; the clerk's alone. */
#ifndef SEALGATE_SANDBOX_REGISTER_H
#define SEALGATE_SANDBOX_REGISTER_H

#include "lib/crypto/digest.h"
#include "sandbox/judge.h"

#define REGISTER_MOST 200000

struct lodged {
	struct lodged *next, *next_by_id;
	const char *reference, *id, *client, *conversation;
	uint8_t digest[DIGEST_SHA256_SIZE];   /* of the octets as they came */
	enum lodged_kind kind;
	enum known state;                     /* KNOWN_STANDS until it is rejected or withdrawn */
	int answers;                          /* kept on the shelf */
};

struct lodgings;

struct lodgings *lodgings_new(void);
void lodgings_free(struct lodgings **lodgings);
bool lodgings_full(const struct lodgings *lodgings);
/* Texts are copied. An identifier of the form <year><office><type><number><check> is given to it. */
struct lodged *lodgings_add(struct lodgings *lodgings, const struct lodged *lodged, const char *office, const char *type, int64_t now);
struct lodged *lodgings_find(struct lodgings *lodgings, const char *reference);   /* NULL: none */
struct lodged *lodgings_find_id(struct lodgings *lodgings, const char *id);

#endif
