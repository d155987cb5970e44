/* Writing signatures. The rules of form stand in CONTRIBUTING.md, "canonical by construction": SignedInfo and
 * SignedProperties repeat their xmlns on their own start tag, a prefix is declared where it is visibly used, no
 * empty-element tags, attributes in order, base64 unwrapped, not even a line feed between anything. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/xml/xml.h"
#include "sign/names.h"
#include "sign/sign.h"

struct signer {
	struct key *key;
	struct certificate *chain;
	enum algorithm algorithm;
	/* What every signature of this signer repeats: made once. */
	struct buffer before_time, after_time, key_info;
	struct {
		struct buffer before_uri, detached, enveloped, properties;
	} info;                 /* SignedInfo: what stands before the URI, behind it, and between the two digests */
	struct buffer before_info, before_properties;
};

static void signer_prepare(struct signer *signer);

int signer_open(const char *key_file, const char *certificate_file, bool legacy, struct signer **signer_r, struct error *error)
{
	SIGNER_AUTO signer = calloc(1, sizeof *signer);
	if (!signer)
		die("out of memory");
	TRY(key_open(key_file, &signer->key, error));
	TRY(certificate_open(certificate_file, &signer->chain, error));
	if (!certificate_fits(signer->chain, signer->key))
		FAIL(error, BAD_KEY, "key \"%s\" does not belong to the first certificate of \"%s\"", key_file, certificate_file);
	signer->algorithm = key_algorithm(signer->key, legacy);
	signer_prepare(signer);
	*signer_r = signer;
	signer = NULL;
	return 0;
}

void signer_free(struct signer **signer)
{
	if (!*signer)
		return;
	key_free(&(*signer)->key);
	certificate_free(&(*signer)->chain);
	struct buffer *const made[] = { &(*signer)->before_time, &(*signer)->after_time, &(*signer)->key_info, &(*signer)->info.before_uri,
		&(*signer)->info.detached, &(*signer)->info.enveloped, &(*signer)->info.properties, &(*signer)->before_info, &(*signer)->before_properties };
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		buffer_clear(made[i]);
	free(*signer);
	*signer = NULL;
}

int64_t signer_until(const struct signer *signer)
{
	return certificate_until(signer->chain);
}

const char *signer_algorithm(const struct signer *signer)
{
	return algorithm_name(signer->algorithm);
}

static void add_digest(struct buffer *out, struct bytes octets)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	digest_sha256(octets, digest);
	text_base64(out, (struct bytes){ digest, sizeof digest });
}

/* EN 319 132-1 5.2.1 SigningTime, 5.2.2 SigningCertificateV2, 5.2.4 DataObjectFormat */
static void prepare_properties(struct signer *signer, struct arena *arena)
{
	struct buffer *out = &signer->after_time;
	buffer_printf(&signer->before_time, "<xades:SignedProperties xmlns:xades=\"%s\" Id=\"sealgate-properties\"><xades:SignedSignatureProperties>"
	              "<xades:SigningTime>", XADES);
	buffer_printf(out, "</xades:SigningTime><xades:SigningCertificateV2><xades:Cert><xades:CertDigest>"
	              "<ds:DigestMethod xmlns:ds=\"%s\" Algorithm=\"%s\"></ds:DigestMethod><ds:DigestValue xmlns:ds=\"%s\">", DS, SHA256, DS);
	add_digest(out, certificate_der(signer->chain, arena));
	buffer_add_text(out, "</ds:DigestValue></xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>"
	                "<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference=\"#sealgate-document\">"
	                "<xades:MimeType>application/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>"
	                "</xades:SignedProperties>");
}

static void prepare_key_info(struct signer *signer, struct arena *arena)
{
	struct buffer *out = &signer->key_info;
	buffer_add_text(out, "<ds:KeyInfo><ds:X509Data>");
	for (const struct certificate *c = signer->chain; c; c = certificate_next(c)) {
		buffer_add_text(out, "<ds:X509Certificate>");
		text_base64(out, certificate_der(c, arena));
		buffer_add_text(out, "</ds:X509Certificate>");
	}
	buffer_add_text(out, "</ds:X509Data></ds:KeyInfo>");
}

