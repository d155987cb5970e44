/* Peers: what they push over AS4, a test message to one, and OAuth2's consent.
 *
 * An operator lets the gateway act at a peer (RFC 6749 4.1): where to agree, and the code that comes of it. The code lies in
 * the store until the courier has made a token of it; it is never given again. */
#include <string.h>

#include "lib/base/text.h"
#include "receive/call.h"

#define CODE_MOST 2048

static int peer_find(struct call *call, const struct agreement **agreement_r)
{
	call->id = call_segment(call, 2);
	*agreement_r = settings_agreement(call->receive->config.settings, call->id);
	return *agreement_r ? 0 : answer_not_found(call, "agreement");
}

/* application/x-www-form-urlencoded, as a query wants it (RFC 6749 appendix B). */
static void query_add(struct buffer *url, const char *name, const char *value)
{
	if (text_empty(value))
		return;
	buffer_printf(url, "%s%s=", strchr(buffer_text(url), '?') ? "&" : "?", name);
	for (const unsigned char *p = (const unsigned char *)value; *p; p++)
		if ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || strchr("-._*", *p))
			buffer_add_char(url, (char)*p);
		else
			buffer_printf(url, "%%%02X", *p);
}

int authorization_get(struct call *call)
{
	static const char *const grants[] = { [GRANT_TOKEN] = "token", [GRANT_CLIENT_CREDENTIALS] = "client_credentials",
		                              [GRANT_AUTHORIZATION_CODE] = "authorization_code" };
	const struct agreement *a;
	struct json *out = json_new_object(call->arena);
	BUFFER_AUTO url = { 0 };
	TRY(peer_find(call, &a));
	json_set_text(call->arena, out, "agreement", a->name);
	json_set_text(call->arena, out, "grant", grants[a->grant]);
	if (a->grant != GRANT_AUTHORIZATION_CODE)
		return answer_json(call, 200, out);
	buffer_add_text(&url, a->authorize_url);
	query_add(&url, "response_type", "code");
	query_add(&url, "client_id", a->client_id);
	query_add(&url, "scope", a->scope);
	query_add(&url, "redirect_uri", a->redirect_url);
	json_set_text(call->arena, out, "authorize_url", buffer_text(&url));
	return answer_json(call, 200, out);
}

static int code_keep(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	return secret_set(db, arena_printf(call->arena, "code:%s", call->id), bytes_of_text(json_path_text(call->in, "code")), error);
}

int authorization_post(struct call *call)
{
	const struct agreement *a;
	struct json *out = json_new_object(call->arena);
	TRY(peer_find(call, &a));
	if (a->grant != GRANT_AUTHORIZATION_CODE)
		FAIL(call->error, CONFLICT, "agreement \"%s\" does not use grant authorization_code: nobody has to agree", a->name);
	TRY(call_parse(call, &call->in));
	const char *code = json_path_text(call->in, "code");
	if (text_empty(code) || strlen(code) > CODE_MOST || code[strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=!*():")]) {
		error_set(call->error, ERROR_BAD_FIELD, "\"code\" is the authorization code that the peer gave, as it is");
		return error_in_field(call->error, "/code");
	}
	TRY(call_write(call, code_keep));
	if (call->receive->config.hooks.authorized)
		call->receive->config.hooks.authorized(call->receive->config.hooks.context, a->name);
	json_set_text(call->arena, out, "agreement", a->name);
	json_set_text(call->arena, out, "state", "stored");
	return answer_json(call, 202, out);
}

/* ---- AS4 ---- */

int as4_post(struct call *call)
{
	const struct receive_hooks *hooks = &call->receive->config.hooks;
	if (!hooks->exchanged)
		FAIL(call->error, NOT_FOUND, "no agreement of this gateway is of \"channel: as4\"");
	return hooks->exchanged(hooks->context, call->request, call->error);
}

int ping_post(struct call *call)
{
	const struct receive_hooks *hooks = &call->receive->config.hooks;
	const struct agreement *a;
	struct json *out = NULL;
	TRY(peer_find(call, &a));
	if (!a->as4 || !a->as4->url || !hooks->pinged)
		FAIL(call->error, CONFLICT, "agreement \"%s\" has no \"as4.url\" that a test message could go to", a->name);
	TRY(hooks->pinged(hooks->context, a, call->arena, &out, call->error));
	return answer_json(call, 200, out);
}
