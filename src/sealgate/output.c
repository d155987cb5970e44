#include "sealgate/output.h"

#include <stdarg.h>
#include <string.h>

#include "lib/base/text.h"

#define COLUMNS 12

struct table_row {
	const char *cells[COLUMNS];
	struct table_row *next;
};

struct table {
	struct run *run;
	const char *const *titles;
	size_t columns, rows, width[COLUMNS], most;
	bool blank;
	struct table_row *first, **last;
};

struct table *table_new(struct run *run, const char *const *titles)
{
	struct table *table = arena_alloc(run->arena, sizeof *table);
	*table = (struct table){ .run = run, .titles = titles };
	table->last = &table->first;
	while (titles[table->columns] && table->columns < COLUMNS) {
		table->width[table->columns] = text_utf8_length(titles[table->columns]);
		table->columns++;
	}
	return table;
}

void table_blank(struct table *table)
{
	table->blank = true;
}

void table_add(struct table *table, const char *const *cells)
{
	struct table_row *row = arena_alloc(table->run->arena, sizeof *row);
	for (size_t i = 0; i < table->columns; i++) {
		BUFFER_AUTO text = { 0 };
		text_escape_for_person(&text, text_empty(cells[i]) ? table->blank ? "" : "-" : cells[i]);
		row->cells[i] = arena_text(table->run->arena, buffer_text(&text));
		size_t width = text_utf8_length(row->cells[i]);
		width = table->most && width > table->most ? table->most : width;
		table->width[i] = width > table->width[i] ? width : table->width[i];
	}
	*table->last = row;
	table->last = &row->next;
	table->rows++;
}

void table_wrap(struct table *table, size_t width)
{
	table->most = width;
}

size_t table_rows(const struct table *table)
{
	return table->rows;
}

static const char *colour_of(const char *text)
{
	static const char *const good[] = { "sent", "tied", "intact", "accepted", "release", "low", "ok", "valid", NULL };
	static const char *const bad[] = { "failed", "refused", "alarm", "high", "rejected", "do_not_load", "error", "disabled", NULL };
	static const char *const odd[] = { "held", "unknown", "waiting", "untied", "attention", "medium", "control", "hold", "seal_unknown", "warning", NULL };
	const char *const *lists[] = { good, bad, odd };
	static const char *const codes[] = { "\033[32m", "\033[31m", "\033[33m" };
	for (size_t i = 0; i < 3; i++)
		for (const char *const *word = lists[i]; *word; word++)
			if (text_equal(*word, text))
				return codes[i];
	return NULL;
}

/* How many octets of the cell go into this line: all that fit, up to the last place where a text may be broken. */
static size_t line_take(const char *text, size_t most)
{
	size_t column = 0, good = 0;
	const char *at = text;
	while (*at && (!most || column < most)) {
		uint32_t c = text_utf8_next(&at);
		column++;
		if (c == ' ' || c == '/' || c == ',' || c == '|')
			good = (size_t)(at - text);
	}
	return !*at || good == 0 ? (size_t)(at - text) : good;
}

static void row_write(const struct table *table, const struct table_row *row)
{
	FILE *out = table->run->out;
	const char *left[COLUMNS];
	memcpy(left, row->cells, sizeof left);
	bool more;
	do {
		size_t used = table->columns;
		more = false;
		while (used > 1 && !*left[used - 1])
			used--;
		for (size_t i = 0; i < used; i++) {
			size_t n = line_take(left[i], table->most);
			const char *text = arena_text_n(table->run->arena, left[i], n), *code = table->run->colour ? colour_of(text) : NULL;
			fprintf(out, "%s%s%s", code ? code : "", text, code ? "\033[0m" : "");
			if (i + 1 < used)
				fprintf(out, "%*s", (int)(table->width[i] - text_utf8_length(text)) + 2, "");
			left[i] += n;
			more |= *left[i] != '\0';
		}
		fputc('\n', out);
	} while (more);
}

void table_write(const struct table *table)
{
	FILE *out = table->run->out;
	bool colour = table->run->colour;
	for (size_t i = 0; i < table->columns; i++)
		fprintf(out, "%s%s%s%*s", colour ? "\033[1m" : "", table->titles[i], colour ? "\033[0m" : "",
		        i + 1 < table->columns ? (int)(table->width[i] - text_utf8_length(table->titles[i])) + 2 : 0, "");
	fputc('\n', out);
	for (const struct table_row *row = table->first; row; row = row->next)
		row_write(table, row);
}

__attribute__((format(printf, 2, 0))) static void line(FILE *stream, const char *format, va_list list)
{
	char text[4096];
	BUFFER_AUTO safe = { 0 };
	vsnprintf(text, sizeof text, format, list);
	text[text_utf8_check(bytes_of_text(text))] = '\0';  /* a cut in the middle of a character */
	text_escape_for_person(&safe, text);
	fprintf(stream, "%s\n", buffer_text(&safe));
}

void out_line(struct run *run, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	line(run->out, format, list);
	va_end(list);
}

void note(struct run *run, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	line(run->err, format, list);
	va_end(list);
}

static void json_out(struct run *run, const struct json *json, enum json_form form)
{
	BUFFER_AUTO text = { 0 };
	json_write(&text, json, form);
	if (form == JSON_COMPACT)
		buffer_add_char(&text, '\n');
	fputs(buffer_text(&text), run->out);
}

void out_json(struct run *run, const struct json *json)
{
	json_out(run, json, JSON_COMPACT);
}

void out_json_pretty(struct run *run, const struct json *json)
{
	json_out(run, json, JSON_PRETTY);
}

int out_octets(struct run *run, struct bytes octets, struct error *error)
{
	if (octets.size && fwrite(octets.data, 1, octets.size, run->out) != octets.size)
		FAIL(error, IO, "cannot write the output");
	return 0;
}

const char *cell(const struct json *root, const char *path)
{
	const char *text = json_scalar(json_path(root, path));
	return text ? text : "";
}

const char *counted(struct arena *arena, int64_t number, const char *thing)
{
	return arena_printf(arena, "%lld %s%s", (long long)number, thing, number == 1 ? "" : "s");
}
