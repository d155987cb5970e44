/* arena: memory of one request or stage run, freed at once.
 *
 * arena_new / arena_free. Everything handed out lives until arena_free. Lost memory, and more than the ceiling
 * (ARENA_CEILING unless told), ends the process: inputs are limited long before. Not for two threads at once.
 */
#ifndef SEALGATE_LIB_BASE_ARENA_H
#define SEALGATE_LIB_BASE_ARENA_H

#include <stddef.h>

#include "lib/base/bytes.h"

#define ARENA_CEILING ((size_t)1 << 30)

struct arena;
#define ARENA_AUTO __attribute__((cleanup(arena_free))) struct arena *

struct arena *arena_new(void);
void arena_free(struct arena **arena);
void *arena_alloc(struct arena *arena, size_t size);            /* zeroed, aligned for any type */
void *arena_array(struct arena *arena, size_t count, size_t size); /* zeroed; overflow is checked */
char *arena_text(struct arena *arena, const char *text);         /* a copy; NULL for NULL */
char *arena_text_n(struct arena *arena, const char *text, size_t size);
char *arena_printf(struct arena *arena, const char *format, ...) printf_like(2, 3);
struct bytes arena_bytes(struct arena *arena, struct bytes bytes); /* a copy, followed by a NUL that does not count */

/* Runs when the arena is freed, last added first: for a library handle that must live as long. */
void arena_at_free(struct arena *arena, void (*free_it)(void *thing), void *thing);

#endif
