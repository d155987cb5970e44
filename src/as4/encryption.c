/* XML Encryption of attachments (SwA Profile 1.1, 5.5; eDelivery AS4 1.15, 1.3.3.2): AES-128-GCM under one key, which RSA-OAEP
 * wraps for the receiver. The header is never encrypted. */
#include <string.h>

#include "as4/inside.h"
#include "as4/names.h"
#include "lib/base/id.h"
#include "lib/base/text.h"

/* ---- out ---- */

static int write_key_identifier(struct arena *arena, const struct certificate *certificate, struct buffer *out, struct error *error)
{
	struct bytes key_id = certificate_key_id(certificate, arena);
	if (!key_id.size)
		FAIL(error, BAD_CERTIFICATE, "the peer's encryption certificate has no subject key identifier");
	buffer_add_text(out, "<ds:KeyInfo xmlns:ds=\"" NS_DS "\"><wsse:SecurityTokenReference><wsse:KeyIdentifier EncodingType=\"" BASE64_BINARY
	                "\" ValueType=\"" TOKEN_SKI "\">");
	text_base64(out, key_id);
	buffer_add_text(out, "</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo>");
	return 0;
}

static void write_data(const struct as4_part_info *part, const char *key, size_t index, struct buffer *out)
{
	buffer_printf(out, "<xenc:EncryptedData xmlns:xenc=\"" NS_XENC "\" Id=\"ed-%zu-%s\" MimeType=\"", index, key);
	xml_escape_attribute(out, part->compressed ? "application/gzip" : part->mime_type);
	buffer_printf(out, "\" Type=\"" SWA_CONTENT_ONLY "\"><xenc:EncryptionMethod Algorithm=\"" CIPHER_AES128_GCM "\"></xenc:EncryptionMethod>"
	              "<ds:KeyInfo xmlns:ds=\"" NS_DS "\"><wsse:SecurityTokenReference xmlns:wsse11=\"" NS_WSSE11 "\" wsse11:TokenType=\"" TOKEN_ENCRYPTED_KEY
	              "\"><wsse:Reference URI=\"#ek-%s\"></wsse:Reference></wsse:SecurityTokenReference></ds:KeyInfo><xenc:CipherData>"
	              "<xenc:CipherReference URI=\"cid:", key);
	xml_escape_attribute(out, part->cid);
	buffer_add_text(out, "\"><xenc:Transforms><ds:Transform xmlns:ds=\"" NS_DS "\" Algorithm=\"" SWA_CIPHERTEXT "\"></ds:Transform></xenc:Transforms>"
	                "</xenc:CipherReference></xenc:CipherData></xenc:EncryptedData>");
}

int encryption_write(struct arena *arena, const struct as4_mode *mode, const struct as4_part_info *parts, uint8_t key[static CIPHER_KEY_SIZE],
                     struct buffer *out, struct error *error)
{
	char uuid[ID_UUID_SIZE];
	struct bytes wrapped;
	size_t index = 0;
	id_uuid4(uuid);
	entropy_fill(key, CIPHER_KEY_SIZE);
	TRY(certificate_wrap(mode->encrypt_for, mode->oaep, (struct bytes){ key, CIPHER_KEY_SIZE }, arena, &wrapped, error));
	buffer_printf(out, "<xenc:EncryptedKey xmlns:xenc=\"" NS_XENC "\" Id=\"ek-%s\"><xenc:EncryptionMethod Algorithm=\"" TRANSPORT_OAEP "\">"
	              "<ds:DigestMethod xmlns:ds=\"" NS_DS "\" Algorithm=\"" DIGEST_SHA256 "\"></ds:DigestMethod>"
	              "<xenc11:MGF xmlns:xenc11=\"" NS_XENC11 "\" Algorithm=\"%s\"></xenc11:MGF></xenc:EncryptionMethod>", uuid,
	              mode->oaep == OAEP_MGF1_SHA1 ? MGF1_SHA1 : MGF1_SHA256);
	TRY(write_key_identifier(arena, mode->encrypt_for, out, error));
	buffer_add_text(out, "<xenc:CipherData><xenc:CipherValue>");
	text_base64(out, wrapped);
	buffer_add_text(out, "</xenc:CipherValue></xenc:CipherData><xenc:ReferenceList>");
	for (const struct as4_part_info *p = parts; p; p = p->next)
		buffer_printf(out, "<xenc:DataReference URI=\"#ed-%zu-%s\"></xenc:DataReference>", index++, uuid);
	buffer_add_text(out, "</xenc:ReferenceList></xenc:EncryptedKey>");
	index = 0;
	for (const struct as4_part_info *p = parts; p; p = p->next)
		write_data(p, uuid, index++, out);
	return 0;
}

