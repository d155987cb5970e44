/* wsse:Security in. First the form: what stands there is counted and must be on a list. Then the signature over SignedInfo and the
 * signer: a stranger costs no more than that. Then each reference is tied to one of the very nodes and parts that will be used,
 * and only those, and its digest is computed over them. */
#include <string.h>

#include "as4/inside.h"
#include "as4/names.h"
#include "lib/base/text.h"

struct reading {
	struct as4_incoming *incoming;
	struct as4_inside *inside;
	const struct as4_mode *mode;
	const struct xml_node *signature, *info, *canonicalization;
	enum algorithm algorithm;
	const struct as4_reference *references;
	bool messaging, body;               /* covered */
	struct fault *fault;
};

const struct xml_node *only_child(const struct xml_node *parent, const char *uri, const char *name)
{
	const struct xml_node *child = parent ? parent->child : NULL;
	return child && !child->next && text_equal(child->uri, uri) && text_equal(child->name, name) ? child : NULL;
}

const char *security_id(const struct xml_node *node)
{
	for (const struct xml_attribute *a = node->attributes; a; a = a->next)
		if (text_equal(a->uri, NS_WSU) && text_equal(a->name, "Id"))
			return a->value;
	return NULL;
}

/* ---- the form ---- */

static const struct {
	const char *uri, *name;
	size_t most;                /* 0: as many as there are parts */
} children[] = {
	{ NS_WSSE, "BinarySecurityToken", 2 },  /* the receiver's, for encryption, may be there too */
	{ NS_DS, "Signature", 1 },
	{ NS_XENC, "EncryptedKey", 1 },
	{ NS_XENC, "EncryptedData", 0 },
	{ NS_XENC, "ReferenceList", 1 },
	{ NS_WSU, "Timestamp", 1 },             /* not needed, not trusted: a retry outlives it */
};

static int screen_header(struct reading *r)
{
	size_t counts[sizeof children / sizeof *children] = { 0 };
	for (const struct xml_node *at = r->inside->envelope.security->child; at; at = at->next) {
		size_t i = 0;
		while (i < sizeof children / sizeof *children && !(text_equal(children[i].uri, at->uri) && text_equal(children[i].name, at->name)))
			i++;
		if (i == sizeof children / sizeof *children)
			REFUSE(r->fault, POLICY_NONCOMPLIANCE, "line %u: the Security header holds \"%.80s\", which is not agreed", at->line, at->name);
		if (++counts[i] > (children[i].most ? children[i].most : r->inside->count))
			REFUSE(r->fault, POLICY_NONCOMPLIANCE, "line %u: the Security header holds too many of \"%s\"", at->line, at->name);
	}
	if (!counts[1])
		REFUSE(r->fault, POLICY_NONCOMPLIANCE, "the message is not signed, which is agreed");
	r->signature = xml_child(r->inside->envelope.security, NS_DS, "Signature");
	if (xml_count(r->inside->envelope.document->root, NS_DS, "Signature") != 1)
		REFUSE(r->fault, FAILED_AUTHENTICATION, "the message holds a second Signature");
	return 0;
}

static const struct xml_node *child_at(const struct xml_node **at, const char *name)
{
	const struct xml_node *node = *at && text_equal((*at)->uri, NS_DS) && text_equal((*at)->name, name) ? *at : NULL;
	if (node)
		*at = node->next;
	return node;
}

static const char *prefixes_of(const struct xml_node *node, bool *good)
{
	const struct xml_node *inclusive = node->child;
	if (!inclusive)
		return NULL;
	*good = *good && only_child(node, NS_EC, "InclusiveNamespaces") && !inclusive->child && xml_attribute(inclusive, "PrefixList");
	return xml_attribute(inclusive, "PrefixList");
}

static int screen_signature(struct reading *r, const struct xml_node **value_r, const struct xml_node **key_info_r)
{
	const struct xml_node *at = r->signature->child;
	r->info = child_at(&at, "SignedInfo");
	*value_r = child_at(&at, "SignatureValue");
	*key_info_r = child_at(&at, "KeyInfo");
	if (!r->info || !*value_r || !*key_info_r || at)
		REFUSE(r->fault, FAILED_AUTHENTICATION, "the Signature is not made of SignedInfo, SignatureValue and KeyInfo");
	at = r->info->child;
	r->canonicalization = child_at(&at, "CanonicalizationMethod");
	const struct xml_node *method = child_at(&at, "SignatureMethod");
	bool good = r->canonicalization && text_equal(xml_attribute(r->canonicalization, "Algorithm"), NS_EC);
	if (good)
		prefixes_of(r->canonicalization, &good);
	if (!good)
		REFUSE(r->fault, POLICY_NONCOMPLIANCE, "SignedInfo is not canonicalised with exclusive C14N without comments");
	const char *uri = method ? xml_attribute(method, "Algorithm") : NULL;
	r->algorithm = uri ? algorithm_find(uri) : ALGORITHMS;
	unsigned allowed = r->mode->algorithms ? r->mode->algorithms : ~(1u << ALGORITHM_ED25519);
	if (r->algorithm == ALGORITHMS || !(allowed & 1u << r->algorithm) || method->child)
		REFUSE(r->fault, POLICY_NONCOMPLIANCE, "signature method \"%.120s\" is not agreed", uri ? uri : "");
	return 0;
}

