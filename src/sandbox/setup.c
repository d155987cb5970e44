#include "sandbox/setup.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"

const struct config_row setup_rows[] = {
	{ "listen", CONFIG_GROUP, false, NULL, 0, 0, NULL, "where the sandbox listens" },
	{ "listen.address", CONFIG_TEXT, false, "127.0.0.1", 0, 0, NULL, "numeric IPv4 or IPv6 address" },
	{ "listen.port", CONFIG_INTEGER, false, "8460", 0, 65535, NULL, "TCP port; 0: the kernel chooses" },
	{ "listen.certificate", CONFIG_FILE, false, NULL, 0, 0, NULL, "TLS certificate and chain, PEM" },
	{ "listen.key", CONFIG_FILE, false, NULL, 0, 0, NULL, "TLS private key, PEM" },
	{ "authority", CONFIG_GROUP, true, NULL, 0, 0, NULL, "the customs authority that is played" },
	{ "authority.name", CONFIG_TEXT, true, NULL, 0, 0, NULL, "its name" },
	{ "authority.country", CONFIG_TEXT, true, NULL, 0, 0, NULL, "its country, ISO 3166-1" },
	{ "authority.office", CONFIG_TEXT, true, NULL, 0, 0, NULL, "its office: two letters of the country and six characters" },
	{ "authority.phone", CONFIG_TEXT, true, NULL, 0, 0, NULL, "telephone number of the office" },
	{ "authority.place_code", CONFIG_TEXT, true, NULL, 0, 0, NULL, "code of the place of controls" },
	{ "authority.place_name", CONFIG_TEXT, true, NULL, 0, 0, NULL, "name of the place of controls" },
	{ "signing", CONFIG_GROUP, true, NULL, 0, 0, NULL, "what answers are signed with" },
	{ "signing.key", CONFIG_FILE, true, NULL, 0, 0, NULL, "private key, PEM" },
	{ "signing.certificate", CONFIG_FILE, true, NULL, 0, 0, NULL, "certificate and chain, PEM" },
	{ "signing.legacy", CONFIG_BOOL, false, "false", 0, 0, NULL, "RSA PKCS#1 v1.5 instead of PSS" },
	{ "trust", CONFIG_FILE, true, NULL, 0, 0, NULL, "CA certificates of those who report, PEM" },
	{ "clients", CONFIG_FILE, true, NULL, 0, 0, NULL, "file of OAuth2 clients: an id and a secret on each line" },
	{ "push", CONFIG_GROUP, false, NULL, 0, 0, NULL, "where answers are pushed to; without it they wait to be pulled" },
	{ "push.url", CONFIG_TEXT, true, NULL, 0, 0, NULL, "address that takes them" },
	{ "push.token", CONFIG_FILE, true, NULL, 0, 0, NULL, "file that holds the token shown there" },
	{ "push.ca", CONFIG_FILE, false, NULL, 0, 0, NULL, "CA certificates of that server, PEM; the system's where it is not said" },
	{ "push.private_hosts", CONFIG_TEXTS, false, NULL, 0, 0, NULL, "names that may have a private or loopback address" },
	{ "documents", CONFIG_PATH, false, "documents", 0, 0, NULL, "folder that keeps everything received and sent" },
	{ "documents_as", CONFIG_CHOICE, false, "files", 0, 0, "files tar", "tar: one archive for each start, for runs of many thousands" },
	{ "schemas", CONFIG_PATH, false, NULL, 0, 0, NULL, "folder of the schemas; the installed ones where it is not said" },
	{ "clock", CONFIG_CHOICE, false, "real", 0, 0, "real document", "document: the time is that of the latest document" },
	{ "answer_after", CONFIG_DURATION, false, "200ms", 0, 3600000, NULL, "from taking a declaration to its answer" },
	{ "scenario", CONFIG_TEXT, false, "good", 0, 0, NULL, "how it behaves; several with commas" },
	HUB_ROWS,
};
const size_t setup_row_count = sizeof setup_rows / sizeof *setup_rows;

