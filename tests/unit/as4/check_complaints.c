/* What users of other AS4 products complain about, as tests of the tool, each named after the complaint. Those of retries are in
 * tests/unit/deliver/check_as4.c. */
#include "peers.h"

#include <stdio.h>
#include <time.h>

#include "as4/inside.h"
#include "support/memory.h"

/* Puts `more` in front of the first `mark`. */
static struct bytes before(struct arena *arena, struct bytes octets, const char *mark, const char *more)
{
	BUFFER_AUTO out = { 0 };
	const char *at = memmem(octets.data, octets.size, mark, strlen(mark));
	ck_assert_ptr_nonnull(at);
	size_t n = (size_t)(at - (const char *)octets.data);
	buffer_add(&out, (const char *)octets.data, n);
	buffer_add_text(&out, more);
	buffer_add(&out, at, octets.size - n);
	return arena_bytes(arena, buffer_bytes(&out));
}

static const char *token_of(struct arena *arena, const struct certificate *chain)
{
	BUFFER_AUTO der = { 0 };
	text_base64(&der, certificate_der(chain, arena));
	return arena_printf(arena, "<wsse:BinarySecurityToken xmlns:wsu=\"" NS_WSU "\" EncodingType=\"" BASE64_BINARY "\" ValueType=\"" TOKEN_X509V3
	                    "\" wsu:Id=\"first\">%s</wsse:BinarySecurityToken>", buffer_text(&der));
}

/* Oxalis-AS4 PR #28: the first token is the receiver's, for encryption. */
START_TEST(the_first_token_is_taken_for_the_signers)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	enum ebms_code why;
	letter_write(arena, &p.at_trader, &l);
	struct bytes octets = before(arena, buffer_bytes(&l.octets), "<wsse:BinarySecurityToken", token_of(arena, p.hub.chain));
	must_succeed(take_octets(arena, &p.at_hub, l.packed.content_type, octets, &in, &why, error));
	ck_assert_str_eq(in->signer, certificate_subject(p.trader.chain, arena));
	/* and the other way round: the peer's good token in front hides nothing */
	p.at_trader.key = p.root_key;
	p.at_trader.chain = p.root;
	p.at_trader.token = AS4_TOKEN_X509V3;
	letter_write(arena, &p.at_trader, &l);
	octets = before(arena, buffer_bytes(&l.octets), "<wsse:BinarySecurityToken", token_of(arena, p.trader.chain));
	must_refuse(take_octets(arena, &p.at_hub, l.packed.content_type, octets, &in, &code, error), FAILED_AUTHENTICATION);
}
END_TEST

/* phase4 #17, #36 */
START_TEST(the_receipt_signs_the_senders_attachment)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	LETTER(back);
	struct as4_incoming *in;
	struct as4_header receipt;
	letter_write(arena, &p.at_trader, &l);
	must_take(arena, &p.at_hub, &l, &in);
	as4_receipt_for(in, "r@hub", NOW, &receipt);
	must_succeed(letter_pack(arena, &p.at_hub, &receipt, NULL, 0, &back, error));
	for (const struct as4_reference *r = back.packed.references; r; r = r->next)
		ck_assert_int_eq(*r->uri, '#');  /* it signs itself; what it confirms stands in its header */

	/* one that does is refused in words that tell what is wrong */
	BUFFER_AUTO security = { 0 };
	struct as4_reference list[3] = { back.packed.references[0], *back.packed.references[0].next, l.packed.references[2] };
	list[0].next = &list[1];
	list[1].next = &list[2];
	list[2].next = NULL;
	must_succeed(security_write(arena, &p.at_hub, list, (struct bytes){ 0 }, &security, error));
	struct bytes whole = buffer_bytes(&back.octets);
	const char *at = memmem(whole.data, whole.size, "<wsse:Security", 14), *end = strstr(at, "</wsse:Security>") + 16;
	const char *forged = arena_printf(arena, "%.*s%s%s", (int)(at - (const char *)whole.data), (const char *)whole.data, buffer_text(&security), end);
	struct error why = { 0 };
	enum ebms_code code;
	ck_assert_int_lt(take_octets(arena, &p.at_trader, back.packed.content_type, bytes_of_text(forged), &in, &code, &why), 0);
	ck_assert_int_eq(code, EBMS_FAILED_AUTHENTICATION);
	ck_assert_ptr_nonnull(strstr(why.text, "cid:message@trader\", which is no part of this message"));
}
END_TEST

