/* sealgate init: a configuration with keys and certificates. Everything is looked at before anything is written, and
 * nothing that is there is touched. */
#include "sealgate/init.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "admit/admit.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/crypto/certificate.h"
#include "sealgate/output.h"

#define DEMO_FROM INT64_C(1420070400000)   /* 2015-01-01: voyages of 2016 are played */
#define DEMO_UNTIL INT64_C(2208988800000)  /* 2040-01-01 */
#define YEAR_MS (INT64_C(366) * 86400000)

const struct option_row init_options[] = {
	{ "demo", NULL, "for trying out on this machine, sandbox customs included" },
	{ "port", "PORT", "of the demonstration's gateway, 8440" },
	{ "sandbox-port", "PORT", "of its sandbox, 8460" },
	{ "hook-port", "PORT", "of a webhook receiver, 8470" },
	{ "mappings", "DIR", "its mappings, where the gateway is not installed" },
	{ "schemas", "DIR", "its schemas, where the gateway is not installed" },
	{ 0 },
};

struct making {
	struct run *run;
	struct arena *arena;
	const char *folder;
	bool demo;
	struct init_ports ports;
	struct init_folders folders;
	int64_t from, until;
};

/* A CA: its key and certificate, by which leaves are made. */
struct authority {
	struct key *key;
	struct certificate *certificate;
};

static const char *in(const struct making *m, const char *name)
{
	return file_path(m->arena, m->folder, name);
}

static int make_authority(struct making *m, const char *name, const char *file, struct authority *authority, struct error *error)
{
	struct certificate_order order = { .name = name, .organisation = "Sealgate", .country = "NL", .is_authority = true, .from = m->from,
		                           .until = m->until };
	TRY(key_make("p256", &authority->key, error));
	TRY(certificate_make(&order, authority->key, NULL, NULL, &authority->certificate, error));
	TRY(key_write(authority->key, in(m, arena_printf(m->arena, "%s.key", file)), error));
	return certificate_write(authority->certificate, in(m, arena_printf(m->arena, "%s.pem", file)), error);
}

/* With the authority's certificate behind it, where the peer asks for the whole chain. */
static int make_leaf_of(struct making *m, const struct authority *authority, const char *kind, const char *name, bool server, bool chain, const char *file,
                        struct error *error)
{
	static const char *const hosts[] = { "localhost", "127.0.0.1", "::1", NULL };
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	struct certificate_order order = { .name = name, .organisation = "Sealgate", .country = "NL", .hosts = server ? hosts : NULL, .is_server = server,
		                           .from = m->from, .until = m->until };
	TRY(key_make(kind, &key, error));
	TRY(certificate_make(&order, key, authority->certificate, authority->key, &leaf, error));
	if (chain)
		certificate_append(leaf, certificate_copy(authority->certificate));
	TRY(key_write(key, in(m, arena_printf(m->arena, "%s.key", file)), error));
	return certificate_write(leaf, in(m, arena_printf(m->arena, "%s.pem", file)), error);
}

static int make_leaf(struct making *m, const struct authority *authority, const char *name, bool server, const char *file, struct error *error)
{
	return make_leaf_of(m, authority, "p256", name, server, false, file, error);
}

static void authority_clear(struct authority *authority)
{
	key_free(&authority->key);
	certificate_free(&authority->certificate);
}

/* One CA for servers, another for those who sign documents: to be trusted as the one is not to be trusted as the other. */
static int make_certificates(struct making *m, struct error *error)
{
	__attribute__((cleanup(authority_clear))) struct authority servers = { 0 };
	__attribute__((cleanup(authority_clear))) struct authority signers = { 0 };
	TRY(make_authority(m, "Sealgate local servers", "tls/ca", &servers, error));
	TRY(make_leaf(m, &servers, "localhost", true, "tls/gateway", error));
	TRY(make_authority(m, m->demo ? "Sealgate demonstration" : "Sealgate local signers", "keys/ca", &signers, error));
	TRY(make_leaf(m, &signers, m->demo ? "Example Port Gateway" : "Gateway seal", false, "keys/gateway", error));
	if (!m->demo)
		return 0;
	TRY(make_leaf(m, &servers, "localhost", true, "tls/sandbox", error));
	TRY(make_leaf(m, &servers, "localhost", true, "tls/hook", error));
	TRY(make_leaf(m, &signers, "Sandbox customs", false, "keys/customs", error));
	/* RSA, which ICS2 asks for */
	TRY(make_leaf_of(m, &signers, "rsa3072", "Example Port Gateway", false, true, "keys/gateway-as4", error));
	return make_leaf_of(m, &signers, "rsa3072", "Sandbox hub", false, true, "keys/hub", error);
}

static int put(struct making *m, const char *name, const char *text, unsigned mode, struct error *error)
{
	return file_write(in(m, name), bytes_of_text(text), mode, error);
}

static const char *random_text(struct arena *arena)
{
	uint8_t octets[24];
	BUFFER_AUTO text = { 0 };
	entropy_fill(octets, sizeof octets);
	text_base64url(&text, (struct bytes){ octets, sizeof octets });
	return arena_text(arena, buffer_text(&text));
}

static int make_secrets(struct making *m, struct error *error)
{
	const char *secret = random_text(m->arena);
	TRY(put(m, "secrets/client-secret", arena_printf(m->arena, "%s\n", secret), 0600, error));
	TRY(put(m, "secrets/sandbox-clients", arena_printf(m->arena, "sealgate-demo %s\n", secret), 0600, error));
	return put(m, "secrets/push-token", arena_printf(m->arena, "Bearer %s\n", random_text(m->arena)), 0600, error);
}

