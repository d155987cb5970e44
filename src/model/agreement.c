#include "model/agreement_inside.h"

#include <string.h>
#include <strings.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"

static const char *const kinds[] = { "integrity-report", "assurance", "withdrawal", "arrival", "reply", "relay" };

const char *message_kind_name(enum message_kind kind)
{
	return kinds[kind];
}

bool message_kind_find(const char *name, enum message_kind *kind_r)
{
	for (int i = 0; i < MESSAGE_KINDS; i++)
		if (text_equal(kinds[i], name)) {
			*kind_r = (enum message_kind)i;
			return true;
		}
	return false;
}


static unsigned bits(const char *const *texts, const char *names)
{
	unsigned out = 0, bit = 1;
	for (const char *at = names; *at; bit <<= 1) {
		size_t n = strcspn(at, " ");
		for (const char *const *t = texts; t && *t; t++)
			if (strlen(*t) == n && strncmp(*t, at, n) == 0)
				out |= bit;
		at += n + (at[n] == ' ');
	}
	return out;
}

static const char *const *words(struct arena *arena, const char *text)
{
	const char **out = arena_array(arena, strlen(text) + 1, sizeof *out);
	size_t count = 0;
	for (; *text; text += strspn(text, " ")) {
		size_t n = strcspn(text, " ");
		out[count++] = arena_text_n(arena, text, n);
		text += n;
	}
	return out;
}

static void delivery_load(struct arena *arena, const struct config_node *root, struct agreement *a)
{
	a->url = agreement_text(root, "rest.url");
	for (int i = 0; i < DECLARATION_KINDS; i++)
		a->paths[i] = agreement_text(root, arena_printf(arena, "rest.paths.%s", kinds[i]));
	a->accept = agreement_text(root, "rest.accept");
	const char *grant = agreement_text(root, "rest.authorization.grant");
	a->grant = !grant || text_equal(grant, "token") ? GRANT_TOKEN : text_equal(grant, "client_credentials") ? GRANT_CLIENT_CREDENTIALS : GRANT_AUTHORIZATION_CODE;
	a->token_url = agreement_text(root, "rest.authorization.token_url");
	a->authorize_url = agreement_text(root, "rest.authorization.authorize_url");
	a->redirect_url = agreement_text(root, "rest.authorization.redirect_url");
	a->client_id = agreement_text(root, "rest.authorization.client_id");
	a->client_secret_file = config_file(arena, root, "rest.authorization.client_secret");
	a->scope = agreement_text(root, "rest.authorization.scope");
	a->token_file = config_file(arena, root, "rest.authorization.token");
	a->badge = agreement_text(root, "rest.badge");
	a->submitter = agreement_text(root, "rest.submitter");
	a->push_token_file = config_file(arena, root, "rest.push.token");
	a->pull_path = config_find(root, "rest.pull") ? agreement_text(root, "rest.pull.path") : NULL;
	a->pull_ms = agreement_number(root, "rest.pull.every");
	a->ca_file = config_file(arena, root, "rest.ca");
	a->private_hosts = config_texts(arena, root, "rest.private_hosts");
	a->plain_hosts = config_texts(arena, root, "rest.plain_hosts");
	a->connect_ms = agreement_number(root, "rest.connect_time");
	a->total_ms = agreement_number(root, "rest.total_time");
	a->retry = (struct retry_plan){ agreement_number(root, "retry.first"), agreement_number(root, "retry.longest"), agreement_number(root, "retry.budget") };
	a->held_blocks_ms = agreement_number(root, "order.held_blocks");
	a->breaker_failures = (int)agreement_number(root, "breaker.failures");
	a->breaker_open_ms = agreement_number(root, "breaker.open");
}

/* Is `piece` in it, not in the middle of a word? "nti-de" is a national trader interface, "//anti-fraud.example" none. */
static bool names(const char *text, const char *piece)
{
	size_t n = strlen(piece);
	for (const char *at = text; *at; at++) {
		bool begins = at == text || !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", at[-1]);
		if (begins && strncasecmp(at, piece, n) == 0)
			return true;
	}
	return false;
}

