#include "sandbox/sandbox.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "sandbox/hub.h"
#include "sandbox/inside.h"
#include "sandbox/shelf.h"

#define A_LITTLE_MS 1000   /* an answer is younger than what it answers */
#define STOP_MS 2000
#define SIGNATURE_ROOM (64 << 10)  /* of a header line: a chain of certificates in base64 of base64 */

int64_t sandbox_time(const struct sandbox *s)
{
	if (!s->setup->clock_of_documents || s->heard == CLOCK_NONE)
		return clock_real_ms();
	return s->heard + A_LITTLE_MS + clock_mono_ms() - s->heard_mono;
}

void sandbox_heard(struct sandbox *s, int64_t time)
{
	if (s->heard != CLOCK_NONE && time <= sandbox_time(s) - A_LITTLE_MS)
		return;
	s->heard = time;
	s->heard_mono = clock_mono_ms();
}

static int keys_open(struct sandbox *s, struct error *error)
{
	const struct setup *setup = s->setup;
	TRY(certificate_open(setup->trust, &s->anchors, error));
	TRY(signer_open(setup->signing_key, setup->signing_certificate, setup->signing_legacy, &s->signer, error));
	return setup->scenarios.on[SCENARIO_WRONGLY_SIGNED] ? stranger_make(setup, &s->stranger, error) : 0;
}

/* Messages to the hub are larger than declarations. */
static int admit(void *context, struct http_request *request, size_t *body_limit, struct error *error)
{
	const struct sandbox *s = context;
	(void)error;
	if (s->setup->hub && http_request_is(request, "POST", "as4", NULL))
		*body_limit = HUB_BODY_BYTES;
	return 0;
}

static int parts_open(struct sandbox *s, struct error *error)
{
	const struct setup *setup = s->setup;
	struct http_client_config client = { .user_agent = "sealgate-sandbox/" SEALGATE_VERSION, .calls_per_pool = 8 };
	struct http_server_config server = { .address = setup->address, .port = setup->port, .certificate_file = setup->certificate_file,
		                             .key_file = setup->key_file, .header_limit = SIGNATURE_ROOM + (32 << 10), .stop_ms = STOP_MS,
		                             .admit = admit };
	TRY(keys_open(s, error));
	TRY(validator_open(setup->schemas, &s->validator, error));
	TRY(shelf_open(setup->documents, setup->documents_as_tar, &s->shelf, error));
	TRY(oauth_open(setup->clients, &s->oauth, error));
	bool pushes = setup->push_url && !setup->scenarios.on[SCENARIO_PULL];
	if (pushes || setup->hub)
		TRY(http_client_open(&client, &s->client, error));
	s->lodgings = lodgings_new();
	s->clerk = clerk_start();
	TRY(outbox_open(setup, s->clerk, pushes ? s->client : NULL, &s->outbox, error));
	if (setup->hub)
		TRY(hub_open(s, &s->hub, error));
	return http_server_start(&server, routes_handle, s, &s->server, error);
}

int sandbox_start(const struct setup *setup, struct sandbox **sandbox_r, struct error *error)
{
	struct sandbox *s = calloc(1, sizeof *s);
	if (!s)
		die("out of memory");
	s->setup = setup;
	s->heard = CLOCK_NONE;
	int result = parts_open(s, error);
	if (result < 0)
		sandbox_stop(&s);
	*sandbox_r = s;
	return result;
}

/* The server first: what it still has goes to the clerk, whose last work may end calls of the client. */
void sandbox_stop(struct sandbox **sandbox)
{
	struct sandbox *s = *sandbox;
	if (!s)
		return;
	if (s->server)
		http_server_stop(&s->server);
	if (s->outbox)
		outbox_stop(s->outbox);
	if (s->hub)
		hub_stop(s->hub);
	if (s->client)
		http_client_close(&s->client);
	clerk_stop(&s->clerk);
	outbox_free(&s->outbox);
	hub_free(&s->hub);
	lodgings_free(&s->lodgings);
	oauth_free(&s->oauth);
	validator_free(&s->validator);
	shelf_close(&s->shelf);
	signer_free(&s->signer);
	signer_free(&s->stranger);
	certificate_free(&s->anchors);
	free(s);
	*sandbox = NULL;
}

uint16_t sandbox_port(const struct sandbox *s)
{
	return http_server_port(s->server);
}
