/* Pulls: peers that fetch from us, and what a pull of ours brings. */
#include "unit/msh/world.h"

/* The hub fetches from us. */
static void hub_pulls(struct world *w, const char *mpc, struct letter *l, struct msh_reply *reply)
{
	struct as4_header header = { .kind = AS4_PULL, .message_id = as4_message_id(w->arena, "hub.example"), .time = NOW, .pull_mpc = mpc };
	hub_signals(w, &header, l);
	must_receive(w, l, reply);
}

static void serving(struct world *w)
{
	msh_close(&w->msh);
	w->terms.url = NULL;
	w->terms.serve_mpc = MPC;
	w->peers.at_hub.mpc = MPC;
	world_open_msh(w);
}

static const char *fetched(struct world *w, const struct msh_reply *reply)
{
	ck_assert_int_eq(reply->status, 200);
	struct as4_incoming *in = hub_opens(w, reply->content_type, reply->octets);
	ck_assert_int_eq((int)in->header.kind, AS4_USER);
	ck_assert_str_eq(in->header.user.mpc, MPC);
	ck_assert_ptr_null(in->header.ref_to);
	return in->header.message_id;
}

START_TEST(the_oldest_comes_first_each_once_and_a_receipt_ends_it)
{
	WORLD(w, "p256");
	LETTER(l);
	LETTER(receipt);
	struct msh_reply first, second, third, answer;
	serving(&w);
	hub_pulls(&w, MPC, &l, &first);
	must_be_error(&w, &first, "EBMS:0006");
	world_message(&w, "SG00000001");
	world_message(&w, "SG00000002");
	hub_pulls(&w, MPC, &l, &first);
	hub_pulls(&w, MPC, &l, &second);
	hub_pulls(&w, MPC, &l, &third);
	must_be_error(&w, &third, "EBMS:0006");
	ck_assert_str_ne(fetched(&w, &first), fetched(&w, &second));
	ck_assert_str_eq(world_state(&w, "SG00000001"), "unknown");
	hub_confirms(&w, first.content_type, first.octets, &receipt);
	must_receive(&w, &receipt, &answer);
	ck_assert_int_eq(answer.status, 202);
	ck_assert_str_eq(world_state(&w, "SG00000001"), "sent");
	ck_assert_str_eq(world_state(&w, "SG00000002"), "unknown");
}
END_TEST

static int make_due(struct db *db, void *context, struct error *error)
{
	return db_run(db, error, "update message set due = 1, first_try = first_try - $2 where id = $1", "ti", "SG00000001", *(int64_t *)context);
}

START_TEST(what_is_not_confirmed_is_handed_out_again_in_the_same_form_until_its_time_is_over)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply first, again, over;
	int64_t back = 0;
	serving(&w);
	world_message(&w, "SG00000001");
	hub_pulls(&w, MPC, &l, &first);
	must_succeed(store_write(w.store, make_due, &back, error));
	hub_pulls(&w, MPC, &l, &again);
	ck_assert(first.octets.size == again.octets.size && memcmp(first.octets.data, again.octets.data, first.octets.size) == 0);
	back = w.agreement.retry.budget_ms + 1;
	must_succeed(store_write(w.store, make_due, &back, error));
	hub_pulls(&w, MPC, &l, &over);
	must_be_error(&w, &over, "EBMS:0006");
	ck_assert_str_eq(world_state(&w, "SG00000001"), "failed");
}
END_TEST

START_TEST(a_channel_is_its_peers_alone)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	struct as4_header header = { .kind = AS4_PULL, .message_id = "pull@x.example", .time = NOW, .pull_mpc = MPC };
	serving(&w);
	world_message(&w, "SG00000001");
	hub_pulls(&w, "urn:other", &l, &reply);
	must_be_error(&w, &reply, "EBMS:0001");
	hub_pulls(&w, NULL, &l, &reply);
	must_be_error(&w, &reply, "EBMS:0001");
	struct as4_mode stranger = w.peers.at_hub;  /* of the same authority, another name */
	stranger.key = w.peers.trader.key;
	stranger.chain = w.peers.trader.chain;
	must_succeed(letter_pack(w.arena, &stranger, &header, NULL, 0, &l, error));
	must_receive(&w, &l, &reply);
	must_be_error(&w, &reply, "EBMS:0101");
	ck_assert_str_eq(world_state(&w, "SG00000001"), "ready");
}
END_TEST

static int pull_take(struct world *w, int status, const char *type, struct bytes octets, struct msh_pulled *pulled, struct error *error)
{
	struct bytes *kept = arena_alloc(w->arena, sizeof *kept);
	*kept = octets;
	struct blob blob = blob_of_bytes(kept);
	return msh_pull_take(w->msh, &w->agreement, status, type, &blob, w->arena, pulled, error);
}

START_TEST(a_pull_of_ours_brings_nothing_or_a_message_that_is_confirmed)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_frame request;
	struct msh_pulled pulled;
	w.terms.pull_mpc = MPC;
	must_succeed(msh_pull_request(w.msh, &w.agreement, w.arena, &request, error));
	struct as4_incoming *in = hub_opens(&w, request.content_type, request.octets);
	ck_assert_int_eq((int)in->header.kind, AS4_PULL);
	ck_assert_str_eq(in->header.pull_mpc, MPC);

	struct as4_header empty;
	as4_error_for(w.arena, EBMS_EMPTY_CHANNEL, NULL, NULL, request.message_id, "e@hub.example", NOW, &empty);
	hub_signals(&w, &empty, &l);
	must_succeed(pull_take(&w, 200, l.packed.content_type, buffer_bytes(&l.octets), &pulled, error));
	ck_assert(pulled.empty);

	w.peers.at_hub.mpc = MPC;
	letter_write(w.arena, &w.peers.at_hub, &l);
	must_succeed(pull_take(&w, 200, l.packed.content_type, buffer_bytes(&l.octets), &pulled, error));
	ck_assert(!pulled.empty);
	must_be_signal(&w, &pulled.reply, AS4_RECEIPT);
	ck_assert_int_eq(w.kept, 1);
	must_succeed(pull_take(&w, 200, l.packed.content_type, buffer_bytes(&l.octets), &pulled, error));
	must_be_signal(&w, &pulled.reply, AS4_RECEIPT);
	ck_assert_int_eq(w.kept, 1);

	w.peers.at_hub.mpc = "urn:wrong";
	letter_write(w.arena, &w.peers.at_hub, &l);
	must_succeed(pull_take(&w, 200, l.packed.content_type, buffer_bytes(&l.octets), &pulled, error));
	must_be_error(&w, &pulled.reply, "EBMS:0010");
	must_fail(pull_take(&w, 502, "text/html", bytes_of_text("<html/>"), &pulled, error), PEER_ERROR);
}
END_TEST

SUITE("msh pull", the_oldest_comes_first_each_once_and_a_receipt_ends_it, a_channel_is_its_peers_alone,
      what_is_not_confirmed_is_handed_out_again_in_the_same_form_until_its_time_is_over, a_pull_of_ours_brings_nothing_or_a_message_that_is_confirmed)
