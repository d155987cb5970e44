/* JSON Web Key Sets of issuers (RFC 7517): read from a file or fetched, on our own time, and kept where a new one is no good. */
#include <stdlib.h>
#include <string.h>

#include "admit/inside.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/json/json.h"

#define KEYS_MOST 64

struct issuer_key {
	char *kid;
	struct key *key;
	enum algorithm algorithm;
	const char *name;
};

struct key_set {
	struct issuer_key keys[KEYS_MOST];
	size_t count;
};

struct issuing {
	const struct issuer *issuer;
	pthread_mutex_t lock;
	struct key_set *set;     /* NULL: none yet */
	int64_t due;             /* clock_mono_ms() of the next look */
	bool asking;
};

/* No HMAC: whoever can read a public key could sign with it (RFC 8725 2.1). */
static const struct {
	const char *name, *kty, *curve;
	enum algorithm algorithm;
} kinds[] = {
	{ "ES256", "EC", "P-256", ALGORITHM_ECDSA_SHA256 }, { "ES384", "EC", "P-384", ALGORITHM_ECDSA_SHA384 },
	{ "EdDSA", "OKP", "Ed25519", ALGORITHM_ED25519 },   { "RS256", "RSA", NULL, ALGORITHM_RSA_PKCS1_SHA256 },
	{ "PS256", "RSA", NULL, ALGORITHM_RSA_PSS_SHA256 },
};

static void set_free(struct key_set **set)
{
	for (size_t i = 0; *set && i < (*set)->count; i++) {
		free((*set)->keys[i].kid);
		key_free(&(*set)->keys[i].key);
	}
	free(*set);
	*set = NULL;
}

static bool is_allowed(const struct issuer *issuer, const char *name)
{
	for (const char *const *one = issuer->algorithms; one && *one; one++)
		if (text_equal(*one, name))
			return true;
	return false;
}

/* The one algorithm of this key; -1: none, or it could be more than one. */
static int kind_of(const struct issuer *issuer, const struct json *jwk)
{
	const char *kty = json_path_text(jwk, "kty"), *curve = json_path_text(jwk, "crv"), *alg = json_path_text(jwk, "alg");
	int found = -1;
	for (int i = 0; i < (int)(sizeof kinds / sizeof *kinds); i++) {
		bool fits = text_equal(kinds[i].kty, kty) && (!kinds[i].curve || text_equal(kinds[i].curve, curve)) && is_allowed(issuer, kinds[i].name);
		if (!fits || (alg && !text_equal(alg, kinds[i].name)))
			continue;
		if (found >= 0)
			return -1;
		found = i;
	}
	return found;
}

static int number_of(const struct json *jwk, const char *name, struct buffer *out, struct error *error)
{
	const char *text = json_path_text(jwk, name);
	if (text_empty(text))
		FAIL(error, BAD_KEY, "\"%s\" is missing", name);
	return text_base64url_decode(text, out, error);
}

static int key_of(const struct json *jwk, const char *kty, struct key **key_r, struct error *error)
{
	BUFFER_AUTO a = { 0 };
	BUFFER_AUTO b = { 0 };
	if (text_equal(kty, "RSA")) {
		TRY(number_of(jwk, "n", &a, error));
		TRY(number_of(jwk, "e", &b, error));
		return key_public_rsa(buffer_bytes(&a), buffer_bytes(&b), key_r, error);
	}
	TRY(number_of(jwk, "x", &a, error));
	if (text_equal(kty, "OKP"))
		return key_public_ed25519(buffer_bytes(&a), key_r, error);
	TRY(number_of(jwk, "y", &b, error));
	return key_public_ec(json_path_text(jwk, "crv"), buffer_bytes(&a), buffer_bytes(&b), key_r, error);
}

/* Keys that are for something else, have no id, or no algorithm that is allowed here, are left out: a set has them. */
static int key_add(const struct issuer *issuer, struct key_set *set, const struct json *jwk, struct error *error)
{
	const char *kid = json_path_text(jwk, "kid"), *use = json_path_text(jwk, "use");
	int kind = kind_of(issuer, jwk);
	if (text_empty(kid) || (use && !text_equal(use, "sig")) || kind < 0)
		return 0;
	for (size_t i = 0; i < set->count; i++)
		if (text_equal(set->keys[i].kid, kid))
			FAIL(error, BAD_KEY, "two keys have the id \"%.60s\"", kid);
	if (set->count == KEYS_MOST)
		FAIL(error, BAD_KEY, "there are more than %d keys", KEYS_MOST);
	struct issuer_key *key = &set->keys[set->count];
	if (key_of(jwk, kinds[kind].kty, &key->key, error) < 0)
		return error_during(error, "key \"%.60s\"", kid);
	if (!(key->kid = strdup(kid)))
		die("out of memory");
	key->algorithm = kinds[kind].algorithm;
	key->name = kinds[kind].name;
	set->count++;
	return 0;
}

