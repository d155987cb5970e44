/* Expressions of mappings: a text with {expressions}, a record separator (0x1e), JSON that it reads. What compiles without a complaint
 * runs to an end on any input, tells where its values come from, and says why where it cannot give one. The same text is tried as a
 * condition and as a loop. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "map/engine.h"

static struct run run_of(struct arena *arena, const struct json *input, struct error *why)
{
	*why = (struct error){ 0 };
	return (struct run){ .file = "x.json", .root = input, .arena = arena, .error = why };
}

static struct compiler compiler_of(struct arena *arena, struct problems *problems)
{
	*problems = (struct problems){ .arena = arena };
	return (struct compiler){ .arena = arena, .problems = problems, .file = "x.json" };
}

static void as_template(struct arena *arena, const char *text, const struct json *input)
{
	struct problems problems;
	struct compiler c = compiler_of(arena, &problems);
	struct text_template template = { 0 };
	struct error why;
	const char *out = NULL, *again = NULL;
	size_t values;
	template_compile(&c, text, 1, &template);
	if (problems.count) {
		property(problems.items[0].text && *problems.items[0].text);
		return;
	}
	struct run run = run_of(arena, input, &why), second = run;
	int result = template_run(&run, &template, &out, &values);
	property(result == 0 || why.text[0]);
	struct error other = { 0 };
	second.error = &other;
	property(template_run(&second, &template, &again, &values) == result && text_equal(out ? out : "", again ? again : ""));
	property(template_sources(&run, &template) && template_filters(&run, &template));
	property(!out || text_utf8_check(bytes_of_text(out)) == strlen(out));
}

static void as_condition(struct arena *arena, const char *text, const struct json *input)
{
	struct problems problems;
	struct compiler c = compiler_of(arena, &problems);
	struct error why;
	bool holds;
	struct condition *condition = condition_compile(&c, text, 1);
	struct run run = run_of(arena, input, &why);
	if (!problems.count && condition_run(&run, condition, &holds) < 0)
		property(why.text[0]);
}

static void as_loop(struct arena *arena, const char *text, const struct json *input)
{
	struct problems problems;
	struct compiler c = compiler_of(arena, &problems);
	struct error why;
	struct loop_item *items;
	size_t count;
	struct loop *loop = loop_open(&c, text, 1);
	struct run run = run_of(arena, input, &why);
	if (problems.count)
		return;
	if (loop_run(&run, loop, &items, &count) < 0)
		property(why.text[0]);
	else
		for (size_t i = 0; i < count; i++)
			property(items[i].node && items[i].path);
	loop_close(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct bytes first, body;
	struct error why = { 0 };
	struct json *input;
	fuzz_split((struct bytes){ (uint8_t *)data, size }, '\x1e', &first, &body);
	/* mapping files are UTF-8 without control characters before any expression is looked at */
	if (text_utf8_check(first) != first.size || memchr(first.data, 0, first.size))
		return 0;
	if (json_parse(arena, body, NULL, &input, &why) < 0)
		input = json_new_object(arena);
	const char *text = arena_text_n(arena, (const char *)first.data, first.size);
	as_template(arena, text, input);
	as_condition(arena, text, input);
	as_loop(arena, text, input);
	return 0;
}
