/* oauth: access tokens (RFC 6749): client credentials; authorization code with refresh tokens that rotate (RFC 9700 4.14.2: one
 * that is used twice ends all that came of it). Everything in memory, tokens as digests only; any thread.
 */
#ifndef SEALGATE_SANDBOX_OAUTH_H
#define SEALGATE_SANDBOX_OAUTH_H

#include "lib/http/server.h"

struct oauth;

/* `clients`: lines of an id and a secret, "#" starts a comment. Fails with IO, BAD_CONFIG. */
int oauth_open(const char *clients, struct oauth **oauth_r, struct error *error) must_use;
void oauth_free(struct oauth **oauth);

void oauth_token_post(struct oauth *oauth, struct http_request *request);     /* POST /oauth/token */
void oauth_authorize_get(struct oauth *oauth, struct http_request *request);  /* GET /oauth/authorize */

/* The client that the bearer token of the Authorization header was given to; NULL: none. Lives as long as oauth. */
const char *oauth_client_of(struct oauth *oauth, const struct http_request *request);

#endif
