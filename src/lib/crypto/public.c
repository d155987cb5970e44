/* Public keys out of their numbers. */
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/crypto/inside.h"

#define RSA_OCTETS_MOST 1024   /* 8192 bits: more is no key, but work for us */
#define COORDINATE_MOST 48

static struct key *public_of(EVP_PKEY *pkey)
{
	struct key *key = calloc(1, sizeof *key);
	if (!key)
		die("out of memory");
	key->pkey = pkey;
	return key;
}

static int from_parameters(const char *kind, OSSL_PARAM_BLD *build, struct key **key_r, struct error *error)
{
	EVP_PKEY *pkey = NULL;
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	bool good = parameters && context && EVP_PKEY_fromdata_init(context) == 1 &&
	            EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, parameters) == 1;
	EVP_PKEY_CTX_free(context);
	context = good ? EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL) : NULL;
	good = context && EVP_PKEY_public_check(context) == 1;  /* the point is on the curve */
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	OSSL_PARAM_BLD_free(build);
	if (!good) {
		EVP_PKEY_free(pkey);
		FAIL(error, BAD_KEY, "these numbers are no %s key: %s", kind, crypto_reason());
	}
	*key_r = public_of(pkey);
	return 0;
}

int key_public_ec(const char *curve, struct bytes x, struct bytes y, struct key **key_r, struct error *error)
{
	size_t size = text_equal(curve, "P-256") ? 32 : text_equal(curve, "P-384") ? COORDINATE_MOST : 0;
	uint8_t point[1 + 2 * COORDINATE_MOST] = { POINT_CONVERSION_UNCOMPRESSED };
	if (!size || x.size != size || y.size != size)  /* RFC 7518 6.2.1.2: of full length */
		FAIL(error, BAD_KEY, "an EC key has curve P-256 or P-384, and x and y of its full length");
	memcpy(point + 1, x.data, size);
	memcpy(point + 1 + size, y.data, size);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (!build || !OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) ||
	    !OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size))
		die("out of memory");
	return from_parameters("EC", build, key_r, error);
}

int key_public_rsa(struct bytes modulus, struct bytes exponent, struct key **key_r, struct error *error)
{
	if (!modulus.size || modulus.size > RSA_OCTETS_MOST || !exponent.size || exponent.size > 8)
		FAIL(error, BAD_KEY, "an RSA key has a modulus of at most %d octets and an exponent of at most 8", RSA_OCTETS_MOST);
	BIGNUM *n = BN_bin2bn(modulus.data, (int)modulus.size, NULL), *e = BN_bin2bn(exponent.data, (int)exponent.size, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	if (!n || !e || !build || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) || !OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
		die("out of memory");
	int result = from_parameters("RSA", build, key_r, error);
	BN_free(n);
	BN_free(e);
	return result;
}

int key_public_ed25519(struct bytes x, struct key **key_r, struct error *error)
{
	EVP_PKEY *pkey = x.size == 32 ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x.data, x.size) : NULL;
	if (!pkey)
		FAIL(error, BAD_KEY, "an Ed25519 key has 32 octets");
	*key_r = public_of(pkey);
	return 0;
}

struct key *key_share(const struct key *key)
{
	EVP_PKEY_up_ref(key->pkey);
	struct key *same = public_of(key->pkey);
	same->least_bits = key->least_bits;
	return same;
}

int key_verify(const struct key *key, enum algorithm algorithm, unsigned rsa_bits, struct bytes octets, struct bytes signature, struct error *error)
{
	return crypto_verify(key->pkey, algorithm, rsa_bits, octets, signature, error);
}
