/* What is packed is opened, accepted and read again, with every algorithm, token and kind of message; receipts confirm it. */
#include "peers.h"
#include "support/memory.h"

#include <stdio.h>

static void check_parts(struct as4_incoming *in)
{
	static const char *const wanted[] = { DOCUMENT, NOTE, "\xff\xd8\xff\0\r\n--\n\r" };
	static const size_t sizes[] = { sizeof DOCUMENT - 1, sizeof NOTE - 1, 10 };
	ck_assert_uint_eq(in->count, 3);
	for (size_t i = 0; i < 3; i++) {
		BUFFER_AUTO out = { 0 };
		struct sink sink = sink_to_buffer(&out);
		enum ebms_code code;
		must_succeed(as4_part_read(in, i, &sink, &code, error));
		ck_assert(bytes_equal(buffer_bytes(&out), (struct bytes){ (const uint8_t *)wanted[i], sizes[i] }));
	}
}

static void exchange(struct peers *p)
{
	ARENA_AUTO arena = arena_new();
	LETTER(out);
	LETTER(back);
	struct as4_incoming *in, *receipt;
	struct as4_header header;
	enum ebms_code code;
	letter_write(arena, &p->at_trader, &out);
	must_take(arena, &p->at_hub, &out, &in);
	ck_assert(in->verified);
	ck_assert_str_eq(in->signer, "CN=NL123456789,O=Test,C=NL");
	ck_assert_str_eq(in->header.message_id, out.header.message_id);
	ck_assert_str_eq(in->header.user.collaboration.action, "IE3R02");
	ck_assert_str_eq(in->parts[0].info->cid, "message@trader");
	ck_assert_str_eq(in->parts[0].info->mime_type, "application/xml");
	ck_assert_str_eq(in->parts[0].info->character_set, "utf-8");
	check_parts(in);
	as4_receipt_for(in, "r1@hub", NOW, &header);
	must_succeed(letter_pack(arena, &p->at_hub, &header, NULL, 0, &back, error));
	must_take(arena, &p->at_trader, &back, &receipt);
	must_succeed(as4_receipt_check(&receipt->header, out.header.message_id, out.packed.references, &code, error));
}

START_TEST(every_algorithm_and_token_goes_both_ways)
{
	static const char *const kinds[] = { "p256", "p384", "rsa2048", "rsa3072", "ed25519" };
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		PEERS(p, kinds[k]);
		if (k == 4)
			p.at_hub.algorithms = p.at_trader.algorithms = 1u << ALGORITHM_ED25519;
		for (enum as4_token token = 0; token < AS4_TOKENS; token++) {
			p.at_trader.token = p.at_hub.token = token;
			exchange(&p);
		}
		if (k == 3) {
			p.at_trader.algorithm = p.at_hub.algorithm = ALGORITHM_RSA_PSS_SHA256;
			exchange(&p);
		}
	}
}
END_TEST

START_TEST(a_remembered_signer_still_has_to_sign)
{
	for (enum as4_token token = 0; token < AS4_TOKENS; token++) {
		PEERS(p, "p256");
		ARENA_AUTO arena = arena_new();
		LETTER(l);
		struct as4_incoming *in;
		p.at_hub.memory = trust_memory_new();
		p.at_trader.token = token;
		exchange(&p);
		exchange(&p);
		p.at_trader.key = p.hub.key;
		letter_write(arena, &p.at_trader, &l);
		must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), FAILED_AUTHENTICATION);
		p.at_hub.signer = "CN=somebody";
		p.at_trader.key = p.trader.key;
		letter_write(arena, &p.at_trader, &l);
		must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), FAILED_AUTHENTICATION);
		trust_memory_free(&p.at_hub.memory);
	}
}
END_TEST

START_TEST(parts_need_not_be_compressed)
{
	PEERS(p, "p256");
	p.at_trader.compress = false;
	exchange(&p);
}
END_TEST

START_TEST(parts_are_encrypted_for_the_peer)
{
	PEERS(p, "rsa2048");
	ARENA_AUTO arena = arena_new();
	LETTER(out);
	struct as4_incoming *in;
	p.at_trader.encrypt_for = p.hub.chain;
	p.at_hub.decrypt_key = p.hub.key;
	p.at_hub.must_encrypt = true;
	for (int compress = 0; compress < 2; compress++) {
		p.at_trader.compress = compress;
		exchange(&p);
	}
	letter_write(arena, &p.at_trader, &out);
	ck_assert_ptr_null(memmem(out.octets.data, out.octets.size, "\xff\xd8\xff", 3));
	p.at_trader.oaep = OAEP_MGF1_SHA1;
	letter_write(arena, &p.at_trader, &out);
	must_refuse(take(arena, &p.at_hub, &out, &in, &code, error), POLICY_NONCOMPLIANCE);
	p.at_hub.take_mgf1_sha1 = true;
	must_take(arena, &p.at_hub, &out, &in);
	p.at_hub.decrypt_key = p.trader.key;
	must_refuse(take(arena, &p.at_hub, &out, &in, &code, error), FAILED_DECRYPTION);
	p.at_hub.decrypt_key = NULL;
	must_refuse(take(arena, &p.at_hub, &out, &in, &code, error), POLICY_NONCOMPLIANCE);
	p.at_hub.decrypt_key = p.hub.key;
	p.at_trader.encrypt_for = NULL;
	letter_write(arena, &p.at_trader, &out);
	must_refuse(take(arena, &p.at_hub, &out, &in, &code, error), POLICY_NONCOMPLIANCE);
}
END_TEST

