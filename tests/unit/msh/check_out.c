/* Messages of ours: one form on the wire, and what the peer's answer is worth. */
#include "unit/msh/world.h"

static struct msh_verdict judged(struct world *w, const struct msh_frame *frame, int status, const char *type, struct bytes octets)
{
	struct msh_verdict v;
	msh_judge(w->msh, &w->agreement, frame, status, type, octets, w->arena, &v);
	return v;
}

static struct msh_verdict judged_letter(struct world *w, const struct msh_frame *frame, const struct letter *l)
{
	return judged(w, frame, 200, l->packed.content_type, buffer_bytes(&l->octets));
}

START_TEST(a_message_has_one_form_that_the_peer_takes)
{
	WORLD(w, "p256");
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame first = world_frame(&w, &row);
	msh_close(&w.msh);
	world_open_msh(&w);
	struct msh_frame again = world_frame(&w, &row);
	ck_assert(first.octets.size == again.octets.size && memcmp(first.octets.data, again.octets.data, first.octets.size) == 0);
	ck_assert_str_eq(first.message_id, again.message_id);
	ck_assert_ptr_nonnull(strstr(first.message_id, "@gateway.example"));
	struct as4_incoming *in = hub_opens(&w, again.content_type, again.octets);
	ck_assert_str_eq(in->header.message_id, first.message_id);
	ck_assert_str_eq(in->header.user.collaboration.action, "IE3R02");
	BUFFER_AUTO out = { 0 };
	struct sink sink = sink_to_buffer(&out);
	enum ebms_code code;
	must_succeed(as4_part_read(in, 0, &sink, &code, error));
	ck_assert_str_eq(buffer_text(&out), DOCUMENT);
}
END_TEST

START_TEST(a_receipt_counts_when_its_digests_are_those_of_what_was_sent)
{
	WORLD(w, "p256");
	LETTER(l);
	struct message_row row = world_message(&w, "SG00000001"), other = world_message(&w, "SG00000002");
	struct msh_frame frame = world_frame(&w, &row), second = world_frame(&w, &other);
	hub_confirms(&w, frame.content_type, frame.octets, &l);
	ck_assert_int_eq((int)judged_letter(&w, &frame, &l).result, MSH_RECEIVED);
	struct msh_verdict v = judged_letter(&w, &second, &l);  /* of another message */
	ck_assert_int_eq((int)v.result, MSH_REFUSED);
	ck_assert_int_eq((int)v.code, EBMS_INVALID_RECEIPT);

	struct as4_header header;
	as4_receipt_for(hub_opens(&w, frame.content_type, frame.octets), as4_message_id(w.arena, "hub.example"), NOW, &header);
	struct as4_reference wrong = *header.references;
	wrong.digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	header.references = &wrong;
	hub_signals(&w, &header, &l);
	v = judged_letter(&w, &frame, &l);
	ck_assert_int_eq((int)v.result, MSH_REFUSED);
	ck_assert_ptr_nonnull(strstr(v.text, "EBMS:0302"));
	header.references = NULL;
	hub_signals(&w, &header, &l);
	ck_assert_int_eq((int)judged_letter(&w, &frame, &l).result, MSH_REFUSED);
}
END_TEST

