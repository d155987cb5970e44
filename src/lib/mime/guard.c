/* The first reader of a multipart. It looks through a window of the blob that moves on; the mark it searches is the
 * boundary with its two hyphens, and what stands around each find decides. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/mime/inside.h"

#define WINDOW (STREAM_BLOCK * 2)  /* at least a block can always be looked at */

struct guard {
	struct arena *arena;
	const struct blob *blob;
	struct mime_message *message;
	size_t most_parts;
	char mark[MIME_BOUNDARY_MOST + 3];
	size_t mark_size;
	uint8_t *window;
	size_t window_at, window_size;  /* what of the blob it shows */
	struct mime_part *parts;
	size_t room;
	struct error *error;
};

static int refuse(struct guard *g, size_t at, const char *what)
{
	error_set(g->error, ERROR_BAD_REQUEST, "%s", what);
	return error_at(g->error, "octet %zu", at);
}

/* Makes [at, at + size) visible, as far as the blob goes; *size_r: how much that is. */
static int show(struct guard *g, size_t at, size_t size, const uint8_t **octets_r, size_t *size_r)
{
	size_t left = g->blob->size - at, wanted = size < left ? size : left;
	if (at < g->window_at || at + wanted > g->window_at + g->window_size) {
		g->window_at = at;
		g->window_size = left < WINDOW ? left : WINDOW;
		TRY(blob_read(g->blob, at, g->window, g->window_size, g->error));
	}
	*octets_r = g->window + (at - g->window_at);
	*size_r = wanted;
	return 0;
}

/* ---- headers ---- */

static bool is_name(const char *name, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)name[i] <= ' ' || (unsigned char)name[i] >= 0x7f || strchr("()<>@,;:\\\"/[]?={}", name[i]))
			return false;
	return size > 0;
}

/* One header with its continuation lines, from *at to behind its last CRLF. An empty line: size 0. */
static int take_lines(struct guard *g, size_t *at, struct buffer *out)
{
	const uint8_t *octets;
	size_t size, start = *at;
	for (;;) {
		TRY(show(g, *at, MIME_HEADER_LINE_MOST + 3, &octets, &size));
		const uint8_t *end = memmem(octets, size, "\r\n", 2);
		if (!end && size < MIME_HEADER_LINE_MOST)
			return refuse(g, *at, "the message ends inside the header of a part, or a header line does not end in CR LF");
		size_t line = end ? (size_t)(end - octets) : size;
		if (!end || out->size + line > MIME_HEADER_LINE_MOST)
			return refuse(g, start, "a header of a part is longer than 8192 octets");
		for (size_t i = 0; i < line; i++)
			if ((octets[i] < ' ' && octets[i] != '\t') || octets[i] > '~')
				return refuse(g, *at + i, "a header of a part holds a control or non-ASCII character, or a line end that is not CR LF");
		buffer_add(out, octets, line);
		*at += line + 2;
		bool goes_on = line > 0 && line + 2 < size && (octets[line + 2] == ' ' || octets[line + 2] == '\t');
		if (!goes_on)
			return 0;
	}
}

static int take_headers(struct guard *g, size_t *at, struct mime_part *part)
{
	struct mime_header headers[MIME_HEADERS_MOST];
	for (;;) {
		BUFFER_AUTO text = { 0 };
		size_t start = *at;
		TRY(take_lines(g, at, &text));
		if (!text.size) {
			struct mime_header *kept = arena_array(g->arena, part->header_count + 1, sizeof *kept);
			memcpy(kept, headers, part->header_count * sizeof *kept);
			part->headers = kept;
			return 0;
		}
		char *colon = memchr(text.data, ':', text.size);
		if (part->header_count == MIME_HEADERS_MOST)
			return refuse(g, start, "a part has more than 32 headers");
		if (!colon || !is_name(text.data, (size_t)(colon - text.data)))
			return refuse(g, start, "a header of a part is not of the form name: value");
		char *value = colon + 1 + strspn(colon + 1, " \t");
		size_t n = strlen(value);
		while (n && strchr(" \t", value[n - 1]))
			n--;
		struct mime_header *header = &headers[part->header_count++];
		header->name = arena_text_n(g->arena, text.data, (size_t)(colon - text.data));
		header->value = arena_text_n(g->arena, value, n);
		for (struct mime_header *other = headers; other < header; other++)
			if (text_equal_nocase(other->name, header->name))
				return refuse(g, start, "a header stands twice in one part");
	}
}

