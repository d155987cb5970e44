/* receive: the REST interface (schemas/openapi.yaml). Says 2xx only after the commit; decides nothing about customs.
 *
 * Requests are handed from the HTTP pool to workers of its own by a bounded queue (503 with Retry-After when full), so that
 * a slow disk holds no connection's thread. What belongs to other stages comes in by hooks.
 *
 * Events come as fast as devices like: of what may wait at once they get a part, and half of the connections at most, then 503 with
 * Retry-After. So customs' answers and operators are served while more events come than the disk takes. /healthz waits for nothing:
 * a gateway that is busy is alive.
 */
#ifndef SEALGATE_RECEIVE_RECEIVE_H
#define SEALGATE_RECEIVE_RECEIVE_H

#include "lib/http/server.h"
#include "map/map.h"
#include "model/caller.h"
#include "store/store.h"
#include "store/view.h"

struct receive;

/* What customs pushed. `authorization` as it came. On success it is on disk. */
struct notification {
	const char *peer;
	struct bytes body;
	const char *content_type, *authorization, *conversation, *signature;
};

/* A message that a person asks for. */
struct report_order {
	enum message_kind kind;
	const char *agreement;      /* NULL: every one that shares the kind */
	const char *container;
	const char *message;        /* KIND_WITHDRAWAL: the report */
	const char *reason, *by;    /* who says yes, and why */
	const char *mrn;            /* KIND_ARRIVAL */
};

/* A draft that a person approves. */
struct reply_approval {
	const char *notice, *reply;
	const char *by, *token;     /* party, and id of its key */
};

struct receive_hooks {
	void *context;
	/* Who calls, by its Authorization header and the certificates that it showed? What is told lives in the request's arena.
	 * Fails with UNAUTHENTICATED. */
	int (*identified)(void *context, const struct http_request *request, struct caller *caller_r, struct error *error);
	/* May it speak to us at all (client certificates that are required)? Also where nobody is asked who calls. NULL: everybody may. */
	int (*connected)(void *context, const struct http_request *request, struct error *error);
	/* Does the provider's HMAC fit the raw body? Fails with BAD_SIGNATURE. */
	int (*vouched)(void *context, const struct provider *provider, const struct http_request *request, struct error *error);
	int (*notified)(void *context, const struct notification *notification, struct arena *arena, struct json **answer_r, struct error *error);
	/* An AS4 message came: answers the request itself. NULL: there is no AS4 peer. */
	int (*exchanged)(void *context, struct http_request *request, struct error *error);
	/* Sends an AS4 peer a test message, and says what came of it. */
	int (*pinged)(void *context, const struct agreement *agreement, struct arena *arena, struct json **answer_r, struct error *error);
	int (*ordered)(void *context, const struct report_order *order, struct arena *arena, struct json **answer_r, struct error *error);
	int (*approved)(void *context, const struct reply_approval *approval, struct arena *arena, struct json **answer_r, struct error *error);
	/* Takes the request over and streams records after `last` to this viewer. */
	void (*streamed)(void *context, struct http_request *request, const struct viewer *viewer, int64_t last);
	/* Adds what needs a person to the list, as /v1/status shows it. */
	int (*troubled)(void *context, struct arena *arena, struct json *list, struct error *error);
	/* Adds its own lines to /metrics. */
	void (*measured)(void *context, struct buffer *out);
	/* An authorization code for this agreement is in the store: a hint for the courier. */
	void (*authorized)(void *context, const char *agreement);
};

struct receive_config {
	const struct settings *settings;
	struct store *store;
	struct map_set *set;        /* shared */
	struct receive_hooks hooks;
	int listener;               /* > 0: see http_server_config */
	const char *openapi;        /* schemas/openapi.yaml */
	bool play;                  /* PUT /v1/clock may move the clock */
	int threads;                /* 0: 16; most of their time they wait for a commit, which many share */
	size_t queue;               /* 0: 512 */
};

int receive_start(const struct receive_config *config, struct receive **receive_r, struct error *error) must_use;
uint16_t receive_port(const struct receive *receive);
/* From now on /readyz says 503; all else is served as before. For whoever spreads requests over several gateways, and should learn of
 * a stop before the port is closed. */
void receive_drain(struct receive *receive);
void receive_stop(struct receive **receive);

#endif
