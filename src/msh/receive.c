/* What comes to POST /as4: which kind it is, and whose. */
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "msh/inside.h"

static int refuse(struct msh *msh, const struct peer *peer, const struct as4_incoming *in, enum ebms_code code, const struct error *why,
                  struct arena *arena, struct msh_reply *reply_r, struct error *error)
{
	msh->refused++;
	log_warning("as4", in->header.message_id, "refused, %s: %s", ebms_row(code)->code, why->text);
	return error_pack(msh, peer, in, code, why->text, arena, reply_r, error);
}

/* The agreements of these two parties are tried one after the other: service, action and signer tell them apart. */
static int take_user(struct msh *msh, struct as4_incoming *in, struct arena *arena, struct msh_reply *reply_r, struct error *error)
{
	const struct as4_user *user = &in->header.user;
	const struct peer *nearest = NULL;
	struct error why = { 0 };
	enum ebms_code code = EBMS_MODE_MISMATCH;
	for (size_t i = 0; i < msh->count; i++) {
		const struct peer *peer = &msh->peers[i];
		struct error mismatch = { 0 };
		enum ebms_code mismatch_code;
		if (!text_equal(user->from.id, peer->mode.peer.id) || !text_equal(user->to.id, peer->mode.self.id))
			continue;
		if (as4_accept(in, &peer->mode, clock_now_ms(), &mismatch_code, &mismatch) == 0)
			return user_take(msh, peer, &peer->mode, in, arena, reply_r, error);
		if (!nearest) {
			nearest = peer;
			code = mismatch_code;
			why = mismatch;
		}
	}
	if (!nearest)
		error_set(&why, ERROR_NOT_AGREED, "there is no agreement between \"%.120s\" and \"%.120s\"", user->from.id, user->to.id);
	return refuse(msh, nearest, in, code, &why, arena, reply_r, error);
}

int msh_receive(struct msh *msh, const char *content_type, const struct blob *octets, struct arena *arena, struct msh_reply *reply_r,
                struct error *error)
{
	struct as4_incoming *in;
	struct error why = { 0 };
	enum ebms_code code;
	if (as4_open(arena, content_type ? content_type : "", octets, NULL, &in, &code, &why) < 0)
		return refuse(msh, NULL, in, code, &why, arena, reply_r, error);
	switch (in->header.kind) {
	case AS4_USER:
		return take_user(msh, in, arena, reply_r, error);
	case AS4_PULL:
		return serve(msh, in, arena, reply_r, error);
	case AS4_RECEIPT:
	case AS4_ERROR:
		return settle(msh, in, octets, content_type, arena, reply_r, error);
	}
	bug("a kind of message that header_read does not give");
}
