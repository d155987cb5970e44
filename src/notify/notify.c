#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "lib/base/log.h"
#include "notify/inside.h"

#define SCAN_MS 200             /* a lost hint costs no more than this */
#define AGAIN_MS 1000           /* after the store failed */

static int tick(struct notify *notify, bool *more_r, struct error *error)
{
	TRY(lanes_refresh(notify, error));
	TRY(plan_make(notify, more_r, error));
	return store_delivery_held(notify->config.store) ? 0 : send_due(notify, error);
}

void hint_wait(struct notify *notify, pthread_cond_t *wake, uint64_t seen, int ms)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ms * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&notify->lock);
	while (notify->hints == seen && pthread_cond_timedwait(wake, &notify->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&notify->lock);
}

static void *run(void *context)
{
	struct notify *notify = context;
	for (;;) {
		struct error error = { 0 };
		bool more = false;
		pthread_mutex_lock(&notify->lock);
		bool stops = notify->stops;
		uint64_t seen = notify->hints;
		pthread_mutex_unlock(&notify->lock);
		send_ended(notify);
		if (stops && !notify->out)
			return NULL;
		if (!stops && clock_mono_ms() >= notify->rest_until && tick(notify, &more, &error) < 0) {
			log_error("subscription", NULL, "deliveries rest for a moment: %s", error.text);
			notify->rest_until = clock_mono_ms() + AGAIN_MS;
			notify->lanes_number = -1;
			more = false;
		}
		if (!more)
			hint_wait(notify, &notify->wake, seen, SCAN_MS);
	}
}

static int recover(struct db *db, void *context, struct error *error)
{
	(void)context;
	return delivery_recover(db, error);
}

static void locks_init(struct notify *notify)
{
	pthread_condattr_t monotonic;
	pthread_mutex_init(&notify->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&notify->wake, &monotonic);
	pthread_cond_init(&notify->stream_wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

int notify_start(const struct notify_config *config, struct notify **notify_r, struct error *error)
{
	/* What an earlier notify of this store could not write down. */
	TRY(store_write(config->store, recover, NULL, error));
	struct notify *notify = calloc(1, sizeof *notify);
	if (!notify)
		die("out of memory");
	notify->config = *config;
	notify->config.streams = config->streams ? config->streams : 512;
	notify->config.streams_per_party = config->streams_per_party ? config->streams_per_party : 32;
	notify->config.stream_beat_ms = config->stream_beat_ms ? config->stream_beat_ms : 15000;
	notify->config.stream_stuck_ms = config->stream_stuck_ms ? config->stream_stuck_ms : 30000;
	notify->lanes_number = -1;
	locks_init(notify);
	if (pthread_create(&notify->thread, NULL, run, notify) != 0 || pthread_create(&notify->stream_thread, NULL, stream_run, notify) != 0)
		die("no thread can be started");
	*notify_r = notify;
	return 0;
}

void notify_stop(struct notify **notify_at)
{
	struct notify *notify = *notify_at;
	if (!notify)
		return;
	pthread_mutex_lock(&notify->lock);
	notify->stops = true;
	notify->hints++;
	pthread_cond_signal(&notify->wake);
	pthread_cond_signal(&notify->stream_wake);
	pthread_mutex_unlock(&notify->lock);
	pthread_join(notify->thread, NULL);
	pthread_join(notify->stream_thread, NULL);
	streams_free(notify);
	calls_free(notify->unwritten);
	lanes_free(notify);
	pthread_cond_destroy(&notify->stream_wake);
	pthread_cond_destroy(&notify->wake);
	pthread_mutex_destroy(&notify->lock);
	free(notify);
	*notify_at = NULL;
}

void notify_wake(struct notify *notify)
{
	pthread_mutex_lock(&notify->lock);
	notify->hints++;
	pthread_cond_signal(&notify->wake);
	pthread_cond_signal(&notify->stream_wake);
	pthread_mutex_unlock(&notify->lock);
}

void notify_measure(struct notify *notify, struct buffer *out)
{
	const struct { const char *name, *type, *help; _Atomic int64_t *value; } lines[] = {
		{ "webhook_made_total", "counter", "Deliveries made of records", &notify->made },
		{ "webhook_tries_total", "counter", "Calls to subscribers", &notify->tries },
		{ "webhook_sent_total", "counter", "Deliveries that were taken", &notify->sent },
		{ "webhook_failed_total", "counter", "Deliveries whose tries are used up", &notify->failed },
		{ "webhook_disabled_total", "counter", "Subscriptions switched off", &notify->disabled },
		{ "webhook_subscriptions", "gauge", "Active subscriptions", &notify->active },
		{ "webhook_subscriptions_failing", "gauge", "Active subscriptions that fail", &notify->failing },
		{ "webhook_calls", "gauge", "Calls to subscribers under way", &notify->under_way },
		{ "webhook_lag_records", "gauge", "Records that the slowest active subscription has still to look at", &notify->lag },
		{ "stream_clients", "gauge", "Streams now", &notify->streams_now },
		{ "stream_events_total", "counter", "Events written to streams", &notify->streams_told },
		{ "stream_dropped_total", "counter", "Streams whose client read too slowly", &notify->streams_dropped },
		{ "stream_refused_total", "counter", "Streams refused because there were too many", &notify->streams_refused },
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		buffer_printf(out, "# HELP sealgate_%s %s\n# TYPE sealgate_%s %s\nsealgate_%s %lld\n", lines[i].name, lines[i].help, lines[i].name,
		              lines[i].type, lines[i].name, (long long)atomic_load(lines[i].value));
}
