/* Running a compiled document: octets straight into the buffer, in the form that Exclusive C14N gives. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/xml/xml.h"
#include "map/document.h"

struct frame {               /* an element that is open */
	const struct operation *open;
	size_t start;        /* where its start tag stands in the buffer */
	size_t traces;       /* how many rows there were before it */
	size_t values;       /* that came from the input */
	size_t number;       /* among its kin, from 1 */
	const char *kin;     /* the last child's name, and how many of it were kept */
	size_t kin_count;
};

struct turn {                /* a loop that runs */
	struct loop_item *items;
	size_t count, next;
};

struct writer {
	struct run *run;
	const struct document *document;
	struct buffer *out;
	struct map_traces *traces;
	struct frame frames[DOCUMENT_DEPTH + 1];
	size_t depth;        /* frames[depth] is the innermost; frames[0] is the document */
	struct turn turns[MAP_VARIABLES];
};

/* ---- where we are ---- */

static const char *path_of(const struct writer *w)
{
	BUFFER_AUTO path = { 0 };
	for (size_t i = 1; i <= w->depth; i++) {
		buffer_printf(&path, "/%s", w->frames[i].open->name);
		if (w->frames[i].open->repeats)
			buffer_printf(&path, "[%zu]", w->frames[i].number);
	}
	return arena_text(w->run->arena, buffer_text(&path));
}

static const char *where(struct run *run)
{
	return path_of(run->writer);
}

/* "42A/03A(2)/226"; an element without a WCO number has that of the nearest one around it (DateTimeString), if there is one. */
static const char *pointer_of(const struct writer *w)
{
	BUFFER_AUTO path = { 0 };
	for (size_t i = 1; i <= w->depth; i++) {
		const struct operation *open = w->frames[i].open;
		if (!open->wco)
			continue;
		buffer_printf(&path, "%s%s", path.size ? "/" : "", open->wco);
		if (open->repeats)
			buffer_printf(&path, "(%zu)", w->frames[i].number);
	}
	return path.size ? arena_text(w->run->arena, buffer_text(&path)) : NULL;
}

struct map_trace *trace_add(struct arena *arena, struct map_traces *traces)
{
	if ((traces->count & (traces->count - 1)) == 0 && (traces->count == 0 || traces->count >= 16)) {
		struct map_trace *items = arena_array(arena, traces->count ? traces->count * 2 : 16, sizeof *items);
		if (traces->count)
			memcpy(items, traces->items, traces->count * sizeof *items);
		traces->items = items;
	}
	return &traces->items[traces->count++];
}

static void trace(struct writer *w, const char *sources, const char *filters, const char *value, unsigned line)
{
	if (!w->traces)
		return;
	const struct operation *open = w->frames[w->depth].open, *around = w->depth > 1 ? w->frames[w->depth - 1].open : NULL;
	*trace_add(w->run->arena, w->traces) = (struct map_trace){ .element = path_of(w), .pointer = pointer_of(w),
		.wco = open->wco || !around ? open->wco : around->wco,
		.source = sources, .filters = filters, .value = value, .file = w->run->file, .line = line };
}

/* ---- octets ---- */

/* XML 1.0 production 2 */
static bool is_xml_char(uint32_t c)
{
	return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) || (c >= 0x10000 && c <= 0x10ffff);
}

/* What XML cannot carry becomes U+FFFD, and is marked. */
static const char *carry(struct run *run, const char *text)
{
	size_t bad = 0;
	const char *plain = text;
	while ((signed char)*plain >= 0x20)  /* nearly all text is ASCII to its end */
		plain++;
	for (const char *at = plain; *at;)
		bad += !is_xml_char(text_utf8_next(&at));
	if (!bad)
		return text;
	BUFFER_AUTO out = { 0 };
	for (const char *at = text; *at;) {
		uint32_t c = text_utf8_next(&at);
		text_utf8_add(&out, is_xml_char(c) ? c : 0xfffd);
	}
	run_mark(run, "replaced", "%zu characters that XML cannot carry were replaced by U+FFFD", bad);
	return arena_text(run->arena, buffer_text(&out));
}

/* ---- operations ---- */

