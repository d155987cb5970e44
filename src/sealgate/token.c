/* sealgate token: API keys. */
#include <string.h>

#include "admit/admit.h"
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "sealgate/configuration.h"
#include "sealgate/output.h"

const struct option_row token_options[] = {
	{ "party", "NAME", "make: whose key it is, one of the configuration's parties" },
	{ "role", "ROLE", "make: provider, terminal, carrier, broker, security, officer, auditor, admin; several by commas" },
	{ "until", "TIME", "make: until when it holds; without it, until it is revoked" },
	{ 0 },
};

static int roles_read(struct run *run, const char *text, unsigned *roles_r, struct error *error)
{
	*roles_r = 0;
	for (const char *at = text; *at;) {
		size_t n = strcspn(at, ",");
		enum role role;
		if (!role_find(arena_text_n(run->arena, at, n), &role))
			return usage_fail(run, error, "there is no role \"%.*s\": provider, terminal, carrier, broker, security, officer, auditor, admin", (int)n, at);
		*roles_r |= 1u << role;
		at += n + (at[n] == ',');
	}
	return *roles_r ? 0 : usage_fail(run, error, "a key has at least one role");
}

static int make(struct run *run, const struct settings *settings, struct error *error)
{
	const char *party = run_option(run, "party"), *role = run_option(run, "role"), *key;
	unsigned roles;
	int64_t until;
	if (run->operand_count > 1)
		return usage_fail(run, error, "\"token make\" takes no \"%.60s\"", run->operands[1]);
	if (!party || !role)
		return usage_fail(run, error, "\"token make\" needs --party and --role");
	TRY(roles_read(run, role, &roles, error));
	TRY(run_time(run, "until", CLOCK_NONE, &until, error));
	if (!settings_party(settings, party))
		FAIL(error, NOT_FOUND, "there is no party \"%s\" in \"%s\": add it to \"parties\" first", party, settings->file);
	TRY(token_make(settings->tokens, party, roles, until, run->arena, &key, error));
	if (run->json) {
		struct json *out = json_new_object(run->arena);
		json_set_text(run->arena, out, "party", party);
		json_set_text(run->arena, out, "key", key);
		out_json_pretty(run, out);
		return EXIT_GOOD;
	}
	out_line(run, "%s", key);
	note(run, "this is the only time that the key of \"%s\" is shown: keep it where only its owner can read it", party);
	return EXIT_GOOD;
}

static const char *roles_text(struct arena *arena, unsigned roles)
{
	BUFFER_AUTO out = { 0 };
	for (int r = 0; r < ROLES; r++)
		if (roles & (1u << r))
			buffer_printf(&out, "%s%s", out.size ? "," : "", role_name((enum role)r));
	return arena_text(arena, buffer_text(&out));
}

static int list(struct run *run, const struct settings *settings, struct error *error)
{
	static const char *const titles[] = { "ID", "PARTY", "ROLES", "MADE", "UNTIL", NULL };
	struct table *table = table_new(run, titles);
	struct token_view *tokens;
	size_t count;
	TRY(token_list(settings->tokens, run->arena, &tokens, &count, error));
	for (size_t i = 0; i < count; i++) {
		char until[CLOCK_TEXT_SIZE] = "";
		const char *roles = roles_text(run->arena, tokens[i].roles);
		if (tokens[i].until != CLOCK_NONE)
			clock_format(tokens[i].until, until);
		table_add(table, (const char *[]){ tokens[i].id, tokens[i].party, roles, tokens[i].made, until });
		if (run->json) {
			struct json *out = json_new_object(run->arena);
			json_set_text(run->arena, out, "id", tokens[i].id);
			json_set_text(run->arena, out, "party", tokens[i].party);
			json_set_text(run->arena, out, "roles", roles);
			json_set_text(run->arena, out, "made", tokens[i].made);
			json_set_text(run->arena, out, "until", *until ? until : NULL);
			out_json(run, out);
		}
	}
	if (!run->json)
		table_write(table);
	return EXIT_GOOD;
}

int command_token(struct run *run, struct error *error)
{
	const struct settings *settings;
	const char *what = run->operands[0];
	if (!text_equal(what, "make") && !text_equal(what, "list") && !text_equal(what, "revoke"))
		return usage_fail(run, error, "\"token\" takes make, list or revoke, not \"%.60s\"", what);
	TRY(configuration_load(run, &settings, error));
	if (text_equal(what, "make"))
		return make(run, settings, error);
	if (text_equal(what, "list"))
		return list(run, settings, error);
	if (run->operand_count < 2)
		return usage_fail(run, error, "\"token revoke\" needs the key's id: sealgate token list shows it");
	TRY(token_revoke(settings->tokens, run->operands[1], error));
	note(run, "key \"%s\" holds no longer", run->operands[1]);
	return EXIT_GOOD;
}
