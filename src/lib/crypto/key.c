#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/inside.h"

const char *algorithm_name(enum algorithm algorithm)
{
	static const char *const names[] = { "ECDSA P-256 with SHA-256", "ECDSA P-384 with SHA-384", "RSA-PSS with SHA-256",
		                             "RSA PKCS#1 v1.5 with SHA-256 (legacy)", "Ed25519" };
	return names[algorithm];
}

const char *algorithm_uri(enum algorithm algorithm)
{
	static const char *const uris[] = {
		[ALGORITHM_ECDSA_SHA256] = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
		[ALGORITHM_ECDSA_SHA384] = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
		[ALGORITHM_RSA_PSS_SHA256] = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
		[ALGORITHM_RSA_PKCS1_SHA256] = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
		[ALGORITHM_ED25519] = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
	};
	return uris[algorithm];
}

enum algorithm algorithm_find(const char *uri)
{
	enum algorithm algorithm = 0;
	while (algorithm < ALGORITHMS && !text_equal(algorithm_uri(algorithm), uri))
		algorithm++;
	return algorithm;
}

const char *crypto_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	ERR_clear_error();
	return reason ? reason : "no reason given";
}

static bool is_curve(const EVP_PKEY *pkey, const char *name)
{
	char group[64];
	size_t size;
	return EVP_PKEY_get_group_name(pkey, group, sizeof group, &size) == 1 && text_equal(group, name);
}

int crypto_fits(EVP_PKEY *pkey, enum algorithm algorithm, unsigned least_bits, struct error *error)
{
	bool fits = false;
	int least = (int)(least_bits ? least_bits : RSA_LEAST_BITS);
	switch (algorithm) {
	case ALGORITHM_ECDSA_SHA256:
		fits = EVP_PKEY_is_a(pkey, "EC") && is_curve(pkey, "prime256v1");
		break;
	case ALGORITHM_ECDSA_SHA384:
		fits = EVP_PKEY_is_a(pkey, "EC") && is_curve(pkey, "secp384r1");
		break;
	case ALGORITHM_RSA_PSS_SHA256:
	case ALGORITHM_RSA_PKCS1_SHA256:
		fits = EVP_PKEY_is_a(pkey, "RSA") && EVP_PKEY_get_bits(pkey) >= least;
		break;
	case ALGORITHM_ED25519:
		fits = EVP_PKEY_is_a(pkey, "ED25519");
		break;
	case ALGORITHMS:
		break;
	}
	if (!fits)
		FAIL(error, BAD_KEY, "the key (%s, %d bits) is not one for %s", EVP_PKEY_get0_type_name(pkey), EVP_PKEY_get_bits(pkey),
		     algorithm < ALGORITHMS ? algorithm_name(algorithm) : "any algorithm");
	return 0;
}

static enum algorithm algorithm_of(const EVP_PKEY *pkey, bool legacy)
{
	if (EVP_PKEY_is_a(pkey, "EC"))
		return is_curve(pkey, "secp384r1") ? ALGORITHM_ECDSA_SHA384 : ALGORITHM_ECDSA_SHA256;
	if (EVP_PKEY_is_a(pkey, "ED25519"))
		return ALGORITHM_ED25519;
	return legacy ? ALGORITHM_RSA_PKCS1_SHA256 : ALGORITHM_RSA_PSS_SHA256;
}

static struct key *key_of(EVP_PKEY *pkey)
{
	struct key *key = calloc(1, sizeof *key);
	if (!key)
		die("out of memory");
	key->pkey = pkey;
	key->least_bits = RSA_LEAST_BITS;
	return key;
}

static int no_pass_phrase(char *out, int size, int writing, void *context)
{
	(void)out, (void)size, (void)writing, (void)context;
	return -1;
}

int key_open(const char *path, struct key **key_r, struct error *error)
{
	return key_open_least(path, RSA_LEAST_BITS, key_r, error);
}

