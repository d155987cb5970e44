/* node: the whole gateway in one process: the store, and the stages around it, wired together.
 *
 * node_open reads settings, mappings, schemas and keys, opens the store and starts the stages; the REST interface comes
 * last, so that whoever is answered at all is answered by a gateway that works. node_close goes the other way round:
 * no new requests, work that is under way is finished, what is on its way to a peer is written down.
 */
#ifndef SEALGATE_SEALGATED_NODE_H
#define SEALGATE_SEALGATED_NODE_H

#include <pthread.h>

#include "admit/admit.h"
#include "answer/answer.h"
#include "deliver/courier.h"
#include "flow/flow.h"
#include "msh/msh.h"
#include "notify/notify.h"
#include "receive/receive.h"

struct node {
	const struct settings *settings;
	bool play;
	int listener;
	char note[400];                 /* by `wires` */
	struct map_set *set;
	struct validator *validator;
	struct signer **signers;        /* beside settings->agreements */
	struct admission *admission;
	struct store *store;
	struct answer *answer;
	struct msh *msh;
	char host[256];                 /* of the address under which peers reach us */
	pthread_mutex_t wires;          /* of the stages that the committer gives hints to */
	struct flow *flow;
	struct http_client *customs_client, *webhook_client;  /* apart: subscribers cannot fill the way to customs */
	struct courier *courier;
	struct notify *notify;
	struct receive *receive;
};

struct node_options {
	const struct settings *settings;   /* must outlive the gateway */
	bool play;                         /* PUT /v1/clock moves the clock */
	int listener;                      /* > 0: a socket that listens (http_listener_open), and outlives the gateway */
	const char *note;                  /* for /v1/status: what an operator must know of the last reload; NULL: nothing */
};

/* Fails with what the part that could not be opened says. */
int node_open(const struct node_options *options, struct node **node_r, struct error *error) must_use;
void node_close(struct node **node);
uint16_t node_port(const struct node *node);
/* To be called every second or so: notices that nobody acknowledged. */
void node_tick(struct node *node);

/* For the watchdog: the store can be read. */
bool node_alive(struct node *node);
/* /readyz says 503 from now on (receive_drain). */
void node_drain(struct node *node);
/* Replaces options.note. */
void node_note(struct node *node, const char *note);

/* hooks.c */
struct receive_hooks node_hooks(struct node *node);
/* as4.c */
int node_msh_open(struct node *node, struct error *error) must_use;
void node_msh_hooks(struct node *node, struct receive_hooks *hooks);
void node_msh_measure(struct node *node, struct buffer *out);
/* health.c: what needs a person, as objects of /v1/status "troubles"; and its figures. */
int node_troubles(void *node, struct arena *arena, struct json *list, struct error *error) must_use;
void node_measure_health(struct node *node, struct buffer *out);
/* The mapping sets, schemas, keys and certificates that the settings name can all be used; nothing is opened for writing. */
int node_try(const struct settings *settings, struct error *error) must_use;

#endif