static const char *header_of(const struct mime_part *part, const char *name)
{
	for (size_t i = 0; i < part->header_count; i++)
		if (text_equal_nocase(part->headers[i].name, name))
			return part->headers[i].value;
	return NULL;
}

static bool is_id(const char *id)
{
	size_t n = strlen(id);
	if (n < 3 || n > 998 || id[0] != '<' || id[n - 1] != '>')
		return false;
	for (size_t i = 1; i < n - 1; i++)
		if (id[i] <= ' ' || id[i] > '~' || strchr("<>\"\\", id[i]))
			return false;
	return true;
}

static int understand_headers(struct guard *g, size_t at, struct mime_part *part)
{
	const char *type = header_of(part, "Content-Type"), *encoding = header_of(part, "Content-Transfer-Encoding"), *id = header_of(part, "Content-ID");
	if (mime_type_parse(g->arena, type ? type : "text/plain", &part->type, g->error) < 0)
		return error_at(g->error, "octet %zu", at);
	if (text_starts(part->type.type, "multipart/") || text_starts(part->type.type, "message/"))
		return refuse(g, at, "a part is a multipart or a message itself, which is not taken");
	if (encoding && !text_equal_nocase(encoding, "binary") && !text_equal_nocase(encoding, "8bit") && !text_equal_nocase(encoding, "7bit"))
		return refuse(g, at, "a part has a transfer encoding other than binary, 8bit or 7bit");
	if (id && !is_id(id))
		return refuse(g, at, "a Content-ID is not of the form <id>, without blanks");
	if (!id && g->message->count > 0)
		return refuse(g, at, "a part behind the first has no Content-ID");
	part->content_id = id ? arena_text_n(g->arena, id + 1, strlen(id) - 2) : NULL;
	return 0;
}

/* ---- boundaries ---- */

/* The next mark at or behind `at`; *found_r: its place, or the blob's end. Between two windows as much stays visible as a
 * mark could hide in. */
static int find_mark(struct guard *g, size_t at, size_t *found_r)
{
	for (;;) {
		const uint8_t *octets;
		size_t size;
		TRY(show(g, at, STREAM_BLOCK, &octets, &size));
		const uint8_t *found = size >= g->mark_size ? memmem(octets, size, g->mark, g->mark_size) : NULL;
		*found_r = found ? at + (size_t)(found - octets) : g->blob->size;
		if (found || at + size == g->blob->size)
			return 0;
		at += size - (g->mark_size - 1);
	}
}

/* The content that begins at `from` ends in front of the CRLF of a line that is the boundary. A mark in the middle of a line
 * is content; one behind a lone CR or LF would be a boundary to some readers and none to others. */
static int find_end(struct guard *g, size_t from, size_t *end_r)
{
	const uint8_t *before;
	size_t size, at = from;
	for (;; at++) {
		TRY(find_mark(g, at, &at));
		if (at == g->blob->size)
			return refuse(g, from, "the message ends inside a part: the closing boundary is missing");
		if (at < from + 2) {
			if (at == from)
				return refuse(g, at, "a part has no content, not even the line end in front of the boundary");
			TRY(show(g, at - 1, 1, &before, &size));
			if (*before == '\r' || *before == '\n')
				return refuse(g, at, "a line end in front of a boundary is not CR LF");
			continue;
		}
		TRY(show(g, at - 2, 2, &before, &size));
		if (before[0] == '\r' && before[1] == '\n') {
			*end_r = at - 2;
			return 0;
		}
		if (before[1] == '\r' || before[1] == '\n')
			return refuse(g, at, "a line end in front of a boundary is not CR LF");
	}
}

