/* remake: a withdrawal that waits for what customs calls the report is made again once customs has told. */
#ifndef SEALGATE_FLOW_REMAKE_H
#define SEALGATE_FLOW_REMAKE_H

#include "flow/report.h"

struct remade {
	struct message_row row;      /* with its new input, set_digest, marks */
	struct report report;
	const char *refusal;         /* why it stays held after all; NULL: it goes */
};

/* The held withdrawals of a container that can be made now, or need not wait any more. In a snapshot. */
int remake_look(struct db *db, struct arena *arena, const struct flow_config *config, const char *container, struct remade **remade_r, size_t *count_r,
                struct error *error) must_use;
/* On the committer. *made_r: it became ready. */
int remake_store(struct db *db, struct arena *arena, struct remade *remade, bool *made_r, struct error *error) must_use;

#endif
