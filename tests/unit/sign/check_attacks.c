/* What a signature from outside may not do: each case of the attack catalogue, section 2.2 (tests/SECURITY-ROWS.md). The document and
 * the certificates are good; what is wrong is named. A server on loopback sees whether anything is fetched. */
#include "lib/base/text.h"
#include "lib/crypto/memory.h"
#include "lib/xml/xml.h"
#include "support/raw_http.h"
#include "unit/sign/place.h"

#define EVIL "<a:x xmlns:a=\"urn:a\" b=\"1\"><a:y>evil</a:y></a:x>"

struct attack {
	struct arena *arena;
	struct place p;
	const char *detached, *enveloped;   /* good ones, of DOCUMENT */
};

static void attack_begin(struct attack *a, struct arena *arena, const char *folder, const char *kind)
{
	BUFFER_AUTO detached = { 0 };
	BUFFER_AUTO enveloped = { 0 };
	*a = (struct attack){ arena, { arena, folder, NULL, NULL }, NULL, NULL };
	set_up(&a->p, kind, "p256", UNTIL);
	must_succeed(sign_detached(a->p.signer, bytes_of_text(DOCUMENT), "SG1.xml", NOW, &detached, error));
	must_succeed(sign_enveloped(a->p.signer, bytes_of_text(DOCUMENT), NOW, &enveloped, error));
	a->detached = arena_text(arena, buffer_text(&detached));
	a->enveloped = arena_text(arena, buffer_text(&enveloped));
}

#define ATTACK(a, kind)             \
	ARENA_AUTO arena = arena_new(); \
	FOLDER(folder);             \
	struct attack a;            \
	attack_begin(&a, arena, folder, kind)

static int verify(struct attack *a, const char *document, const char *signature, struct error *error)
{
	struct verdict verdict;
	return verify_detached(a->arena, bytes_of_text(document), bytes_of_text(signature), a->p.anchors, NULL, NOW, &verdict, error);
}

/* Refused, and for the reason that has these words: one that is changed is refused in any case, by its value, but that is computed last. */
static void refuse_saying(struct attack *a, const char *what, const char *signature, const char *words)
{
	struct error why = { 0 };
	ck_assert_msg(verify(a, DOCUMENT, signature, &why) < 0, "%s: taken", what);
	ck_assert_msg(strstr(why.text, words), "%s: %s", what, why.text);
	ck_assert_msg(why.code == ERROR_BAD_SIGNATURE || why.code == ERROR_BAD_CERTIFICATE || why.code == ERROR_BAD_XML || why.code == ERROR_TOO_LARGE ||
	              why.code == ERROR_BAD_KEY, "%s: %s", what, why.text);
}

static void refuse(struct attack *a, const char *what, const char *signature)
{
	refuse_saying(a, what, signature, "");
}

static void refuse_enveloped(struct attack *a, const char *what, const char *document)
{
	struct verdict verdict;
	struct error why = { 0 };
	ck_assert_msg(verify_enveloped(a->arena, bytes_of_text(document), a->p.anchors, NULL, NOW, &verdict, &why) < 0, "%s: taken", what);
}

static const char *between(struct arena *arena, const char *text, const char *from, const char *to)
{
	const char *start = strstr(text, from), *end = start ? strstr(start, to) : NULL;
	ck_assert_ptr_nonnull(end);
	return arena_text_n(arena, start, (size_t)(end - start) + strlen(to));
}

static const char *repeated(struct arena *arena, const char *piece, size_t count)
{
	BUFFER_AUTO text = { 0 };
	for (size_t i = 0; i < count; i++)
		buffer_add_text(&text, piece);
	return arena_text(arena, buffer_text(&text));
}

/* ---- whose key ---- */

#define KEY_VALUE "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"
#define HMAC_VALUE "<ds:KeyValue><k:HMACKeyValue xmlns:k=\"http://www.aleksey.com/xmlsec/2002\">c2VjcmV0</k:HMACKeyValue></ds:KeyValue>"

