/* Reading signatures: screened first, computed then. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/crypto/memory.h"
#include "lib/xml/xml.h"
#include "sign/names.h"
#include "sign/sign.h"

#define FUTURE_MS (5 * 60 * 1000)
/* A document of that many elements, each of which has to say a long namespace again, would be thousands of times its size. */
#define CANONICAL_MOST ((size_t)32 << 20)

struct reading {
	struct arena *arena;
	struct xml_document *document;    /* that holds the Signature */
	const struct xml_node *signature, *info, *content, *properties_reference, *properties;
	enum algorithm algorithm;
	struct certificate *chain;
	bool known;                       /* the chain was found good a short while ago, and is for the time of signing */
	struct buffer token;              /* what names and carries the certificates, as it came */
	struct verdict *verdict;
	struct error *error;
};

#define refuse(r, ...) return error_set((r)->error, ERROR_BAD_SIGNATURE, __VA_ARGS__)

static const char *algorithm_of(const struct xml_node *parent, const char *name)
{
	const struct xml_node *node = xml_child(parent, DS, name);
	const char *algorithm = node ? xml_attribute(node, "Algorithm") : NULL;
	return algorithm ? algorithm : "";
}

/* ---- the form ---- */

static bool has_transforms(const struct xml_node *reference, const char *const *wanted, size_t count)
{
	const struct xml_node *transforms = xml_child(reference, DS, "Transforms");
	const struct xml_node *at = transforms ? transforms->child : NULL;
	for (size_t i = 0; i < count; i++, at = at->next)
		if (!at || !text_equal(at->name, "Transform") || !text_equal(at->uri, DS) || !text_equal(xml_attribute(at, "Algorithm"), wanted[i]) || at->child)
			return false;
	return !at && (count > 0 || !transforms);
}

static int screen_references(struct reading *r, bool enveloped)
{
	static const char *const whole[] = { ENVELOPED, EXCLUSIVE }, *const part[] = { EXCLUSIVE };
	for (const struct xml_node *at = r->info->child; at; at = at->next) {
		if (!text_equal(at->name, "Reference") || !text_equal(at->uri, DS))
			continue;
		bool is_properties = text_equal(xml_attribute(at, "Type"), SIGNED_PROPERTIES);
		if (is_properties ? r->properties_reference != NULL : r->content != NULL)
			refuse(r, "the signature has more References than one to the document and one to its properties");
		if (is_properties)
			r->properties_reference = at;
		else
			r->content = at;
	}
	if (!r->content || !r->properties_reference)
		refuse(r, "the signature must have a Reference to the whole document and one to SignedProperties (XAdES baseline B-B)");
	const char *uri = xml_attribute(r->content, "URI");
	if (enveloped ? !uri || *uri || !has_transforms(r->content, whole, 2) : !uri || !*uri || *uri == '#' || !has_transforms(r->content, NULL, 0))
		refuse(r, enveloped ? "the Reference must be to the whole document (URI=\"\"), with the transforms enveloped-signature and exclusive C14N"
		                    : "the Reference of a detached signature names the document and has no transform");
	if (!has_transforms(r->properties_reference, part, 1))
		refuse(r, "the Reference to SignedProperties must have exclusive C14N as its only transform");
	return 0;
}

static int screen_info(struct reading *r, bool enveloped)
{
	r->info = xml_child(r->signature, DS, "SignedInfo");
	if (!r->info || r->signature->child != r->info)
		refuse(r, "the signature has no SignedInfo");
	const struct xml_node *canonicalization = xml_child(r->info, DS, "CanonicalizationMethod");
	if (canonicalization && canonicalization->child)
		refuse(r, "SignedInfo is canonicalised with parameters (InclusiveNamespaces); none are taken");
	if (!text_equal(algorithm_of(r->info, "CanonicalizationMethod"), EXCLUSIVE))
		refuse(r, "SignedInfo is canonicalised with \"%.80s\"; only exclusive C14N is taken", algorithm_of(r->info, "CanonicalizationMethod"));
	const char *method = algorithm_of(r->info, "SignatureMethod");
	r->algorithm = algorithm_find(method);
	if (r->algorithm == ALGORITHMS)
		refuse(r, "signature method \"%.120s\" is not taken", method);
	return screen_references(r, enveloped);
}

