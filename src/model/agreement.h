/* agreement: the contract with one peer: what goes to it, on what legal basis, how it is signed and delivered. */
#ifndef SEALGATE_MODEL_AGREEMENT_H
#define SEALGATE_MODEL_AGREEMENT_H

#include "lib/config/config.h"
#include "model/finding.h"

/* Up to KIND_ARRIVAL: declarations of our own making, with a TypeCode. Behind: a reply to a question of customs; an
 * original that is passed on to another gateway. */
enum message_kind { KIND_INTEGRITY_REPORT, KIND_ASSURANCE, KIND_WITHDRAWAL, KIND_ARRIVAL, KIND_REPLY, KIND_RELAY, MESSAGE_KINDS, DECLARATION_KINDS = KIND_REPLY };
const char *message_kind_name(enum message_kind kind);  /* "integrity-report" */
bool message_kind_find(const char *name, enum message_kind *kind_r);

enum purpose { PURPOSE_SANDBOX, PURPOSE_BILATERAL, PURPOSE_PRODUCTION };

/* What the peer may see of a container; bits. */
enum shared_field {
	SHARE_POSITION = 1, SHARE_DEVICE = 2, SHARE_SEAL = 4, SHARE_CALL = 8, SHARE_REFERENCES = 16, SHARE_CONTACT = 32,
	SHARE_EVIDENCE = 64, SHARE_READINGS = 128,
};

enum channel { CHANNEL_REST, CHANNEL_AS4 };
enum signing_form { FORM_DETACHED, FORM_ENVELOPED, FORM_NONE };
enum grant { GRANT_TOKEN, GRANT_CLIENT_CREDENTIALS, GRANT_AUTHORIZATION_CODE };

struct retry_plan {              /* lib/base/backoff.h says what they mean */
	int64_t first_ms, longest_ms, budget_ms;
};

/* An AS4 peer: what the processing mode (ebMS 3 Core 4) says that is not said above; src/msh makes a struct as4_mode of it. */
struct as4_terms {
	const char *url;             /* NULL: the peer fetches */
	struct as4_terms_party {
		const char *id, *type, *role;  /* type may be NULL */
	} self, peer;
	const char *domain;          /* right side of a MessageId */
	const char *agreement, *agreement_type;      /* NULL: none */
	const char *services[MESSAGE_KINDS], *service_types[MESSAGE_KINDS], *actions[MESSAGE_KINDS];
	const char *const *take_services, *const *take_actions;  /* NULL-terminated; NULL: any */
	int64_t part_bytes, window_ms;
	const char *mpc;             /* NULL: the default one */
	const char *original_sender, *final_recipient, *corner_type;  /* NULL: no four corners */
	const char *algorithm, *token;               /* "rsa-sha256", "pkipath"; algorithm NULL: what fits the key */
	const char *const *take_algorithms, *const *take_tokens; /* NULL: see the rows */
	unsigned rsa_bits;
	const char *known_file;      /* NULL: none */
	bool unsigned_errors, compress, must_compress;
	const char *encrypt_file, *decrypt_file;     /* NULL: none */
	bool mgf1_sha1, must_encrypt;
	const char *pull_mpc;        /* NULL: nothing is fetched */
	int64_t pull_ms;
	const char *serve_mpc;       /* NULL: the peer fetches nothing */
	const char *tls_certificate_file, *tls_key_file;
};

struct agreement {
	const char *name, *file;
	const char *profile;         /* "wco-dms", "eu-hub", "relay" */
	enum channel channel;
	enum purpose purpose;
	const char *basis_kind, *basis_reference, *granted_by;
	int64_t from, until;         /* ms; until CLOCK_NONE: open end */

	const char *country, *agency, *customization, *customization_version, *language;
	const char *type_codes[MESSAGE_KINDS];       /* of declarations; others NULL */
	unsigned kinds;              /* bits 1 << enum message_kind */
	unsigned fields;             /* bits of enum shared_field */
	enum severity severity;      /* findings below it are not reported */
	double coverage;             /* per cent, for an assurance */
	const char *const *relay_notices;  /* kinds of notices whose document goes on, NULL-terminated */
	const char *const *relay_peers;    /* agreements whose documents go on; NULL: all */
	const char *mandate_name, *mandate_eori, *mandate_function;  /* NULL: no mandate */

	const char *key_file, *certificate_file;
	enum signing_form form;

	bool answers_signed;         /* an answer without a signature is refused */
	const char *anchors_file;    /* CA certificates of the peer's signer */
	const char *answer_signer;   /* whom the signer's certificate must name; NULL: any under the anchors */
	const char *revocations_file;/* of the peer's signers; NULL: none */
	bool lenient;                /* answers without namespaces are read too */

	const struct as4_terms *as4; /* of channel as4; NULL: another channel */
	const char *addressee;       /* AS4: the peer's party id; NULL: another channel */

	const char *url, *paths[MESSAGE_KINDS], *accept;  /* paths of declarations; url NULL: another channel */
	enum grant grant;
	const char *token_url, *authorize_url, *client_id, *client_secret_file, *scope, *token_file, *redirect_url;
	const char *badge, *submitter;
	const char *push_token_file; /* what the peer shows when it pushes; NULL: no pushes are taken */
	const char *pull_path;       /* NULL: nothing is pulled */
	int64_t pull_ms;
	const char *ca_file;
	const char *const *private_hosts, *const *plain_hosts;
	int64_t connect_ms, total_ms;

	struct retry_plan retry;
	int64_t held_blocks_ms;
	int breaker_failures;
	int64_t breaker_open_ms;
};

/* Fills in from a file of its own; what is wrong goes to the problems. */
void agreement_load(struct arena *arena, const struct config_node *root, const char *name, struct agreement *agreement_r,
                    struct config_problems *problems);
/* May this kind be sent to the peer at this time? NULL: yes; else the reason. */
const char *agreement_refusal(const struct agreement *agreement, enum message_kind kind, int64_t now, struct arena *arena);

/* Who takes no reports: national production declaration systems, and ICS2. `addressee`: a URL, or a party id of AS4
 * ("[system@]id[@state]"). NULL: nothing speaks against it; else what it is. A reply to a question may go there. */
const char *addressee_refusal(const char *addressee);

extern const struct config_row agreement_rows[];
extern const size_t agreement_row_count;

#endif
