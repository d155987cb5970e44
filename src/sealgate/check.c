/* sealgate check: everything that is wrong with a configuration, at once. Settings tell their own problems; here are those
 * that show only when files are opened: keys, certificates, secrets, tokens, mappings, schemas. */
#include <string.h>
#include <sys/stat.h>

#include "admit/admit.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/certificate.h"
#include "lib/crypto/secrets.h"
#include "sealgate/check.h"
#include "sealgate/configuration.h"
#include "sealgate/output.h"
#include "validate/validate.h"

#define SOON_MS (INT64_C(30) * 86400000)

const struct option_row check_options[] = {
	{ "settings", "[=NAME]", "print the table of settings instead: sealgate.yaml or agreement" },
	{ "format", "FORM", "of that table: text or mdoc" },
	{ 0 },
};

struct checking {
	struct run *run;
	struct config_problems problems, warnings;
	struct map_set *set;
	int64_t now;
};

static const char *day(struct arena *arena, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	return arena_text_n(arena, clock_format(ms, text), 10);
}

/* ---- files ---- */

static const char *named(struct checking *c, const struct config_node *root, const char *path, const struct config_node **node_r)
{
	*node_r = config_find(root, path);
	const char *file = config_file(c->run->arena, root, path);
	return *node_r && file && file_exists(file) ? file : NULL;  /* one that is not there is told by the settings */
}

static void check_mode(struct checking *c, const struct config_node *node, const char *file)
{
	struct stat status;
	if (stat(file, &status) == 0 && status.st_mode & 077)
		config_problem(&c->warnings, node, "\"%s\" is secret, and others than its owner may read it: chmod 600", file);
}

static void check_secret(struct checking *c, const struct config_node *root, const char *path)
{
	const struct config_node *node;
	const char *file = named(c, root, path, &node);
	struct bytes secret;
	struct error error = { 0 };
	if (!file)
		return;
	check_mode(c, node, file);
	if (secret_read(file, c->run->arena, &secret, &error) < 0)
		config_problem(&c->problems, node, "\"%s\": %s", node->name, error.text);
}

static void check_dates(struct checking *c, const struct config_node *node, const struct certificate *chain)
{
	for (const struct certificate *one = chain; one; one = certificate_next(one)) {
		const char *subject = certificate_subject(one, c->run->arena), *until = day(c->run->arena, certificate_until(one));
		if (c->now > certificate_until(one))
			config_problem(&c->problems, node, "certificate \"%s\" has expired on %s", subject, until);
		else if (c->now < certificate_from(one))
			config_problem(&c->problems, node, "certificate \"%s\" holds from %s on only", subject, day(c->run->arena, certificate_from(one)));
		else if (certificate_until(one) - c->now < SOON_MS)
			config_problem(&c->warnings, node, "certificate \"%s\" expires on %s: have a new one made", subject, until);
	}
}

static void check_anchors(struct checking *c, const struct config_node *root, const char *path)
{
	const struct config_node *node;
	const char *file = named(c, root, path, &node);
	CERTIFICATE_AUTO anchors = NULL;
	struct error error = { 0 };
	if (!file)
		return;
	if (certificate_open(file, &anchors, &error) < 0)
		config_problem(&c->problems, node, "\"%s\": %s", node->name, error.text);
	else
		check_dates(c, node, anchors);
}

/* A key and the certificate that says whose it is. `signs`: with the algorithms that we sign with; rsa_bits: least size, 0 for
 * that of documents. */
static void check_pair(struct checking *c, const struct config_node *root, const char *key_path, const char *certificate_path, bool signs,
                       unsigned rsa_bits)
{
	const struct config_node *key_node, *certificate_node;
	const char *key_file = named(c, root, key_path, &key_node), *certificate_file = named(c, root, certificate_path, &certificate_node);
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO chain = NULL;
	struct error error = { 0 };
	if (key_file) {
		check_mode(c, key_node, key_file);
		if (key_open_least(key_file, rsa_bits, &key, &error) < 0)  /* a server's key may be of a kind that we do not sign with */
			config_problem(signs ? &c->problems : &c->warnings, key_node, "\"%s\": %s", key_path, error.text);
	}
	if (certificate_file && certificate_open(certificate_file, &chain, &error) < 0)
		config_problem(&c->problems, certificate_node, "\"%s\": %s", certificate_path, error.text);
	if (chain)
		check_dates(c, certificate_node, chain);
	if (key && chain && !certificate_fits(chain, key))
		config_problem(&c->problems, certificate_node, "certificate \"%s\" is not of key \"%s\": they belong together", certificate_file, key_file);
}

/* ---- mappings and schemas ---- */