const char *addressee_refusal(const char *addressee)
{
	static const struct {
		const char *piece, *is;
	} refused[] = {
		{ "api.service.hmrc.gov.uk", "a national production system of declarations" },
		{ "sti-taxud", "the shared trader interface of ICS2" }, { "nti-", "a national trader interface of ICS2" },
		{ "taxud.ec.europa.eu", "a customs system of the Commission" }, { "customs.ec.europa.eu", "a customs system of the Commission" },
	};
	for (size_t i = 0; addressee && i < sizeof refused / sizeof *refused; i++)
		if (names(addressee, refused[i].piece))
			return refused[i].is;
	return NULL;
}

/* What would arrive there is a false filing; but whoever asks may be answered. */
static void check_addressee(const struct config_node *root, const char *path, const char *addressee, const struct agreement *a,
                            struct config_problems *problems)
{
	const char *is = addressee_refusal(addressee);
	if (is && a->kinds & ~(1u << KIND_REPLY))
		config_problem(problems, config_find(root, path), "\"%s\" is %s, which takes no integrity reports: a report sent there would be read as a false "
		               "filing; use the sandbox, or a peer with a bilateral agreement (a reply to a question may go there)", addressee, is);
}

static void check_channel(const struct config_node *root, const struct agreement *a, struct config_problems *problems)
{
	const struct config_node *node = config_find(root, "channel");
	bool as4 = a->channel == CHANNEL_AS4;
	if (!as4 && !config_find(root, "rest"))
		config_problem(problems, root, "\"rest\" is missing: the peer's REST interface");
	if (as4 && config_find(root, "rest"))
		config_problem(problems, config_find(root, "rest"), "\"channel\" is as4: \"rest\" says nothing then");
	if (as4 && !config_find(root, "as4"))
		config_problem(problems, root, "\"as4\" is missing: the peer's AS4 interface");
	if (!as4 && config_find(root, "as4"))
		config_problem(problems, config_find(root, "as4"), "\"channel\" is rest: \"as4\" says nothing then");
	if (!as4 && a->profile && !text_equal(a->profile, "wco-dms"))
		config_problem(problems, node ? node : root, "documents of profile \"%s\" travel by \"channel: as4\"", a->profile);
	if (a->kinds & (1u << KIND_REPLY) && !text_equal(a->profile, "eu-hub"))
		config_problem(problems, config_find(root, "kinds"), "\"reply\" answers questions of ICS2: it needs \"profile: eu-hub\"");
	if (!!(a->kinds & (1u << KIND_RELAY)) != text_equal(a->profile, "relay"))
		config_problem(problems, config_find(root, "kinds") ? config_find(root, "kinds") : root, "kind \"relay\" and \"profile: relay\" belong together");
}

static void check_signing(const struct config_node *root, const struct agreement *a, struct config_problems *problems)
{
	const struct config_node *node = config_find(root, "signing");
	if (!node)
		return;
	if (a->form != FORM_NONE && (!a->key_file || !a->certificate_file))
		config_problem(problems, node, "\"signing\" needs \"key\" and \"certificate\"");
	if (a->form != FORM_DETACHED && !agreement_text(root, "signing.agreed"))
		config_problem(problems, node, "\"signing.form\" is not detached: \"signing.agreed\" must say where the peer agreed to that");
	if (text_equal(agreement_text(root, "signing.canonicalization"), "inclusive"))
		config_problem(problems, config_find(root, "signing.canonicalization"), "inclusive canonicalization is not offered: ask the peer for "
		               "exclusive C14N (http://www.w3.org/2001/10/xml-exc-c14n#)");
}

