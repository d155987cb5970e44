/* sealgate authorize: a person lets the gateway act at a peer (RFC 6749 4.1). The code goes to the running gateway, which
 * alone writes to its store. */
#include <string.h>

#include "lib/base/id.h"
#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/output.h"

const struct option_row authorize_options[] = {
	{ "code", "CODE", "the code, if it is there already; else it is asked for" },
	{ 0 },
};

static char hex(char c)
{
	return (char)(c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 16);
}

/* The value of a parameter in an address, decoded; NULL: it is not there. */
static const char *parameter(struct arena *arena, const char *url, const char *name)
{
	const char *at = strchr(url, '?');
	size_t n = strlen(name);
	BUFFER_AUTO out = { 0 };
	while (at && !(strncmp(at + 1, name, n) == 0 && at[n + 1] == '='))
		at = strchr(at + 1, '&');
	if (!at)
		return NULL;
	for (const char *p = at + n + 2; *p && *p != '&' && *p != '#'; p++)
		if (*p == '%' && hex(p[1]) < 16 && hex(p[2]) < 16) {
			buffer_add_char(&out, (char)(hex(p[1]) * 16 + hex(p[2])));
			p += 2;
		} else {
			buffer_add_char(&out, *p == '+' ? ' ' : *p);
		}
	return arena_text(arena, buffer_text(&out));
}

static const char *state_make(struct arena *arena)
{
	uint8_t octets[16];
	BUFFER_AUTO text = { 0 };
	entropy_fill(octets, sizeof octets);
	text_base64url(&text, (struct bytes){ octets, sizeof octets });
	return arena_text(arena, buffer_text(&text));
}

/* What the person pastes: the code, or the whole address, whose state must be ours (RFC 6749 10.12). */
static int code_ask(struct run *run, const char *url, const char **code_r, struct error *error)
{
	char line[4096];
	const char *state = state_make(run->arena);
	out_line(run, "open this address, and agree:");
	fputc('\n', run->out);
	out_line(run, "  %s%sstate=%s", url, strchr(url, '?') ? "&" : "?", state);
	fputc('\n', run->out);
	out_line(run, "then paste the code, or the whole address that the browser was sent to:");
	fflush(run->out);
	if (!fgets(line, sizeof line, stdin))
		FAIL(error, BAD_REQUEST, "no code was given");
	line[strcspn(line, "\r\n")] = '\0';
	*code_r = arena_text(run->arena, line + strspn(line, " \t"));
	if (!strstr(*code_r, "://"))
		return 0;
	if (!text_equal(parameter(run->arena, *code_r, "state"), state))
		FAIL(error, FORBIDDEN, "this address does not belong to this authorization (its state is another one): start again");
	const char *refusal = parameter(run->arena, *code_r, "error");
	if (refusal)
		FAIL(error, FORBIDDEN, "the peer refused: %s", refusal);
	*code_r = parameter(run->arena, *code_r, "code");
	return 0;
}

int command_authorize(struct run *run, struct error *error)
{
	struct gateway g;
	struct json *told, *body = json_new_object(run->arena);
	struct reply reply;
	const char *peer = run->operands[0], *code = run_option(run, "code");
	const char *path = arena_printf(run->arena, "/v1/peers/%s/authorization", url_part(run->arena, peer));
	TRY(gateway_open(run, &g, error));
	TRY(gateway_get(&g, run->arena, path, &told, error));
	if (!*cell(told, "authorize_url"))
		FAIL(error, NOT_AGREED, "peer \"%s\" is authorized by grant %s: nobody has to agree", peer, cell(told, "grant"));
	if (!code)
		TRY(code_ask(run, cell(told, "authorize_url"), &code, error));
	if (text_empty(code))
		FAIL(error, BAD_REQUEST, "there is no code in what was given");
	json_set_text(run->arena, body, "code", code);
	struct gateway_call call = { .method = "POST", .path = path, .body = bytes_of_text(json_to_text(run->arena, body, JSON_COMPACT)) };
	TRY(gateway_ask(&g, run->arena, &call, &reply, error));
	if (run->json && reply.json)
		out_json_pretty(run, reply.json);
	else
		out_line(run, "the gateway has the code and asks \"%s\" for a token with it; sealgate status and the log say what came of it", peer);
	return EXIT_GOOD;
}