static const char *folder_of(struct checking *c, const struct config_node *root, const char *name)
{
	const char *said = root ? config_file(c->run->arena, root, name) : NULL;
	return said ? said : arena_printf(c->run->arena, "%s/%s", SEALGATE_DATADIR, name);
}

static void check_set(struct checking *c, const struct config_node *root)
{
	const char *mappings = folder_of(c, root, "mappings"), *schemas = folder_of(c, root, "schemas");
	struct arena *arena = c->run->arena;
	struct map_problems found = { 0 };
	struct error error = { 0 };
	struct validator *validator = NULL;
	if (map_set_load(mappings, schemas, arena, &found, &c->set, &error) < 0) {
		for (size_t i = 0; i < found.count; i++) {
			struct config_node at = { .file = file_path(arena, mappings, found.items[i].file), .line = found.items[i].line ? found.items[i].line : 1,
				                  .column = 1 };
			config_problem(&c->problems, &at, "%s", found.items[i].text);
		}
		if (!found.count)
			config_problem(&c->problems, root, "mappings: %s; say \"mappings\" where Sealgate is not installed", error.text);
	}
	if (validator_open(schemas, &validator, &error) < 0)
		config_problem(&c->problems, root, "schemas: %s; say \"schemas\" where Sealgate is not installed", error.text);
	validator_free(&validator);
}

static void check_provider(struct checking *c, const struct config_node *provider)
{
	const struct config_node *node = config_find(provider, "mapping");
	const char *name = config_text(provider, "mapping", "providers/native");
	check_secret(c, provider, "signature.secret");
	if (c->set && !mapping_find(c->set, name))
		config_problem(&c->problems, node ? node : provider, "there is no mapping \"%s\" for provider \"%s\"", name, provider->name);
}

/* ---- agreements ---- */

static void check_kinds(struct checking *c, const struct config_node *root)
{
	const char *profile = config_text(root, "profile", "");
	const char *const *kinds = config_texts(c->run->arena, root, "kinds");
	for (; c->set && kinds && *kinds; kinds++) {
		const char *name = arena_printf(c->run->arena, "messages/%s/%s", profile, *kinds);
		enum message_kind kind;
		if (message_kind_find(*kinds, &kind) && !mapping_find(c->set, name))
			config_problem(&c->problems, config_find(root, "kinds"), "there is no mapping \"%s\"", name);
	}
}

static void check_basis(struct checking *c, const struct config_node *root)
{
	int64_t from = config_integer(root, "basis.from", 0), until = config_integer(root, "basis.until", CLOCK_NONE);
	const struct config_node *node = config_find(root, "basis");
	if (!node)
		return;
	if (until != CLOCK_NONE && c->now >= until)
		config_problem(&c->warnings, node, "the legal basis has ended on %s: nothing is sent to this peer any more", day(c->run->arena, until));
	else if (until != CLOCK_NONE && until - c->now < SOON_MS)
		config_problem(&c->warnings, node, "the legal basis ends on %s", day(c->run->arena, until));
	if (c->now < from)
		config_problem(&c->warnings, node, "the legal basis begins on %s only: nothing is sent to this peer before", day(c->run->arena, from));
}

/* Anchors alone take the signature of whoever has a certificate of theirs, and a public authority has many customers. */
static void check_signer(struct checking *c, const struct config_node *root)
{
	const struct config_node *node = config_find(root, "answers.anchors");
	if (node && !config_find(root, "answers.signer"))
		config_problem(&c->warnings, node, "\"answers.signer\" is missing: answers are taken from everybody whom \"answers.anchors\" gave a certificate; "
		               "name the peer's (CN=...,O=...)");
}

static void check_agreement(struct checking *c, const struct config_node *root)
{
	bool seals_only = config_find(root, "as4") && text_equal(config_text(root, "signing.form", ""), "none");  /* AS4 messages, not documents */
	unsigned rsa_bits = seals_only ? (unsigned)config_integer(root, "as4.accept.rsa_bits", 2048) : 0;
	check_pair(c, root, "signing.key", "signing.certificate", true, rsa_bits);
	check_anchors(c, root, "answers.anchors");
	check_anchors(c, root, "rest.ca");
	check_anchors(c, root, "as4.tls.ca");
	check_anchors(c, root, "as4.accept.certificates");
	check_anchors(c, root, "as4.encryption.certificate");
	check_pair(c, root, "as4.tls.key", "as4.tls.certificate", false, 2048);
	check_secret(c, root, "rest.authorization.client_secret");
	check_secret(c, root, "rest.authorization.token");
	check_secret(c, root, "rest.push.token");
	check_signer(c, root);
	check_kinds(c, root);
	check_basis(c, root);
}

