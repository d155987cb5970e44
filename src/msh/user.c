/* User messages of peers: once, with a receipt. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/digest.h"
#include "msh/inside.h"
#include "store/as4.h"
#include "store/body.h"

struct taking {
	struct msh *msh;
	const struct peer *peer;
	const struct as4_mode *mode;
	struct as4_incoming *in;
	struct arena *arena;
	struct msh_reply *reply;
	struct as4_in_row row;
	struct parts parts;
	bool repeated, conflicts;
};

/* ---- what the agreement takes besides what the mode says ---- */

static bool lists(const char *const *names, const char *name)
{
	if (!names)
		return true;
	for (; *names; names++)
		if (text_equal(*names, name))
			return true;
	return false;
}

static int check_agreed(const struct taking *t, enum ebms_code *code, struct error *error)
{
	const struct as4_terms *terms = t->peer->agreement->as4;
	const struct as4_collaboration *c = &t->in->header.user.collaboration;
	if (as4_is_test(&t->in->header))
		return 0;
	*code = EBMS_MODE_MISMATCH;
	if (!lists(terms->take_services, c->service))
		FAIL(error, NOT_AGREED, "eb:Service \"%.120s\" is not agreed", c->service);
	if (!lists(terms->take_actions, c->action))
		FAIL(error, NOT_AGREED, "eb:Action \"%.120s\" is not agreed", c->action);
	*code = EBMS_VALUE_INCONSISTENT;
	if (!t->in->count)
		FAIL(error, BAD_FIELD, "the message has no payload");
	return 0;
}

/* ---- has it been here? ---- */

static int by_uri(const void *a, const void *b)
{
	return strcmp((*(const struct as4_reference *const *)a)->uri, (*(const struct as4_reference *const *)b)->uri);
}

/* Of the parts: what a sender that frames a repeat anew (another time in its header) may not change. */
static const char *digest_of_parts(const struct as4_incoming *in, struct arena *arena)
{
	BUFFER_AUTO text = { 0 };
	char hex[DIGEST_HEX_SIZE];
	const struct as4_reference **list = arena_array(arena, in->count + 1, sizeof *list);
	size_t count = 0;
	for (const struct as4_reference *r = in->references; r; r = r->next)
		if (text_starts(r->uri, "cid:") && count < in->count)
			list[count++] = r;
	qsort(list, count, sizeof *list, by_uri);
	for (size_t i = 0; i < count; i++)
		buffer_printf(&text, "%s %s\n", list[i]->uri, list[i]->digest);
	return arena_text(arena, digest_sha256_hex(buffer_bytes(&text), hex));
}

static int known(struct db *db, void *account, bool *known_r, struct error *error)
{
	struct taking *t = account;
	struct as4_in_row row;
	TRY(as4_in_find(db, t->arena, t->row.agreement, t->row.signer, t->row.message_id, &row, known_r, error));
	if (!*known_r)
		return 0;
	t->conflicts = !text_equal(row.digest, t->row.digest);
	t->repeated = !t->conflicts;
	if (t->conflicts)
		return 0;
	*t->reply = (struct msh_reply){ .status = 200, .content_type = row.answer_type };
	return body_read(db, t->arena, row.answer, &t->reply->octets, error);
}

static int keep(struct db *db, void *account, const char *document, struct error *error)
{
	struct taking *t = account;
	struct as4_in_row row = t->row;
	row.document = document;
	row.answer_type = t->reply->content_type;
	TRY(body_put(db, t->arena, t->reply->octets, row.answer_type, &row.answer, error));
	TRY(parts_complete(db, &t->parts, error));
	return as4_in_add(db, &row, error);
}

static int look(struct db *db, void *context, struct error *error)
{
	bool ignored;
	return known(db, context, &ignored, error);
}

static int keep_test(struct db *db, void *context, struct error *error)
{
	bool is_known;
	TRY(known(db, context, &is_known, error));
	return is_known ? 0 : keep(db, context, NULL, error);
}

/* ---- what it brings ---- */

static int receipt_make(struct taking *t, struct error *error)
{
	struct as4_header receipt;
	as4_receipt_for(t->in, message_id_new(t->msh, t->peer, t->arena), clock_now_ms(), &receipt);
	return signal_pack(t->msh, t->peer, &receipt, t->arena, t->reply, error);
}

static int hand_on(struct taking *t, struct error *error)
{
	const struct as4_incoming *in = t->in;
	if (as4_is_test(&in->header)) {
		t->msh->pings++;
		return store_write(t->msh->config.store, keep_test, t, error);
	}
	struct msh_arrival arrival = { .agreement = t->peer->agreement, .message_id = in->header.message_id, .ref_to = in->header.ref_to,
		                       .conversation = in->header.user.collaboration.conversation, .signer = in->signer, .issuer = in->issuer,
		                       .algorithm = in->algorithm, .certificate_digest = in->certificate_digest, .parts = t->parts.items, .count = t->parts.count,
		                       .known = known, .keep = keep, .account = t };
	return t->msh->config.arrived(t->msh->config.context, &arrival, t->arena, error);
}

/* ---- all of it ---- */

static int refuse(struct taking *t, enum ebms_code code, const struct error *why, struct error *error)
{
	t->msh->refused++;
	log_warning("as4", t->in->header.message_id, "of \"%s\" refused, %s: %s", t->peer->agreement->name, ebms_row(code)->code, why->text);
	return error_pack(t->msh, t->peer, t->in, code, why->text, t->arena, t->reply, error);
}

static int conclude(struct taking *t, struct error *error)
{
	struct error why = { 0 };
	if (t->conflicts) {
		error_set(&why, ERROR_CONFLICT, "eb:MessageId \"%.200s\" was taken before, with other parts", t->in->header.message_id);
		log_error("as4", t->in->header.message_id, "\"%s\" sent other parts under an eb:MessageId that it had used before", t->peer->agreement->name);
		return refuse(t, EBMS_OTHER, &why, error);
	}
	t->msh->received += !t->repeated;
	t->msh->repeated += t->repeated;
	return 0;
}

int user_take(struct msh *msh, const struct peer *peer, const struct as4_mode *mode, struct as4_incoming *in, struct arena *arena,
              struct msh_reply *reply_r, struct error *error)
{
	struct taking t = { .msh = msh, .peer = peer, .mode = mode, .in = in, .arena = arena, .reply = reply_r, .parts.msh = msh };
	struct error why = { 0 };
	enum ebms_code code = EBMS_OTHER;
	if (check_agreed(&t, &code, &why) < 0)
		return refuse(&t, code, &why, error);
	t.row = (struct as4_in_row){ .agreement = peer->agreement->name, .signer = in->signer, .message_id = in->header.message_id,
		                     .received = clock_now_ms(), .digest = digest_of_parts(in, arena),
		                     .conversation = in->header.user.collaboration.conversation };
	TRY(store_read(msh->config.store, look, &t, error));
	if (t.repeated || t.conflicts)
		return conclude(&t, error);
	if (parts_read(&t.parts, in, mode->part_bytes + AS4_MESSAGE_BYTES, arena, &code, &why) < 0) {
		parts_drop(&t.parts);
		if (code != EBMS_NONE)
			return refuse(&t, code, &why, error);
		*error = why;
		return -1;
	}
	int result = receipt_make(&t, error);
	if (result == 0)
		result = hand_on(&t, error);
	if (result < 0 || t.repeated || t.conflicts)
		parts_drop(&t.parts);
	return result < 0 ? -1 : conclude(&t, error);
}
