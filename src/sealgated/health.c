/* What an operator must know before it hurts: in words for /v1/status, in figures for /metrics. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/crypto/certificate.h"
#include "sealgated/node.h"
#include "store/message.h"

#define DAY_MS INT64_C(86400000)
#define EXPIRY_DAYS 30
#define LATE_MS (15 * 60000)      /* a message that waits so long is told of */

/* ---- what the store knows of each peer ---- */

struct peer_health {
	const struct agreement *agreement;
	struct message_ages ages;
	struct lane_view view;
	int64_t signer_days, tls_days;  /* until the certificates end; INT64_MAX: there is none */
};

struct health {
	struct node *node;
	struct arena *arena;
	struct peer_health *peers;
	size_t count;
};

static int ages_read(struct db *db, void *context, struct error *error)
{
	struct health *h = context;
	for (size_t i = 0; i < h->count; i++)
		TRY(message_ages(db, h->peers[i].agreement->name, &h->peers[i].ages, error));
	return 0;
}

/* Days until the first certificate in the file ends. */
static int64_t days_left(const char *file)
{
	CERTIFICATE_AUTO chain = NULL;
	struct error ignored = { 0 };
	if (!file || certificate_open(file, &chain, &ignored) < 0)
		return INT64_MAX;
	return (certificate_until(chain) - clock_real_ms()) / DAY_MS;
}

static int health_read(struct node *g, struct arena *arena, struct health *h, struct error *error)
{
	size_t count = g->settings->agreement_count;
	struct lane_view *views = arena_array(arena, count + 1, sizeof *views);
	*h = (struct health){ .node = g, .arena = arena, .peers = arena_array(arena, count + 1, sizeof *h->peers), .count = count };
	courier_view(g->courier, arena, views);
	for (size_t i = 0; i < count; i++) {
		const struct agreement *a = &g->settings->agreements[i];
		h->peers[i] = (struct peer_health){ .agreement = a, .view = views[i], .signer_days = days_left(a->certificate_file),
			                            .tls_days = days_left(a->as4 ? a->as4->tls_certificate_file : NULL) };
	}
	return store_read(g->store, ages_read, h, error);
}

/* ---- in words ---- */

static void tell(struct arena *arena, struct json *list, const char *what, bool passing, const char *way_out, const char *text)
{
	struct json *one = json_new_object(arena);
	json_set_text(arena, one, "what", what);
	json_set_text(arena, one, "text", text);
	json_set_text(arena, one, "way_out", way_out);
	json_set_bool(arena, one, "passing", passing);
	json_append(list, one);
}

static const char *span(struct arena *arena, int64_t ms)
{
	return ms >= 2 * DAY_MS ? arena_printf(arena, "%lld days", (long long)(ms / DAY_MS))
	     : ms >= 2 * 3600000 ? arena_printf(arena, "%lld hours", (long long)(ms / 3600000)) : arena_printf(arena, "%lld minutes", (long long)(ms / 60000));
}

static void expiry_tell(struct arena *arena, struct json *list, const char *what, const char *whose, int64_t days)
{
	if (days > EXPIRY_DAYS)
		return;
	tell(arena, list, what, false, "get a new one, put it in its place, and reload (systemctl reload sealgated)",
	     days < 0 ? arena_printf(arena, "the certificate %s has ended", whose)
	              : arena_printf(arena, "the certificate %s ends in %lld day%s", whose, (long long)days, days == 1 ? "" : "s"));
}

static void peer_tell(const struct health *h, const struct peer_health *p, struct json *list)
{
	struct arena *arena = h->arena;
	const char *name = p->agreement->name;
	int64_t now = clock_real_ms();
	if (!text_equal(p->view.breaker, "closed"))
		tell(arena, list, "peer.breaker", true, "is the peer up? it is tried now and then, and goes on by itself",
		     arena_printf(arena, "peer \"%s\" is left alone for a while: it failed again and again", name));
	if (text_starts(p->view.authorization, "failed"))
		tell(arena, list, "peer.authorization", false, "the token server, or the agreement's rest.authorization; sealgate authorize where a person must agree",
		     arena_printf(arena, "peer \"%s\" gives no access token, and nothing is sent to it: %s", name, p->view.authorization));
	if (p->ages.waiting != CLOCK_NONE && now - p->ages.waiting > LATE_MS)
		tell(arena, list, "peer.waiting", false, "sealgate messages tells their states and reasons",
		     arena_printf(arena, "the oldest message to \"%s\" has waited for %s", name, span(arena, now - p->ages.waiting)));
	expiry_tell(arena, list, "peer.certificate", arena_printf(arena, "that signs for \"%s\"", name), p->signer_days);
	expiry_tell(arena, list, "peer.certificate", arena_printf(arena, "that we show to \"%s\" (TLS)", name), p->tls_days);
}

