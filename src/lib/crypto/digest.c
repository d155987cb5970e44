#include "lib/crypto/digest.h"

#include <openssl/evp.h>
#include <pthread.h>

#include "lib/base/text.h"

struct digest;

static EVP_MD_CTX *inner(struct digest *digest)
{
	return (EVP_MD_CTX *)digest;
}

/* Found once: with EVP_sha256() OpenSSL 3 looks for it at every digest. */
static EVP_MD *sha256, *sha384, *sha512;
static pthread_once_t found_once = PTHREAD_ONCE_INIT;

static void find(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	sha384 = EVP_MD_fetch(NULL, "SHA384", NULL);
	sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	if (!sha256 || !sha384 || !sha512)
		die("OpenSSL has no SHA-2");
}

void digest_sha256(struct bytes data, uint8_t out[static DIGEST_SHA256_SIZE])
{
	must(pthread_once(&found_once, find) == 0);
	if (EVP_Digest(data.data ? data.data : (const uint8_t *)"", data.size, out, NULL, sha256, NULL) != 1)
		die("SHA-256 failed");
}

static char *hex_write(const uint8_t raw[static DIGEST_SHA256_SIZE], char out[static DIGEST_HEX_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	for (size_t i = 0; i < DIGEST_SHA256_SIZE; i++) {
		out[2 * i] = hex[raw[i] >> 4];
		out[2 * i + 1] = hex[raw[i] & 15];
	}
	out[DIGEST_HEX_SIZE - 1] = '\0';
	return out;
}

char *digest_sha256_hex(struct bytes data, char out[static DIGEST_HEX_SIZE])
{
	uint8_t raw[DIGEST_SHA256_SIZE];
	digest_sha256(data, raw);
	return hex_write(raw, out);
}

char *digest_end_hex(struct digest **digest, char out[static DIGEST_HEX_SIZE])
{
	uint8_t raw[DIGEST_SHA256_SIZE];
	digest_end(digest, raw);
	return hex_write(raw, out);
}

static const EVP_MD *kind_of(unsigned bits)
{
	must(pthread_once(&found_once, find) == 0);
	return bits == 256 ? sha256 : bits == 384 ? sha384 : sha512;
}

struct digest *digest_new_sha2(unsigned bits)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (!context || EVP_DigestInit_ex(context, kind_of(bits), NULL) != 1)
		die("SHA-2 failed");
	return (struct digest *)context;
}

size_t digest_end_sha2(struct digest **digest, uint8_t out[static DIGEST_SHA512_SIZE])
{
	unsigned size = 0;
	if (EVP_DigestFinal_ex(inner(*digest), out, &size) != 1)
		die("SHA-2 failed");
	digest_free(digest);
	return size;
}

void digest_free(struct digest **digest)
{
	EVP_MD_CTX_free(inner(*digest));
	*digest = NULL;
}

struct digest *digest_new(void)
{
	return digest_new_sha2(256);
}

void digest_add(struct digest *digest, struct bytes data)
{
	if (data.size && EVP_DigestUpdate(inner(digest), data.data, data.size) != 1)
		die("SHA-256 failed");
}

void digest_end(struct digest **digest, uint8_t out[static DIGEST_SHA256_SIZE])
{
	if (EVP_DigestFinal_ex(inner(*digest), out, NULL) != 1)
		die("SHA-256 failed");
	EVP_MD_CTX_free(inner(*digest));
	*digest = NULL;
}

size_t digest_sha2(unsigned bits, struct bytes data, uint8_t out[static DIGEST_SHA512_SIZE])
{
	unsigned size = 0;
	if (EVP_Digest(data.data, data.size, out, &size, kind_of(bits), NULL) != 1)
		die("SHA-2 failed");
	return size;
}
