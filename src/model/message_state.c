#include "model/message_state.h"

#include "lib/base/text.h"

#define TO(name) (1u << MESSAGE_##name)

static const struct {
	const char *name, *meaning, *recovery;
	unsigned next;
} states[] = {
#define STATE(name, text, meaning, recovery, next) { text, meaning, recovery, next },
#include "model/message_state.def"
#undef STATE
};

const char *message_state_name(enum message_state state)
{
	return states[state].name;
}

const char *message_state_meaning(enum message_state state)
{
	return states[state].meaning;
}

const char *message_state_recovery(enum message_state state)
{
	return states[state].recovery;
}

bool message_state_find(const char *name, enum message_state *state_r)
{
	for (int i = 0; i < MESSAGE_STATES; i++)
		if (text_equal(states[i].name, name)) {
			*state_r = (enum message_state)i;
			return true;
		}
	return false;
}

bool message_state_may(enum message_state from, enum message_state to)
{
	return (states[from].next & 1u << to) != 0;
}
