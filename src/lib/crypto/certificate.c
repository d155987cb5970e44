#include "lib/crypto/certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/crypto/inside.h"
#include "lib/crypto/memory.h"

struct certificate *certificate_of(X509 *x509)
{
	struct certificate *certificate = calloc(1, sizeof *certificate);
	if (!certificate)
		die("out of memory");
	certificate->x509 = x509;
	return certificate;
}

int certificate_open(const char *path, struct certificate **first_r, struct error *error)
{
	BUFFER_AUTO pem = { .ceiling = 4 << 20 };
	TRY(file_read(path, &pem, error));
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
	*first_r = NULL;
	struct certificate **last = first_r;
	for (X509 *x509; (x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL)); last = &(*last)->next)
		*last = certificate_of(x509);
	BIO_free(bio);
	const char *reason = crypto_reason();
	if (!*first_r)
		FAIL(error, BAD_CERTIFICATE, "\"%s\" holds no certificate in PEM: %s", path, reason);
	(*first_r)->memory = trust_memory_new();
	return 0;
}

/* Encoded again it is the same: a certificate has one form, DER (X.690 10), and its digest is that of what came. */
bool x509_is_der(X509 *x509, const uint8_t *octets, size_t size)
{
	unsigned char *again = NULL;
	int n = i2d_X509(x509, &again);
	bool same = n >= 0 && (size_t)n == size && memcmp(again, octets, size) == 0;
	OPENSSL_free(again);
	return same;
}

int certificate_from_der(struct bytes der, struct certificate **certificate_r, struct error *error)
{
	const unsigned char *at = der.data;
	X509 *x509 = der.size && der.size < (1 << 20) ? d2i_X509(NULL, &at, (long)der.size) : NULL;
	if (!x509 || at != der.data + der.size) {
		X509_free(x509);
		FAIL(error, BAD_CERTIFICATE, "a certificate cannot be read: %s", crypto_reason());
	}
	if (!x509_is_der(x509, der.data, der.size)) {
		X509_free(x509);
		FAIL(error, BAD_CERTIFICATE, "a certificate is not in DER");
	}
	*certificate_r = certificate_of(x509);
	return 0;
}

void certificate_free(struct certificate **first)
{
	for (struct certificate *at = *first, *next; at; at = next) {
		next = at->next;
		trust_memory_free(&at->memory);
		X509_free(at->x509);
		free(at);
	}
	*first = NULL;
}

const struct certificate *certificate_next(const struct certificate *certificate)
{
	return certificate->next;
}

void certificate_append(struct certificate *chain, struct certificate *more)
{
	while (chain->next)
		chain = chain->next;
	chain->next = more;
}

struct bytes certificate_der(const struct certificate *certificate, struct arena *arena)
{
	unsigned char *der = NULL;
	int size = i2d_X509(certificate->x509, &der);
	must(size > 0);
	struct bytes out = arena_bytes(arena, (struct bytes){ der, (size_t)size });
	OPENSSL_free(der);
	return out;
}

/* A name that cannot be written as a whole is "", which names nobody: half of it could be another's. */
static const char *name_text(const X509_NAME *name, struct arena *arena)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	if (!bio)
		die("out of memory");
	bool whole = X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0;
	long size = BIO_get_mem_data(bio, &text);
	const char *out = whole && size > 0 ? arena_text_n(arena, text, (size_t)size) : "";
	BIO_free(bio);
	return out;
}

const char *certificate_subject(const struct certificate *certificate, struct arena *arena)
{
	return name_text(X509_get_subject_name(certificate->x509), arena);
}

const char *certificate_issuer(const struct certificate *certificate, struct arena *arena)
{
	return name_text(X509_get_issuer_name(certificate->x509), arena);
}

static bool ends_there(const char *at, const char *text)
{
	size_t n = strlen(text);
	return n && strncmp(at, text, n) == 0 && text[n - 1] != '\\' && (at[n] == '\0' || at[n] == ',' || at[n] == '+');
}

bool certificate_named(const struct certificate *certificate, const char *text)
{
	ARENA_AUTO arena = arena_new();
	for (const char *at = certificate_subject(certificate, arena); *at; at += *at != '\0') {
		const char *value = strchr(at, '=');
		if (ends_there(at, text) || (value && ends_there(value + 1, text)))
			return true;
		for (; *at && *at != ',' && *at != '+'; at++)  /* to the next attribute */
			at += *at == '\\' && at[1];
	}
	return false;
}

static int64_t time_of(const ASN1_TIME *time)
{
	struct tm tm = { 0 };
	return ASN1_TIME_to_tm(time, &tm) == 1 ? (int64_t)timegm(&tm) * 1000 : 0;
}

int64_t certificate_from(const struct certificate *certificate)
{
	return time_of(X509_get0_notBefore(certificate->x509));
}

