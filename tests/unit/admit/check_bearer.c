/* Access tokens of issuers: what a good one gives, and every forged one refused. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admit/admit.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/key.h"
#include "lib/http/server.h"
#include "support/folder.h"
#include "support/suite.h"

#define NOW INT64_C(1454464101000)
#define ISS "https://login.port.example"
#define HEADER(alg, kid) "{\"typ\":\"at+jwt\",\"alg\":\"" alg "\",\"kid\":\"" kid "\"}"
#define CLAIMS "{\"iss\":\"" ISS "\",\"aud\":[\"urn:gate\",\"urn:other\"],\"sub\":\"port-1\",\"exp\":1454464200,\"nbf\":1454464000}"

struct place {
	struct arena *arena;
	const char *folder;
	struct key *ec, *ed, *rsa, *stranger;
	struct party parties[2];
	struct issuer issuer;
	struct settings settings;
	struct admission *admission;
};

static const char *in(struct place *p, const char *name)
{
	return file_path(p->arena, p->folder, name);
}

static const char *base64(struct place *p, struct bytes octets)
{
	BUFFER_AUTO out = { 0 };
	text_base64url(&out, octets);
	return arena_text(p->arena, buffer_text(&out));
}

/* The key's numbers, as OpenSSL's command line knows them. */
static struct bytes numbers(struct place *p, const struct key *key, const char *how)
{
	BUFFER_AUTO octets = { 0 };
	must_succeed(key_write(key, in(p, "some.key"), error));
	ck_assert_int_eq(system(arena_printf(p->arena, "cd %s && %s >numbers 2>/dev/null", p->folder, how)), 0);
	must_succeed(file_read(in(p, "numbers"), &octets, error));
	return arena_bytes(p->arena, buffer_bytes(&octets));
}

static const char *jwk_ec(struct place *p, const struct key *key, const char *kid)
{
	struct bytes n = numbers(p, key, "openssl pkey -in some.key -pubout -outform DER | tail -c 64");
	return arena_printf(p->arena, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"use\":\"sig\",\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", kid,
	                    base64(p, (struct bytes){ n.data, 32 }), base64(p, (struct bytes){ n.data + 32, 32 }));
}

static const char *key_set(struct place *p)
{
	struct bytes ed = numbers(p, p->ed, "openssl pkey -in some.key -pubout -outform DER | tail -c 32");
	struct bytes rsa = numbers(p, p->rsa, "openssl rsa -in some.key -noout -modulus | perl -ne 'print pack(q(H*), $1) if /=([0-9A-F]+)/'");
	return arena_printf(p->arena, "{\"keys\":[%s,{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"ed\",\"x\":\"%s\"},"
	                    "{\"kty\":\"RSA\",\"alg\":\"PS256\",\"kid\":\"rsa\",\"n\":\"%s\",\"e\":\"AQAB\"},"
	                    "{\"kty\":\"RSA\",\"kid\":\"unsaid\",\"n\":\"%s\",\"e\":\"AQAB\"},{\"kty\":\"oct\",\"kid\":\"mac\",\"alg\":\"HS256\",\"k\":\"c2VjcmV0\"}]}",
	                    jwk_ec(p, p->ec, "ec"), base64(p, ed), base64(p, rsa), base64(p, rsa));
}

static const char *token(struct place *p, const struct key *key, const char *header, const char *claims)
{
	const char *octets = arena_printf(p->arena, "%s.%s", base64(p, bytes_of_text(header)), base64(p, bytes_of_text(claims)));
	struct key_job job = { .octets = bytes_of_text(octets) };
	must_succeed(key_sign(key, key_algorithm(key, false), &job, 1, p->arena, error));
	return arena_printf(p->arena, "Bearer %s.%s", octets, base64(p, job.signature));
}

static const char *mac(struct place *p, const char *secret, const char *header)
{
	uint8_t out[32];
	const char *octets = arena_printf(p->arena, "%s.%s", base64(p, bytes_of_text(header)), base64(p, bytes_of_text(CLAIMS)));
	hmac_sha256(bytes_of_text(secret), bytes_of_text(octets), out);
	return arena_printf(p->arena, "Bearer %s.%s", octets, base64(p, (struct bytes){ out, sizeof out }));
}

