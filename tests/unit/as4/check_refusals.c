/* Messages that hide, miss or bend something are refused, each with its ebMS code. */
#include "peers.h"

#include "as4/inside.h"
#include "lib/mime/gzip.h"

/* The first `from` of the octets becomes `to`; both may be of any length. */
static struct bytes with(struct arena *arena, struct bytes octets, const char *from, const char *to)
{
	size_t n = strlen(from), m = strlen(to);
	const uint8_t *at = memmem(octets.data, octets.size, from, n);
	if (!at)
		ck_abort_msg("\"%s\" is not in the message", from);
	size_t before = (size_t)(at - octets.data);
	uint8_t *out = arena_alloc(arena, octets.size - n + m + 1);
	memcpy(out, octets.data, before);
	memcpy(out + before, to, m);
	memcpy(out + before + m, at + n, octets.size - before - n);
	return (struct bytes){ out, octets.size - n + m };
}

static const char *between(struct arena *arena, struct bytes octets, const char *open, const char *close)
{
	const char *at = memmem(octets.data, octets.size, open, strlen(open));
	ck_assert_ptr_nonnull(at);
	const char *end = memmem(at, octets.size - (size_t)(at - (const char *)octets.data), close, strlen(close));
	ck_assert_ptr_nonnull(end);
	return arena_text_n(arena, at, (size_t)(end + strlen(close) - at));
}

