/* hub_setup: the section "hub" of sandbox.yaml: the customs hub that is played over AS4, and its peers. */
#ifndef SEALGATE_SANDBOX_HUB_SETUP_H
#define SEALGATE_SANDBOX_HUB_SETUP_H

#include "as4/header.h"
#include "lib/config/config.h"
#include "lib/crypto/key.h"

struct hub_peer_setup {
	const char *name;
	struct as4_party party;
	const char *agreement, *agreement_type;
	const char *signer;               /* what the subject of its certificate must hold, whole parts */
	const char *url;                  /* NULL: it pulls */
	const char *mpc;                  /* that it pulls from */
	const char *ca;
	const char *const *private_hosts;
	unsigned algorithms;              /* that it may sign with: bits 1 << enum algorithm */
	const struct hub_peer_setup *next;
};

struct hub_setup {
	struct as4_party party;
	const char *key, *certificate, *trust;
	enum algorithm algorithm;         /* ALGORITHMS: as the key has it, an RSA key PKCS#1 v1.5 */
	const char *service;              /* of reports */
	const char *store;                /* folder */
	int retry_every_ms, receipt_within_ms;
	int tries;
	const struct hub_peer_setup *peers;
};

/* NULL: sandbox.yaml has no hub. Problems go to `problems`. */
const struct hub_setup *hub_setup_load(struct arena *arena, const struct config_node *root, struct config_problems *problems);

/* The rows of lib/config, for the table in setup.c. */
#define HUB_PARTY_TYPE "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:"
#define HUB_ALGORITHMS "rsa-sha256 rsa-pss-sha256 ecdsa-sha256 ecdsa-sha384 ed25519"
#define HUB_ROWS \
	{ "hub", CONFIG_GROUP, false, NULL, 0, 0, NULL, "the customs hub that is played over AS4" }, \
	{ "hub.party", CONFIG_GROUP, true, NULL, 0, 0, NULL, "who it is" }, \
	{ "hub.party.id", CONFIG_TEXT, true, NULL, 0, 0, NULL, "its party id" }, \
	{ "hub.party.type", CONFIG_TEXT, false, HUB_PARTY_TYPE "auth", 0, 0, NULL, "the type of its party id" }, \
	{ "hub.party.role", CONFIG_TEXT, false, "Customs", 0, 0, NULL, "its role" }, \
	{ "hub.signing", CONFIG_GROUP, true, NULL, 0, 0, NULL, "what it signs with" }, \
	{ "hub.signing.key", CONFIG_FILE, true, NULL, 0, 0, NULL, "private key, PEM" }, \
	{ "hub.signing.certificate", CONFIG_FILE, true, NULL, 0, 0, NULL, "certificate and chain, PEM" }, \
	{ "hub.signing.algorithm", CONFIG_CHOICE, false, NULL, 0, 0, HUB_ALGORITHMS, "signature method" }, \
	{ "hub.trust", CONFIG_FILE, true, NULL, 0, 0, NULL, "CA certificates of its peers, PEM" }, \
	{ "hub.service", CONFIG_TEXT, false, "urn:sealgate:integrity", 0, 0, NULL, "the service that reports are sent to" }, \
	{ "hub.store", CONFIG_PATH, false, "hub", 0, 0, NULL, "folder that keeps messages, receipts and the journal" }, \
	{ "hub.retry", CONFIG_GROUP, false, NULL, 0, 0, NULL, "how often it sends what has no receipt" }, \
	{ "hub.retry.every", CONFIG_DURATION, false, "5s", 10, 3600000, NULL, "from one try to the next" }, \
	{ "hub.retry.tries", CONFIG_INTEGER, false, "10", 1, 1000, NULL, "how many tries in all" }, \
	{ "hub.retry.receipt_within", CONFIG_DURATION, false, "15s", 100, 600000, NULL, "how long it waits for the receipt of a push" }, \
	{ "hub.peers", CONFIG_GROUP, true, NULL, 0, 0, NULL, "who may exchange with it, by a name of your choice" }, \
	{ "hub.peers.*", CONFIG_GROUP, false, NULL, 0, 0, NULL, "one of them" }, \
	{ "hub.peers.*.party", CONFIG_GROUP, true, NULL, 0, 0, NULL, "who it is" }, \
	{ "hub.peers.*.party.id", CONFIG_TEXT, true, NULL, 0, 0, NULL, "its party id" }, \
	{ "hub.peers.*.party.type", CONFIG_TEXT, false, HUB_PARTY_TYPE "EORI", 0, 0, NULL, "the type of its party id" }, \
	{ "hub.peers.*.party.role", CONFIG_TEXT, false, "Trader", 0, 0, NULL, "its role" }, \
	{ "hub.peers.*.agreement", CONFIG_TEXT, false, "EU-ICS2-TI-V2.0", 0, 0, NULL, "value of eb:AgreementRef" }, \
	{ "hub.peers.*.agreement_type", CONFIG_TEXT, false, "ics2-interface-version", 0, 0, NULL, "its type" }, \
	{ "hub.peers.*.signer", CONFIG_TEXT, true, NULL, 0, 0, NULL, "what the subject of its certificate holds: CN=..." }, \
	{ "hub.peers.*.url", CONFIG_TEXT, false, NULL, 0, 0, NULL, "address to push to; without it the peer pulls" }, \
	{ "hub.peers.*.mpc", CONFIG_TEXT, false, NULL, 0, 0, NULL, "channel it pulls from; ICS2's form with its party id" }, \
	{ "hub.peers.*.ca", CONFIG_FILE, false, NULL, 0, 0, NULL, "CA certificates of its server, PEM" }, \
	{ "hub.peers.*.private_hosts", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "names that may have a private or loopback address" }, \
	{ "hub.peers.*.accept", CONFIG_TEXTS, false, NULL, 0, 0, HUB_ALGORITHMS, "signature methods that are taken from it; rsa-sha256" }

#endif
