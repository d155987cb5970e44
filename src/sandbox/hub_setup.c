#include "sandbox/hub_setup.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"

#define PULL_MPC "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/"   /* ICS2 ICD 4.3.3 */

static enum algorithm algorithm_of(const char *name)
{
	static const struct {
		const char *name;
		enum algorithm algorithm;
	} names[] = { { "rsa-sha256", ALGORITHM_RSA_PKCS1_SHA256 },  { "rsa-pss-sha256", ALGORITHM_RSA_PSS_SHA256 },
		      { "ecdsa-sha256", ALGORITHM_ECDSA_SHA256 },   { "ecdsa-sha384", ALGORITHM_ECDSA_SHA384 },
		      { "ed25519", ALGORITHM_ED25519 } };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (text_equal(names[i].name, name))
			return names[i].algorithm;
	return ALGORITHMS;
}

static struct as4_party party_load(const struct config_node *node, const char *type, const char *role)
{
	return (struct as4_party){ config_text(node, "party.id", ""), config_text(node, "party.type", type), config_text(node, "party.role", role) };
}

static struct hub_peer_setup *peer_load(struct arena *arena, const struct config_node *node)
{
	struct hub_peer_setup *peer = arena_alloc(arena, sizeof *peer);
	*peer = (struct hub_peer_setup){ .name = node->name, .party = party_load(node, HUB_PARTY_TYPE "EORI", "Trader"),
		                         .agreement = config_text(node, "agreement", "EU-ICS2-TI-V2.0"),
		                         .agreement_type = config_text(node, "agreement_type", "ics2-interface-version"),
		                         .signer = config_text(node, "signer", ""), .url = config_text(node, "url", NULL),
		                         .mpc = config_text(node, "mpc", NULL), .ca = config_file(arena, node, "ca"),
		                         .private_hosts = config_texts(arena, node, "private_hosts") };
	if (!peer->mpc)
		peer->mpc = arena_printf(arena, PULL_MPC "%s", peer->party.id);
	const char *const *accept = config_texts(arena, node, "accept");
	for (; accept && *accept; accept++)
		if (algorithm_of(*accept) != ALGORITHMS)
			peer->algorithms |= 1u << algorithm_of(*accept);
	if (!peer->algorithms)
		peer->algorithms = 1u << ALGORITHM_RSA_PKCS1_SHA256;
	return peer;
}

/* Names become parts of file names. */
static bool name_is_plain(const char *name)
{
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == strlen(name) && strlen(name) <= 40;
}

/* Who a message is from is told by its party id, whose pull it is by the channel: neither may be two peers' (eDelivery AS4
 * 1.15, 1.5.5.5). */
static void peers_check(const struct hub_peer_setup *others, const struct hub_peer_setup *peer, const struct config_node *node,
                        struct config_problems *problems)
{
	if (!name_is_plain(peer->name))
		config_problem(problems, node, "\"%s\" is no name of a peer: at most 40 letters, digits, \"-\" and \"_\"", peer->name);
	for (const struct hub_peer_setup *other = others; other; other = other->next)
		if (text_equal(other->party.id, peer->party.id) || text_equal(other->mpc, peer->mpc))
			config_problem(problems, node, "\"%s\" and \"%s\" have the same party id, or the same \"mpc\"", peer->name, other->name);
}

static void peers_load(struct arena *arena, const struct config_node *peers, struct hub_setup *setup, struct config_problems *problems)
{
	if (!peers || peers->kind != CONFIG_MAP)
		return;
	const struct hub_peer_setup **last = &setup->peers;
	for (const struct config_node *node = peers->inside; node; node = node->next) {
		struct hub_peer_setup *peer = peer_load(arena, node);
		peers_check(setup->peers, peer, node, problems);
		*last = peer;
		last = &peer->next;
	}
}

const struct hub_setup *hub_setup_load(struct arena *arena, const struct config_node *root, struct config_problems *problems)
{
	const struct config_node *hub = config_find(root, "hub");
	if (!hub)
		return NULL;
	struct hub_setup *s = arena_alloc(arena, sizeof *s);
	*s = (struct hub_setup){ .party = party_load(hub, HUB_PARTY_TYPE "auth", "Customs"), .key = config_file(arena, hub, "signing.key"),
		                 .certificate = config_file(arena, hub, "signing.certificate"), .trust = config_file(arena, hub, "trust"),
		                 .algorithm = algorithm_of(config_text(hub, "signing.algorithm", "")),
		                 .service = config_text(hub, "service", "urn:sealgate:integrity"), .store = config_file(arena, hub, "store"),
		                 .retry_every_ms = (int)config_integer(hub, "retry.every", 5000), .tries = (int)config_integer(hub, "retry.tries", 10),
		                 .receipt_within_ms = (int)config_integer(hub, "retry.receipt_within", 15000) };
	if (!s->store)
		s->store = file_path(arena, file_folder_of(arena, root->file), "hub");
	peers_load(arena, config_find(hub, "peers"), s, problems);
	return s;
}
