/* outbox: answers on their way. Pushed one after the other to the configured address until a 2xx takes each, or kept for whoever
 * pulls them, as the published contract says: push and pull exclude each other.
 *
 * In memory: what waits when the sandbox ends is gone (it lies in the documents folder). outbox_add and the pushing are the
 * clerk's; pulls come from any thread.
 */
#ifndef SEALGATE_SANDBOX_OUTBOX_H
#define SEALGATE_SANDBOX_OUTBOX_H

#include "lib/http/client.h"
#include "lib/http/server.h"
#include "sandbox/clerk.h"
#include "sandbox/setup.h"

#define OUTBOX_MOST 20000   /* answers that wait, or were pulled and can be pulled again */

struct outbox;

/* `client` NULL: nothing is pushed. Fails with IO, BAD_CONFIG (the push token). */
int outbox_open(const struct setup *setup, struct clerk *clerk, struct http_client *client, struct outbox **outbox_r, struct error *error) must_use;
/* Nothing is pushed from then on: before the client is closed. */
void outbox_stop(struct outbox *outbox);
void outbox_free(struct outbox **outbox);
bool outbox_full(struct outbox *outbox);

struct posting {
	const char *client;          /* whose declaration it answers */
	const char *conversation;
	const char *name;            /* for the log */
	struct bytes document;       /* copied */
	struct bytes signature;      /* copied; size 0: none */
	int in_ms;                   /* not before */
};
void outbox_add(struct outbox *outbox, const struct posting *posting);

/* GET /notifications/...; the segments are behind "notifications". */
void outbox_get(struct outbox *outbox, const char *client, struct http_request *request);

#endif