int key_open_least(const char *path, unsigned rsa_bits, struct key **key_r, struct error *error)
{
	BUFFER_AUTO pem = { .ceiling = 1 << 20 };
	TRY(file_read(path, &pem, error));
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, no_pass_phrase, NULL);
	BIO_free(bio);
	OPENSSL_cleanse(pem.data, pem.size);
	if (!pkey)
		FAIL(error, BAD_KEY, "\"%s\" holds no private key in PEM without a pass phrase: %s", path, crypto_reason());
	if (crypto_fits(pkey, algorithm_of(pkey, false), rsa_bits, error) < 0) {
		EVP_PKEY_free(pkey);
		return error_during(error, "\"%s\"", path);
	}
	*key_r = key_of(pkey);
	(*key_r)->least_bits = rsa_bits;
	return 0;
}

void key_free(struct key **key)
{
	if (!*key)
		return;
	EVP_PKEY_free((*key)->pkey);
	free(*key);
	*key = NULL;
}

enum algorithm key_algorithm(const struct key *key, bool legacy)
{
	return algorithm_of(key->pkey, legacy);
}

/* DER to r||s, each as wide as the curve. */
static int plain_ecdsa(const EVP_PKEY *pkey, struct arena *arena, struct bytes der, struct bytes *out, struct error *error)
{
	const unsigned char *at = der.data;
	ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &at, (long)der.size);
	int width = (EVP_PKEY_get_bits(pkey) + 7) / 8;
	uint8_t *plain = arena_alloc(arena, (size_t)width * 2);
	bool good = signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature), plain, width) == width &&
	            BN_bn2binpad(ECDSA_SIG_get0_s(signature), plain + width, width) == width;
	ECDSA_SIG_free(signature);
	if (!good)
		FAIL(error, BAD_KEY, "the signature cannot be written as r||s");
	*out = (struct bytes){ plain, (size_t)width * 2 };
	return 0;
}

static const EVP_MD *digest_for(enum algorithm algorithm)
{
	return algorithm == ALGORITHM_ED25519 ? NULL : algorithm == ALGORITHM_ECDSA_SHA384 ? EVP_sha384() : EVP_sha256();
}

/* RSA-PSS as RFC 6931 2.3.9 has it: MGF1 with the same digest, salt as long as the digest. */
static bool pad(EVP_PKEY_CTX *context, enum algorithm algorithm)
{
	return algorithm != ALGORITHM_RSA_PSS_SHA256 ||
	       (EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 && EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1);
}

static int sign_one(const struct key *key, enum algorithm algorithm, struct key_job *job, struct arena *arena, struct error *error)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *inner;
	uint8_t room[1024];
	size_t size = sizeof room;
	bool good = context && EVP_DigestSignInit(context, &inner, digest_for(algorithm), NULL, key->pkey) == 1 && pad(inner, algorithm) &&
	            EVP_DigestSign(context, room, &size, job->octets.data, job->octets.size) == 1;
	EVP_MD_CTX_free(context);
	if (!good)
		FAIL(error, BAD_KEY, "cannot sign with %s: %s", algorithm_name(algorithm), crypto_reason());
	struct bytes signature = { room, size };
	if (algorithm == ALGORITHM_ECDSA_SHA256 || algorithm == ALGORITHM_ECDSA_SHA384)
		return plain_ecdsa(key->pkey, arena, signature, &job->signature, error);
	job->signature = arena_bytes(arena, signature);
	return 0;
}

int key_sign(const struct key *key, enum algorithm algorithm, struct key_job *jobs, size_t count, struct arena *arena, struct error *error)
{
	TRY(crypto_fits(key->pkey, algorithm, key->least_bits, error));
	for (size_t i = 0; i < count; i++)
		TRY(sign_one(key, algorithm, &jobs[i], arena, error));
	return 0;
}

static int der_ecdsa(struct arena *arena, struct bytes plain, struct bytes *out, struct error *error)
{
	int half = (int)plain.size / 2;
	ECDSA_SIG *signature = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(plain.data, half, NULL), *s = BN_bin2bn(plain.data + half, half, NULL);
	unsigned char *der = NULL;
	if (!signature || !r || !s || ECDSA_SIG_set0(signature, r, s) != 1)
		die("out of memory");
	int size = i2d_ECDSA_SIG(signature, &der);
	ECDSA_SIG_free(signature);
	if (size <= 0)
		FAIL(error, BAD_SIGNATURE, "the signature value is no pair of numbers");
	*out = arena_bytes(arena, (struct bytes){ der, (size_t)size });
	OPENSSL_free(der);
	return 0;
}

