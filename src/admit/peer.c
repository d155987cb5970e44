#include "admit/admit.h"

#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/secrets.h"

#define TOKENS 4

int admit_peer(const struct agreement *agreement, const char *authorization, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct bytes tokens[TOKENS] = { { 0 } };
	size_t count = 0;
	struct error why = { 0 };
	bool good = false;
	if (agreement && agreement->push_token_file && secrets_read(agreement->push_token_file, arena, tokens, TOKENS, &count, &why) < 0)
		log_error("peer", agreement->name, "pushes are refused: %s", why.text);
	const char *shown = authorization ? authorization : "";
	if (text_starts(shown, "Bearer "))
		shown += strlen("Bearer ");
	for (size_t i = 0; i < count; i++)
		good |= secret_equal(tokens[i], bytes_of_text(shown));
	if (!good)
		FAIL(error, UNAUTHENTICATED, "the Authorization is not the one that this gateway gave its peer for pushes");
	return 0;
}
