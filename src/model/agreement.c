#include "model/agreement.h"

#include <string.h>
#include <strings.h>
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

#define KIND_NAMES "integrity-report assurance withdrawal arrival reply relay"
#define FIELD_NAMES "position device seal call references contact evidence readings"
#define RELAY_NOTICES "do_not_load question control hold assessment_complete release invalidated cancelled control_result"
#define DAYS(n) ((int64_t)(n) * 86400000)

const struct config_row agreement_rows[] = {
	{ "profile", CONFIG_CHOICE, true, NULL, 0, 0, "wco-dms eu-hub relay", "shape of the documents" },
	{ "channel", CONFIG_CHOICE, false, "rest", 0, 0, "rest as4", "how they travel; eu-hub and relay go by as4" },
	{ "purpose", CONFIG_CHOICE, true, NULL, 0, 0, "sandbox bilateral production", "what the exchange is for" },
	{ "basis", CONFIG_GROUP, true, NULL, 0, 0, NULL, "legal basis on which data go to this peer" },
	{ "basis.kind", CONFIG_CHOICE, true, NULL, 0, 0, "contract data_act_request statute consent", "kind of legal basis" },
	{ "basis.reference", CONFIG_TEXT, true, NULL, 0, 0, NULL, "where it is written down" },
	{ "basis.granted_by", CONFIG_TEXT, true, NULL, 0, 0, NULL, "who granted it" },
	{ "basis.from", CONFIG_TIME, true, NULL, 0, 0, NULL, "from when it holds" },
	{ "basis.until", CONFIG_TIME, false, NULL, 0, 0, NULL, "until when it holds" },
	{ "country", CONFIG_TEXT, true, NULL, 0, 0, NULL, "of the authority, ISO 3166-1" },
	{ "agency", CONFIG_TEXT, true, NULL, 0, 0, NULL, "name of the authority" },
	{ "customization", CONFIG_TEXT, false, "SCINT", 0, 0, NULL, "AgencyAssignedCustomizationCode" },
	{ "customization_version", CONFIG_TEXT, false, "1.0", 0, 0, NULL, "AgencyAssignedCustomizationVersionCode" },
	{ "language", CONFIG_TEXT, false, "en", 0, 0, NULL, "of the sentences, ISO 639-1" },
	{ "type_codes", CONFIG_GROUP, false, NULL, 0, 0, NULL, "TypeCode [D013] of each kind" },
	{ "type_codes.integrity-report", CONFIG_TEXT, false, "SCI", 0, 0, NULL, "TypeCode [D013] of integrity reports" },
	{ "type_codes.assurance", CONFIG_TEXT, false, "SCA", 0, 0, NULL, "of assurances" },
	{ "type_codes.withdrawal", CONFIG_TEXT, false, "INV", 0, 0, NULL, "of withdrawals" },
	{ "type_codes.arrival", CONFIG_TEXT, false, "GPR", 0, 0, NULL, "of arrivals" },
	{ "kinds", CONFIG_TEXTS, true, NULL, 0, 0, KIND_NAMES, "kinds of messages that may go to this peer" },
	{ "fields", CONFIG_TEXTS, false, NULL, 0, 0, FIELD_NAMES, "what the peer may see; all where it is not said" },
	{ "severity", CONFIG_CHOICE, false, "low", 0, 0, "low medium high", "findings below it are not reported" },
	{ "coverage", CONFIG_DECIMAL, false, "90", 0, 0, NULL, "least coverage of the watch for an assurance, per cent" },
	{ "relay", CONFIG_GROUP, false, NULL, 0, 0, NULL, "which documents of customs go on to this peer, another gateway (kind relay)" },
	{ "relay.notices", CONFIG_TEXTS, false, NULL, 0, 0, RELAY_NOTICES " filing_incomplete documents_requested rejected registered information",
	  "kinds of notices whose document goes on; where it is not said, those that block, ask or lift" },
	{ "relay.peers", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "agreements whose documents go on; all where it is not said" },
	{ "mandate", CONFIG_GROUP, false, NULL, 0, 0, NULL, "of the declarant, for arrivals and for acting as agent" },
	{ "mandate.name", CONFIG_TEXT, false, NULL, 0, 0, NULL, "of the declarant" },
	{ "mandate.eori", CONFIG_TEXT, true, NULL, 0, 0, NULL, "of the declarant" },
	{ "mandate.function", CONFIG_CHOICE, true, NULL, 0, 0, "2 3", "2 direct, 3 indirect representation" },
	{ "mandate.reference", CONFIG_TEXT, true, NULL, 0, 0, NULL, "where it is written down" },
	{ "signing", CONFIG_GROUP, true, NULL, 0, 0, NULL, "how documents are signed" },
	{ "signing.form", CONFIG_CHOICE, false, "detached", 0, 0, "detached enveloped none", "enveloped and none only where the peer agreed to it" },
	{ "signing.key", CONFIG_FILE, false, NULL, 0, 0, NULL, "private key, PEM" },
	{ "signing.certificate", CONFIG_FILE, false, NULL, 0, 0, NULL, "certificate and chain, PEM" },
	{ "signing.agreed", CONFIG_TEXT, false, NULL, 0, 0, NULL, "where another form than detached was agreed" },
	{ "signing.canonicalization", CONFIG_CHOICE, false, "exclusive", 0, 0, "exclusive inclusive", "exclusive is the only one offered" },
	{ "answers", CONFIG_GROUP, true, NULL, 0, 0, NULL, "how the peer's answers are read" },
	{ "answers.signed", CONFIG_BOOL, false, "true", 0, 0, NULL, "an answer without a signature is refused" },
	{ "answers.anchors", CONFIG_FILE, false, NULL, 0, 0, NULL, "CA certificates of the peer's signer, PEM" },
	{ "answers.signer", CONFIG_TEXT, false, NULL, 0, 0, NULL, "common name of the signer, or attributes of its subject (CN=...,O=...)" },
	{ "answers.lenient", CONFIG_BOOL, false, "false", 0, 0, NULL, "answers without namespaces are read too" },
	{ "rest", CONFIG_GROUP, false, NULL, 0, 0, NULL, "the peer's REST interface; needed for channel rest" },
	{ "rest.url", CONFIG_TEXT, true, NULL, 0, 0, NULL, "base of its addresses, without a slash at the end" },
	{ "rest.paths", CONFIG_GROUP, false, NULL, 0, 0, NULL, "path of each kind" },
	{ "rest.paths.integrity-report", CONFIG_TEXT, false, "/customs/declarations", 0, 0, NULL, "where integrity reports go" },
	{ "rest.paths.assurance", CONFIG_TEXT, false, "/customs/declarations", 0, 0, NULL, "where assurances go" },
	{ "rest.paths.withdrawal", CONFIG_TEXT, false, "/customs/declarations/cancellation-requests", 0, 0, NULL, "where withdrawals go" },
	{ "rest.paths.arrival", CONFIG_TEXT, false, "/customs/declarations/arrival-notification", 0, 0, NULL, "where arrivals go" },
	{ "rest.accept", CONFIG_TEXT, false, "application/vnd.hmrc.1.0+xml", 0, 0, NULL, "Accept header, which names the version" },
	{ "rest.badge", CONFIG_TEXT, false, NULL, 0, 0, NULL, "X-Badge-Identifier" },
	{ "rest.submitter", CONFIG_TEXT, false, NULL, 0, 0, NULL, "X-Submitter-Identifier" },
	{ "rest.ca", CONFIG_FILE, false, NULL, 0, 0, NULL, "CA certificates of the peer's server, PEM" },
	{ "rest.private_hosts", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "names that may have a private or loopback address" },
	{ "rest.plain_hosts", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "names that may be called without TLS" },
	{ "rest.connect_time", CONFIG_DURATION, false, "10s", 10, 600000, NULL, "to resolve, connect and agree on TLS" },
	{ "rest.total_time", CONFIG_DURATION, false, "30s", 10, 600000, NULL, "for a whole call" },
	{ "rest.authorization", CONFIG_GROUP, true, NULL, 0, 0, NULL, "OAuth2, or a fixed token" },
	{ "rest.authorization.grant", CONFIG_CHOICE, true, NULL, 0, 0, "client_credentials authorization_code token", "how an access token is got" },
	{ "rest.authorization.token_url", CONFIG_TEXT, false, NULL, 0, 0, NULL, "where tokens are given" },
	{ "rest.authorization.authorize_url", CONFIG_TEXT, false, NULL, 0, 0, NULL, "where a person agrees (authorization_code)" },
	{ "rest.authorization.redirect_url", CONFIG_TEXT, false, "urn:ietf:wg:oauth:2.0:oob", 0, 0, NULL, "where the code is given (authorization_code)" },
	{ "rest.authorization.client_id", CONFIG_TEXT, false, NULL, 0, 0, NULL, "client identifier" },
	{ "rest.authorization.client_secret", CONFIG_FILE, false, NULL, 0, 0, NULL, "file that holds the client's secret" },
	{ "rest.authorization.scope", CONFIG_TEXT, false, NULL, 0, 0, NULL, "scope that is asked for" },
	{ "rest.authorization.token", CONFIG_FILE, false, NULL, 0, 0, NULL, "file that holds a fixed token" },
	{ "rest.push", CONFIG_GROUP, false, NULL, 0, 0, NULL, "the peer pushes its answers to /customs/<peer>/notifications" },
	{ "rest.push.token", CONFIG_FILE, true, NULL, 0, 0, NULL, "file that holds what the peer shows as its Authorization" },
	{ "rest.pull", CONFIG_GROUP, false, NULL, 0, 0, NULL, "answers are fetched" },
	{ "rest.pull.path", CONFIG_TEXT, false, "/notifications/unpulled", 0, 0, NULL, "list of what waits" },
	{ "rest.pull.every", CONFIG_DURATION, false, "1m", 100, DAYS(1), NULL, "how often" },
	{ "retry", CONFIG_GROUP, false, NULL, 0, 0, NULL, "when delivery fails" },
	{ "retry.first", CONFIG_DURATION, false, "5s", 1, DAYS(1), NULL, "wait before the second try" },
	{ "retry.longest", CONFIG_DURATION, false, "15m", 1, DAYS(1), NULL, "longest wait between two tries" },
	{ "retry.budget", CONFIG_DURATION, false, "24h", 1, DAYS(60), NULL, "from the first try; then the message has failed" },
	{ "order", CONFIG_GROUP, false, NULL, 0, 0, NULL, "order of one container's messages" },
	{ "order.held_blocks", CONFIG_DURATION, false, "15m", 0, DAYS(30), NULL, "so long a held message stops the ones behind it" },
	{ "breaker", CONFIG_GROUP, false, NULL, 0, 0, NULL, "when to leave a dead peer alone" },
	{ "breaker.failures", CONFIG_INTEGER, false, "5", 1, 1000, NULL, "failures in a row that open it" },
	{ "breaker.open", CONFIG_DURATION, false, "30s", 1, DAYS(1), NULL, "how long it stays open" },
};
const size_t agreement_row_count = sizeof agreement_rows / sizeof *agreement_rows;