static int set_read(const struct issuer *issuer, struct bytes octets, struct key_set **set_r, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct json *root;
	TRY(json_parse(arena, octets, NULL, &root, error));
	if (json_kind(json_find(root, "keys")) != JSON_KIND_ARRAY)
		FAIL(error, BAD_KEY, "this is no JSON Web Key Set: it has no list \"keys\"");
	if (!(*set_r = calloc(1, sizeof **set_r)))
		die("out of memory");
	for (struct json_iter it = json_iter(json_find(root, "keys")); json_next(&it);)
		if (key_add(issuer, *set_r, it.value, error) < 0) {
			set_free(set_r);
			return -1;
		}
	if ((*set_r)->count)
		return 0;
	set_free(set_r);
	FAIL(error, BAD_KEY, "none of the keys has an id and an algorithm that is allowed for the issuer");
}

static int set_take(struct issuing *issuing, struct bytes octets, struct error *error)
{
	struct key_set *set, *old;
	TRY(set_read(issuing->issuer, octets, &set, error));
	must(pthread_mutex_lock(&issuing->lock) == 0);
	old = issuing->set;
	issuing->set = set;
	must(pthread_mutex_unlock(&issuing->lock) == 0);
	set_free(&old);
	return 0;
}

static int file_take(struct issuing *issuing, struct error *error)
{
	BUFFER_AUTO octets = { .ceiling = (size_t)1 << 20 };
	TRY(file_read(issuing->issuer->keys_file, &octets, error));
	return set_take(issuing, buffer_bytes(&octets), error);
}

int issuing_open(struct admission *a, struct error *error)
{
	size_t count = a->settings->issuer_count;
	if (!(a->issuing = calloc(count + 1, sizeof *a->issuing)))
		die("out of memory");
	for (size_t i = 0; i < count; i++) {
		a->issuing[i].issuer = &a->settings->issuers[i];
		must(pthread_mutex_init(&a->issuing[i].lock, NULL) == 0);
	}
	for (size_t i = 0; i < count; i++)
		if (a->issuing[i].issuer->keys_file && file_take(&a->issuing[i], error) < 0)
			return error_during(error, "keys of issuer \"%s\"", a->issuing[i].issuer->name);
	return 0;
}

void issuing_close(struct admission *a)
{
	for (size_t i = 0; a->issuing && i < a->settings->issuer_count; i++) {
		set_free(&a->issuing[i].set);
		pthread_mutex_destroy(&a->issuing[i].lock);
	}
	free(a->issuing);
	a->issuing = NULL;
}

struct key *issuing_key(struct admission *a, size_t issuer, const char *kid, enum algorithm *algorithm_r, const char **name_r)
{
	struct issuing *issuing = &a->issuing[issuer];
	struct key *key = NULL;
	must(pthread_mutex_lock(&issuing->lock) == 0);
	for (size_t i = 0; issuing->set && i < issuing->set->count && !key; i++) {
		const struct issuer_key *one = &issuing->set->keys[i];
		if (!text_equal(one->kid, kid))
			continue;
		key = key_share(one->key);
		*algorithm_r = one->algorithm;
		*name_r = one->name;
	}
	must(pthread_mutex_unlock(&issuing->lock) == 0);
	return key;
}

/* ---- looking again ---- */

static void tell(const struct issuing *issuing, const struct error *error)
{
	log_error("issuer", issuing->issuer->name, "its keys cannot be used: %s; those read before stay in force", error->text);
}

static void fetched(void *context, const struct http_outcome *outcome)
{
	struct issuing *issuing = context;
	struct error error = outcome->error;
	if (outcome->fate == HTTP_ANSWERED && outcome->status != 200)
		error_set(&error, ERROR_PEER_ERROR, "the server answered %d", outcome->status);
	if (error.code != ERROR_NONE || set_take(issuing, outcome->body, &error) < 0)
		tell(issuing, &error);
	must(pthread_mutex_lock(&issuing->lock) == 0);
	issuing->asking = false;
	must(pthread_mutex_unlock(&issuing->lock) == 0);
}

static void look(struct issuing *issuing, struct http_client *client)
{
	const struct issuer *i = issuing->issuer;
	struct http_header accept = { "Accept", "application/jwk-set+json, application/json" };
	struct http_call call = { .method = "GET", .url = i->keys_url, .headers = &accept, .n_headers = 1, .private_hosts = i->private_hosts,
		                  .plain_hosts = i->plain_hosts };
	struct error error = { 0 };
	if (i->keys_file) {
		if (file_take(issuing, &error) < 0)
			tell(issuing, &error);
		return;
	}
	must(pthread_mutex_lock(&issuing->lock) == 0);
	issuing->asking = true;
	must(pthread_mutex_unlock(&issuing->lock) == 0);
	if (http_client_start(client, &call, fetched, issuing, &error) == 0)
		return;
	tell(issuing, &error);
	must(pthread_mutex_lock(&issuing->lock) == 0);
	issuing->asking = false;
	must(pthread_mutex_unlock(&issuing->lock) == 0);
}

void admission_tick(struct admission *a, struct http_client *client)
{
	int64_t now = clock_mono_ms();
	for (size_t i = 0; i < a->settings->issuer_count; i++) {
		struct issuing *issuing = &a->issuing[i];
		must(pthread_mutex_lock(&issuing->lock) == 0);
		bool due = now >= issuing->due && !issuing->asking;
		if (due)
			issuing->due = now + issuing->issuer->every_ms;
		must(pthread_mutex_unlock(&issuing->lock) == 0);
		if (due)
			look(issuing, client);
	}
}