int64_t certificate_until(const struct certificate *certificate)
{
	return time_of(X509_get0_notAfter(certificate->x509));
}

bool certificate_fits(const struct certificate *certificate, const struct key *key)
{
	bool fits = X509_check_private_key(certificate->x509, key->pkey) == 1;
	ERR_clear_error();
	return fits;
}

static int check_leaf(const struct certificate *leaf, struct error *error)
{
	uint32_t usage = X509_get_key_usage(leaf->x509);
	if (X509_get_version(leaf->x509) != X509_VERSION_3)  /* older ones cannot say what they are for (RFC 5280 4.1.2.1) */
		FAIL(error, BAD_CERTIFICATE, "the signer's certificate is not of version 3");
	if (X509_check_ca(leaf->x509) > 0)
		FAIL(error, BAD_CERTIFICATE, "the signer's certificate is one of a certification authority");
	if (usage != UINT32_MAX && !(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
		FAIL(error, BAD_CERTIFICATE, "the signer's certificate is not meant for signing");
	return 0;
}

int certificate_check(const struct certificate *chain, const struct certificate *anchors, int64_t at, struct error *error)
{
	return certificate_trust(chain, &(struct trust){ .anchors = anchors }, at, error);
}

static bool is_pinned(const struct certificate *leaf, const struct certificate *pinned)
{
	for (; pinned; pinned = pinned->next)
		if (X509_cmp(leaf->x509, pinned->x509) == 0)
			return true;
	return false;
}

/* A list is a must for the leaf alone; where an authority further up has one, it is heeded. */
static int without_list(int good, X509_STORE_CTX *context)
{
	if (!good && X509_STORE_CTX_get_error(context) == X509_V_ERR_UNABLE_TO_GET_CRL && X509_STORE_CTX_get_error_depth(context) > 0) {
		X509_STORE_CTX_set_error(context, X509_V_OK);
		return 1;
	}
	return good;
}

static void set_parameters(X509_STORE_CTX *context, const struct trust *trust, int64_t at)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	X509_VERIFY_PARAM_set_depth(param, 5);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at / 1000));
	if (!trust->revocations)
		return;
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	X509_STORE_CTX_set0_crls(context, crypto_revocations(trust->revocations));
	X509_STORE_CTX_set_verify_cb(context, without_list);
}

int certificate_trust(const struct certificate *chain, const struct trust *trust, int64_t at, struct error *error)
{
	struct trust_span span;
	return crypto_trust_span(chain, trust, at, &span, error);
}

static struct trust_span span_of(X509_STORE_CTX *context, const struct trust *trust)
{
	int64_t until = INT64_MAX, from = INT64_MIN;
	const STACK_OF(X509) *path = X509_STORE_CTX_get0_chain(context);
	const STACK_OF(X509_CRL) *lists = trust->revocations ? crypto_revocations(trust->revocations) : NULL;
	for (int i = 0; i < sk_X509_num(path); i++) {
		int64_t end = time_of(X509_get0_notAfter(sk_X509_value(path, i))), start = time_of(X509_get0_notBefore(sk_X509_value(path, i)));
		until = end < until ? end : until;
		from = start > from ? start : from;
	}
	for (int i = 0; i < sk_X509_CRL_num(lists); i++) {
		const ASN1_TIME *next = X509_CRL_get0_nextUpdate(sk_X509_CRL_value(lists, i));
		int64_t end = next ? time_of(next) : INT64_MAX;
		until = end < until ? end : until;
	}
	return (struct trust_span){ from, until };
}

/* Why a path was not found: which certificate, and what would help. */
static int trust_refuse(X509_STORE_CTX *context, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	X509 *at = X509_STORE_CTX_get_current_cert(context);
	const char *subject = at ? name_text(X509_get_subject_name(at), arena) : "", *issuer = at ? name_text(X509_get_issuer_name(at), arena) : "";
	int why = X509_STORE_CTX_get_error(context);
	switch (why) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		FAIL(error, BAD_CERTIFICATE, "the signer's certificate does not lead to a trusted one: of \"%.140s\" the issuer, \"%.140s\", is neither among the "
		     "agreement's anchors nor in the message; add it to the anchors, or have the peer send its whole chain", subject, issuer);
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		FAIL(error, BAD_CERTIFICATE, "the signer's certificate does not lead to a trusted one: \"%.200s\", where its chain ends, is not among the "
		     "agreement's anchors; add it there if it is the peer's authority", subject);
	default:
		FAIL(error, BAD_CERTIFICATE, "the signer's certificate does not lead to a trusted one: \"%.200s\": %s", subject, X509_verify_cert_error_string(why));
	}
}

