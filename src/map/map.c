/* Running a mapping, and telling where what it wrote comes from. */
#include <string.h>

#include "lib/base/text.h"
#include "map/set.h"

static struct run run_of(const struct mapping *mapping, const struct json *input, struct arena *arena, struct map_marks *marks,
                         struct error *error)
{
	if (marks)
		*marks = (struct map_marks){ 0 };
	return (struct run){ .mapping = mapping, .file = mapping->file, .root = input, .arena = arena, .error = error, .marks = marks };
}

int map_to_xml(const struct mapping *mapping, const struct json *input, struct arena *arena, struct buffer *out, struct map_marks *marks,
               struct error *error)
{
	if (!mapping->document)
		FAIL(error, BAD_MAPPING, "mapping \"%s\" writes JSON, not XML", mapping->name);
	struct run run = run_of(mapping, input, arena, marks, error);
	return document_run(&run, mapping->document, out, NULL);
}

int map_to_json(const struct mapping *mapping, const struct json *input, struct arena *arena, struct json **root_r, struct map_marks *marks,
                struct error *error)
{
	if (!mapping->tree)
		FAIL(error, BAD_MAPPING, "mapping \"%s\" writes XML, not JSON", mapping->name);
	struct run run = run_of(mapping, input, arena, marks, error);
	TRY(tree_run(&run, mapping->tree, root_r, NULL));
	if (!*root_r)
		*root_r = json_new_null(arena);
	return 0;
}

int map_to_list(const struct mapping *mapping, const struct json *input, struct arena *arena, struct json **root_r,
                struct map_refusals *refusals, struct map_traces *traces, struct error *error)
{
	*refusals = (struct map_refusals){ 0 };
	if (traces)
		*traces = (struct map_traces){ 0 };
	if (!mapping->tree)
		FAIL(error, BAD_MAPPING, "mapping \"%s\" writes XML, not JSON", mapping->name);
	struct run run = run_of(mapping, input, arena, NULL, error);
	run.refusals = refusals;
	TRY(tree_run(&run, mapping->tree, root_r, traces));
	if (!*root_r)
		*root_r = json_new_null(arena);
	return 0;
}

int map_explain(const struct mapping *mapping, const struct json *input, struct arena *arena, struct map_traces *traces,
                struct error *error)
{
	struct run run = run_of(mapping, input, arena, NULL, error);
	*traces = (struct map_traces){ 0 };
	if (mapping->document) {
		BUFFER_AUTO out = { 0 };
		return document_run(&run, mapping->document, &out, traces);
	}
	struct json *root;
	return tree_run(&run, mapping->tree, &root, traces);
}

/* "42A/03A(2)" or "42A/03A": one step, *number_r 1 where none is told. */
static bool step_read(const char **at, const char **name_r, size_t *length_r, size_t *number_r)
{
	if (!**at)
		return false;
	*name_r = *at;
	*length_r = strcspn(*at, "(/");
	*at += *length_r;
	*number_r = 1;
	if (**at == '(') {
		*number_r = 0;
		for (++*at; **at >= '0' && **at <= '9' && *number_r < 1000000; ++*at)
			*number_r = *number_r * 10 + (size_t)(**at - '0');
		*at += **at == ')';
	}
	*at += **at == '/';
	return true;
}

static bool pointer_same(const char *a, const char *b)
{
	for (;;) {
		const char *x, *y;
		size_t xn, yn, xi, yi;
		bool more = step_read(&a, &x, &xn, &xi);
		if (more != step_read(&b, &y, &yn, &yi))
			return false;
		if (!more)
			return true;
		if (xn != yn || strncmp(x, y, xn) != 0 || xi != yi)
			return false;
	}
}

const struct map_trace *map_traces_find(const struct map_traces *traces, const char *pointer)
{
	for (size_t i = 0; i < traces->count; i++)
		if (traces->items[i].pointer && pointer_same(traces->items[i].pointer, pointer))
			return &traces->items[i];
	return NULL;
}

const struct map_trace *map_traces_find_element(const struct map_traces *traces, const char *element)
{
	for (size_t i = 0; i < traces->count; i++)
		if (text_equal(traces->items[i].element, element))
			return &traces->items[i];
	return NULL;
}
