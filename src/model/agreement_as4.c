/* Group "as4": read, filled up by its preset, and checked against itself. */
#include <string.h>

#include "lib/base/text.h"
#include "model/agreement_inside.h"

#define EBMS "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"
#define EU_CUSTOMS "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:"

/* What a preset says where the agreement does not. */
static const struct {
	const char *path, *ics2, *edelivery;
} presets[] = {
	{ "as4.self.type", EU_CUSTOMS "EORI", NULL },       /* ICS2 ICD 4.2.2 */
	{ "as4.peer.type", EU_CUSTOMS "auth", NULL },
	{ "as4.self.role", "Trader", EBMS "initiator" },    /* ICD 4.2.2; ebMS 3 Core 5.2.2.3 */
	{ "as4.peer.role", "Customs", EBMS "responder" },
	{ "as4.agreement", "EU-ICS2-TI-V2.0", NULL },       /* ICD 4.2.3 */
	{ "as4.agreement_type", "ics2-interface-version", NULL },
	{ "as4.signature.token", "pkipath", "x509v3" },     /* ICD 4.6.2; eDelivery AS4 1.15, 1.4.2 */
};

static const char *said(const struct config_node *root, const char *path)
{
	const char *text = agreement_text(root, path);
	bool ics2 = text_equal(agreement_text(root, "as4.preset"), "ics2");
	for (size_t i = 0; !text && i < sizeof presets / sizeof *presets; i++)
		if (text_equal(presets[i].path, path))
			text = ics2 ? presets[i].ics2 : presets[i].edelivery;
	return text;
}

static bool is_true(const struct config_node *root, const char *path)
{
	return text_equal(agreement_text(root, path), "true");
}

static const char *const *list_of_one(struct arena *arena, const char *text)
{
	const char **list = arena_array(arena, 2, sizeof *list);
	list[0] = text;
	return list;
}

static void header_load(struct arena *arena, const struct config_node *root, struct as4_terms *t)
{
	t->self = (struct as4_terms_party){ said(root, "as4.self.id"), said(root, "as4.self.type"), said(root, "as4.self.role") };
	t->peer = (struct as4_terms_party){ said(root, "as4.peer.id"), said(root, "as4.peer.type"), said(root, "as4.peer.role") };
	t->domain = said(root, "as4.domain");
	t->agreement = said(root, "as4.agreement");
	t->agreement_type = said(root, "as4.agreement_type");
	for (enum message_kind k = 0; k < MESSAGE_KINDS; k++) {
		t->services[k] = said(root, arena_printf(arena, "as4.services.%s", message_kind_name(k)));
		t->service_types[k] = said(root, arena_printf(arena, "as4.service_types.%s", message_kind_name(k)));
		t->actions[k] = said(root, arena_printf(arena, "as4.actions.%s", message_kind_name(k)));
	}
	t->take_services = config_texts(arena, root, "as4.receive.services");
	t->take_actions = config_texts(arena, root, "as4.receive.actions");
	t->part_bytes = agreement_number(root, "as4.receive.part");
	t->window_ms = agreement_number(root, "as4.receive.window");
	t->mpc = said(root, "as4.mpc");
	t->original_sender = said(root, "as4.properties.original_sender");
	t->final_recipient = said(root, "as4.properties.final_recipient");
	t->corner_type = said(root, "as4.properties.type");
}

static void security_load(struct arena *arena, const struct config_node *root, struct as4_terms *t)
{
	t->algorithm = said(root, "as4.signature.algorithm");
	t->token = said(root, "as4.signature.token");
	t->take_algorithms = config_texts(arena, root, "as4.accept.algorithms");
	t->take_tokens = config_texts(arena, root, "as4.accept.tokens");
	t->rsa_bits = (unsigned)agreement_number(root, "as4.accept.rsa_bits");
	t->known_file = config_file(arena, root, "as4.accept.certificates");
	t->unsigned_errors = is_true(root, "as4.accept.unsigned_errors");
	t->compress = is_true(root, "as4.compress");
	t->must_compress = is_true(root, "as4.must_compress");
	t->encrypt_file = config_file(arena, root, "as4.encryption.certificate");
	t->decrypt_file = config_file(arena, root, "as4.encryption.key");
	t->mgf1_sha1 = is_true(root, "as4.encryption.mgf1_sha1");
	t->must_encrypt = is_true(root, "as4.encryption.required");
	t->tls_certificate_file = config_file(arena, root, "as4.tls.certificate");
	t->tls_key_file = config_file(arena, root, "as4.tls.key");
}

