/* settings_inside: what the files that read the settings share. */
#ifndef SEALGATE_MODEL_SETTINGS_INSIDE_H
#define SEALGATE_MODEL_SETTINGS_INSIDE_H

#include "model/settings.h"

/* settings_callers.c: who may call. */
void party_certificates_load(struct settings *s, const struct config_node *node, struct party *p, struct config_problems *problems);
void issuers_load(struct settings *s, const struct config_node *root, struct config_problems *problems);

#endif
