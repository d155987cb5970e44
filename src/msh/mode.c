/* From an agreement to a processing mode. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "msh/inside.h"

/* Names as the agreement's rows have them, in the order of the enums. */
static const char *const tokens[AS4_TOKENS] = { "pkipath", "x509v3", "issuer-serial", "key-id" };
static const char *const algorithms[ALGORITHMS] = { "ecdsa-sha256", "ecdsa-sha384", "rsa-pss-sha256", "rsa-sha256", "ed25519" };

static unsigned index_of(const char *const *names, unsigned count, const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (text_equal(names[i], name))
			return i;
	bug("a choice that its row does not have");
}

static unsigned bits_of(const char *const *names, unsigned count, const char *const *chosen)
{
	unsigned bits = 0;
	for (; chosen && *chosen; chosen++)
		bits |= 1u << index_of(names, count, *chosen);
	return bits;
}

static int files_open(struct peer *peer, struct error *error)
{
	const struct agreement *a = peer->agreement;
	const struct as4_terms *t = a->as4;
	TRY(key_open_least(a->key_file, t->rsa_bits, &peer->key, error));
	TRY(certificate_open(a->certificate_file, &peer->chain, error));
	if (!certificate_fits(peer->chain, peer->key))
		FAIL(error, BAD_KEY, "the first certificate in \"%s\" is not the one of the key in \"%s\"", a->certificate_file, a->key_file);
	TRY(certificate_open(a->anchors_file, &peer->anchors, error));
	if (a->revocations_file)
		TRY(revocations_open(a->revocations_file, &peer->revocations, error));
	if (t->known_file)
		TRY(certificate_open(t->known_file, &peer->known, error));
	if (t->encrypt_file)
		TRY(certificate_open(t->encrypt_file, &peer->encrypt, error));
	if (t->decrypt_file)
		TRY(key_open_least(t->decrypt_file, t->rsa_bits, &peer->decrypt, error));
	return 0;
}

static struct as4_party party_of(const struct as4_terms_party *party)
{
	return (struct as4_party){ party->id, party->type, party->role };
}

static void mode_make(struct peer *peer)
{
	const struct as4_terms *t = peer->agreement->as4;
	peer->memory = trust_memory_new();
	peer->mode = (struct as4_mode){
		.name = peer->agreement->name, .self = party_of(&t->self), .peer = party_of(&t->peer),
		.collaboration = { .agreement = t->agreement, .agreement_type = t->agreement_type },
		.mpc = t->mpc, .four_corners = t->original_sender != NULL,
		.key = peer->key, .chain = peer->chain,
		.algorithm = t->algorithm ? (enum algorithm)index_of(algorithms, ALGORITHMS, t->algorithm) : key_algorithm(peer->key, true),
		.token = (enum as4_token)index_of(tokens, AS4_TOKENS, t->token),
		.trust = { .anchors = peer->anchors, .revocations = peer->revocations }, .memory = peer->memory,
		.signer = peer->agreement->answer_signer, .known = peer->known,
		.tokens = bits_of(tokens, AS4_TOKENS, t->take_tokens), .algorithms = bits_of(algorithms, ALGORITHMS, t->take_algorithms),
		.rsa_bits = t->rsa_bits, .errors_unsigned = t->unsigned_errors, .compress = t->compress, .must_compress = t->must_compress,
		.encrypt_for = peer->encrypt, .oaep = t->mgf1_sha1 ? OAEP_MGF1_SHA1 : OAEP_MGF1_SHA256, .decrypt_key = peer->decrypt,
		.must_encrypt = t->must_encrypt, .take_mgf1_sha1 = t->mgf1_sha1, .part_bytes = (size_t)t->part_bytes,
	};
}

/* A key that cannot make what is agreed is told at the start, not at the first message. */
static int algorithm_check(const struct peer *peer, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct key_job job = { .octets = bytes_of_text("x") };
	if (key_sign(peer->key, peer->mode.algorithm, &job, 1, arena, error) < 0)
		return error_during(error, "\"as4.signature.algorithm\" with the key in \"%s\"", peer->agreement->key_file);
	return 0;
}

int peer_open(struct peer *peer, const struct agreement *agreement, struct error *error)
{
	*peer = (struct peer){ .agreement = agreement };
	if (files_open(peer, error) < 0)
		return error_during(error, "agreement \"%s\"", agreement->name);
	mode_make(peer);
	return algorithm_check(peer, error) < 0 ? error_during(error, "agreement \"%s\"", agreement->name) : 0;
}

void peer_clear(struct peer *peer)
{
	key_free(&peer->key);
	key_free(&peer->decrypt);
	certificate_free(&peer->chain);
	certificate_free(&peer->anchors);
	certificate_free(&peer->known);
	certificate_free(&peer->encrypt);
	revocations_free(&peer->revocations);
	trust_memory_free(&peer->memory);
}

struct peer *peer_of(struct msh *msh, const struct agreement *agreement)
{
	for (size_t i = 0; i < msh->count; i++)
		if (msh->peers[i].agreement == agreement)
			return &msh->peers[i];
	bug("an agreement of another channel");
}

const char *message_id_new(const struct msh *msh, const struct peer *peer, struct arena *arena)
{
	const char *domain = peer->agreement->as4->domain;
	return as4_message_id(arena, domain ? domain : msh->config.host ? msh->config.host : "sealgate");
}

/* ---- open, close ---- */

int msh_open(const struct msh_config *config, struct msh **msh_r, struct error *error)
{
	const struct settings *s = config->settings;
	struct msh *msh = calloc(1, sizeof *msh);
	if (!msh || !(msh->peers = calloc(s->agreement_count + 1, sizeof *msh->peers)))
		die("out of memory");
	msh->config = *config;
	int result = 0;
	for (size_t i = 0; i < s->agreement_count && result == 0; i++)
		if (s->agreements[i].as4)
			result = peer_open(&msh->peers[msh->count++], &s->agreements[i], error);
	if (result < 0)
		msh_close(&msh);
	*msh_r = msh;
	return result;
}

void msh_close(struct msh **msh)
{
	if (!*msh)
		return;
	for (size_t i = 0; i < (*msh)->count; i++)
		peer_clear(&(*msh)->peers[i]);
	free((*msh)->peers);
	free(*msh);
	*msh = NULL;
}

bool msh_serves(const struct msh *msh)
{
	return msh && msh->count > 0;
}

struct msh_numbers msh_numbers(struct msh *msh)
{
	return (struct msh_numbers){ msh->received, msh->repeated, msh->refused, msh->receipts_late, msh->pulls, msh->pings };
}
