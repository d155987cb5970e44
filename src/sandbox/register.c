#include "sandbox/register.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/text.h"

#define BUCKETS 4096

struct lodgings {
	struct arena *arena;
	struct lodged *by_reference[BUCKETS], *by_id[BUCKETS];
	size_t count;
	uint32_t number;         /* of the next identifier */
};

struct lodgings *lodgings_new(void)
{
	struct lodgings *l = calloc(1, sizeof *l);
	if (!l)
		die("out of memory");
	l->arena = arena_new();
	/* Starts anywhere, so that a sandbox that was started anew gives no identifier twice. */
	entropy_fill(&l->number, sizeof l->number);
	l->number %= 9000000;
	return l;
}

void lodgings_free(struct lodgings **lodgings)
{
	if (!*lodgings)
		return;
	arena_free(&(*lodgings)->arena);
	free(*lodgings);
	*lodgings = NULL;
}

bool lodgings_full(const struct lodgings *l)
{
	return l->count >= REGISTER_MOST;
}

static size_t bucket_of(const char *text)
{
	uint32_t hash = 2166136261;  /* FNV-1a */
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619;
	return hash % BUCKETS;
}

/* The check characters guard against a digit that was mistyped: a weighted sum over the rest. */
static const char *identifier_make(struct lodgings *l, const char *office, const char *type, int64_t now)
{
	char time[CLOCK_TEXT_SIZE];
	unsigned sum = 0;
	const char *body = arena_printf(l->arena, "%.2s%s%s%07u", clock_format_304(now, time) + 2, office, type, ++l->number % 10000000);
	for (size_t i = 0; body[i]; i++)
		sum += (unsigned)(uint8_t)body[i] * (unsigned)(i % 7 + 2);
	return arena_printf(l->arena, "%s%c%u", body, (int)('A' + sum % 26), sum % 10);
}

struct lodged *lodgings_add(struct lodgings *l, const struct lodged *lodged, const char *office, const char *type, int64_t now)
{
	struct lodged *own = arena_alloc(l->arena, sizeof *own);
	*own = *lodged;
	own->reference = arena_text(l->arena, lodged->reference);
	own->client = arena_text(l->arena, lodged->client);
	own->conversation = arena_text(l->arena, lodged->conversation);
	own->id = identifier_make(l, office, type, now);
	struct lodged **reference = &l->by_reference[bucket_of(own->reference)], **id = &l->by_id[bucket_of(own->id)];
	own->next = *reference;
	*reference = own;
	own->next_by_id = *id;
	*id = own;
	l->count++;
	return own;
}

struct lodged *lodgings_find(struct lodgings *l, const char *reference)
{
	struct lodged *at = l->by_reference[bucket_of(reference)];
	while (at && !text_equal(at->reference, reference))
		at = at->next;
	return at;
}

struct lodged *lodgings_find_id(struct lodgings *l, const char *id)
{
	struct lodged *at = l->by_id[bucket_of(id)];
	while (at && !text_equal(at->id, id))
		at = at->next_by_id;
	return at;
}
