/* The test assertions of eDelivery AS4 (TAD 1.2) that the message handler decides, each named by its id; those of the wire's form are in
 * tests/unit/as4, those of tries in tests/unit/deliver. The world's msh is one MSH, the hub the other. */
#include "unit/msh/world.h"

static void letter_of_hub(struct world *w, struct letter *l)
{
	letter_write(w->arena, &w->peers.at_hub, l);
}

/* The first `from` becomes `to`, which is no longer. */
static void replace(struct letter *l, const char *from, const char *to)
{
	char *at = memmem(l->octets.data, l->octets.size, from, strlen(from));
	ck_assert_ptr_nonnull(at);
	size_t behind = (size_t)(l->octets.data + l->octets.size - at) - strlen(from);
	memcpy(at, to, strlen(to));
	memmove(at + strlen(to), at + strlen(from), behind);
	l->octets.size -= strlen(from) - strlen(to);
}

/* Answered in the same exchange by this error, and not delivered. */
static void must_be_refused(struct world *w, const struct letter *l, const char *code)
{
	struct msh_reply reply;
	must_receive(w, l, &reply);
	must_be_error(w, &reply, code);
	ck_assert_int_eq(w->kept, 0);
}

START_TEST(AS4_CP_TA01_a_push_is_answered_by_a_receipt_in_a_2xx)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	enum ebms_code code;
	letter_of_hub(&w, &l);
	must_receive(&w, &l, &reply);
	struct as4_incoming *in = must_be_signal(&w, &reply, AS4_RECEIPT);  /* with 200 */
	must_succeed(as4_receipt_check(&in->header, l.header.message_id, l.packed.references, &code, error));
	ck_assert_int_eq(w.kept, 1);
}
END_TEST

/* A question of the hub, and our reply to it. */
static struct msh_frame two_way(struct world *w, const char *conversation, struct letter *question)
{
	struct msh_reply reply;
	struct storing s = { w->arena, { .id = "SG00000001", .agreement = "hub", .kind = "reply", .cause = "q", .state = MESSAGE_READY,
		                   .content_type = "application/xml; charset=UTF-8", .headers = "{}", .input = "{\"question\":{\"document\":\"document-1\"}}",
		                   .set_digest = "-", .marks = "[]", .created = NOW, .due = 1, .first_try = CLOCK_NONE, .held_since = CLOCK_NONE,
		                   .signer_until = CLOCK_NONE } };
	w->peers.at_hub.collaboration.conversation = conversation;
	letter_of_hub(w, question);
	must_receive(w, question, &reply);
	must_be_signal(w, &reply, AS4_RECEIPT);
	must_succeed(store_write(w->store, message_store, &s, error));
	return world_frame(w, &s.row);
}

START_TEST(AS4_CP_TA02_a_reply_refers_to_the_message_it_answers)
{
	WORLD(w, "p256");
	LETTER(question);
	struct msh_frame frame = two_way(&w, "conversation-7", &question);
	ck_assert_str_eq(hub_opens(&w, frame.content_type, frame.octets)->header.ref_to, question.header.message_id);
}
END_TEST

START_TEST(AS4_CP_TA14_a_reply_gets_a_receipt)
{
	WORLD(w, "p256");
	LETTER(question);
	LETTER(receipt);
	struct msh_verdict v;
	struct msh_frame frame = two_way(&w, "conversation-7", &question);
	hub_confirms(&w, frame.content_type, frame.octets, &receipt);
	msh_judge(w.msh, &w.agreement, &frame, 200, receipt.packed.content_type, buffer_bytes(&receipt.octets), w.arena, &v);
	ck_assert_int_eq((int)v.result, MSH_RECEIVED);
}
END_TEST

START_TEST(AS4_CP_TA17_a_ping_is_answered_and_not_delivered)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	struct as4_header header;
	struct as4_mode mode = w.peers.at_hub;
	mode.collaboration.service = TEST_SERVICE;
	mode.collaboration.service_type = NULL;
	mode.collaboration.action = TEST_ACTION;
	as4_user_begin(&mode, &header);
	header.message_id = as4_message_id(w.arena, "hub.example");
	header.time = NOW;
	must_succeed(letter_pack(w.arena, &mode, &header, NULL, 0, &l, error));
	must_receive(&w, &l, &reply);
	must_be_signal(&w, &reply, AS4_RECEIPT);
	ck_assert_int_eq(w.arrivals, 0);
}
END_TEST

START_TEST(AS4_CP_TA18_a_message_has_a_conversation)
{
	WORLD(w, "p256");
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame frame = world_frame(&w, &row);
	ck_assert_str_ne(hub_opens(&w, frame.content_type, frame.octets)->header.user.collaboration.conversation, "");
}
END_TEST