static size_t count_id(const struct xml_node *node, const char *id)
{
	size_t count = 0;
	for (const struct xml_attribute *a = node->attributes; a; a = a->next)
		count += text_equal_nocase(a->name, "Id") && text_equal(a->value, id);
	for (const struct xml_node *child = node->child; child; child = child->next)
		count += count_id(child, id);
	return count;
}

/* SignedProperties are at their one place, and their Id is nobody else's. */
static int screen_properties(struct reading *r)
{
	const char *uri = xml_attribute(r->properties_reference, "URI");
	if (!uri || *uri != '#' || !uri[1])
		refuse(r, "the Reference to SignedProperties must be \"#\" and an Id");
	for (const struct xml_node *object = xml_child(r->signature, DS, "Object"); object; object = xml_next_same(object)) {
		const struct xml_node *qualifying = xml_child(object, XADES, "QualifyingProperties");
		if (qualifying)
			r->properties = xml_child(qualifying, XADES, "SignedProperties");
	}
	if (!r->properties || !text_equal(xml_attribute(r->properties, "Id"), uri + 1) || count_id(r->document->root, uri + 1) != 1)
		refuse(r, "SignedProperties \"%.60s\" do not stand once, in an Object of the signature", uri + 1);
	return 0;
}

/* ---- computing ---- */

static int decode(struct reading *r, const struct xml_node *node, struct buffer *out, const char *what)
{
	if (!node || text_base64_decode(node->text, true, out, r->error) < 0)
		refuse(r, "%s is no base64", what);
	return 0;
}

static int check_digest(struct reading *r, const struct xml_node *parent, struct bytes octets, const char *what)
{
	const char *method = algorithm_of(parent, "DigestMethod");
	unsigned bits = text_equal(method, SHA256) ? 256 : text_equal(method, SHA384) ? 384 : text_equal(method, SHA512) ? 512 : 0;
	uint8_t digest[DIGEST_SHA512_SIZE];
	BUFFER_AUTO wanted = { 0 };
	if (!bits)
		refuse(r, "digest method \"%.120s\" is not taken", method);
	TRY(decode(r, xml_child(parent, DS, "DigestValue"), &wanted, "a DigestValue"));
	size_t size = digest_sha2(bits, octets, digest);
	if (!bytes_equal(buffer_bytes(&wanted), (struct bytes){ digest, size }))
		refuse(r, "%s was changed after it was signed: its digest differs", what);
	return 0;
}

static void chain_free(void *chain)
{
	struct certificate *first = chain;
	certificate_free(&first);
}

/* now CLOCK_NONE: there is no other time than that of signing. */
static int64_t time_of_check(const struct reading *r, int64_t now)
{
	return now != CLOCK_NONE ? now : r->verdict->signing_time;
}

/* The same octets, named in the same way, are the same chain: parsing and checking it costs several times what a signature does. */
static bool recall_certificates(struct reading *r, const struct xml_node *first, const struct xml_node *digest, const struct certificate *anchors,
                                int64_t now)
{
	const struct xml_node *value = xml_child(digest, DS, "DigestValue");
	buffer_printf(&r->token, "%s\n%s\n", algorithm_of(digest, "DigestMethod"), value && value->text ? value->text : "");
	for (const struct xml_node *at = first; at; at = xml_next_same(at)) {
		buffer_add_text(&r->token, at->text ? at->text : "");
		buffer_add_char(&r->token, '\n');
	}
	r->chain = anchors_recall(anchors, buffer_bytes(&r->token), time_of_check(r, now), r->verdict->signing_time);
	r->known = r->chain != NULL;
	if (r->known)
		arena_at_free(r->arena, chain_free, r->chain);
	return r->known;
}

