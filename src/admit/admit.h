/* admit: who is calling, and what may it do. Nothing of a payload is read before the signature over its raw octets is checked.
 *
 * API keys: "sgk_<id>_<secret>", a secret of 256 random bits. The file has a line for each: id, party, roles by commas,
 * SHA-256 of the secret, when it was made, until when it holds ("-": no end). No key itself is ever stored; since the
 * secret is random and long, one SHA-256 of it is as good as a slow hash. The file is read again when it changes.
 */
#ifndef SEALGATE_ADMIT_ADMIT_H
#define SEALGATE_ADMIT_ADMIT_H

#include "lib/http/client.h"
#include "model/caller.h"
#include "model/settings.h"

struct admission;

/* The settings must outlive it. Fails with BAD_CONFIG, IO, BAD_CERTIFICATE. */
int admission_open(const struct settings *settings, struct admission **admission_r, struct error *error) must_use;
void admission_free(struct admission **admission);

/* What a caller shows: the Authorization header (NULL: none), and the certificates that its TLS proved it has the key of, leaf first. */
struct credentials {
	const char *authorization;
	const struct bytes *certificates;
	size_t n_certificates;
};

/* A certificate that was shown must be good (strict path, leaf profile, clientAuth, revocation), whether it is needed or not.
 * Where a party is bound to certificates, a key of its own counts only together with one of them; with `certificate_alone` either
 * is enough. Fails with UNAUTHENTICATED, BAD_CERTIFICATE. Safe from every thread. */
int admit_caller(struct admission *admission, struct arena *arena, const struct credentials *shown, int64_t now, struct caller *caller_r,
                 struct error *error) must_use;
/* May it speak to the gateway at all? Not without a good certificate where the settings require one. Fails likewise. */
int admit_connection(struct admission *admission, const struct credentials *shown, int64_t now, struct error *error) must_use;

/* To be called every second or so: has issuers' keys looked at where that is due, by this client. Callers never set its pace. The
 * client must be stopped before admission_free. */
void admission_tick(struct admission *admission, struct http_client *client);

/* The provider's HMAC over the raw body, in constant time (DCSA: "Notification-Signature: sha256=<hex>"; timestamped:
 * "v1=<hex>" over "v1:<time>:<body>" with the time in a header of its own, or "t=<time>,v1=<hex>" over "<time>.<body>").
 * `header` gives a header's value or NULL. Fails with BAD_SIGNATURE. A provider without a scheme always succeeds. */
int admit_signature(const struct provider *provider, const char *(*header)(const void *of, const char *name), const void *of, struct bytes body,
                    int64_t now, struct error *error) must_use;

/* What a peer shows when it pushes ("Bearer <token>", or the token alone), against the file that the agreement names, in
 * constant time. Fails with UNAUTHENTICATED; also where `agreement` is NULL or takes no pushes, so that nobody learns which
 * peers there are. */
int admit_peer(const struct agreement *agreement, const char *authorization, struct error *error) must_use;

/* Adds a key to the file and gives it, once, in the arena. `until` CLOCK_NONE: no end. */
int token_make(const char *tokens, const char *party, unsigned roles, int64_t until, struct arena *arena, const char **key_r, struct error *error)
	must_use;
int token_revoke(const char *tokens, const char *id, struct error *error) must_use;

/* What the file says of each key. A file that is not there holds none. Fails with BAD_CONFIG, file and line in error.place. */
struct token_view {
	const char *id, *party, *made;
	unsigned roles;
	int64_t until;               /* CLOCK_NONE: no end */
	unsigned line;
};
int token_list(const char *tokens, struct arena *arena, struct token_view **views_r, size_t *count_r, struct error *error) must_use;

#endif