START_TEST(a_key_that_the_signature_brings_along_is_not_the_signers)
{
	ATTACK(good, "p256");
	FOLDER(other_folder);
	struct attack stranger;
	attack_begin(&stranger, arena, other_folder, "p256");
	struct error none = { 0 };
	ck_assert_int_eq(verify(&good, DOCUMENT, good.detached, &none), 0);
	const char *info = between(arena, stranger.detached, "<ds:KeyInfo", "</ds:KeyInfo>"), *ours = between(arena, good.detached, "<ds:KeyInfo", "</ds:KeyInfo>");
	refuse(&good, "a stranger's certificate", stranger.detached);
	refuse(&good, "the signer's certificate put in for the stranger's", with(arena, stranger.detached, info, ours));
	refuse(&good, "a stranger's KeyValue alone", with(arena, stranger.detached, info, "<ds:KeyInfo>" KEY_VALUE "</ds:KeyInfo>"));
	refuse(&good, "no KeyInfo", with(arena, stranger.detached, info, ""));
	refuse(&good, "a KeyName", with(arena, stranger.detached, info, "<ds:KeyInfo><ds:KeyName>Gateway seal</ds:KeyName></ds:KeyInfo>"));
	refuse(&good, "a key by HMAC", with(arena, with(arena, good.detached, "2001/04/xmldsig-more#ecdsa-sha256", "2000/09/xmldsig#hmac-sha1"), ours,
	                                    "<ds:KeyInfo>" HMAC_VALUE "</ds:KeyInfo>"));
	refuse(&good, "a key by HMAC beside the certificate", with(arena, with(arena, good.detached, "#ecdsa-sha256", "#hmac-sha256"), "<ds:KeyInfo>",
	                                                           "<ds:KeyInfo>" HMAC_VALUE));
	const char *output = "\"><ds:HMACOutputLength>0</ds:HMACOutputLength></ds:SignatureMethod>";
	const char *method = between(arena, good.detached, "ecdsa-sha256\"", "</ds:SignatureMethod>");
	refuse(&good, "an HMAC of no bits", with(arena, good.detached, method, arena_printf(arena, "hmac-sha256%s", output)));
	refuse(&good, "an HMAC of eight bits", with(arena, good.detached, method, arena_printf(arena, "hmac-sha256%s", with(arena, output, ">0<", ">8<"))));
	tear_down(&good.p);
	tear_down(&stranger.p);
}
END_TEST

START_TEST(a_certificate_that_signs_itself_is_nobodys)
{
	ATTACK(good, "p256");
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO self = NULL;
	BUFFER_AUTO signature = { 0 };
	struct signer *signer;
	struct certificate_order order = { .name = "Gateway seal", .organisation = "Port", .country = "NL", .from = FROM, .until = UNTIL };
	must_succeed(key_make("p256", &key, error));
	must_succeed(certificate_make(&order, key, NULL, NULL, &self, error));
	must_succeed(key_write(key, in(&good.p, "self.key"), error));
	must_succeed(certificate_write(self, in(&good.p, "self.pem"), error));
	must_succeed(signer_open(in(&good.p, "self.key"), in(&good.p, "self.pem"), false, &signer, error));
	must_succeed(sign_detached(signer, bytes_of_text(DOCUMENT), "SG1.xml", NOW, &signature, error));
	refuse(&good, "self-signed, with the signer's name", buffer_text(&signature));
	signer_free(&signer);
	tear_down(&good.p);
}
END_TEST

/* ---- which algorithms ---- */

