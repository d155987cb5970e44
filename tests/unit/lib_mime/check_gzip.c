/* What is packed unpacks to the same; what would burst, is cut, damaged or carries something behind it does not. */
#include <string.h>

#include "lib/mime/gzip.h"
#include "support/suite.h"

static int pack(struct bytes plain, struct buffer *out, struct error *error)
{
	struct sink sink = sink_to_buffer(out);
	GZIP_AUTO gzip = gzip_new(&sink);
	TRY(gzip_add(gzip, plain, error));
	return gzip_end(gzip, error);
}

/* Octets in pieces of `step`. */
static int unpack(struct bytes packed, size_t most, size_t step, struct buffer *out, struct error *error)
{
	struct sink sink = sink_to_buffer(out);
	GUNZIP_AUTO gunzip = gunzip_new(most, 0, &sink);
	for (size_t at = 0; at < packed.size; at += step) {
		size_t n = packed.size - at < step ? packed.size - at : step;
		TRY(gunzip_add(gunzip, (struct bytes){ packed.data + at, n }, error));
	}
	return gunzip_end(gunzip, error);
}

static void fill(struct buffer *out, size_t size, bool zeros)
{
	uint32_t x = 12345;
	for (size_t i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		buffer_add_char(out, zeros ? 0 : (char)("abcdefgh <>="[x >> 24 & 7] + (char)(x >> 30)));
	}
}

START_TEST(comes_back_the_same_whatever_the_pieces)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 300001 }, steps[] = { 1, 7, 65536, 1000000 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		BUFFER_AUTO plain = { 0 };
		BUFFER_AUTO packed = { 0 };
		BUFFER_AUTO again = { 0 };
		fill(&plain, sizes[i], false);
		must_succeed(pack(buffer_bytes(&plain), &packed, error));
		must_succeed(pack(buffer_bytes(&plain), &again, error));
		ck_assert(bytes_equal(buffer_bytes(&packed), buffer_bytes(&again)));
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
			BUFFER_AUTO out = { 0 };
			must_succeed(unpack(buffer_bytes(&packed), sizes[i], steps[k], &out, error));
			ck_assert(bytes_equal(buffer_bytes(&plain), buffer_bytes(&out)));
		}
		if (sizes[i]) {
			BUFFER_AUTO out = { 0 };
			must_fail(unpack(buffer_bytes(&packed), sizes[i] - 1, 4096, &out, error), TOO_LARGE);
		}
	}
}
END_TEST

START_TEST(a_bomb_is_stopped_early)
{
	BUFFER_AUTO zeros = { 0 };
	BUFFER_AUTO packed = { 0 };
	BUFFER_AUTO out = { 0 };
	fill(&zeros, (size_t)20 << 20, true);
	must_succeed(pack(buffer_bytes(&zeros), &packed, error));
	must_fail(unpack(buffer_bytes(&packed), (size_t)100 << 20, packed.size, &out, error), TOO_LARGE);
	ck_assert_uint_lt(out.size, (size_t)3 << 20);
}
END_TEST

START_TEST(damage_is_found)
{
	BUFFER_AUTO plain = { 0 };
	BUFFER_AUTO packed = { 0 };
	fill(&plain, 10000, false);
	must_succeed(pack(buffer_bytes(&plain), &packed, error));
	for (size_t i = 0; i < packed.size; i += i < 10 || i + 20 > packed.size ? 1 : 97) {
		BUFFER_AUTO out = { 0 };
		struct error why = { 0 };
		if (i >= 3 && i < 10)
			continue;  /* flags, time and system: nothing checks them */
		packed.data[i] ^= 0x55;
		if (unpack(buffer_bytes(&packed), 1 << 20, 512, &out, &why) == 0)
			ck_abort_msg("a change at %zu was not found", i);
		packed.data[i] ^= 0x55;
	}
	BUFFER_AUTO out = { 0 };
	must_fail(unpack((struct bytes){ (uint8_t *)packed.data, packed.size - 1 }, 1 << 20, 512, &out, error), BAD_REQUEST);
	must_fail(unpack((struct bytes){ 0 }, 1 << 20, 512, &out, error), BAD_REQUEST);
	buffer_add_char(&packed, 'x');
	must_fail(unpack(buffer_bytes(&packed), 1 << 20, 512, &out, error), BAD_REQUEST);
	packed.size--;
	must_succeed(pack(buffer_bytes(&plain), &packed, error));  /* a second member behind the first */
	must_fail(unpack(buffer_bytes(&packed), 1 << 20, 512, &out, error), BAD_REQUEST);
}
END_TEST

SUITE("gzip", comes_back_the_same_whatever_the_pieces, a_bomb_is_stopped_early, damage_is_found)
