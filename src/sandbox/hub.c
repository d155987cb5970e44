#include "sandbox/hub.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/hub_inside.h"

#define RSA_BITS 2048   /* ICS2 names no size; what its peers have */

struct hub_peer *hub_peer_find(struct hub *hub, const char *name)
{
	for (size_t i = 0; i < hub->peer_count; i++)
		if (text_equal(hub->peers[i].setup->name, name))
			return &hub->peers[i];
	return NULL;
}

struct hub_peer *hub_peer_of(struct hub *hub, const char *party_id)
{
	for (size_t i = 0; i < hub->peer_count; i++)
		if (text_equal(hub->peers[i].setup->party.id, party_id))
			return &hub->peers[i];
	return NULL;
}

struct hub_peer *hub_peer_of_mpc(struct hub *hub, const char *mpc)
{
	for (size_t i = 0; i < hub->peer_count; i++)
		if (text_equal(hub->peers[i].setup->mpc, mpc))
			return &hub->peers[i];
	return NULL;
}

int64_t hub_time(const struct hub *hub)
{
	return sandbox_time(hub->sandbox);
}

bool hub_spoils(struct hub *hub, enum scenario scenario)
{
	const struct scenarios *s = &hub->sandbox->setup->scenarios;
	if (!s->on[scenario] || hub->spoiled[scenario] >= s->number[scenario])
		return false;
	hub->spoiled[scenario]++;
	return true;
}

/* ---- life ---- */

static void peers_make(struct hub *hub)
{
	const struct scenarios *scenarios = &hub->sandbox->setup->scenarios;
	size_t count = 0;
	for (const struct hub_peer_setup *s = hub->setup->peers; s; s = s->next)
		count++;
	hub->peers = arena_array(hub->arena, count + 1, sizeof *hub->peers);
	for (const struct hub_peer_setup *s = hub->setup->peers; s; s = s->next) {
		struct hub_peer *peer = &hub->peers[hub->peer_count++];
		*peer = (struct hub_peer){ .setup = s, .mode = hub->stranger, .pulls = !s->url || scenarios->on[SCENARIO_PULL] };
		peer->mode.name = s->name;
		peer->mode.peer = s->party;
		peer->mode.collaboration.agreement = s->agreement;
		peer->mode.collaboration.agreement_type = s->agreement_type;
		peer->mode.signer = s->signer;
		peer->mode.algorithms = s->algorithms;
	}
}

/* The signer's certificate last, as no chain of ours has it. */
static void chain_turn(struct hub *hub)
{
	for (const struct certificate *at = hub->chain; at; at = certificate_next(at)) {
		struct certificate *copy = certificate_copy(at);
		if (hub->turned)
			certificate_append(copy, hub->turned);
		hub->turned = copy;
	}
}

static int keys_open(struct hub *hub, struct error *error)
{
	const struct hub_setup *s = hub->setup;
	const struct scenarios *scenarios = &hub->sandbox->setup->scenarios;
	TRY(key_open_least(s->key, RSA_BITS, &hub->key, error));
	TRY(certificate_open(s->certificate, &hub->chain, error));
	TRY(certificate_open(s->trust, &hub->anchors, error));
	if (!certificate_fits(hub->chain, hub->key))
		FAIL(error, BAD_KEY, "\"hub.signing.certificate\" is not of the key \"%s\"", s->key);
	if (scenarios->on[SCENARIO_LEAF_FIRST] && !certificate_next(hub->chain))
		FAIL(error, BAD_CONFIG, "scenario pkipath-leaf-first: \"%s\" holds one certificate only, which has no order; append the authority's", s->certificate);
	chain_turn(hub);
	return 0;
}

static int parts_open(struct hub *hub, struct error *error)
{
	const struct hub_setup *s = hub->setup;
	TRY(keys_open(hub, error));
	hub->memory = trust_memory_new();
	hub->stranger = (struct as4_mode){
		.name = "stranger", .self = s->party, .key = hub->key, .chain = hub->chain, .token = AS4_TOKEN_PKIPATH, .compress = true, .must_compress = true,
		.algorithm = s->algorithm < ALGORITHMS ? s->algorithm : key_algorithm(hub->key, true), .trust = { .anchors = hub->anchors },
		.memory = hub->memory, .tokens = 1u << AS4_TOKEN_PKIPATH, .rsa_bits = RSA_BITS,
	};
	peers_make(hub);
	TRY(ledger_open(s->store, &hub->ledger, error));
	hub_look(hub, clock_mono_ms());
	return 0;
}

int hub_open(struct sandbox *sandbox, struct hub **hub_r, struct error *error)
{
	struct hub *hub = calloc(1, sizeof *hub);
	if (!hub)
		die("out of memory");
	*hub = (struct hub){ .sandbox = sandbox, .setup = sandbox->setup->hub, .arena = arena_new() };
	must(pthread_mutex_init(&hub->lock, NULL) == 0);
	*hub_r = hub;
	return parts_open(hub, error) < 0 ? error_during(error, "the hub") : 0;
}

bool hub_stopped(struct hub *hub)
{
	must(pthread_mutex_lock(&hub->lock) == 0);
	bool stopped = hub->stopped;
	must(pthread_mutex_unlock(&hub->lock) == 0);
	return stopped;
}

void hub_stop(struct hub *hub)
{
	must(pthread_mutex_lock(&hub->lock) == 0);
	hub->stopped = true;
	must(pthread_mutex_unlock(&hub->lock) == 0);
}

void hub_free(struct hub **hub)
{
	struct hub *h = *hub;
	if (!h)
		return;
	ledger_free(&h->ledger);
	trust_memory_free(&h->memory);
	key_free(&h->key);
	certificate_free(&h->chain);
	certificate_free(&h->turned);
	certificate_free(&h->anchors);
	pthread_mutex_destroy(&h->lock);
	arena_free(&h->arena);
	free(h);
	*hub = NULL;
}