START_TEST(weak_and_foreign_algorithms_are_refused)
{
	ATTACK(a, "rsa3072");
	const char *whole = between(arena, a.detached, "<ds:SignatureMethod", ">");
	static const char *const methods[] = {
		"http://www.w3.org/2000/09/xmldsig#rsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#rsa-md5", "http://www.w3.org/2001/04/xmldsig-more#rsa-ripemd160",
		"http://www.w3.org/2000/09/xmldsig#dsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
		"http://www.w3.org/2001/04/xmldsig-more#rsa-sha224", "http://www.w3.org/2001/04/xmldsig-more#RSA-SHA256", "", "none",
	};
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
		refuse_saying(&a, methods[i], with(arena, a.detached, whole, arena_printf(arena, "<ds:SignatureMethod Algorithm=\"%s\">", methods[i])), "is not taken");
	static const char *const digests[] = { "http://www.w3.org/2000/09/xmldsig#sha1", "http://www.w3.org/2001/04/xmldsig-more#md5",
		"http://www.w3.org/2001/04/xmlenc#ripemd160", "http://www.w3.org/2001/04/xmldsig-more#sha224", "" };
	for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
		refuse_saying(&a, digests[i], with(arena, a.detached, "http://www.w3.org/2001/04/xmlenc#sha256", digests[i]), "is not taken");
	const char *value = between(arena, a.detached, "<ds:SignatureValue", "</ds:SignatureValue>");
	refuse(&a, "an empty value", with(arena, a.detached, value, "<ds:SignatureValue></ds:SignatureValue>"));
	refuse(&a, "no value", with(arena, a.detached, value, ""));
	refuse(&a, "a value of zeros", with(arena, a.detached, value, arena_printf(arena, "<ds:SignatureValue>%s</ds:SignatureValue>", repeated(arena, "AAAA", 128))));
	tear_down(&a.p);
}
END_TEST

START_TEST(an_ecdsa_signature_of_zeros_signs_nothing)
{
	ATTACK(a, "p256");
	const char *value = between(arena, a.detached, "<ds:SignatureValue", "</ds:SignatureValue>");
	/* r and s, 32 octets each: zeros, ones, the order of P-256 */
	const char *zeros = arena_printf(arena, "%sAA==", repeated(arena, "AAAA", 21));
	const char *order = "/////wAAAAD//////////7zm+q2nF56E87nKwvxjJVH/////AAAAAP//////////vOb6racXnoTzucrC/GMlUQ==";
	const char *const values[] = { zeros, order, arena_printf(arena, "%s/w==", repeated(arena, "////", 21)), "AA==", "MAYCAQACAQA=" };
	for (size_t i = 0; i < sizeof values / sizeof *values; i++)
		refuse(&a, values[i], with(arena, a.detached, value, arena_printf(arena, "<ds:SignatureValue>%s</ds:SignatureValue>", values[i])));
	tear_down(&a.p);
}
END_TEST

/* ---- what would be computed, read or fetched before anybody is known ---- */

static void serve(int fd, int number, void *context)
{
	(void)number, (void)context;
	(void)raw_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>");
}

#define XPATH "<ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>%s</ds:XPath></ds:Transform></ds:Transforms>"
#define XSLT "<ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><s:stylesheet version=\"1.0\" " \
	"xmlns:s=\"http://www.w3.org/1999/XSL/Transform\"><s:template match=\"/\"><s:copy-of select=\"document('%s')\"/></s:template></s:stylesheet>" \
	"</ds:Transform></ds:Transforms>"