/* At a mark that begins a line: the rest of the line. *last_r: it is the closing one. */
static int take_boundary(struct guard *g, size_t *at, bool *last_r)
{
	const uint8_t *octets;
	size_t size, start = *at;
	*at += g->mark_size;
	TRY(show(g, *at, 4, &octets, &size));
	*last_r = size >= 2 && memcmp(octets, "--", 2) == 0;
	if (*last_r) {
		bool line_end = size == 4 && memcmp(octets + 2, "\r\n", 2) == 0;
		*at += line_end ? 4 : 2;
		if (*at != g->blob->size)
			return refuse(g, *at, "something stands behind the closing boundary");
		return 0;
	}
	if (size < 2 || memcmp(octets, "\r\n", 2) != 0)
		return refuse(g, start, "a line begins like the boundary and is not it");
	*at += 2;
	return 0;
}

static int take_preamble(struct guard *g, size_t *at)
{
	const uint8_t *octets;
	size_t size;
	TRY(show(g, 0, g->mark_size + 2, &octets, &size));
	*at = size >= 2 && memcmp(octets, "\r\n", 2) == 0 ? 2 : 0;
	if (size < *at + g->mark_size || memcmp(octets + *at, g->mark, g->mark_size) != 0)
		return refuse(g, 0, "the message does not begin with its boundary");
	return 0;
}

static int take_part(struct guard *g, size_t *at)
{
	if (g->message->count == g->most_parts) {
		error_set(g->error, ERROR_TOO_LARGE, "the message has more than %zu parts", g->most_parts);
		return error_at(g->error, "octet %zu", *at);
	}
	if (g->message->count == g->room) {
		size_t room = g->room ? g->room * 4 : 16;
		struct mime_part *parts = arena_array(g->arena, room, sizeof *parts);
		if (g->message->count)
			memcpy(parts, g->parts, g->message->count * sizeof *parts);
		g->parts = parts;
		g->room = room;
	}
	struct mime_part *part = &g->parts[g->message->count];
	size_t start = *at, end = 0;
	TRY(take_headers(g, at, part));
	TRY(understand_headers(g, start, part));
	part->at = *at;
	TRY(find_end(g, part->at, &end));
	part->size = end - part->at;
	*at = end + 2;
	g->message->count++;
	return 0;
}

/* ---- all of it ---- */

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int check_ids(struct guard *g)
{
	const char **ids = arena_array(g->arena, g->message->count, sizeof *ids);
	size_t count = 0;
	for (size_t i = 0; i < g->message->count; i++)
		if (g->parts[i].content_id)
			ids[count++] = g->parts[i].content_id;
	qsort(ids, count, sizeof *ids, by_id);
	for (size_t i = 1; i < count; i++)
		if (strcmp(ids[i - 1], ids[i]) == 0)
			FAIL(g->error, BAD_REQUEST, "two parts have the Content-ID \"%.120s\"", ids[i]);
	return 0;
}

static void window_free(uint8_t **window)
{
	free(*window);
}

int guard_read(struct arena *arena, const struct blob *blob, size_t most_parts, struct mime_message *message, struct error *error)
{
	__attribute__((cleanup(window_free))) uint8_t *window = malloc(blob->size < WINDOW ? blob->size + 1 : WINDOW);
	struct guard g = { .arena = arena, .blob = blob, .message = message, .most_parts = most_parts, .window = window, .error = error };
	bool last = false;
	size_t at;
	if (!window)
		die("out of memory");
	g.mark_size = strlen(message->boundary) + 2;
	memcpy(g.mark, "--", 2);
	memcpy(g.mark + 2, message->boundary, g.mark_size - 2);
	TRY(take_preamble(&g, &at));
	for (;;) {
		TRY(take_boundary(&g, &at, &last));
		if (last)
			break;
		TRY(take_part(&g, &at));
	}
	if (message->count == 0)
		FAIL(error, BAD_REQUEST, "the message has no part");
	message->parts = g.parts;
	return check_ids(&g);
}
