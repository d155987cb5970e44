/* sealgate explain: where each element of a message comes from. */
#include "lib/base/text.h"
#include "sealgate/configuration.h"
#include "sealgate/gateway.h"
#include "sealgate/input.h"
#include "sealgate/output.h"

#define CELL_MOST 48

const struct option_row explain_options[] = {
	{ "input", "FILE", "explain the mapping of this input instead, without a gateway" },
	{ "mapping", "NAME", "with --input, where that does not name it: messages/wco-dms/integrity-report" },
	{ "mappings", "DIR", "folder of mappings; else the configuration's" },
	{ "schemas", "DIR", "folder of schemas; else the configuration's" },
	{ 0 },
};

static void row_write(struct run *run, struct table *table, const struct json *row)
{
	if (run->json)
		out_json(run, row);
	else
		table_add(table, (const char *[]){ cell(row, "element"), cell(row, "wco"), cell(row, "source"), cell(row, "filters"), cell(row, "value") });
}

static struct table *table_of(struct run *run)
{
	static const char *const titles[] = { "ELEMENT", "WCO", "SOURCE", "FILTERS", "VALUE", NULL };
	struct table *table = table_new(run, titles);
	table_wrap(table, CELL_MOST);
	return table;
}

static int explain_message(struct run *run, struct error *error)
{
	struct gateway g;
	struct json *answer;
	struct table *table = table_of(run);
	TRY(gateway_open(run, &g, error));
	TRY(gateway_get(&g, run->arena, arena_printf(run->arena, "/v1/messages/%s/explain", url_part(run->arena, run->operands[0])), &answer, error));
	if (!run->json) {
		out_line(run, "message %s by mapping %s, set %s", cell(answer, "message"), cell(answer, "mapping"), cell(answer, "mapping_set"));
		fputc('\n', run->out);
	}
	for (struct json_iter it = json_iter(json_find(answer, "elements")); json_next(&it);)
		row_write(run, table, it.value);
	if (!run->json)
		table_write(table);
	return EXIT_GOOD;
}

static struct json *trace_json(struct arena *arena, const struct map_trace *t)
{
	struct json *row = json_new_object(arena);
	json_set_text(arena, row, "element", t->element);
	json_set_text(arena, row, "wco", t->wco);
	json_set_text(arena, row, "pointer", t->pointer);
	json_set_text(arena, row, "source", t->source);
	json_set_text(arena, row, "filters", t->filters);
	json_set_text(arena, row, "value", t->value);
	json_set_text(arena, row, "place", arena_printf(arena, "%s:%u", t->file, t->line));
	return row;
}

static int folders(struct run *run, const char **mappings_r, const char **schemas_r, struct error *error)
{
	const struct settings *settings;
	*mappings_r = run_option(run, "mappings");
	*schemas_r = run_option(run, "schemas");
	if (*mappings_r && *schemas_r)
		return 0;
	TRY(configuration_load(run, &settings, error));
	*mappings_r = *mappings_r ? *mappings_r : settings->mappings;
	*schemas_r = *schemas_r ? *schemas_r : settings->schemas;
	return 0;
}

/* The input alone, or as GET /v1/messages/{id}/input gives it. */
static int explain_file(struct run *run, struct error *error)
{
	const char *mappings, *schemas, *name = run_option(run, "mapping");
	struct map_set *set;
	struct map_traces traces;
	struct json *input;
	struct table *table = table_of(run);
	TRY(input_json(run, run_option(run, "input"), &input, error));
	if (json_find(input, "input")) {
		name = name ? name : json_path_text(input, "mapping");
		input = json_find(input, "input");
	}
	if (!name && json_path_text(input, "message.kind"))
		name = arena_printf(run->arena, "messages/wco-dms/%s", json_path_text(input, "message.kind"));
	if (!name)
		return usage_fail(run, error, "the input does not say which mapping it is for: --mapping messages/wco-dms/integrity-report");
	TRY(folders(run, &mappings, &schemas, error));
	TRY(configuration_set(run, mappings, schemas, &set, error));
	const struct mapping *mapping = mapping_find(set, name);
	if (!mapping)
		FAIL(error, NOT_FOUND, "there is no mapping \"%s\" in \"%s\"", name, mappings);
	TRY(map_explain(mapping, input, run->arena, &traces, error));
	for (size_t i = 0; i < traces.count; i++)
		row_write(run, table, trace_json(run->arena, &traces.items[i]));
	if (!run->json)
		table_write(table);
	return EXIT_GOOD;
}

int command_explain(struct run *run, struct error *error)
{
	if (!run_has(run, "input") == !run->operand_count)
		return usage_fail(run, error, "\"explain\" needs a message's id, or --input FILE");
	return run->operand_count ? explain_message(run, error) : explain_file(run, error);
}