START_TEST(nothing_is_transformed_fetched_or_read_for_a_stranger)
{
	ATTACK(a, "p256");
	struct raw_server server;
	raw_server_start(&server, serve, NULL);
	const char *url = arena_printf(arena, "http://127.0.0.1:%u/x", server.port), *reference = between(arena, a.detached, "<ds:Reference", "</ds:Reference>");
	const char *first = between(arena, reference, "<ds:Reference", ">");
	const char *const transforms[] = {
		arena_printf(arena, XPATH, repeated(arena, "count(//. | //@* | //namespace::*) = 1 and ", 500)),
		arena_printf(arena, XPATH, "true()"),
		arena_printf(arena, XSLT, "file:///etc/passwd"), arena_printf(arena, XSLT, url),
		"<ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#base64\"></ds:Transform></ds:Transforms>",
		arena_printf(arena, "<ds:Transforms>%s</ds:Transforms>",
		             repeated(arena, "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>", 2000)),
	};
	for (size_t i = 0; i < sizeof transforms / sizeof *transforms; i++)
		refuse_saying(&a, transforms[i], with(arena, a.detached, first, arena_printf(arena, "%s%s", first, transforms[i])), i < 5 ? "transform" : "elements");
	const char *const uris[] = { "secret.txt", "/etc/hostname", "file:///etc/hostname", url, "#xpointer(/)", "#xpointer(id('a'))", "" };
	for (size_t i = 0; i < sizeof uris / sizeof *uris; i++) {
		const char *other = with(arena, reference, "URI=\"SG1.xml\"", arena_printf(arena, "URI=\"%s\"", uris[i]));
		refuse(&a, uris[i], with(arena, a.detached, reference, other));
		refuse_saying(&a, uris[i], with(arena, a.detached, reference, arena_printf(arena, "%s%s", reference, other)), "more References than one");
	}
	refuse_saying(&a, "2000 references", with(arena, a.detached, reference, repeated(arena, reference, 2000)), "octets, more than");
	struct error none = { 0 };
	const char *manifest = arena_printf(arena, "<ds:Object><ds:Manifest>%s</ds:Manifest></ds:Object><ds:Object>", with(arena, reference, "SG1.xml", url));
	ck_assert_int_eq(verify(&a, DOCUMENT, with(arena, a.detached, "<ds:Object>", manifest), &none), 0);  /* unsigned, and passed over */
	const char *info = between(arena, a.detached, "<ds:KeyInfo", "</ds:KeyInfo>");
	refuse(&a, "a key that is to be fetched", with(arena, a.detached, info, arena_printf(arena, "<ds:KeyInfo><ds:RetrievalMethod URI=\"%s\" "
	       "Type=\"http://www.w3.org/2000/09/xmldsig#rawX509Certificate\"></ds:RetrievalMethod></ds:KeyInfo>", url)));
	refuse(&a, "a DTD", arena_printf(arena, "<!DOCTYPE x [<!ATTLIST a Id ID #IMPLIED><!ENTITY %% e SYSTEM \"%s\">%%e;]>%s", url, a.detached));
	int asked = raw_server_accepted(&server);
	raw_server_stop(&server);
	ck_assert_int_eq(asked, 0);
	tear_down(&a.p);
}
END_TEST

/* ---- what is signed, and what is read ---- */

START_TEST(one_signed_info_at_its_place_and_ids_that_are_one)
{
	ATTACK(a, "p256");
	const char *info = between(arena, a.detached, "<ds:SignedInfo", "</ds:SignedInfo>");
	const char *forged = with(arena, info, "<ds:DigestValue>", "<ds:DigestValue>AAAA");
	const char *properties = between(arena, a.detached, "<xades:SignedProperties", "</xades:SignedProperties>");
	const char *late = with(arena, properties, "2016", "2015");
	const char *object = between(arena, a.detached, "<ds:Object", "</ds:Object>");
	refuse(&a, "two SignedInfo", with(arena, a.detached, info, arena_printf(arena, "%s%s", forged, info)));
	refuse(&a, "a SignedInfo that is wrapped", with(arena, a.detached, info, arena_printf(arena, "<ds:Object>%s</ds:Object>%s", info, forged)));
	refuse(&a, "a SignedInfo behind others", with(arena, a.detached, info, arena_printf(arena, "<ds:Object></ds:Object>%s", info)));
	refuse(&a, "SignedProperties twice", with(arena, a.detached, object, arena_printf(arena, "%s%s", object, with(arena, object, properties, late))));
	refuse(&a, "SignedProperties twice, the other way", with(arena, a.detached, object, arena_printf(arena, "%s%s", with(arena, object, properties, late), object)));
	refuse(&a, "SignedProperties twice in one", with(arena, a.detached, properties, arena_printf(arena, "%s%s", late, properties)));
	refuse(&a, "SignedProperties outside an Object", with(arena, a.detached, object, properties));
	refuse(&a, "an Id in other letters", with(arena, a.detached, "<ds:Object>", "<ds:Object><x ID=\"sealgate-properties\"></x></ds:Object><ds:Object>"));
	refuse(&a, "a counter-signature", with(arena, a.detached, "</xades:SignedProperties>", arena_printf(arena, "</xades:SignedProperties>"
	       "<xades:UnsignedProperties><xades:CounterSignature>%s</xades:CounterSignature></xades:UnsignedProperties>", a.detached)));
	tear_down(&a.p);
}
END_TEST

