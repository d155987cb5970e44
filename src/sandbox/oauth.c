#include "sandbox/oauth.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/key.h"

#define ACCESS_MS (4 * 3600 * 1000LL)
#define CODE_MS (10 * 60 * 1000LL)
#define REFRESH_MS (18 * 30 * 86400000LL)
#define GRANTS_MOST 10000
#define OUT_OF_BAND "urn:ietf:wg:oauth:2.0:oob"

enum grant_kind { GRANT_ACCESS, GRANT_CODE, GRANT_REFRESH };

struct client {
	const char *id;
	struct bytes secret;
};

struct grant {
	struct grant *next;
	enum grant_kind kind;
	uint8_t digest[DIGEST_SHA256_SIZE];
	const struct client *client;
	uint64_t family;         /* of one person's consent; 0: of none */
	char *redirect;          /* a code's; heap */
	int64_t until;           /* monotonic */
	bool used;
};

struct oauth {
	struct arena *arena;
	struct client *clients;
	size_t client_count;
	pthread_mutex_t lock;
	struct grant *grants;    /* the newest first */
	size_t grant_count;
	uint64_t families;
};

/* ---- clients ---- */

static int clients_read(struct oauth *o, const char *path, struct error *error)
{
	char *text, *rest, *fields;
	TRY(file_read_text(path, o->arena, &text, error));
	o->clients = arena_array(o->arena, strlen(text) / 2 + 1, sizeof *o->clients);
	for (char *line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
		if (*line == '#')
			continue;
		char *id = strtok_r(line, " \t", &fields), *secret = strtok_r(NULL, " \t", &fields);
		if (!id)
			continue;
		if (!secret)
			FAIL(error, BAD_CONFIG, "\"%s\": client \"%.60s\" has no secret; each line is an id, a blank, a secret", path, id);
		o->clients[o->client_count++] = (struct client){ id, bytes_of_text(secret) };
	}
	if (!o->client_count)
		FAIL(error, BAD_CONFIG, "\"%s\" names no client; each line is an id, a blank, a secret", path);
	return 0;
}

static const struct client *client_find(const struct oauth *o, const char *id)
{
	for (size_t i = 0; i < o->client_count; i++)
		if (text_equal(o->clients[i].id, id))
			return &o->clients[i];
	return NULL;
}

int oauth_open(const char *clients, struct oauth **oauth_r, struct error *error)
{
	struct oauth *o = calloc(1, sizeof *o);
	if (!o)
		die("out of memory");
	o->arena = arena_new();
	must(pthread_mutex_init(&o->lock, NULL) == 0);
	int result = clients_read(o, clients, error);
	if (result < 0)
		oauth_free(&o);
	*oauth_r = o;
	return result;
}

static void grant_free(struct grant *g)
{
	free(g->redirect);
	free(g);
}

void oauth_free(struct oauth **oauth)
{
	struct oauth *o = *oauth;
	if (!o)
		return;
	for (struct grant *g = o->grants, *next; g; g = next) {
		next = g->next;
		grant_free(g);
	}
	pthread_mutex_destroy(&o->lock);
	arena_free(&o->arena);
	free(o);
	*oauth = NULL;
}

/* ---- grants; lock held ---- */

/* Those that have ended, those of `family` (0: none), and, where there are too many, the oldest. */
static void grants_drop(struct oauth *o, uint64_t family)
{
	int64_t now = clock_mono_ms();
	size_t kept = 0;
	for (struct grant **at = &o->grants; *at;) {
		struct grant *g = *at;
		if (g->until > now && (!family || g->family != family) && kept < GRANTS_MOST) {
			kept++;
			at = &g->next;
			continue;
		}
		*at = g->next;
		grant_free(g);
	}
	o->grant_count = kept;
}

static const char *grant_add(struct oauth *o, struct arena *arena, struct grant grant, int64_t life_ms)
{
	uint8_t random[32];
	BUFFER_AUTO token = { 0 };
	grants_drop(o, 0);
	struct grant *g = malloc(sizeof *g);
	if (!g)
		die("out of memory");
	entropy_fill(random, sizeof random);
	text_base64url(&token, (struct bytes){ random, sizeof random });
	*g = grant;
	g->until = clock_mono_ms() + life_ms;
	g->next = o->grants;
	digest_sha256(buffer_bytes(&token), g->digest);
	o->grants = g;
	o->grant_count++;
	return arena_text(arena, buffer_text(&token));
}

static struct grant *grant_find(struct oauth *o, enum grant_kind kind, const char *token)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	digest_sha256(bytes_of_text(token), digest);
	for (struct grant *g = o->grants; g; g = g->next)
		if (g->kind == kind && memcmp(g->digest, digest, sizeof digest) == 0)
			return g->until > clock_mono_ms() ? g : NULL;
	return NULL;
}

