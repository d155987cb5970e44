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

static size_t steps_of(const char *pointer)
{
	size_t steps = 1;
	for (; *pointer; pointer++)
		steps += *pointer == '/';
	return steps;
}

static char *first_steps(struct arena *arena, const char *pointer, size_t steps)
{
	const char *at = pointer;
	while (*at && !(*at == '/' && --steps == 0))
		at++;
	return arena_text_n(arena, pointer, (size_t)(at - pointer));
}

/* Does the row stand within the class that the pointer names? */
static bool is_within(struct arena *arena, const struct map_trace *row, const char *pointer)
{
	size_t steps = steps_of(pointer);
	if (!row->pointer || steps_of(row->pointer) <= steps)
		return false;
	struct map_trace head = { .pointer = first_steps(arena, row->pointer, steps) };
	return map_traces_find(&(struct map_traces){ &head, 1 }, pointer) != NULL;
}

struct place {
	const struct map_trace *row;   /* NULL for a class: what is in it has rows, not the class itself */
	const char *element;           /* NULL: nothing there */
};

static struct place place_find(struct arena *arena, const struct map_traces *traces, const char *pointer)
{
	const struct map_trace *row = map_traces_find(traces, pointer);
	if (row)
		return (struct place){ row, row->element };
	for (size_t i = 0; i < traces->count; i++) {
		if (!is_within(arena, &traces->items[i], pointer))
			continue;
		char *element = arena_text(arena, traces->items[i].element), *slash;
		size_t more = steps_of(traces->items[i].pointer) - steps_of(pointer) + !traces->items[i].wco;
		while (more-- && (slash = strrchr(element, '/')))
			*slash = '\0';
		return (struct place){ NULL, element };
	}
	return (struct place){ NULL, NULL };
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

/* "/ie:IE3R02/ie:MRN" and "/IE3R02[1]/MRN" are one: prefixes say nothing, and the first of its name needs no number. */
static const char *path_plain(struct arena *arena, const char *path)
{
	BUFFER_AUTO out = { 0 };
	while (*path) {
		size_t n = strcspn(path + 1, "/") + 1;
		const char *colon = memchr(path, ':', n), *name = colon ? colon + 1 : path + 1;
		size_t size = (size_t)(path + n - name);
		if (size > 3 && strncmp(name + size - 3, "[1]", 3) == 0)
			size -= 3;
		buffer_printf(&out, "/%.*s", (int)size, name);
		path += n;
	}
	return arena_text(arena, buffer_text(&out));
}

/* ICS2 points with an XPath into the document. */
static struct place place_of_path(struct arena *arena, const struct map_traces *traces, const char *path)
{
	const char *plain = path_plain(arena, path);
	for (size_t i = 0; i < traces->count; i++)
		if (text_equal(path_plain(arena, traces->items[i].element), plain))
			return (struct place){ &traces->items[i], traces->items[i].element };
	return (struct place){ NULL, NULL };
}

static void fault_explain(struct taking *t, const struct json *input, const struct map_traces *traces, struct json *fault)
{
	/* what is missing has no place of its own: then the nearest one around it */
	char *pointer = arena_text(t->arena, json_path_text(fault, "pointer")), *slash = NULL;
	struct place (*find)(struct arena *, const struct map_traces *, const char *) = pointer && *pointer == '/' ? place_of_path : place_find;
	struct place place = pointer ? find(t->arena, traces, pointer) : (struct place){ 0 };
	while (pointer && !place.element && (slash = strrchr(pointer, '/')) && slash != pointer) {
		*slash = '\0';
		place = find(t->arena, traces, pointer);
		json_set_text(t->arena, fault, "near", "the element pointed at was not written; this is the nearest one around it");
	}
	if (!place.element)
		return;
	json_set_text(t->arena, fault, "element", text_starts(place.element, "/MetaData/") ? place.element + strlen("/MetaData/") : place.element);
	if (!place.row)
		return;
	json_set_text(t->arena, fault, "source", place.row->source && *place.row->source ? place.row->source : NULL);
	json_set_text(t->arena, fault, "value", place.row->value);
	json_set_text(t->arena, fault, "mapping", arena_printf(t->arena, "%s:%u", place.row->file, place.row->line));
	json_set_text(t->arena, fault, "event", event_of(t->arena, input, place.row->source));
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
