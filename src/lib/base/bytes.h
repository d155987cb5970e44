/* bytes: a borrowed run of octets, and a growing one with a ceiling. */
#ifndef SEALGATE_LIB_BASE_BYTES_H
#define SEALGATE_LIB_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/error.h"

/* Borrowed: never freed through this. `data` may be NULL only if size is 0. */
struct bytes {
	const uint8_t *data;
	size_t size;
};

struct bytes bytes_of_text(const char *text);  /* without the NUL */
bool bytes_equal(struct bytes a, struct bytes b);

/* buffer: heap octets, always followed by a NUL that does not count, born with a ceiling.
 * buffer_init / buffer_clear; zero-initialised is valid too (ceiling BUFFER_CEILING).
 * Appending past the ceiling marks the buffer as over and appends nothing more: check once, at the end.
 * Lost memory ends the process (die). */
#define BUFFER_CEILING ((size_t)256 << 20)
struct buffer {
	char *data;
	size_t size;
	size_t room;
	size_t ceiling;  /* 0: BUFFER_CEILING */
	bool over;
};

#define BUFFER_AUTO __attribute__((cleanup(buffer_clear))) struct buffer
void buffer_init(struct buffer *buffer, size_t ceiling);
void buffer_clear(struct buffer *buffer);
void buffer_reset(struct buffer *buffer);  /* empties, keeps the room */
void buffer_add(struct buffer *buffer, const void *data, size_t size);
char *buffer_extend(struct buffer *buffer, size_t size);  /* so many octets more, for the caller to fill in at once; NULL: over */
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_char(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...) printf_like(2, 3);
const char *buffer_text(const struct buffer *buffer);  /* "" where nothing was added */
struct bytes buffer_bytes(const struct buffer *buffer);
/* Hands the memory to the caller (free()); the buffer is empty afterwards. Never NULL. */
char *buffer_steal(struct buffer *buffer);

#endif