static const struct {
	const char *from, *to;
	enum ebms_code code;
} changes[] = {
	{ "<eb:Action>IE3R02", "<eb:Action>IE3R03", EBMS_MODE_MISMATCH },
	{ "<eb:Role>Trader", "<eb:Role>trader", EBMS_MODE_MISMATCH },
	{ ">EU-ICS2-TI-V2.0<", ">EU-ICS2-TI-V1.0<", EBMS_MODE_MISMATCH },
	{ ">NL123456789<", ">NL999<", EBMS_MODE_MISMATCH },
	{ "<eb:UserMessage>", "<eb:UserMessage mpc=\"urn:x\">", EBMS_MODE_MISMATCH },
	{ "<eb:ConversationId>1", "<eb:ConversationId>2", EBMS_FAILED_AUTHENTICATION },
	{ "wsu:Id=\"body-", "wsu:Id=\"bodx-", EBMS_FAILED_AUTHENTICATION },
	{ "wsu:Id=\"body-", "env:x=\"1\" wsu:Id=\"body-", EBMS_FAILED_AUTHENTICATION },
	{ "wsu:Id=\"x509-", "wsu:Id=\"y509-", EBMS_FAILED_AUTHENTICATION },
	{ "</env:Body>", "<x/></env:Body>", EBMS_FEATURE_PRESENT },
	{ "</env:Body>", "x</env:Body>", EBMS_FEATURE_PRESENT },
	{ "</env:Body>", "</env:Body><x/>", EBMS_INVALID_HEADER },
	{ "<env:Header>", "<env:Header><eb:Messaging xmlns:eb=\"" NS_EB "\" env:mustUnderstand=\"true\"/>", EBMS_INVALID_HEADER },
	{ "<env:Header>", "<env:Header><wsse:Security xmlns:wsse=\"" NS_WSSE "\"/>", EBMS_INVALID_HEADER },
	{ "<env:Header>", "<env:Header><x env:mustUnderstand=\"1\"/>", EBMS_FEATURE_PRESENT },
	{ "env:mustUnderstand=\"true\"><eb:UserMessage>", "env:mustUnderstand=\"false\"><eb:UserMessage>", EBMS_INVALID_HEADER },
	{ "<env:Header>", "<!DOCTYPE x><env:Header>", EBMS_INVALID_HEADER },
	{ "<ds:SignatureValue>", "<ds:SignatureValue>AAAA", EBMS_FAILED_AUTHENTICATION },
	{ "<ds:SignatureValue>", "<ds:SignatureValue>!", EBMS_FAILED_AUTHENTICATION },
	{ "ecdsa-sha256\"></ds:SignatureMethod>", "ecdsa-sha1\"></ds:SignatureMethod>", EBMS_POLICY_NONCOMPLIANCE },
	{ "ecdsa-sha256\"></ds:SignatureMethod>", "hmac-sha256\"></ds:SignatureMethod>", EBMS_POLICY_NONCOMPLIANCE },
	{ "ecdsa-sha256\"></ds:SignatureMethod>", "ecdsa-sha384\"></ds:SignatureMethod>", EBMS_FAILED_AUTHENTICATION },
	{ "xml-exc-c14n#\"></ds:CanonicalizationMethod>", "xml-exc-c14n#WithComments\"></ds:CanonicalizationMethod>", EBMS_POLICY_NONCOMPLIANCE },
	{ "xmlenc#sha256\"></ds:DigestMethod>", "xmldsig#sha1\"></ds:DigestMethod>", EBMS_POLICY_NONCOMPLIANCE },
	{ "<ds:Transform Algorithm=\"" NS_EC "\">", "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\">", EBMS_FAILED_AUTHENTICATION },
	{ "<ds:Transform Algorithm=\"" NS_EC "\"></ds:Transform>", "<ds:Transform Algorithm=\"" NS_EC "\"/><ds:Transform Algorithm=\"" NS_EC "\"/>",
	  EBMS_POLICY_NONCOMPLIANCE },
	{ "</ds:SignedInfo>", "<ds:Object/></ds:SignedInfo>", EBMS_FAILED_AUTHENTICATION },
	{ "</ds:Signature>", "<ds:Object/></ds:Signature>", EBMS_FAILED_AUTHENTICATION },
	{ "</ds:KeyInfo>", "<ds:KeyName>x</ds:KeyName></ds:KeyInfo>", EBMS_FAILED_AUTHENTICATION },
	{ "</wsse:Security>", "<wsse:UsernameToken/></wsse:Security>", EBMS_POLICY_NONCOMPLIANCE },
	{ "</wsse:Security>", "<xenc:EncryptedKey xmlns:xenc=\"" NS_XENC "\"/><xenc:EncryptedKey xmlns:xenc=\"" NS_XENC "\"/></wsse:Security>",
	  EBMS_POLICY_NONCOMPLIANCE },
	{ "#X509PKIPathv1\" wsu:Id", "#PKCS7\" wsu:Id", EBMS_POLICY_NONCOMPLIANCE },
	{ "#X509PKIPathv1\" wsu:Id", "#X509v3\" wsu:Id", EBMS_FAILED_AUTHENTICATION },
	{ "Content-ID: <note@trader>", "Content-ID: <stray@trader>", EBMS_MIME_INCONSISTENCY },
	{ "Content-ID: <note@trader>", "Content-ID: <message@trader>", EBMS_MIME_INCONSISTENCY },
	{ "Content-ID: <note@trader>", "Content-ID: note@trader", EBMS_MIME_INCONSISTENCY },
	{ "href=\"cid:note@trader\"", "href=\"cid:note%40trader\"", EBMS_MIME_INCONSISTENCY },
	{ "href=\"cid:note@trader\"", "href=\"cid:message@trader\"", EBMS_VALUE_INCONSISTENT },
	{ "Content-Type: application/soap+xml", "Content-Type: text/xml", EBMS_MIME_INCONSISTENCY },
	{ "charset=UTF-8", "charset=UTF-16", EBMS_MIME_INCONSISTENCY },
	{ "\r\n\r\n\xff\xd8", "\r\n\r\n\xff\xd9", EBMS_FAILED_AUTHENTICATION },
	{ "Content-Type: image/jpeg", "Content-Type: text/jpeg", EBMS_FAILED_AUTHENTICATION },
};

