/* inside: what the files of the sandbox share. */
#ifndef SEALGATE_SANDBOX_INSIDE_H
#define SEALGATE_SANDBOX_INSIDE_H

#include "lib/http/client.h"
#include "lib/http/server.h"
#include "sandbox/clerk.h"
#include "sandbox/oauth.h"
#include "sandbox/outbox.h"
#include "sandbox/register.h"
#include "sandbox/sandbox.h"
#include "sign/sign.h"
#include "validate/validate.h"

struct hub;
struct shelf;

struct sandbox {
	const struct setup *setup;
	struct validator *validator;
	struct certificate *anchors;
	struct signer *signer, *stranger;  /* stranger: of the scenario wrongly-signed-answers */
	struct http_server *server;
	struct http_client *client;
	struct clerk *clerk;
	struct oauth *oauth;
	struct outbox *outbox;
	struct hub *hub;                   /* NULL: none */
	/* The clerk's alone. */
	struct lodgings *lodgings;
	struct shelf *shelf;
	int64_t heard, heard_mono;         /* clock: document */
	int submissions, declarations;     /* counted for the scenarios */
};

/* Where something was lodged. */
enum desk { DESK_DECLARATIONS, DESK_CANCELLATIONS, DESK_ARRIVALS };

/* What was lodged, on its way to the clerk, who owns it from then on. */
struct submission {
	struct http_request *request;
	enum desk desk;
	const char *client, *conversation;   /* in the request's arena, or longer */
};

/* routes.c */
void routes_handle(void *context, struct http_request *request);
/* intake.c: a clerk_do_fn; thing: a struct submission, heap. */
void intake_do(void *context, void *thing);
/* answer.c: makes what was decided, and gives it to the outbox. `functions`: in order. */
void answer_send(struct sandbox *sandbox, struct lodged *lodged, const struct declaration *declaration, const struct decision *decision,
                 const char *const *functions, size_t count);
int stranger_make(const struct setup *setup, struct signer **signer_r, struct error *error) must_use;

/* The time that documents get: of the machine, or, with "clock: document", that of the latest document, and on from there. */
int64_t sandbox_time(const struct sandbox *sandbox);
void sandbox_heard(struct sandbox *sandbox, int64_t time);

#endif