/* CVE-2025-29775: what stands in a comment is read by one, and passed over by another. */
START_TEST(a_comment_in_a_digest_says_nothing)
{
	ATTACK(a, "p256");
	uint8_t evil[DIGEST_SHA512_SIZE];
	BUFFER_AUTO base64 = { 0 };
	struct error why = { 0 };
	size_t size = digest_sha2(256, bytes_of_text(EVIL), evil);
	text_base64(&base64, (struct bytes){ evil, size });
	const char *const forms[] = { "<ds:DigestValue><!--%s-->", "<ds:DigestValue><?x %s?>", "<ds:DigestValue>%s" };
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		BUFFER_AUTO piece = { 0 };
		const char *at = strchr(forms[i], '%');
		buffer_add(&piece, forms[i], (size_t)(at - forms[i]));
		buffer_add_text(&piece, buffer_text(&base64));
		buffer_add_text(&piece, at + 2);
		const char *forged = with(arena, a.detached, "<ds:DigestValue>", buffer_text(&piece));
		ck_assert_msg(verify(&a, EVIL, forged, &why) < 0, "form %zu was taken", i);
	}
	ck_assert_int_lt(verify(&a, EVIL, a.detached, &why), 0);
	tear_down(&a.p);
}
END_TEST

/* The wrappings of SAML Raider, as far as they can be said of an enveloped signature over the whole document. */
START_TEST(wrapped_documents_are_refused)
{
	ATTACK(a, "p256");
	const char *signature = between(arena, a.enveloped, "<ds:Signature ", "</ds:Signature>"), *bare = with(arena, a.enveloped, signature, "");
	ck_assert_str_eq(bare, DOCUMENT);
	const char *holding = with(arena, signature, "<ds:Object>", arena_printf(arena, "<ds:Object>%s</ds:Object><ds:Object>", bare));
	const char *evil = "<a:y>evil</a:y>", *open = "<a:x xmlns:a=\"urn:a\" b=\"1\">", *end = "</a:x>";
	const char *const rows[][2] = {
		{ "1: the original inside the signature, the evil one around", arena_printf(arena, "%s%s%s%s", open, evil, holding, end) },
		{ "2: the signature first, the original inside it", arena_printf(arena, "%s%s%s%s", open, holding, evil, end) },
		{ "3: the original beside the evil one", arena_printf(arena, "<a:x xmlns:a=\"urn:a\">%s%s%s</a:x>", evil, bare, signature) },
		{ "4: the signed original as a child of the evil one", arena_printf(arena, "%s%s%s%s", open, evil, a.enveloped, end) },
		{ "5: the evil one signed, the original behind", arena_printf(arena, "%s%s%s%s%s", open, evil, signature, bare, end) },
		{ "6: the signature inside the evil element", arena_printf(arena, "%s<a:y>evil%s</a:y>%s", open, holding, end) },
		{ "7: the original in an extension", arena_printf(arena, "%s%s<a:e>%s</a:e>%s%s", open, evil, bare, signature, end) },
		{ "8: the original in an Object that has the signature", arena_printf(arena, "%s%s%s%s", open, evil,
		  with(arena, signature, "<ds:Object>", arena_printf(arena, "<ds:Object>%s</ds:Object><ds:Object>", a.enveloped)), end) },
		{ "two signatures", arena_printf(arena, "%s%s%s%s%s", open, "<a:y>text</a:y>", signature, signature, end) },
		{ "none", bare },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		refuse_enveloped(&a, rows[i][0], rows[i][1]);
	refuse_enveloped(&a, "a namespace without a canonical form", with(arena, a.enveloped, "b=\"1\"", "b=\"1\" xmlns:r=\"../r\""));
	tear_down(&a.p);
}
END_TEST

SUITE("sign attacks", a_key_that_the_signature_brings_along_is_not_the_signers, a_certificate_that_signs_itself_is_nobodys, weak_and_foreign_algorithms_are_refused,
      an_ecdsa_signature_of_zeros_signs_nothing, nothing_is_transformed_fetched_or_read_for_a_stranger, one_signed_info_at_its_place_and_ids_that_are_one,
      a_comment_in_a_digest_says_nothing, wrapped_documents_are_refused)
