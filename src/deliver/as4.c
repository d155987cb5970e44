/* Messages over AS4: their frames, their tries, what the peer answered. */
#include "deliver/lane.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "store/as4.h"

#define SWEEP_MS 60000

/* ---- frames: kept in the commit that starts the try, on disk before the first octet leaves (msh, M1) ---- */

void as4_frame(struct exchange *e)
{
	if (msh_frame(e->lane->courier->config.msh, e->lane->agreement, &e->row, e->arena, &e->frame, &e->unmade) < 0)
		e->frame = (struct msh_frame){ 0 };
}

int as4_start(struct exchange *e, struct error *error)
{
	const struct as4_terms *t = e->lane->agreement->as4;
	struct http_header headers[] = { { "Content-Type", e->frame.content_type }, { "Accept", "application/soap+xml, multipart/related" } };
	if (e->unmade.code != ERROR_NONE) {
		*error = e->unmade;
		return -1;
	}
	struct http_call call = { .method = "POST", .url = t->url, .headers = headers, .n_headers = 2, .body = e->frame.octets,
		                  .source = e->frame.stored ? &e->frame.wire : NULL, .answer_limit = AS4_SOAP_BYTES };
	return exchange_start(e, &call, error);
}

/* ---- the answer ---- */

struct verdict_of_try as4_verdict(struct lane *lane, struct exchange *e)
{
	const struct http_outcome *o = &e->outcome;
	struct msh_verdict v;
	struct verdict_of_try out = { .outcome = "answered", .retry_after = http_retry_after(http_header_find(o->headers, o->n_headers, "Retry-After")) };
	msh_judge(lane->courier->config.msh, lane->agreement, &e->frame, o->status, http_header_find(o->headers, o->n_headers, "Content-Type"), o->body,
	          e->arena, &v);
	out.reason = v.text;
	out.again = v.again;
	switch (v.result) {
	case MSH_RECEIVED:
		out.to = MESSAGE_SENT;
		out.receipt = "accepted";
		break;
	case MSH_REFUSED:
		if (v.code == EBMS_OTHER && e->row.attempts > 1)  /* phase4 says this of a repeat, where others send their receipt again */
			out.reason = arena_printf(e->arena, "%s (an earlier try may have arrived: ask the peer before it is sent anew)", v.text);
		out.to = v.again ? MESSAGE_WAITING : MESSAGE_FAILED;
		out.receipt = v.again ? NULL : "refused";
		break;
	case MSH_UNANSWERED:
		out.to = MESSAGE_UNKNOWN;
		out.outcome = "unknown";
		out.fault = o->status >= 500;
		if (o->status == 429 || o->status == 503) {  /* it says itself that it did not look at it */
			out.to = MESSAGE_WAITING;
			out.outcome = "not-sent";
		}
		break;
	}
	return out;
}

/* ---- what is over ---- */

static int expire(struct db *db, void *context, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	const struct lane *lane = context;
	const struct agreement *a = lane->agreement;
	struct message_row *rows;
	size_t count;
	bool moved;
	TRY(message_overdue(db, arena, a->name, clock_real_ms() - a->retry.budget_ms, &rows, &count, error));
	for (size_t i = 0; i < count; i++)
		TRY(message_move(db, rows[i].id, MESSAGE_FAILED, CLOCK_NONE,
		                 "EBMS:0301 MissingReceipt: fetched by the peer, and not confirmed in the agreed time", &moved, error));
	return 0;
}

static int forget(struct db *db, void *context, struct error *error)
{
	const struct lane *lane = context;
	return as4_in_forget(db, lane->agreement->name, clock_now_ms() - lane->agreement->as4->window_ms, error);
}

void as4_sweep(struct lane *lane)
{
	struct store *store = lane->courier->config.store;
	struct error error = { 0 };
	int64_t now = clock_mono_ms();
	if (now < lane->sweep_at)
		return;
	lane->sweep_at = now + SWEEP_MS;
	if ((lane->agreement->as4->serve_mpc && store_write(store, expire, lane, &error) < 0) || store_write(store, forget, lane, &error) < 0)
		log_warning("peer", lane->agreement->name, "what is over cannot be put away now: %s", error.text);
}
