/* wsse:Security out: token and signature (WS-Security 1.1.1, X.509 Token Profile 1.1, XML Signature 1.1). SignedInfo repeats its
 * xmlns on its own start tag, so that the slice in the message is its exclusive C14N. */
#include "as4/inside.h"
#include "as4/names.h"
#include "lib/base/id.h"
#include "lib/base/text.h"

static void write_token(struct arena *arena, const struct as4_mode *mode, const char *id, struct buffer *out)
{
	bool path = mode->token == AS4_TOKEN_PKIPATH;
	if (!path && mode->token != AS4_TOKEN_X509V3)
		return;
	buffer_printf(out, "<wsse:BinarySecurityToken xmlns:wsu=\"" NS_WSU "\" EncodingType=\"" BASE64_BINARY "\" ValueType=\"%s\" wsu:Id=\"%s\">",
	              path ? TOKEN_PKIPATH : TOKEN_X509V3, id);
	text_base64(out, path ? certificate_path(mode->chain, arena) : certificate_der(mode->chain, arena));
	buffer_add_text(out, "</wsse:BinarySecurityToken>");
}

static int write_key_info(struct arena *arena, const struct as4_mode *mode, const char *id, struct buffer *out, struct error *error)
{
	buffer_add_text(out, "<ds:KeyInfo><wsse:SecurityTokenReference");
	if (mode->token == AS4_TOKEN_PKIPATH || mode->token == AS4_TOKEN_X509V3) {
		const char *type = mode->token == AS4_TOKEN_PKIPATH ? TOKEN_PKIPATH : TOKEN_X509V3;
		buffer_printf(out, " xmlns:wsse11=\"" NS_WSSE11 "\" wsse11:TokenType=\"%s\"><wsse:Reference URI=\"#%s\" ValueType=\"%s\"></wsse:Reference>", type,
		              id, type);
	} else if (mode->token == AS4_TOKEN_ISSUER_SERIAL) {
		buffer_add_text(out, "><ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>");
		xml_escape_text(out, certificate_issuer(mode->chain, arena));
		buffer_printf(out, "</ds:X509IssuerName><ds:X509SerialNumber>%s</ds:X509SerialNumber></ds:X509IssuerSerial></ds:X509Data>",
		              certificate_serial(mode->chain, arena));
	} else {
		struct bytes key_id = certificate_key_id(mode->chain, arena);
		if (!key_id.size)
			FAIL(error, BAD_CERTIFICATE, "our certificate has no subject key identifier; choose another way to name it");
		buffer_add_text(out, "><wsse:KeyIdentifier EncodingType=\"" BASE64_BINARY "\" ValueType=\"" TOKEN_SKI "\">");
		text_base64(out, key_id);
		buffer_add_text(out, "</wsse:KeyIdentifier>");
	}
	buffer_add_text(out, "</wsse:SecurityTokenReference></ds:KeyInfo>");
	return 0;
}

static void write_signed_info(const struct as4_mode *mode, const struct as4_reference *references, struct buffer *out)
{
	buffer_printf(out, "<ds:SignedInfo xmlns:ds=\"" NS_DS "\"><ds:CanonicalizationMethod Algorithm=\"" NS_EC "\"></ds:CanonicalizationMethod>"
	              "<ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod>", algorithm_uri(mode->algorithm));
	for (; references; references = references->next)
		reference_write(references, true, out);
	buffer_add_text(out, "</ds:SignedInfo>");
}

int security_write(struct arena *arena, const struct as4_mode *mode, const struct as4_reference *references, struct bytes encryption,
                   struct buffer *out, struct error *error)
{
	BUFFER_AUTO info = { 0 };
	char uuid[ID_UUID_SIZE];
	const char *id = arena_printf(arena, "x509-%s", id_uuid4(uuid));
	write_signed_info(mode, references, &info);
	struct key_job job = { .octets = buffer_bytes(&info) };
	TRY(key_sign(mode->key, mode->algorithm, &job, 1, arena, error));
	buffer_add_text(out, "<wsse:Security xmlns:env=\"" NS_SOAP "\" xmlns:wsse=\"" NS_WSSE "\" env:mustUnderstand=\"true\">");
	buffer_add(out, encryption.data, encryption.size);
	write_token(arena, mode, id, out);
	buffer_printf(out, "<ds:Signature xmlns:ds=\"" NS_DS "\" Id=\"sig-%s\">%s<ds:SignatureValue>", uuid, buffer_text(&info));
	text_base64(out, job.signature);
	buffer_add_text(out, "</ds:SignatureValue>");
	TRY(write_key_info(arena, mode, id, out, error));
	buffer_add_text(out, "</ds:Signature></wsse:Security>");
	return 0;
}