/* The one that the digest names becomes r->chain, the others *rest. Where it fails both are the caller's to free. */
static int sort_certificates(struct reading *r, const struct xml_node *first, const struct xml_node *digest, struct certificate **rest)
{
	size_t count = 0;
	for (const struct xml_node *at = first; at; at = xml_next_same(at)) {
		BUFFER_AUTO der = { 0 };
		struct certificate *one;
		if (++count > 8)
			refuse(r, "KeyInfo holds too many certificates");
		TRY(decode(r, at, &der, "a certificate"));
		TRY(certificate_from_der(buffer_bytes(&der), &one, r->error));
		struct error ignored = { 0 };
		struct reading probe = *r;
		probe.error = &ignored;
		if (!r->chain && check_digest(&probe, digest, buffer_bytes(&der), "") == 0)
			r->chain = one;
		else if (*rest)
			certificate_append(*rest, one);
		else
			*rest = one;
	}
	return 0;
}

/* KeyInfo is a bag of certificates; the signer's is the one that SigningCertificateV2 names. */
static int take_certificates(struct reading *r, const struct certificate *anchors, int64_t now)
{
	const struct xml_node *data = xml_child(xml_child(r->signature, DS, "KeyInfo"), DS, "X509Data"), *first = xml_child(data, DS, "X509Certificate");
	const struct xml_node *signed_part = xml_child(r->properties, XADES, "SignedSignatureProperties");
	const struct xml_node *cert = xml_child(xml_child(signed_part, XADES, "SigningCertificateV2"), XADES, "Cert");
	const struct xml_node *digest = xml_child(cert, XADES, "CertDigest");
	if (!digest)
		refuse(r, "SignedProperties do not name the signer's certificate (SigningCertificateV2)");
	if (recall_certificates(r, first, digest, anchors, now))
		return 0;
	struct certificate *rest = NULL;
	if (sort_certificates(r, first, digest, &rest) < 0) {
		certificate_free(&rest);
		certificate_free(&r->chain);
		return -1;
	}
	if (!r->chain) {
		certificate_free(&rest);
		refuse(r, "the certificate that SigningCertificateV2 names is not in KeyInfo");
	}
	if (rest)
		certificate_append(r->chain, rest);
	arena_at_free(r->arena, chain_free, r->chain);
	return 0;
}

static int take_time(struct reading *r, int64_t now)
{
	const struct xml_node *signed_part = xml_child(r->properties, XADES, "SignedSignatureProperties");
	const char *text = xml_child_text(r->arena, signed_part, XADES, "SigningTime");
	if (!text)
		refuse(r, "SignedProperties have no SigningTime");
	if (clock_parse(text, &r->verdict->signing_time, r->error) < 0)
		refuse(r, "SigningTime \"%.60s\" is no time", text);
	if (now != CLOCK_NONE && r->verdict->signing_time > now + FUTURE_MS)
		refuse(r, "SigningTime %.60s lies in the future", text);
	return 0;
}

/* Nobody but the signer says when it was signed (baseline B-B has no time-stamp): the certificate must have been good then, and
 * still be when the signature is first seen (EN 319 102-1 5.3.4: without proof of existence the time is now). */
