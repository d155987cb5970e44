/* scenario: how the sandbox behaves, and misbehaves. Several can be combined. */
#ifndef SEALGATE_SANDBOX_SCENARIO_H
#define SEALGATE_SANDBOX_SCENARIO_H

#include <stdio.h>

#include "lib/base/error.h"

enum scenario {
#define SCENARIO(name, text, number, sentence) SCENARIO_##name,
#include "sandbox/scenario.def"
#undef SCENARIO
	SCENARIOS
};

struct scenarios {
	bool on[SCENARIOS];
	int number[SCENARIOS];
};

/* "errors-500=3,unsigned-answers". Fails with BAD_FIELD: the name or number that is wrong, and what there is. */
int scenarios_read(const char *text, struct scenarios *scenarios_r, struct error *error) must_use;
const char *scenario_name(enum scenario scenario);
void scenarios_print(FILE *out);

#endif
