#include "lib/base/stream.h"

#include <stdlib.h>
#include <string.h>

static int bytes_read(void *context, size_t at, void *room, size_t size, struct error *error)
{
	const struct bytes *bytes = context;
	(void)error;
	memcpy(room, bytes->data + at, size);
	return 0;
}

struct blob blob_of_bytes(const struct bytes *bytes)
{
	return (struct blob){ bytes->size, bytes_read, (void *)(uintptr_t)bytes };
}

int blob_read(const struct blob *blob, size_t at, void *room, size_t size, struct error *error)
{
	must(at <= blob->size && size <= blob->size - at);
	return size ? blob->read(blob->context, at, room, size, error) : 0;
}

static void block_free(uint8_t **block)
{
	free(*block);
}

int blob_copy(const struct blob *blob, size_t at, size_t size, const struct sink *sink, struct error *error)
{
	size_t room = size < STREAM_BLOCK ? size : STREAM_BLOCK;
	__attribute__((cleanup(block_free))) uint8_t *block = malloc(room + 1);
	if (!block)
		die("out of memory");
	while (size) {
		size_t n = size < room ? size : room;
		TRY(blob_read(blob, at, block, n, error));
		TRY(sink_write(sink, (struct bytes){ block, n }, error));
		at += n;
		size -= n;
	}
	return 0;
}

static int buffer_write(void *context, struct bytes bytes, struct error *error)
{
	struct buffer *buffer = context;
	buffer_add(buffer, bytes.data, bytes.size);
	if (buffer->over)
		FAIL(error, TOO_LARGE, "more than %zu octets", buffer->ceiling ? buffer->ceiling : BUFFER_CEILING);
	return 0;
}

struct sink sink_to_buffer(struct buffer *buffer)
{
	return (struct sink){ buffer_write, buffer };
}

int sink_write(const struct sink *sink, struct bytes bytes, struct error *error)
{
	return bytes.size ? sink->write(sink->context, bytes, error) : 0;
}

int sink_write_text(const struct sink *sink, const char *text, struct error *error)
{
	return sink_write(sink, bytes_of_text(text), error);
}
