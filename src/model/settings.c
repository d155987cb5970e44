#include "model/settings.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "model/settings_inside.h"

#define DAYS(n) ((int64_t)(n) * 86400000)

const struct config_row settings_rows[] = {
	{ "gateway", CONFIG_GROUP, true, NULL, 0, 0, NULL, "the party that runs the gateway" },
	{ "gateway.name", CONFIG_TEXT, true, NULL, 0, 0, NULL, "name of the party that runs the gateway" },
	{ "gateway.eori", CONFIG_TEXT, true, NULL, 2, 17, NULL, "its EORI number" },
	{ "gateway.country", CONFIG_TEXT, true, NULL, 0, 0, NULL, "its country, ISO 3166-1" },
	{ "gateway.uri", CONFIG_TEXT, true, NULL, 0, 0, NULL, "URI that names this gateway, source of its webhooks" },
	{ "gateway.language", CONFIG_TEXT, false, "en", 0, 0, NULL, "language of texts for people, ISO 639-1" },
	{ "gateway.contact", CONFIG_GROUP, false, NULL, 0, 0, NULL, "who answers for reports, day and night" },
	{ "gateway.contact.role", CONFIG_TEXT, false, "duty", 0, 0, NULL, "what the contact is" },
	{ "gateway.contact.name", CONFIG_TEXT, false, NULL, 0, 0, NULL, "name of the contact" },
	{ "gateway.contact.phone", CONFIG_TEXT, false, NULL, 0, 0, NULL, "its telephone number" },
	{ "gateway.contact.mail", CONFIG_TEXT, false, NULL, 0, 0, NULL, "its mail address" },
	{ "gateway.contact.language", CONFIG_TEXT, false, NULL, 0, 0, NULL, "language it speaks, ISO 639-1" },
	{ "listen", CONFIG_GROUP, false, NULL, 0, 0, NULL, "where the gateway listens" },
	{ "listen.address", CONFIG_TEXT, false, "127.0.0.1", 0, 0, NULL, "numeric IPv4 or IPv6 address" },
	{ "listen.port", CONFIG_INTEGER, false, "8440", 0, 65535, NULL, "TCP port; 0: the kernel chooses" },
	{ "listen.certificate", CONFIG_FILE, false, NULL, 0, 0, NULL, "TLS certificate and chain, PEM" },
	{ "listen.key", CONFIG_FILE, false, NULL, 0, 0, NULL, "TLS private key, PEM" },
	{ "listen.client_ca", CONFIG_FILE, false, NULL, 0, 0, NULL, "authorities of client certificates, PEM: clients are asked for one" },
	{ "listen.client_revocations", CONFIG_FILE, false, NULL, 0, 0, NULL, "revocation lists of client certificates, PEM; every issuer needs one in force" },
	{ "listen.client_certificate", CONFIG_CHOICE, false, "optional", 0, 0, "optional required", "whether a client without a good certificate is answered at all" },
	{ "listen.plain_allowed", CONFIG_BOOL, false, "false", 0, 0, NULL, "plain HTTP on an address that is not loopback (a proxy ends TLS)" },
	{ "listen.public_url", CONFIG_TEXT, false, NULL, 0, 0, NULL, "how others reach the gateway" },
	{ "listen.connections", CONFIG_INTEGER, false, "1024", 1, 100000, NULL, "connections at once; of the requests with events that wait, at most half as many" },
	{ "listen.connections_per_address", CONFIG_INTEGER, false, "256", 0, 100000, NULL, "of them from one address; 0: no limit" },
	{ "listen.body", CONFIG_SIZE, false, "1MiB", 1024, 1 << 30, NULL, "largest body" },
	{ "listen.header", CONFIG_SIZE, false, "32KiB", 4096, 1 << 20, NULL, "largest header; as much memory is kept by each connection that was asked something" },
	{ "listen.request_time", CONFIG_DURATION, false, "60s", 1000, 600000, NULL, "for a whole request to come in" },
	{ "listen.drain", CONFIG_DURATION, false, "0s", 0, 60000, NULL, "before a stop: so long /readyz says 503, and all else is served as before" },
	{ "store", CONFIG_PATH, false, "data", 0, 0, NULL, "folder of the database" },
	{ "mappings", CONFIG_PATH, false, NULL, 0, 0, NULL, "folder of the mappings; the installed ones where it is not said" },
	{ "schemas", CONFIG_PATH, false, NULL, 0, 0, NULL, "folder of the schemas; the installed ones where it is not said" },
	{ "agreements", CONFIG_PATH, false, "agreements", 0, 0, NULL, "folder of agreements, one .yaml file each" },
	{ "tokens", CONFIG_PATH, false, "tokens", 0, 0, NULL, "file of API keys, hashed; written by sealgate token" },
	{ "workers", CONFIG_INTEGER, false, "2", 1, 64, NULL, "threads that assess and write messages" },
	{ "parties", CONFIG_GROUP, true, NULL, 0, 0, NULL, "who deals with the gateway" },
	{ "parties.*", CONFIG_GROUP, false, NULL, 0, 0, NULL, "a party" },
	{ "parties.*.title", CONFIG_TEXT, false, NULL, 0, 0, NULL, "its name for people" },
	{ "parties.*.eori", CONFIG_TEXT, false, NULL, 0, 0, NULL, "EORI number, by which a journey may name it" },
	{ "parties.*.smdg", CONFIG_TEXT, false, NULL, 0, 0, NULL, "SMDG liner code, by which a journey may name it" },
	{ "parties.*.certificates", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "its client certificates: sha256:<hex of the DER>, or a subject (\"CN=Gate 1,O=Port\", or one value of it)" },
	{ "parties.*.certificate_alone", CONFIG_BOOL, false, "false", 0, 0, NULL, "a call with such a certificate needs no API key; else it needs both" },
	{ "parties.*.certificate_roles", CONFIG_TEXTS, false, NULL, 0, 0, "provider terminal carrier broker security officer auditor admin", "roles of a call with a certificate alone" },
	{ "issuers", CONFIG_GROUP, false, NULL, 0, 0, NULL, "authorization servers whose access tokens (JWT) are taken besides API keys" },
	{ "issuers.*", CONFIG_GROUP, false, NULL, 0, 0, NULL, "an authorization server" },
	{ "issuers.*.issuer", CONFIG_TEXT, true, NULL, 0, 0, NULL, "what its tokens say in iss, exactly" },
	{ "issuers.*.audience", CONFIG_TEXT, true, NULL, 0, 0, NULL, "what they say in aud: this gateway" },
	{ "issuers.*.keys", CONFIG_FILE, false, NULL, 0, 0, NULL, "file of its JSON Web Key Set" },
	{ "issuers.*.keys_url", CONFIG_TEXT, false, NULL, 0, 0, NULL, "where it publishes it instead" },
	{ "issuers.*.algorithms", CONFIG_TEXTS, true, NULL, 0, 0, "ES256 ES384 EdDSA RS256 PS256", "what its keys may sign with; each key has one" },
	{ "issuers.*.party_claim", CONFIG_TEXT, false, "sub", 0, 0, NULL, "claim that has the party's name" },
	{ "issuers.*.parties", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "parties that it may speak for; all where it is not said" },
	{ "issuers.*.roles", CONFIG_TEXTS, true, NULL, 0, 0, "provider terminal carrier broker security officer auditor admin", "roles that its tokens may give" },
	{ "issuers.*.roles_claim", CONFIG_TEXT, false, NULL, 0, 0, NULL, "claim that lists which of them; all where it is not said" },
	{ "issuers.*.type", CONFIG_CHOICE, false, "at+jwt", 0, 0, "at+jwt any", "what typ must be (RFC 9068 2.1); any: an older server leaves it out" },
	{ "issuers.*.leeway", CONFIG_DURATION, false, "30s", 0, 300000, NULL, "how far its clock may be off" },
	{ "issuers.*.every", CONFIG_DURATION, false, "15m", 60000, DAYS(1), NULL, "how often its keys are looked at" },
	{ "issuers.*.private_hosts", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "names in keys_url that may have a private or loopback address" },
	{ "issuers.*.plain_hosts", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "names in keys_url that may be called without TLS" },
	{ "providers", CONFIG_GROUP, false, NULL, 0, 0, NULL, "telematics providers" },
	{ "providers.*", CONFIG_GROUP, false, NULL, 0, 0, NULL, "a provider" },
	{ "providers.*.party", CONFIG_TEXT, true, NULL, 0, 0, NULL, "the party that may post for it" },
	{ "providers.*.mapping", CONFIG_TEXT, false, "providers/native", 0, 0, NULL, "mapping of its payloads" },
	{ "providers.*.interval", CONFIG_DURATION, false, NULL, 1000, DAYS(60), NULL, "how often its devices report at rest" },
	{ "providers.*.signature", CONFIG_GROUP, false, NULL, 0, 0, NULL, "HMAC over the raw body" },
	{ "providers.*.signature.scheme", CONFIG_CHOICE, true, NULL, 0, 0, "none dcsa timestamped", "what the provider signs, see SIGNATURES OF PROVIDERS" },
	{ "providers.*.signature.secret", CONFIG_FILE, false, NULL, 0, 0, NULL, "file of secrets, one per line, the newest first" },
	{ "providers.*.signature.tolerance", CONFIG_DURATION, false, "5m", 1000, DAYS(1), NULL, "oldest timestamp that is taken" },
	{ "providers.*.signature.header", CONFIG_TEXT, false, "X-Signature", 0, 0, NULL, "header of a timestamped signature: v1=..., or t=...,v1=..." },
	{ "providers.*.signature.time_header", CONFIG_TEXT, false, "X-Signature-Timestamp", 0, 0, NULL, "header of its time, where the signature has no t=" },
	{ "disclosure", CONFIG_GROUP, false, NULL, 0, 0, NULL, "who learns what" },
	{ "disclosure.*", CONFIG_GROUP, false, NULL, 0, 0, NULL, "a subject: control, do_not_load, question, hold, finding_high, finding, message, open" },
	{ "disclosure.*.*", CONFIG_CHOICE, false, NULL, 0, 0, "full block_only nothing", "what the role learns of it" },
	{ "outgoing", CONFIG_GROUP, false, NULL, 0, 0, NULL, "calls to others" },
	{ "outgoing.ca", CONFIG_FILE, false, NULL, 0, 0, NULL, "CA certificates, PEM; the system's where it is not said" },
	{ "webhooks", CONFIG_GROUP, false, NULL, 0, 0, NULL, "calls to subscribers" },
	{ "webhooks.private_hosts", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "names that may have a private or loopback address" },
	{ "webhooks.plain_hosts", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "names that may be called without TLS" },
	{ "webhooks.first", CONFIG_DURATION, false, "5s", 1, DAYS(1), NULL, "wait before the second try" },
	{ "webhooks.longest", CONFIG_DURATION, false, "1h", 1, DAYS(1), NULL, "longest wait between two tries" },
	{ "webhooks.budget", CONFIG_DURATION, false, "3d", 1, DAYS(30), NULL, "from the first try of one delivery" },
	{ "webhooks.disable_after", CONFIG_DURATION, false, "5d", 1, DAYS(90), NULL, "failing for so long switches a subscription off" },
	{ "assess", CONFIG_GROUP, false, NULL, 0, 0, NULL, "thresholds of the integrity rules" },
	{ "assess.light_lux", CONFIG_DECIMAL, false, "1", 0, 0, NULL, "more than this in a closed box is light" },
	{ "assess.merge", CONFIG_DURATION, false, "10m", 0, DAYS(1), NULL, "an opening so soon after a closing belongs to the one before" },
	{ "assess.fix_age", CONFIG_DURATION, false, "6h", 1000, DAYS(7), NULL, "oldest fix that still says where something happened" },
	{ "assess.fix_wait", CONFIG_DURATION, false, "5m", 0, DAYS(1), NULL, "in the time of a permit, an opening waits so long for the fix that says where" },
	{ "assess.interval", CONFIG_DURATION, false, "6h", 1000, DAYS(60), NULL, "reporting interval where nobody states one" },
	{ "assess.slack", CONFIG_DECIMAL, false, "1.25", 0, 0, NULL, "so many intervals may pass between two reports" },
	{ "assess.assurance", CONFIG_DURATION, false, "24h", 0, DAYS(30), NULL, "before the ETA an assurance is due" },
};
const size_t settings_row_count = sizeof settings_rows / sizeof *settings_rows;

