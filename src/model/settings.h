/* settings: sealgate.yaml and the agreements beside it, as one set: read, checked, frozen. Everything wrong with them is
 * told at once, with file and line. sealgate.yaml(5) and sealgate-agreement(5) are made from the same rows.
 *
 * settings_load / settings_free. Everything belongs to the settings' arena.
 */
#ifndef SEALGATE_MODEL_SETTINGS_H
#define SEALGATE_MODEL_SETTINGS_H

#include "lib/config/config.h"
#include "model/agreement.h"
#include "model/disclosure.h"

struct party {
	const char *name;            /* as tokens and providers name it */
	const char *title;
	const char *eori, *smdg;     /* NULL: none; by these a journey may name it */
	const char *const *certificates;  /* client certificates that are its own: "sha256:<hex>", or a subject; NULL: none */
	bool certificate_alone;      /* a call with one needs no API key; else a call needs both */
	unsigned certificate_roles;  /* of a call with a certificate alone, bits 1 << enum role */
};

enum signature_scheme { SIGNATURE_NONE, SIGNATURE_DCSA, SIGNATURE_TIMESTAMPED };

struct provider {
	const char *name, *party;
	const char *mapping;         /* "providers/native" */
	int64_t interval_ms;         /* reporting interval where the event says none; 0: not stated */
	enum signature_scheme scheme;
	const char *secret_file;     /* the HMAC's key, one per line: the first is the newest */
	int64_t tolerance_ms;        /* of a timestamped signature's age */
	const char *header, *time_header;  /* of a timestamped signature */
};

/* An authorization server whose access tokens are taken (RFC 9068). */
struct issuer {
	const char *name;
	const char *issuer, *audience;      /* exact values of iss and aud */
	const char *keys_file, *keys_url;   /* its JSON Web Key Set: one of them */
	const char *const *algorithms;      /* "ES256", ...: a key with another one is not taken */
	const char *party_claim;            /* whose value is the party's name */
	const char *const *parties;         /* it may speak for these; NULL: for all */
	const char *roles_claim;            /* NULL: every token has all of `roles`; else those of them that it lists */
	unsigned roles;
	bool any_type;                      /* also without typ at+jwt */
	int64_t leeway_ms, every_ms;        /* of clocks; between two looks at the keys */
	const char *const *private_hosts, *const *plain_hosts;  /* of keys_url; may be NULL */
};

struct contact {
	const char *role, *name, *phone, *mail, *language;
};

struct settings {
	struct arena *arena;
	const char *file;

	const char *name, *eori, *country, *uri, *language;
	struct contact contact;

	const char *address;
	uint16_t port;
	const char *certificate_file, *key_file;  /* NULL: plain HTTP */
	const char *client_ca_file, *client_revocations_file;  /* of clients' certificates; NULL: none are asked for; none is revoked */
	bool client_required;        /* who shows no certificate gets no answer but a refusal */
	bool plain_allowed;          /* plain HTTP beyond loopback */
	unsigned connections, connections_per_address;
	int64_t body_limit, header_limit;
	int64_t request_ms;
	int64_t drain_ms;
	const char *public_url;      /* how peers reach us; NULL: derived from address and port */

	const char *store, *mappings, *schemas, *tokens, *kept_sets;
	int workers;

	const struct party *parties;
	size_t party_count;
	const struct provider *providers;
	size_t provider_count;
	const struct issuer *issuers;
	size_t issuer_count;
	const struct agreement *agreements;
	size_t agreement_count;
	struct disclosure_matrix disclosure;

	const char *ca_file;         /* of servers that we call; NULL: the system's */
	const char *const *webhook_private_hosts, *const *webhook_plain_hosts;  /* may be NULL */
	struct retry_plan webhook_retry;
	int64_t webhook_disable_ms;  /* failing for so long switches it off */

	double light_lux, coverage_slack;
	int64_t merge_ms, fix_age_ms, fix_wait_ms, interval_ms, assurance_ms;
};

/* NULL: there are problems, in `problems` (whose arena outlives this). */
struct settings *settings_load(const char *path, struct config_problems *problems);
void settings_free(struct settings **settings);

const struct party *settings_party(const struct settings *settings, const char *name);
const struct provider *settings_provider(const struct settings *settings, const char *name);
const struct agreement *settings_agreement(const struct settings *settings, const char *name);

extern const struct config_row settings_rows[];
extern const size_t settings_row_count;

#endif
