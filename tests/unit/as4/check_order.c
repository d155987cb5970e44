/* Compression, signature and encryption in the right order and in a wrong one: assertions 30 to 38 of eDelivery AS4 (TAD 1.2). */
#include "unit/as4/conformance.h"

#include "lib/mime/gzip.h"

/* What a sending MSH makes that compresses in the wrong place: the octets on the wire, and what they were when it signed. */
static int take_as_signed(struct arena *arena, struct peers *p, struct bytes wire, struct bytes as_signed, struct as4_incoming **in, enum ebms_code *code,
                          struct error *error)
{
	LETTER(l);
	BUFFER_AUTO security = { 0 };
	BUFFER_AUTO whole = { 0 };
	static const struct as4_property says = { "CompressionType", NULL, "application/gzip", NULL };
	struct blob blob = blob_of_bytes(&wire);
	letter_of(arena, p, &(struct as4_payload){ .cid = "a@x", .mime_type = "application/gzip", .plain = true, .properties = &says, .content = &blob }, NULL, &l);
	struct as4_reference list[3];
	const struct as4_reference *r = l.packed.references;
	for (size_t i = 0; i < 3; i++, r = r->next) {
		list[i] = *r;
		list[i].next = i < 2 ? &list[i + 1] : NULL;
	}
	list[2].digest = digest_text(arena, 256, as_signed);
	TRY(security_write(arena, &p->at_trader, list, (struct bytes){ 0 }, &security, error));
	const char *at = memmem(l.octets.data, l.octets.size, "<wsse:Security", 14), *end = memmem(l.octets.data, l.octets.size, "</wsse:Security>", 16);
	buffer_add(&whole, l.octets.data, (size_t)(at - l.octets.data));
	buffer_add(&whole, security.data, security.size);
	buffer_add(&whole, end + 16, l.octets.size - (size_t)(end + 16 - l.octets.data));
	return take_octets(arena, &p->at_hub, l.packed.content_type, arena_bytes(arena, buffer_bytes(&whole)), in, code, error);
}

static struct bytes zipped(struct arena *arena, struct bytes octets)
{
	BUFFER_AUTO out = { 0 };
	struct sink sink = sink_to_buffer(&out);
	GZIP_AUTO gzip = gzip_new(&sink);
	must_succeed(gzip_add(gzip, octets, error));
	must_succeed(gzip_end(gzip, error));
	return arena_bytes(arena, buffer_bytes(&out));
}

START_TEST(AS4_CP_TA30_a_damaged_payload_is_a_decompression_failure)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	struct as4_incoming *in;
	enum ebms_code taken;
	BUFFER_AUTO out = { 0 };
	struct sink sink = sink_to_buffer(&out);
	struct bytes damaged = zipped(arena, bytes_of_text(DOCUMENT));
	((uint8_t *)damaged.data)[damaged.size / 2] ^= 0x55;
	must_succeed(take_as_signed(arena, &p, damaged, damaged, &in, &taken, error));
	must_refuse(as4_part_read(in, 0, &sink, &code, error), DECOMPRESSION_FAILURE);
	const struct ebms_row *row = ebms_row(EBMS_DECOMPRESSION_FAILURE);
	ck_assert_str_eq(row->code, "EBMS:0303");
	ck_assert_str_eq(row->text, "DecompressionFailure");
	ck_assert_str_eq(row->severity, "failure");
	ck_assert_str_eq(row->category, "Communication");
}
END_TEST

START_TEST(AS4_CP_TA32_the_payload_is_delivered_decompressed)
{
	EXCHANGE("p256");
	ck_assert(bytes_equal(delivered(arena, must_be_receipted(arena, &p, &l), 0), bytes_of_text(DOCUMENT)));
}
END_TEST

START_TEST(AS4_CP_TA33_all_payloads_are_delivered_decompressed)
{
	EXCHANGE("p256");
	must_deliver_all(arena, must_be_receipted(arena, &p, &l));
}
END_TEST

START_TEST(AS4_CP_TA34_compressed_then_signed_is_taken)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	struct as4_incoming *in;
	enum ebms_code code;
	struct bytes wire = zipped(arena, bytes_of_text(DOCUMENT));
	must_succeed(take_as_signed(arena, &p, wire, wire, &in, &code, error));
	ck_assert(bytes_equal(delivered(arena, in, 0), bytes_of_text(DOCUMENT)));
}
END_TEST

START_TEST(AS4_CP_TA35_signed_then_compressed_is_an_error)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	struct as4_incoming *in;
	must_refuse(take_as_signed(arena, &p, zipped(arena, bytes_of_text(DOCUMENT)), bytes_of_text(DOCUMENT), &in, &code, error), FAILED_AUTHENTICATION);
}
END_TEST

#define ENCRYPTED PEERS(p, "rsa3072"); ARENA_AUTO arena = arena_new(); LETTER(l); \
	p.at_trader.encrypt_for = p.hub.chain; p.at_hub.decrypt_key = p.hub.key; p.at_hub.must_encrypt = true

START_TEST(AS4_CP_TA36_compressed_then_encrypted_is_taken)
{
	ENCRYPTED;
	letter_of(arena, &p, &(struct as4_payload){ .cid = "a@x", .mime_type = "application/xml" }, NULL, &l);
	struct as4_incoming *in = must_be_receipted(arena, &p, &l);
	ck_assert(in->parts[0].encrypted && in->parts[0].info->compressed);
	ck_assert(bytes_equal(delivered(arena, in, 0), bytes_of_text(DOCUMENT)));
}
END_TEST

START_TEST(AS4_CP_TA37_encrypted_then_compressed_is_an_error)
{
	ENCRYPTED;
	struct as4_incoming *in;
	BUFFER_AUTO whole = { 0 };
	letter_of(arena, &p, &(struct as4_payload){ .cid = "a@x", .mime_type = "application/xml" }, NULL, &l);
	in = opened(arena, &l);
	struct bytes wire = wire_of(&l, in, 0), packed = zipped(arena, wire);
	size_t before = in->inside->parts[0].mime->at;
	buffer_add(&whole, l.octets.data, before);
	buffer_add(&whole, packed.data, packed.size);
	buffer_add(&whole, wire.data + wire.size, l.octets.size - before - wire.size);
	must_refuse(take_octets(arena, &p.at_hub, l.packed.content_type, buffer_bytes(&whole), &in, &code, error), FAILED_DECRYPTION);
}
END_TEST

START_TEST(AS4_CP_TA38_compressed_signed_and_encrypted_is_taken)
{
	ENCRYPTED;
	letter_write(arena, &p.at_trader, &l);
	must_deliver_all(arena, must_be_receipted(arena, &p, &l));
}
END_TEST

SUITE("order of compression, signature and encryption", AS4_CP_TA30_a_damaged_payload_is_a_decompression_failure,
      AS4_CP_TA32_the_payload_is_delivered_decompressed, AS4_CP_TA33_all_payloads_are_delivered_decompressed,
      AS4_CP_TA34_compressed_then_signed_is_taken, AS4_CP_TA35_signed_then_compressed_is_an_error, AS4_CP_TA36_compressed_then_encrypted_is_taken,
      AS4_CP_TA37_encrypted_then_compressed_is_an_error, AS4_CP_TA38_compressed_signed_and_encrypted_is_taken)
