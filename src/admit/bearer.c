/* Access tokens as JSON Web Tokens (RFC 7519, 8725, 9068). Which issuer's keys may be tried is read from the token before anything of
 * it is believed; which algorithm, never. */
#include <string.h>

#include "admit/inside.h"
#include "lib/base/text.h"
#include "lib/json/json.h"

#define TOKEN_MOST 8192
#define ISSUER_RSA_BITS 2048   /* RFC 7518 3.3 */

static const char *token_of(const char *authorization)
{
	return strncasecmp(authorization, "Bearer ", strlen("Bearer ")) == 0 ? authorization + strlen("Bearer ") : NULL;
}

bool bearer_is(const char *authorization)
{
	const char *token = token_of(authorization), *first = token ? strchr(token, '.') : NULL;
	return first && strchr(first + 1, '.');
}

struct jwt {
	struct json *header, *claims;
	struct bytes octets;         /* what is signed */
	struct buffer signature;
};

static int part_read(struct arena *arena, const char *text, struct json **json_r, struct error *error)
{
	BUFFER_AUTO octets = { 0 };
	TRY(text_base64url_decode(text, &octets, error));
	TRY(json_parse(arena, arena_bytes(arena, buffer_bytes(&octets)), &(struct json_limits){ .bytes = TOKEN_MOST, .depth = 8 }, json_r, error));
	if (json_kind(*json_r) != JSON_KIND_OBJECT)
		FAIL(error, BAD_JSON, "it is no object");
	return 0;
}

static int jwt_read(struct arena *arena, const char *token, struct jwt *jwt, struct error *error)
{
	size_t size = strlen(token);
	const char *first = strchr(token, '.'), *second = first ? strchr(first + 1, '.') : NULL;
	if (size > TOKEN_MOST || !second || strchr(second + 1, '.') || !second[1])
		FAIL(error, UNAUTHENTICATED, "this is no signed JSON Web Token of at most %d octets", TOKEN_MOST);
	if (part_read(arena, arena_text_n(arena, token, (size_t)(first - token)), &jwt->header, error) < 0 ||
	    part_read(arena, arena_text_n(arena, first + 1, (size_t)(second - first - 1)), &jwt->claims, error) < 0 ||
	    text_base64url_decode(second + 1, &jwt->signature, error) < 0)
		FAIL(error, UNAUTHENTICATED, "the token cannot be read: it is three times base64url (RFC 7515 7.1), and JSON within");
	jwt->octets = (struct bytes){ (const uint8_t *)token, (size_t)(second - token) };
	return 0;
}

static int signature_check(struct admission *a, size_t issuer, const struct jwt *jwt, struct error *error)
{
	const struct issuer *i = &a->settings->issuers[issuer];
	const char *kid = json_path_text(jwt->header, "kid"), *typ = json_path_text(jwt->header, "typ"), *name;
	enum algorithm algorithm;
	if (json_find(jwt->header, "crit"))  /* RFC 7515 4.1.11: none that we know */
		FAIL(error, UNAUTHENTICATED, "the token asks for an extension (crit) that is not known here");
	if (!i->any_type && !(typ && (text_equal_nocase(typ, "at+jwt") || text_equal_nocase(typ, "application/at+jwt"))))  /* RFC 9068 4 */
		FAIL(error, UNAUTHENTICATED, "the token is no access token: its typ must be at+jwt");
	KEY_AUTO key = kid ? issuing_key(a, issuer, kid, &algorithm, &name) : NULL;
	if (!key)
		FAIL(error, UNAUTHENTICATED, "issuer \"%s\" has no key with the token's kid", i->name);
	if (!text_equal(json_path_text(jwt->header, "alg"), name))  /* RFC 8725 3.1 */
		FAIL(error, UNAUTHENTICATED, "the token's key signs with %s, and the token says something else", name);
	if (key_verify(key, algorithm, ISSUER_RSA_BITS, jwt->octets, buffer_bytes(&jwt->signature), error) < 0)
		FAIL(error, UNAUTHENTICATED, "the token's signature is not by the key that it names");
	return 0;
}

