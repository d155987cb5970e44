/* A call that is given: checked, and copied. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/http/client_inside.h"

static bool name_listed(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (text_equal_nocase(*names, name))
			return true;
	return false;
}

static int headers_check(const struct http_call *call, struct error *error)
{
	static const char *const ours[] = { "Content-Length", "Transfer-Encoding", "Expect", "Host", "Connection", NULL };
	if (!http_is_token(call->method))
		FAIL(error, BAD_FIELD, "method \"%s\" is not a token", call->method);
	for (size_t i = 0; i < call->n_headers; i++) {
		const struct http_header *header = &call->headers[i];
		if (!http_is_token(header->name) || !http_is_field_value(header->value))
			FAIL(error, BAD_FIELD, "header \"%s\" has a character that it cannot have", header->name);
		if (name_listed(ours, header->name))
			FAIL(error, BAD_FIELD, "header \"%s\" is made here", header->name);
	}
	return 0;
}

static char *url_part(struct transfer *transfer, CURLU *url, CURLUPart part, unsigned flags)
{
	char *text = NULL;
	if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
		return NULL;
	char *copy = arena_text(transfer->arena, text);
	curl_free(text);
	return copy;
}

static void url_clear(CURLU **url)
{
	curl_url_cleanup(*url);
}

static int url_check(struct transfer *transfer, struct error *error)
{
	struct http_call *call = &transfer->call;
	__attribute__((cleanup(url_clear))) CURLU *url = curl_url();
	if (!url)
		die("out of memory");
	CURLUcode code = curl_url_set(url, CURLUPART_URL, call->url, CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS);
	if (code != CURLUE_OK)
		FAIL(error, BAD_FIELD, "URL \"%.200s\" cannot be used: %s", call->url, curl_url_strerror(code));
	const char *scheme = url_part(transfer, url, CURLUPART_SCHEME, 0);
	const char *port = url_part(transfer, url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	transfer->host = url_part(transfer, url, CURLUPART_HOST, 0);
	if (text_empty(transfer->host))
		FAIL(error, BAD_FIELD, "URL \"%.200s\" has no host", call->url);
	transfer->plain = text_equal_nocase(scheme, "http");
	if (!transfer->plain && !text_equal_nocase(scheme, "https"))
		FAIL(error, FORBIDDEN, "URL \"%.200s\" is not https", call->url);
	if (transfer->plain && !name_listed(call->plain_hosts, transfer->host))
		FAIL(error, FORBIDDEN, "URL \"%.200s\" is not https, and host \"%s\" is not one that may be called without TLS", call->url,
		     transfer->host);
	transfer->private_allowed = name_listed(call->private_hosts, transfer->host);
	if (!call->pool)
		call->pool = arena_printf(transfer->arena, "%s://%s:%s", scheme, transfer->host, port ? port : "");
	return 0;
}

static void call_copy(struct transfer *transfer, const struct http_call *given)
{
	struct arena *arena = transfer->arena;
	struct http_call *call = &transfer->call;
	*call = *given;
	struct http_header *headers = arena_array(arena, given->n_headers, sizeof *headers);
	for (size_t i = 0; i < given->n_headers; i++)
		headers[i] = (struct http_header){ arena_text(arena, given->headers[i].name), arena_text(arena, given->headers[i].value) };
	call->headers = headers;
	call->method = arena_text(arena, given->method);
	call->url = arena_text(arena, given->url);
	call->pool = arena_text(arena, given->pool);
	call->ca_file = arena_text(arena, given->ca_file);
	call->certificate_file = arena_text(arena, given->certificate_file);
	call->key_file = arena_text(arena, given->key_file);
	call->pin = arena_text(arena, given->pin);
	call->answer_limit = given->answer_limit ? given->answer_limit : (size_t)1 << 20;
	call->connect_ms = given->connect_ms ? given->connect_ms : 10000;
	call->total_ms = given->total_ms ? given->total_ms : 30000;
	call->slow_ms = given->slow_ms ? given->slow_ms : call->total_ms;
}

struct transfer *transfer_new(const struct http_call *call, struct error *error)
{
	struct transfer *transfer = calloc(1, sizeof *transfer);
	if (!transfer)
		die("out of memory");
	transfer->arena = arena_new();
	call_copy(transfer, call);
	if (headers_check(&transfer->call, error) < 0 || url_check(transfer, error) < 0) {
		transfer_free(&transfer);
		return NULL;
	}
	/* The lists are the caller's: their answers are taken. */
	transfer->call.private_hosts = transfer->call.plain_hosts = NULL;
	buffer_init(&transfer->body, transfer->call.answer_limit);
	transfer->given_ms = clock_mono_ms();
	return transfer;
}
