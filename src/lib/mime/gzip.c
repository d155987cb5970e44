#include "lib/mime/gzip.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW (15 + 16)  /* zlib's way of saying: 32 KiB window, gzip frame */
#define RATIO_FREE ((size_t)1 << 20)

struct gzip {
	z_stream z;
	struct sink out;
	uint8_t room[STREAM_BLOCK];
};

struct gunzip {
	z_stream z;
	struct sink out;
	size_t most, went_out;
	unsigned ratio;
	bool ended;
	uint8_t room[STREAM_BLOCK];
};

/* States that are not in use wait here: making one (a quarter of a mebibyte, given back to the system and taken again) costs
 * more than compressing a small message. */
#define IDLE_MOST 8
struct pool {
	pthread_mutex_t lock;
	void *idle[IDLE_MOST];
	size_t count;
};

static void *pool_take(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	void *state = pool->count ? pool->idle[--pool->count] : NULL;
	pthread_mutex_unlock(&pool->lock);
	return state;
}

static bool pool_give(struct pool *pool, void *state)
{
	pthread_mutex_lock(&pool->lock);
	bool room = pool->count < IDLE_MOST;
	if (room)
		pool->idle[pool->count++] = state;
	pthread_mutex_unlock(&pool->lock);
	return room;
}

static struct pool gzips = { .lock = PTHREAD_MUTEX_INITIALIZER }, gunzips = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct gzip *gzip_new(const struct sink *out)
{
	struct gzip *g = pool_take(&gzips);
	if (!g) {
		g = calloc(1, sizeof *g);
		if (!g || deflateInit2(&g->z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
			die("out of memory");
	}
	g->out = *out;
	return g;
}

static int deflate_some(struct gzip *g, int flush, struct error *error)
{
	int result;
	do {
		g->z.next_out = g->room;
		g->z.avail_out = sizeof g->room;
		result = deflate(&g->z, flush);
		must(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR);
		TRY(sink_write(&g->out, (struct bytes){ g->room, sizeof g->room - g->z.avail_out }, error));
	} while (flush == Z_FINISH ? result != Z_STREAM_END : g->z.avail_out == 0);
	return 0;
}

int gzip_add(struct gzip *g, struct bytes bytes, struct error *error)
{
	while (bytes.size) {
		size_t n = bytes.size < UINT_MAX ? bytes.size : UINT_MAX;
		g->z.next_in = (uint8_t *)(uintptr_t)bytes.data;
		g->z.avail_in = (uInt)n;
		TRY(deflate_some(g, Z_NO_FLUSH, error));
		bytes.data += n;
		bytes.size -= n;
	}
	return 0;
}

int gzip_end(struct gzip *g, struct error *error)
{
	g->z.avail_in = 0;
	return deflate_some(g, Z_FINISH, error);
}

void gzip_free(struct gzip **gzip)
{
	if (!*gzip)
		return;
	if (deflateReset(&(*gzip)->z) != Z_OK || !pool_give(&gzips, *gzip)) {
		deflateEnd(&(*gzip)->z);
		free(*gzip);
	}
	*gzip = NULL;
}

struct gunzip *gunzip_new(size_t most, unsigned ratio, const struct sink *out)
{
	struct gunzip *g = pool_take(&gunzips);
	if (!g) {
		g = calloc(1, sizeof *g);
		if (!g || inflateInit2(&g->z, GZIP_WINDOW) != Z_OK)
			die("out of memory");
	}
	g->out = *out;
	g->went_out = 0;
	g->ended = false;
	g->most = most;
	g->ratio = ratio ? ratio : 100;
	return g;
}

static int take_out(struct gunzip *g, size_t n, struct error *error)
{
	g->went_out += n;
	if (g->went_out > g->most)
		FAIL(error, TOO_LARGE, "it unpacks to more than the %zu octets that are allowed", g->most);
	if (g->went_out > RATIO_FREE && g->went_out / g->ratio > g->z.total_in)
		FAIL(error, TOO_LARGE, "it unpacks to more than %u times its size", g->ratio);
	return sink_write(&g->out, (struct bytes){ g->room, n }, error);
}

static int inflate_some(struct gunzip *g, struct error *error)
{
	while (!g->ended) {
		g->z.next_out = g->room;
		g->z.avail_out = sizeof g->room;
		int result = inflate(&g->z, Z_NO_FLUSH);
		g->ended = result == Z_STREAM_END;
		if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
			FAIL(error, BAD_REQUEST, "it is no gzip or is damaged: %s", g->z.msg ? g->z.msg : "bad octets");
		TRY(take_out(g, sizeof g->room - g->z.avail_out, error));
		if (g->z.avail_out)
			break;
	}
	if (g->ended && g->z.avail_in)
		FAIL(error, BAD_REQUEST, "something stands behind the end of the gzip");
	return 0;
}

int gunzip_add(struct gunzip *g, struct bytes bytes, struct error *error)
{
	while (bytes.size) {
		size_t n = bytes.size < UINT_MAX ? bytes.size : UINT_MAX;
		g->z.next_in = (uint8_t *)(uintptr_t)bytes.data;
		g->z.avail_in = (uInt)n;
		TRY(inflate_some(g, error));
		bytes.data += n;
		bytes.size -= n;
	}
	return 0;
}

int gunzip_end(struct gunzip *g, struct error *error)
{
	if (!g->ended)
		FAIL(error, BAD_REQUEST, "the gzip has no end");
	return 0;
}

void gunzip_free(struct gunzip **gunzip)
{
	if (!*gunzip)
		return;
	if (inflateReset(&(*gunzip)->z) != Z_OK || !pool_give(&gunzips, *gunzip)) {
		inflateEnd(&(*gunzip)->z);
		free(*gunzip);
	}
	*gunzip = NULL;
}