/* ---- in ---- */

static const char *algorithm_of(const struct xml_node *node)
{
	const char *algorithm = node ? xml_attribute(node, "Algorithm") : NULL;
	return algorithm ? algorithm : "";
}

/* XML Encryption 1.1, 5.5.2: without an MGF it is MGF1 with SHA-1, without a DigestMethod SHA-1, which is not taken. */
static int read_transport(const struct xml_node *encrypted_key, const struct as4_mode *mode, enum oaep *oaep_r, struct fault *fault)
{
	const struct xml_node *method = xml_child(encrypted_key, NS_XENC, "EncryptionMethod");
	const char *transport = algorithm_of(method), *mgf = algorithm_of(xml_child(method, NS_XENC11, "MGF"));
	bool old = text_equal(transport, NS_XENC "rsa-oaep-mgf1p");
	if (!old && !text_equal(transport, TRANSPORT_OAEP))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "key transport \"%.120s\" is not taken; RSA-OAEP is", transport);
	if (!text_equal(algorithm_of(xml_child(method, NS_DS, "DigestMethod")), DIGEST_SHA256) || xml_child(method, NS_XENC, "OAEPparams"))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "RSA-OAEP must have SHA-256 as its digest, and no parameters");
	bool sha1 = old || !*mgf || text_equal(mgf, MGF1_SHA1);
	if (!sha1 && !text_equal(mgf, MGF1_SHA256))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "RSA-OAEP with the mask \"%.120s\" is not taken", mgf);
	if (sha1 && !mode->take_mgf1_sha1)
		REFUSE(fault, POLICY_NONCOMPLIANCE, "RSA-OAEP with MGF1-SHA1 is not agreed; MGF1-SHA256 is");
	*oaep_r = sha1 ? OAEP_MGF1_SHA1 : OAEP_MGF1_SHA256;
	return 0;
}

static int read_key(struct as4_inside *inside, const struct as4_mode *mode, const struct xml_node *encrypted_key, struct fault *fault)
{
	const struct xml_node *value = xml_child(xml_child(encrypted_key, NS_XENC, "CipherData"), NS_XENC, "CipherValue");
	enum oaep oaep = OAEP_MGF1_SHA256;
	BUFFER_AUTO wrapped = { .ceiling = 4096 };
	struct bytes secret = { 0 };
	if (!mode->decrypt_key)
		REFUSE(fault, POLICY_NONCOMPLIANCE, "parts are encrypted, which is not agreed");
	TRY(read_transport(encrypted_key, mode, &oaep, fault));
	if (!value || text_base64_decode(value->text, true, &wrapped, fault->error) < 0 || wrapped.over)
		REFUSE(fault, FAILED_DECRYPTION, "the encrypted key is no base64");
	TRY_AS(fault, FAILED_DECRYPTION, key_unwrap(mode->decrypt_key, oaep, buffer_bytes(&wrapped), inside->arena, &secret, fault->error));
	if (secret.size != CIPHER_KEY_SIZE)
		REFUSE(fault, FAILED_DECRYPTION, "the message's key cannot be deciphered with our key");
	memcpy(inside->key, secret.data, CIPHER_KEY_SIZE);
	return 0;
}

