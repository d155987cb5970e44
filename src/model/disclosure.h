/* disclosure: who learns what (message guide section 9). One matrix for every exit. */
#ifndef SEALGATE_MODEL_DISCLOSURE_H
#define SEALGATE_MODEL_DISCLOSURE_H

#include <stdbool.h>

#include "lib/config/config.h"

enum role {
#define ROLE(name, text) ROLE_##name,
#include "model/role.def"
#undef ROLE
	ROLES
};

const char *role_name(enum role role);
bool role_find(const char *name, enum role *role_r);

enum disclosure { DISCLOSE_NOTHING, DISCLOSE_BLOCK_ONLY, DISCLOSE_FULL };  /* in this order: the most that a role gives holds */

/* What it is about. Notices that block or ask are restricted by default, others open; findings by severity. */
enum subject { SUBJECT_OPEN, SUBJECT_CONTROL, SUBJECT_DO_NOT_LOAD, SUBJECT_QUESTION, SUBJECT_HOLD, SUBJECT_FINDING_HIGH, SUBJECT_FINDING, SUBJECT_MESSAGE, SUBJECTS };
const char *subject_name(enum subject subject);

struct disclosure_matrix {
	enum disclosure cell[SUBJECTS][ROLES];
};

void disclosure_default(struct disclosure_matrix *matrix);
/* The settings' group "disclosure": subject: { role: full | block_only | nothing }. */
void disclosure_load(const struct config_node *root, struct disclosure_matrix *matrix, struct config_problems *problems);
/* `roles`: bits 1 << enum role. `covert`: named persons alone; then nobody, by role. */
enum disclosure disclosure_of(const struct disclosure_matrix *matrix, unsigned roles, enum subject subject);
enum subject subject_of_notice(const char *kind, const char *disclosure);

#endif