static int check_signer(struct reading *r, const struct certificate *anchors, const char *signer, int64_t now)
{
	char hex[DIGEST_HEX_SIZE];
	struct verdict *v = r->verdict;
	v->subject = certificate_subject(r->chain, r->arena);
	v->issuer = certificate_issuer(r->chain, r->arena);
	v->algorithm = algorithm_name(r->algorithm);
	v->certificate_digest = arena_text(r->arena, digest_sha256_hex(certificate_der(r->chain, r->arena), hex));
	if (!r->known && now != CLOCK_NONE)
		TRY(certificate_check(r->chain, anchors, v->signing_time, r->error));
	if (!r->known && anchors_check(anchors, buffer_bytes(&r->token), r->chain, time_of_check(r, now), r->error) < 0)
		return now != CLOCK_NONE ? error_during(r->error, "at the time of the check") : -1;
	if (signer && !certificate_named(r->chain, signer))
		return error_set(r->error, ERROR_BAD_CERTIFICATE, "signed by \"%s\", not by the agreed signer (\"%s\")", v->subject, signer);
	return 0;
}

/* `content`: what the Reference to the document must digest to. */
static int read_parts(struct reading *r, struct bytes content, bool enveloped, const struct certificate *anchors, const char *signer, int64_t now)
{
	BUFFER_AUTO properties = { .ceiling = CANONICAL_MOST };
	BUFFER_AUTO info = { .ceiling = CANONICAL_MOST };
	BUFFER_AUTO value = { 0 };
	*r->verdict = (struct verdict){ .signing_time = CLOCK_NONE, .enveloped = enveloped };
	TRY(screen_info(r, enveloped));
	TRY(screen_properties(r));
	TRY(check_digest(r, r->content, content, "the document"));
	TRY(xml_canonical(r->document, r->properties, NULL, &properties, r->error));
	TRY(check_digest(r, r->properties_reference, buffer_bytes(&properties), "the signature's SignedProperties"));
	TRY(take_time(r, now));
	TRY(take_certificates(r, anchors, now));
	TRY(check_signer(r, anchors, signer, now));
	TRY(decode(r, xml_child(r->signature, DS, "SignatureValue"), &value, "SignatureValue"));
	TRY(xml_canonical(r->document, r->info, NULL, &info, r->error));
	return certificate_verify(r->chain, r->algorithm, buffer_bytes(&info), buffer_bytes(&value), r->error);
}

static int read_on(struct reading *r, struct bytes content, bool enveloped, const struct certificate *anchors, const char *signer, int64_t now)
{
	int rc = read_parts(r, content, enveloped, anchors, signer, now);
	buffer_clear(&r->token);
	return rc;
}

static const struct xml_limits signature_limits = { .bytes = 256 << 10, .elements = 500, .attributes = 16, .depth = 24 };

int verify_detached(struct arena *arena, struct bytes document, struct bytes signature, const struct certificate *anchors, const char *signer,
                    int64_t now, struct verdict *verdict_r, struct error *error)
{
	struct reading r = { .arena = arena, .verdict = verdict_r, .error = error };
	if (xml_parse(arena, signature, &signature_limits, &r.document, error) < 0)
		return error_during(error, "signature");
	r.signature = r.document->root;
	if (!text_equal(r.signature->name, "Signature") || !text_equal(r.signature->uri, DS) || xml_count(r.signature, DS, "Signature") != 1)
		FAIL(error, BAD_SIGNATURE, "this is no detached XML signature");
	return read_on(&r, document, false, anchors, signer, now);
}

int verify_enveloped(struct arena *arena, struct bytes document, const struct certificate *anchors, const char *signer, int64_t now,
                     struct verdict *verdict_r, struct error *error)
{
	struct reading r = { .arena = arena, .verdict = verdict_r, .error = error };
	BUFFER_AUTO content = { .ceiling = CANONICAL_MOST };
	TRY(xml_parse(arena, document, NULL, &r.document, error));
	r.signature = xml_child(r.document->root, DS, "Signature");
	if (!r.signature || xml_count(r.document->root, DS, "Signature") != 1)
		FAIL(error, BAD_SIGNATURE, "the document does not hold one signature as a child of its root");
	TRY(xml_canonical(r.document, r.document->root, r.signature, &content, error));
	return read_on(&r, buffer_bytes(&content), true, anchors, signer, now);
}