static const char *text(const struct config_node *root, const char *path)
{
	for (size_t i = 0; i < settings_row_count; i++)
		if (text_equal(settings_rows[i].path, path))
			return config_text(root, path, settings_rows[i].otherwise);
	bug("a setting without a row");
}

static int64_t number(const struct config_node *root, const char *path)
{
	struct config_node value = { .kind = CONFIG_SCALAR, .name = "x", .text = text(root, path) };
	struct config_node holder = { .kind = CONFIG_MAP, .inside = &value };
	return config_integer(&holder, "x", 0);
}

static double decimal(const struct config_node *root, const char *path)
{
	const char *value = text(root, path);
	return value && text_is_decimal(value) ? text_double(value) : 0;
}

/* A folder or file beside the configuration. */
static const char *beside(struct arena *arena, const struct config_node *root, const char *path)
{
	const char *name = text(root, path);
	return name ? file_path(arena, file_folder_of(arena, root->file), name) : NULL;
}

static size_t count_of(const struct config_node *group)
{
	size_t count = 0;
	for (const struct config_node *node = group ? group->inside : NULL; node; node = node->next)
		count++;
	return count;
}

static void parties_load(struct settings *s, const struct config_node *root, struct config_problems *problems)
{
	const struct config_node *group = config_find(root, "parties");
	struct party *parties = arena_array(s->arena, count_of(group) + 1, sizeof *parties);
	for (const struct config_node *node = group ? group->inside : NULL; node; node = node->next) {
		struct party *p = &parties[s->party_count++];
		*p = (struct party){ .name = node->name, .title = config_text(node, "title", node->name), .eori = config_text(node, "eori", NULL),
			             .smdg = config_text(node, "smdg", NULL) };
		party_certificates_load(s, node, p, problems);
	}
	s->parties = parties;
}

