/* flow: the one scheduler. Workers claim containers, assess them, and write what follows in one write set: derived events,
 * findings, messages made by map, validate and sign, the state of integrity, and when to look again.
 *
 * flow_start / flow_stop. Wake-ups are hints: a scan finds what a lost one forgot.
 */
#ifndef SEALGATE_FLOW_FLOW_H
#define SEALGATE_FLOW_FLOW_H

#include "map/map.h"
#include "model/settings.h"
#include "sign/sign.h"
#include "store/store.h"
#include "validate/validate.h"

struct flow;

struct flow_config {
	const struct settings *settings;
	struct store *store;
	struct map_set *set;                /* shared */
	const struct validator *validator;
	struct signer *const *signers;      /* one for each agreement, in the settings' order; NULL: form none */
};

int flow_start(const struct flow_config *config, struct flow **flow_r, struct error *error) must_use;
void flow_stop(struct flow **flow);
void flow_wake(struct flow *flow);

struct flow_numbers {
	int64_t assessed, failed, messages;
};
struct flow_numbers flow_numbers(struct flow *flow);

/* A message that a person asks for: an assurance, an arrival, a withdrawal. */
struct flow_order {
	enum message_kind kind;
	const char *agreement;      /* NULL: every one that shares the kind */
	const char *container, *message, *reason, *by, *mrn;
};
/* On disk when it returns 0. The answer lists what was made, and why what was not. */
int flow_order(const struct flow_config *config, const struct flow_order *order, struct arena *arena, struct json **answer_r, struct error *error)
	must_use;

/* A reply to a question of customs that somebody approves: the draft becomes a message of kind `reply` to the peer of the notice,
 * its files the message's parts. Guards: the notice is a question that is answered here, its request has no answer that customs has or
 * may have, and whoever approves holds another key than whoever wrote it. */
struct flow_approval {
	const char *notice, *reply;
	const char *by, *token;     /* party and key of whoever approves */
};
/* On disk when it returns 0. Fails with NOT_FOUND, CONFLICT, FORBIDDEN (the same key), NOT_AGREED, TOO_LARGE, and as a mapping does. */
int flow_approve(const struct flow_config *config, const struct flow_approval *approval, struct arena *arena, struct json **answer_r,
                 struct error *error) must_use;

#endif
