/* stand: a sandbox on loopback with keys made for it, a receiver for what it pushes, and a sender's hands. */
#ifndef SEALGATE_TESTS_SANDBOX_STAND_H
#define SEALGATE_TESTS_SANDBOX_STAND_H

#include <pthread.h>

#include "lib/http/client.h"
#include "lib/http/server.h"
#include "lib/xml/xml.h"
#include "sandbox/sandbox.h"
#include "sign/sign.h"

#define RECEIVED_MOST 32

struct received {
	char *body, *signature, *authorization, *conversation, *type;  /* NULL: no such header */
	int64_t at;                       /* monotonic */
};

struct stand {
	struct arena *arena;
	char folder[64];
	struct config_problems problems;
	struct setup *setup;
	struct sandbox *sandbox;
	struct signer *gateway, *stranger;
	struct certificate *anchors;
	struct http_client *client;
	struct http_server *receiver;
	const char *token;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct received received[RECEIVED_MOST];
	size_t count;
	int refuse;                       /* so many pushes are answered 500 first */
};

/* `more`: further lines of sandbox.yaml; NULL: none. Push is configured, the scenario is `scenario`. */
void stand_up(struct stand *stand, const char *scenario, const char *more);
void stand_down(struct stand *stand);
const char *stand_file(struct stand *stand, const char *name);
/* Writes keys, certificates, clients and sandbox.yaml (TLS with `tls`) into stand->folder; returns the YAML's name. */
const char *stand_write(struct stand *stand, const char *scenario, const char *more, bool tls);

/* The golden sample of a kind, with `from` (may be NULL) replaced by `to`. */
const char *sample(struct stand *stand, const char *kind, const char *from, const char *to);
struct http_outcome call(struct stand *stand, const char *method, const char *path, const struct http_header *headers, size_t n, const char *body);
/* As the gateway does it: signed (signer NULL: not), with token and headers; the outcome may be HTTP_UNKNOWN. */
struct http_outcome lodge(struct stand *stand, const char *path, const char *body, const struct signer *signer);
/* Waits until so many have come, 8 s at most; then the test fails. */
void wait_for(struct stand *stand, size_t count);
/* Nothing more than `count` comes within `ms`. */
void expect_no_more(struct stand *stand, size_t count, int ms);
/* The response of the n-th that came, or of a body: parsed. */
const struct xml_node *response_of(struct stand *stand, const char *body);
const char *text_at(struct stand *stand, const struct xml_node *node, const char *path);  /* "Declaration/ID", any namespace */
const char *error_code(struct stand *stand, const struct http_outcome *outcome);            /* of an <errorResponse> */
/* The signature (base64) is the sandbox's, over these octets. */
int verify(struct stand *stand, const char *body, const char *signature, struct error *error);

#define PLACE "/customs/declarations"
#define REPORT "SG26B8QK3M0V7TZ4XH1RNE"

#endif