START_TEST(a_changed_message_is_refused)
{
	PEERS(p, "p256");
	ARENA_AUTO outer = arena_new();
	LETTER(l);
	letter_write(outer, &p.at_trader, &l);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		ARENA_AUTO arena = arena_new();
		struct as4_incoming *in;
		struct error why = { 0 };
		enum ebms_code code = EBMS_NONE;
		struct bytes octets = with(arena, buffer_bytes(&l.octets), changes[i].from, changes[i].to);
		if (take_octets(arena, &p.at_hub, l.packed.content_type, octets, &in, &code, &why) == 0)
			ck_abort_msg("\"%s\" was accepted", changes[i].to);
		if (code != changes[i].code)
			ck_abort_msg("\"%s\": %s, not %s: %s", changes[i].to, code ? ebms_row(code)->code : "none", ebms_row(changes[i].code)->code, why.text);
		ck_assert_str_ne(why.text, "");
	}
}
END_TEST

/* Every fifth octet of what matters is changed; nothing of it may pass, but what no signature covers: MIME headers, the
 * names of ids that are changed on both sides, blanks of base64. */
START_TEST(no_octet_that_is_signed_can_be_changed)
{
	PEERS(p, "p256");
	ARENA_AUTO outer = arena_new();
	LETTER(l);
	letter_write(outer, &p.at_trader, &l);
	struct bytes whole = buffer_bytes(&l.octets);
	static const char *const spans[][2] = { { "<eb:UserMessage>", "</eb:UserMessage>" }, { "<ds:Reference ", "</ds:SignatureValue>" } };
	size_t tried = 0;
	for (size_t s = 0; s < 2; s++) {
		const char *span = between(outer, whole, spans[s][0], spans[s][1]);
		size_t from = (size_t)((const uint8_t *)memmem(whole.data, whole.size, span, strlen(span)) - whole.data);
		for (size_t i = from; i < from + strlen(span) - 22; i += 5, tried++) {
			ARENA_AUTO arena = arena_new();
			struct as4_incoming *in;
			struct error why = { 0 };
			enum ebms_code code = EBMS_NONE;
			char kept = l.octets.data[i];
			l.octets.data[i] = kept == 'A' ? 'B' : 'A';
			if (take(arena, &p.at_hub, &l, &in, &code, &why) == 0)
				ck_abort_msg("a change of \"%.40s\" was accepted", l.octets.data + i);
			l.octets.data[i] = kept;
			ck_assert_int_ne(code, EBMS_NONE);
		}
	}
	ck_assert_uint_gt(tried, 300);
}
END_TEST

/* The signed Messaging or Body is moved aside, and another stands in its place. */
#define WSSE "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

START_TEST(wrapped_signatures_are_refused)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	letter_write(arena, &p.at_trader, &l);
	struct bytes whole = buffer_bytes(&l.octets);
	const char *messaging = between(arena, whole, "<eb:Messaging", "</eb:Messaging>"), *signature = between(arena, whole, "<ds:Signature ", "</ds:Signature>");
	const char *forged = (const char *)with(arena, with(arena, bytes_of_text(messaging), "wsu:Id=\"msg-", "wsu:Id=\"evil-"), "<eb:ConversationId>1",
	                                        "<eb:ConversationId>2").data;
	const char *same_id = (const char *)with(arena, bytes_of_text(messaging), "<eb:ConversationId>1", "<eb:ConversationId>2").data;
	const char *const wraps[] = {
		arena_printf(arena, "%s<x>%s</x>", forged, messaging),
		arena_printf(arena, "%s<x>%s</x>", same_id, messaging),
		arena_printf(arena, "<x>%s</x>%s", messaging, same_id),
		arena_printf(arena, "%s<x Id=\"%s\"/>", messaging, between(arena, bytes_of_text(strstr(messaging, "msg-")), "msg-", "\"")),
	};
	for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
		char *wrap = arena_text(arena, wraps[i]), *quote = strstr(wrap, "\"\"/>");
		if (quote)
			memcpy(quote, "\"/> ", 4);
		must_refuse(take_octets(arena, &p.at_hub, l.packed.content_type, with(arena, whole, messaging, wrap), &in, &code, error), FAILED_AUTHENTICATION);
	}
	must_refuse(take_octets(arena, &p.at_hub, l.packed.content_type,
	                        with(arena, whole, "<env:Header>", arena_printf(arena, "<env:Header><x xmlns:wsse=\"" WSSE "\">%s</x>", signature)), &in, &code, error), FAILED_AUTHENTICATION);
	must_refuse(take_octets(arena, &p.at_hub, l.packed.content_type, with(arena, whole, "</ds:Signature>", arena_printf(arena, "</ds:Signature>%s", signature)),
	                        &in, &code, error), POLICY_NONCOMPLIANCE);
	must_refuse(take_octets(arena, &p.at_hub, l.packed.content_type, with(arena, whole, signature, ""), &in, &code, error), POLICY_NONCOMPLIANCE);
	must_refuse(take_octets(arena, &p.at_hub, l.packed.content_type,
	                        with(arena, whole, between(arena, whole, "<wsse:Security", "</wsse:Security>"), ""), &in, &code, error), POLICY_NONCOMPLIANCE);
}
END_TEST

