/* Access tokens (RFC 6749): kept in memory; refresh tokens in the store, the new one before the access token is used. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deliver/lane.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/secrets.h"
#include "lib/json/json.h"

#define EARLY_MS 30000            /* a token is renewed so long before its end */
#define AGAIN_LONGEST_MS 300000

static void failed(struct lane *lane, const char *text)
{
	int64_t wait = 1000LL << (lane->authorize_failures < 9 ? lane->authorize_failures : 9);
	lane->authorization = AUTHORIZATION_FAILED;
	lane->authorize_failures++;
	lane->authorize_at = clock_mono_ms() + (wait < AGAIN_LONGEST_MS ? wait : AGAIN_LONGEST_MS);
	snprintf(lane->authorization_text, sizeof lane->authorization_text, "%s", text);
	log_warning("authorization", lane->agreement->name, "no access token: %s", text);
}

static void token_set(struct lane *lane, const char *token, int64_t life_ms)
{
	free(lane->token);
	lane->token = strdup(token);
	lane->token_until = life_ms ? clock_mono_ms() + life_ms : INT64_MAX;
	lane->authorization = AUTHORIZATION_OK;
	lane->authorize_failures = 0;
}

void lane_token_drop(struct lane *lane)
{
	if (lane->authorization == AUTHORIZATION_OK)
		lane->authorization = AUTHORIZATION_NONE;
}

/* ---- asking ---- */

static int fixed_token(struct lane *lane, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct bytes token;
	TRY(secret_read(lane->agreement->token_file, arena, &token, error));
	token_set(lane, (const char *)token.data, 0);
	return 0;
}

struct stored {
	struct lane *lane;
	struct arena *arena;
	struct bytes code, refresh;
};

static const char *secret_name(struct arena *arena, const struct lane *lane, const char *what)
{
	return arena_printf(arena, "%s:%s", what, lane->agreement->name);
}

static int stored_read(struct db *db, void *context, struct error *error)
{
	struct stored *s = context;
	TRY(secret_find(db, s->arena, secret_name(s->arena, s->lane, "code"), &s->code, error));
	return secret_find(db, s->arena, secret_name(s->arena, s->lane, "refresh"), &s->refresh, error);
}

static void form_add(struct buffer *form, const char *name, const char *value)
{
	if (text_empty(value))
		return;
	buffer_printf(form, "%s%s=", form->size ? "&" : "", name);
	for (const unsigned char *p = (const unsigned char *)value; *p; p++)  /* application/x-www-form-urlencoded */
		if ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || strchr("-._*", *p))
			buffer_add_char(form, (char)*p);
		else
			buffer_printf(form, "%%%02X", *p);
}

static int grant_form(struct lane *lane, struct exchange *e, struct buffer *form, struct error *error)
{
	const struct agreement *a = lane->agreement;
	struct stored s = { .lane = lane, .arena = e->arena };
	struct bytes secret;
	TRY(secret_read(a->client_secret_file, e->arena, &secret, error));
	if (a->grant == GRANT_CLIENT_CREDENTIALS) {
		form_add(form, "grant_type", "client_credentials");
		form_add(form, "scope", a->scope);
	} else {
		TRY(store_read(lane->courier->config.store, stored_read, &s, error));
		e->by_code = s.code.size > 0;
		if (!e->by_code && !s.refresh.size)
			FAIL(error, NOT_AGREED, "nobody has authorized the gateway yet: run `sealgate authorize %s`", a->name);
		e->secret = (const char *)(e->by_code ? s.code : s.refresh).data;
		form_add(form, "grant_type", e->by_code ? "authorization_code" : "refresh_token");
		form_add(form, e->by_code ? "code" : "refresh_token", e->secret);
		form_add(form, "redirect_uri", e->by_code ? a->redirect_url : NULL);
	}
	form_add(form, "client_id", a->client_id);
	form_add(form, "client_secret", (const char *)secret.data);
	return 0;
}

