/* hub: a customs hub for those who onboard over AS4: an MSH that behaves like the trader interface of ICS2 (ICD chapter 4), and
 * misbehaves on demand. Beside the replies that ICS2 takes it takes our reports, which no hub in production does.
 *
 *   hub_setup.c   its settings                        hub_take.c    POST /as4: what comes in, and the receipt or error for it
 *   hub_rules.c   what a peer is held to              hub_check.c   a message against the agreement, stricter than the tool
 *   hub_ledger.c  what happened, on disk              hub_play.c    what customs makes of a document
 *   hub_report.c  the onboarding report over it       hub_write.c   the documents of customs
 *   hub_spoil.c   messages that are wrong on purpose  hub_send.c    pushes and their receipts; hub_pull.c: pulls
 *
 * hub_open / hub_stop / hub_free. But for hub_take everything runs on the clerk's thread.
 */
#ifndef SEALGATE_SANDBOX_HUB_H
#define SEALGATE_SANDBOX_HUB_H

#include "lib/base/bytes.h"
#include "lib/http/server.h"

struct hub;
struct sandbox;

#define HUB_BODY_BYTES ((size_t)29 << 20)  /* of a request: ICS2's 20 MB of parts, and SOAP */

/* The setup has a hub; clerk, client and validator of the sandbox are there. What was left open is gone on with. Fails with
 * BAD_KEY, BAD_CERTIFICATE, BAD_CONFIG, IO, CONFLICT (another hub has the
 * store). */
int hub_open(struct sandbox *sandbox, struct hub **hub_r, struct error *error) must_use;
/* Nothing is pushed from then on: before the client is closed. */
void hub_stop(struct hub *hub);
void hub_free(struct hub **hub);

/* POST /as4, on a thread of the server. */
void hub_take(struct hub *hub, struct http_request *request);

/* sealgate-sandbox --report: appends what the store tells about each peer, in words. Fails with IO. */
struct hub_setup;
int hub_report(const struct hub_setup *setup, struct buffer *out, struct error *error) must_use;

#endif