START_TEST(AS4_CP_TA19_a_reply_stays_in_the_conversation)
{
	WORLD(w, "p256");
	LETTER(question);
	struct msh_frame frame = two_way(&w, "conversation-7", &question);
	ck_assert_str_eq(hub_opens(&w, frame.content_type, frame.octets)->header.user.collaboration.conversation, "conversation-7");
}
END_TEST

START_TEST(AS4_CP_TA08_a_payload_elsewhere_is_answered_by_an_error)
{
	WORLD(w, "p256");
	LETTER(l);
	letter_of_hub(&w, &l);
	replace(&l, "href=\"cid:message@trader\"", "href=\"http://x.example/\"");
	must_be_refused(&w, &l, "EBMS:0011");
}
END_TEST

START_TEST(AS4_CP_TA26_a_missing_media_type_is_answered_by_an_error)
{
	WORLD(w, "p256");
	LETTER(l);
	letter_of_hub(&w, &l);
	replace(&l, "<eb:Property name=\"MimeType\">application/xml</eb:Property>", "");
	must_be_refused(&w, &l, "EBMS:0003");
}
END_TEST

START_TEST(AS4_CP_TA29_a_character_set_that_is_none_is_answered_by_an_error)
{
	WORLD(w, "p256");
	LETTER(l);
	letter_of_hub(&w, &l);
	replace(&l, ">utf-8<", ">!utf*<");
	must_be_refused(&w, &l, "EBMS:0001");
}
END_TEST

static void damaged_letter(struct world *w, struct letter *l)
{
	static const struct as4_property says = { "CompressionType", NULL, "application/gzip", NULL };
	struct bytes octets = { (const uint8_t *)"\x1f\x8b\x08\0\0\0\0\0\0\x03 damaged", 18 };
	struct blob blob = blob_of_bytes(&octets);
	struct as4_payload payload = { .cid = "a@x", .mime_type = "application/gzip", .plain = true, .properties = &says, .content = &blob };
	struct as4_header header;
	as4_user_begin(&w->peers.at_hub, &header);
	header.message_id = as4_message_id(w->arena, "hub.example");
	header.time = NOW;
	must_succeed(letter_pack(w->arena, &w->peers.at_hub, &header, &payload, 1, l, error));
}

START_TEST(AS4_CP_TA30_a_damaged_payload_is_answered_by_EBMS_0303)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	damaged_letter(&w, &l);
	must_receive(&w, &l, &reply);
	const struct as4_error *e = must_be_signal(&w, &reply, AS4_ERROR)->header.errors;
	ck_assert_str_eq(e->code, "EBMS:0303");
	ck_assert_str_eq(e->text, "DecompressionFailure");
	ck_assert_str_eq(e->severity, "failure");
	ck_assert_str_eq(e->category, "Communication");
	ck_assert_int_eq(w.kept, 0);
}
END_TEST

START_TEST(AS4_CP_TA31_a_refused_message_is_told_to_the_operator)
{
	WORLD(w, "p256");
	LETTER(l);
	damaged_letter(&w, &l);
	must_be_refused(&w, &l, "EBMS:0303");
	ck_assert_int_eq(msh_numbers(w.msh).refused, 1);
}
END_TEST

START_TEST(AS4_4CT_TA01_the_corners_of_the_agreement_are_in_the_message)
{
	WORLD(w, "p256");
	w.terms.original_sender = "urn:C1";
	w.terms.final_recipient = "urn:C4";
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame frame = world_frame(&w, &row);
	w.peers.at_hub.four_corners = true;
	const struct as4_user *user = &hub_opens(&w, frame.content_type, frame.octets)->header.user;
	ck_assert_str_eq(as4_property_find(user->properties, "originalSender"), "urn:C1");
	ck_assert_str_eq(as4_property_find(user->properties, "finalRecipient"), "urn:C4");
	ck_assert_str_eq(user->from.id, w.terms.self.id);  /* AS4_4CT_TA03 */
	ck_assert_str_eq(user->to.id, w.terms.peer.id);
}
END_TEST

SUITE("conformance of the handler", AS4_CP_TA01_a_push_is_answered_by_a_receipt_in_a_2xx, AS4_CP_TA02_a_reply_refers_to_the_message_it_answers,
      AS4_CP_TA08_a_payload_elsewhere_is_answered_by_an_error, AS4_CP_TA14_a_reply_gets_a_receipt,
      AS4_CP_TA17_a_ping_is_answered_and_not_delivered, AS4_CP_TA18_a_message_has_a_conversation, AS4_CP_TA19_a_reply_stays_in_the_conversation,
      AS4_CP_TA26_a_missing_media_type_is_answered_by_an_error, AS4_CP_TA29_a_character_set_that_is_none_is_answered_by_an_error,
      AS4_CP_TA30_a_damaged_payload_is_answered_by_EBMS_0303, AS4_CP_TA31_a_refused_message_is_told_to_the_operator,
      AS4_4CT_TA01_the_corners_of_the_agreement_are_in_the_message)
