/* What is sealed opens in whatever pieces it comes, and with nothing changed. */
#include <string.h>

#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/crypto/cipher.h"
#include "support/suite.h"

static const uint8_t key[CIPHER_KEY_SIZE] = "0123456789abcdef";

static int run(struct cipher *cipher, struct bytes octets, size_t step, struct error *error)
{
	for (size_t at = 0; at < octets.size; at += step) {
		size_t n = octets.size - at < step ? octets.size - at : step;
		TRY(cipher_add(cipher, (struct bytes){ octets.data + at, n }, error));
	}
	return cipher_end(cipher, error);
}

static int seal(struct bytes octets, size_t step, struct buffer *out, struct error *error)
{
	struct sink sink = sink_to_buffer(out);
	CIPHER_AUTO cipher = cipher_seal(key, &sink);
	return run(cipher, octets, step, error);
}

static int open_it(struct bytes octets, size_t step, struct buffer *out, struct error *error)
{
	struct sink sink = sink_to_buffer(out);
	CIPHER_AUTO cipher = cipher_open(key, &sink);
	return run(cipher, octets, step, error);
}

START_TEST(opens_in_any_pieces)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 100, 65536, 70001 }, steps[] = { 1, 5, 12, 13, 16, 28, 29, 65536, 1 << 20 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
			BUFFER_AUTO plain = { 0 };
			BUFFER_AUTO sealed = { 0 };
			BUFFER_AUTO opened = { 0 };
			for (size_t n = 0; n < sizes[i]; n++)
				buffer_add_char(&plain, (char)(n * 7));
			must_succeed(seal(buffer_bytes(&plain), steps[k], &sealed, error));
			ck_assert_uint_eq(sealed.size, plain.size + CIPHER_OVERHEAD);
			must_succeed(open_it(buffer_bytes(&sealed), steps[k], &opened, error));
			ck_assert(bytes_equal(buffer_bytes(&plain), buffer_bytes(&opened)));
		}
}
END_TEST

START_TEST(what_was_changed_or_cut_does_not_open)
{
	BUFFER_AUTO sealed = { 0 };
	must_succeed(seal(bytes_of_text("a few octets"), 64, &sealed, error));
	for (size_t i = 0; i < sealed.size; i++) {
		BUFFER_AUTO opened = { 0 };
		sealed.data[i] ^= 1;
		must_fail(open_it(buffer_bytes(&sealed), 64, &opened, error), BAD_REQUEST);
		sealed.data[i] ^= 1;
		must_fail(open_it((struct bytes){ (uint8_t *)sealed.data, i }, 64, &opened, error), BAD_REQUEST);
	}
	BUFFER_AUTO again = { 0 };
	must_succeed(seal(bytes_of_text("a few octets"), 64, &again, error));
	ck_assert(!bytes_equal(buffer_bytes(&sealed), buffer_bytes(&again)));  /* a fresh vector each time */
}
END_TEST

/* Test case 3 of McGrew and Viega, "The Galois/Counter Mode of Operation". */
START_TEST(opens_what_others_sealed)
{
	static const uint8_t their_key[] = { 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08 };
	BUFFER_AUTO sealed = { 0 };
	BUFFER_AUTO out = { 0 };
	BUFFER_AUTO plain = { 0 };
	must_succeed(text_hex_decode("cafebabefacedbaddecaf888"
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985"
		"4d5c2af327cd64a62cf35abd2ba6fab4", &sealed, error));
	must_succeed(text_hex_decode("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
		&plain, error));
	struct sink sink = sink_to_buffer(&out);
	CIPHER_AUTO cipher = cipher_open(their_key, &sink);
	must_succeed(run(cipher, buffer_bytes(&sealed), 7, error));
	ck_assert(bytes_equal(buffer_bytes(&out), buffer_bytes(&plain)));
}
END_TEST

START_TEST(keys_are_wrapped_for_one_certificate)
{
	ARENA_AUTO arena = arena_new();
	KEY_AUTO ours = NULL;
	KEY_AUTO other = NULL;
	KEY_AUTO curve = NULL;
	CERTIFICATE_AUTO certificate = NULL;
	CERTIFICATE_AUTO curved = NULL;
	struct certificate_order order = { .name = "x", .from = 0, .until = INT64_C(4000000000000) };
	struct bytes wrapped, secret, key_bytes = { key, sizeof key };
	must_succeed(key_make("rsa2048", &ours, error));
	must_succeed(key_make("rsa2048", &other, error));
	must_succeed(key_make("p256", &curve, error));
	must_succeed(certificate_make(&order, ours, NULL, NULL, &certificate, error));
	must_succeed(certificate_make(&order, curve, NULL, NULL, &curved, error));
	for (enum oaep oaep = OAEP_MGF1_SHA256; oaep <= OAEP_MGF1_SHA1; oaep++) {
		must_succeed(certificate_wrap(certificate, oaep, key_bytes, arena, &wrapped, error));
		must_succeed(key_unwrap(ours, oaep, wrapped, arena, &secret, error));
		ck_assert(bytes_equal(secret, key_bytes));
		must_fail(key_unwrap(ours, 1 - oaep, wrapped, arena, &secret, error), BAD_REQUEST);
		must_fail(key_unwrap(other, oaep, wrapped, arena, &secret, error), BAD_REQUEST);
		must_fail(key_unwrap(curve, oaep, wrapped, arena, &secret, error), BAD_REQUEST);
		must_fail(key_unwrap(ours, oaep, (struct bytes){ wrapped.data, wrapped.size - 1 }, arena, &secret, error), BAD_REQUEST);
	}
	must_fail(certificate_wrap(curved, OAEP_MGF1_SHA256, key_bytes, arena, &wrapped, error), BAD_KEY);
}
END_TEST

SUITE("cipher", opens_in_any_pieces, what_was_changed_or_cut_does_not_open, opens_what_others_sealed, keys_are_wrapped_for_one_certificate)
