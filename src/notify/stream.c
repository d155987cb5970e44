/* Server-sent events (HTML, section 9.2). All streams that stand at the same number share one reading of the records; one
 * that resumes from far back goes at the pace at which its client reads, and catches up with the others. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "notify/inside.h"

/* What waits for a client, with a whole pass on top of it (PASS_TEXT and one more event), stays below the server's stream_limit. */
#define HIGH_WATER ((size_t)48 << 10)
#define SCAN_MS 250
#define PACE_MS 30              /* until somebody who catches up is looked at again */
#define RETRY_MS 3000           /* what a client waits before it comes again */

struct stream {
	struct stream *next;
	struct http_stream *http;
	char *party;
	unsigned roles;
	int64_t at;                  /* number of the last record it was told, or that was not for it */
	bool served, dead;
	uint64_t written, taken;     /* octets */
	int64_t said_at, taken_at;   /* monotonic */
};

static void stream_free(struct stream *stream)
{
	http_stream_close(&stream->http);
	free(stream->party);
	free(stream);
}

static bool stream_say(struct stream *stream, const char *text)
{
	struct error error = { 0 };
	size_t size = strlen(text);
	if (stream->dead || http_stream_write(stream->http, bytes_of_text(text), &error) < 0) {
		stream->dead = true;
		return false;
	}
	stream->written += size;
	stream->said_at = clock_mono_ms();
	return true;
}

/* Is it there, does it read, is a sign of life due? */
static void stream_look(struct notify *notify, struct stream *stream, int64_t now)
{
	stream->served = false;
	stream->dead |= !http_stream_alive(stream->http);
	if (stream->dead)
		return;
	size_t waiting = http_stream_waiting(stream->http);
	uint64_t taken = stream->written > waiting ? stream->written - waiting : 0;
	if (taken != stream->taken || !waiting) {
		stream->taken = taken;
		stream->taken_at = now;
	} else if (now - stream->taken_at > notify->config.stream_stuck_ms) {
		stream->dead = true;
		atomic_fetch_add(&notify->streams_dropped, 1);
		return;
	}
	if (now - stream->said_at >= notify->config.stream_beat_ms)
		(void)stream_say(stream, ":\n\n");
}

static bool stream_is_behind(const struct stream *stream, int64_t sealed)
{
	return !stream->dead && stream->at < sealed;
}

static bool stream_takes(const struct stream *stream, int64_t sealed)
{
	return !stream->served && stream_is_behind(stream, sealed) && http_stream_waiting(stream->http) <= HIGH_WATER;
}

static void stream_tell(struct notify *notify, struct stream *stream, const struct pass *pass, size_t audience)
{
	BUFFER_AUTO out = { 0 };
	for (size_t r = 0; r < pass->record_count; r++) {
		const struct told *told = pass_told(pass, r, audience);
		if (!told->text)
			continue;
		buffer_reset(&out);
		buffer_printf(&out, "id: %lld\nevent: %s\ndata: %s\n\n", (long long)pass->records[r].number, told->type, told->text);
		if (!stream_say(stream, buffer_text(&out)))
			return;
		atomic_fetch_add(&notify->streams_told, 1);
	}
	stream->at = pass->last;
}

/* All that stand where `first` does. */
static int group_tell(struct notify *notify, struct stream *first, int64_t sealed, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct pass pass = { .settings = notify->config.settings, .arena = arena, .after = first->at };
	struct stream **members;
	size_t count = 0;
	for (struct stream *s = first; s; s = s->next)
		count++;
	members = arena_array(arena, count, sizeof *members);
	count = 0;
	for (struct stream *s = first; s; s = s->next)
		if (s->at == first->at && stream_takes(s, sealed)) {
			pass_audience(&pass, s->party, s->roles);
			members[count++] = s;
			s->served = true;
		}
	TRY(pass_read(notify->config.store, &pass, error));
	for (size_t i = 0; i < count; i++)
		stream_tell(notify, members[i], &pass, pass_audience(&pass, members[i]->party, members[i]->roles));
	return 0;
}

static void dead_remove(struct notify *notify)
{
	pthread_mutex_lock(&notify->lock);
	for (struct stream **at = &notify->streams; *at;) {
		struct stream *stream = *at;
		if (!stream->dead) {
			at = &stream->next;
			continue;
		}
		*at = stream->next;
		atomic_fetch_sub(&notify->streams_now, 1);
		stream_free(stream);
	}
	pthread_mutex_unlock(&notify->lock);
}

