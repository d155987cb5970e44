/* gateway: calls to the REST interface of a gateway, over one kept connection.
 *
 * Whoever runs the program trusts the address that was named: it may be loopback or private. A key goes over plain HTTP to
 * this machine only.
 */
#ifndef SEALGATE_SEALGATE_GATEWAY_H
#define SEALGATE_SEALGATE_GATEWAY_H

#include "lib/http/client.h"
#include "sealgate/command.h"

struct gateway {
	struct run *run;
	struct http_client *client;
	const char *url;             /* without a slash at the end */
	const char *hosts[2];        /* the host alone, NULL-terminated */
	bool plain;                  /* http:// is allowed: the host is this machine */
	const char *ca;
	const char *authorization;   /* of the caller's key; NULL: none */
	int patience_ms;             /* a gateway that cannot be reached, or is busy, is tried again for so long; 0: once */
};

struct gateway_call {
	const char *method, *path;   /* "/v1/…" */
	struct bytes body;
	const char *type;            /* of the body; NULL: application/json */
	const char *authorization;   /* NULL: the gateway's */
};

struct reply {
	int status;
	struct bytes body;
	struct json *json;           /* NULL: the body is no JSON */
};

/* By the options and the environment; closed with the run's arena. */
int gateway_open(struct run *run, struct gateway *gateway_r, struct error *error) must_use;
/* "Bearer <the key in that file>". */
int key_read(struct arena *arena, const char *path, const char **authorization_r, struct error *error) must_use;
/* Succeeds with 2xx; else the error tells what the gateway's problem document says, and reply_r->status is set where it answered. The
 * exit code is set too. What is told lives in `arena`. */
int gateway_ask(struct gateway *gateway, struct arena *arena, const struct gateway_call *call, struct reply *reply_r, struct error *error) must_use;
int gateway_get(struct gateway *gateway, struct arena *arena, const char *path, struct json **json_r, struct error *error) must_use;
/* 404: *json_r NULL, and it succeeds. */
int gateway_find(struct gateway *gateway, struct arena *arena, const char *path, struct json **json_r, struct error *error) must_use;
/* A text as one segment of a path, or a value of a query. */
const char *url_part(struct arena *arena, const char *text);

#endif