static const char *otherwise(const char *path)
{
	for (size_t i = 0; i < agreement_row_count; i++)
		if (text_equal(agreement_rows[i].path, path))
			return agreement_rows[i].otherwise;
	bug("a setting without a row");
}

static const char *text(const struct config_node *root, const char *path)
{
	return config_text(root, path, otherwise(path));
}

static int64_t number(struct arena *arena, const struct config_node *root, const char *path)
{
	/* the default is written as the setting would be: read it the same way */
	struct config_node value = { .kind = CONFIG_SCALAR, .name = "x", .text = text(root, path) };
	struct config_node holder = { .kind = CONFIG_MAP, .inside = &value };
	(void)arena;
	return config_integer(&holder, "x", 0);
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
	a->url = text(root, "rest.url");
	for (int i = 0; i < DECLARATION_KINDS; i++)
		a->paths[i] = text(root, arena_printf(arena, "rest.paths.%s", kinds[i]));
	a->accept = text(root, "rest.accept");
	const char *grant = text(root, "rest.authorization.grant");
	a->grant = !grant || text_equal(grant, "token") ? GRANT_TOKEN : text_equal(grant, "client_credentials") ? GRANT_CLIENT_CREDENTIALS : GRANT_AUTHORIZATION_CODE;
	a->token_url = text(root, "rest.authorization.token_url");
	a->authorize_url = text(root, "rest.authorization.authorize_url");
	a->redirect_url = text(root, "rest.authorization.redirect_url");
	a->client_id = text(root, "rest.authorization.client_id");
	a->client_secret_file = config_file(arena, root, "rest.authorization.client_secret");
	a->scope = text(root, "rest.authorization.scope");
	a->token_file = config_file(arena, root, "rest.authorization.token");
	a->badge = text(root, "rest.badge");
	a->submitter = text(root, "rest.submitter");
	a->push_token_file = config_file(arena, root, "rest.push.token");
	a->pull_path = config_find(root, "rest.pull") ? text(root, "rest.pull.path") : NULL;
	a->pull_ms = number(arena, root, "rest.pull.every");
	a->ca_file = config_file(arena, root, "rest.ca");
	a->private_hosts = config_texts(arena, root, "rest.private_hosts");
	a->plain_hosts = config_texts(arena, root, "rest.plain_hosts");
	a->connect_ms = number(arena, root, "rest.connect_time");
	a->total_ms = number(arena, root, "rest.total_time");
	a->retry = (struct retry_plan){ number(arena, root, "retry.first"), number(arena, root, "retry.longest"), number(arena, root, "retry.budget") };
	a->held_blocks_ms = number(arena, root, "order.held_blocks");
	a->breaker_failures = (int)number(arena, root, "breaker.failures");
	a->breaker_open_ms = number(arena, root, "breaker.open");
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
	if (a->form != FORM_DETACHED && !text(root, "signing.agreed"))
		config_problem(problems, node, "\"signing.form\" is not detached: \"signing.agreed\" must say where the peer agreed to that");
	if (text_equal(text(root, "signing.canonicalization"), "inclusive"))
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
	static const char *const paths[] = { "rest.url", "rest.authorization.token_url", "rest.authorization.authorize_url" };
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		const char *url = text(root, paths[i]), *host = url ? strstr(url, "://") : NULL;
		size_t n = host ? strcspn(host + 3, "/?#:") : 0;
		bool good = host && n && (text_starts(url, "https://") || (text_starts(url, "http://") && is_listed(a->plain_hosts, host + 3, n)));
		if (url && !good)
			config_problem(problems, config_find(root, paths[i]), "\"%s\" is no https:// address: secrets and reports go over TLS, or to a host that "
			               "\"rest.plain_hosts\" names", url);
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
	a->profile = text(root, "profile");
	const char *purpose = text(root, "purpose");
	a->purpose = text_equal(purpose, "production") ? PURPOSE_PRODUCTION : text_equal(purpose, "bilateral") ? PURPOSE_BILATERAL : PURPOSE_SANDBOX;
	a->basis_kind = text(root, "basis.kind");
	a->basis_reference = text(root, "basis.reference");
	a->granted_by = text(root, "basis.granted_by");
	a->from = config_integer(root, "basis.from", 0);
	a->until = config_integer(root, "basis.until", CLOCK_NONE);
	a->country = text(root, "country");
	a->agency = text(root, "agency");
	a->customization = text(root, "customization");
	a->customization_version = text(root, "customization_version");
	a->language = text(root, "language");
	for (int i = 0; i < DECLARATION_KINDS; i++)
		a->type_codes[i] = text(root, arena_printf(arena, "type_codes.%s", kinds[i]));
	a->kinds = bits(config_texts(arena, root, "kinds"), KIND_NAMES);
	a->fields = config_find(root, "fields") ? bits(config_texts(arena, root, "fields"), FIELD_NAMES) : 255;
	if (!severity_find(text(root, "severity"), &a->severity))
		a->severity = SEVERITY_LOW;
	a->coverage = text_double(text(root, "coverage"));
	a->relay_notices = config_find(root, "relay.notices") ? config_texts(arena, root, "relay.notices") : words(arena, RELAY_NOTICES);
	a->relay_peers = config_texts(arena, root, "relay.peers");
	a->mandate_name = text(root, "mandate.name");
	a->mandate_eori = text(root, "mandate.eori");
	a->mandate_function = text(root, "mandate.function");
	const char *form = text(root, "signing.form");
	a->form = text_equal(form, "none") ? FORM_NONE : text_equal(form, "enveloped") ? FORM_ENVELOPED : FORM_DETACHED;
	a->key_file = config_file(arena, root, "signing.key");
	a->certificate_file = config_file(arena, root, "signing.certificate");
	a->answers_signed = text_equal(text(root, "answers.signed"), "true");
	a->anchors_file = config_file(arena, root, "answers.anchors");
	a->answer_signer = text(root, "answers.signer");
	a->lenient = text_equal(text(root, "answers.lenient"), "true");
	a->channel = text_equal(text(root, "channel"), "as4") ? CHANNEL_AS4 : CHANNEL_REST;
	delivery_load(arena, root, a);
	check_addressee(root, "rest.url", a->url, a, problems);
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