static int screen_references(struct reading *r)
{
	const struct as4_reference **last = &r->references;
	size_t count = 0, most = r->inside->count + 4;
	for (const struct xml_node *at = r->canonicalization->next->next; at; at = at->next) {
		if (!text_equal(at->uri, NS_DS) || !text_equal(at->name, "Reference"))
			REFUSE(r->fault, FAILED_AUTHENTICATION, "line %u: SignedInfo holds \"%.80s\"", at->line, at->name);
		if (++count > most)
			REFUSE(r->fault, FAILED_AUTHENTICATION, "the signature has more References than the message has things to sign");
		struct as4_reference *one = arena_alloc(r->inside->arena, sizeof *one);
		TRY(reference_read(r->inside->arena, at, EBMS_POLICY_NONCOMPLIANCE, one, r->fault));
		if (!digest_bits(one->digest_method))
			REFUSE(r->fault, POLICY_NONCOMPLIANCE, "digest method \"%.120s\" is not taken", one->digest_method);
		*last = one;
		last = &one->next;
	}
	return 0;
}

/* ---- what is covered ---- */

/* An id may be written in many ways (wsu:Id, Id, xml:id...); none may repeat the one that is signed. */
static size_t count_id(const struct xml_node *node, const char *id)
{
	size_t count = 0;
	for (const struct xml_attribute *a = node->attributes; a; a = a->next)
		count += text_equal_nocase(a->name, "Id") && text_equal(a->value, id);
	for (const struct xml_node *child = node->child; child; child = child->next)
		count += count_id(child, id);
	return count;
}

/* The node that an id names, among those that may be signed. */
static const struct xml_node *find_target(const struct reading *r, const char *id)
{
	const struct envelope *e = &r->inside->envelope;
	if (text_equal(security_id(e->messaging), id))
		return e->messaging;
	if (text_equal(security_id(e->body), id))
		return e->body;
	for (const struct xml_node *at = e->security->child; at; at = at->next)
		if (!text_equal(at->uri, NS_DS) && text_equal(security_id(at), id))
			return at;
	return NULL;
}

static int check_digest(const struct reading *r, const struct as4_reference *reference, const char *found)
{
	if (!text_equal(reference->digest, found))
		REFUSE(r->fault, FAILED_AUTHENTICATION, "\"%.120s\" was changed after it was signed: its digest differs", reference->uri);
	return 0;
}

static int check_node(struct reading *r, const struct as4_reference *reference)
{
	const struct envelope *e = &r->inside->envelope;
	const char *id = reference->uri + 1;
	const struct xml_node *target = find_target(r, id);
	if (!target || count_id(e->document->root, id) != 1)
		REFUSE(r->fault, FAILED_AUTHENTICATION, "the signature refers to \"%.120s\", which is not once eb:Messaging, the Body or a token of this message",
		       reference->uri);
	bool *covered = target == e->messaging ? &r->messaging : target == e->body ? &r->body : NULL;
	if (covered && *covered)
		REFUSE(r->fault, FAILED_AUTHENTICATION, "the signature refers to \"%.120s\" twice", reference->uri);
	if (covered)
		*covered = true;
	if (!text_equal(reference->transform, NS_EC))
		REFUSE(r->fault, POLICY_NONCOMPLIANCE, "the Reference to \"%.120s\" is not transformed by exclusive C14N alone", reference->uri);
	BUFFER_AUTO octets = { 0 };
	TRY_AS(r->fault, FAILED_AUTHENTICATION, xml_canonical_inclusive(e->document, target, reference->prefixes, &octets, r->fault->error));
	return check_digest(r, reference, digest_text(r->inside->arena, digest_bits(reference->digest_method), buffer_bytes(&octets)));
}

