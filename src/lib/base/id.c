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

/* Entropy for ids is fetched for some at a time, by each thread for itself; a child of fork() does not go on with its parent's. */
#define POOL_IDS 32

static _Atomic unsigned forks;
static pthread_once_t forks_once = PTHREAD_ONCE_INIT;

static void forked(void)
{
	atomic_fetch_add(&forks, 1);
}

static void forks_watch(void)
{
	if (pthread_atfork(NULL, NULL, forked) != 0)
		die("out of memory");
}

static void pool_take(uint8_t out[static 16])
{
	static _Thread_local uint8_t pool[POOL_IDS * 16];
	static _Thread_local size_t left;
	static _Thread_local unsigned of;
	must(pthread_once(&forks_once, forks_watch) == 0);
	if (!left || of != atomic_load(&forks)) {
		entropy_fill(pool, sizeof pool);
		left = POOL_IDS;
		of = atomic_load(&forks);
	}
	memcpy(out, pool + --left * 16, 16);
}

char *id_uuid7(char out[static ID_UUID_SIZE])
{
	uint8_t b[16];
	pool_take(b);
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
	entropy_fill(b, sizeof b);
	b[6] = (uint8_t)(0x40 | (b[6] & 0x0f));
	b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
	return uuid_write(b, out);
}

char *id_reference(char out[static ID_REFERENCE_SIZE])
{
	static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint8_t random[ID_REFERENCE_SIZE - 3];
	entropy_fill(random, sizeof random);
	out[0] = 'S';
	out[1] = 'G';
	for (size_t i = 0; i < sizeof random; i++)
		out[2 + i] = alphabet[random[i] & 31];
	out[ID_REFERENCE_SIZE - 1] = '\0';
	return out;
}
