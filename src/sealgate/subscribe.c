/* sealgate subscribe: webhooks ordered, tested, their secret changed, and ended. */
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/output.h"

const struct option_row subscribe_options[] = {
	{ "to", "URL", "where deliveries are posted to" },
	{ "types", "TYPE[,TYPE]", "such as notice.control, finding.raised, message.*; all where it is not said" },
	{ "containers", "NUMBER[,NUMBER]", "of these containers only" },
	{ "secret-file", "FILE", "write the secret there, readable by its owner alone; else it is printed" },
	{ "rotate", NULL, "make a new secret; the old one signs beside it for a day" },
	{ "test", NULL, "ask for a test delivery" },
	{ "delete", NULL, "end it" },
	{ 0 },
};

static void list_set(struct run *run, struct json *out, const char *name)
{
	const char *text = run_option(run, name);
	struct json *list = json_new_array(run->arena);
	for (const char *at = text; at && *at;) {
		size_t n = strcspn(at, ",");
		if (n)
			json_append(list, json_new_text(run->arena, arena_text_n(run->arena, at, n)));
		at += n + (at[n] == ',');
	}
	if (text)
		json_set(out, name, list);
}

static int secret_keep(struct run *run, const char *secret, struct error *error)
{
	const char *file = run_option(run, "secret-file");
	if (!*secret)
		return 0;
	if (!file) {
		out_line(run, "its secret, told this once: %s", secret);
		return 0;
	}
	TRY(file_write(file, bytes_of_text(arena_printf(run->arena, "%s\n", secret)), 0600, error));
	out_line(run, "its secret is in \"%s\"", file);
	return 0;
}

static int put(struct run *run, struct gateway *gateway, const char *path, struct error *error)
{
	struct json *body = json_new_object(run->arena);
	struct reply reply;
	json_set_text(run->arena, body, "url", run_option(run, "to"));
	list_set(run, body, "types");
	list_set(run, body, "containers");
	if (run_has(run, "rotate"))
		json_set_bool(run->arena, body, "rotate_secret", true);
	struct gateway_call call = { .method = "PUT", .path = path, .body = bytes_of_text(json_to_text(run->arena, body, JSON_COMPACT)) };
	TRY(gateway_ask(gateway, run->arena, &call, &reply, error));
	if (run->json && !run_has(run, "secret-file")) {
		out_json_pretty(run, reply.json);
		return EXIT_GOOD;
	}
	out_line(run, "%s: subscription \"%s\" of party \"%s\" to %s", reply.status == 201 ? "made" : "changed", cell(reply.json, "id"),
	         cell(reply.json, "party"), cell(reply.json, "url"));
	TRY(secret_keep(run, cell(reply.json, "secret"), error));
	return EXIT_GOOD;
}

int command_subscribe(struct run *run, struct error *error)
{
	struct gateway gateway;
	struct reply reply;
	bool test = run_has(run, "test"), end = run_has(run, "delete");
	const char *path = arena_printf(run->arena, "/v1/subscriptions/%s", url_part(run->arena, run->operands[0]));
	if (test + end + (run_option(run, "to") != NULL) != 1)
		return usage_fail(run, error, "\"subscribe\" needs one of --to URL, --test and --delete");
	TRY(gateway_open(run, &gateway, error));
	if (!test && !end)
		return put(run, &gateway, path, error);
	struct gateway_call call = { .method = end ? "DELETE" : "POST", .path = end ? path : arena_printf(run->arena, "%s/test", path) };
	TRY(gateway_ask(&gateway, run->arena, &call, &reply, error));
	if (run->json && reply.json)
		out_json_pretty(run, reply.json);
	else
		out_line(run, end ? "ended" : "a test delivery is on its way");
	return EXIT_GOOD;
}