static bool is_listed(const char *const *names, const char *name, size_t n)
{
	for (; names && *names; names++)
		if (strlen(*names) == n && strncasecmp(*names, name, n) == 0)
			return true;
	return false;
}

/* What the channel would refuse to call is told before anything waits for it. */
static void check_addresses(const struct config_node *root, const struct agreement *a, struct config_problems *problems)
{
	static const char *const paths[] = { "rest.url", "rest.authorization.token_url", "rest.authorization.authorize_url", "as4.url" };
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const char *url = agreement_text(root, paths[i]), *host = url ? strstr(url, "://") : NULL;
		size_t n = host ? strcspn(host + 3, "/?#:") : 0;
		bool good = host && n && (text_starts(url, "https://") || (text_starts(url, "http://") && is_listed(a->plain_hosts, host + 3, n)));
		if (url && !good)
			config_problem(problems, config_find(root, paths[i]), "\"%s\" is no https:// address: secrets and reports go over TLS, or to a host that "
			               "\"plain_hosts\" names", url);
	}
}

static void check_meaning(const struct config_node *root, const struct agreement *a, struct config_problems *problems)
{
	const struct config_node *answers = config_find(root, "answers"), *authorization = config_find(root, "rest.authorization");
	if (a->country && (strlen(a->country) != 2 || a->country[strspn(a->country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]))
		config_problem(problems, config_find(root, "country"), "\"country\" is \"%.40s\": two capital letters of ISO 3166-1 are wanted, such as NL", a->country);
	if (answers && a->answers_signed && !a->anchors_file)
		config_problem(problems, answers, "\"answers.signed\" is true: \"answers.anchors\" must name the CA certificates of the peer's signer");
	if (authorization && a->grant == GRANT_TOKEN && !a->token_file)
		config_problem(problems, authorization, "grant token needs \"token\", a file");
	if (authorization && a->grant != GRANT_TOKEN && (!a->token_url || !a->client_id || !a->client_secret_file))
		config_problem(problems, authorization, "this grant needs \"token_url\", \"client_id\" and \"client_secret\"");
	if (authorization && a->grant == GRANT_AUTHORIZATION_CODE && !a->authorize_url)
		config_problem(problems, authorization, "grant authorization_code needs \"authorize_url\"");
	check_addresses(root, a, problems);
	if (a->kinds & (1u << KIND_ARRIVAL) && !a->mandate_eori)
		config_problem(problems, config_find(root, "kinds"), "\"arrival\" presents goods to customs (TypeCode GPR): it needs a \"mandate\" of the declarant");
	for (int i = 0; i < DECLARATION_KINDS; i++) {
		bool follows = text_equal(a->type_codes[i], "INV") || text_equal(a->type_codes[i], "COR") || text_equal(a->type_codes[i], "GPR");
		const struct config_node *codes = config_find(root, "type_codes");
		if (follows && (i == KIND_INTEGRITY_REPORT || i == KIND_ASSURANCE))
			config_problem(problems, codes, "TypeCode %s speaks about an identifier that this gateway neither lodged nor holds a mandate for: not for \"%s\"",
			               a->type_codes[i], kinds[i]);
	}
	if (a->until != CLOCK_NONE && a->until <= a->from)
		config_problem(problems, config_find(root, "basis.until"), "the basis ends before it begins");
	if (a->coverage < 0 || a->coverage > 100)
		config_problem(problems, config_find(root, "coverage"), "\"coverage\" is per cent: 0 to 100");
}

void agreement_load(struct arena *arena, const struct config_node *root, const char *name, struct agreement *a, struct config_problems *problems)
{
	*a = (struct agreement){ .name = name, .file = root->file };
	a->profile = agreement_text(root, "profile");
	const char *purpose = agreement_text(root, "purpose");
	a->purpose = text_equal(purpose, "production") ? PURPOSE_PRODUCTION : text_equal(purpose, "bilateral") ? PURPOSE_BILATERAL : PURPOSE_SANDBOX;
	a->basis_kind = agreement_text(root, "basis.kind");
	a->basis_reference = agreement_text(root, "basis.reference");
	a->granted_by = agreement_text(root, "basis.granted_by");
	a->from = config_integer(root, "basis.from", 0);
	a->until = config_integer(root, "basis.until", CLOCK_NONE);
	a->country = agreement_text(root, "country");
	a->agency = agreement_text(root, "agency");
	a->customization = agreement_text(root, "customization");
	a->customization_version = agreement_text(root, "customization_version");
	a->language = agreement_text(root, "language");
	for (int i = 0; i < DECLARATION_KINDS; i++)
		a->type_codes[i] = agreement_text(root, arena_printf(arena, "type_codes.%s", kinds[i]));
	a->kinds = bits(config_texts(arena, root, "kinds"), KIND_NAMES);
	a->fields = config_find(root, "fields") ? bits(config_texts(arena, root, "fields"), FIELD_NAMES) : 255;
	if (!severity_find(agreement_text(root, "severity"), &a->severity))
		a->severity = SEVERITY_LOW;
	a->coverage = text_double(agreement_text(root, "coverage"));
	a->relay_notices = config_find(root, "relay.notices") ? config_texts(arena, root, "relay.notices") : words(arena, RELAY_NOTICES);
	a->relay_peers = config_texts(arena, root, "relay.peers");
	a->mandate_name = agreement_text(root, "mandate.name");
	a->mandate_eori = agreement_text(root, "mandate.eori");
	a->mandate_function = agreement_text(root, "mandate.function");
	const char *form = agreement_text(root, "signing.form");
	a->form = text_equal(form, "none") ? FORM_NONE : text_equal(form, "enveloped") ? FORM_ENVELOPED : FORM_DETACHED;
	a->key_file = config_file(arena, root, "signing.key");
	a->certificate_file = config_file(arena, root, "signing.certificate");
	a->answers_signed = text_equal(agreement_text(root, "answers.signed"), "true");
	a->anchors_file = config_file(arena, root, "answers.anchors");
	a->answer_signer = agreement_text(root, "answers.signer");
	a->revocations_file = config_file(arena, root, "answers.revocations");
	a->lenient = text_equal(agreement_text(root, "answers.lenient"), "true");
	a->channel = text_equal(agreement_text(root, "channel"), "as4") ? CHANNEL_AS4 : CHANNEL_REST;
	delivery_load(arena, root, a);
	if (a->channel == CHANNEL_AS4 && config_find(root, "as4"))
		as4_terms_load(arena, root, a, problems);
	check_addressee(root, "rest.url", a->url, a, problems);
	check_addressee(root, "as4.peer.id", a->addressee, a, problems);
	if (a->as4)
		check_addressee(root, "as4.url", a->as4->url, a, problems);
	check_channel(root, a, problems);
	check_signing(root, a, problems);
	check_meaning(root, a, problems);
}

const char *agreement_refusal(const struct agreement *a, enum message_kind kind, int64_t now, struct arena *arena)
{
	if (!(a->kinds & (1u << kind)))
		return arena_printf(arena, "agreement \"%s\" does not share kind \"%s\"", a->name, kinds[kind]);
	if (now < a->from || (a->until != CLOCK_NONE && now >= a->until))
		return arena_printf(arena, "the legal basis of agreement \"%s\" (%s) does not hold at this time", a->name, a->basis_reference);
	const char *is = addressee_refusal(a->addressee) ? addressee_refusal(a->addressee) : addressee_refusal(a->url);
	if (is && kind != KIND_REPLY)
		return arena_printf(arena, "agreement \"%s\" leads to %s, which takes no %s: it would be read as a false filing", a->name, is, kinds[kind]);
	if (kind == KIND_ARRIVAL && !a->mandate_eori)
		return arena_printf(arena, "agreement \"%s\" has no mandate of a declarant", a->name);
	return NULL;
}
