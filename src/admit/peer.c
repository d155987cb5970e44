#include "admit/admit.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/secrets.h"

#define TOKENS 4

/* Peers show the token alone or behind "Bearer ", and the file may hold either. */
static struct bytes alone(struct bytes token)
{
	const size_t n = strlen("Bearer ");
	bool behind = token.size > n && memcmp(token.data, "Bearer ", n) == 0;
	return behind ? (struct bytes){ token.data + n, token.size - n } : token;
}

int admit_peer(const struct agreement *agreement, const char *authorization, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct bytes tokens[TOKENS] = { { 0 } };
	size_t count = 0;
	struct error why = { 0 };
	bool good = false;
	if (agreement && agreement->push_token_file && secrets_read(agreement->push_token_file, arena, tokens, TOKENS, &count, &why) < 0)
		log_error("peer", agreement->name, "pushes are refused: %s", why.text);
	struct bytes shown = alone(bytes_of_text(authorization ? authorization : ""));
	for (size_t i = 0; i < count; i++)
		good |= secret_equal(alone(tokens[i]), shown);
	if (!good)
		FAIL(error, UNAUTHENTICATED, "the Authorization is not the one that this gateway gave its peer for pushes");
	return 0;
}