int node_troubles(void *context, struct arena *arena, struct json *list, struct error *error)
{
	struct node *g = context;
	struct health h;
	char note[sizeof g->note];
	pthread_mutex_lock(&g->wires);
	memcpy(note, g->note, sizeof note);
	pthread_mutex_unlock(&g->wires);
	if (*note)
		tell(arena, list, "reload", false, "mend it, say sealgate check, and reload again", arena_text(arena, note));
	TRY(health_read(g, arena, &h, error));
	for (size_t i = 0; i < h.count; i++)
		peer_tell(&h, &h.peers[i], list);
	expiry_tell(arena, list, "server.certificate", "of the REST interface", days_left(g->settings->certificate_file));
	return 0;
}

/* ---- in figures ---- */

typedef double value_fn(const struct peer_health *p);

static double seconds_since(int64_t at)
{
	return at == CLOCK_NONE ? 0 : (double)(clock_real_ms() - at) / 1000;
}

static double oldest_waiting(const struct peer_health *p)
{
	return seconds_since(p->ages.waiting);
}

static double oldest_unanswered(const struct peer_health *p)
{
	return seconds_since(p->ages.unanswered);
}

static double signer_days(const struct peer_health *p)
{
	return p->signer_days == INT64_MAX ? -1 : (double)p->signer_days;
}

static double breaker_open(const struct peer_health *p)
{
	return !text_equal(p->view.breaker, "closed");
}

static double authorized(const struct peer_health *p)
{
	return text_equal(p->view.authorization, "ok");
}

static double tries(const struct peer_health *p)
{
	return (double)p->view.tries;
}

static double under_way(const struct peer_health *p)
{
	return (double)p->view.under_way;
}

void node_measure_health(struct node *g, struct buffer *out)
{
	static const struct {
		const char *name, *type, *help;
		value_fn *value;
	} lines[] = {
		{ "breaker", "gauge", "Is the peer left alone for a while (1) or not (0)", breaker_open },
		{ "authorized", "gauge", "Has an access token for the peer", authorized },
		{ "tries_total", "counter", "Tries to deliver a message", tries },
		{ "under_way", "gauge", "Calls to the peer that are under way", under_way },
		{ "oldest_waiting_seconds", "gauge", "Age of the oldest message that is still to be delivered; 0: none", oldest_waiting },
		{ "oldest_unanswered_seconds", "gauge", "Since when the peer has had the oldest message that it has not answered; 0: none", oldest_unanswered },
		{ "signer_days", "gauge", "Days until the certificate that signs for the peer ends; -1: none signs", signer_days },
	};
	ARENA_AUTO arena = arena_new();
	struct health h;
	struct error error = { 0 };
	if (health_read(g, arena, &h, &error) < 0)
		return;  /* the figures of the store say so */
	for (size_t l = 0; l < sizeof lines / sizeof *lines; l++) {
		buffer_printf(out, "# HELP sealgate_peer_%s %s\n# TYPE sealgate_peer_%s %s\n", lines[l].name, lines[l].help, lines[l].name, lines[l].type);
		for (size_t i = 0; i < h.count; i++)
			buffer_printf(out, "sealgate_peer_%s{peer=\"%s\"} %.0f\n", lines[l].name, h.peers[i].agreement->name, lines[l].value(&h.peers[i]));
	}
	int64_t days = days_left(g->settings->certificate_file);
	if (days != INT64_MAX)
		buffer_printf(out, "# HELP sealgate_tls_days Days until the certificate of the REST interface ends\n# TYPE sealgate_tls_days gauge\nsealgate_tls_days %lld\n",
		              (long long)days);
}
