/* secrets: small files of shared secrets: HMAC keys, client secrets, tokens. */
#ifndef SEALGATE_LIB_CRYPTO_SECRETS_H
#define SEALGATE_LIB_CRYPTO_SECRETS_H

#include "lib/crypto/key.h"

/* One per line, the newest first: "base64:..." or the text itself. At most `room` are read. Fails with IO, BAD_CONFIG (there
 * is none). They live in the arena. */
int secrets_read(const char *path, struct arena *arena, struct bytes *secrets, size_t room, size_t *count_r, struct error *error) must_use;
/* The first one. */
int secret_read(const char *path, struct arena *arena, struct bytes *secret_r, struct error *error) must_use;

#endif
