#include "lib/crypto/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/crypto/inside.h"

#define ENTRIES 16

struct entry {
	uint8_t digest[DIGEST_SHA256_SIZE];
	struct certificate *chain;  /* NULL: free */
	int64_t from, until;        /* of the checks that it serves */
	struct trust_span span;     /* in which all of it is valid */
};

struct trust_memory {
	pthread_mutex_t lock;
	struct entry entries[ENTRIES];
	size_t next;                /* to be overwritten */
};

struct trust_memory *trust_memory_new(void)
{
	struct trust_memory *memory = calloc(1, sizeof *memory);
	if (!memory || pthread_mutex_init(&memory->lock, NULL) != 0)
		die("out of memory");
	return memory;
}

void trust_memory_free(struct trust_memory **memory)
{
	if (!*memory)
		return;
	for (size_t i = 0; i < ENTRIES; i++)
		certificate_free(&(*memory)->entries[i].chain);
	pthread_mutex_destroy(&(*memory)->lock);
	free(*memory);
	*memory = NULL;
}

static struct certificate *chain_copy(const struct certificate *chain)
{
	struct certificate *first = NULL, **last = &first;
	for (; chain; chain = chain->next, last = &(*last)->next)
		*last = certificate_copy(chain);
	return first;
}

static struct entry *entry_of(struct trust_memory *memory, const uint8_t *digest)
{
	for (size_t i = 0; i < ENTRIES; i++)
		if (memory->entries[i].chain && memcmp(memory->entries[i].digest, digest, DIGEST_SHA256_SIZE) == 0)
			return &memory->entries[i];
	return NULL;
}

static struct certificate *find(struct trust_memory *memory, struct bytes token, int64_t at, struct trust_span *span_r)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	struct certificate *found = NULL;
	digest_sha256(token, digest);
	pthread_mutex_lock(&memory->lock);
	const struct entry *entry = entry_of(memory, digest);
	if (entry && at >= entry->from && at <= entry->until) {
		found = chain_copy(entry->chain);
		*span_r = entry->span;
	}
	pthread_mutex_unlock(&memory->lock);
	return found;
}

static void keep(struct trust_memory *memory, struct bytes token, const struct certificate *chain, int64_t at, const struct trust_span *span)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	digest_sha256(token, digest);
	pthread_mutex_lock(&memory->lock);
	struct entry *entry = entry_of(memory, digest);
	if (!entry) {
		entry = &memory->entries[memory->next];
		memory->next = (memory->next + 1) % ENTRIES;
	}
	certificate_free(&entry->chain);
	*entry = (struct entry){ .chain = chain_copy(chain), .from = at,
		                 .until = span->until < at + TRUST_MEMORY_MS ? span->until : at + TRUST_MEMORY_MS, .span = *span };
	memcpy(entry->digest, digest, sizeof digest);
	pthread_mutex_unlock(&memory->lock);
}

struct certificate *trust_memory_find(struct trust_memory *memory, struct bytes token, int64_t at)
{
	struct trust_span span;
	return memory ? find(memory, token, at, &span) : NULL;
}

int trust_memory_check(struct trust_memory *memory, struct bytes token, const struct certificate *chain, const struct trust *trust, int64_t at,
                       struct error *error)
{
	struct trust_span span;
	TRY(crypto_trust_span(chain, trust, at, &span, error));
	if (memory)
		keep(memory, token, chain, at, &span);
	return 0;
}

struct certificate *anchors_recall(const struct certificate *anchors, struct bytes token, int64_t now, int64_t signed_at)
{
	struct trust_span span;
	struct certificate *found = anchors && anchors->memory ? find(anchors->memory, token, now, &span) : NULL;
	if (found && (signed_at < span.from || signed_at > span.until))
		certificate_free(&found);
	return found;
}

int anchors_check(const struct certificate *anchors, struct bytes token, const struct certificate *chain, int64_t now, struct error *error)
{
	return trust_memory_check(anchors ? anchors->memory : NULL, token, chain, &(struct trust){ .anchors = anchors }, now, error);
}
