/* Errors that point into a message of ours: which element it is, which mapping wrote it, and from which field of which event. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/text.h"

/* The set that the message was made with: the one in use, or the one that was kept. */
static int traces_make(struct taking *t, const struct message_row *message, struct json **input_r, struct map_traces *traces, struct error *error)
{
	const struct answer_config *config = &t->answer->config;
	const struct json_limits wide = { .bytes = 64 << 20, .nodes = 2000000, .text = 4 << 20, .depth = 64 };
	MAP_SET_AUTO kept = NULL;
	struct map_set *set = config->set;
	if (!text_equal(map_set_digest(set), message->set_digest)) {
		if (!config->settings->kept_sets)
			FAIL(error, NOT_FOUND, "the mapping set that made the message was not kept");
		TRY(map_set_open_kept(config->settings->kept_sets, message->set_digest, &kept, error));
		set = kept;
	}
	const char *name = arena_printf(t->arena, "messages/%s/%s", t->arrived->agreement->profile, message->kind);
	const struct mapping *mapping = mapping_find(set, name);
	if (!mapping)
		FAIL(error, NOT_FOUND, "the mapping set that made the message has no \"%s\"", name);
	TRY(json_parse(t->arena, bytes_of_text(message->input), &wide, input_r, error));
	TRY(map_explain(mapping, *input_r, t->arena, traces, error));
	for (size_t i = 0; kept && i < traces->count; i++) {  /* what belongs to the set goes with it */
		struct map_trace *trace = &traces->items[i];
		trace->element = arena_text(t->arena, trace->element);
		trace->pointer = arena_text(t->arena, trace->pointer);
		trace->wco = arena_text(t->arena, trace->wco);
		trace->source = arena_text(t->arena, trace->source);
		trace->filters = arena_text(t->arena, trace->filters);
		trace->value = arena_text(t->arena, trace->value);
		trace->file = arena_text(t->arena, trace->file);
	}
	return 0;
}

/* The row that it points at, or that of the nearest element around it: what is missing has no row of its own. */
static const struct map_trace *row_find(struct arena *arena, const struct map_traces *traces, const char *pointer, bool *exact_r)
{
	char *at = arena_text(arena, pointer);
	*exact_r = true;
	for (;;) {
		const struct map_trace *row = map_traces_find(traces, at);
		char *slash = strrchr(at, '/');
		if (row || !slash)
			return row;
		*slash = '\0';
		*exact_r = false;
	}
}

/* "events.3.type" leads to the event itself. */
static const char *event_of(struct arena *arena, const struct json *input, const char *source)
{
	const char *at = source ? strstr(source, "events.") : NULL;
	if (!at || (at != source && at[-1] != ' '))
		return NULL;
	size_t digits = strspn(at + strlen("events."), "0123456789");
	return digits ? json_path_text(input, arena_printf(arena, "events.%.*s.id", (int)digits, at + strlen("events."))) : NULL;
}

static void fault_explain(struct taking *t, const struct json *input, const struct map_traces *traces, struct json *fault)
{
	bool exact;
	const char *pointer = json_path_text(fault, "pointer");
	const struct map_trace *row = pointer ? row_find(t->arena, traces, pointer, &exact) : NULL;
	if (!row)
		return;
	const char *element = row->element;
	if (text_starts(element, "/MetaData/"))
		element += strlen("/MetaData/");
	json_set_text(t->arena, fault, "element", element);
	json_set_text(t->arena, fault, "source", row->source && *row->source ? row->source : NULL);
	json_set_text(t->arena, fault, "value", row->value);
	json_set_text(t->arena, fault, "mapping", arena_printf(t->arena, "%s:%u", row->file, row->line));
	json_set_text(t->arena, fault, "event", event_of(t->arena, input, row->source));
	if (!exact)
		json_set_text(t->arena, fault, "near", "the element pointed at was not written; this is the nearest one around it");
}

void faults_explain(struct taking *t, const struct message_row *message, struct json *notice)
{
	static const char *const lists[] = { "errors", "warnings", "amendments" };
	struct map_traces traces = { 0 };
	struct json *input = NULL;
	struct error why = { 0 };
	bool made = false;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		for (struct json_iter it = json_iter(json_find(notice, lists[i])); json_next(&it);) {
			if (!json_find(it.value, "pointer"))
				continue;
			if (!made && traces_make(t, message, &input, &traces, &why) < 0) {
				notice_warn(t->arena, notice, "what its pointers lead to cannot be told: %s", why.text);
				return;
			}
			made = true;
			fault_explain(t, input, &traces, it.value);
		}
}
