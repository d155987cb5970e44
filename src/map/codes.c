/* Code lists: comma-separated values, as RFC 4180 writes them, below comment lines that name their source. */
#include <string.h>

#include "lib/base/text.h"
#include "map/engine.h"

struct lines {
	const char *at;
	unsigned line;
};

/* One field; *end_r is set at the end of its line. */
static int next_field(struct arena *arena, struct lines *in, const char **field_r, bool *end_r, struct error *error)
{
	BUFFER_AUTO field = { 0 };
	if (*in->at == '"') {
		for (in->at++; *in->at && !(*in->at == '"' && in->at[1] != '"'); in->at++) {
			in->at += *in->at == '"';
			in->line += *in->at == '\n';
			buffer_add_char(&field, *in->at);
		}
		if (*in->at != '"' || !strchr(",\r\n", in->at[1])) {
			error_set(error, ERROR_BAD_MAPPING, "a quoted field has no proper end");
			return error_at(error, "line %u", in->line);
		}
		in->at++;
	} else {
		size_t n = strcspn(in->at, ",\r\n");
		buffer_add(&field, in->at, n);
		in->at += n;
	}
	*end_r = *in->at != ',';
	in->at += *in->at == '\r' && in->at[1] == '\n';
	in->line += *in->at == '\n';
	in->at += *in->at != '\0';
	*field_r = arena_text(arena, buffer_text(&field));
	return 0;
}

static void skip_comments(struct lines *in, bool *source)
{
	for (; *in->at == '#' || *in->at == '\n' || *in->at == '\r'; in->line++) {
		const char *end = strchr(in->at, '\n');
		*source |= text_starts(in->at, "# source:") && (size_t)strcspn(in->at, "\n") > strlen("# source: ");
		in->at = end ? end + 1 : in->at + strlen(in->at);
	}
}

static int row_read(struct arena *arena, struct lines *in, const char **row, size_t room, size_t *count_r, struct error *error)
{
	bool end = false;
	for (*count_r = 0; !end; (*count_r)++) {
		const char *field = NULL;
		TRY(next_field(arena, in, &field, &end, error));
		if (*count_r < room)
			row[*count_r] = field;
	}
	return 0;
}

int code_list_read(struct arena *arena, const char *name, const char *text, struct code_list **list_r, struct error *error)
{
	struct code_list *list = arena_alloc(arena, sizeof *list);
	struct lines in = { text, 1 };
	const char *header[32];
	bool source = false;
	skip_comments(&in, &source);
	if (!source)
		FAIL(error, BAD_MAPPING, "a code list begins with a line \"# source: ...\"");
	TRY(row_read(arena, &in, header, 32, &list->column_count, error));
	if (list->column_count < 1 || list->column_count > 32)
		FAIL(error, BAD_MAPPING, "a code list has one to 32 columns");
	list->name = arena_text(arena, name);
	list->columns = arena_array(arena, list->column_count, sizeof *list->columns);
	memcpy(list->columns, header, list->column_count * sizeof *header);
	size_t room = 0;
	for (const char *p = text; *p; p++)
		room += *p == '\n';
	list->cells = arena_array(arena, (room + 1) * list->column_count, sizeof *list->cells);
	for (skip_comments(&in, &source); *in.at; skip_comments(&in, &source)) {
		size_t count;
		unsigned line = in.line;
		TRY(row_read(arena, &in, list->cells + list->row_count * list->column_count, list->column_count, &count, error));
		if (count != list->column_count) {
			error_set(error, ERROR_BAD_MAPPING, "the row has %zu fields, the header %zu", count, list->column_count);
			return error_at(error, "line %u", line);
		}
		list->row_count++;
	}
	*list_r = list;
	return 0;
}

size_t code_list_column(const struct code_list *list, const char *column)
{
	for (size_t i = 0; i < list->column_count; i++)
		if (text_equal(list->columns[i], column))
			return i;
	return SIZE_MAX;
}

const char *code_list_find(const struct code_list *list, const char *value, size_t from, size_t to)
{
	for (size_t i = 0; i < list->row_count; i++) {
		const char *const *row = (const char *const *)list->cells + i * list->column_count;
		if (text_equal(row[from], value))
			return *row[to] ? row[to] : NULL;
	}
	return NULL;
}
