/* How messages carry and name certificates: PKIPath, key identifiers, serial numbers. */
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "lib/crypto/inside.h"

#define PATH_MOST 8
#define PATH_OCTETS_MOST ((size_t)256 << 10)

static bool issued(X509 *issuer, X509 *subject)
{
	return X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(subject)) == 0;
}

/* Authority first? Then each issued the one behind it. */
static int check_order(X509 *const *path, size_t count, struct error *error)
{
	size_t right = 0, wrong = 0;
	for (size_t i = 1; i < count; i++) {
		right += issued(path[i - 1], path[i]);
		wrong += issued(path[i], path[i - 1]);
	}
	if (right == count - 1)
		return 0;
	if (wrong == count - 1)
		FAIL(error, BAD_CERTIFICATE, "the certificate path has the signer's certificate first; in a PKIPath the authority's comes first, the signer's last");
	FAIL(error, BAD_CERTIFICATE, "the certificate path is broken: a certificate in it did not issue the next one");
}

static int read_path(const uint8_t *at, const uint8_t *end, X509 **path, size_t *count, struct error *error)
{
	while (at < end) {
		if (*count == PATH_MOST)
			FAIL(error, BAD_CERTIFICATE, "the certificate path has more than %d certificates", PATH_MOST);
		const uint8_t *from = at;
		X509 *x509 = d2i_X509(NULL, &at, end - at);
		if (!x509)
			FAIL(error, BAD_CERTIFICATE, "a certificate of the path cannot be read: %s", crypto_reason());
		path[(*count)++] = x509;
		if (!x509_is_der(x509, from, (size_t)(at - from)))
			FAIL(error, BAD_CERTIFICATE, "a certificate of the path is not in DER");
	}
	if (*count == 0)
		FAIL(error, BAD_CERTIFICATE, "the certificate path is empty");
	return check_order(path, *count, error);
}

int certificate_from_path(struct bytes der, struct certificate **chain_r, struct error *error)
{
	const uint8_t *at = der.data, *end = der.data + der.size;
	X509 *path[PATH_MOST];
	size_t count = 0;
	long size = 0;
	int tag = 0, class = 0;
	bool good = der.size > 0 && der.size <= PATH_OCTETS_MOST;
	int form = good ? ASN1_get_object(&at, &size, &tag, &class, end - at) : 0x80;
	if (form != V_ASN1_CONSTRUCTED || tag != V_ASN1_SEQUENCE || class != V_ASN1_UNIVERSAL || at + size != end) {
		ERR_clear_error();
		FAIL(error, BAD_CERTIFICATE, "the certificate path is no PKIPath: a SEQUENCE of certificates in DER");
	}
	if (read_path(at, end, path, &count, error) < 0) {
		while (count)
			X509_free(path[--count]);
		return -1;
	}
	struct certificate **last = chain_r;
	for (*chain_r = NULL; count; last = &(*last)->next)
		*last = certificate_of(path[--count]);
	return 0;
}

static void add_path(const struct certificate *chain, struct arena *arena, struct buffer *out)
{
	if (!chain)
		return;
	add_path(chain->next, arena, out);
	struct bytes der = certificate_der(chain, arena);
	buffer_add(out, der.data, der.size);
}

struct bytes certificate_path(const struct certificate *chain, struct arena *arena)
{
	BUFFER_AUTO inner = { 0 };
	uint8_t head[16], *at = head;
	add_path(chain, arena, &inner);
	ASN1_put_object(&at, 1, (int)inner.size, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	size_t size = (size_t)(at - head) + inner.size;
	uint8_t *out = arena_alloc(arena, size);
	memcpy(out, head, (size_t)(at - head));
	memcpy(out + (at - head), inner.data, inner.size);
	return (struct bytes){ out, size };
}

struct bytes certificate_key_id(const struct certificate *certificate, struct arena *arena)
{
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(certificate->x509);
	if (!id)
		return (struct bytes){ 0 };
	return arena_bytes(arena, (struct bytes){ ASN1_STRING_get0_data(id), (size_t)ASN1_STRING_length(id) });
}

const char *certificate_serial(const struct certificate *certificate, struct arena *arena)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate->x509), NULL);
	char *text = number ? BN_bn2dec(number) : NULL;
	if (!text)
		die("out of memory");
	const char *out = arena_text(arena, text);
	OPENSSL_free(text);
	BN_free(number);
	return out;
}

struct certificate *certificate_copy(const struct certificate *certificate)
{
	X509_up_ref(certificate->x509);
	return certificate_of(certificate->x509);
}