static void listen_load(struct setup *s, const struct config_node *root, struct config_problems *problems)
{
	s->address = config_text(root, "listen.address", "127.0.0.1");
	s->port = (uint16_t)config_integer(root, "listen.port", 8460);
	s->certificate_file = config_file(s->arena, root, "listen.certificate");
	s->key_file = config_file(s->arena, root, "listen.key");
	if (!s->certificate_file != !s->key_file)
		config_problem(problems, config_find(root, "listen"), "\"listen.certificate\" and \"listen.key\" belong together");
	else if (!s->certificate_file && !text_starts(s->address, "127.") && !text_equal(s->address, "::1"))
		config_problem(problems, config_find(root, "listen"), "\"listen.address\" %s is not loopback: give \"listen.certificate\" and \"listen.key\"",
		               s->address);
}

/* The office is part of every identifier that is given, and the country of every answer. */
static void authority_load(struct setup *s, const struct config_node *root, struct config_problems *problems)
{
	s->authority.name = config_text(root, "authority.name", "");
	s->authority.country = config_text(root, "authority.country", "");
	s->authority.office = config_text(root, "authority.office", "");
	s->authority.phone = config_text(root, "authority.phone", "");
	s->authority.place_code = config_text(root, "authority.place_code", "");
	s->authority.place_name = config_text(root, "authority.place_name", "");
	const char *office = s->authority.office, *country = s->authority.country;
	const struct config_node *group = config_find(root, "authority");
	if (strlen(country) != 2 || strspn(country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		config_problem(problems, group, "\"authority.country\" is two capital letters, not \"%s\"", country);
	if (strlen(office) != 8 || strspn(office, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != 8)
		config_problem(problems, group, "\"authority.office\" is eight capital letters and digits such as NL000511, not \"%s\"", office);
	if (text_utf8_length(s->authority.place_code) > 17 || text_utf8_length(s->authority.phone) > 50 || text_utf8_length(s->authority.name) > 70)
		config_problem(problems, group, "at most 70 characters for \"authority.name\", 50 for \"phone\", 17 for \"place_code\"");
}

static void rest_load(struct setup *s, const struct config_node *root, struct config_problems *problems)
{
	struct error error = { 0 };
	s->signing_key = config_file(s->arena, root, "signing.key");
	s->signing_certificate = config_file(s->arena, root, "signing.certificate");
	s->signing_legacy = config_bool(root, "signing.legacy", false);
	s->trust = config_file(s->arena, root, "trust");
	s->clients = config_file(s->arena, root, "clients");
	s->push_url = config_text(root, "push.url", NULL);
	s->push_token = config_file(s->arena, root, "push.token");
	s->push_ca = config_file(s->arena, root, "push.ca");
	s->push_private_hosts = config_texts(s->arena, root, "push.private_hosts");
	s->documents = config_file(s->arena, root, "documents");
	if (!s->documents)
		s->documents = file_path(s->arena, file_folder_of(s->arena, root->file), "documents");
	s->documents_as_tar = text_equal(config_text(root, "documents_as", "files"), "tar");
	s->schemas = config_file(s->arena, root, "schemas");
	if (!s->schemas)
		s->schemas = SEALGATE_DATADIR "/schemas";
	s->clock_of_documents = text_equal(config_text(root, "clock", "real"), "document");
	s->answer_after_ms = (int)config_integer(root, "answer_after", 200);
	if (scenarios_read(config_text(root, "scenario", "good"), &s->scenarios, &error) < 0)
		config_problem(problems, config_find(root, "scenario"), "%s", error.text);
}

struct setup *setup_load(const char *path, struct config_problems *problems)
{
	size_t before = problems->count;
	struct config_node *root;
	if (config_read(problems, path, &root) < 0)
		return NULL;
	struct setup *s = calloc(1, sizeof *s);
	if (!s)
		die("out of memory");
	s->arena = arena_new();
	config_check(root, setup_rows, setup_row_count, problems);
	listen_load(s, root, problems);
	authority_load(s, root, problems);
	rest_load(s, root, problems);
	s->hub = hub_setup_load(s->arena, root, problems);
	if (problems->count > before)
		setup_free(&s);
	return s;
}

void setup_free(struct setup **setup)
{
	if (!*setup)
		return;
	arena_free(&(*setup)->arena);
	free(*setup);
	*setup = NULL;
}