static void place_open(struct place *p)
{
	static const char *const algorithms[] = { "ES256", "EdDSA", "PS256", "RS256", NULL }, *const parties[] = { "port-1", NULL };
	p->arena = arena_new();
	must_succeed(key_make("p256", &p->ec, error));
	must_succeed(key_make("ed25519", &p->ed, error));
	must_succeed(key_make("rsa2048", &p->rsa, error));
	must_succeed(key_make("p256", &p->stranger, error));
	p->parties[0] = (struct party){ .name = "port-1" };
	p->parties[1] = (struct party){ .name = "other-1" };
	p->issuer = (struct issuer){ .name = "login", .issuer = ISS, .audience = "urn:gate", .algorithms = algorithms, .party_claim = "sub", .parties = parties,
		                     .roles = 1u << ROLE_SECURITY | 1u << ROLE_BROKER, .leeway_ms = 30000, .every_ms = 300 };
	p->settings = (struct settings){ .parties = p->parties, .party_count = 2, .issuers = &p->issuer, .issuer_count = 1, .tokens = in(p, "tokens") };
}

static void place_close(struct place *p)
{
	admission_free(&p->admission);
	key_free(&p->ec);
	key_free(&p->ed);
	key_free(&p->rsa);
	key_free(&p->stranger);
	arena_free(&p->arena);
}

#define PLACE(p)                                \
	FOLDER(folder);                         \
	struct place p = { .folder = folder };  \
	struct caller caller = { 0 };           \
	(void)caller;                           \
	log_open("check", 2, LOG_LEVEL_NONE);   \
	place_open(&p)

#define WITH_FILE(p)                                                                                             \
	must_succeed(file_write(in(&p, "keys.json"), bytes_of_text(key_set(&p)), 0600, error));                  \
	p.issuer.keys_file = in(&p, "keys.json");                                                                \
	must_succeed(admission_open(&p.settings, &p.admission, error))

#define SHOWN(header) (&(struct credentials){ .authorization = (header) })
#define GOOD(t) must_succeed(admit_caller(p.admission, p.arena, SHOWN(t), NOW, &caller, error))
#define BAD(t) must_fail(admit_caller(p.admission, p.arena, SHOWN(t), NOW, &caller, error), UNAUTHENTICATED)

START_TEST(a_good_token_names_a_party_and_its_roles)
{
	PLACE(p);
	WITH_FILE(p);
	GOOD(token(&p, p.ec, HEADER("ES256", "ec"), CLAIMS));
	ck_assert_str_eq(caller.party, "port-1");
	ck_assert_uint_eq(caller.roles, 1u << ROLE_SECURITY | 1u << ROLE_BROKER);
	GOOD(token(&p, p.ed, HEADER("EdDSA", "ed"), CLAIMS));
	GOOD(token(&p, p.rsa, HEADER("PS256", "rsa"), CLAIMS));
	p.issuer.roles_claim = "roles";
	GOOD(token(&p, p.ec, HEADER("ES256", "ec"), "{\"iss\":\"" ISS "\",\"aud\":\"urn:gate\",\"sub\":\"port-1\",\"exp\":1454464200.5,\"roles\":[\"broker\",\"admin\"]}"));
	ck_assert_uint_eq(caller.roles, 1u << ROLE_BROKER);
	place_close(&p);
}
END_TEST