static void providers_load(struct settings *s, const struct config_node *root, struct config_problems *problems)
{
	const struct config_node *group = config_find(root, "providers");
	struct provider *providers = arena_array(s->arena, count_of(group) + 1, sizeof *providers);
	for (const struct config_node *node = group ? group->inside : NULL; node; node = node->next) {
		struct provider *p = &providers[s->provider_count++];
		const char *scheme = config_text(node, "signature.scheme", "none");
		*p = (struct provider){ .name = node->name, .party = config_text(node, "party", ""), .mapping = config_text(node, "mapping", "providers/native"),
			                .interval_ms = config_integer(node, "interval", 0), .secret_file = config_file(s->arena, node, "signature.secret"),
			                .tolerance_ms = config_integer(node, "signature.tolerance", 300000),
			                .header = config_text(node, "signature.header", "X-Signature"),
			                .time_header = config_text(node, "signature.time_header", "X-Signature-Timestamp") };
		p->scheme = text_equal(scheme, "dcsa") ? SIGNATURE_DCSA : text_equal(scheme, "timestamped") ? SIGNATURE_TIMESTAMPED : SIGNATURE_NONE;
		if (!settings_party(s, p->party) && *p->party)
			config_problem(problems, node, "provider \"%s\" belongs to party \"%s\", which is not among \"parties\"", p->name, p->party);
		if (p->scheme != SIGNATURE_NONE && !p->secret_file)
			config_problem(problems, node, "provider \"%s\" signs: \"signature.secret\" must name the file of its secrets", p->name);
	}
	s->providers = providers;
}

