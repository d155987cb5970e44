#include "lib/mime/mime.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/mime/inside.h"

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* RFC 2046 5.1.1 bchars, without the blank */
static bool is_boundary(const char *boundary)
{
	size_t n = strlen(boundary);
	return n > 0 && n <= MIME_BOUNDARY_MOST && strspn(boundary, LETTERS_AND_DIGITS "'()+_,-./:=?") == n;
}

static int find_root(struct mime_message *message, struct error *error)
{
	const char *start = mime_type_parameter(&message->type, "start");
	message->root = message->parts;
	if (!start)
		return 0;
	size_t n = strlen(start);
	bool brackets = n > 2 && start[0] == '<' && start[n - 1] == '>';
	for (size_t i = 0; i < message->count; i++) {
		const char *id = message->parts[i].content_id;
		if (id && (brackets ? strlen(id) == n - 2 && memcmp(id, start + 1, n - 2) == 0 : text_equal(id, start))) {
			message->root = &message->parts[i];
			return 0;
		}
	}
	FAIL(error, BAD_REQUEST, "the content type's start \"%.120s\" is the Content-ID of no part", start);
}

int mime_parse(struct arena *arena, const char *content_type, const struct blob *blob, size_t parts, struct mime_message **message_r,
               struct error *error)
{
	struct mime_message *message = arena_alloc(arena, sizeof *message);
	TRY(mime_type_parse(arena, content_type, &message->type, error));
	if (!text_equal(message->type.type, "multipart/related"))
		FAIL(error, MEDIA_TYPE, "the content type is \"%.80s\", not multipart/related", message->type.type);
	message->boundary = mime_type_parameter(&message->type, "boundary");
	if (!message->boundary || !is_boundary(message->boundary))
		FAIL(error, MEDIA_TYPE, "the content type has no boundary of 1 to 70 allowed characters");
	parts = parts ? parts : 64;
	TRY(guard_read(arena, blob, parts < MIME_PARTS_MOST ? parts : MIME_PARTS_MOST, message, error));
	TRY(find_root(message, error));
	TRY(gmime_agrees(content_type, blob, message, error));
	*message_r = message;
	return 0;
}

void mime_open(struct mime_writer *writer, const struct sink *sink)
{
	uint8_t random[16];
	*writer = (struct mime_writer){ .sink = sink };
	entropy_fill(random, sizeof random);
	int at = snprintf(writer->boundary, sizeof writer->boundary, "sealgate-");
	for (size_t i = 0; i < sizeof random; i++)
		at += snprintf(writer->boundary + at, sizeof writer->boundary - (size_t)at, "%02x", random[i]);
}

char *mime_content_type(struct arena *arena, const struct mime_writer *writer, const char *type, const char *start)
{
	return arena_printf(arena, "multipart/related; boundary=\"%s\"; type=\"%s\"; start=\"<%s>\"", writer->boundary, type, start);
}

int mime_part_begin(struct mime_writer *writer, const char *content_id, const char *content_type, struct error *error)
{
	BUFFER_AUTO head = { 0 };
	if (!*content_id || content_id[strspn(content_id, LETTERS_AND_DIGITS ".-_@+")])
		FAIL(error, BAD_FIELD, "content id \"%.80s\" is not made of letters, digits and .-_@+", content_id);
	buffer_printf(&head, "%s--%s\r\nContent-Type: %s\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <%s>\r\n\r\n", writer->begun ? "\r\n" : "",
	              writer->boundary, content_type, content_id);
	writer->begun = true;
	return sink_write(writer->sink, buffer_bytes(&head), error);
}

int mime_close(struct mime_writer *writer, struct error *error)
{
	BUFFER_AUTO tail = { 0 };
	buffer_printf(&tail, "%s--%s--\r\n", writer->begun ? "\r\n" : "", writer->boundary);
	return sink_write(writer->sink, buffer_bytes(&tail), error);
}
