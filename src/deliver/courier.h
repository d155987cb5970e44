/* courier: one thread that takes messages to their peers, over REST or AS4, keeps them authorized, and fetches answers where they
 * are pulled. Each agreement has a lane of its own: a dead peer slows nobody else.
 *
 * The wire is the one that HMRC's declaration API has published: POST with Accept, a bearer token, 202 and X-Conversation-ID;
 * errors as <errorResponse>; notifications pushed to us, or listed under /notifications/unpulled.
 *
 * What is handed to the network is on disk first: state sending, an attempt row. A try ends as
 *   answered 2xx, or a refusal that says "duplicate"   sent
 *   not sent (resolve, connect, TLS), 429, 503, 500    waiting, tried again by the agreement's plan
 *   broken off after the first octet, 502, 504         unknown, tried again with the same id and octets
 *   answered 4xx                                       failed; 401: once more with a fresh token
 *   address, key or certificate of ours at fault, 3xx  held: an operator must look
 *
 * Over AS4 the wire form is msh's, and a try ends as
 *   a receipt whose digests are those of what was sent sent
 *   an error signal that may pass, 429, 503            waiting
 *   another error signal, a receipt with other digests failed (EBMS:0302)
 *   anything else                                      unknown, tried again; at last failed (EBMS:0301)
 * Delivery runs on the machine's clock, also where the gateway plays an old voyage.
 */
#ifndef SEALGATE_DELIVER_COURIER_H
#define SEALGATE_DELIVER_COURIER_H

#include "lib/http/client.h"
#include "model/settings.h"
#include "store/store.h"

struct msh;

#define COURIER_CALLS 16   /* under way at once to one peer */

struct courier;

/* What was fetched from a peer. */
struct fetched {
	const struct agreement *agreement;
	struct bytes body;
	const char *content_type, *conversation, *signature;  /* may be NULL */
};

struct courier_config {
	const struct settings *settings;
	struct store *store;
	struct http_client *client;
	struct msh *msh;                     /* NULL: no agreement is of channel as4 */
	void *context;
	/* Must have it on disk when it returns 0. On the courier's thread. */
	int (*answered)(void *context, const struct fetched *fetched, struct error *error);
};

int courier_start(const struct courier_config *config, struct courier **courier_r, struct error *error) must_use;
/* Waits for calls that are under way (http_client_close ends them): close the client first. */
void courier_stop(struct courier **courier);
void courier_wake(struct courier *courier);
/* There is an authorization code of this agreement in the store: its lane asks for a token now, however long it would have waited
 * after a refusal. Any thread. */
void courier_authorized(struct courier *courier, const char *agreement);

/* What an operator wants to know of a peer. */
struct lane_view {
	const char *agreement;
	const char *breaker;         /* closed, open, half-open */
	const char *authorization;   /* ok, missing, failed: and why */
	int64_t sent, failed, tries;
	int64_t under_way;
};
/* In the order of the settings' agreements; `views` has room for all. */
void courier_view(struct courier *courier, struct arena *arena, struct lane_view *views);

#endif
