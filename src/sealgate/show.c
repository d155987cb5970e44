/* sealgate show, resend, withdraw, acknowledge: one thing. */
#include <string.h>

#include "lib/base/text.h"
#include "model/container.h"
#include "sealgate/gateway.h"
#include "sealgate/output.h"
#include "sealgate/story.h"

const struct option_row show_options[] = {
	{ "document", NULL, "the exact octets of the message or customs document" },
	{ "signature", NULL, "its detached signature" },
	{ 0 },
};
const struct option_row withdraw_options[] = {
	{ "reason", "TEXT", "why, in a sentence; customs reads it" },
	{ 0 },
};

static int show_container(struct gateway *g, const char *number, struct error *error)
{
	struct run *run = g->run;
	struct json *container;
	TRY(gateway_get(g, run->arena, arena_printf(run->arena, "/v1/containers/%s", url_part(run->arena, number)), &container, error));
	if (run->json)
		out_json_pretty(run, container);
	else
		TRY(story_write(g, container, error));
	return EXIT_GOOD;
}

static int show_octets(struct gateway *g, const char *id, bool signature, struct error *error)
{
	struct arena *arena = g->run->arena;
	const char *part = url_part(arena, id);
	const char *paths[] = { arena_printf(arena, "/v1/messages/%s/%s", part, signature ? "signature" : "document"),
		                arena_printf(arena, "/v1/documents/%s/%s", part, signature ? "signature" : "content") };
	for (size_t i = 0; i < 2; i++) {
		struct gateway_call call = { .method = "GET", .path = paths[i] };
		struct reply reply;
		if (gateway_ask(g, arena, &call, &reply, error) == 0)
			return out_octets(g->run, reply.body, error) < 0 ? -1 : EXIT_GOOD;
		if (reply.status != 404)
			return -1;
	}
	return -1;
}

/* Rows of what is said at the top; what is deeper, as JSON. */
static void thing_write(struct run *run, const char *noun, const struct json *thing)
{
	static const char *const titles[] = { "FIELD", "VALUE", NULL };
	struct table *table = table_new(run, titles);
	table_add(table, (const char *[]){ "(is a)", noun });
	for (struct json_iter it = json_iter(thing); json_next(&it);) {
		const char *text = json_scalar(it.value);
		table_add(table, (const char *[]){ it.name, text ? text : json_to_text(run->arena, it.value, JSON_COMPACT) });
	}
	table_write(table);
}

static int tries_write(struct gateway *g, const char *id, struct error *error)
{
	static const char *const titles[] = { "TRY", "STARTED", "ENDED", "OUTCOME", "STATUS", "DETAIL", NULL };
	struct arena *arena = g->run->arena;
	struct table *table = table_new(g->run, titles);
	struct json *tries;
	TRY(gateway_get(g, arena, arena_printf(arena, "/v1/messages/%s/attempts", url_part(arena, id)), &tries, error));
	for (struct json_iter it = json_iter(json_find(tries, "items")); json_next(&it);)
		table_add(table, (const char *[]){ cell(it.value, "number"), cell(it.value, "started"), cell(it.value, "ended"), cell(it.value, "outcome"),
			                           cell(it.value, "status"), cell(it.value, "detail") });
	if (table_rows(table)) {
		fputc('\n', g->run->out);
		table_write(table);
	}
	return 0;
}

static int show_thing(struct gateway *g, const char *id, struct error *error)
{
	static const char *const nouns[] = { "messages", "findings", "notices", "documents", "events", "journeys" };
	struct run *run = g->run;
	for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++) {
		struct json *thing;
		TRY(gateway_find(g, run->arena, arena_printf(run->arena, "/v1/%s/%s", nouns[i], url_part(run->arena, id)), &thing, error));
		if (!thing)
			continue;
		if (run->json) {
			out_json_pretty(run, thing);
			return EXIT_GOOD;
		}
		thing_write(run, arena_text_n(run->arena, nouns[i], strlen(nouns[i]) - 1), thing);
		if (i == 0)
			TRY(tries_write(g, id, error));
		return EXIT_GOOD;
	}
	FAIL(error, NOT_FOUND, "there is no message, finding, notice, document, event or journey \"%.100s\", or it is not yours to see", id);
}

int command_show(struct run *run, struct error *error)
{
	struct gateway g;
	char number[CONTAINER_NUMBER_SIZE];
	bool good;
	struct error ignored = { 0 };
	const char *what = run->operands[0];
	TRY(gateway_open(run, &g, error));
	if (run_has(run, "document") || run_has(run, "signature"))
		return show_octets(&g, what, run_has(run, "signature"), error);
	if (container_read(what, number, &good, &ignored) == 0)
		return show_container(&g, number, error);
	return show_thing(&g, what, error);
}

/* ---- what a person does ---- */

static int act(struct run *run, const char *noun, const char *verb, struct json *body, const char *done, struct error *error)
{
	struct gateway g;
	struct reply reply;
	TRY(gateway_open(run, &g, error));
	struct gateway_call call = { .method = "POST", .path = arena_printf(run->arena, "/v1/%s/%s/%s", noun, url_part(run->arena, run->operands[0]), verb),
		                     .body = bytes_of_text(json_to_text(run->arena, body, JSON_COMPACT)) };
	TRY(gateway_ask(&g, run->arena, &call, &reply, error));
	if (run->json && reply.json)
		out_json_pretty(run, reply.json);
	else
		out_line(run, "%s %s", run->operands[0], done);
	for (struct json_iter it = json_iter(json_find(reply.json, "refused")); json_find(reply.json, "refused") && json_next(&it);) {
		note(run, "not sent to %s: %s", cell(it.value, "agreement"), cell(it.value, "reason"));
		run->failure = EXIT_REFUSED;
	}
	return run->failure == EXIT_REFUSED ? EXIT_REFUSED : EXIT_GOOD;
}

int command_resend(struct run *run, struct error *error)
{
	return act(run, "messages", "resend", json_new_object(run->arena), "is sent again now", error);
}

int command_withdraw(struct run *run, struct error *error)
{
	struct json *body = json_new_object(run->arena);
	const char *reason = run_option(run, "reason");
	if (text_empty(reason))
		return usage_fail(run, error, "\"withdraw\" needs --reason: why the report is taken back, in a sentence");
	json_set_text(run->arena, body, "reason", reason);
	return act(run, "messages", "withdraw", body, "is being taken back", error);
}

int command_acknowledge(struct run *run, struct error *error)
{
	return act(run, "notices", "acknowledge", json_new_object(run->arena), "is taken up", error);
}
