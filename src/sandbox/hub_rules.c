#include "sandbox/hub_rules.h"

#include "as4/names.h"
#include "lib/base/text.h"
#include "lib/crypto/certificate.h"
#include "lib/mime/mime.h"
#include "lib/xml/xml.h"

#define KIND_REFUSES true
#define KIND_REMARKS false

static const struct hub_rule_row rows[HUB_RULES] = {
#define HUB_RULE(name, slug_, kind, clause_, asked_, todo_) \
	[HUB_##name] = { .slug = slug_, .clause = clause_, .asked = asked_, .todo = todo_, .refuses = KIND_##kind },
#include "sandbox/hub_rules.def"
#undef HUB_RULE
};

const struct hub_rule_row *hub_rule_row(enum hub_rule rule)
{
	must(rule > HUB_NO_RULE && rule < HUB_RULES);
	return &rows[rule];
}

enum hub_rule hub_rule_find(const char *slug)
{
	for (enum hub_rule i = HUB_NO_RULE + 1; i < HUB_RULES; i++)
		if (text_equal(rows[i].slug, slug))
			return i;
	return HUB_NO_RULE;
}

/* ---- which one was broken ---- */

struct examined {
	struct arena *arena;
	const struct xml_node *messaging, *security, *body, *signature, *info;
};

static const char *id_of(const struct xml_node *node)
{
	for (const struct xml_attribute *a = node ? node->attributes : NULL; a; a = a->next)
		if (text_equal(a->name, "Id"))
			return a->value;
	return NULL;
}

static bool covers(const struct examined *e, const char *uri)
{
	for (const struct xml_node *at = xml_child(e->info, NS_DS, "Reference"); at; at = xml_next_same(at))
		if (text_equal(xml_attribute(at, "URI"), uri))
			return true;
	return false;
}

static bool covers_id(const struct examined *e, const struct xml_node *node)
{
	const char *id = id_of(node);
	return id && covers(e, arena_printf(e->arena, "#%s", id));
}

static bool covers_parts(const struct examined *e)
{
	const struct xml_node *payloads = xml_child(xml_child(e->messaging, NS_EB, "UserMessage"), NS_EB, "PayloadInfo");
	for (const struct xml_node *at = xml_child(payloads, NS_EB, "PartInfo"); at; at = xml_next_same(at))
		if (!covers(e, xml_attribute(at, "href")))
			return false;
	return true;
}

static bool open_soap(struct examined *e, const char *content_type, struct bytes octets)
{
	struct blob blob = blob_of_bytes(&octets);
	struct mime_message *mime;
	struct mime_type type;
	struct xml_document *document;
	struct error ignored;
	if (mime_type_parse(e->arena, content_type, &type, &ignored) < 0)
		return false;
	if (text_equal(type.type, "multipart/related")) {
		if (mime_parse(e->arena, content_type, &blob, 0, &mime, &ignored) < 0)
			return false;
		octets = (struct bytes){ octets.data + mime->root->at, mime->root->size };
	}
	if (xml_parse(e->arena, octets, NULL, &document, &ignored) < 0)
		return false;
	const struct xml_node *header = xml_child(document->root, NS_SOAP, "Header");
	e->messaging = xml_child(header, NS_EB, "Messaging");
	e->security = xml_child(header, NS_WSSE, "Security");
	e->body = xml_child(document->root, NS_SOAP, "Body");
	e->signature = xml_child(e->security, NS_DS, "Signature");
	e->info = xml_child(e->signature, NS_DS, "SignedInfo");
	return true;
}

static bool digests_are_agreed(const struct examined *e)
{
	for (const struct xml_node *at = xml_child(e->info, NS_DS, "Reference"); at; at = xml_next_same(at)) {
		const struct xml_node *method = xml_child(at, NS_DS, "DigestMethod");
		const char *uri = method ? xml_attribute(method, "Algorithm") : NULL;
		if (!text_equal(uri, DIGEST_SHA256) && !text_equal(uri, DIGEST_SHA384) && !text_equal(uri, DIGEST_SHA512))
			return false;
	}
	return true;
}

static bool algorithm_is_agreed(const struct examined *e, unsigned algorithms)
{
	const struct xml_node *method = xml_child(e->info, NS_DS, "SignatureMethod");
	const char *uri = method ? xml_attribute(method, "Algorithm") : NULL;
	enum algorithm algorithm = uri ? algorithm_find(uri) : ALGORITHMS;
	return algorithm != ALGORITHMS && (algorithms & 1u << algorithm) && digests_are_agreed(e);
}

static bool path_is_right(const struct xml_node *token)
{
	BUFFER_AUTO der = { 0 };
	CERTIFICATE_AUTO chain = NULL;
	struct error ignored;
	return text_base64_decode(token->text, true, &der, &ignored) == 0 && certificate_from_path(buffer_bytes(&der), &chain, &ignored) == 0;
}

static enum hub_rule examine_security(const struct examined *e, unsigned algorithms, const struct error *error)
{
	const struct xml_node *token = xml_child(e->security, NS_WSSE, "BinarySecurityToken");
	const struct xml_node *reference = xml_child(xml_child(xml_child(e->signature, NS_DS, "KeyInfo"), NS_WSSE, "SecurityTokenReference"), NS_WSSE, "Reference");
	if (!e->signature)
		return HUB_SIGNED;
	if (xml_next_same(e->signature))
		return HUB_ONE_SIGNATURE;
	if (!token || !reference || !text_equal(xml_attribute(token, "ValueType"), TOKEN_PKIPATH))
		return HUB_TOKEN;
	if (!algorithm_is_agreed(e, algorithms))
		return HUB_ALGORITHM;
	if (!covers_id(e, e->messaging))
		return HUB_COVERS_MESSAGING;
	if (!covers_id(e, e->body))
		return HUB_COVERS_BODY;
	if (!covers_parts(e))
		return HUB_COVERS_PARTS;
	if (!path_is_right(token))
		return HUB_PATH;
	return error->code == ERROR_BAD_CERTIFICATE || error->code == ERROR_BAD_KEY ? HUB_CHAIN : HUB_SIGNATURE;
}

static enum hub_rule examine_form(enum ebms_code code)
{
	switch (code) {
	case EBMS_MIME_INCONSISTENCY:
		return HUB_MIME;
	case EBMS_FEATURE_PRESENT:
		return HUB_BODY;
	case EBMS_VALUE_INCONSISTENT:
	case EBMS_EXTERNAL_PAYLOAD:
	case EBMS_VALUE_NOT_RECOGNIZED:
		return HUB_PARTS;
	case EBMS_DECOMPRESSION_FAILURE:
		return HUB_UNPACK;
	case EBMS_INVALID_RECEIPT:
		return HUB_RECEIPT_DIGESTS;
	default:
		return HUB_HEADER;
	}
}

enum hub_rule hub_examine(const char *content_type, struct bytes octets, bool opened, unsigned algorithms, enum ebms_code code,
                          const struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct examined e = { .arena = arena };
	if (!opened || code == EBMS_DECOMPRESSION_FAILURE)
		return examine_form(code);
	return open_soap(&e, content_type, octets) ? examine_security(&e, algorithms, error) : HUB_HEADER;
}
