/* Addresses, and what the contract wants of headers. Runs on the server's threads. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/hub.h"
#include "sandbox/inside.h"
#include "sandbox/refusal.h"

#define WAITING_MOST 1000  /* submissions that the clerk has not looked at */

static bool accept_is(const struct http_request *request, const char *versions)
{
	const char *accept = http_request_header(request, "Accept"), *start = "application/vnd.hmrc.", *end = ".0+xml";
	size_t n = strlen(start);
	return accept && text_starts(accept, start) && accept[n] && strchr(versions, accept[n]) && text_equal(accept + n + 1, end);
}

/* application/xml, and no other charset than UTF-8 */
static bool content_is_xml(const struct http_request *request)
{
	const char *value = http_request_header(request, "Content-Type");
	if (!value || !text_equal(http_request_media_type(request), "application/xml"))
		return false;
	const char *rest = value + strcspn(value, "; \t");
	rest += strspn(rest, "; \t");
	return !*rest || text_equal_nocase(rest, "charset=UTF-8") || text_equal_nocase(rest, "charset=\"UTF-8\"");
}

/* X-Badge-Identifier and X-Submitter-Identifier may be there; then they have their forms. */
static const char *identifiers_wrong(const struct http_request *request)
{
	const char *badge = http_request_header(request, "X-Badge-Identifier"), *submitter = http_request_header(request, "X-Submitter-Identifier");
	if (badge && (strlen(badge) < 6 || strlen(badge) > 12 || strspn(badge, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(badge)))
		return "X-Badge-Identifier header is missing or invalid";
	if (submitter && (!*submitter || strlen(submitter) > 17 ||
	                  strspn(submitter, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != strlen(submitter)))
		return "X-Submitter-Identifier header is missing or invalid";
	return NULL;
}

static void refuse(struct http_request *request, int status, const char *code, const char *message)
{
	log_warning("request", request->id, "%s %s from %s: %d %s", request->method, request->path, request->peer, status, code);
	refusal_answer(request, status, code, message, NULL, NULL);
}

/* NULL: refused already. */
static const char *client_admit(struct sandbox *s, struct http_request *request, const char *versions)
{
	if (!accept_is(request, versions)) {
		refuse(request, 406, "ACCEPT_HEADER_INVALID", "The accept header is missing or invalid");
		return NULL;
	}
	if (text_equal(request->method, "POST") && !content_is_xml(request)) {
		refuse(request, 415, "UNSUPPORTED_MEDIA_TYPE", "The content type header is missing or invalid");
		return NULL;
	}
	const char *client = oauth_client_of(s->oauth, request);
	if (!client) {
		http_answer_header(request, "WWW-Authenticate", "Bearer realm=\"sealgate-sandbox\"");
		refuse(request, 401, "UNAUTHORIZED", "Bearer token is missing or not authorized");
	}
	return client;
}

static void lodge(struct sandbox *s, struct http_request *request, enum desk desk)
{
	char conversation[ID_UUID_SIZE];
	const char *client = client_admit(s, request, "123");
	if (!client)
		return;
	const char *wrong = identifiers_wrong(request);
	if (wrong || clerk_waiting(s->clerk) >= WAITING_MOST) {
		if (!wrong)
			http_answer_header(request, "Retry-After", "2");
		refuse(request, wrong ? 400 : 503, wrong ? "BAD_REQUEST" : "SERVICE_UNAVAILABLE", wrong ? wrong : "Service unavailable");
		return;
	}
	struct submission *submission = malloc(sizeof *submission);
	if (!submission)
		die("out of memory");
	*submission = (struct submission){ request, desk, client, arena_text(request->arena, id_uuid4(conversation)) };
	http_request_defer(request);
	clerk_give(s->clerk, 0, intake_do, s, submission);
}

static bool post_to(struct http_request *request, bool *lodges_r, enum desk *desk_r)
{
	*lodges_r = true;
	if (http_request_is(request, "POST", "customs", "declarations", NULL))
		*desk_r = DESK_DECLARATIONS;
	else if (http_request_is(request, "POST", "customs", "declarations", "cancellation-requests", NULL))
		*desk_r = DESK_CANCELLATIONS;
	else if (http_request_is(request, "POST", "customs", "declarations", "arrival-notification", NULL))
		*desk_r = DESK_ARRIVALS;
	else
		*lodges_r = false;
	return *lodges_r;
}

/* An address that is known, with a method that it does not take. */
static void elsewhere(const struct sandbox *sandbox, struct http_request *request)
{
	const char *const *s = request->segments;
	bool lodges = request->n_segments >= 2 && text_equal(s[0], "customs") && text_equal(s[1], "declarations") &&
	              (request->n_segments == 2 || (request->n_segments == 3 && (text_equal(s[2], "cancellation-requests") || text_equal(s[2], "arrival-notification"))));
	bool hub = request->n_segments == 1 && text_equal(s[0], "as4") && sandbox->hub;
	bool token = request->n_segments == 2 && text_equal(s[0], "oauth") && text_equal(s[1], "token");
	bool reads = request->n_segments >= 1 && (text_equal(s[0], "notifications") || (text_equal(s[0], "oauth") && !token && request->n_segments == 2 &&
	                                                                               text_equal(s[1], "authorize")));
	if (!lodges && !token && !reads && !hub) {
		refuse(request, 404, "NOT_FOUND", "Resource was not found");
		return;
	}
	http_answer_header(request, "Allow", reads ? "GET" : "POST");
	refuse(request, 405, "METHOD_NOT_ALLOWED", "Method is not allowed");
}

void routes_handle(void *context, struct http_request *request)
{
	struct sandbox *s = context;
	bool lodges;
	enum desk desk;
	if (post_to(request, &lodges, &desk)) {
		lodge(s, request, desk);
	} else if (s->hub && http_request_is(request, "POST", "as4", NULL)) {
		hub_take(s->hub, request);
	} else if (http_request_is(request, "POST", "oauth", "token", NULL)) {
		oauth_token_post(s->oauth, request);
	} else if (http_request_is(request, "GET", "oauth", "authorize", NULL)) {
		oauth_authorize_get(s->oauth, request);
	} else if (request->n_segments >= 2 && text_equal(request->segments[0], "notifications") && text_equal(request->method, "GET")) {
		const char *client = client_admit(s, request, "1");
		if (client)
			outbox_get(s->outbox, client, request);
	} else {
		elsewhere(s, request);
	}
}
