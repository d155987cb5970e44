#include "lib/crypto/cipher.h"

#include <openssl/crypto.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/id.h"
#include "lib/crypto/inside.h"

#define VECTOR_SIZE 12
#define TAG_SIZE 16

struct cipher {
	EVP_CIPHER_CTX *context;
	struct sink out;
	bool sealing;
	uint8_t key[CIPHER_KEY_SIZE];
	uint8_t held[VECTOR_SIZE + TAG_SIZE];  /* opening: the vector while it comes; later what may be the tag */
	size_t held_size;
	bool begun;                            /* the vector is known */
	uint8_t room[STREAM_BLOCK];
};

static struct cipher *cipher_new(const uint8_t *key, const struct sink *out, bool sealing)
{
	struct cipher *c = calloc(1, sizeof *c);
	if (!c || !(c->context = EVP_CIPHER_CTX_new()))
		die("out of memory");
	c->out = *out;
	c->sealing = sealing;
	memcpy(c->key, key, sizeof c->key);
	return c;
}

struct cipher *cipher_seal(const uint8_t key[static CIPHER_KEY_SIZE], const struct sink *out)
{
	return cipher_new(key, out, true);
}

struct cipher *cipher_open(const uint8_t key[static CIPHER_KEY_SIZE], const struct sink *out)
{
	return cipher_new(key, out, false);
}

static void begin(struct cipher *c, const uint8_t *vector)
{
	if (EVP_CipherInit_ex(c->context, EVP_aes_128_gcm(), NULL, c->key, vector, c->sealing) != 1)
		die("AES-128-GCM failed");
	c->begun = true;
}

static int transform(struct cipher *c, const uint8_t *octets, size_t size, struct error *error)
{
	while (size) {
		size_t n = size < sizeof c->room ? size : sizeof c->room;
		int made = 0;
		if (EVP_CipherUpdate(c->context, c->room, &made, octets, (int)n) != 1)
			die("AES-128-GCM failed");
		TRY(sink_write(&c->out, (struct bytes){ c->room, (size_t)made }, error));
		octets += n;
		size -= n;
	}
	return 0;
}

static int seal_begin(struct cipher *c, struct error *error)
{
	uint8_t vector[VECTOR_SIZE];
	entropy_fill(vector, sizeof vector);
	begin(c, vector);
	return sink_write(&c->out, (struct bytes){ vector, sizeof vector }, error);
}

/* The last 16 octets seen so far are held back: they are the tag if nothing follows. */
static int open_add(struct cipher *c, struct bytes bytes, struct error *error)
{
	size_t want = c->begun ? TAG_SIZE : VECTOR_SIZE;
	if (!c->begun) {
		size_t n = bytes.size < want - c->held_size ? bytes.size : want - c->held_size;
		memcpy(c->held + c->held_size, bytes.data, n);
		c->held_size += n;
		if (c->held_size < want)
			return 0;
		begin(c, c->held);
		c->held_size = 0;
		return open_add(c, (struct bytes){ bytes.data + n, bytes.size - n }, error);
	}
	if (c->held_size + bytes.size <= want) {
		if (bytes.size)
			memcpy(c->held + c->held_size, bytes.data, bytes.size);
		c->held_size += bytes.size;
		return 0;
	}
	size_t free = c->held_size + bytes.size - want, of_held = free < c->held_size ? free : c->held_size;
	TRY(transform(c, c->held, of_held, error));
	memmove(c->held, c->held + of_held, c->held_size - of_held);
	c->held_size -= of_held;
	TRY(transform(c, bytes.data, free - of_held, error));
	size_t left = bytes.size - (free - of_held);
	memcpy(c->held + c->held_size, bytes.data + (free - of_held), left);
	c->held_size += left;
	return 0;
}

int cipher_add(struct cipher *c, struct bytes bytes, struct error *error)
{
	if (!c->sealing)
		return open_add(c, bytes, error);
	if (!c->begun)
		TRY(seal_begin(c, error));
	return transform(c, bytes.data, bytes.size, error);
}

int cipher_end(struct cipher *c, struct error *error)
{
	uint8_t tag[TAG_SIZE];
	int made = 0;
	if (c->sealing && !c->begun)
		TRY(seal_begin(c, error));
	if (c->sealing) {
		if (EVP_CipherFinal_ex(c->context, c->room, &made) != 1 || EVP_CIPHER_CTX_ctrl(c->context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) != 1)
			die("AES-128-GCM failed");
		return sink_write(&c->out, (struct bytes){ tag, sizeof tag }, error);
	}
	bool good = c->begun && c->held_size == TAG_SIZE && EVP_CIPHER_CTX_ctrl(c->context, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, c->held) == 1 &&
	            EVP_CipherFinal_ex(c->context, c->room, &made) == 1;
	ERR_clear_error();
	if (!good)
		FAIL(error, BAD_REQUEST, "it cannot be deciphered: it was changed, cut, or made for another key");
	return 0;
}

void cipher_free(struct cipher **cipher)
{
	if (!*cipher)
		return;
	EVP_CIPHER_CTX_free((*cipher)->context);
	OPENSSL_cleanse(*cipher, sizeof **cipher);
	free(*cipher);
	*cipher = NULL;
}

/* ---- its key ---- */

static EVP_PKEY_CTX *oaep_context(EVP_PKEY *pkey, enum oaep oaep, int (*init)(EVP_PKEY_CTX *))
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
	const EVP_MD *mask = oaep == OAEP_MGF1_SHA1 ? EVP_sha1() : EVP_sha256();
	if (context && init(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, mask) == 1)
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

int certificate_wrap(const struct certificate *certificate, enum oaep oaep, struct bytes secret, struct arena *arena, struct bytes *wrapped_r,
                     struct error *error)
{
	EVP_PKEY *pkey = X509_get0_pubkey(certificate->x509);
	uint8_t room[2048];
	size_t size = sizeof room;
	EVP_PKEY_CTX *context = pkey && EVP_PKEY_is_a(pkey, "RSA") ? oaep_context(pkey, oaep, EVP_PKEY_encrypt_init) : NULL;
	bool good = context && EVP_PKEY_encrypt(context, room, &size, secret.data, secret.size) == 1;
	EVP_PKEY_CTX_free(context);
	if (!good)
		FAIL(error, BAD_KEY, "cannot encrypt for the peer's certificate (RSA is needed): %s", crypto_reason());
	*wrapped_r = arena_bytes(arena, (struct bytes){ room, size });
	return 0;
}

int key_unwrap(const struct key *key, enum oaep oaep, struct bytes wrapped, struct arena *arena, struct bytes *secret_r, struct error *error)
{
	uint8_t room[2048];
	size_t size = sizeof room;
	EVP_PKEY_CTX *context = EVP_PKEY_is_a(key->pkey, "RSA") ? oaep_context(key->pkey, oaep, EVP_PKEY_decrypt_init) : NULL;
	bool good = context && EVP_PKEY_decrypt(context, room, &size, wrapped.data, wrapped.size) == 1;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	if (good)
		*secret_r = arena_bytes(arena, (struct bytes){ room, size });
	OPENSSL_cleanse(room, sizeof room);
	if (!good)
		FAIL(error, BAD_REQUEST, "the message's key cannot be deciphered with our key");
	return 0;
}
