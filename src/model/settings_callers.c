/* Who may call, and how they are known: client certificates, authorization servers. */
#include <string.h>

#include "lib/base/text.h"
#include "model/settings_inside.h"

static unsigned roles_read(const char *const *names)
{
	unsigned roles = 0;
	for (enum role role; names && *names; names++)
		roles |= role_find(*names, &role) ? 1u << role : 0;
	return roles;
}

static bool is_certificate_name(const char *text)
{
	const char *hex = text_starts(text, "sha256:") ? text + strlen("sha256:") : NULL;
	return !hex || (strlen(hex) == 64 && strspn(hex, "0123456789abcdef") == 64);
}

void party_certificates_load(struct settings *s, const struct config_node *node, struct party *p, struct config_problems *problems)
{
	p->certificates = config_texts(s->arena, node, "certificates");
	p->certificate_alone = config_bool(node, "certificate_alone", false);
	p->certificate_roles = roles_read(config_texts(s->arena, node, "certificate_roles"));
	for (const char *const *name = p->certificates; name && *name; name++)
		if (!is_certificate_name(*name))
			config_problem(problems, node, "party \"%s\": \"%s\" is no SHA-256 of a certificate: sha256: and 64 small hex digits "
			               "(openssl x509 -outform der | sha256sum)", p->name, *name);
	if (p->certificates && !s->client_ca_file)
		config_problem(problems, node, "party \"%s\" has certificates, but no client is asked for one: give \"listen.client_ca\"", p->name);
	if (p->certificate_alone && (!p->certificates || !p->certificate_roles))
		config_problem(problems, node, "party \"%s\" may call with a certificate alone: \"certificates\" must say with which, "
		               "\"certificate_roles\" in which roles", p->name);
}

static void issuer_check(const struct settings *s, const struct config_node *node, const struct issuer *i, struct config_problems *problems)
{
	if (!i->keys_file == !i->keys_url)
		config_problem(problems, node, "issuer \"%s\": give its keys either as a file (\"keys\") or as an address (\"keys_url\")", i->name);
	for (const char *const *party = i->parties; party && *party; party++)
		if (!settings_party(s, *party))
			config_problem(problems, node, "issuer \"%s\" speaks for party \"%s\", which is not among \"parties\"", i->name, *party);
	for (size_t before = 0; before + 1 < s->issuer_count; before++)
		if (text_equal(s->issuers[before].issuer, i->issuer))
			config_problem(problems, node, "issuers \"%s\" and \"%s\" say the same \"issuer\"", s->issuers[before].name, i->name);
}

void issuers_load(struct settings *s, const struct config_node *root, struct config_problems *problems)
{
	const struct config_node *group = config_find(root, "issuers");
	size_t count = 0;
	for (const struct config_node *node = group ? group->inside : NULL; node; node = node->next)
		count++;
	struct issuer *issuers = arena_array(s->arena, count + 1, sizeof *issuers);
	s->issuers = issuers;
	for (const struct config_node *node = group ? group->inside : NULL; node; node = node->next) {
		struct issuer *i = &issuers[s->issuer_count++];
		*i = (struct issuer){ .name = node->name, .issuer = config_text(node, "issuer", ""), .audience = config_text(node, "audience", ""),
			              .keys_file = config_file(s->arena, node, "keys"), .keys_url = config_text(node, "keys_url", NULL),
			              .algorithms = config_texts(s->arena, node, "algorithms"), .party_claim = config_text(node, "party_claim", "sub"),
			              .parties = config_texts(s->arena, node, "parties"), .roles_claim = config_text(node, "roles_claim", NULL),
			              .roles = roles_read(config_texts(s->arena, node, "roles")), .leeway_ms = config_integer(node, "leeway", 30000),
			              .any_type = text_equal(config_text(node, "type", "at+jwt"), "any"), .every_ms = config_integer(node, "every", 900000),
			              .private_hosts = config_texts(s->arena, node, "private_hosts"),
			              .plain_hosts = config_texts(s->arena, node, "plain_hosts") };
		issuer_check(s, node, i, problems);
	}
}
