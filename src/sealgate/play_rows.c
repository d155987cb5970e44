#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sealgate/play.h"

#define COLUMNS_MOST 64

int keeping_read(const char *text, struct keeping *k, struct error *error)
{
	char *slash, first[24] = { 0 };
	struct error ignored = { 0 };
	if (!text || !(slash = strchr(text, '/')) || (size_t)(slash - text) >= sizeof first ||
	    (memcpy(first, text, (size_t)(slash - text)), text_integer(first, 1, 1000000, &k->keep, &ignored)) < 0 ||
	    text_integer(slash + 1, 1, 1000000, &k->of_each, &ignored) < 0 || k->keep > k->of_each)
		FAIL(error, BAD_FIELD, "\"%.40s\" is no share of the rows: 2/3 keeps two of each three", text ? text : "");
	return 0;
}

static size_t cells_split(char *line, char **cells)
{
	size_t n = 0;
	while (line && n < COLUMNS_MOST)
		cells[n++] = strsep(&line, ",");
	return line ? COLUMNS_MOST + 1 : n;
}

/* Cells that are empty are left out, as the tracker does. */
static int row_read(struct arena *arena, char **names, size_t columns, char *line, struct voyage_row *row, struct error *error)
{
	char *cells[COLUMNS_MOST];
	size_t n = cells_split(line, cells);
	const char *time = NULL;
	if (n != columns)
		FAIL(error, BAD_FIELD, "the row has %zu cells, and the header %zu", n, columns);
	row->json = json_new_object(arena);
	for (size_t i = 0; i < n; i++) {
		if (text_equal(names[i], "time_utc"))
			time = cells[i];
		if (*cells[i])
			json_set_text(arena, row->json, names[i], cells[i]);
	}
	return clock_parse(time ? time : "", &row->time, error);
}

/* Rows of one instant stay as they stand, which qsort does not promise. */
static void rows_sort(struct voyage_rows *rows, struct arena *arena)
{
	bool sorted = true;
	for (size_t i = 1; i < rows->count && sorted; i++)
		sorted = rows->items[i - 1].time <= rows->items[i].time;
	if (sorted)
		return;
	const struct voyage_row **order = arena_array(arena, rows->count, sizeof *order);
	struct voyage_row *out = arena_array(arena, rows->count, sizeof *out);
	for (size_t i = 0; i < rows->count; i++) {  /* insertion from the end: recordings are nearly in order */
		size_t k = i;
		while (k > 0 && order[k - 1]->time > rows->items[i].time) {
			order[k] = order[k - 1];
			k--;
		}
		order[k] = &rows->items[i];
	}
	for (size_t i = 0; i < rows->count; i++)
		out[i] = *order[i];
	rows->items = out;
}

/* In one stretch, out of the middle: a row here and there would be missed by nobody whose device reports more often than it must. */
static void rows_thin(struct voyage_rows *rows, const struct keeping *keep)
{
	size_t out = rows->count * (size_t)(keep->of_each - keep->keep) / (size_t)keep->of_each, from = (rows->count - out) / 2;
	memmove(&rows->items[from], &rows->items[from + out], (rows->count - from - out) * sizeof *rows->items);
	rows->count -= out;
	rows->taken_out = out;
}

int voyage_read(const char *path, const struct keeping *keep, struct arena *arena, struct voyage_rows *rows, struct error *error)
{
	char *text, *names[COLUMNS_MOST];
	size_t lines = 0, number = 1;
	TRY(file_read_text(path, arena, &text, error));
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	*rows = (struct voyage_rows){ .items = arena_array(arena, lines + 2, sizeof *rows->items) };
	char *header = strsep(&text, "\n");
	header[strcspn(header, "\r")] = '\0';
	size_t columns = cells_split(header, names);
	for (char *line; (line = strsep(&text, "\n"));) {
		number++;
		line[strcspn(line, "\r")] = '\0';
		if (!*line)
			continue;
		if (row_read(arena, names, columns, line, &rows->items[rows->count], error) < 0)
			return error_at(error, "%s:%zu", path, number);
		rows->count++;
	}
	if (!rows->count)
		FAIL(error, BAD_FIELD, "\"%s\" holds no row", path);
	rows_sort(rows, arena);
	if (keep)
		rows_thin(rows, keep);
	return 0;
}
