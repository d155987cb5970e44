#include "sealgate/input.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"

static const struct json_limits wide = { .bytes = 256 << 20, .nodes = 8000000, .text = 16 << 20, .depth = 64 };

int input_octets(struct run *run, const char *path, struct bytes *octets_r, struct error *error)
{
	BUFFER_AUTO octets = { 0 };
	TRY(file_read(text_equal(path, "-") ? "/dev/stdin" : path, &octets, error));
	*octets_r = arena_bytes(run->arena, buffer_bytes(&octets));
	return 0;
}

static int in_file(const char *path, struct error *error)
{
	struct error inner = *error;
	return error_at(error, "%s%s%s", path, *inner.place ? ": " : "", inner.place);
}

int input_json(struct run *run, const char *path, struct json **json_r, struct error *error)
{
	struct bytes octets;
	TRY(input_octets(run, path, &octets, error));
	return json_parse(run->arena, octets, &wide, json_r, error) < 0 ? in_file(path, error) : 0;
}

/* The next line that is not blank; false at the end. */
static bool next_line(const char **at, const char *end, struct bytes *line_r)
{
	while (*at < end) {
		const char *start = *at, *stop = memchr(start, '\n', (size_t)(end - start));
		size_t size = (size_t)((stop ? stop : end) - start);
		*at = start + size + 1;
		*line_r = (struct bytes){ (const uint8_t *)start, size };
		if (strspn(start, " \t\r") < size)
			return true;
	}
	return false;
}

bool input_is_lines(struct arena *arena, struct bytes octets)
{
	const char *at = (const char *)octets.data;
	struct bytes first, second;
	struct json *value;
	struct error ignored = { 0 };
	const char *end = at + octets.size;
	return next_line(&at, end, &first) && next_line(&at, end, &second) && json_parse(arena, first, &wide, &value, &ignored) == 0 &&
	       json_kind(value) == JSON_KIND_OBJECT;
}

int input_list(struct run *run, const char *path, struct json **list_r, struct bytes *octets_r, struct error *error)
{
	struct json *value;
	TRY(input_octets(run, path, octets_r, error));
	*list_r = json_new_array(run->arena);
	if (!input_is_lines(run->arena, *octets_r)) {
		if (json_parse(run->arena, *octets_r, &wide, &value, error) < 0)
			return in_file(path, error);
		if (json_kind(value) == JSON_KIND_ARRAY)
			*list_r = value;
		else
			json_append(*list_r, value);
		return 0;
	}
	const char *at = (const char *)octets_r->data, *end = at + octets_r->size;
	struct bytes line;
	while (next_line(&at, end, &line)) {
		if (json_parse(run->arena, line, &wide, &value, error) < 0)
			return in_file(path, error);
		json_append(*list_r, value);
	}
	return 0;
}
