/* The test assertions of eDelivery AS4 (TAD 1.2) that the tool alone decides, each named by its id. Those of the channel are in
 * tests/unit/msh and tests/unit/deliver; tests/README.md has the table. */
#include "unit/as4/conformance.h"

#include "lib/mime/gzip.h"

#define RSA_SHA256 "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"

START_TEST(AS4_CP_TA03_one_party_on_each_side)
{
	EXCHANGE("p256");
	ck_assert_uint_eq(count_of(&l, "<eb:From>"), 1);
	ck_assert_uint_eq(count_of(&l, "<eb:To>"), 1);
	ck_assert_uint_eq(count_of(&l, "<eb:PartyId "), 2);
}
END_TEST

START_TEST(AS4_CP_TA04_payloads_that_are_not_compressed_are_taken)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	p.at_trader.compress = false;
	letter_write(arena, &p.at_trader, &l);
	ck_assert_uint_eq(count_of(&l, "CompressionType"), 0);
	must_deliver_all(arena, must_be_receipted(arena, &p, &l));
}
END_TEST

START_TEST(AS4_CP_TA05_the_body_is_empty_and_the_payload_a_part)
{
	EXCHANGE("p256");
	struct as4_incoming *in = opened(arena, &l);
	ck_assert_ptr_null(in->inside->envelope.body->child);
	ck_assert_str_eq(in->inside->envelope.body->text, "");
	ck_assert_uint_eq(in->inside->mime->count, 4);  /* SOAP, and three payloads */
	ck_assert_ptr_ne(in->inside->parts[0].mime, in->inside->mime->root);
}
END_TEST

START_TEST(AS4_CP_TA06_the_leading_document_is_the_first_part_info)
{
	EXCHANGE("p256");
	struct as4_incoming *in = opened(arena, &l);
	ck_assert_str_eq(in->header.user.parts->cid, "message@trader");
	ck_assert_str_eq(in->header.user.parts->mime_type, "application/xml");
	ck_assert(in->header.user.parts->compressed);
	ck_assert_uint_eq(in->header.user.part_count, 3);
}
END_TEST

START_TEST(AS4_CP_TA07_all_payloads_are_delivered)
{
	EXCHANGE("p256");
	must_deliver_all(arena, must_be_receipted(arena, &p, &l));
}
END_TEST

START_TEST(AS4_CP_TA08_a_payload_elsewhere_is_an_error)
{
	EXCHANGE("p256");
	struct as4_incoming *in;
	replace(&l, "href=\"cid:message@trader\"", "href=\"http://x.example/\"");
	must_refuse(open_octets(arena, l.packed.content_type, buffer_bytes(&l.octets), &in, &code, error), EXTERNAL_PAYLOAD);
}
END_TEST

START_TEST(AS4_CP_TA12_the_signature_is_rsa_sha256_over_header_body_and_every_part)
{
	EXCHANGE("rsa3072");
	must_hold(&l, "<ds:SignatureMethod Algorithm=\"" RSA_SHA256 "\">");
	ck_assert_uint_eq(count_of(&l, "<ds:DigestMethod Algorithm=\"" DIGEST_SHA256 "\">"), 5);
	struct as4_incoming *in;
	must_take(arena, &p.at_hub, &l, &in);
	ck_assert_str_eq(in->signer, certificate_subject(p.trader.chain, arena));
	const struct as4_reference *r = in->references;
	ck_assert_str_eq(r->uri, arena_printf(arena, "#%s", security_id(in->inside->envelope.messaging)));
	ck_assert_str_eq(r->next->uri, arena_printf(arena, "#%s", security_id(in->inside->envelope.body)));
	r = r->next->next;
	for (size_t i = 0; i < in->count; i++, r = r->next)
		ck_assert_str_eq(r->uri, arena_printf(arena, "cid:%s", in->parts[i].info->cid));
	ck_assert_ptr_null(r);
}
END_TEST

START_TEST(AS4_CP_TA13_parts_are_encrypted_with_aes128_gcm_for_the_receiver)
{
	PEERS(p, "rsa3072");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	BUFFER_AUTO key_id = { 0 };
	p.at_trader.encrypt_for = p.hub.chain;
	p.at_hub.decrypt_key = p.hub.key;
	p.at_hub.must_encrypt = true;
	letter_write(arena, &p.at_trader, &l);
	ck_assert_uint_eq(count_of(&l, "<xenc:EncryptionMethod Algorithm=\"" CIPHER_AES128_GCM "\">"), 3);
	text_base64(&key_id, certificate_key_id(p.hub.chain, arena));
	must_hold(&l, buffer_text(&key_id));
	must_deliver_all(arena, must_be_receipted(arena, &p, &l));
}
END_TEST

