/* configuration: the settings and mappings of this machine, for commands that need no gateway. */
#ifndef SEALGATE_SEALGATE_CONFIGURATION_H
#define SEALGATE_SEALGATE_CONFIGURATION_H

#include "map/map.h"
#include "model/settings.h"
#include "sealgate/command.h"

/* --config, SEALGATE_CONFIG, the installed one. */
const char *configuration_path(const struct run *run);
/* Fails with BAD_CONFIG, the first problem and how many there are. Freed with the run. */
int configuration_load(struct run *run, const struct settings **settings_r, struct error *error) must_use;
/* The set in these folders; the first problem makes it fail. Dropped with the run. */
int configuration_set(struct run *run, const char *mappings, const char *schemas, struct map_set **set_r, struct error *error) must_use;

#endif
