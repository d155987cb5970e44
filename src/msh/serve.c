/* Peers that fetch: the oldest message of their channel (eDelivery AS4 1.15, 1.5.5). A message that is fetched and not confirmed may
 * be fetched again after the retry interval; past the retry budget it has failed, with EBMS:0301. */
#include "lib/base/backoff.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "msh/inside.h"

struct serving {
	struct msh *msh;
	const struct peer *peer;
	struct arena *arena;
	struct message_row *rows;
	size_t count;
	struct msh_frame frame;
	const char *reason;
	enum message_state to;
	int64_t due;
	bool started;
};

/* A channel is one agreement's; who may fetch from it is told by the signature alone (eDelivery AS4 1.15, 1.5.5.3). */
static int owner_find(struct msh *msh, struct as4_incoming *in, const struct peer **peer_r, enum ebms_code *code_r, struct error *error)
{
	const char *mpc = in->header.pull_mpc;
	for (size_t i = 0; i < msh->count; i++) {
		const char *served = msh->peers[i].agreement->as4->serve_mpc;
		if (!served || !text_equal(served, mpc))
			continue;
		*peer_r = &msh->peers[i];
		return as4_accept(in, &msh->peers[i].mode, clock_now_ms(), code_r, error);
	}
	*code_r = EBMS_VALUE_NOT_RECOGNIZED;
	FAIL(error, NOT_FOUND, "there is no channel \"%.200s\" here", mpc ? mpc : "(the default one)");
}

static int look(struct db *db, void *context, struct error *error)
{
	struct serving *s = context;
	const struct agreement *a = s->peer->agreement;
	return message_due(db, s->arena, a->name, clock_real_ms(), a->held_blocks_ms, 1, &s->rows, &s->count, error);
}

/* The try begins, and is over as far as this connection goes: the receipt comes with another one. */
static int hand_out(struct db *db, void *context, struct error *error)
{
	struct serving *s = context;
	bool moved;
	TRY(message_start(db, s->rows, store_instance(s->msh->config.store), clock_real_ms(), &s->started, error));
	if (!s->started)
		return 0;
	struct attempt_row attempt = { .message = s->rows->id, .number = s->rows->attempts, .ended = clock_real_ms(), .status = CLOCK_NONE,
		                       .outcome = s->to == MESSAGE_WAITING ? "not-sent" : "unknown", .detail = s->reason };
	if (s->frame.is_new && s->to == MESSAGE_UNKNOWN)
		TRY(msh_frame_keep(db, &s->frame, error));
	TRY(attempt_end(db, &attempt, error));
	return message_move(db, s->rows->id, s->to, s->due, s->reason, &moved, error);
}

static bool has_expired(const struct serving *s)
{
	return s->rows->attempts > 0 && clock_real_ms() - s->rows->first_try > s->peer->agreement->retry.budget_ms;
}

static void plan(struct serving *s)
{
	const struct agreement *a = s->peer->agreement;
	struct backoff_plan plan = { a->retry.first_ms, a->retry.longest_ms, a->retry.budget_ms, 2, 0 };
	int64_t now = clock_real_ms(), first_try = s->rows->first_try == CLOCK_NONE ? now : s->rows->first_try;
	s->to = MESSAGE_UNKNOWN;
	s->reason = "fetched by the peer; its receipt has not come";
	s->due = backoff_due_ms(&plan, first_try, now, s->rows->attempts + 1, 0, 0.5);
	if (s->due == -1)  /* the next look finds that its time is over */
		s->due = now + a->retry.first_ms;
}

/* The oldest one and its form, in one commit with its state; count 0: nothing waits. Where that cannot be written it waits as before. */
static int next(struct serving *s, struct error *error)
{
	struct store *store = s->msh->config.store;
	for (;;) {
		s->count = 0;
		s->frame = (struct msh_frame){ 0 };
		if (!store_delivery_held(store))
			TRY(store_read(store, look, s, error));
		if (!s->count)
			return 0;
		plan(s);
		if (has_expired(s)) {
			s->to = MESSAGE_FAILED;
			s->reason = "EBMS:0301 MissingReceipt: fetched again and again over the agreed time, and never confirmed";
			s->due = CLOCK_NONE;
		} else if (msh_frame(s->msh, s->peer->agreement, s->rows, s->arena, &s->frame, error) < 0) {
			s->to = MESSAGE_WAITING;
			s->reason = arena_text(s->arena, error->text);
		}
		bool written = store_write(store, hand_out, s, error) == 0;
		if (!written || !s->started)
			msh_frame_drop(s->msh, &s->frame);
		if (!written)
			return -1;
		if (s->started && s->to == MESSAGE_UNKNOWN)
			return 0;
		if (s->started)
			log_warning("message", s->rows->id, "not handed out: %s", s->reason);
	}
}

int serve(struct msh *msh, struct as4_incoming *in, struct arena *arena, struct msh_reply *reply_r, struct error *error)
{
	struct serving s = { .msh = msh, .arena = arena };
	struct error why = { 0 };
	enum ebms_code code;
	msh->pulls++;
	if (owner_find(msh, in, &s.peer, &code, &why) < 0) {
		msh->refused++;
		log_warning("as4", in->header.message_id, "pull request refused, %s: %s", ebms_row(code)->code, why.text);
		return error_pack(msh, s.peer, in, code, why.text, arena, reply_r, error);
	}
	TRY(next(&s, error));
	if (!s.count)
		return error_pack(msh, s.peer, in, EBMS_EMPTY_CHANNEL, "no message waits in this channel", arena, reply_r, error);
	*reply_r = (struct msh_reply){ .status = 200, .content_type = s.frame.content_type, .octets = s.frame.octets,
		                        .stored = s.frame.stored, .size = s.frame.size };
	return 0;
}
