/* Who calls: providers' signatures over the raw body, peers' tokens, keys. */
#include <pthread.h>
#include <string.h>

#include "admit/admit.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/key.h"
#include "support/folder.h"
#include "support/suite.h"

#define NOW INT64_C(1454464101000)   /* 2016-02-03T01:48:21Z */
#define SECONDS "1454464101"

/* A request's headers. */
struct headers {
	const char *notification, *signature, *time;
};

static const char *header(const void *of, const char *name)
{
	const struct headers *h = of;
	return text_equal(name, "Notification-Signature") ? h->notification : text_equal(name, "X-Signature") ? h->signature
	       : text_equal(name, "X-Time") ? h->time : NULL;
}

static const char *mac(struct arena *arena, const char *secret, const char *what)
{
	uint8_t octets[32];
	BUFFER_AUTO hex = { 0 };
	hmac_sha256(bytes_of_text(secret), bytes_of_text(what), octets);
	text_hex(&hex, (struct bytes){ octets, sizeof octets });
	return arena_text(arena, buffer_text(&hex));
}

static struct provider provider_of(struct arena *arena, const char *folder, enum signature_scheme scheme)
{
	const char *path = file_path(arena, folder, "secret");
	must_succeed(file_write(path, bytes_of_text("the first secret, long enough\nthe second secret, long enough\n"), 0600, error));
	return (struct provider){ .name = "tracker", .scheme = scheme, .secret_file = path, .tolerance_ms = 300000, .header = "X-Signature", .time_header = "X-Time" };
}

#define BODY "{\"a\":1}"
#define FIRST "the first secret, long enough"
#define SECOND "the second secret, long enough"