static const char *refusal(struct arena *arena, const struct as4_mode *mode, const struct letter *l, int64_t now)
{
	struct error why = { 0 };
	struct as4_incoming *in;
	enum ebms_code code;
	must_succeed(open_octets(arena, l->packed.content_type, buffer_bytes(&l->octets), &in, &code, error));
	ck_assert_int_lt(as4_accept(in, mode, now, &code, &why), 0);
	ck_assert_int_eq(code, EBMS_FAILED_AUTHENTICATION);
	return arena_text(arena, why.text);
}

#define must_say(text, words) ck_assert_msg(strstr(text, words), "\"%s\" is not in: %s", words, text)

/* phase4 #232, #316: "Trust anchor for certification path not found" */
START_TEST(nobody_understands_why_a_certificate_is_not_trusted)
{
	PEERS(p, "p256");
	PEERS(strangers, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	letter_write(arena, &p.at_trader, &l);
	p.at_hub.trust.anchors = strangers.middle;  /* another authority */
	const char *text = refusal(arena, &p.at_hub, &l, NOW);
	must_say(text, "\"CN=Middle,C=NL\"");
	must_say(text, "\"CN=Root,C=NL\"");
	must_say(text, "add it to the anchors");
	p.at_hub.trust.anchors = p.root;
	p.at_trader.token = AS4_TOKEN_X509V3;       /* the authority in between is not sent */
	p.at_hub.known = NULL;
	letter_write(arena, &p.at_trader, &l);
	text = refusal(arena, &p.at_hub, &l, NOW);
	must_say(text, "of \"CN=NL123456789,O=Test,C=NL\" the issuer, \"CN=Middle,C=NL\"");
	must_say(text, "have the peer send its whole chain");
	p.at_trader.token = AS4_TOKEN_PKIPATH;
	letter_write(arena, &p.at_trader, &l);
	must_say(refusal(arena, &p.at_hub, &l, UNTIL + 1000), "expired");
	p.at_hub.signer = "CN=somebody";
	must_say(refusal(arena, &p.at_hub, &l, NOW), "not by the agreed signer (\"CN=somebody\")");
}
END_TEST

/* phase4 #36: headers of a part are not what its digest is over; a part that nobody announced is no part. */
START_TEST(a_stray_header_or_part_changes_a_digest)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	enum ebms_code why;
	letter_write(arena, &p.at_trader, &l);
	struct bytes octets = before(arena, buffer_bytes(&l.octets), "Content-ID: <note@trader>", "Content-Description: a note\r\nX-Gateway: 1\r\n");
	must_succeed(take_octets(arena, &p.at_hub, l.packed.content_type, octets, &in, &why, error));
	octets = before(arena, buffer_bytes(&l.octets), "Content-ID: <note@trader>", "Content-ID: <other@trader>\r\n");
	must_refuse(open_octets(arena, l.packed.content_type, octets, &in, &code, error), MIME_INCONSISTENCY);
}
END_TEST

