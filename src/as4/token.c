/* Which certificates a signature names: a BinarySecurityToken of the message, or one that the agreement knows. It is the token
 * that the signature's own KeyInfo refers to, never the first one at hand. */
#include <string.h>

#include "as4/inside.h"
#include "as4/names.h"
#include "lib/base/text.h"

static void chain_free(void *chain)
{
	struct certificate *first = chain;
	certificate_free(&first);
}

static int check_kind(const struct as4_mode *mode, enum as4_token kind, struct fault *fault)
{
	static const char *const names[] = { "a PKIPath token", "an X509v3 token", "issuer and serial number", "a subject key identifier" };
	if (mode->tokens && !(mode->tokens & 1u << kind))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "the signature names its certificate by %s, which is not agreed", names[kind]);
	return 0;
}

static int decode(const struct xml_node *node, struct buffer *out, struct fault *fault)
{
	const char *encoding = xml_attribute(node, "EncodingType");
	out->ceiling = (size_t)256 << 10;
	if (node->child || (encoding && !text_equal(encoding, BASE64_BINARY)) || text_base64_decode(node->text, true, out, fault->error) < 0 || out->over)
		REFUSE(fault, FAILED_AUTHENTICATION, "line %u: the content of \"%s\" is no base64", node->line, node->name);
	return 0;
}

/* All that are known, from which the path to an anchor may be built, behind a leaf that came without its path. */
static void append_known(struct certificate *leaf, const struct certificate *known)
{
	for (; known; known = certificate_next(known))
		certificate_append(leaf, certificate_copy(known));
}

static struct certificate *chain_of(const struct certificate *leaf, const struct certificate *known)
{
	struct certificate *chain = certificate_copy(leaf);
	append_known(chain, known);
	return chain;
}

static int read_binary(struct as4_inside *inside, const struct as4_mode *mode, const struct xml_node *reference, int64_t now, struct token *token_r,
                       struct fault *fault)
{
	const char *uri = xml_attribute(reference, "URI"), *said = xml_attribute(reference, "ValueType");
	const struct xml_node *token = xml_child(inside->envelope.security, NS_WSSE, "BinarySecurityToken");
	while (token && !(uri && *uri == '#' && text_equal(security_id(token), uri + 1)))
		token = xml_next_same(token);
	if (!token)
		REFUSE(fault, FAILED_AUTHENTICATION, "the signature's KeyInfo refers to \"%.120s\", which is no BinarySecurityToken of the message", uri ? uri : "");
	const char *type = xml_attribute(token, "ValueType");
	bool path = text_equal(type, TOKEN_PKIPATH);
	if (!path && !text_equal(type, TOKEN_X509V3))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "the token is of the type \"%.120s\"; X509PKIPathv1 and X509v3 are taken", type ? type : "");
	if (said && !text_equal(said, type))
		REFUSE(fault, FAILED_AUTHENTICATION, "the signature's KeyInfo and the token it refers to disagree about the token's type");
	TRY(check_kind(mode, path ? AS4_TOKEN_PKIPATH : AS4_TOKEN_X509V3, fault));
	BUFFER_AUTO der = { 0 };
	TRY(decode(token, &der, fault));
	token_r->octets = arena_bytes(inside->arena, buffer_bytes(&der));
	token_r->chain = trust_memory_find(mode->memory, token_r->octets, now);
	token_r->trusted = token_r->chain != NULL;
	if (token_r->trusted)
		return 0;
	TRY_AS(fault, FAILED_AUTHENTICATION, path ? certificate_from_path(token_r->octets, &token_r->chain, fault->error)
	                                          : certificate_from_der(token_r->octets, &token_r->chain, fault->error));
	if (!path)
		append_known(token_r->chain, mode->known);
	return 0;
}

static int read_key_id(struct as4_inside *inside, const struct as4_mode *mode, const struct xml_node *identifier, struct certificate **chain_r,
                       struct fault *fault)
{
	BUFFER_AUTO wanted = { 0 };
	if (!text_equal(xml_attribute(identifier, "ValueType"), TOKEN_SKI))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "the signature names its certificate by another kind of key identifier than X509SubjectKeyIdentifier");
	TRY(check_kind(mode, AS4_TOKEN_KEY_ID, fault));
	TRY(decode(identifier, &wanted, fault));
	for (const struct certificate *at = mode->known; at; at = certificate_next(at))
		if (wanted.size && bytes_equal(certificate_key_id(at, inside->arena), buffer_bytes(&wanted))) {
			*chain_r = chain_of(at, mode->known);
			return 0;
		}
	REFUSE(fault, FAILED_AUTHENTICATION, "the signature's key identifier is of no certificate that the agreement knows; add the peer's certificate there");
}

/* Names are written in many ways; the serial number chooses, and the issuer's text only where two have the same. What was
 * chosen must then verify the signature, and be trusted. */
static int read_serial(struct as4_inside *inside, const struct as4_mode *mode, const struct xml_node *data, struct certificate **chain_r,
                       struct fault *fault)
{
	const struct xml_node *serial = only_child(data, NS_DS, "X509IssuerSerial");
	const char *issuer = xml_child_text(inside->arena, serial, NS_DS, "X509IssuerName");
	const char *number = xml_child_text(inside->arena, serial, NS_DS, "X509SerialNumber");
	const struct certificate *found = NULL;
	TRY(check_kind(mode, AS4_TOKEN_ISSUER_SERIAL, fault));
	for (const struct certificate *at = mode->known; number && issuer && at; at = certificate_next(at))
		if (text_equal(certificate_serial(at, inside->arena), number) && (!found || text_equal(certificate_issuer(at, inside->arena), issuer)))
			found = at;
	if (!found)
		REFUSE(fault, FAILED_AUTHENTICATION, "the signature's issuer and serial number are of no certificate that the agreement knows; add the peer's "
		       "certificate there");
	*chain_r = chain_of(found, mode->known);
	return 0;
}

/* A certificate that is only named: its own octets stand for it. */
static void remember_by_leaf(struct as4_inside *inside, const struct as4_mode *mode, int64_t now, struct token *token)
{
	token->octets = certificate_der(token->chain, inside->arena);
	struct certificate *found = trust_memory_find(mode->memory, token->octets, now);
	token->trusted = found != NULL;
	certificate_free(&found);
}

int token_read(struct as4_inside *inside, const struct as4_mode *mode, const struct xml_node *key_info, int64_t now, struct token *token_r,
               struct fault *fault)
{
	const struct xml_node *reference = only_child(key_info, NS_WSSE, "SecurityTokenReference"), *how = reference ? reference->child : NULL;
	if (!how || how->next)
		REFUSE(fault, FAILED_AUTHENTICATION, "the signature's KeyInfo is not one SecurityTokenReference with one child");
	*token_r = (struct token){ 0 };
	if (text_equal(how->uri, NS_WSSE) && text_equal(how->name, "Reference"))
		TRY(read_binary(inside, mode, how, now, token_r, fault));
	else if (text_equal(how->uri, NS_WSSE) && text_equal(how->name, "KeyIdentifier"))
		TRY(read_key_id(inside, mode, how, &token_r->chain, fault));
	else if (text_equal(how->uri, NS_DS) && text_equal(how->name, "X509Data"))
		TRY(read_serial(inside, mode, how, &token_r->chain, fault));
	else
		REFUSE(fault, POLICY_NONCOMPLIANCE, "the signature names its certificate by \"%.80s\", which is not taken", how->name);
	arena_at_free(inside->arena, chain_free, token_r->chain);
	if (!token_r->octets.size)
		remember_by_leaf(inside, mode, now, token_r);
	return 0;
}
