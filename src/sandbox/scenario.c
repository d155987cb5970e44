#include "sandbox/scenario.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/text.h"

static const struct {
	const char *name;
	int number;
	const char *sentence;
} table[] = {
#define SCENARIO(name, text, number, sentence) { text, number, sentence },
#include "sandbox/scenario.def"
#undef SCENARIO
};

const char *scenario_name(enum scenario scenario)
{
	return table[scenario].name;
}

void scenarios_print(FILE *out)
{
	for (size_t i = 0; i < SCENARIOS; i++)
		fprintf(out, "%-24s%s%s\n", table[i].name, table[i].sentence, table[i].number ? " (NAME=N)" : "");
	fputs("\nCombine several with commas: errors-500=3,duplicate-answers.\n", out);
}

static int one_read(struct arena *arena, const char *text, struct scenarios *out, struct error *error)
{
	const char *equals = strchr(text, '=');
	const char *name = equals ? arena_text_n(arena, text, (size_t)(equals - text)) : text;
	for (size_t i = 0; i < SCENARIOS; i++) {
		int64_t number = table[i].number;
		if (!text_equal(name, table[i].name))
			continue;
		if (equals && !table[i].number)
			FAIL(error, BAD_FIELD, "scenario \"%s\" takes no number", name);
		if (equals && text_integer(equals + 1, 1, 1000, &number, error) < 0)
			FAIL(error, BAD_FIELD, "scenario \"%.40s\": the number is one from 1 to 1000", text);
		out->on[i] = true;
		out->number[i] = (int)number;
		return 0;
	}
	FAIL(error, BAD_FIELD, "there is no scenario \"%.40s\"; --scenarios lists them", name);
}

int scenarios_read(const char *text, struct scenarios *scenarios_r, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct scenarios out = { 0 };
	for (;;) {
		size_t n = strcspn(text, ",");
		TRY(one_read(arena, arena_text_n(arena, text, n), &out, error));
		if (!text[n])
			break;
		text += n + 1;
	}
	*scenarios_r = out;
	return 0;
}