START_TEST(signals_go_both_ways)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	struct as4_header pull = { .kind = AS4_PULL, .message_id = "p1@trader", .time = NOW, .pull_mpc = "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/NL1" };
	must_succeed(letter_pack(arena, &p.at_trader, &pull, NULL, 0, &l, error));
	ck_assert_str_eq(l.packed.content_type, "application/soap+xml; charset=UTF-8");
	must_take(arena, &p.at_hub, &l, &in);
	ck_assert_int_eq(in->header.kind, AS4_PULL);
	ck_assert_str_eq(in->header.pull_mpc, pull.pull_mpc);

	struct as4_header error_header;
	as4_error_for(arena, EBMS_EMPTY_CHANNEL, "nothing <is> here & \"now\"", "d", "p1@trader", "e1@hub", NOW, &error_header);
	must_succeed(letter_pack(arena, &p.at_hub, &error_header, NULL, 0, &l, error));
	must_take(arena, &p.at_trader, &l, &in);
	ck_assert_int_eq(in->header.kind, AS4_ERROR);
	ck_assert_str_eq(in->header.errors->code, "EBMS:0006");
	ck_assert_str_eq(in->header.errors->severity, "warning");
	ck_assert_str_eq(in->header.errors->category, "Communication");
	ck_assert_str_eq(in->header.errors->origin, "ebms");
	ck_assert_str_eq(in->header.errors->description, "nothing <is> here & \"now\"");
	ck_assert_str_eq(in->header.errors->ref_to, "p1@trader");
	ck_assert_ptr_null(in->header.errors->next);

	struct as4_header ping;
	as4_user_begin(&p.at_trader, &ping);
	ping.message_id = "ping@trader";
	ping.time = NOW;
	ping.user.collaboration.service = TEST_SERVICE;
	ping.user.collaboration.service_type = NULL;
	ping.user.collaboration.action = TEST_ACTION;
	must_succeed(letter_pack(arena, &p.at_trader, &ping, NULL, 0, &l, error));
	must_take(arena, &p.at_hub, &l, &in);
	ck_assert(as4_is_test(&in->header));
	ck_assert_uint_eq(in->count, 0);
}
END_TEST

START_TEST(a_receipt_must_confirm_what_was_sent)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(out);
	struct as4_incoming *in;
	struct as4_header receipt;
	letter_write(arena, &p.at_trader, &out);
	must_take(arena, &p.at_hub, &out, &in);
	as4_receipt_for(in, "r1@hub", NOW, &receipt);
	must_refuse(as4_receipt_check(&receipt, "other@trader", out.packed.references, &code, error), INVALID_RECEIPT);

	struct as4_reference list[6];
	size_t count = 0;
	for (const struct as4_reference *r = receipt.references; r; r = r->next)
		list[count++] = *r;
	ck_assert_uint_eq(count, 5);
	for (size_t i = 0; i < count; i++)
		list[i].next = i + 1 < count ? &list[i + 1] : NULL;
	receipt.references = list;
	must_refuse(as4_receipt_check(&receipt, out.header.message_id, NULL, &code, error), INVALID_RECEIPT);
	const char *kept = list[3].digest;
	list[3].digest = list[2].digest;
	must_refuse(as4_receipt_check(&receipt, out.header.message_id, out.packed.references, &code, error), INVALID_RECEIPT);
	list[3].digest = kept;
	list[3].next = NULL;
	must_refuse(as4_receipt_check(&receipt, out.header.message_id, out.packed.references, &code, error), INVALID_RECEIPT);
	list[3].next = &list[4];
	list[5] = list[4];
	list[5].next = NULL;
	list[4].next = &list[5];
	must_refuse(as4_receipt_check(&receipt, out.header.message_id, out.packed.references, &code, error), INVALID_RECEIPT);
	receipt.references = NULL;
	must_refuse(as4_receipt_check(&receipt, out.header.message_id, out.packed.references, &code, error), INVALID_RECEIPT);
}
END_TEST

