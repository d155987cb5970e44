/* Who calls: what the key, the token and the certificate say together. */
#include <stdlib.h>
#include <string.h>

#include "admit/inside.h"
#include "lib/base/text.h"

int admission_open(const struct settings *settings, struct admission **admission_r, struct error *error)
{
	struct admission *a = calloc(1, sizeof *a);
	if (!a)
		die("out of memory");
	a->settings = settings;
	*admission_r = a;
	if (tokens_open(a, settings->tokens, error) == 0 && client_open(a, error) == 0 && issuing_open(a, error) == 0)
		return 0;
	admission_free(admission_r);
	return -1;
}

void admission_free(struct admission **admission)
{
	if (!*admission)
		return;
	issuing_close(*admission);
	client_close(*admission);
	tokens_close(*admission);
	free(*admission);
	*admission = NULL;
}

static int refuse(struct error *error, const char *why)
{
	return error_set(error, ERROR_UNAUTHENTICATED, "%s: send \"Authorization: Bearer sgk_...\" (sealgate token makes keys)", why);
}

int admit_connection(struct admission *a, const struct credentials *shown, int64_t now, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct client client;
	if (!a->settings->client_required)
		return 0;
	TRY(client_find(a, arena, shown, now, &client, error));
	if (!client.id)
		FAIL(error, UNAUTHENTICATED, "this gateway answers clients that show a certificate in TLS, and there is none");
	return 0;
}

static int by_certificate(struct arena *arena, const struct client *client, struct caller *caller_r, struct error *error)
{
	if (!client->party)
		return refuse(error, client->id ? "the client's certificate belongs to no party here, and there is no API key" : "there is no API key");
	if (!client->party->certificate_alone)
		return refuse(error, "party calls need an API key besides the certificate, and there is none");
	*caller_r = (struct caller){ client->party->name, client->party->certificate_roles, arena_printf(arena, "certificate:%.16s", client->id) };
	return 0;
}

/* A key that came into wrong hands is of no use without the certificate, where the party has one. */
static int certificate_fits_caller(const struct admission *a, const struct client *client, const struct caller *caller, struct error *error)
{
	const struct party *party = settings_party(a->settings, caller->party);
	if (client->party && client->party != party)
		FAIL(error, UNAUTHENTICATED, "the key is of party \"%s\", the client's certificate of party \"%s\"", caller->party, client->party->name);
	if (party && party->certificates && !party->certificate_alone && !client->party)
		FAIL(error, UNAUTHENTICATED, "party \"%s\" calls with its client certificate besides the key, and there is none of its own", caller->party);
	return 0;
}

int admit_caller(struct admission *a, struct arena *arena, const struct credentials *shown, int64_t now, struct caller *caller_r, struct error *error)
{
	struct client client;
	TRY(client_find(a, arena, shown, now, &client, error));
	if (!shown->authorization)
		return by_certificate(arena, &client, caller_r, error);
	if (a->settings->issuer_count && bearer_is(shown->authorization)) {
		TRY(bearer_find(a, arena, shown->authorization, now, caller_r, error));
		return certificate_fits_caller(a, &client, caller_r, error);
	}
	if (!text_starts(shown->authorization, "Bearer sgk_"))
		return refuse(error, "this is no API key");
	if (!tokens_find(a, arena, shown->authorization + strlen("Bearer sgk_"), now, caller_r))
		return refuse(error, "the API key is not known, or no longer");
	return certificate_fits_caller(a, &client, caller_r, error);
}
