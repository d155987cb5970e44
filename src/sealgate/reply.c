/* sealgate reply: an answer to a question of customs: written, read, approved. */
#include <string.h>

#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/input.h"
#include "sealgate/output.h"

const struct option_row reply_options[] = {
	{ "text", "TEXT", "what is answered" },
	{ "file", "FILE...", "a PDF or JPEG to go with it; may be given several times" },
	{ "approve", NULL, "approve the draft that is there, with another key than wrote it: it goes to customs" },
	{ "reply", "ID", "with --approve: this very draft; else the latest, which is shown first" },
	{ 0 },
};

static int file_add(struct run *run, struct json *list, const char *path, struct error *error)
{
	BUFFER_AUTO text = { 0 };
	struct bytes octets;
	struct json *one = json_new_object(run->arena);
	const char *slash = strrchr(path, '/');
	TRY(input_octets(run, path, &octets, error));
	text_base64(&text, octets);
	json_set_text(run->arena, one, "name", slash ? slash + 1 : path);
	json_set_text(run->arena, one, "content", buffer_text(&text));
	json_append(list, one);
	return 0;
}

static void reply_write(struct run *run, const struct json *reply)
{
	static const char *const titles[] = { "FILE", "TYPE", "OCTETS", "SHA-256", NULL };
	struct table *table = table_new(run, titles);
	out_line(run, "reply %s, %s, by %s at %s", cell(reply, "id"), cell(reply, "state"), cell(reply, "by"), cell(reply, "created"));
	if (*cell(reply, "text"))
		out_line(run, "%s", cell(reply, "text"));
	for (struct json_iter it = json_iter(json_find(reply, "files")); json_next(&it);)
		table_add(table, (const char *[]){ cell(it.value, "name"), cell(it.value, "type"), cell(it.value, "size"), cell(it.value, "digest") });
	if (table_rows(table))
		table_write(table);
	if (*cell(reply, "message"))
		out_line(run, "approved by %s at %s: message %s", cell(reply, "approved_by"), cell(reply, "approved"), cell(reply, "message"));
}

static int show(struct gateway *g, const char *path, struct json **reply_r, struct error *error)
{
	TRY(gateway_get(g, g->run->arena, path, reply_r, error));
	if (g->run->json)
		out_json_pretty(g->run, *reply_r);
	else
		reply_write(g->run, *reply_r);
	return EXIT_GOOD;
}

static int draft(struct gateway *g, const char *path, struct error *error)
{
	struct run *run = g->run;
	struct reply reply;
	struct json *body = json_new_object(run->arena), *files = json_new_array(run->arena);
	const char *list = run_option(run, "file");
	json_set_text(run->arena, body, "text", run_option(run, "text"));
	while (list && *list) {
		size_t n = strcspn(list, "\n");
		TRY(file_add(run, files, arena_text_n(run->arena, list, n), error));
		list += n + (list[n] == '\n');
	}
	json_set(body, "files", files);
	struct gateway_call call = { .method = "POST", .path = path, .body = bytes_of_text(json_to_text(run->arena, body, JSON_COMPACT)) };
	TRY(gateway_ask(g, run->arena, &call, &reply, error));
	if (run->json)
		out_json_pretty(run, reply.json);
	else
		reply_write(run, reply.json);
	note(run, "it waits for somebody else's approval: sealgate reply %s --approve", run->operands[0]);
	return EXIT_GOOD;
}

static int approve(struct gateway *g, const char *path, struct error *error)
{
	struct run *run = g->run;
	struct reply reply;
	struct json *shown, *body = json_new_object(run->arena);
	const char *id = run_option(run, "reply");
	if (!id) {
		TRY(gateway_get(g, run->arena, path, &shown, error));
		if (!run->json)
			reply_write(run, shown);
		id = cell(shown, "id");
	}
	json_set_text(run->arena, body, "reply", id);
	struct gateway_call call = { .method = "POST", .path = arena_printf(run->arena, "%s/approve", path),
		                     .body = bytes_of_text(json_to_text(run->arena, body, JSON_COMPACT)) };
	TRY(gateway_ask(g, run->arena, &call, &reply, error));
	if (run->json)
		out_json_pretty(run, reply.json);
	else
		out_line(run, "approved: message %s to %s is %s", cell(reply.json, "message"), cell(reply.json, "agreement"), cell(reply.json, "state"));
	return EXIT_GOOD;
}

int command_reply(struct run *run, struct error *error)
{
	struct gateway g;
	struct json *shown;
	bool writes = run_has(run, "text") || run_has(run, "file");
	if (writes && run_has(run, "approve"))
		return usage_fail(run, error, "who writes a reply does not approve it: --approve is for somebody else, with another key");
	if (run_has(run, "reply") && !run_has(run, "approve"))
		return usage_fail(run, error, "--reply says which draft --approve is about");
	TRY(gateway_open(run, &g, error));
	const char *path = arena_printf(run->arena, "/v1/notices/%s/reply", url_part(run->arena, run->operands[0]));
	if (run_has(run, "approve"))
		return approve(&g, path, error);
	return writes ? draft(&g, path, error) : show(&g, path, &shown, error);
}
