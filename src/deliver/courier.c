#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "deliver/lane.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

#define SCAN_MS 100

/* ---- exchanges ---- */

struct exchange *exchange_new(struct lane *lane, enum exchange_kind kind)
{
	struct arena *arena = arena_new();
	struct exchange *e = arena_alloc(arena, sizeof *e);
	e->lane = lane;
	e->kind = kind;
	e->arena = arena;
	return e;
}

void exchange_free(struct exchange **exchange)
{
	struct exchange *e = *exchange;
	*exchange = NULL;
	if (e) {
		struct arena *arena = e->arena;
		arena_free(&arena);
	}
}

static void outcome_keep(struct exchange *e, const struct http_outcome *o)
{
	struct http_header *headers = arena_array(e->arena, o->n_headers + 1, sizeof *headers);
	e->outcome = *o;
	for (size_t i = 0; i < o->n_headers; i++)
		headers[i] = (struct http_header){ arena_text(e->arena, o->headers[i].name), arena_text(e->arena, o->headers[i].value) };
	e->outcome.headers = headers;
	e->outcome.body = arena_bytes(e->arena, o->body);
	e->outcome.address = arena_text(e->arena, o->address);
}

/* On the client's thread. */
static void call_ended(void *context, const struct http_outcome *outcome)
{
	struct exchange *e = context;
	struct courier *courier = e->lane->courier;
	outcome_keep(e, outcome);
	pthread_mutex_lock(&courier->lock);
	e->next = courier->ended;
	courier->ended = e;
	pthread_cond_signal(&courier->wake);
	pthread_mutex_unlock(&courier->lock);
}

int exchange_start(struct exchange *e, struct http_call *call, struct error *error)
{
	const struct agreement *a = e->lane->agreement;
	call->pool = a->name;
	call->private_hosts = a->private_hosts;
	call->plain_hosts = a->plain_hosts;
	call->ca_file = a->ca_file;
	call->connect_ms = (int)a->connect_ms;
	call->total_ms = (int)a->total_ms;
	call->certificate_file = a->as4 ? a->as4->tls_certificate_file : NULL;
	call->key_file = a->as4 ? a->as4->tls_key_file : NULL;
	TRY(http_client_start(e->lane->courier->config.client, call, call_ended, e, error));
	e->lane->courier->out++;
	return 0;
}

/* ---- the loop ---- */

static void take_back(struct courier *courier, struct exchange *e)
{
	courier->out--;
	switch (e->kind) {
	case EXCHANGE_MESSAGE:
		lane_sent(e->lane, e);
		break;
	case EXCHANGE_TOKEN:
		lane_token(e->lane, e);
		break;
	case EXCHANGE_LIST:
	case EXCHANGE_ANSWER:
		lane_pulled(e->lane, e);
		break;
	case EXCHANGE_PULL:
	case EXCHANGE_SIGNAL:
		as4_pulled(e->lane, e);
		break;
	}
}

static struct exchange *ended_take(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	struct exchange *latest = courier->ended, *first = NULL;
	courier->ended = NULL;
	pthread_mutex_unlock(&courier->lock);
	while (latest) {  /* in the order in which they ended */
		struct exchange *next = latest->next;
		latest->next = first;
		first = latest;
		latest = next;
	}
	return first;
}

static void wait_for_hint(struct courier *courier, uint64_t seen)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += SCAN_MS * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&courier->lock);
	while (!courier->stops && !courier->ended && courier->hints == seen &&
	       pthread_cond_timedwait(&courier->wake, &courier->lock, &until) != ETIMEDOUT)
		;
	pthread_mutex_unlock(&courier->lock);
}

/* Under the lock: what others gave, and what others may see. */
static void lanes_exchange(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	for (size_t i = 0; i < courier->lane_count; i++) {
		struct lane *lane = &courier->lanes[i];
		lane->shown = (struct lane_view){ .agreement = lane->agreement->name, .breaker = breaker_state_name(lane->breaker.state), .sent = lane->sent,
			                          .failed = lane->failed, .tries = lane->tries, .under_way = lane->under_way };
		lane->shown_authorization = lane->authorization;
		memcpy(lane->shown_text, lane->authorization_text, sizeof lane->shown_text);
		if (lane->authorize_now) {
			lane->authorize_at = 0;
			lane->authorize_failures = 0;
		}
		lane->authorize_now = false;
	}
	pthread_mutex_unlock(&courier->lock);
}

