#include "lib/base/id.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lib/base/clock.h"

void entropy_fill(void *out, size_t size)
{
	unsigned char *at = out;
	while (size) {
		ssize_t got = getrandom(at, size, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			die("no entropy: %s", strerror(errno));
		at += got;
		size -= (size_t)got;
	}
}

/* Ids take little at a time, and many of them: each thread draws for some dozens at once. What was given is gone from the pool, and a
 * process that was forked off draws anew. Keys and secrets are not made of it. */
#define POOL 512

static _Thread_local struct {
	uint8_t octets[POOL];
	size_t left;
	unsigned drawn_by;
} pool;
static _Atomic unsigned process;  /* counts the forks that led to this one */
static pthread_once_t forks_once = PTHREAD_ONCE_INIT;

static void forked(void)
{
	atomic_fetch_add(&process, 1);
}

static void forks_watch(void)
{
	if (pthread_atfork(NULL, NULL, forked) != 0)
		die("out of memory");
}

static void id_fill(void *out, size_t size)
{
	must(pthread_once(&forks_once, forks_watch) == 0);
	unsigned now = atomic_load(&process);
	if (pool.left < size || pool.drawn_by != now) {
		entropy_fill(pool.octets, POOL);
		pool.left = POOL;
		pool.drawn_by = now;
	}
	pool.left -= size;
	memcpy(out, pool.octets + pool.left, size);
	memset(pool.octets + pool.left, 0, size);
}

static char *uuid_write(const uint8_t b[16], char out[static ID_UUID_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	char *at = out;
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = hex[b[i] >> 4];
		*at++ = hex[b[i] & 15];
	}
	*at = '\0';
	return out;
}

/* Milliseconds and a counter of 12 bits (RFC 9562 6.2 method 1): ids of one process never go back, also where the
 * clock stands still or is set back. */
static uint64_t id_stamp(uint64_t start)
{
	static _Atomic uint64_t last;
	uint64_t before = atomic_load(&last), next;
	do {
		next = (uint64_t)clock_now_ms() << 12 | start;
		if (next <= before)
			next = before + 1;
	} while (!atomic_compare_exchange_weak(&last, &before, next));
	return next;
}

char *id_uuid7(char out[static ID_UUID_SIZE])
{
	uint8_t b[16];
	id_fill(b, sizeof b);
	uint64_t stamp = id_stamp((uint64_t)(b[6] & 0x07) << 8 | b[7]);
	for (int i = 0; i < 6; i++)
		b[i] = (uint8_t)(stamp >> (12 + 8 * (5 - i)));
	b[6] = (uint8_t)(0x70 | (stamp >> 8 & 0x0f));
	b[7] = (uint8_t)stamp;
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	return uuid_write(b, out);
}

char *id_uuid4(char out[static ID_UUID_SIZE])
{
	uint8_t b[16];
	id_fill(b, sizeof b);
	b[6] = (uint8_t)(0x40 | (b[6] & 0x0f));
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	return uuid_write(b, out);
}

char *id_reference(char out[static ID_REFERENCE_SIZE])
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t random[ID_REFERENCE_SIZE - 3];
	id_fill(random, sizeof random);
	out[0] = 'S';
	out[1] = 'G';
	for (size_t i = 0; i < sizeof random; i++)
		out[2 + i] = alphabet[random[i] & 31];
	out[ID_REFERENCE_SIZE - 1] = '\0';
	return out;
}