static void channel_load(struct arena *arena, const struct config_node *root, struct as4_terms *t, struct agreement *a)
{
	t->url = said(root, "as4.url");
	t->pull_ms = agreement_number(root, "as4.pull.every");
	t->pull_mpc = said(root, "as4.pull.mpc");
	t->serve_mpc = said(root, "as4.serve.mpc");
	a->ca_file = config_file(arena, root, "as4.tls.ca");
	a->private_hosts = config_texts(arena, root, "as4.tls.private_hosts");
	a->plain_hosts = config_texts(arena, root, "as4.tls.plain_hosts");
	a->connect_ms = agreement_number(root, "as4.tls.connect_time");
	a->total_ms = agreement_number(root, "as4.tls.total_time");
}

/* What the trader interface of ICS2 has besides (ICD 4.2.3, 4.5). */
static void ics2_fill(struct arena *arena, const struct config_node *root, struct as4_terms *t)
{
	if (!t->take_services)
		t->take_services = list_of_one(arena, "eu_ics2_c2t");
	if (!t->take_tokens)
		t->take_tokens = list_of_one(arena, "pkipath");
	if (!t->pull_mpc && config_find(root, "as4.pull") && t->self.id)
		t->pull_mpc = arena_printf(arena, "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/%s", t->self.id);
}

/* ---- what contradicts what ---- */

static void check_way(const struct config_node *root, const struct as4_terms *t, struct config_problems *problems)
{
	const struct config_node *as4 = config_find(root, "as4"), *url = config_find(root, "as4.url"), *pull = config_find(root, "as4.pull");
	if (!t->url && !t->serve_mpc)
		config_problem(problems, as4, "nothing can reach the peer: \"as4.url\" says where messages are pushed, or \"as4.serve\" lets the peer fetch them");
	if (t->url && t->serve_mpc)
		config_problem(problems, url, "a message either is pushed to \"as4.url\" or waits to be fetched (\"as4.serve\"): leave one out");
	if (pull && !t->url)
		config_problem(problems, pull, "\"as4.pull\" fetches from \"as4.url\", which is not said");
	if (pull && !t->pull_mpc)
		config_problem(problems, pull, "\"as4.pull.mpc\" must be said: the default channel is not fetched from (eDelivery AS4 1.15, 1.5.5.3)");
	if (!!t->tls_certificate_file != !!t->tls_key_file)
		config_problem(problems, config_find(root, "as4.tls"), "\"as4.tls.certificate\" and \"as4.tls.key\" go together");
}

static void check_security(const struct config_node *root, const struct agreement *a, const struct as4_terms *t, struct config_problems *problems)
{
	const struct config_node *encryption = config_find(root, "as4.encryption");
	if (!a->key_file || !a->certificate_file)
		config_problem(problems, config_find(root, "signing") ? config_find(root, "signing") : root,
		               "every AS4 message is signed: \"signing.key\" and \"signing.certificate\" are needed");
	if (!a->anchors_file)
		config_problem(problems, config_find(root, "answers") ? config_find(root, "answers") : root,
		               "what comes over AS4 is signed: \"answers.anchors\" must name the CA certificates of the peer's signer");
	if (encryption && t->must_encrypt && !t->decrypt_file)
		config_problem(problems, encryption, "\"as4.encryption.required\" is true: \"as4.encryption.key\" must name the key that deciphers");
	if (encryption && t->encrypt_file && text_equal(agreement_text(root, "as4.preset"), "ics2"))
		config_problem(problems, encryption, "ICS2 encrypts nothing but the connection (ICD 4.6): take \"as4.encryption\" out, or another preset");
	if (t->agreement_type && !t->agreement)
		config_problem(problems, config_find(root, "as4.agreement_type"), "\"as4.agreement_type\" is the type of \"as4.agreement\", which is not said");
}

static bool is_token(const char *text)
{
	return !text || (strlen(text) <= 255 && text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.")] == 0);
}

static void check_header(const struct config_node *root, const struct as4_terms *t, struct config_problems *problems)
{
	if (!is_token(t->domain))
		config_problem(problems, config_find(root, "as4.domain"), "\"as4.domain\" is a name such as gateway.port.example");
	if (t->self.id && t->peer.id && text_equal(t->self.id, t->peer.id) && text_equal(t->self.type, t->peer.type))
		config_problem(problems, config_find(root, "as4.peer.id"), "we and the peer have the same PartyId, \"%.80s\"", t->peer.id);
}

void as4_terms_load(struct arena *arena, const struct config_node *root, struct agreement *a, struct config_problems *problems)
{
	struct as4_terms *t = arena_alloc(arena, sizeof *t);
	header_load(arena, root, t);
	security_load(arena, root, t);
	channel_load(arena, root, t, a);
	if (text_equal(agreement_text(root, "as4.preset"), "ics2"))
		ics2_fill(arena, root, t);
	a->as4 = t;
	a->addressee = t->peer.id;
	check_way(root, t, problems);
	check_security(root, a, t, problems);
	check_header(root, t, problems);
}
