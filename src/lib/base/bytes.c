#include "lib/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes bytes_of_text(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, text ? strlen(text) : 0 };
}

bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

void buffer_init(struct buffer *buffer, size_t ceiling)
{
	*buffer = (struct buffer){ .ceiling = ceiling };
}

void buffer_clear(struct buffer *buffer)
{
	free(buffer->data);
	buffer->data = NULL;
	buffer->size = buffer->room = 0;
	buffer->over = false;
}

void buffer_reset(struct buffer *buffer)
{
	buffer->size = 0;
	buffer->over = false;
	if (buffer->data)
		buffer->data[0] = '\0';
}

static bool buffer_grow(struct buffer *buffer, size_t more)
{
	size_t ceiling = buffer->ceiling ? buffer->ceiling : BUFFER_CEILING;
	if (buffer->over || more > ceiling - buffer->size) {
		buffer->over = true;
		return false;
	}
	size_t need = buffer->size + more + 1;
	if (need <= buffer->room)
		return true;
	size_t room = buffer->room ? buffer->room : 256;
	while (room < need)
		room *= 2;
	char *data = realloc(buffer->data, room);
	if (!data)
		die("out of memory: buffer of %zu bytes", room);
	buffer->data = data;
	buffer->room = room;
	return true;
}

/* Mostly there is room below the usual ceiling. */
static inline bool buffer_make_room(struct buffer *buffer, size_t more)
{
	if (!buffer->over && !buffer->ceiling && more < buffer->room - buffer->size && buffer->room <= BUFFER_CEILING)
		return true;
	return buffer_grow(buffer, more);
}

char *buffer_extend(struct buffer *buffer, size_t size)
{
	if (!buffer_make_room(buffer, size))
		return NULL;
	char *at = buffer->data + buffer->size;
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
	return at;
}

void buffer_add(struct buffer *buffer, const void *data, size_t size)
{
	if (!buffer_make_room(buffer, size))
		return;
	if (size)
		memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	buffer->data[buffer->size] = '\0';
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, text, strlen(text));
}

void buffer_add_char(struct buffer *buffer, char c)
{
	if (!buffer_make_room(buffer, 1))
		return;
	buffer->data[buffer->size++] = c;
	buffer->data[buffer->size] = '\0';
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	size_t room = buffer->over || !buffer->data ? 0 : buffer->room - buffer->size;
	int size = vsnprintf(room ? buffer->data + buffer->size : NULL, room, format, args);
	va_end(args);
	if (size >= 0 && (size_t)size < room && buffer->size + (size_t)size <= (buffer->ceiling ? buffer->ceiling : BUFFER_CEILING)) {
		buffer->size += (size_t)size;
		va_end(again);
		return;
	}
	if (room)
		buffer->data[buffer->size] = '\0';
	if (size >= 0 && buffer_make_room(buffer, (size_t)size)) {
		vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
		buffer->size += (size_t)size;
	}
	va_end(again);
}

const char *buffer_text(const struct buffer *buffer)
{
	return buffer->data ? buffer->data : "";
}

struct bytes buffer_bytes(const struct buffer *buffer)
{
	return (struct bytes){ (const uint8_t *)buffer->data, buffer->size };
}

char *buffer_steal(struct buffer *buffer)
{
	buffer_make_room(buffer, 0);
	char *data = buffer->data;
	if (!data) {
		data = calloc(1, 1);
		if (!data)
			die("out of memory");
	}
	data[buffer->size] = '\0';
	buffer->data = NULL;
	buffer_clear(buffer);
	return data;
}
