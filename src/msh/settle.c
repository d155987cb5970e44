/* Receipts and errors that come by themselves: late ones, and those for what the peer pulled. */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "msh/inside.h"
#include "store/as4.h"
#include "store/body.h"

struct settling {
	struct arena *arena;
	const struct as4_incoming *in;
	struct as4_out_row out;
	struct message_row message;
	bool found;
	struct msh_verdict verdict;
	struct bytes octets;
	const char *content_type;
	bool moved;
};

static int look(struct db *db, void *context, struct error *error)
{
	struct settling *s = context;
	if (!s->in->header.ref_to)
		return 0;
	TRY(as4_out_find_id(db, s->arena, s->in->header.ref_to, &s->out, &s->found, error));
	return s->found ? message_find(db, s->arena, s->out.message, &s->message, &s->found, error) : 0;
}

/* A receipt counts in every state: what was given up is sent after all (AS4 3.2; M2). An error ends only what is still on its way. */
static int write(struct db *db, void *context, struct error *error)
{
	struct settling *s = context;
	bool received = s->verdict.result == MSH_RECEIVED;
	struct receipt_row receipt = { .message = s->message.id, .kind = received ? "accepted" : "refused", .received = clock_now_ms(),
		                       .conversation = s->out.message_id, .content = "{}" };
	enum message_state to = received ? MESSAGE_SENT : MESSAGE_FAILED;
	if (received)
		TRY(message_move(db, s->message.id, to, CLOCK_NONE, NULL, &s->moved, error));
	else if (s->message.state != MESSAGE_SENT && s->message.attempts > 0)
		TRY(message_move(db, s->message.id, to, CLOCK_NONE, s->verdict.text, &s->moved, error));
	if (!s->moved)
		return 0;
	TRY(body_put(db, s->arena, s->octets, s->content_type, &receipt.body, error));
	return receipt_add(db, s->arena, &receipt, error);
}

static const struct peer *peer_named(const struct msh *msh, const char *agreement)
{
	for (size_t i = 0; i < msh->count; i++)
		if (text_equal(msh->peers[i].agreement->name, agreement))
			return &msh->peers[i];
	return NULL;
}

/* Errors are not answered by errors: two machines would go on for ever. */
static int decline(struct msh *msh, const struct peer *peer, const struct as4_incoming *in, enum ebms_code code, const char *why, struct arena *arena,
                   struct msh_reply *reply_r, struct error *error)
{
	msh->refused++;
	log_warning("as4", in->header.message_id, "%s about \"%s\" not taken: %s", in->header.kind == AS4_RECEIPT ? "receipt" : "error",
	            in->header.ref_to ? in->header.ref_to : "", why);
	if (in->header.kind == AS4_RECEIPT)
		return error_pack(msh, peer, in, code, why, arena, reply_r, error);
	*reply_r = (struct msh_reply){ .status = 202 };
	return 0;
}

int settle(struct msh *msh, struct as4_incoming *in, const struct blob *octets, const char *content_type, struct arena *arena,
           struct msh_reply *reply_r, struct error *error)
{
	struct settling s = { .arena = arena, .in = in, .content_type = content_type };
	struct error why = { 0 };
	enum ebms_code code;
	TRY(store_read(msh->config.store, look, &s, error));
	const struct peer *peer = s.found ? peer_named(msh, s.message.agreement) : NULL;
	if (!peer)
		return decline(msh, NULL, in, EBMS_VALUE_NOT_RECOGNIZED, "its RefToMessageId is no message of ours", arena, reply_r, error);
	if (as4_accept(in, &peer->mode, clock_now_ms(), &code, &why) < 0)
		return decline(msh, peer, in, code, why.text, arena, reply_r, error);
	if (!in->verified)  /* a hint counts on the connection on which it was asked for, not where anybody may post */
		return decline(msh, peer, in, EBMS_POLICY_NONCOMPLIANCE, "it is not signed", arena, reply_r, error);
	struct msh_frame frame = { .message_id = s.out.message_id, .digests = s.out.digests };
	judge_signal(in, &frame, arena, &s.verdict);
	*reply_r = (struct msh_reply){ .status = 202 };
	if (s.verdict.result == MSH_REFUSED && in->header.kind == AS4_RECEIPT)
		return decline(msh, peer, in, s.verdict.code, s.verdict.text, arena, reply_r, error);
	if (s.verdict.result == MSH_UNANSWERED || s.verdict.again)
		return 0;  /* a warning, or what a later try may mend */
	BUFFER_AUTO kept = { .ceiling = AS4_SOAP_BYTES };  /* a signal has no parts: as4_open has had it in memory */
	struct sink sink = sink_to_buffer(&kept);
	TRY(blob_copy(octets, 0, octets->size, &sink, error));
	s.octets = buffer_bytes(&kept);
	TRY(store_write(msh->config.store, write, &s, error));
	msh->receipts_late += s.moved && s.verdict.result == MSH_RECEIVED;
	if (s.moved)
		log_info("message", s.message.id, "%s", s.verdict.result == MSH_RECEIVED ? "sent: its receipt came" : s.verdict.text);
	return 0;
}