static int open_element(struct writer *w, const struct operation *op)
{
	struct frame *outer = &w->frames[w->depth];
	size_t number = outer->kin && text_equal(outer->kin, op->name) ? outer->kin_count + 1 : 1;
	w->depth++;
	must(w->depth <= DOCUMENT_DEPTH);
	struct frame *frame = &w->frames[w->depth];
	*frame = (struct frame){ .open = op, .start = w->out->size, .traces = w->traces ? w->traces->count : 0, .number = number };
	buffer_add_text(w->out, op->octets);
	for (size_t i = 0; i < op->attribute_count; i++) {
		const char *text;
		size_t values;
		TRY(template_run(w->run, &op->attributes[i].value, &text, &values));
		if (!text)
			continue;
		buffer_add_text(w->out, op->attributes[i].start);
		xml_escape_attribute(w->out, carry(w->run, text));
		buffer_add_char(w->out, '"');
		frame->values += values;
	}
	buffer_add_char(w->out, '>');
	return 0;
}

/* An element that should have said something of the input, and got nothing, is left out. */
static void close_element(struct writer *w, const struct operation *op)
{
	struct frame *frame = &w->frames[w->depth--], *outer = &w->frames[w->depth];
	if (frame->open->dynamic && !frame->values) {
		w->out->size = frame->start;
		w->out->data[frame->start] = '\0';
		if (w->traces)
			w->traces->count = frame->traces;
		return;
	}
	buffer_add_text(w->out, op->octets);
	outer->values += frame->values;
	if (!outer->kin || !text_equal(outer->kin, frame->open->name))
		outer->kin_count = 0;
	outer->kin = frame->open->name;
	outer->kin_count++;
}

static int write_content(struct writer *w, const struct operation *op)
{
	struct run *run = w->run;
	const char *text;
	size_t values;
	if (op->sentence)
		TRY(sentence_run(run, op->sentence, &text, &values));
	else
		TRY(template_run(run, &op->text, &text, &values));
	if (!text)
		return 0;
	w->frames[w->depth].values += values;
	text = carry(run, text);
	if (op->max_length && text_is_longer(text, op->max_length)) {
		run->line = op->line;
		return run_fail(run, ERROR_BAD_FIELD, "\"%s\" holds at most %zu characters, these are %zu: \"%.60s...\"", path_of(w),
		                op->max_length, text_utf8_length(text), text);
	}
	xml_escape_text(w->out, text);
	if (w->traces)
		trace(w, op->sentence ? sentence_sources(run, op->sentence) : template_sources(run, &op->text),
		      op->sentence ? sentence_filters(run, op->sentence) : template_filters(run, &op->text), text, op->line);
	return 0;
}

static int enter_loop(struct writer *w, const struct operation *op, size_t *next)
{
	struct turn *turn = &w->turns[op->loop->variable];
	*turn = (struct turn){ 0 };
	TRY(loop_run(w->run, op->loop, &turn->items, &turn->count));
	if (turn->count == 0)
		*next = op->target;
	else
		loop_take(w->run, op->loop, &turn->items[turn->next++], 1);
	return 0;
}

static void next_turn(struct writer *w, const struct operation *op, size_t *next)
{
	const struct operation *start = &w->document->operations[op->target];
	struct turn *turn = &w->turns[start->loop->variable];
	if (turn->next == turn->count)
		return;
	loop_take(w->run, start->loop, &turn->items[turn->next], turn->next + 1);
	turn->next++;
	*next = op->target + 1;
}

static int operation_run(struct writer *w, const struct operation *op, size_t *next)
{
	bool holds;
	switch (op->kind) {
	case OPERATION_OPEN:
		return open_element(w, op);
	case OPERATION_CLOSE:
		close_element(w, op);
		return 0;
	case OPERATION_TEXT:
		return write_content(w, op);
	case OPERATION_FOR:
		return enter_loop(w, op, next);
	case OPERATION_NEXT:
		next_turn(w, op, next);
		return 0;
	case OPERATION_IF:
		TRY(condition_run(w->run, op->condition, &holds));
		if (!holds)
			*next = op->target;
		return 0;
	}
	bug("an operation of no kind");
}

int document_run(struct run *run, const struct document *document, struct buffer *out, struct map_traces *traces)
{
	struct writer *w = arena_alloc(run->arena, sizeof *w);
	*w = (struct writer){ .run = run, .document = document, .out = out, .traces = traces };
	run->where = where;
	run->writer = w;
	size_t start = out->size;
	for (size_t at = 0; at < document->count;) {
		size_t next = at + 1;
		int result = run_step(run);
		if (result == 0)
			result = operation_run(w, &document->operations[at], &next);
		if (result == 0 && (out->over || out->size - start > MAP_OUTPUT))
			result = run_fail(run, ERROR_TOO_LARGE, "the document grows past %zu MiB", MAP_OUTPUT >> 20);
		if (result < 0) {
			out->size = start;
			if (out->data)
				out->data[start] = '\0';
			return -1;
		}
		at = next;
	}
	return 0;
}
