/* What a peer's answer to a push says. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "msh/inside.h"

/* Of the errors that a peer may send, those that may pass by themselves; also ICS2's A003, "the directory of signers is not there"
 * (ICS2 ICD annex 4). */
static bool may_pass(enum ebms_code code, const struct as4_error *e)
{
	switch (code) {
	case EBMS_CONNECTION_FAILURE: case EBMS_MPC_CAPACITY: case EBMS_OUT_OF_STORAGE: case EBMS_ROUTING_FAILURE: case EBMS_DELIVERY_FAILURE:
	case EBMS_DYSFUNCTIONAL: case EBMS_MISSING_RECEIPT:
		return true;
	case EBMS_OTHER:
		return (e->detail && strstr(e->detail, "A003")) || (e->description && strstr(e->description, "A003"));
	default:
		return false;
	}
}

static void judge_error(const struct as4_header *header, struct arena *arena, struct msh_verdict *v)
{
	const struct as4_error *e = header->errors;
	for (const struct as4_error *at = e; at; at = at->next)  /* the gravest is told */
		if (!text_equal(at->severity, "warning")) {
			e = at;
			break;
		}
	v->result = text_equal(e->severity, "warning") ? MSH_UNANSWERED : MSH_REFUSED;
	v->code = ebms_find(e->code);
	v->again = v->result == MSH_UNANSWERED || may_pass(v->code, e);
	v->text = arena_printf(arena, "the peer answered %s%s%s%s%.200s%s%.200s", e->code, e->text ? " " : "", e->text ? e->text : "",
	                       e->description ? ": " : "", e->description ? e->description : "", e->detail ? ": " : "", e->detail ? e->detail : "");
}

static void judge_receipt(const struct as4_header *header, const struct msh_frame *frame, struct arena *arena, struct msh_verdict *v)
{
	const struct as4_reference *sent;
	struct error error = { 0 };
	enum ebms_code code = EBMS_INVALID_RECEIPT;
	if (digests_read(arena, frame->digests, &sent, &error) == 0 && as4_receipt_check(header, frame->message_id, sent, &code, &error) == 0) {
		*v = (struct msh_verdict){ .result = MSH_RECEIVED };
		return;
	}
	*v = (struct msh_verdict){ .result = MSH_REFUSED, .code = code, .text = arena_printf(arena, "%s InvalidReceipt: %s", ebms_row(code)->code, error.text) };
}

/* An error may be about a message whose id its sender could not read. */
static bool signal_is_about(const struct as4_incoming *in, const char *message_id)
{
	return in->header.kind == AS4_RECEIPT || (in->header.kind == AS4_ERROR && (!in->header.ref_to || text_equal(in->header.ref_to, message_id)));
}

void judge_signal(const struct as4_incoming *in, const struct msh_frame *frame, struct arena *arena, struct msh_verdict *v)
{
	if (in->header.kind == AS4_ERROR)
		judge_error(&in->header, arena, v);
	else
		judge_receipt(&in->header, frame, arena, v);
}

/* No signal at all: the octets are a proxy's page, or nothing. */
static void judge_silence(int status, const char *content_type, struct bytes octets, const char *why, struct arena *arena, struct msh_verdict *v)
{
	const char *what = !octets.size ? "an empty body" : arena_printf(arena, "%.80s", content_type ? content_type : "a body without a media type");
	*v = (struct msh_verdict){ .result = MSH_UNANSWERED, .again = true,
		                   .text = arena_printf(arena, "no receipt: the peer answered %d with %s%s%.300s", status, what, why ? ": " : "", why ? why : "") };
}

/* An error that cannot be believed may still say where to look. */
static const char *told_by_stranger(const struct as4_incoming *in, const struct error *error, struct arena *arena)
{
	const struct as4_error *e = in->header.kind == AS4_ERROR ? in->header.errors : NULL;
	const char *words = !e ? NULL : e->detail ? e->detail : e->description;
	return e ? arena_printf(arena, "%.120s (it says %.20s%s%.120s)", error->text, e->code, words ? ": " : "", words ? words : "") : error->text;
}

void msh_judge(struct msh *msh, const struct agreement *agreement, const struct msh_frame *frame, int status, const char *content_type,
               struct bytes octets, struct arena *arena, struct msh_verdict *v)
{
	const struct peer *peer = peer_of(msh, agreement);
	struct bytes *kept = arena_alloc(arena, sizeof *kept);
	struct as4_incoming *in;
	struct error error = { 0 };
	enum ebms_code code;
	*kept = octets;
	struct blob blob = blob_of_bytes(kept);
	if (!octets.size || !content_type || as4_open(arena, content_type, &blob, NULL, &in, &code, &error) < 0) {
		judge_silence(status, content_type, octets, octets.size && status < 300 ? error.text : NULL, arena, v);
		return;
	}
	if (as4_accept(in, &peer->mode, clock_now_ms(), &code, &error) < 0)
		judge_silence(status, content_type, octets, told_by_stranger(in, &error, arena), arena, v);
	else if (!signal_is_about(in, frame->message_id))
		judge_silence(status, content_type, octets, "it is about another message", arena, v);
	else
		judge_signal(in, frame, arena, v);
}
