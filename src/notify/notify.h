/* notify: who wants to know is told: signed webhooks (CloudEvents 1.0 by Standard Webhooks) and server-sent events.
 *
 * Both follow the numbers of sealed records (store.h, S5), and show things through store/view.h alone: each subscriber and
 * each stream learns what its party may see, no more. A subscriber that is slow or dead slows nobody else.
 *
 * What is told: event.received (derived ones too), finding.raised, message.sent, message.failed, message.held,
 * notice.<kind>, notice.acknowledged, notice.lifted, notice.escalated, document.refused, document.untied, journey.changed,
 * subscription.disabled (its own party, and administrators). Who may know only that a box is held gets notice.hold for all that
 * holds it, and a subscription's types are compared with that: a filter cannot ask for the reason. Data of more than
 * 64 KiB stays behind: `dataref` says where the API has it (CloudEvents' claim check).
 *
 * Webhooks promise:
 *   - At least once, with the same webhook-id and the same octets on every try. Rows of deliveries are written together with
 *     the move of the subscription's cursor: a stop at any instant loses and doubles none.
 *   - Everything but a 2xx answer is a failure and tried again by the settings' plan, not before the Retry-After of a 429 or
 *     503; redirects are not followed. 410 switches the subscription off at once, failing without one success for
 *     `webhook_disable_ms` too; that is told on the stream and to the party's other subscriptions. What waits then
 *     waits until the subscription is put again.
 *   - Of one container in one subscription one delivery is under way at a time, in the order of the records. One that failed stops
 *     the later ones for a minute after its first try, then they pass it: an alarm is not held back for longer.
 *   - A subscription that fails has one call under way, else up to four. It has 1000 deliveries waiting at the most; what is
 *     beyond waits as records behind its cursor.
 * Streams: id is the record's number. A client that takes nothing for a while is dropped, and resumes by Last-Event-ID.
 *
 * Deliveries run on the machine's clock, also where the gateway plays an old voyage. A store with delivery held delivers nothing;
 * streams go on.
 *
 * notify_start / notify_stop. One thread makes deliveries of records and hands them to the client; streams have one too.
 */
#ifndef SEALGATE_NOTIFY_NOTIFY_H
#define SEALGATE_NOTIFY_NOTIFY_H

#include "lib/http/client.h"
#include "lib/http/server.h"
#include "model/settings.h"
#include "store/store.h"
#include "store/view.h"

#define NOTIFY_CALLS 16    /* under way at once to one subscriber */

struct notify;

struct notify_config {
	const struct settings *settings;
	struct store *store;
	struct http_client *client;         /* of webhooks alone */
	unsigned streams;                   /* at once, 0: 512; more get 429 */
	unsigned streams_per_party;         /* at once, 0: 32 */
	int stream_beat_ms;                 /* a comment line after so long without an event, 0: 15 s */
	int stream_stuck_ms;                /* a client that takes nothing for so long is dropped, 0: 30 s */
};

int notify_start(const struct notify_config *config, struct notify **notify_r, struct error *error) must_use;
/* Waits for calls that are under way (15 s at the most; http_client_stop ends them at once): stop the client first, and
 * close it afterwards. Ends the streams. */
void notify_stop(struct notify **notify);
void notify_wake(struct notify *notify);   /* a hint: records were sealed, a subscription or delivery changed. Any thread. */

/* Takes the request over: records after number `after`, as this viewer may see them, then whatever comes. A number that the
 * store has not reached yet (it was restored) counts as the last one. The server's stream_limit must be 256 KiB or more. */
void notify_stream(struct notify *notify, struct http_request *request, const struct viewer *viewer, int64_t after);

/* Lines for /metrics. */
void notify_measure(struct notify *notify, struct buffer *out);

#endif