START_TEST(what_is_no_receipt_of_the_peer_leaves_the_message_unconfirmed)
{
	WORLD(w, "p256");
	LETTER(l);
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame frame = world_frame(&w, &row);
	struct msh_verdict v = judged(&w, &frame, 502, "text/html; charset=utf-8", bytes_of_text("<html>Bad gateway</html>"));
	ck_assert_int_eq((int)v.result, MSH_UNANSWERED);
	ck_assert(v.again);
	ck_assert_ptr_nonnull(strstr(v.text, "502 with text/html"));
	v = judged(&w, &frame, 202, NULL, (struct bytes){ 0 });
	ck_assert_int_eq((int)v.result, MSH_UNANSWERED);
	ck_assert_ptr_nonnull(strstr(v.text, "202 with an empty body"));
	struct as4_header header;
	as4_receipt_for(hub_opens(&w, frame.content_type, frame.octets), as4_message_id(w.arena, "hub.example"), NOW, &header);
	struct as4_mode self = w.peers.at_hub;  /* signed by somebody else: ourselves */
	self.key = w.peers.trader.key;
	self.chain = w.peers.trader.chain;
	must_succeed(letter_pack(w.arena, &self, &header, NULL, 0, &l, error));
	v = judged_letter(&w, &frame, &l);
	ck_assert_int_eq((int)v.result, MSH_UNANSWERED);
	ck_assert_ptr_nonnull(strstr(v.text, "not by the agreed signer"));
	as4_error_for(w.arena, EBMS_MODE_MISMATCH, "no such service", NULL, frame.message_id, as4_message_id(w.arena, "hub.example"), NOW, &header);
	must_succeed(letter_pack(w.arena, &self, &header, NULL, 0, &l, error));
	v = judged_letter(&w, &frame, &l);
	ck_assert_int_eq((int)v.result, MSH_UNANSWERED);
	ck_assert_ptr_nonnull(strstr(v.text, "it says EBMS:0010: no such service"));  /* not believed, but told */
}
END_TEST

START_TEST(errors_say_whether_another_try_may_help)
{
	static const struct {
		enum ebms_code code;
		const char *detail;
		enum msh_result result;
		bool again;
	} all[] = {
		{ EBMS_POLICY_NONCOMPLIANCE, NULL, MSH_REFUSED, false }, { EBMS_FAILED_AUTHENTICATION, NULL, MSH_REFUSED, false },
		{ EBMS_OTHER, "A001", MSH_REFUSED, false }, { EBMS_OTHER, "A003", MSH_REFUSED, true }, { EBMS_MPC_CAPACITY, NULL, MSH_REFUSED, true },
		{ EBMS_OUT_OF_STORAGE, NULL, MSH_REFUSED, true }, { EBMS_FEATURE_NOT_SUPPORTED, NULL, MSH_UNANSWERED, true },
	};
	WORLD(w, "p256");
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame frame = world_frame(&w, &row);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		LETTER(l);
		struct as4_header header;
		as4_error_for(w.arena, all[i].code, "in words", all[i].detail, frame.message_id, as4_message_id(w.arena, "hub.example"), NOW, &header);
		hub_signals(&w, &header, &l);
		struct msh_verdict v = judged_letter(&w, &frame, &l);
		if (v.result != all[i].result || v.again != all[i].again)
			ck_abort_msg("%s: result %d, again %d (%s)", ebms_row(all[i].code)->code, (int)v.result, v.again, v.text);
		ck_assert_ptr_nonnull(strstr(v.text, "in words"));
	}
}
END_TEST

static int on_its_way(struct db *db, void *context, struct error *error)
{
	bool moved;
	TRY(db_run(db, error, "update message set attempts = 1 where id = $1", "t", context));
	TRY(message_move(db, context, MESSAGE_SENDING, CLOCK_NONE, NULL, &moved, error));
	return message_move(db, context, MESSAGE_UNKNOWN, CLOCK_NONE, "no receipt", &moved, error);
}

static int give_up(struct db *db, void *context, struct error *error)
{
	bool moved;
	TRY(message_move(db, context, MESSAGE_SENDING, CLOCK_NONE, NULL, &moved, error));
	return message_move(db, context, MESSAGE_FAILED, CLOCK_NONE, "EBMS:0301", &moved, error);
}