static void prepare_info(struct signer *signer)
{
	buffer_printf(&signer->info.before_uri, "<ds:SignedInfo xmlns:ds=\"%s\"><ds:CanonicalizationMethod Algorithm=\"%s\">"
	              "</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod>"
	              "<ds:Reference Id=\"sealgate-document\" URI=\"", DS, EXCLUSIVE, algorithm_uri(signer->algorithm));
	buffer_printf(&signer->info.detached, "\"><ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod><ds:DigestValue>", SHA256);
	buffer_printf(&signer->info.enveloped, "\"><ds:Transforms><ds:Transform Algorithm=\"%s\"></ds:Transform><ds:Transform Algorithm=\"%s\">"
	              "</ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod><ds:DigestValue>", ENVELOPED, EXCLUSIVE, SHA256);
	buffer_printf(&signer->info.properties, "</ds:DigestValue></ds:Reference><ds:Reference Type=\"%s\" URI=\"#sealgate-properties\"><ds:Transforms>"
	              "<ds:Transform Algorithm=\"%s\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod><ds:DigestValue>",
	              SIGNED_PROPERTIES, EXCLUSIVE, SHA256);
	buffer_printf(&signer->before_info, "<ds:Signature xmlns:ds=\"%s\" Id=\"sealgate-signature\">", DS);
	buffer_printf(&signer->before_properties, "<ds:Object><xades:QualifyingProperties xmlns:xades=\"%s\" Target=\"#sealgate-signature\">", XADES);
}

static void signer_prepare(struct signer *signer)
{
	ARENA_AUTO arena = arena_new();
	prepare_properties(signer, arena);
	prepare_key_info(signer, arena);
	prepare_info(signer);
}

static void add_buffer(struct buffer *out, const struct buffer *piece)
{
	buffer_add(out, piece->data, piece->size);
}

static void write_properties(const struct signer *signer, int64_t signing_time, struct buffer *out)
{
	char time[CLOCK_TEXT_SIZE];
	add_buffer(out, &signer->before_time);
	buffer_add_text(out, clock_format(signing_time - signing_time % 1000, time));
	add_buffer(out, &signer->after_time);
}

static void write_signed_info(const struct signer *signer, struct bytes document, const char *name, struct bytes properties, struct buffer *out)
{
	add_buffer(out, &signer->info.before_uri);
	if (name)
		xml_escape_attribute(out, name);
	add_buffer(out, name ? &signer->info.detached : &signer->info.enveloped);
	add_digest(out, document);
	add_buffer(out, &signer->info.properties);
	add_digest(out, properties);
	buffer_add_text(out, "</ds:DigestValue></ds:Reference></ds:SignedInfo>");
}

/* name NULL: enveloped. */
static int write_signature(const struct signer *signer, struct bytes document, const char *name, int64_t signing_time, struct buffer *out,
                           struct error *error)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO properties = { 0 };
	BUFFER_AUTO info = { 0 };
	write_properties(signer, signing_time, &properties);
	write_signed_info(signer, document, name, buffer_bytes(&properties), &info);
	struct key_job job = { .octets = buffer_bytes(&info) };
	TRY(key_sign(signer->key, signer->algorithm, &job, 1, arena, error));
	add_buffer(out, &signer->before_info);
	add_buffer(out, &info);
	buffer_add_text(out, "<ds:SignatureValue>");
	text_base64(out, job.signature);
	buffer_add_text(out, "</ds:SignatureValue>");
	add_buffer(out, &signer->key_info);
	add_buffer(out, &signer->before_properties);
	add_buffer(out, &properties);
	buffer_add_text(out, "</xades:QualifyingProperties></ds:Object></ds:Signature>");
	if (out->over)
		FAIL(error, TOO_LARGE, "the signed document is too large");
	return 0;
}

static bool is_file_name(const char *name)
{
	return *name && name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0' && *name != '.';
}

int sign_detached(const struct signer *signer, struct bytes document, const char *name, int64_t signing_time, struct buffer *out,
                  struct error *error)
{
	if (!is_file_name(name))
		FAIL(error, BAD_FIELD, "\"%.80s\" is no file name of letters, digits, points, underscores and hyphens", name);
	return write_signature(signer, document, name, signing_time, out, error);
}

int sign_enveloped(const struct signer *signer, struct bytes document, int64_t signing_time, struct buffer *out, struct error *error)
{
	size_t end = document.size;
	while (end > 1 && !(document.data[end - 1] == '<' && document.data[end] == '/'))
		end--;
	if (end <= 1)
		FAIL(error, BAD_XML, "the document to be signed has no end tag");
	end--;
	buffer_add(out, document.data, end);
	TRY(write_signature(signer, document, NULL, signing_time, out, error));
	buffer_add(out, document.data + end, document.size - end);
	return 0;
}