/* ---- messages that are signed well, and wrong all the same: made of the parts that make good ones ---- */

struct forgery {
	struct peers *p;
	struct arena *arena;
	struct as4_reference references[6];
	size_t count;
	const char *messaging, *body_id;
	struct buffer octets;
	const char *content_type;
};

/* Takes apart a good message and keeps what it signed. */
static void forgery_begin(struct forgery *f, struct peers *p, struct arena *arena)
{
	LETTER(l);
	letter_write(arena, &p->at_trader, &l);
	*f = (struct forgery){ .p = p, .arena = arena };
	for (const struct as4_reference *r = l.packed.references; r; r = r->next)
		f->references[f->count++] = *r;
	f->messaging = between(arena, buffer_bytes(&l.octets), "<eb:Messaging", "</eb:Messaging>");
	f->body_id = f->references[1].uri + 1;
	buffer_add(&f->octets, l.octets.data, l.octets.size);
	f->content_type = l.packed.content_type;
}

/* Signs these references anew. */
static int forgery_take(struct forgery *f, enum ebms_code *code, struct error *error)
{
	BUFFER_AUTO security = { 0 };
	struct as4_incoming *in;
	for (size_t i = 0; i < f->count; i++)
		f->references[i].next = i + 1 < f->count ? &f->references[i + 1] : NULL;
	TRY(security_write(f->arena, &f->p->at_trader, f->references, (struct bytes){ 0 }, &security, error));
	struct bytes whole = buffer_bytes(&f->octets);
	struct bytes octets = with(f->arena, whole, between(f->arena, whole, "<wsse:Security", "</wsse:Security>"), buffer_text(&security));
	return take_octets(f->arena, &f->p->at_hub, f->content_type, octets, &in, code, error);
}

#define FORGERY(name) struct forgery name; forgery_begin(&name, &p, arena)

START_TEST(missing_coverage_is_refused)
{
	PEERS(p, "p256");
	for (size_t without = 0; without < 5; without++) {
		ARENA_AUTO arena = arena_new();
		FORGERY(f);
		memmove(&f.references[without], &f.references[without + 1], (4 - without) * sizeof *f.references);
		f.count = 4;
		must_refuse(forgery_take(&f, &code, error), POLICY_NONCOMPLIANCE);
		buffer_clear(&f.octets);
	}
	ARENA_AUTO arena = arena_new();
	FORGERY(f);
	enum ebms_code good;
	must_succeed(forgery_take(&f, &good, error));  /* the forger's tools are sound */
	f.references[5] = f.references[4];
	f.count = 6;
	must_refuse(forgery_take(&f, &code, error), FAILED_AUTHENTICATION);
	f.references[5].uri = "cid:other@trader";
	must_refuse(forgery_take(&f, &code, error), FAILED_AUTHENTICATION);
	f.references[5].uri = "http://127.0.0.1/x";
	must_refuse(forgery_take(&f, &code, error), POLICY_NONCOMPLIANCE);
	f.references[5].uri = "message@trader";
	must_refuse(forgery_take(&f, &code, error), POLICY_NONCOMPLIANCE);
	f.references[5].uri = "#sig";
	must_refuse(forgery_take(&f, &code, error), FAILED_AUTHENTICATION);
	f.count = 5;
	f.references[3].digest = f.references[2].digest;
	must_refuse(forgery_take(&f, &code, error), FAILED_AUTHENTICATION);
	buffer_clear(&f.octets);
}
END_TEST