START_TEST(a_late_receipt_counts_and_a_false_one_does_not)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame frame = world_frame(&w, &row);
	struct as4_header header;
	must_succeed(store_write(w.store, give_up, (void *)(intptr_t)row.id, error));
	ck_assert_str_eq(world_state(&w, row.id), "failed");
	as4_receipt_for(hub_opens(&w, frame.content_type, frame.octets), as4_message_id(w.arena, "hub.example"), NOW, &header);
	struct as4_header unknown = header, partial = header;
	unknown.ref_to = "nobody@gateway.example";
	hub_signals(&w, &unknown, &l);
	must_receive(&w, &l, &reply);
	must_be_error(&w, &reply, "EBMS:0001");
	partial.references = partial.references->next;
	hub_signals(&w, &partial, &l);
	must_receive(&w, &l, &reply);
	must_be_error(&w, &reply, "EBMS:0302");
	ck_assert_str_eq(world_state(&w, row.id), "failed");
	hub_signals(&w, &header, &l);
	must_receive(&w, &l, &reply);
	ck_assert_int_eq(reply.status, 202);
	ck_assert_str_eq(world_state(&w, row.id), "sent");
	ck_assert_int_eq(msh_numbers(w.msh).receipts_late, 1);
	must_receive(&w, &l, &reply);  /* twice is no harm */
	ck_assert_int_eq(reply.status, 202);
}
END_TEST

/* What stands between wsse:Security's tags is taken out. */
static void unsign(struct letter *l)
{
	char *from = strstr(buffer_text(&l->octets), "<wsse:Security"), *end = from ? strstr(from, "</wsse:Security>") : NULL;
	ck_assert(from && end);
	end += strlen("</wsse:Security>");
	size_t rest = l->octets.size - (size_t)(end - l->octets.data);
	memmove(from, end, rest);
	l->octets.size -= (size_t)(end - from);
}

START_TEST(an_unsigned_error_that_anybody_could_post_changes_nothing)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame frame = world_frame(&w, &row);
	struct as4_header header;
	w.terms.unsigned_errors = true;
	msh_close(&w.msh);
	world_open_msh(&w);
	must_succeed(store_write(w.store, on_its_way, (void *)(intptr_t)row.id, error));
	as4_error_for(w.arena, EBMS_POLICY_NONCOMPLIANCE, "in words", NULL, frame.message_id, "e@hub.example", NOW, &header);
	hub_signals(&w, &header, &l);
	unsign(&l);
	ck_assert_int_eq((int)judged_letter(&w, &frame, &l).result, MSH_REFUSED);  /* as an answer to our call it counts */
	must_receive(&w, &l, &reply);
	ck_assert_int_eq(reply.status, 202);
	ck_assert_str_eq(world_state(&w, row.id), "unknown");
	hub_signals(&w, &header, &l);
	must_receive(&w, &l, &reply);
	ck_assert_str_eq(world_state(&w, row.id), "failed");
}
END_TEST

START_TEST(a_test_message_of_ours_is_one)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_frame frame;
	must_succeed(msh_ping(w.msh, &w.agreement, w.arena, &frame, error));
	ck_assert(as4_is_test(&hub_opens(&w, frame.content_type, frame.octets)->header));
	hub_confirms(&w, frame.content_type, frame.octets, &l);
	ck_assert_int_eq((int)judged_letter(&w, &frame, &l).result, MSH_RECEIVED);
}
END_TEST

START_TEST(a_key_that_cannot_sign_as_agreed_is_told_at_the_start)
{
	WORLD(w, "p256");
	struct msh *second;
	struct msh_config config = { .settings = &w.settings, .store = w.store, .arrived = world_arrived, .context = &w };
	w.terms.algorithm = "rsa-sha256";
	must_fail(msh_open(&config, &second, error), BAD_KEY);
	w.terms.algorithm = NULL;
	w.agreement.certificate_file = w.agreement.anchors_file;
	must_fail(msh_open(&config, &second, error), BAD_KEY);
}
END_TEST

SUITE("msh out", a_message_has_one_form_that_the_peer_takes, a_receipt_counts_when_its_digests_are_those_of_what_was_sent,
      what_is_no_receipt_of_the_peer_leaves_the_message_unconfirmed, errors_say_whether_another_try_may_help,
      a_late_receipt_counts_and_a_false_one_does_not, an_unsigned_error_that_anybody_could_post_changes_nothing, a_test_message_of_ours_is_one, a_key_that_cannot_sign_as_agreed_is_told_at_the_start)
