/* caller: who is calling, as admit found it: a party, and the roles of the key that it showed. */
#ifndef SEALGATE_MODEL_CALLER_H
#define SEALGATE_MODEL_CALLER_H

#include "model/disclosure.h"

struct caller {
	const char *party;
	unsigned roles;              /* bits 1 << enum role */
	const char *token;           /* id of the key, for the log */
};

static inline bool caller_has(const struct caller *caller, enum role role)
{
	return caller->roles & (1u << role);
}

#endif
