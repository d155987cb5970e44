#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "sealgate/output.h"
#include "sealgate/play.h"

#define POLL_MS 3

static const char *const kinds[] = { "containers", "messages", "deliveries", "unanswered" };

static int pending_get(struct play *p, int64_t pending[static 4], struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct json *status;
	TRY(gateway_get(&p->gateway, arena, "/v1/status", &status, error));
	const struct json *said = json_find(status, "pending");
	for (size_t i = 0; i < 4; i++) {
		const char *text = json_scalar(json_find(said, kinds[i]));
		if (!text || text_integer(text, 0, INT64_MAX, &pending[i], error) < 0)
			FAIL(error, PEER_ERROR, "the gateway's /v1/status does not tell pending.%s: it is of another version", kinds[i]);
	}
	return 0;
}

static void give_up(struct play *p, const int64_t pending[static 4], const char *where)
{
	BUFFER_AUTO text = { 0 };
	for (size_t i = 0; i < 4; i++)
		if (pending[i] > p->stuck[i])
			buffer_printf(&text, "%s%lld %s", text.size ? ", " : "", (long long)pending[i], i == 3 ? "messages without an answer" : kinds[i]);
	fputs(p->run->live ? "\n" : "", p->run->err);
	note(p->run, "at %s: still pending after %lld s: %s; going on", where, (long long)(p->wait_ms / 1000), buffer_text(&text));
	memcpy(p->stuck, pending, sizeof p->stuck);
	p->waits_given_up++;
}

int play_wait(struct play *p, const char *where, struct error *error)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	int64_t until = clock_mono_ms() + p->wait_ms;
	p->waited = false;
	for (;;) {
		int64_t pending[4];
		bool quiet = true;
		TRY(pending_get(p, pending, error));
		for (size_t i = 0; i < 4; i++) {
			quiet &= pending[i] <= p->stuck[i];
			if (pending[i] < p->stuck[i])
				p->stuck[i] = pending[i];
		}
		if (quiet)
			return 0;
		if (clock_mono_ms() >= until) {
			give_up(p, pending, where);
			return 0;
		}
		p->waited = true;
		nanosleep(&pause, NULL);
	}
}