const char *oauth_client_of(struct oauth *o, const struct http_request *request)
{
	const char *value = http_request_header(request, "Authorization");
	if (!value || strncasecmp(value, "Bearer ", 7) != 0)
		return NULL;
	must(pthread_mutex_lock(&o->lock) == 0);
	const struct grant *g = grant_find(o, GRANT_ACCESS, value + 7 + strspn(value + 7, " "));
	const char *client = g ? g->client->id : NULL;
	must(pthread_mutex_unlock(&o->lock) == 0);
	return client;
}

/* ---- the token endpoint ---- */

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* application/x-www-form-urlencoded; NULL where it is broken */
static const char *form_decode(struct arena *arena, const char *text, size_t size)
{
	char *out = arena_alloc(arena, size + 1), *to = out;
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '%') {
			int high = i + 2 < size ? hex_of(text[i + 1]) : -1, low = high >= 0 ? hex_of(text[i + 2]) : -1;
			if (low < 0 || (high == 0 && low == 0))
				return NULL;
			*to++ = (char)(high * 16 + low);
			i += 2;
		} else {
			*to++ = text[i] == '+' ? ' ' : text[i];
		}
	}
	return out;
}

static const char *form_value(struct arena *arena, struct bytes body, const char *name)
{
	const char *at = (const char *)body.data, *end = body.size ? at + body.size : at;
	while (at < end) {
		const char *stop = memchr(at, '&', (size_t)(end - at)), *equals;
		stop = stop ? stop : end;
		equals = memchr(at, '=', (size_t)(stop - at));
		if (equals && (size_t)(equals - at) == strlen(name) && memcmp(at, name, strlen(name)) == 0)
			return form_decode(arena, equals + 1, (size_t)(stop - equals - 1));
		at = stop + 1;
	}
	return NULL;
}

/* RFC 6749 5.2 */
static void refuse(struct http_request *request, int status, const char *code, const char *text)
{
	BUFFER_AUTO out = { 0 };
	buffer_printf(&out, "{\"error\":\"%s\",\"error_description\":", code);
	text_escape_json(&out, text);
	buffer_add_char(&out, '}');
	if (status == 401)
		http_answer_header(request, "WWW-Authenticate", "Basic realm=\"sealgate-sandbox\"");
	log_warning("oauth", NULL, "no token: %s", text);
	http_answer_owned(request, status, "application/json", &out);
}

/* By form members, or HTTP Basic (RFC 6749 2.3.1). */
static const struct client *client_of(const struct oauth *o, struct http_request *request)
{
	const char *id = form_value(request->arena, request->body, "client_id"), *secret = form_value(request->arena, request->body, "client_secret");
	const char *basic = http_request_header(request, "Authorization");
	BUFFER_AUTO decoded = { 0 };
	if (basic && strncasecmp(basic, "Basic ", 6) == 0 && text_base64_decode(basic + 6, false, &decoded, NULL) == 0) {
		const char *colon = strchr(buffer_text(&decoded), ':');
		if (!colon)
			return NULL;
		id = form_decode(request->arena, decoded.data, (size_t)(colon - decoded.data));
		secret = form_decode(request->arena, colon + 1, strlen(colon + 1));
	}
	const struct client *client = client_find(o, id);
	return client && secret && secret_equal(client->secret, bytes_of_text(secret)) ? client : NULL;
}

static void tokens_answer(struct http_request *request, const char *access, const char *refresh)
{
	BUFFER_AUTO out = { 0 };
	buffer_printf(&out, "{\"access_token\":\"%s\",\"token_type\":\"bearer\",\"expires_in\":%lld", access, ACCESS_MS / 1000);
	if (refresh)
		buffer_printf(&out, ",\"refresh_token\":\"%s\"", refresh);
	buffer_add_text(&out, ",\"scope\":\"write:customs-declaration\"}");
	http_answer_owned(request, 200, "application/json", &out);
}

static const char *access_add(struct oauth *o, struct arena *arena, const struct client *client, uint64_t family)
{
	return grant_add(o, arena, (struct grant){ .kind = GRANT_ACCESS, .client = client, .family = family }, ACCESS_MS);
}

/* A code or a refresh token becomes a pair. NULL: done; else why not. */
static const char *pair_make(struct oauth *o, struct http_request *request, const struct client *client, enum grant_kind kind, const char **access_r,
                             const char **refresh_r)
{
	const char *token = form_value(request->arena, request->body, kind == GRANT_CODE ? "code" : "refresh_token");
	const char *redirect = form_value(request->arena, request->body, "redirect_uri");
	struct grant *g = token ? grant_find(o, kind, token) : NULL;
	if (!g || g->client != client)
		return "the code or refresh token is not known, of another client, or has ended";
	if (g->used) {
		grants_drop(o, g->family);
		return "the code or refresh token was used before; all that came of it has been withdrawn: authorize anew";
	}
	if (kind == GRANT_CODE && !text_equal(g->redirect, redirect ? redirect : OUT_OF_BAND))
		return "redirect_uri is not the one that the code was asked for with";
	uint64_t family = g->family;
	g->used = true;
	*access_r = access_add(o, request->arena, client, family);
	*refresh_r = grant_add(o, request->arena, (struct grant){ .kind = GRANT_REFRESH, .client = client, .family = family }, REFRESH_MS);
	return NULL;
}

