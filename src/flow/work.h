/* work: what a worker does with one container: look, conclude, prepare; and one write set of all that follows. */
#ifndef SEALGATE_FLOW_WORK_H
#define SEALGATE_FLOW_WORK_H

#include "flow/relay.h"
#include "flow/remake.h"
#include "flow/report.h"
#include "store/container.h"

struct work {
	const struct flow_config *config;
	struct arena *arena;
	struct container_claim claim;
	int64_t now;

	struct picture *pictures;
	size_t picture_count;
	struct outcome *outcomes;      /* one for each picture */
	struct remade *remade;         /* withdrawals that waited for customs */
	size_t remade_count;
	struct prepared *relayed;      /* originals for other gateways */
	size_t relayed_count;
	const char *content;           /* the state of integrity */
	int64_t due;                   /* look again then; CLOCK_NONE: no need */
	int64_t messages;              /* written */
};

/* Reads, assesses, prepares. A store_read_fn. */
int work_look(struct db *db, void *work, struct error *error) must_use;
/* Writes all of it, unless the lease is gone. A store_write_fn. */
int work_write(struct db *db, void *work, struct error *error) must_use;

#endif