START_TEST(forged_tokens_are_refused)
{
	PLACE(p);
	WITH_FILE(p);
	const char *good = token(&p, p.ec, HEADER("ES256", "ec"), CLAIMS), *last = strrchr(good, '.');
	const char *parts = arena_text_n(p.arena, good, (size_t)(last - good));
	GOOD(good);
	BAD(arena_printf(p.arena, "%s.", parts));
	BAD(arena_printf(p.arena, "%s.%s.%s", parts, last + 1, last + 1));
	BAD(arena_printf(p.arena, "%s.%s", parts, base64(&p, bytes_of_text("short"))));
	BAD(arena_printf(p.arena, "Bearer %s.%s.%s", base64(&p, bytes_of_text("{\"typ\":\"at+jwt\",\"alg\":\"none\"}")), base64(&p, bytes_of_text(CLAIMS)), "AA"));
	BAD(arena_printf(p.arena, "Bearer %s.%s.", base64(&p, bytes_of_text(HEADER("none", "ec"))), base64(&p, bytes_of_text(CLAIMS))));
	BAD(arena_printf(p.arena, "Bearer %s.%s.%s", base64(&p, bytes_of_text(HEADER("ES256", "ec"))), base64(&p, bytes_of_text("{}")), last + 1));
	BAD(token(&p, p.stranger, HEADER("ES256", "ec"), CLAIMS));           /* somebody else's key */
	BAD(token(&p, p.ed, HEADER("EdDSA", "ec"), CLAIMS));                 /* another key of the issuer's under this id */
	BAD(token(&p, p.rsa, HEADER("RS256", "rsa"), CLAIMS));               /* another algorithm than the key's */
	BAD(token(&p, p.rsa, HEADER("PS256", "unsaid"), CLAIMS));            /* a key that does not say which it has */
	BAD(token(&p, p.ec, HEADER("ES256", "EC"), CLAIMS));                 /* ids are exact */
	BAD(token(&p, p.ec, HEADER("ES256", ""), CLAIMS));
	BAD(token(&p, p.ec, HEADER("ES256", "../keys/ec"), CLAIMS));         /* an id is no path, no query, no address */
	BAD(token(&p, p.ec, HEADER("ES256", "/dev/null"), CLAIMS));
	BAD(token(&p, p.ec, HEADER("ES256", "ec' or '1'='1"), CLAIMS));
	BAD(token(&p, p.ec, HEADER("ES256", "http://127.0.0.1/ec"), CLAIMS));
	BAD(token(&p, p.ec, HEADER("ES256", "ec\\u0000"), CLAIMS));
	BAD(token(&p, p.ec, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"ec\",\"kid\":\"ec\"}", CLAIMS));
	BAD(token(&p, p.ec, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":[\"ec\"]}", CLAIMS));
	BAD(token(&p, p.ec, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\"}", CLAIMS));
	BAD(token(&p, p.ec, "{\"typ\":\"JWT\",\"alg\":\"ES256\",\"kid\":\"ec\"}", CLAIMS));
	BAD(token(&p, p.ec, "{\"alg\":\"ES256\",\"kid\":\"ec\"}", CLAIMS));
	BAD(token(&p, p.ec, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"ec\",\"crit\":[\"b64\"],\"b64\":false}", CLAIMS));
	BAD(token(&p, p.ec, "{\"typ\":\"at+jwt\",\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"ec\"}", CLAIMS));
	BAD(token(&p, p.stranger, arena_printf(p.arena, "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"x\",\"jwk\":%s}", jwk_ec(&p, p.stranger, "x")), CLAIMS));
	BAD(mac(&p, "secret", HEADER("HS256", "mac")));                      /* the set's own secret */
	BAD(mac(&p, key_set(&p), HEADER("HS256", "ec")));                    /* a public key as a secret */
	place_close(&p);
}
END_TEST

START_TEST(claims_that_do_not_hold_are_refused)
{
	PLACE(p);
	WITH_FILE(p);
#define T(claims) token(&p, p.ec, HEADER("ES256", "ec"), claims)
#define BASE "\"iss\":\"" ISS "\",\"aud\":\"urn:gate\",\"sub\":\"port-1\""
	GOOD(T("{" BASE ",\"exp\":1454464200}"));
	GOOD(T("{" BASE ",\"exp\":1454464080}"));                              /* within the leeway */
	BAD(T("{" BASE ",\"exp\":1454464060}"));
	BAD(T("{" BASE "}"));
	BAD(T("{" BASE ",\"exp\":\"1454464200\"}"));
	BAD(T("{" BASE ",\"exp\":-1}"));
	BAD(T("{" BASE ",\"exp\":1454464200,\"nbf\":1454464150}"));
	GOOD(T("{" BASE ",\"exp\":1454464200,\"nbf\":1454464120}"));
	BAD(T("{" BASE ",\"exp\":1454464200,\"iat\":1454464150}"));
	BAD(T("{\"iss\":\"" ISS "/\",\"aud\":\"urn:gate\",\"sub\":\"port-1\",\"exp\":1454464200}"));
	BAD(T("{\"aud\":\"urn:gate\",\"sub\":\"port-1\",\"exp\":1454464200}"));
	BAD(T("{\"iss\":\"" ISS "\",\"aud\":\"urn:gate2\",\"sub\":\"port-1\",\"exp\":1454464200}"));
	BAD(T("{\"iss\":\"" ISS "\",\"aud\":[\"urn:gate2\"],\"sub\":\"port-1\",\"exp\":1454464200}"));
	BAD(T("{\"iss\":\"" ISS "\",\"sub\":\"port-1\",\"exp\":1454464200}"));
	BAD(T("{\"iss\":\"" ISS "\",\"aud\":\"urn:gate\",\"sub\":\"other-1\",\"exp\":1454464200}"));  /* not a party of this issuer */
	BAD(T("{\"iss\":\"" ISS "\",\"aud\":\"urn:gate\",\"sub\":\"nobody\",\"exp\":1454464200}"));
	BAD(T("{\"iss\":\"" ISS "\",\"aud\":\"urn:gate\",\"exp\":1454464200}"));
	BAD(T("[]"));
	BAD(T("{" BASE ",\"exp\":1454464200,\"sub\":\"port-1\"}"));              /* twice */
	place_close(&p);
}
END_TEST

