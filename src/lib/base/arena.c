#include "lib/base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)8192)

struct block {
	struct block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

struct cleanup {
	struct cleanup *next;
	void (*free_it)(void *thing);
	void *thing;
};

struct arena {
	struct block *blocks;
	struct cleanup *cleanups;
	size_t total;
};

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof *arena);
	if (!arena)
		die("out of memory");
	return arena;
}

void arena_free(struct arena **arena)
{
	if (!*arena)
		return;
	for (struct cleanup *c = (*arena)->cleanups; c; c = c->next)
		c->free_it(c->thing);
	for (struct block *b = (*arena)->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(*arena);
	*arena = NULL;
}

static struct block *block_new(struct arena *arena, size_t size)
{
	arena->total += size;
	if (arena->total > ARENA_CEILING)
		die("out of memory: more than %zu bytes for one piece of work", ARENA_CEILING);
	struct block *block = malloc(sizeof *block + size);
	if (!block)
		die("out of memory: block of %zu bytes", size);
	block->used = 0;
	block->size = size;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t need = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	if (need < size)
		die("out of memory: %zu bytes", size);
	struct block *block = arena->blocks;
	if (!block || block->size - block->used < need) {
		block = block_new(arena, need > BLOCK_SIZE / 2 ? need : BLOCK_SIZE);
		if (arena->blocks && need > BLOCK_SIZE / 2) {  /* a large piece goes behind, the open block stays */
			block->next = arena->blocks->next;
			arena->blocks->next = block;
		} else {
			block->next = arena->blocks;
			arena->blocks = block;
		}
	}
	void *piece = block->data + block->used;
	block->used += need;
	return memset(piece, 0, need);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(count, size, &total))
		die("out of memory: %zu x %zu bytes", count, size);
	return arena_alloc(arena, total);
}

char *arena_text_n(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_alloc(arena, size + 1);
	if (size)
		memcpy(copy, text, size);
	return copy;
}

char *arena_text(struct arena *arena, const char *text)
{
	return text ? arena_text_n(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	char small[512];  /* most fit: measuring first would be twice the work, and is the slower half of it */
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int size = vsnprintf(small, sizeof small, format, args);
	va_end(args);
	must(size >= 0);
	char *text = arena_alloc(arena, (size_t)size + 1);
	if ((size_t)size < sizeof small)
		memcpy(text, small, (size_t)size);
	else
		vsnprintf(text, (size_t)size + 1, format, again);
	va_end(again);
	return text;
}

struct bytes arena_bytes(struct arena *arena, struct bytes bytes)
{
	return (struct bytes){ (uint8_t *)arena_text_n(arena, (const char *)bytes.data, bytes.size), bytes.size };
}

void arena_at_free(struct arena *arena, void (*free_it)(void *thing), void *thing)
{
	struct cleanup *cleanup = arena_alloc(arena, sizeof *cleanup);
	*cleanup = (struct cleanup){ arena->cleanups, free_it, thing };
	arena->cleanups = cleanup;
}