static int read_data(struct as4_inside *inside, const struct xml_node *data, struct fault *fault)
{
	const struct xml_node *reference = xml_child(xml_child(data, NS_XENC, "CipherData"), NS_XENC, "CipherReference");
	const struct xml_node *transforms = xml_child(reference, NS_XENC, "Transforms"), *transform = transforms ? transforms->child : NULL;
	const char *uri = reference ? xml_attribute(reference, "URI") : NULL, *type = xml_attribute(data, "MimeType");
	struct part *part = uri ? part_of_uri(inside, uri) : NULL;
	struct mime_type parsed;
	if (!text_equal(xml_attribute(data, "Type"), SWA_CONTENT_ONLY))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "an EncryptedData is not of the type Attachment-Content-Only (eDelivery AS4 1.15, 1.3.3.2)");
	if (!text_equal(algorithm_of(xml_child(data, NS_XENC, "EncryptionMethod")), CIPHER_AES128_GCM))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "a part is encrypted with another cipher than AES-128-GCM");
	if (!part || part->shown.encrypted)
		REFUSE(fault, MIME_INCONSISTENCY, "EncryptedData \"%.120s\" is of no part, or the second of one", uri ? uri : "");
	if (!transform || transform->next || !text_equal(algorithm_of(transform), SWA_CIPHERTEXT))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "EncryptedData \"%.120s\" has other transforms than Attachment-Ciphertext-Transform", uri);
	if (!type)
		REFUSE(fault, FAILED_DECRYPTION, "EncryptedData \"%.120s\" has no MimeType", uri);
	TRY_AS(fault, FAILED_DECRYPTION, mime_type_parse(inside->arena, type, &parsed, fault->error));
	part->shown.encrypted = true;
	part->type = parsed.type;
	return 0;
}

int encryption_read(struct as4_inside *inside, const struct as4_mode *mode, struct fault *fault)
{
	const struct xml_node *security = inside->envelope.security, *key = xml_child(security, NS_XENC, "EncryptedKey");
	const struct xml_node *data = xml_child(security, NS_XENC, "EncryptedData");
	if (key && xml_next_same(key))
		REFUSE(fault, POLICY_NONCOMPLIANCE, "the Security header holds more than one EncryptedKey");
	if (data && !key)
		REFUSE(fault, FAILED_DECRYPTION, "parts are encrypted and the Security header holds no EncryptedKey");
	if (key && data)
		TRY(read_key(inside, mode, key, fault));
	for (; data; data = xml_next_same(data))
		TRY(read_data(inside, data, fault));
	for (size_t i = 0; mode->must_encrypt && i < inside->count; i++)
		if (!inside->parts[i].shown.encrypted)
			REFUSE(fault, POLICY_NONCOMPLIANCE, "part \"%.80s\" is not encrypted, which is agreed", inside->parts[i].shown.info->cid);
	return 0;
}

/* ---- a part's octets ---- */

static int decipher(void *context, struct bytes bytes, struct error *error)
{
	return cipher_add(context, bytes, error);
}

int part_stream(const struct as4_inside *inside, const struct part *part, const struct sink *sink, struct fault *fault)
{
	if (!part->shown.encrypted)
		return blob_copy(inside->blob, part->mime->at, part->mime->size, sink, fault->error);
	CIPHER_AUTO cipher = cipher_open(inside->key, sink);
	struct sink in = { decipher, cipher };
	TRY(blob_copy(inside->blob, part->mime->at, part->mime->size, &in, fault->error));
	if (cipher_end(cipher, fault->error) == 0)
		return 0;
	fault->code = EBMS_FAILED_DECRYPTION;
	return error_during(fault->error, "part \"%.80s\"", part->shown.info->cid);
}