static atomic_int fetches;
static const char *_Atomic served;

static void serve(void *context, struct http_request *request)
{
	(void)context;
	atomic_fetch_add(&fetches, 1);
	http_answer(request, 200, "application/json", bytes_of_text(served));
}

static void wait_for_fetches(struct place *p, struct http_client *client, int count)
{
	for (int i = 0; i < 500 && atomic_load(&fetches) < count; i++) {
		admission_tick(p->admission, client);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	ck_assert_int_eq(atomic_load(&fetches), count);
}

/* What was fetched is taken in a moment later, on the client's thread. */
static void wait_until_good(struct place *p, const char *text)
{
	struct caller caller;
	struct error why = { 0 };
	for (int i = 0; i < 500 && admit_caller(p->admission, p->arena, SHOWN(text), NOW, &caller, &why) < 0; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	must_succeed(admit_caller(p->admission, p->arena, SHOWN(text), NOW, &caller, error));
}

START_TEST(keys_are_fetched_on_our_own_time)
{
	PLACE(p);
	static const char *const loopback[] = { "127.0.0.1", NULL };
	struct http_server *server;
	struct http_client *client;
	served = key_set(&p);
	must_succeed(http_server_start(&(struct http_server_config){ 0 }, serve, NULL, &server, error));
	must_succeed(http_client_open(&(struct http_client_config){ 0 }, &client, error));
	p.issuer.keys_url = arena_printf(p.arena, "http://127.0.0.1:%u/keys", http_server_port(server));
	p.issuer.private_hosts = p.issuer.plain_hosts = loopback;
	must_succeed(admission_open(&p.settings, &p.admission, error));
	const char *good = token(&p, p.ec, HEADER("ES256", "ec"), CLAIMS), *next = token(&p, p.stranger, HEADER("ES256", "new"), CLAIMS);
	BAD(good);
	wait_for_fetches(&p, client, 1);
	wait_until_good(&p, good);
	for (int i = 0; i < 50; i++) {  /* an unknown key does not make anybody ask */
		BAD(next);
		admission_tick(p.admission, client);
	}
	ck_assert_int_eq(atomic_load(&fetches), 1);
	served = "{\"keys\":[]}";  /* no good: what was there stays */
	wait_for_fetches(&p, client, 2);
	GOOD(good);
	served = arena_printf(p.arena, "{\"keys\":[%s]}", jwk_ec(&p, p.stranger, "new"));
	wait_for_fetches(&p, client, 3);
	wait_until_good(&p, next);
	BAD(good);
	http_client_close(&client);
	http_server_stop(&server);
	place_close(&p);
}
END_TEST

START_TEST(key_sets_that_cannot_be_right_are_refused_at_once)
{
	PLACE(p);
	const char *one = jwk_ec(&p, p.ec, "a");
	const char *const bad[] = { "", "[]", "{\"keys\":{}}", "{\"keys\":[]}", arena_printf(p.arena, "{\"keys\":[%s,%s]}", one, one),
		                    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"x\":\"AA\",\"y\":\"AA\"}]}",
		                    "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AAAA\"}]}" };
	p.issuer.keys_file = in(&p, "keys.json");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct error why = { 0 };
		must_succeed(file_write(p.issuer.keys_file, bytes_of_text(bad[i]), 0600, error));
		ck_assert_msg(admission_open(&p.settings, &p.admission, &why) < 0, "%s", bad[i]);
	}
	place_close(&p);
}
END_TEST

SUITE("bearer", a_good_token_names_a_party_and_its_roles, forged_tokens_are_refused, claims_that_do_not_hold_are_refused,
      keys_are_fetched_on_our_own_time, key_sets_that_cannot_be_right_are_refused_at_once)