START_TEST(the_signer_must_be_the_agreed_one)
{
	PEERS(p, "p256");
	PEERS(strangers, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	letter_write(arena, &p.at_trader, &l);
	static const char *const others[] = { "CN=somebody", "CN=NL1234567890", "CN=NL12345678", "N=NL123456789", "NL1", "O=Tes" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		p.at_hub.signer = others[i];
		must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), FAILED_AUTHENTICATION);
	}
	p.at_hub.signer = "O=Test,C=NL";
	must_take(arena, &p.at_hub, &l, &in);
	must_take(arena, &p.at_hub, &l, &in);
	enum ebms_code again;
	must_succeed(as4_accept(in, &p.at_hub, NOW, &again, error));
	p.at_hub.signer = NULL;
	p.at_hub.trust.anchors = strangers.root;
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), FAILED_AUTHENTICATION);
	p.at_hub.trust = (struct trust){ .pinned = p.hub.chain };
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), FAILED_AUTHENTICATION);
	p.at_hub.trust = (struct trust){ .pinned = p.trader.chain };
	must_take(arena, &p.at_hub, &l, &in);
	p.at_hub.trust = (struct trust){ .anchors = p.root };
	p.at_hub.tokens = 1u << AS4_TOKEN_X509V3;
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), POLICY_NONCOMPLIANCE);
	p.at_hub.tokens = 0;
	p.at_hub.algorithms = 1u << ALGORITHM_RSA_PKCS1_SHA256;
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), POLICY_NONCOMPLIANCE);
	p.at_hub.algorithms = 0;
	must_refuse(open_octets(arena, l.packed.content_type, buffer_bytes(&l.octets), &in, &code, error) < 0 ? -1 : as4_accept(in, &p.at_hub, UNTIL + 1000, &code, error),
	            FAILED_AUTHENTICATION);
	p.at_trader.key = p.hub.key;  /* names the trader, signs with another key */
	letter_write(arena, &p.at_trader, &l);
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), FAILED_AUTHENTICATION);
}
END_TEST

START_TEST(weak_keys_and_wrong_paths_are_refused)
{
	PEERS(p, "rsa2048");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	letter_write(arena, &p.at_trader, &l);
	must_take(arena, &p.at_hub, &l, &in);
	p.at_hub.rsa_bits = 0;
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), FAILED_AUTHENTICATION);
	p.at_hub.rsa_bits = 2048;
	CERTIFICATE_AUTO turned = certificate_copy(p.middle);  /* the leaf comes first in the PKIPath */
	certificate_append(turned, certificate_copy(p.trader.chain));
	p.at_trader.chain = turned;
	letter_write(arena, &p.at_trader, &l);
	struct error why = { 0 };
	enum ebms_code code = EBMS_NONE;
	ck_assert_int_lt(take(arena, &p.at_hub, &l, &in, &code, &why), 0);
	ck_assert_int_eq(code, EBMS_FAILED_AUTHENTICATION);
	ck_assert_ptr_nonnull(strstr(why.text, "authority's comes first"));
}
END_TEST

