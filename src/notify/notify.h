/* notify: who wants to know is told: signed webhooks (CloudEvents 1.0 by Standard Webhooks) and server-sent events.
 *
 * Both follow the numbers of sealed records (store.h, S5), and show things through store/view.h alone: each subscriber and
 * each stream learns what its party may see, no more. A subscriber that is slow or dead slows nobody else.
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

struct notify;

struct notify_config {
	const struct settings *settings;
	struct store *store;
	struct http_client *client;         /* of webhooks alone */
};

int notify_start(const struct notify_config *config, struct notify **notify_r, struct error *error) must_use;
/* Waits for calls that are under way (http_client_close ends them): close the client first. Ends the streams. */
void notify_stop(struct notify **notify);
void notify_wake(struct notify *notify);   /* a hint: records were sealed, a subscription or delivery changed. Any thread. */

/* Takes the request over: records after number `after`, as this viewer may see them, then whatever comes. */
void notify_stream(struct notify *notify, struct http_request *request, const struct viewer *viewer, int64_t after);

/* Lines for /metrics. */
void notify_measure(struct notify *notify, struct buffer *out);

#endif