static void agreements_load(struct settings *s, const struct config_node *root, struct config_problems *problems)
{
	const char *folder = beside(s->arena, root, "agreements");
	struct error error = { 0 };
	char **names;
	struct agreement *agreements = NULL;
	if (!file_exists(folder))
		return;
	if (file_list(folder, s->arena, &names, &error) < 0) {
		config_problem(problems, root, "agreements: %s", error.text);
		return;
	}
	size_t count = 0;
	while (names[count])
		count++;
	agreements = arena_array(s->arena, count + 1, sizeof *agreements);
	for (; *names; names++) {
		struct config_node *file;
		if (!text_ends(*names, ".yaml") || config_read(problems, file_path(s->arena, folder, *names), &file) < 0)
			continue;
		config_check(file, agreement_rows, agreement_row_count, problems);
		agreement_load(s->arena, file, arena_text_n(s->arena, *names, strlen(*names) - 5), &agreements[s->agreement_count++], problems);
	}
	s->agreements = agreements;
}

static bool is_loopback(const char *address)
{
	struct in6_addr v6;
	return text_starts(address, "127.") || (inet_pton(AF_INET6, address, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6));
}

static void listen_load(struct settings *s, const struct config_node *root, struct config_problems *problems)
{
	struct in6_addr any;
	s->address = text(root, "listen.address");
	s->port = (uint16_t)number(root, "listen.port");
	s->certificate_file = config_file(s->arena, root, "listen.certificate");
	s->key_file = config_file(s->arena, root, "listen.key");
	s->client_ca_file = config_file(s->arena, root, "listen.client_ca");
	s->client_revocations_file = config_file(s->arena, root, "listen.client_revocations");
	s->client_required = text_equal(text(root, "listen.client_certificate"), "required");
	s->plain_allowed = text_equal(text(root, "listen.plain_allowed"), "true");
	s->public_url = text(root, "listen.public_url");
	s->connections = (unsigned)number(root, "listen.connections");
	s->connections_per_address = (unsigned)number(root, "listen.connections_per_address");
	s->body_limit = number(root, "listen.body");
	s->header_limit = number(root, "listen.header");
	s->request_ms = number(root, "listen.request_time");
	s->drain_ms = number(root, "listen.drain");
	const struct config_node *node = config_find(root, "listen.address");
	if (inet_pton(AF_INET, s->address, &any) != 1 && inet_pton(AF_INET6, s->address, &any) != 1)
		config_problem(problems, node ? node : root, "\"listen.address\" is a numeric address, not \"%s\"", s->address);
	else if (!s->certificate_file && !is_loopback(s->address) && !s->plain_allowed)
		config_problem(problems, node ? node : root, "\"listen.address\" %s is not loopback: give \"listen.certificate\" and \"listen.key\", or say "
		               "\"listen.plain_allowed: true\" where a proxy ends TLS", s->address);
	if (!s->certificate_file != !s->key_file)
		config_problem(problems, config_find(root, "listen"), "\"listen.certificate\" and \"listen.key\" belong together");
	if (s->client_ca_file && !s->certificate_file)
		config_problem(problems, config_find(root, "listen"), "\"listen.client_ca\" needs TLS: give \"listen.certificate\" and \"listen.key\"");
	if ((s->client_required || s->client_revocations_file) && !s->client_ca_file)
		config_problem(problems, config_find(root, "listen"), "client certificates are checked against \"listen.client_ca\", which is not there");
}