/* How long may it be until the next look? 0: there is more for somebody at once. */
static int round_run(struct notify *notify)
{
	struct error error = { 0 };
	int64_t sealed = store_sealed_number(notify->config.store), now = clock_mono_ms();
	bool more = false, behind = false;
	for (struct stream *s = notify->streams; s; s = s->next)
		stream_look(notify, s, now);
	for (struct stream *s = notify->streams; s; s = s->next)
		if (stream_takes(s, sealed) && group_tell(notify, s, sealed, &error) < 0) {
			log_error("stream", NULL, "streams rest for a moment: %s", error.text);
			dead_remove(notify);
			return 4 * SCAN_MS;
		}
	for (struct stream *s = notify->streams; s; s = s->next) {
		behind |= stream_is_behind(s, sealed);
		more |= s->served && stream_is_behind(s, sealed);
	}
	dead_remove(notify);
	return more ? 0 : behind ? PACE_MS : SCAN_MS;
}

void *stream_run(void *context)
{
	struct notify *notify = context;
	for (;;) {
		pthread_mutex_lock(&notify->lock);
		bool stops = notify->stops;
		uint64_t seen = notify->hints;
		while (notify->fresh) {
			struct stream *stream = notify->fresh;
			notify->fresh = stream->next;
			stream->next = notify->streams;
			notify->streams = stream;
		}
		pthread_mutex_unlock(&notify->lock);
		if (stops)
			return NULL;
		int wait = round_run(notify);
		if (wait)
			hint_wait(notify, &notify->stream_wake, seen, wait);
	}
}

void streams_free(struct notify *notify)
{
	for (struct stream *stream = notify->streams, *next; stream; stream = next) {
		next = stream->next;
		stream_free(stream);
	}
	for (struct stream *stream = notify->fresh, *next; stream; stream = next) {
		next = stream->next;
		stream_free(stream);
	}
	notify->streams = notify->fresh = NULL;
}

static unsigned count_of(const struct stream *streams, const char *party)
{
	unsigned count = 0;
	for (; streams; streams = streams->next)
		count += text_equal(streams->party, party);
	return count;
}

/* Lock held. */
static int may_open(struct notify *notify, const char *party, struct error *error)
{
	if (notify->stops)
		FAIL(error, STOPPING, "the gateway is stopping");
	if (atomic_load(&notify->streams_now) < (int64_t)notify->config.streams &&
	    count_of(notify->streams, party) + count_of(notify->fresh, party) < notify->config.streams_per_party)
		return 0;
	atomic_fetch_add(&notify->streams_refused, 1);
	error_set(error, ERROR_TOO_MANY, "there are too many streams: close one of yours, or come again later");
	error->retry_after = 60;
	return -1;
}

void notify_stream(struct notify *notify, struct http_request *request, const struct viewer *viewer, int64_t after)
{
	struct error error = { 0 };
	int64_t sealed = store_sealed_number(notify->config.store), now = clock_mono_ms();
	if (request->head) {
		http_answer(request, 200, "text/event-stream", (struct bytes){ 0 });
		return;
	}
	struct stream *stream = calloc(1, sizeof *stream);
	if (!stream || !(stream->party = strdup(viewer->party)))
		die("out of memory");
	stream->roles = viewer->roles;
	stream->at = after < sealed ? after : sealed;
	stream->said_at = stream->taken_at = now;
	pthread_mutex_lock(&notify->lock);
	int refused = may_open(notify, stream->party, &error);
	if (!refused) {
		atomic_fetch_add(&notify->streams_now, 1);
		http_answer_header(request, "X-Accel-Buffering", "no");  /* proxies of that kind hold back what they are not told to pass */
		stream->http = http_stream_open(request, "text/event-stream");
		BUFFER_AUTO hello = { 0 };
		buffer_printf(&hello, "retry: %d\n\n", RETRY_MS);
		(void)stream_say(stream, buffer_text(&hello));
		stream->next = notify->fresh;
		notify->fresh = stream;
		notify->hints++;
		pthread_cond_signal(&notify->stream_wake);
	}
	pthread_mutex_unlock(&notify->lock);
	if (refused) {
		http_answer_problem(request, &error);
		stream_free(stream);
	}
}
