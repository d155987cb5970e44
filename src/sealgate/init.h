/* init: the texts that `sealgate init` writes. */
#ifndef SEALGATE_SEALGATE_INIT_H
#define SEALGATE_SEALGATE_INIT_H

#include "lib/base/arena.h"

struct init_ports {
	int gateway, sandbox, hook;
};

/* Where the mappings and schemas are, if not where the gateway is installed; NULL: there. */
struct init_folders {
	const char *mappings, *schemas;
};

/* A file: its name below the folder, and its text, in the arena. */
const char *init_settings_text(struct arena *arena, const struct init_ports *ports, const struct init_folders *folders);  /* of the demonstration */
const char *init_agreement_text(struct arena *arena, const struct init_ports *ports);
const char *init_hub_agreement_text(struct arena *arena, const struct init_ports *ports);
const char *init_hub_text(struct arena *arena, const struct init_ports *ports);   /* the section of sandbox.yaml */
const char *init_sandbox_text(struct arena *arena, const struct init_ports *ports, const struct init_folders *folders);
const char *init_env_text(struct arena *arena, const char *folder, const struct init_ports *ports);
const char *init_settings_example_text(struct arena *arena, const struct init_folders *folders);  /* to be filled in */
extern const char init_agreement_example[];                                                       /* the same */

#endif