/* Oxalis-AS4 #10: it is told, and what we write needs no encoding. */
START_TEST(a_percent_encoded_cid_finds_no_part)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	struct error why = { 0 };
	enum ebms_code code;
	letter_write(arena, &p.at_trader, &l);
	char *at = memmem(l.octets.data, l.octets.size, "href=\"cid:message@trader\"", 25);
	memcpy(at, "href=\"cid:%6dessage@trad\"", 25);
	ck_assert_int_lt(open_octets(arena, l.packed.content_type, buffer_bytes(&l.octets), &in, &code, &why), 0);
	ck_assert_int_eq(code, EBMS_MIME_INCONSISTENCY);
	must_say(why.text, "is percent-encoded; write the Content-ID as it stands");
	struct bytes text = bytes_of_text("x");
	struct blob blob = blob_of_bytes(&text);
	struct as4_payload payload = { .mime_type = "text/plain", .content = &blob };  /* the tool names the part */
	struct as4_header header;
	as4_user_begin(&p.at_trader, &header);
	header.message_id = "m@trader";
	header.time = NOW;
	must_succeed(letter_pack(arena, &p.at_trader, &header, &payload, 1, &l, error));
	must_take(arena, &p.at_hub, &l, &in);
	const char *cid = in->parts[0].info->cid;
	ck_assert_uint_eq(strspn(cid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._@"), strlen(cid));
	payload.cid = "a b%@x";
	must_fail(letter_pack(arena, &p.at_trader, &header, &payload, 1, &l, error), BAD_FIELD);
}
END_TEST

static double cpu_seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* phase4 #382: such a message took 644 MB there. */
START_TEST(ten_thousand_parts_in_two_megabytes_take_all_memory)
{
	PEERS(p, "p256");
	p.at_trader.compress = false;
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO out = { 0 };
	struct as4_incoming *in;
	struct as4_limits wide = { .parts = 10000 };
	LETTER(l);
	letter_write(arena, &p.at_trader, &l);
	const char *soap = memmem(l.octets.data, l.octets.size, "<env:Envelope", 13), *end = memmem(l.octets.data, l.octets.size, "</env:Envelope>", 15);
	buffer_add_text(&out, "--b\r\nContent-Type: application/soap+xml\r\n\r\n");
	buffer_add(&out, soap, (size_t)(end + 15 - soap));
	for (int i = 0; i < 9999; i++)
		buffer_printf(&out, "\r\n--b\r\nContent-Type: text/plain\r\nContent-ID: <part-%d-%0100d@x>\r\nContent-Transfer-Encoding: binary\r\n\r\nx", i, 0);
	buffer_add_text(&out, "\r\n--b--\r\n");
	ck_assert_uint_gt(out.size, 1990000);
	static const char type[] = "multipart/related; type=\"application/soap+xml\"; boundary=b";
	struct bytes octets = buffer_bytes(&out);
	struct blob blob = blob_of_bytes(&octets);
	size_t peak = memory_peak();
	double cpu = cpu_seconds();
	must_refuse(as4_open(arena, type, &blob, NULL, &in, &code, error), MIME_INCONSISTENCY);  /* 64 are taken */
	ck_assert_uint_lt(memory_peak() - peak, MEMORY_TIMES * 4 * 1024);
	must_refuse(as4_open(arena, type, &blob, &wide, &in, &code, error), MIME_INCONSISTENCY);  /* none is in an eb:PartInfo */
	ck_assert_uint_lt(memory_peak() - peak, MEMORY_TIMES * 64 * 1024);
	ck_assert_msg(cpu_seconds() - cpu < MEMORY_TIMES * 5, "%.1f s", cpu_seconds() - cpu);
}
END_TEST

/* phase4 #162, #318: what the agreement wants and the message lacks is not passed over. */
START_TEST(a_message_without_signature_or_encryption_is_taken_silently)
{
	PEERS(p, "rsa2048");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	letter_write(arena, &p.at_trader, &l);
	p.at_hub.decrypt_key = p.hub.key;
	p.at_hub.must_encrypt = true;
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), POLICY_NONCOMPLIANCE);
	p.at_hub.must_encrypt = false;
	struct bytes whole = buffer_bytes(&l.octets);
	const char *at = memmem(whole.data, whole.size, "<wsse:Security", 14), *end = memmem(whole.data, whole.size, "</wsse:Security>", 16);
	BUFFER_AUTO bare = { 0 };
	buffer_add(&bare, whole.data, (size_t)(at - (const char *)whole.data));
	buffer_add(&bare, end + 16, whole.size - (size_t)(end + 16 - (const char *)whole.data));
	must_refuse(take_octets(arena, &p.at_hub, l.packed.content_type, buffer_bytes(&bare), &in, &code, error), POLICY_NONCOMPLIANCE);
}
END_TEST

SUITE("complaints", the_first_token_is_taken_for_the_signers, the_receipt_signs_the_senders_attachment,
      nobody_understands_why_a_certificate_is_not_trusted, a_stray_header_or_part_changes_a_digest, a_percent_encoded_cid_finds_no_part,
      ten_thousand_parts_in_two_megabytes_take_all_memory, a_message_without_signature_or_encryption_is_taken_silently)