/* ---- large and many ---- */

static int noise(void *context, size_t at, void *room, size_t size, struct error *error)
{
	uint8_t *out = room;
	(void)context, (void)error;
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)((at + i) * 2654435761u >> 21 ^ (at + i) >> 9);
	return 0;
}

static int count_octets(void *context, struct bytes bytes, struct error *error)
{
	(void)error;
	*(size_t *)context += bytes.size;
	return 0;
}

static int to_file(void *context, struct bytes bytes, struct error *error)
{
	(void)error;
	return fwrite(bytes.data, 1, bytes.size, context) == bytes.size ? 0 : -1;
}

static int from_file(void *context, size_t at, void *room, size_t size, struct error *error)
{
	(void)error;
	return fseek(context, (long)at, SEEK_SET) == 0 && fread(room, 1, size, context) == size ? 0 : -1;
}

START_TEST(a_large_part_costs_no_memory)
{
	PEERS(p, "rsa2048");
	p.at_trader.encrypt_for = p.hub.chain;
	p.at_hub.decrypt_key = p.hub.key;
	ARENA_AUTO arena = arena_new();
	FILE *file = tmpfile();
	struct blob content = { (size_t)100 << 20, noise, NULL };
	struct as4_payload payload = { .mime_type = "application/pdf", .content = &content };
	struct as4_header header;
	struct as4_packed packed;
	struct as4_incoming *in;
	struct as4_limits limits = { .message_bytes = (size_t)120 << 20 };
	enum ebms_code why;
	size_t size = 0, before = memory_peak();
	as4_user_begin(&p.at_trader, &header);
	header.message_id = "big@trader";
	header.time = NOW;
	struct sink out = { to_file, file };
	must_succeed(as4_pack(arena, &p.at_trader, &header, &payload, 1, &out, &packed, error));
	struct blob message = { (size_t)ftell(file), from_file, file };
	must_succeed(as4_open(arena, packed.content_type, &message, &limits, &in, &why, error));
	must_succeed(as4_accept(in, &p.at_hub, NOW, &why, error));
	struct sink counter = { count_octets, &size };
	must_succeed(as4_part_read(in, 0, &counter, &why, error));
	ck_assert_uint_eq(size, content.size);
	ck_assert_uint_lt(memory_peak() - before, 16 * 1024);
	p.at_hub.part_bytes = content.size - 1;
	must_succeed(as4_accept(in, &p.at_hub, NOW, &why, error));
	must_refuse(as4_part_read(in, 0, &counter, &code, error), DECOMPRESSION_FAILURE);
	fclose(file);
}
END_TEST

START_TEST(ten_thousand_parts_are_fine)
{
	PEERS(p, "p256");
	p.at_trader.compress = false;
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	LETTER(back);
	struct bytes text = bytes_of_text("0123456789");
	struct blob blob = blob_of_bytes(&text);
	struct as4_payload *payloads = arena_array(arena, 9999, sizeof *payloads);
	struct as4_header header, receipt;
	struct as4_incoming *in;
	struct as4_limits limits = { .parts = 10000 };
	enum ebms_code why;
	for (size_t i = 0; i < 9999; i++)
		payloads[i] = (struct as4_payload){ .cid = arena_printf(arena, "p%zu@x", i), .mime_type = "image/jpeg", .content = &blob };
	as4_user_begin(&p.at_trader, &header);
	header.message_id = "many@trader";
	header.time = NOW;
	must_succeed(letter_pack(arena, &p.at_trader, &header, payloads, 9999, &l, error));
	struct bytes octets = buffer_bytes(&l.octets);
	struct blob message = blob_of_bytes(&octets);
	must_refuse(as4_open(arena, l.packed.content_type, &message, NULL, &in, &code, error), MIME_INCONSISTENCY);
	must_succeed(as4_open(arena, l.packed.content_type, &message, &limits, &in, &why, error));
	must_succeed(as4_accept(in, &p.at_hub, NOW, &why, error));
	ck_assert_uint_eq(in->count, 9999);
	as4_receipt_for(in, "r@hub", NOW, &receipt);
	must_succeed(letter_pack(arena, &p.at_hub, &receipt, NULL, 0, &back, error));
	must_take(arena, &p.at_trader, &back, &in);
	must_succeed(as4_receipt_check(&in->header, "many@trader", l.packed.references, &why, error));
}
END_TEST

SUITE("package", every_algorithm_and_token_goes_both_ways, a_remembered_signer_still_has_to_sign, parts_need_not_be_compressed, parts_are_encrypted_for_the_peer, signals_go_both_ways,
      a_receipt_must_confirm_what_was_sent, a_large_part_costs_no_memory, ten_thousand_parts_are_fine)
