/* What a pull request of ours brought. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "msh/inside.h"

static int open_answer(const char *content_type, const struct blob *octets, int status, struct arena *arena, struct as4_incoming **in, enum ebms_code *code,
                       struct error *error)
{
	if (!content_type || !octets->size || status >= 300)
		FAIL(error, PEER_ERROR, "the answer to a pull request is %d with %.80s", status, !octets->size ? "an empty body" : content_type ? content_type : "no media type");
	return as4_open(arena, content_type, octets, NULL, in, code, error);
}

static int take_error(const struct as4_header *header, struct msh_pulled *pulled_r, struct error *error)
{
	const struct as4_error *e = header->errors;
	pulled_r->empty = ebms_find(e->code) == EBMS_EMPTY_CHANNEL;
	if (!pulled_r->empty)
		FAIL(error, PEER_ERROR, "the peer answered %s%s%s%s%.200s", e->code, e->text ? " " : "", e->text ? e->text : "", e->description ? ": " : "",
		     e->description ? e->description : "");
	return 0;
}

int msh_pull_take(struct msh *msh, const struct agreement *agreement, int status, const char *content_type, const struct blob *octets,
                  struct arena *arena, struct msh_pulled *pulled_r, struct error *error)
{
	const struct peer *peer = peer_of(msh, agreement);
	struct as4_mode mode = peer->mode;
	struct as4_incoming *in;
	enum ebms_code code;
	struct error why = { 0 };
	*pulled_r = (struct msh_pulled){ 0 };
	mode.mpc = agreement->as4->pull_mpc;
	if (open_answer(content_type, octets, status, arena, &in, &code, &why) < 0) {
		*error = why;
		return -1;
	}
	bool accepted = as4_accept(in, &mode, clock_now_ms(), &code, &why) == 0;
	if (accepted && in->header.kind == AS4_ERROR)
		return take_error(&in->header, pulled_r, error);
	if (accepted && in->header.kind == AS4_USER)
		return user_take(msh, peer, &mode, in, arena, &pulled_r->reply, error);
	if (accepted)
		FAIL(error, PEER_ERROR, "the answer to a pull request is neither a message nor an error");
	if (in->header.kind == AS4_USER) {
		msh->refused++;
		return error_pack(msh, peer, in, code, why.text, arena, &pulled_r->reply, error);
	}
	*error = why;
	return -1;
}