int crypto_trust_span(const struct certificate *chain, const struct trust *trust, int64_t at, struct trust_span *span_r, struct error *error)
{
	TRY(check_leaf(chain, error));
	*span_r = (struct trust_span){ certificate_from(chain), certificate_until(chain) };
	if (is_pinned(chain, trust->pinned)) {
		if (at < certificate_from(chain) || at > certificate_until(chain))
			FAIL(error, BAD_CERTIFICATE, "the signer's certificate, agreed by name, is not valid at the time");
		return 0;
	}
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	STACK_OF(X509) *between = sk_X509_new_null();
	if (!store || !context || !between)
		die("out of memory");
	for (const struct certificate *anchor = trust->anchors; anchor; anchor = anchor->next)
		X509_STORE_add_cert(store, anchor->x509);
	for (const struct certificate *more = chain->next; more; more = more->next)
		sk_X509_push(between, more->x509);
	bool good = X509_STORE_CTX_init(context, store, chain->x509, between) == 1;
	if (good) {
		set_parameters(context, trust, at);
		good = X509_verify_cert(context) == 1;
	}
	if (good)
		*span_r = span_of(context, trust);
	else
		trust_refuse(context, error);
	X509_STORE_CTX_free(context);
	X509_STORE_free(store);
	sk_X509_free(between);
	ERR_clear_error();
	return good ? 0 : -1;
}

bool certificate_is_client(const struct certificate *certificate)
{
	uint32_t usage = X509_get_extended_key_usage(certificate->x509);  /* UINT32_MAX: it does not say */
	return usage == UINT32_MAX || (usage & (XKU_SSL_CLIENT | XKU_ANYEKU));
}

/* ---- making ---- */

static void add_name(X509_NAME *name, const char *field, const char *text)
{
	if (text && X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text, -1, -1, 0) != 1)
		die("cannot write a name into a certificate");
}

static bool add_extension(X509 *x509, X509 *issuer, int what, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, what, value);
	bool good = extension && X509_add_ext(x509, extension, -1) == 1;
	X509_EXTENSION_free(extension);
	return good;
}

static bool add_hosts(X509 *x509, X509 *issuer, const char *const *hosts)
{
	BUFFER_AUTO names = { 0 };
	for (; hosts && *hosts; hosts++)
		buffer_printf(&names, "%s%s:%s", names.size ? "," : "", (*hosts)[strspn(*hosts, "0123456789.:abcdef")] ? "DNS" : "IP", *hosts);
	return !names.size || add_extension(x509, issuer, NID_subject_alt_name, buffer_text(&names));
}

static bool fill(X509 *x509, const struct certificate_order *order, const struct key *key, X509 *issuer)
{
	uint8_t serial[16];
	entropy_fill(serial, sizeof serial);
	serial[0] &= 0x7f;
	BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
	bool good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) && X509_set_version(x509, 2) == 1 &&
	            X509_set_pubkey(x509, key->pkey) == 1 && ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)(order->from / 1000)) &&
	            ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)(order->until / 1000));
	BN_free(number);
	X509_NAME *subject = X509_get_subject_name(x509);
	add_name(subject, "C", order->country);
	add_name(subject, "O", order->organisation);
	add_name(subject, "CN", order->name);
	return good && X509_set_issuer_name(x509, X509_get_subject_name(issuer)) == 1 &&
	       add_extension(x509, issuer, NID_basic_constraints, order->is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
	       add_extension(x509, issuer, NID_key_usage, order->is_authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation") &&
	       add_extension(x509, issuer, NID_subject_key_identifier, "hash") &&
	       add_extension(x509, issuer, NID_authority_key_identifier, "keyid") &&
	       (!order->is_server || add_extension(x509, issuer, NID_ext_key_usage, "serverAuth")) && add_hosts(x509, issuer, order->hosts);
}

int certificate_make(const struct certificate_order *order, const struct key *key, const struct certificate *issuer,
                     const struct key *issuer_key, struct certificate **certificate_r, struct error *error)
{
	X509 *x509 = X509_new();
	if (!x509)
		die("out of memory");
	EVP_PKEY *signer = issuer ? issuer_key->pkey : key->pkey;
	const EVP_MD *digest = EVP_PKEY_is_a(signer, "ED25519") ? NULL : EVP_sha256();
	if (!fill(x509, order, key, issuer ? issuer->x509 : x509) || X509_sign(x509, signer, digest) == 0) {
		X509_free(x509);
		FAIL(error, BAD_CERTIFICATE, "cannot make a certificate for \"%s\": %s", order->name, crypto_reason());
	}
	*certificate_r = certificate_of(x509);
	return 0;
}

int certificate_write(const struct certificate *first, const char *path, struct error *error)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	for (; first; first = first->next)
		must(PEM_write_bio_X509(bio, first->x509) == 1);
	long size = BIO_get_mem_data(bio, &pem);
	int result = file_write(path, (struct bytes){ (uint8_t *)pem, (size_t)size }, 0644, error);
	BIO_free(bio);
	return result;
}
