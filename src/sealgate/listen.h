/* listen: webhooks as they come in. */
#ifndef SEALGATE_SEALGATE_LISTEN_H
#define SEALGATE_SEALGATE_LISTEN_H

#include "lib/base/arena.h"

struct webhook {
	const char *id, *timestamp, *signature;  /* headers; may be NULL */
	struct bytes body;
};

/* Fails with BAD_SIGNATURE, IO, BAD_CONFIG (a secret that is none). tolerance_ms 0: any age. */
int webhook_verify(struct arena *arena, const char *secret_file, const struct webhook *webhook, int64_t now, int64_t tolerance_ms, struct error *error)
	must_use;

#endif