static int make_api_keys(struct making *m, struct error *error)
{
	static const struct {
		const char *party;
		enum role role;
	} keys[] = { { "provider-1", ROLE_PROVIDER }, { "terminal-1", ROLE_TERMINAL }, { "carrier-1", ROLE_CARRIER }, { "broker-1", ROLE_BROKER },
		     { "port-1", ROLE_SECURITY }, { "auditor-1", ROLE_AUDITOR }, { "admin-1", ROLE_ADMIN } };
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *key;
		TRY(token_make(in(m, "tokens"), keys[i].party, 1u << keys[i].role, CLOCK_NONE, m->arena, &key, error));
		TRY(put(m, arena_printf(m->arena, "api-keys/%s.key", keys[i].party), arena_printf(m->arena, "%s\n", key), 0600, error));
	}
	return 0;
}

/* Nothing of it may be there, or the folder is somebody's already. */
static int check_free(const struct making *m, struct error *error)
{
	static const char *const names[] = { "sealgate.yaml", "sandbox.yaml", "tokens", "keys", "tls", "secrets", "agreements", "api-keys", "data", "env", NULL };
	for (const char *const *name = names; *name; name++)
		if (file_exists(in(m, *name)))
			FAIL(error, CONFLICT, "\"%s\" is there already, and nothing is overwritten: name another folder, or move it away", in(m, *name));
	return 0;
}

static int make_folders(const struct making *m, struct error *error)
{
	static const char *const secret[] = { "keys", "tls", "secrets", "api-keys", NULL };
	TRY(file_make_folders(m->folder, 0755, error));
	TRY(file_make_folders(in(m, "agreements"), 0755, error));
	for (const char *const *name = secret; *name; name++)
		if (m->demo || !text_equal(*name, "api-keys"))
			TRY(file_make_folders(in(m, *name), 0700, error));
	return 0;
}

static int make_demo(struct making *m, struct error *error)
{
	char whole[PATH_MAX];
	if (!realpath(m->folder, whole))
		FAIL(error, IO, "folder \"%s\" cannot be found again", m->folder);
	TRY(make_secrets(m, error));
	TRY(make_api_keys(m, error));
	TRY(put(m, "agreements/sandbox.yaml", init_agreement_text(m->arena, &m->ports), 0644, error));
	TRY(put(m, "agreements/hub.yaml", init_hub_agreement_text(m->arena, &m->ports), 0644, error));
	TRY(put(m, "sandbox.yaml", init_sandbox_text(m->arena, &m->ports, &m->folders), 0644, error));
	TRY(put(m, "env", init_env_text(m->arena, whole, &m->ports), 0644, error));
	return put(m, "sealgate.yaml", init_settings_text(m->arena, &m->ports, &m->folders), 0644, error);
}

static void tell(const struct making *m)
{
	struct run *run = m->run;
	out_line(run, "made \"%s\"", m->folder);
	if (m->demo) {
		out_line(run, "  sealgate check --config %s", in(m, "sealgate.yaml"));
		out_line(run, "  sealgate-sandbox --config %s", in(m, "sandbox.yaml"));
		out_line(run, "  sealgated --config %s --play-clock", in(m, "sealgate.yaml"));
		out_line(run, "  sealgate listen --port %d --certificate %s --key %s", m->ports.hook, in(m, "tls/hook.pem"), in(m, "tls/hook.key"));
		out_line(run, "  . %s", in(m, "env"));
		return;
	}
	out_line(run, "  fill in %s", in(m, "sealgate.yaml"));
	out_line(run, "  fill in %s, and name it after the peer: <peer>.yaml", in(m, "agreements/example.yaml.in"));
	out_line(run, "  sealgate check --config %s", in(m, "sealgate.yaml"));
}

/* As a whole path: the configuration may lie elsewhere. */
static int folder_option(struct run *run, const char *name, const char **folder_r, struct error *error)
{
	char whole[PATH_MAX];
	const char *folder = run_option(run, name);
	if (!folder)
		return 0;
	if (!realpath(folder, whole) || strpbrk(whole, "\"\\"))
		return usage_fail(run, error, "option \"--%s\": there is no folder \"%s\" that can be written into the configuration", name, folder);
	*folder_r = arena_text(run->arena, whole);
	return 0;
}

int command_init(struct run *run, struct error *error)
{
	int64_t port, sandbox, hook, now = clock_real_ms();
	TRY(run_number(run, "port", 1, 65535, 8440, &port, error));
	TRY(run_number(run, "sandbox-port", 1, 65535, 8460, &sandbox, error));
	TRY(run_number(run, "hook-port", 1, 65535, 8470, &hook, error));
	struct making m = { .run = run, .arena = run->arena, .folder = run->operands[0], .demo = run_has(run, "demo"),
		            .ports = { (int)port, (int)sandbox, (int)hook } };
	m.from = m.demo ? DEMO_FROM : now - 3600000;
	m.until = m.demo ? DEMO_UNTIL : now + YEAR_MS;
	TRY(folder_option(run, "mappings", &m.folders.mappings, error));
	TRY(folder_option(run, "schemas", &m.folders.schemas, error));
	TRY(check_free(&m, error));
	TRY(make_folders(&m, error));
	TRY(make_certificates(&m, error));
	if (m.demo) {
		TRY(make_demo(&m, error));
	} else {
		TRY(put(&m, "agreements/example.yaml.in", init_agreement_example, 0644, error));
		TRY(put(&m, "sealgate.yaml", init_settings_example_text(m.arena, &m.folders), 0644, error));
	}
	tell(&m);
	return EXIT_GOOD;
}
