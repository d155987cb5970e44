/* message_state: the delivery states of a message, and which may follow which. */
#ifndef SEALGATE_MODEL_MESSAGE_STATE_H
#define SEALGATE_MODEL_MESSAGE_STATE_H

#include <stdbool.h>

enum message_state {
#define STATE(name, text, meaning, recovery, next) MESSAGE_##name,
#include "model/message_state.def"
#undef STATE
	MESSAGE_STATES
};

const char *message_state_name(enum message_state state);
const char *message_state_meaning(enum message_state state);
const char *message_state_recovery(enum message_state state);
bool message_state_find(const char *name, enum message_state *state_r);
bool message_state_may(enum message_state from, enum message_state to);

#endif
