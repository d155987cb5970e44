/* What the files of an agreement share. Private to model. */
#ifndef SEALGATE_MODEL_AGREEMENT_INSIDE_H
#define SEALGATE_MODEL_AGREEMENT_INSIDE_H

#include "model/agreement.h"

#define KIND_NAMES "integrity-report assurance withdrawal arrival reply relay"
#define FIELD_NAMES "position device seal call references contact evidence readings"
#define RELAY_NOTICES "do_not_load question control hold assessment_complete release invalidated cancelled control_result"

/* A setting, or its row's default. */
const char *agreement_text(const struct config_node *root, const char *path);
int64_t agreement_number(const struct config_node *root, const char *path);  /* integer, duration, size */

/* agreement_as4.c: group "as4" */
void as4_terms_load(struct arena *arena, const struct config_node *root, struct agreement *agreement, struct config_problems *problems);

#endif