int certificate_verify(const struct certificate *certificate, enum algorithm algorithm, struct bytes octets, struct bytes signature,
                       struct error *error)
{
	return certificate_verify_least(certificate, algorithm, RSA_LEAST_BITS, octets, signature, error);
}

int certificate_verify_least(const struct certificate *certificate, enum algorithm algorithm, unsigned rsa_bits, struct bytes octets,
                             struct bytes signature, struct error *error)
{
	EVP_PKEY *pkey = X509_get0_pubkey(certificate->x509);
	if (!pkey)
		FAIL(error, BAD_KEY, "the certificate's public key cannot be read: %s", crypto_reason());
	return crypto_verify(pkey, algorithm, rsa_bits, octets, signature, error);
}

int crypto_verify(EVP_PKEY *pkey, enum algorithm algorithm, unsigned rsa_bits, struct bytes octets, struct bytes signature, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	TRY(crypto_fits(pkey, algorithm, rsa_bits, error));
	if (algorithm == ALGORITHM_ECDSA_SHA256 || algorithm == ALGORITHM_ECDSA_SHA384) {
		if (signature.size != (size_t)((EVP_PKEY_get_bits(pkey) + 7) / 8) * 2)
			FAIL(error, BAD_SIGNATURE, "the signature value has %zu octets, which does not fit the key", signature.size);
		TRY(der_ecdsa(arena, signature, &signature, error));
	}
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *inner;
	bool good = context && EVP_DigestVerifyInit(context, &inner, digest_for(algorithm), NULL, pkey) == 1 && pad(inner, algorithm) &&
	            EVP_DigestVerify(context, signature.data, signature.size, octets.data, octets.size) == 1;
	EVP_MD_CTX_free(context);
	ERR_clear_error();
	if (!good)
		FAIL(error, BAD_SIGNATURE, "the signature value does not fit what was signed and the signer's key");
	return 0;
}

int key_make(const char *kind, struct key **key_r, struct error *error)
{
	EVP_PKEY *pkey = NULL;
	if (text_equal(kind, "p256"))
		pkey = EVP_EC_gen("P-256");
	else if (text_equal(kind, "p384"))
		pkey = EVP_EC_gen("P-384");
	else if (text_equal(kind, "rsa3072"))
		pkey = EVP_RSA_gen(3072);
	else if (text_equal(kind, "rsa2048"))
		pkey = EVP_RSA_gen(2048);
	else if (text_equal(kind, "ed25519"))
		pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (!pkey)
		FAIL(error, BAD_KEY, "cannot make a key of kind \"%s\"; known are p256, p384, rsa3072, rsa2048 (legacy), ed25519", kind);
	*key_r = key_of(pkey);
	if (text_equal(kind, "rsa2048"))
		(*key_r)->least_bits = 2048;
	return 0;
}

int key_write(const struct key *key, const char *path, struct error *error)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	int result = 0;
	if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) != 1)
		result = error_set(error, ERROR_BAD_KEY, "cannot write the key: %s", crypto_reason());
	long size = bio ? BIO_get_mem_data(bio, &pem) : 0;
	if (result == 0)
		result = file_write(path, (struct bytes){ (uint8_t *)pem, (size_t)size }, 0600, error);
	BIO_free(bio);
	return result;
}

void hmac_sha256(struct bytes key, struct bytes data, uint8_t out[static 32])
{
	unsigned size = 32;
	if (!HMAC(EVP_sha256(), key.size ? (const void *)key.data : "", (int)key.size, data.data, data.size, out, &size))
		die("HMAC-SHA-256 failed");
}

bool secret_equal(struct bytes a, struct bytes b)
{
	uint8_t x[DIGEST_SHA256_SIZE], y[DIGEST_SHA256_SIZE];
	digest_sha256(a, x);  /* so that lengths take no part in it */
	digest_sha256(b, y);
	return CRYPTO_memcmp(x, y, sizeof x) == 0;
}
