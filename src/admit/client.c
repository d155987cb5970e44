/* Client certificates: checked by the rules that hold for every certificate here, and bound to a party by the settings. */
#include <string.h>

#include "admit/inside.h"
#include "lib/base/text.h"

int client_open(struct admission *a, struct error *error)
{
	const struct settings *s = a->settings;
	if (s->client_ca_file)
		TRY(certificate_open(s->client_ca_file, &a->anchors, error));
	return s->client_revocations_file ? revocations_open(s->client_revocations_file, &a->revocations, error) : 0;
}

void client_close(struct admission *a)
{
	certificate_free(&a->anchors);
	revocations_free(&a->revocations);
}

static int chain_read(const struct credentials *shown, struct certificate **chain_r, struct error *error)
{
	*chain_r = NULL;
	for (size_t i = 0; i < shown->n_certificates; i++) {
		struct certificate *one;
		if (certificate_from_der(shown->certificates[i], &one, error) < 0)
			return -1;
		if (*chain_r)
			certificate_append(*chain_r, one);
		else
			*chain_r = one;
	}
	return 0;
}

static bool is_bound(const struct party *party, const struct certificate *certificate, const char *digest)
{
	for (const char *const *name = party->certificates; name && *name; name++) {
		bool by_digest = text_starts(*name, "sha256:");
		if (by_digest ? text_equal(*name + strlen("sha256:"), digest) : certificate_named(certificate, *name))
			return true;
	}
	return false;
}

int client_find(struct admission *a, struct arena *arena, const struct credentials *shown, int64_t now, struct client *client_r, struct error *error)
{
	CERTIFICATE_AUTO chain = NULL;
	char digest[DIGEST_HEX_SIZE];
	*client_r = (struct client){ 0 };
	if (!a->anchors || !shown->n_certificates)
		return 0;
	if (chain_read(shown, &chain, error) < 0 ||
	    certificate_trust(chain, &(struct trust){ .anchors = a->anchors, .revocations = a->revocations }, now, error) < 0)
		return error_during(error, "the client's certificate is not taken");
	if (!certificate_is_client(chain))
		FAIL(error, BAD_CERTIFICATE, "the client's certificate is not taken: its extended key usage does not have clientAuth");
	digest_sha256_hex(shown->certificates[0], digest);
	for (size_t i = 0; i < a->settings->party_count; i++) {
		const struct party *party = &a->settings->parties[i];
		if (!is_bound(party, chain, digest))
			continue;
		if (client_r->party)
			FAIL(error, BAD_CERTIFICATE, "the client's certificate fits parties \"%s\" and \"%s\": the settings must name it by its SHA-256",
			     client_r->party->name, party->name);
		client_r->party = party;
	}
	client_r->id = arena_text(arena, digest);
	return 0;
}
