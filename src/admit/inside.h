/* inside: what the files of admit share. */
#ifndef SEALGATE_ADMIT_INSIDE_H
#define SEALGATE_ADMIT_INSIDE_H

#include <pthread.h>
#include <sys/types.h>
#include <time.h>

#include "admit/admit.h"
#include "lib/crypto/certificate.h"

struct token {
	const char *id, *party, *digest, *made;
	unsigned roles, line;
	int64_t until;
};

struct admission {
	const struct settings *settings;
	char *path;              /* of the keys */
	pthread_mutex_t lock;
	struct arena *arena;     /* of what was read last */
	struct token *tokens;
	size_t count;
	struct timespec changed;
	off_t size;
	ino_t file;
	struct certificate *anchors;       /* of clients' certificates; NULL: none are asked for */
	struct revocations *revocations;
	struct issuing *issuing;           /* beside settings->issuers */
};

/* token.c */
int tokens_open(struct admission *a, const char *path, struct error *error) must_use;
void tokens_close(struct admission *a);
/* `key`: what stands behind "sgk_". */
bool tokens_find(struct admission *a, struct arena *arena, const char *key, int64_t now, struct caller *caller_r);

/* client.c: whose certificate it is. */
struct client {
	const struct party *party;   /* NULL: nobody's here */
	const char *id;              /* SHA-256 of the certificate in hex; NULL: none was shown */
};
int client_open(struct admission *a, struct error *error) must_use;
void client_close(struct admission *a);
/* Fails with BAD_CERTIFICATE where one was shown that is not good. */
int client_find(struct admission *a, struct arena *arena, const struct credentials *shown, int64_t now, struct client *client_r, struct error *error)
	must_use;

/* bearer.c: access tokens of issuers. */
bool bearer_is(const char *authorization);   /* "Bearer <a>.<b>.<c>" */
int bearer_find(struct admission *a, struct arena *arena, const char *authorization, int64_t now, struct caller *caller_r, struct error *error)
	must_use;

/* keyset.c: an issuer's keys. A key has one algorithm, whatever a token says. */
int issuing_open(struct admission *a, struct error *error) must_use;
void issuing_close(struct admission *a);
/* The key of exactly this id, to be freed by the caller, and how it signs ("ES256"); NULL: there is none. */
struct key *issuing_key(struct admission *a, size_t issuer, const char *kid, enum algorithm *algorithm_r, const char **name_r);

#endif