START_TEST(AS4_CP_TA16_a_ping_has_the_service_and_action_of_the_test)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_header header;
	p.at_trader.collaboration.service = TEST_SERVICE;
	p.at_trader.collaboration.service_type = NULL;
	p.at_trader.collaboration.action = TEST_ACTION;
	as4_user_begin(&p.at_trader, &header);
	header.message_id = "ping@trader";
	header.time = NOW;
	must_succeed(letter_pack(arena, &p.at_trader, &header, NULL, 0, &l, error));
	must_hold(&l, "<eb:Service>http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/service</eb:Service>");
	must_hold(&l, "<eb:Action>http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/test</eb:Action>");
	ck_assert(as4_is_test(&must_be_receipted(arena, &p, &l)->header));
}
END_TEST

/* Two properties, one with a type. */
static const struct as4_property untyped = { "other", NULL, "2", NULL }, typed = { "one", "urn:type", "1", &untyped };

START_TEST(AS4_CP_TA20_message_properties_may_have_a_type)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	letter_of(arena, &p, &(struct as4_payload){ .mime_type = "application/xml" }, &typed, &l);
	const struct as4_property *found = must_be_receipted(arena, &p, &l)->header.user.properties;
	ck_assert_str_eq(found->type, "urn:type");
	ck_assert_ptr_null(found->next->type);
}
END_TEST

START_TEST(AS4_CP_TA21_a_multipart_message_is_receipted)
{
	EXCHANGE("p256");
	ck_assert(text_starts(l.packed.content_type, "multipart/related; "));
	(void)must_be_receipted(arena, &p, &l);
}
END_TEST

START_TEST(AS4_CP_TA22_a_simple_soap_message_is_taken)
{
	EXCHANGE("p256");
	LETTER(ping);
	struct as4_header header;
	(void)must_be_receipted(arena, &p, &l);  /* whose receipt is simple SOAP */
	as4_user_begin(&p.at_trader, &header);
	header.message_id = "ping@trader";
	header.time = NOW;
	header.user.collaboration.service = TEST_SERVICE;
	header.user.collaboration.service_type = NULL;
	header.user.collaboration.action = TEST_ACTION;
	must_succeed(letter_pack(arena, &p.at_trader, &header, NULL, 0, &ping, error));
	const char *soap = memmem(ping.octets.data, ping.octets.size, "<env:Envelope", 13), *end = memmem(ping.octets.data, ping.octets.size, "</env:Envelope>", 15);
	struct as4_incoming *in;
	enum ebms_code code;
	must_succeed(take_octets(arena, &p.at_hub, "application/soap+xml", (struct bytes){ (const uint8_t *)soap, (size_t)(end + 15 - soap) }, &in, &code, error));
}
END_TEST

START_TEST(AS4_CP_TA23_the_payload_is_compressed)
{
	EXCHANGE("p256");
	struct as4_incoming *in = opened(arena, &l);
	struct bytes wire = wire_of(&l, in, 0);
	BUFFER_AUTO out = { 0 };
	struct sink sink = sink_to_buffer(&out);
	GUNZIP_AUTO gunzip = gunzip_new(10000, 0, &sink);
	must_succeed(gunzip_add(gunzip, wire, error));
	must_succeed(gunzip_end(gunzip, error));
	ck_assert_str_eq(buffer_text(&out), DOCUMENT);
}
END_TEST

START_TEST(AS4_CP_TA24_a_compressed_payload_says_so)
{
	EXCHANGE("p256");
	ck_assert_uint_eq(count_of(&l, "<eb:Property name=\"CompressionType\">application/gzip</eb:Property>"), 2);
	ck_assert_uint_eq(count_of(&l, "\r\nContent-Type: application/gzip\r\n"), 2);
}
END_TEST

START_TEST(AS4_CP_TA25_the_media_type_is_kept)
{
	EXCHANGE("p256");
	must_hold(&l, "<eb:Property name=\"MimeType\">application/xml</eb:Property>");
	ck_assert_str_eq(must_be_receipted(arena, &p, &l)->parts[0].info->mime_type, "application/xml");
}
END_TEST

START_TEST(AS4_CP_TA26_a_compressed_payload_without_media_type_is_an_error)
{
	EXCHANGE("p256");
	struct as4_incoming *in;
	replace(&l, "<eb:Property name=\"MimeType\">application/xml</eb:Property>", "");
	must_refuse(open_octets(arena, l.packed.content_type, buffer_bytes(&l.octets), &in, &code, error), VALUE_INCONSISTENT);
}
END_TEST

static void check_character_set(const char *name, struct bytes octets)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct blob blob = blob_of_bytes(&octets);
	letter_of(arena, &p, &(struct as4_payload){ .mime_type = "application/xml", .character_set = name, .content = &blob }, NULL, &l);
	must_hold(&l, arena_printf(arena, "<eb:Property name=\"CharacterSet\">%s</eb:Property>", name));
	struct as4_incoming *in = must_be_receipted(arena, &p, &l);
	ck_assert_str_eq(in->parts[0].info->character_set, name);
	ck_assert(bytes_equal(delivered(arena, in, 0), octets));
}

START_TEST(AS4_CP_TA27_utf_16_is_kept)
{
	check_character_set("UTF-16", (struct bytes){ (const uint8_t *)"\xfe\xff\0<\0a\0/\0>", 10 });
}
END_TEST