void oauth_token_post(struct oauth *o, struct http_request *request)
{
	const char *access = NULL, *refresh = NULL, *why = NULL;
	if (!text_equal(http_request_media_type(request), "application/x-www-form-urlencoded")) {
		refuse(request, 400, "invalid_request", "the body is to be application/x-www-form-urlencoded");
		return;
	}
	const char *type = form_value(request->arena, request->body, "grant_type");
	const struct client *client = client_of(o, request);
	if (!client) {
		refuse(request, 401, "invalid_client", "client_id or client_secret is wrong");
		return;
	}
	bool code = text_equal(type, "authorization_code"), again = text_equal(type, "refresh_token");
	if (!code && !again && !text_equal(type, "client_credentials")) {
		refuse(request, 400, "unsupported_grant_type", "grant_type is client_credentials, authorization_code or refresh_token");
		return;
	}
	must(pthread_mutex_lock(&o->lock) == 0);
	if (code || again)
		why = pair_make(o, request, client, code ? GRANT_CODE : GRANT_REFRESH, &access, &refresh);
	else
		access = access_add(o, request->arena, client, 0);
	must(pthread_mutex_unlock(&o->lock) == 0);
	if (why) {
		refuse(request, 400, "invalid_grant", why);
		return;
	}
	log_info("oauth", client->id, "client %s has an access token by %s", client->id, type);
	tokens_answer(request, access, refresh);
}

/* ---- the authorization endpoint ---- */

/* Nobody is asked: whoever reaches this sandbox may agree. So a code leaves for a loopback address of the one who asks, and for
 * no other place. */
static bool redirect_is_loopback(const char *uri)
{
	static const char *const starts[] = { "http://127.0.0.1", "http://localhost", "http://[::1]", "https://127.0.0.1", "https://localhost", "https://[::1]" };
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (text_starts(uri, starts[i]) && strchr(":/", uri[strlen(starts[i])]) && !strchr(uri, '#') && !strchr(uri, '@') && http_is_field_value(uri))
			return true;
	return false;
}

static void code_give(struct http_request *request, const struct client *client, const char *redirect, const char *code)
{
	const char *state = http_request_parameter(request, "state");
	if (text_equal(redirect, OUT_OF_BAND)) {
		BUFFER_AUTO out = { 0 };
		buffer_printf(&out, "Authorization code for client %s, good once within 10 minutes:\n%s\n", client->id, code);
		http_answer_owned(request, 200, "text/plain; charset=UTF-8", &out);
		return;
	}
	BUFFER_AUTO location = { 0 };
	buffer_printf(&location, "%s%ccode=%s", redirect, strchr(redirect, '?') ? '&' : '?', code);
	if (state) {
		buffer_add_text(&location, "&state=");
		for (const unsigned char *p = (const unsigned char *)state; *p; p++)
			buffer_printf(&location, "%%%02X", *p);
	}
	http_answer_header(request, "Location", buffer_text(&location));
	http_answer(request, 302, NULL, (struct bytes){ 0 });
}

void oauth_authorize_get(struct oauth *o, struct http_request *request)
{
	const char *redirect = http_request_parameter(request, "redirect_uri");
	const struct client *client = client_find(o, http_request_parameter(request, "client_id"));
	redirect = redirect ? redirect : OUT_OF_BAND;
	if (!client) {
		refuse(request, 400, "unauthorized_client", "client_id is not known here");
	} else if (!text_equal(http_request_parameter(request, "response_type"), "code")) {
		refuse(request, 400, "unsupported_response_type", "response_type is code");
	} else if (!text_equal(redirect, OUT_OF_BAND) && !redirect_is_loopback(redirect)) {
		refuse(request, 400, "invalid_request", "redirect_uri is " OUT_OF_BAND " or an address on loopback");
	} else {
		char *own = strdup(redirect);
		if (!own)
			die("out of memory");
		must(pthread_mutex_lock(&o->lock) == 0);
		const char *code = grant_add(o, request->arena, (struct grant){ .kind = GRANT_CODE, .client = client, .family = ++o->families,
		                                                                .redirect = own }, CODE_MS);
		must(pthread_mutex_unlock(&o->lock) == 0);
		log_info("oauth", client->id, "client %s was authorized", client->id);
		code_give(request, client, redirect, code);
	}
}