static int check_part(struct reading *r, const struct as4_reference *reference)
{
	struct part *part = part_of_uri(r->inside, reference->uri);
	CONTENT_AUTO content = { 0 };
	const char *digest;
	if (!part || part->reference)
		REFUSE(r->fault, FAILED_AUTHENTICATION, "the signature refers to \"%.120s\", which is no part of this message, or to a part twice", reference->uri);
	if (!text_equal(reference->transform, SWA_CONTENT_SIGNATURE))
		REFUSE(r->fault, POLICY_NONCOMPLIANCE, "the Reference to \"%.120s\" is not transformed by Attachment-Content-Signature-Transform alone",
		       reference->uri);
	content_begin(&content, part->type, digest_bits(reference->digest_method));
	struct sink sink = content_sink(&content);
	r->fault->code = EBMS_FAILED_AUTHENTICATION;
	TRY(part_stream(r->inside, part, &sink, r->fault));
	TRY_AS(r->fault, FAILED_AUTHENTICATION, content_end(&content, r->inside->arena, &digest, r->fault->error));
	part->reference = reference;
	return check_digest(r, reference, digest);
}

static int check_coverage(struct reading *r)
{
	for (const struct as4_reference *one = r->references; one; one = one->next)
		if (*one->uri != '#' && !text_starts(one->uri, "cid:"))
			REFUSE(r->fault, POLICY_NONCOMPLIANCE, "the signature refers to \"%.120s\", which is neither \"#id\" nor \"cid:\"", one->uri);
	for (const struct as4_reference *one = r->references; one; one = one->next)
		TRY(*one->uri == '#' ? check_node(r, one) : check_part(r, one));
	if (!r->messaging || !r->body)
		REFUSE(r->fault, POLICY_NONCOMPLIANCE, "the signature does not cover %s (AS4 5.1.4)", r->messaging ? "the SOAP Body" : "eb:Messaging");
	for (size_t i = 0; i < r->inside->count; i++)
		if (!r->inside->parts[i].reference)
			REFUSE(r->fault, POLICY_NONCOMPLIANCE, "the signature does not cover part \"%.120s\" (AS4 5.1.5)", r->inside->parts[i].shown.info->cid);
	return 0;
}

/* ---- the signer ---- */

static int check_signer(struct reading *r, const struct token *token, int64_t now)
{
	struct as4_incoming *in = r->incoming;
	const char *subject = certificate_subject(token->chain, r->inside->arena);
	if (!token->trusted)
		TRY_AS(r->fault, FAILED_AUTHENTICATION,
		       trust_memory_check(r->mode->memory, token->octets, token->chain, &r->mode->trust, now, r->fault->error));
	if (r->mode->signer && !certificate_named(token->chain, r->mode->signer)) {
		error_set(r->fault->error, ERROR_BAD_CERTIFICATE, "signed by \"%.200s\", not by the agreed signer (\"%.120s\")", subject, r->mode->signer);
		return ebms_refuse_as(r->fault, EBMS_FAILED_AUTHENTICATION);
	}
	in->signer = subject;
	in->issuer = certificate_issuer(token->chain, r->inside->arena);
	in->algorithm = algorithm_name(r->algorithm);
	char hex[DIGEST_HEX_SIZE];
	in->certificate_digest = arena_text(r->inside->arena, digest_sha256_hex(certificate_der(token->chain, r->inside->arena), hex));
	return 0;
}

int security_read(struct as4_incoming *incoming, const struct as4_mode *mode, int64_t now, struct fault *fault)
{
	struct reading r = { .incoming = incoming, .inside = incoming->inside, .mode = mode, .fault = fault };
	const struct xml_node *value, *key_info;
	struct token token;
	bool good = true;
	BUFFER_AUTO info = { 0 };
	BUFFER_AUTO octets = { .ceiling = 4096 };
	if (!r.inside->envelope.security)
		REFUSE(fault, POLICY_NONCOMPLIANCE, "the message has no wsse:Security header; it must be signed");
	TRY(screen_header(&r));
	TRY(screen_signature(&r, &value, &key_info));
	TRY(screen_references(&r));
	TRY(token_read(r.inside, mode, key_info, now, &token, fault));
	TRY_AS(fault, FAILED_AUTHENTICATION,
	       xml_canonical_inclusive(r.inside->envelope.document, r.info, prefixes_of(r.canonicalization, &good), &info, fault->error));
	if (value->child || text_base64_decode(value->text, true, &octets, fault->error) < 0 || octets.over)
		REFUSE(fault, FAILED_AUTHENTICATION, "SignatureValue is no base64");
	TRY_AS(fault, FAILED_AUTHENTICATION,
	       certificate_verify_least(token.chain, r.algorithm, mode->rsa_bits, buffer_bytes(&info), buffer_bytes(&octets), fault->error));
	TRY(check_signer(&r, &token, now));
	TRY(encryption_read(r.inside, mode, fault));
	TRY(check_coverage(&r));
	incoming->references = r.references;
	incoming->verified = true;
	return 0;
}