START_TEST(AS4_CP_TA28_utf_8_is_kept)
{
	check_character_set("UTF-8", bytes_of_text(DOCUMENT));
}
END_TEST

START_TEST(AS4_CP_TA29_a_character_set_that_is_none_is_an_error)
{
	EXCHANGE("p256");
	struct as4_incoming *in;
	replace(&l, ">utf-8<", ">!utf*<");
	must_refuse(open_octets(arena, l.packed.content_type, buffer_bytes(&l.octets), &in, &code, error), VALUE_NOT_RECOGNIZED);
}
END_TEST

START_TEST(AS4_CP_TA44_part_properties_may_have_a_type)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	letter_of(arena, &p, &(struct as4_payload){ .mime_type = "application/xml", .properties = &typed }, NULL, &l);
	const struct as4_property *found = must_be_receipted(arena, &p, &l)->parts[0].info->properties;
	ck_assert_str_eq(found->type, "urn:type");
	ck_assert_ptr_null(found->next->type);
}
END_TEST

START_TEST(AS4_CP_TA45_the_order_of_the_payloads_is_the_producers)
{
	EXCHANGE("p256");
	const struct as4_part_info *info = opened(arena, &l)->header.user.parts;
	ck_assert_str_eq(info->cid, "message@trader");
	ck_assert_str_eq(info->next->cid, "note@trader");
	ck_assert_str_eq(info->next->next->cid, "picture@trader");
}
END_TEST

static const struct as4_property tracked = { "trackingIdentifier", NULL, "T-1", NULL }, to = { "finalRecipient", "urn:t", "C4", &tracked },
                                 from = { "originalSender", "urn:t", "C1", &to };

START_TEST(AS4_4CT_TA01_the_corners_are_in_the_message)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	p.at_hub.four_corners = true;
	letter_of(arena, &p, &(struct as4_payload){ .mime_type = "application/xml" }, &from, &l);
	in = must_be_receipted(arena, &p, &l);
	ck_assert_str_eq(as4_property_find(in->header.user.properties, "originalSender"), "C1");
	ck_assert_str_eq(as4_property_find(in->header.user.properties, "finalRecipient"), "C4");
	letter_of(arena, &p, &(struct as4_payload){ .mime_type = "application/xml" }, from.next, &l);
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), VALUE_INCONSISTENT);
}
END_TEST

START_TEST(AS4_4CT_TA02_a_tracking_identifier_is_kept)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	letter_of(arena, &p, &(struct as4_payload){ .mime_type = "application/xml" }, &from, &l);
	ck_assert_str_eq(as4_property_find(must_be_receipted(arena, &p, &l)->header.user.properties, "trackingIdentifier"), "T-1");
}
END_TEST

START_TEST(AS4_4CT_TA03_sender_and_receiver_are_the_access_points)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	letter_of(arena, &p, &(struct as4_payload){ .mime_type = "application/xml" }, &from, &l);
	struct as4_incoming *in = must_be_receipted(arena, &p, &l);
	ck_assert_str_eq(in->header.user.from.id, p.at_trader.self.id);
	ck_assert_str_eq(in->header.user.to.id, p.at_trader.peer.id);
}
END_TEST

SUITE("conformance of the tool", AS4_CP_TA03_one_party_on_each_side, AS4_CP_TA04_payloads_that_are_not_compressed_are_taken,
      AS4_CP_TA05_the_body_is_empty_and_the_payload_a_part, AS4_CP_TA06_the_leading_document_is_the_first_part_info,
      AS4_CP_TA07_all_payloads_are_delivered, AS4_CP_TA08_a_payload_elsewhere_is_an_error,
      AS4_CP_TA12_the_signature_is_rsa_sha256_over_header_body_and_every_part, AS4_CP_TA13_parts_are_encrypted_with_aes128_gcm_for_the_receiver,
      AS4_CP_TA16_a_ping_has_the_service_and_action_of_the_test, AS4_CP_TA20_message_properties_may_have_a_type,
      AS4_CP_TA21_a_multipart_message_is_receipted, AS4_CP_TA22_a_simple_soap_message_is_taken, AS4_CP_TA23_the_payload_is_compressed,
      AS4_CP_TA24_a_compressed_payload_says_so, AS4_CP_TA25_the_media_type_is_kept, AS4_CP_TA26_a_compressed_payload_without_media_type_is_an_error,
      AS4_CP_TA27_utf_16_is_kept, AS4_CP_TA28_utf_8_is_kept, AS4_CP_TA29_a_character_set_that_is_none_is_an_error,
      AS4_CP_TA44_part_properties_may_have_a_type, AS4_CP_TA45_the_order_of_the_payloads_is_the_producers,
      AS4_4CT_TA01_the_corners_are_in_the_message, AS4_4CT_TA02_a_tracking_identifier_is_kept, AS4_4CT_TA03_sender_and_receiver_are_the_access_points)
