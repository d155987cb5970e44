/* memory: signers that were found trusted a short while ago, so that a peer's next message need not pay for its chain again
 * (parsing and checking a chain costs several times what a signature does).
 *
 * trust_memory_new / trust_memory_free. One for each trust: a changed trust gets a new memory. Safe from every thread. What is
 * remembered holds for TRUST_MEMORY_MS at most, and never past the end of any certificate or revocation list that it rests on.
 */
#ifndef SEALGATE_LIB_CRYPTO_MEMORY_H
#define SEALGATE_LIB_CRYPTO_MEMORY_H

#include "lib/crypto/certificate.h"

#define TRUST_MEMORY_MS INT64_C(60000)

struct trust_memory;
struct trust_memory *trust_memory_new(void);
void trust_memory_free(struct trust_memory **memory);

/* The chain that these octets (a token) stood for, if it is remembered at this time: a copy, trusted; else NULL. memory may be NULL. */
struct certificate *trust_memory_find(struct trust_memory *memory, struct bytes token, int64_t at);
/* certificate_trust; what is found good is remembered as the meaning of `token`. memory may be NULL. */
int trust_memory_check(struct trust_memory *memory, struct bytes token, const struct certificate *chain, const struct trust *trust, int64_t at,
                       struct error *error) must_use;

/* The same for signatures in documents. Anchors that certificate_open() has read remember what was checked against them, as long as
 * they live; others do not. anchors_recall: the chain, if it is good now and was when `signed_at` says; else NULL: then it is to be read and
 * checked again, which tells why. anchors_check: certificate_check, remembered. */
struct certificate *anchors_recall(const struct certificate *anchors, struct bytes token, int64_t now, int64_t signed_at);
int anchors_check(const struct certificate *anchors, struct bytes token, const struct certificate *chain, int64_t now, struct error *error) must_use;

#endif