static bool is_in(const struct json *claim, const char *text)
{
	if (json_kind(claim) == JSON_KIND_TEXT)
		return text_equal(json_text(claim), text);
	for (size_t i = 0; json_kind(claim) == JSON_KIND_ARRAY && i < json_count(claim); i++)
		if (text_equal(json_text(json_at(claim, i)), text))
			return true;
	return false;
}

/* Seconds since 1970, perhaps with a fraction (RFC 7519 2). */
static int time_read(const struct json *claims, const char *name, double otherwise, double *out, struct error *error)
{
	const struct json *claim = json_find(claims, name);
	const char *number = json_number(claim);
	*out = otherwise;
	if (claim && !number)
		FAIL(error, UNAUTHENTICATED, "the token's %s is no number", name);
	if (number)
		*out = text_double(number);
	return 0;
}

static int claims_check(const struct issuer *i, const struct json *claims, int64_t now_ms, struct error *error)
{
	double now = (double)now_ms / 1000, leeway = (double)i->leeway_ms / 1000, until, from, made;
	TRY(time_read(claims, "exp", 0, &until, error));
	TRY(time_read(claims, "nbf", now, &from, error));
	TRY(time_read(claims, "iat", now, &made, error));
	if (!is_in(json_find(claims, "aud"), i->audience))
		FAIL(error, UNAUTHENTICATED, "the token is not for this gateway: its aud must have \"%s\"", i->audience);
	if (!(until + leeway > now))
		FAIL(error, UNAUTHENTICATED, "the token has expired, or does not say until when it holds (exp)");
	if (!(from - leeway <= now) || !(made - leeway <= now))
		FAIL(error, UNAUTHENTICATED, "the token does not hold yet (nbf, iat)");
	return 0;
}

static unsigned roles_of(const struct issuer *i, const struct json *claims)
{
	unsigned roles = 0;
	const struct json *claim = i->roles_claim ? json_find(claims, i->roles_claim) : NULL;
	if (!i->roles_claim)
		return i->roles;
	for (enum role r = 0; r < ROLES; r++)
		if (is_in(claim, role_name(r)))
			roles |= 1u << r;
	return roles & i->roles;
}

static bool may_speak_for(const struct issuer *i, const char *party)
{
	for (const char *const *one = i->parties; one && *one; one++)
		if (text_equal(*one, party))
			return true;
	return !i->parties;
}

static int token_check(struct admission *a, struct arena *arena, struct jwt *jwt, const char *token, int64_t now, struct caller *caller_r,
                       struct error *error)
{
	size_t issuer = 0;
	TRY(jwt_read(arena, token, jwt, error));
	const char *iss = json_path_text(jwt->claims, "iss");
	while (issuer < a->settings->issuer_count && !text_equal(a->settings->issuers[issuer].issuer, iss))
		issuer++;
	if (!iss || issuer == a->settings->issuer_count)
		FAIL(error, UNAUTHENTICATED, "the token's issuer (iss) is not one of those that this gateway takes tokens of");
	const struct issuer *i = &a->settings->issuers[issuer];
	TRY(signature_check(a, issuer, jwt, error));
	TRY(claims_check(i, jwt->claims, now, error));
	const char *name = json_text(json_find(jwt->claims, i->party_claim));
	const struct party *party = name ? settings_party(a->settings, name) : NULL;
	if (!party || !may_speak_for(i, party->name))
		FAIL(error, UNAUTHENTICATED, "the token's %s names no party that issuer \"%s\" may speak for", i->party_claim, i->name);
	*caller_r = (struct caller){ party->name, roles_of(i, jwt->claims), arena_printf(arena, "issuer:%s", i->name) };
	return 0;
}

int bearer_find(struct admission *a, struct arena *arena, const char *authorization, int64_t now, struct caller *caller_r, struct error *error)
{
	struct jwt jwt = { 0 };
	int result = token_check(a, arena, &jwt, token_of(authorization), now, caller_r, error);
	buffer_clear(&jwt.signature);
	return result;
}
