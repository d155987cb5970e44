/* multipart/related from outside. The input's first line is the Content-Type, the rest the body: what two readers agreed on lies
 * inside the body, in order, apart from each other, and under names of its own. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "lib/mime/mime.h"

static void check_parts(const struct mime_message *m, size_t size)
{
	size_t end = 0;
	property(m->count >= 1 && m->count <= 64 && m->root);
	for (size_t i = 0; i < m->count; i++) {
		const struct mime_part *part = &m->parts[i];
		property(part->at >= end && part->at <= size && part->size <= size - part->at);
		end = part->at + part->size;
		property(part->type.type && part->header_count <= MIME_HEADERS_MOST);
		property(part->content_id || i == 0);
		for (size_t k = 0; k < i; k++)
			property(!part->content_id || !m->parts[k].content_id || strcmp(part->content_id, m->parts[k].content_id) != 0);
	}
	property(strlen(m->boundary) <= MIME_BOUNDARY_MOST);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct bytes line, body;
	struct mime_message *m;
	struct error why = { 0 };
	if (!fuzz_split((struct bytes){ (uint8_t *)data, size }, '\n', &line, &body) || memchr(line.data, 0, line.size))
		return 0;
	struct blob blob = blob_of_bytes(&body);
	if (mime_parse(arena, arena_text_n(arena, (const char *)line.data, line.size), &blob, 0, &m, &why) == 0)
		check_parts(m, body.size);
	else
		property(why.code == ERROR_MEDIA_TYPE || why.code == ERROR_BAD_REQUEST || why.code == ERROR_TOO_LARGE);
	return 0;
}
