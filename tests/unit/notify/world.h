/* world: a gateway's store with one container's journey, parties around it, a receiver of webhooks on loopback, and notify. */
#ifndef SEALGATE_TESTS_UNIT_NOTIFY_WORLD_H
#define SEALGATE_TESTS_UNIT_NOTIFY_WORLD_H

#include "support/suite.h"

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "notify/notify.h"
#include "store/subscription.h"

#define BOX "CSQU3054383"
#define OTHER_BOX "MSKU0000006"
#define R(role) (1u << ROLE_##role)

/* One POST that the receiver got. */
struct got {
	char *path, *id, *timestamp, *signature, *type, *body;
	int64_t at;                  /* monotonic */
};

struct world {
	char folder[64];
	struct arena *arena;
	struct settings settings;
	struct store *store;
	struct http_client *client;
	struct http_server *receiver;
	struct notify_config config;
	struct notify *notify;

	pthread_mutex_t lock;
	struct got got[600];
	size_t got_count;
	int asked[8];                /* by kind of answer */
};

void world_open(struct world *w);            /* journey of BOX names all parties; not yet started */
void world_start(struct world *w);
void world_stop(struct world *w);            /* notify alone; the store stays */
void world_close(struct world *w);

/* The receiver answers by path: /ok 200, /flaky 500 the first time, /later 503 with Retry-After 1 the first time, /gone 410,
 * /moved 302 to /ok, /fail 500. What follows in the path tells receivers apart. */
const char *world_url(struct world *w, const char *path);
/* A subscription with secret "whsec_" + base64 of 32 times its id's first letter. */
void world_subscribe(struct world *w, const char *id, const char *party, unsigned roles, const char *url, const char *more);
void world_secrets(struct world *w, const char *id, const char *json);
void world_event(struct world *w, const char *id, const char *container, const char *extra);
void world_notice(struct world *w, const char *id, const char *kind, const char *disclosure);
void world_finding(struct world *w, const char *id, const char *severity);
void world_message_failed(struct world *w, const char *id);

size_t world_count(struct world *w, const char *path);              /* what came there; NULL: all */
bool world_wait(struct world *w, const char *path, size_t count);   /* until so many came; 3 s at the most */
const struct got *world_got(struct world *w, const char *path, size_t index);
/* The delivery of a subscription that tells of so many-th record it was told of; waits until it is in that state. */
struct delivery_row world_delivery(struct world *w, const char *subscription, size_t index, const char *state);
bool world_wait_state(struct world *w, const char *subscription, const char *state);
struct json *world_json(struct world *w, const char *text);
int64_t world_measure(struct world *w, const char *name);

#endif
