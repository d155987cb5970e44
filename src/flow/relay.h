/* relay: what customs sent goes on to another gateway that agreed to it: the original's octets and its detached signature, with what its
 * signature was found to be and how secret it is. What is covert goes to nobody, and what came by relay goes no further.
 */
#ifndef SEALGATE_FLOW_RELAY_H
#define SEALGATE_FLOW_RELAY_H

#include "flow/report.h"

/* Of the container's notices, what is due to go on, once for each document and peer. On a worker, in a snapshot. */
int relay_look(struct db *db, struct arena *arena, const struct flow_config *config, const char *container, struct prepared **prepared_r,
               size_t *count_r, struct error *error) must_use;

#endif