START_TEST(a_body_signed_with_any_secret_in_force_is_taken)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct provider p = provider_of(arena, folder, SIGNATURE_DCSA);
	struct headers first = { .notification = arena_printf(arena, "sha256=%s", mac(arena, FIRST, BODY)) };
	struct headers second = { .notification = arena_printf(arena, "sha256=%s", mac(arena, SECOND, BODY)) };
	struct headers stranger = { .notification = arena_printf(arena, "sha256=%s", mac(arena, "another secret, long enough", BODY)) };
	struct headers other = { .notification = mac(arena, FIRST, BODY) }, cut = { .notification = "sha256=" }, none = { 0 };
	must_succeed(admit_signature(&p, header, &first, bytes_of_text(BODY), NOW, error));
	must_succeed(admit_signature(&p, header, &second, bytes_of_text(BODY), NOW, error));
	must_fail(admit_signature(&p, header, &first, bytes_of_text(BODY " "), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &stranger, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &other, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &cut, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &none, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
	p.scheme = SIGNATURE_NONE;
	must_succeed(admit_signature(&p, header, &none, bytes_of_text(BODY), NOW, error));
}
END_TEST

START_TEST(a_timestamp_is_part_of_what_is_signed_and_has_an_age)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct provider p = provider_of(arena, folder, SIGNATURE_TIMESTAMPED);
	const char *beside = mac(arena, FIRST, "v1:" SECONDS ":" BODY), *within = mac(arena, SECOND, SECONDS "." BODY);
	struct headers apart = { .signature = arena_printf(arena, "v1=%s", beside), .time = SECONDS };
	struct headers inside = { .signature = arena_printf(arena, "t=" SECONDS ", v1=%s", within) };
	struct headers moved = { .signature = apart.signature, .time = "1454464102" };
	struct headers timeless = { .signature = apart.signature }, odd = { .signature = apart.signature, .time = "yesterday" };
	struct headers unsigned_ = { .signature = "t=" SECONDS, .time = SECONDS }, none = { .time = SECONDS };
	must_succeed(admit_signature(&p, header, &apart, bytes_of_text(BODY), NOW, error));
	must_succeed(admit_signature(&p, header, &inside, bytes_of_text(BODY), NOW + 299000, error));
	must_succeed(admit_signature(&p, header, &inside, bytes_of_text(BODY), NOW - 299000, error));
	must_fail(admit_signature(&p, header, &apart, bytes_of_text(BODY), NOW + 301000, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &apart, bytes_of_text(BODY), NOW - 301000, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &inside, bytes_of_text(BODY "\n"), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &moved, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &timeless, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &odd, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &unsigned_, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
	must_fail(admit_signature(&p, header, &none, bytes_of_text(BODY), NOW, error), BAD_SIGNATURE);
}
END_TEST

#define SHOWN(header) (&(struct credentials){ .authorization = (header) })

START_TEST(a_key_is_known_until_its_end_or_until_it_is_revoked)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	const char *tokens = file_path(arena, folder, "tokens"), *key, *brief;
	struct settings settings = { .tokens = tokens };
	struct admission *admission;
	struct caller caller;
	struct token_view *views;
	size_t count;
	must_succeed(token_make(tokens, "port-1", 1u << ROLE_SECURITY, CLOCK_NONE, arena, &key, error));
	must_succeed(token_make(tokens, "broker-1", 1u << ROLE_BROKER, NOW, arena, &brief, error));
	must_succeed(admission_open(&settings, &admission, error));
	const char *good = arena_printf(arena, "Bearer %s", key), *ended = arena_printf(arena, "Bearer %s", brief);
	must_succeed(admit_caller(admission, arena, SHOWN(good), NOW, &caller, error));
	ck_assert_str_eq(caller.party, "port-1");
	ck_assert_uint_eq(caller.roles, 1u << ROLE_SECURITY);
	must_succeed(admit_caller(admission, arena, SHOWN(ended), NOW - 1000, &caller, error));
	ck_assert_str_eq(caller.party, "broker-1");
	const char *const strangers[] = { NULL, "", "Bearer", "Bearer ", "Basic cG9ydC0xOng=", "Bearer sgk_", "Bearer sgk_nobody_00000000000000000000000000000000",
		                          arena_printf(arena, "Bearer %sx", key), arena_printf(arena, "Bearer %.*s", (int)strlen(key) - 1, key), ended };
	for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++)
		must_fail(admit_caller(admission, arena, SHOWN(strangers[i]), NOW + 1000, &caller, error), UNAUTHENTICATED);
	must_succeed(token_list(tokens, arena, &views, &count, error));
	ck_assert_uint_eq(count, 2);
	must_succeed(token_revoke(tokens, views[0].id, error));
	must_fail(admit_caller(admission, arena, SHOWN(good), NOW, &caller, error), UNAUTHENTICATED);
	must_fail(token_revoke(tokens, "nobody", error), NOT_FOUND);
	must_succeed(token_make(tokens, "port-1", 1u << ROLE_SECURITY, CLOCK_NONE, arena, &key, error));
	good = arena_printf(arena, "Bearer %s", key);
	must_succeed(admit_caller(admission, arena, SHOWN(good), NOW, &caller, error));
	ck_assert_int_eq(remove(tokens), 0);  /* a file that is gone holds no key */
	must_fail(admit_caller(admission, arena, SHOWN(good), NOW, &caller, error), UNAUTHENTICATED);
	admission_free(&admission);
}
END_TEST

#define MAKERS 8

static void *make(void *tokens)
{
	ARENA_AUTO arena = arena_new();
	const char *key;
	for (int i = 0; i < 10; i++)
		must_succeed(token_make(tokens, "port-1", 1u << ROLE_SECURITY, CLOCK_NONE, arena, &key, error));
	return NULL;
}

START_TEST(keys_made_side_by_side_are_all_there)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	char *tokens = (char *)(uintptr_t)file_path(arena, folder, "tokens");
	pthread_t makers[MAKERS];
	struct token_view *views;
	size_t count;
	for (int i = 0; i < MAKERS; i++)
		ck_assert_int_eq(pthread_create(&makers[i], NULL, make, tokens), 0);
	for (int i = 0; i < MAKERS; i++)
		pthread_join(makers[i], NULL);
	must_succeed(token_list(tokens, arena, &views, &count, error));
	ck_assert_uint_eq(count, MAKERS * 10);
}
END_TEST

SUITE("admit", a_body_signed_with_any_secret_in_force_is_taken, a_timestamp_is_part_of_what_is_signed_and_has_an_age,
      a_key_is_known_until_its_end_or_until_it_is_revoked, keys_made_side_by_side_are_all_there)