static void lane_turn(struct lane *lane)
{
	const struct as4_terms *as4 = lane->agreement->as4;
	if (!as4 || as4->url)
		lane_send(lane);  /* else its messages wait to be fetched */
	if (!as4) {
		lane_pull(lane);
		return;
	}
	as4_pull(lane);
	as4_sweep(lane);
}

static void *courier_run(void *context)
{
	struct courier *courier = context;
	for (;;) {
		pthread_mutex_lock(&courier->lock);
		bool stops = courier->stops;
		uint64_t seen = courier->hints;
		pthread_mutex_unlock(&courier->lock);
		lanes_exchange(courier);
		for (struct exchange *e = ended_take(courier), *next; e; e = next) {
			next = e->next;
			take_back(courier, e);
		}
		for (size_t i = 0; !stops && i < courier->lane_count; i++)
			lane_turn(&courier->lanes[i]);
		bool more = courier_write(courier);  /* what is over lets the next of its container go */
		if (stops && !courier->out)
			return NULL;
		if (!more || stops)
			wait_for_hint(courier, seen);
	}
}

int courier_start(const struct courier_config *config, struct courier **courier_r, struct error *error)
{
	struct courier *courier = calloc(1, sizeof *courier);
	const struct settings *s = config->settings;
	pthread_condattr_t monotonic;
	if (!courier || !(courier->lanes = calloc(s->agreement_count + 1, sizeof *courier->lanes)))
		die("out of memory");
	courier->config = *config;
	courier->lane_count = s->agreement_count;
	for (size_t i = 0; i < s->agreement_count; i++) {
		struct lane *lane = &courier->lanes[i];
		lane->courier = courier;
		lane->agreement = &s->agreements[i];
		breaker_init(&lane->breaker, lane->agreement->breaker_failures, lane->agreement->breaker_open_ms);
		lane->shown = (struct lane_view){ .agreement = lane->agreement->name, .breaker = breaker_state_name(lane->breaker.state) };
	}
	pthread_mutex_init(&courier->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&courier->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	*courier_r = courier;
	if (pthread_create(&courier->thread, NULL, courier_run, courier) == 0)
		return 0;
	free(courier->lanes);
	free(courier);
	*courier_r = NULL;
	FAIL(error, BUSY, "no thread can be started");
}

void courier_stop(struct courier **courier_at)
{
	struct courier *courier = *courier_at;
	if (!courier)
		return;
	pthread_mutex_lock(&courier->lock);
	courier->stops = true;
	pthread_cond_signal(&courier->wake);
	pthread_mutex_unlock(&courier->lock);
	pthread_join(courier->thread, NULL);
	for (struct exchange *e = courier->unwritten, *next; e; e = next) {  /* the next start makes them unknown */
		next = e->next;
		exchange_free(&e);
	}
	for (size_t i = 0; i < courier->lane_count; i++)
		free(courier->lanes[i].token);
	pthread_cond_destroy(&courier->wake);
	pthread_mutex_destroy(&courier->lock);
	free(courier->lanes);
	free(courier);
	*courier_at = NULL;
}

void courier_wake(struct courier *courier)
{
	pthread_mutex_lock(&courier->lock);
	courier->hints++;
	pthread_cond_signal(&courier->wake);
	pthread_mutex_unlock(&courier->lock);
}

void courier_authorized(struct courier *courier, const char *agreement)
{
	pthread_mutex_lock(&courier->lock);
	for (size_t i = 0; i < courier->lane_count; i++)
		courier->lanes[i].authorize_now |= strcmp(courier->lanes[i].agreement->name, agreement) == 0;
	courier->hints++;
	pthread_cond_signal(&courier->wake);
	pthread_mutex_unlock(&courier->lock);
}

void courier_view(struct courier *courier, struct arena *arena, struct lane_view *views)
{
	static const char *const names[] = { "none yet", "asking", "ok", "failed" };
	pthread_mutex_lock(&courier->lock);
	for (size_t i = 0; i < courier->lane_count; i++) {
		const struct lane *l = &courier->lanes[i];
		views[i] = l->shown;
		views[i].authorization = l->shown_authorization == AUTHORIZATION_FAILED ? arena_printf(arena, "failed: %s", l->shown_text)
		                                                                        : names[l->shown_authorization];
	}
	pthread_mutex_unlock(&courier->lock);
}