static int token_ask(struct lane *lane, struct error *error)
{
	struct exchange *e = exchange_new(lane, EXCHANGE_TOKEN);
	BUFFER_AUTO form = { 0 };
	struct http_header headers[] = { { "Content-Type", "application/x-www-form-urlencoded" }, { "Accept", "application/json" } };
	struct http_call call = { .method = "POST", .url = lane->agreement->token_url, .headers = headers, .n_headers = 2 };
	if (grant_form(lane, e, &form, error) == 0) {
		call.body = arena_bytes(e->arena, buffer_bytes(&form));
		if (exchange_start(e, &call, error) == 0) {
			lane->authorization = AUTHORIZATION_ASKING;
			return 0;
		}
	}
	exchange_free(&e);
	return -1;
}

bool lane_authorized(struct lane *lane)
{
	struct error error = { 0 };
	int64_t now = clock_mono_ms();
	if (lane->authorization == AUTHORIZATION_OK && now < lane->token_until)
		return true;
	if (lane->authorization == AUTHORIZATION_ASKING || (lane->authorization == AUTHORIZATION_FAILED && now < lane->authorize_at))
		return false;
	if (lane->agreement->grant == GRANT_TOKEN) {
		if (fixed_token(lane, &error) == 0)
			return true;
		failed(lane, error.text);
		return false;
	}
	if (token_ask(lane, &error) < 0)
		failed(lane, error.text);
	return false;
}

/* ---- the answer ---- */

static int code_drop(struct db *db, void *context, struct error *error)
{
	struct exchange *e = context;
	return secret_set(db, secret_name(e->arena, e->lane, "code"), bytes_of_text(""), error);
}

struct keeping {
	struct exchange *exchange;
	const char *refresh;
};

static int refresh_keep(struct db *db, void *context, struct error *error)
{
	struct keeping *k = context;
	struct exchange *e = k->exchange;
	if (e->by_code)
		TRY(code_drop(db, e, error));
	return k->refresh ? secret_set(db, secret_name(e->arena, e->lane, "refresh"), bytes_of_text(k->refresh), error) : 0;
}

static int token_read(struct lane *lane, struct exchange *e, struct error *error)
{
	struct json *root;
	int64_t life = 4 * 3600;
	const struct http_outcome *o = &e->outcome;
	if (o->fate != HTTP_ANSWERED)
		FAIL(error, UNREACHABLE, "%s", o->error.text);
	if (json_parse(e->arena, o->body, NULL, &root, error) < 0)
		FAIL(error, PEER_ERROR, "the token server answered %d, and not in JSON", o->status);
	const char *token = json_path_text(root, "access_token"), *expires = json_scalar(json_find(root, "expires_in"));
	if (o->status != 200 || text_empty(token)) {
		if (e->by_code && (o->status == 400 || o->status == 401))  /* RFC 6749 5.2: it never becomes good, and must not stand before the refresh token */
			TRY(store_write(lane->courier->config.store, code_drop, e, error));
		const char *code = json_path_text(root, "error"), *more = json_path_text(root, "error_description");
		FAIL(error, PEER_ERROR, "the token server answered %d%s%.60s%s%.100s", o->status, code ? ", " : "", code ? code : "", more ? ": " : "",
		     more ? more : "");
	}
	if (!http_is_field_value(token) || strlen(token) > 8192)
		FAIL(error, PEER_ERROR, "the token server gave a token that no header can carry");
	if (expires && text_integer(expires, 1, 10 * 365 * 86400LL, &life, error) < 0)
		return -1;
	struct keeping k = { e, json_path_text(root, "refresh_token") };
	if (lane->agreement->grant == GRANT_AUTHORIZATION_CODE)
		TRY(store_write(lane->courier->config.store, refresh_keep, &k, error));
	int64_t ms = life * 1000;
	token_set(lane, token, ms > 2 * EARLY_MS ? ms - EARLY_MS : ms - ms / 4);
	return 0;
}

void lane_token(struct lane *lane, struct exchange *e)
{
	struct error error = { 0 };
	if (token_read(lane, e, &error) < 0)
		failed(lane, error.text);
	exchange_free(&e);
}