static void rest_load(struct settings *s, const struct config_node *root)
{
	s->name = text(root, "gateway.name");
	s->eori = text(root, "gateway.eori");
	s->country = text(root, "gateway.country");
	s->uri = text(root, "gateway.uri");
	s->language = text(root, "gateway.language");
	s->contact = (struct contact){ text(root, "gateway.contact.role"), text(root, "gateway.contact.name"), text(root, "gateway.contact.phone"),
		                       text(root, "gateway.contact.mail"), text(root, "gateway.contact.language") };
	s->store = beside(s->arena, root, "store");
	s->mappings = beside(s->arena, root, "mappings");
	s->schemas = beside(s->arena, root, "schemas");
	s->mappings = s->mappings ? s->mappings : SEALGATE_DATADIR "/mappings";
	s->schemas = s->schemas ? s->schemas : SEALGATE_DATADIR "/schemas";
	s->kept_sets = file_path(s->arena, s->store, "sets");
	s->tokens = beside(s->arena, root, "tokens");
	s->workers = (int)number(root, "workers");
	s->ca_file = config_file(s->arena, root, "outgoing.ca");
	s->webhook_private_hosts = config_texts(s->arena, root, "webhooks.private_hosts");
	s->webhook_plain_hosts = config_texts(s->arena, root, "webhooks.plain_hosts");
	s->webhook_retry = (struct retry_plan){ number(root, "webhooks.first"), number(root, "webhooks.longest"), number(root, "webhooks.budget") };
	s->webhook_disable_ms = number(root, "webhooks.disable_after");
	s->light_lux = decimal(root, "assess.light_lux");
	s->coverage_slack = decimal(root, "assess.slack");
	s->merge_ms = number(root, "assess.merge");
	s->fix_age_ms = number(root, "assess.fix_age");
	s->fix_wait_ms = number(root, "assess.fix_wait");
	s->interval_ms = number(root, "assess.interval");
	s->assurance_ms = number(root, "assess.assurance");
}

struct settings *settings_load(const char *path, struct config_problems *problems)
{
	size_t before = problems->count;
	struct config_node *root;
	if (config_read(problems, path, &root) < 0)
		return NULL;
	struct settings *s = calloc(1, sizeof *s);
	if (!s)
		die("out of memory");
	s->arena = arena_new();
	config_check(root, settings_rows, settings_row_count, problems);
	s->file = path;
	rest_load(s, root);
	listen_load(s, root, problems);
	parties_load(s, root, problems);
	issuers_load(s, root, problems);
	providers_load(s, root, problems);
	disclosure_load(root, &s->disclosure, problems);
	agreements_load(s, root, problems);
	if (problems->count > before)
		settings_free(&s);
	return s;
}

void settings_free(struct settings **settings)
{
	if (*settings) {
		arena_free(&(*settings)->arena);
		free(*settings);
		*settings = NULL;
	}
}

const struct party *settings_party(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->party_count; i++)
		if (text_equal(s->parties[i].name, name))
			return &s->parties[i];
	return NULL;
}

const struct provider *settings_provider(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->provider_count; i++)
		if (text_equal(s->providers[i].name, name))
			return &s->providers[i];
	return NULL;
}

const struct agreement *settings_agreement(const struct settings *s, const char *name)
{
	for (size_t i = 0; i < s->agreement_count; i++)
		if (text_equal(s->agreements[i].name, name))
			return &s->agreements[i];
	return NULL;
}