START_TEST(policy_is_enforced)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	letter_write(arena, &p.at_trader, &l);
	p.at_hub.must_compress = true;
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), MODE_MISMATCH);
	p.at_hub.must_compress = false;
	p.at_hub.four_corners = true;
	must_refuse(take(arena, &p.at_hub, &l, &in, &code, error), VALUE_INCONSISTENT);
	struct as4_header error_header;
	BUFFER_AUTO messaging = { 0 };
	BUFFER_AUTO soap = { 0 };
	as4_error_for(arena, EBMS_OTHER, NULL, NULL, NULL, "e@hub", NOW, &error_header);
	header_write(&error_header, "m", &messaging);
	envelope_write(buffer_bytes(&messaging), (struct bytes){ 0 }, "b", &soap);
	must_refuse(take_octets(arena, &p.at_trader, "application/soap+xml", buffer_bytes(&soap), &in, &code, error), POLICY_NONCOMPLIANCE);
	p.at_trader.errors_unsigned = true;
	enum ebms_code good;
	must_succeed(take_octets(arena, &p.at_trader, "application/soap+xml", buffer_bytes(&soap), &in, &good, error));
	ck_assert(!in->verified);
	must_refuse(open_octets(arena, "text/xml", buffer_bytes(&soap), &in, &code, error), MIME_INCONSISTENCY);
	must_refuse(open_octets(arena, "text/html", bytes_of_text("<html>502</html>"), &in, &code, error), MIME_INCONSISTENCY);
	must_refuse(open_octets(arena, "application/soap+xml", bytes_of_text("<html>502</html>"), &in, &code, error), INVALID_HEADER);
	must_refuse(open_octets(arena, "application/soap+xml", bytes_of_text(""), &in, &code, error), INVALID_HEADER);
}
END_TEST

/* ---- parts that do not unpack ---- */

static void pack_with(struct arena *arena, struct peers *p, struct bytes zipped, struct letter *l)
{
	struct bytes *kept = arena_alloc(arena, sizeof *kept);
	struct blob *blob = arena_alloc(arena, sizeof *blob);
	*kept = zipped;
	*blob = blob_of_bytes(kept);
	/* A part that says it is gzip, and is what it is: sent plain, then the property is put in. */
	static const struct as4_property says = { "CompressionType", NULL, "application/gzip", NULL };
	struct as4_payload payload = { .cid = "message@trader", .mime_type = "application/gzip", .plain = true, .properties = &says, .content = blob };
	struct as4_header header;
	as4_user_begin(&p->at_trader, &header);
	header.message_id = "z@trader";
	header.time = NOW;
	must_succeed(letter_pack(arena, &p->at_trader, &header, &payload, 1, l, error));
}

START_TEST(parts_that_do_not_unpack_are_refused)
{
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	BUFFER_AUTO zeros = { 0 };
	BUFFER_AUTO bomb = { 0 };
	BUFFER_AUTO out = { 0 };
	struct sink to_bomb = sink_to_buffer(&bomb), sink = sink_to_buffer(&out);
	struct as4_incoming *in;
	for (size_t i = 0; i < (size_t)20 << 20; i++)
		buffer_add_char(&zeros, 0);
	GZIP_AUTO gzip = gzip_new(&to_bomb);
	must_succeed(gzip_add(gzip, buffer_bytes(&zeros), error));
	must_succeed(gzip_end(gzip, error));
	const struct bytes bad[] = { buffer_bytes(&bomb), bytes_of_text("no gzip at all"), { (const uint8_t *)bomb.data, bomb.size - 5 }, { 0 } };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		pack_with(arena, &p, bad[i], &l);
		must_take(arena, &p.at_hub, &l, &in);
		must_refuse(as4_part_read(in, 0, &sink, &code, error), DECOMPRESSION_FAILURE);
		ck_assert_uint_lt(out.size, (size_t)8 << 20);
	}
}
END_TEST

SUITE("refusals", a_changed_message_is_refused, no_octet_that_is_signed_can_be_changed, wrapped_signatures_are_refused, missing_coverage_is_refused,
      the_signer_must_be_the_agreed_one, weak_keys_and_wrong_paths_are_refused, policy_is_enforced, parts_that_do_not_unpack_are_refused)