static void check_agreements(struct checking *c, const struct config_node *root)
{
	struct arena *arena = c->run->arena;
	struct config_problems told = { .arena = arena };  /* by the settings already */
	const char *folder = file_path(arena, file_folder_of(arena, root->file), config_text(root, "agreements", "agreements"));
	char **names;
	struct error ignored = { 0 };
	size_t count = 0;
	for (bool good = file_list(folder, arena, &names, &ignored) == 0; good && *names; names++) {
		struct config_node *agreement;
		if (!text_ends(*names, ".yaml"))
			continue;
		count++;
		if (config_read(&told, file_path(arena, folder, *names), &agreement) == 0)
			check_agreement(c, agreement);
	}
	if (!count)
		config_problem(&c->warnings, root, "there is no agreement in \"%s\": nothing goes to anybody", folder);
}

/* ---- tokens ---- */

static void check_tokens(struct checking *c, const struct config_node *root)
{
	const char *name = config_text(root, "tokens", "tokens");
	const char *path = file_path(c->run->arena, file_folder_of(c->run->arena, root->file), name);
	const struct config_node *node = config_find(root, "tokens"), *parties = config_find(root, "parties");
	struct token_view *tokens;
	size_t count;
	struct error error = { 0 };
	node = node ? node : root;
	if (!file_exists(path)) {
		config_problem(&c->warnings, node, "there are no API keys yet in \"%s\": sealgate token make makes them", path);
		return;
	}
	check_mode(c, node, path);
	if (token_list(path, c->run->arena, &tokens, &count, &error) < 0) {
		struct config_node at = { .file = path, .line = 1, .column = 1 };
		const char *colon = strrchr(error.place, ':');
		int64_t line;
		struct error ignored = { 0 };
		if (colon && text_integer(colon + 1, 1, INT32_MAX, &line, &ignored) == 0)
			at.line = (unsigned)line;
		config_problem(&c->problems, &at, "%s", error.text);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		struct config_node at = { .file = path, .line = tokens[i].line, .column = 1 };
		if (!parties || !config_find(parties, tokens[i].party))
			config_problem(&c->problems, &at, "key \"%s\" is of party \"%s\", which is not among \"parties\"", tokens[i].id, tokens[i].party);
		else if (tokens[i].until != CLOCK_NONE && tokens[i].until <= c->now)
			config_problem(&c->warnings, &at, "key \"%s\" of party \"%s\" has expired", tokens[i].id, tokens[i].party);
	}
}

/* ---- all of it ---- */

static void check_all(struct checking *c, const char *path)
{
	struct config_node *root;
	struct config_problems told = { .arena = c->run->arena };
	struct settings *settings = settings_load(path, &c->problems);
	settings_free(&settings);
	if (config_read(&told, path, &root) < 0)
		return;
	check_set(c, root);
	check_pair(c, root, "listen.key", "listen.certificate", false, 0);
	check_anchors(c, root, "outgoing.ca");
	const struct config_node *providers = config_find(root, "providers");
	for (const struct config_node *one = providers ? providers->inside : NULL; one; one = one->next)
		check_provider(c, one);
	check_agreements(c, root);
	check_tokens(c, root);
	map_set_free(&c->set);
}

static void tell(struct checking *c, const struct config_problems *problems, const char *level, struct json *list)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *p = &problems->items[i];
		if (!c->run->json) {
			out_line(c->run, "%s: %s: %s", p->place, level, p->text);
			continue;
		}
		struct json *one = json_new_object(c->run->arena);
		json_set_text(c->run->arena, one, "level", level);
		json_set_text(c->run->arena, one, "place", p->place);
		json_set_text(c->run->arena, one, "text", p->text);
		json_append(list, one);
	}
}

int command_check(struct run *run, struct error *error)
{
	const char *table = run_option(run, "settings"), *form = run_option(run, "format");
	if (table)
		return settings_print(run, table, form ? form : "text", error);
	const char *path = configuration_path(run);
	struct checking c = { .run = run, .problems.arena = run->arena, .warnings.arena = run->arena, .now = clock_real_ms() };
	check_all(&c, path);
	struct json *list = json_new_array(run->arena), *out = json_new_object(run->arena);
	tell(&c, &c.problems, "error", list);
	tell(&c, &c.warnings, "warning", list);
	if (run->json) {
		json_set_bool(run->arena, out, "good", c.problems.count == 0);
		json_set(out, "problems", list);
		out_json_pretty(run, out);
	} else {
		out_line(run, "%s: %zu error%s, %zu warning%s", path, c.problems.count, c.problems.count == 1 ? "" : "s", c.warnings.count,
		         c.warnings.count == 1 ? "" : "s");
	}
	return c.problems.count ? EXIT_FAILED : EXIT_GOOD;
}
