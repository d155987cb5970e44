/* What customs sends is verified, kept, tied and told, once; a release lifts; what nobody acknowledges goes on. */
#include "place.h"

#include "lib/crypto/digest.h"

#define CONTROL(tail) \
	"<AdditionalInformation><StatementCode>X-CONTROL</StatementCode><StatementDescription>Unpacking. Do not open. " tail "</StatementDescription>" \
	"<LimitDateTime><r:DateTimeString formatCode=\"304\">20160204160000Z</r:DateTimeString></LimitDateTime>" \
	"<StatementTypeCode>ACB</StatementTypeCode></AdditionalInformation>" \
	"<ContactOffice><ID>NL000511</ID><Communication><ID>+31881234567</ID><TypeCode>TE</TypeCode></Communication></ContactOffice>"

START_TEST(a_control_is_told_with_place_time_and_contact)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_UNKNOWN, "conv-1");
	struct wire w = { "05", "c1", "20160204081500Z", CONTROL("officer=team-4 type=unpack from=20160204T1200Z"), REPORT, "16NL1", NULL };
	struct taken taken = take(&p, &w);
	ck_assert_str_eq(taken.state, "tied");
	ck_assert(!taken.repeated);
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "control");
	ck_assert_str_eq(row.container, BOX);
	ck_assert_str_eq(row.journey, "J-1");
	ck_assert_str_eq(row.message, REPORT);
	ck_assert_str_eq(row.disclosure, "restricted");
	ck_assert_int_eq(row.escalate, NOW + 15 * 60000);
	str_at(&p, &row, "scheduled", "2016-02-04T12:00:00Z");
	str_at(&p, &row, "respond_by", "2016-02-04T16:00:00Z");
	str_at(&p, &row, "deadline_source", "message");
	str_at(&p, &row, "office.code", "NL000511");
	str_at(&p, &row, "office.country", "NL");
	str_at(&p, &row, "office.contact.0.name", "team-4");
	str_at(&p, &row, "office.contact.1.phone", "+31881234567");
	str_at(&p, &row, "action.who", "terminal");
	str_at(&p, &row, "text", "Unpacking. Do not open.");
	str_at(&p, &row, "signature.verdict", "valid");
	str_at(&p, &row, "scope.containers.0", BOX);
	ck_assert(has_block(&p, &row, "move"));
	ck_assert(has_block(&p, &row, "gate_out"));
	/* it proves delivery */
	struct message_row message = message_now(&p, REPORT);
	ck_assert_int_eq(message.state, MESSAGE_SENT);
	ck_assert_str_eq(message.customs_id, "16NL1");
	struct place_look l = { .place = &p, .id = REPORT };
	must_succeed(store_read(p.store, place_look_receipts, &l, error));
	ck_assert_uint_eq(l.count, 1);
	ck_assert_str_eq(l.receipts[0].kind, "answer");
	struct document_row document = document_now(&p, taken.document);
	ck_assert_str_eq(document.message, REPORT);
	ck_assert_ptr_nonnull(document.signature);
	place_close(&p);
}
END_TEST

START_TEST(an_answer_proves_delivery_from_every_state_of_doubt)
{
	static const enum message_state states[] = { MESSAGE_SENDING, MESSAGE_UNKNOWN, MESSAGE_WAITING, MESSAGE_FAILED, MESSAGE_SENT };
	PLACE(p);
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		const char *id = arena_printf(p.arena, "SG%020zu", i);
		place_message(&p, id, "nl", "integrity-report", BOX, states[i], NULL);
		ck_assert_int_eq(message_now(&p, id).state, states[i]);
		struct wire w = { "02", arena_printf(p.arena, "own-%zu", i), NULL, NULL, id, NULL, NULL };
		struct taken taken = take(&p, &w);
		ck_assert_str_eq(taken.state, "tied");
		ck_assert_int_eq(message_now(&p, id).state, MESSAGE_SENT);
	}
	place_close(&p);
}
END_TEST

/* ---- whose it is ---- */

START_TEST(what_is_not_signed_by_the_peer_is_kept_and_refused)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_UNKNOWN, NULL);
	struct wire w = { "05", "c1", NULL, NULL, REPORT, "16NL1", NULL };
	const char *document = response(&p, &w);
	struct taken unsigned_one = take_signed(&p, 0, -1, document, NULL), strange = take_signed(&p, 0, 1, document, NULL);
	ck_assert_str_eq(unsigned_one.state, "refused");
	ck_assert_int_eq(unsigned_one.why.code, ERROR_BAD_SIGNATURE);
	ck_assert_str_eq(strange.state, "refused");
	ck_assert_int_eq(strange.why.code, ERROR_BAD_CERTIFICATE);
	ck_assert_int_eq(message_now(&p, REPORT).state, MESSAGE_UNKNOWN);
	ck_assert_ptr_null(message_now(&p, REPORT).customs_id);
	ck_assert_int_eq(count_now(&p, "select count(*) from notice"), 0);
	struct document_row kept = document_now(&p, strange.document);
	ck_assert_str_eq(kept.type, "unread");
	ck_assert_ptr_nonnull(kept.reason);
	ck_assert_ptr_null(kept.message);
	/* and it does not stand in the way of the true one */
	struct taken again = take_signed(&p, 0, -1, document, NULL), good = take_signed(&p, 0, 0, document, NULL);
	ck_assert(again.repeated);
	ck_assert_str_eq(again.document, unsigned_one.document);
	ck_assert_str_eq(again.state, "refused");
	ck_assert_str_eq(good.state, "tied");
	ck_assert(!good.repeated);
	place_close(&p);
}
END_TEST

START_TEST(a_changed_document_is_refused_and_kept_as_it_came)
{
	PLACE(p);
	BUFFER_AUTO signature = { 0 };
	BUFFER_AUTO header = { 0 };
	struct taken taken;
	struct wire w = { "09", "c1", NULL, NULL, REPORT, NULL, BOX };
	const char *document = response(&p, &w);
	must_succeed(sign_detached(p.signers[0], bytes_of_text(document), "answer.xml", NOW, &signature, error));
	text_base64(&header, buffer_bytes(&signature));
	char *changed = arena_text(p.arena, document);
	memcpy(strstr(changed, ">09<"), ">08<", 4);
	struct arrived arrived = { .agreement = &p.agreements[0], .body = bytes_of_text(changed), .conversation = "conv", .signature = buffer_text(&header) };
	must_succeed(answer_take(p.answer, &arrived, p.arena, &taken, error));
	ck_assert_str_eq(taken.state, "refused");
	ck_assert_int_eq(taken.why.code, ERROR_BAD_SIGNATURE);
	struct document_row row = document_now(&p, taken.document);
	char hex[DIGEST_HEX_SIZE];
	struct json *content = json_of(&p, row.content);
	ck_assert_str_eq(json_path_text(content, "digest"), digest_sha256_hex(bytes_of_text(changed), hex));
	ck_assert_str_eq(row.conversation, "conv");
	arrived.signature = "no base64 at all!";
	must_succeed(answer_take(p.answer, &arrived, p.arena, &taken, error));
	ck_assert_int_eq(taken.why.code, ERROR_BAD_SIGNATURE);
	ck_assert(!taken.repeated);
	place_close(&p);
}
END_TEST

START_TEST(an_enveloped_signature_is_read_too)
{
	PLACE(p);
	BUFFER_AUTO out = { 0 };
	struct wire w = { "09", "c1", NULL, NULL, NULL, NULL, BOX };
	/* in canonical form, which enveloped signing asks for */
	ARENA_AUTO arena = arena_new();
	struct xml_document *document;
	BUFFER_AUTO plain = { 0 };
	must_succeed(xml_parse(arena, bytes_of_text(response(&p, &w)), NULL, &document, error));
	must_succeed(xml_canonical(document, document->root, NULL, &plain, error));
	must_succeed(sign_enveloped(p.signers[0], buffer_bytes(&plain), NOW, &out, error));
	place_journey(&p, "J-9", BOX, "{}");
	struct taken taken = take_signed(&p, 0, -1, buffer_text(&out), NULL);
	ck_assert_str_eq(taken.state, "tied");
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "release");
	str_at(&p, &row, "signature.verdict", "valid");
	str_at(&p, &row, "final", "true");
	char *changed = arena_text(p.arena, buffer_text(&out));
	memcpy(strstr(changed, BOX), OTHER_BOX, 11);
	taken = take_signed(&p, 0, -1, changed, NULL);
	ck_assert_str_eq(taken.state, "refused");
	place_close(&p);
}
END_TEST

START_TEST(unsigned_answers_are_taken_where_the_agreement_says_so)
{
	PLACE(p);
	p.agreements[0].answers_signed = false;
	struct wire w = { "02", "r1", NULL, NULL, REPORT, NULL, NULL };
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_UNKNOWN, NULL);
	struct taken taken = take_signed(&p, 0, -1, response(&p, &w), NULL);
	ck_assert_str_eq(taken.state, "tied");
	struct notice_row row = notice_at(&p, &taken, 0);
	str_at(&p, &row, "signature.verdict", "none");
	/* a wrong signature is wrong all the same */
	w.own = "r2";
	taken = take_signed(&p, 0, 1, response(&p, &w), NULL);
	ck_assert_str_eq(taken.state, "refused");
	place_close(&p);
}
END_TEST

/* ---- what it answers ---- */

START_TEST(it_ties_by_reference_then_conversation_then_customs_id)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, "conv-1");
	place_message(&p, "SG00000000000000000002", "nl", "integrity-report", OTHER_BOX, MESSAGE_SENT, "conv-2");
	struct wire first = { "02", "a", NULL, NULL, REPORT, "16NL1", NULL }, by_conversation = { "02", "b", NULL, NULL, "TRADER-1", NULL, NULL };
	struct wire by_customs_id = { "13", "c", NULL, NULL, NULL, "16NL1", NULL }, both = { "13", "d", NULL, NULL, REPORT, NULL, NULL };
	struct taken taken = take(&p, &first);
	taken = take_signed(&p, 0, 0, response(&p, &by_conversation), "conv-2");
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.message, "SG00000000000000000002");
	ck_assert_str_eq(row.container, OTHER_BOX);
	str_at(&p, &row, "claims", "TRADER-1");
	taken = take(&p, &by_customs_id);
	row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.message, REPORT);
	ck_assert_str_eq(row.kind, "information");
	/* reference and conversation disagree: the reference is ours, and the notice says so */
	taken = take_signed(&p, 0, 0, response(&p, &both), "conv-2");
	row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.message, REPORT);
	ck_assert_ptr_nonnull(strstr(row.content, "its conversation is that of message"));
	place_close(&p);
}
END_TEST

START_TEST(nobody_answers_for_another_peer)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_UNKNOWN, "conv-1");
	struct wire w = { "09", "r1", NULL, NULL, REPORT, "16NL1", NULL };
	struct taken taken = take_signed(&p, 1, 1, response(&p, &w), "conv-1");
	ck_assert_str_eq(taken.state, "untied");
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_ptr_null(row.message);
	ck_assert_ptr_null(row.container);
	ck_assert_int_eq(message_now(&p, REPORT).state, MESSAGE_UNKNOWN);
	ck_assert_ptr_null(message_now(&p, REPORT).customs_id);
	place_close(&p);
}
END_TEST

START_TEST(what_cannot_be_tied_is_kept_and_told)
{
	PLACE(p);
	struct wire w = { "05", "r1", NULL, CONTROL("from=20160204T1200Z"), "SG99999999999999999999", "16NL7", NULL };
	struct taken taken = take(&p, &w);
	ck_assert_str_eq(taken.state, "untied");
	struct document_row document = document_now(&p, taken.document);
	ck_assert_ptr_nonnull(strstr(document.reason, "SG99999999999999999999"));
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "control");
	ck_assert_ptr_null(row.message);
	place_close(&p);
}
END_TEST

START_TEST(two_containers_make_two_notices)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	place_journey(&p, "J-2", OTHER_BOX, "{}");
	struct wire w = { "05", "r1", NULL, CONTROL(""), REPORT, "16NL1", "csqu 305438-3 " BOX " " OTHER_BOX " CSQU3054384 TRAILER9" };
	w.boxes = BOX " " OTHER_BOX " " BOX " CSQU3054384 TRAILER9";
	struct taken taken = take(&p, &w);
	ck_assert_uint_eq(json_count(taken.notices), 4);
	struct notice_row first = notice_at(&p, &taken, 0), second = notice_at(&p, &taken, 1), wrong = notice_at(&p, &taken, 2), other = notice_at(&p, &taken, 3);
	ck_assert_str_eq(first.container, BOX);
	ck_assert_str_eq(first.journey, "J-1");
	ck_assert_str_eq(second.container, OTHER_BOX);
	ck_assert_str_eq(second.journey, "J-2");
	ck_assert_str_eq(second.message, REPORT);
	str_at(&p, &second, "scope.containers.0", OTHER_BOX);
	ck_assert_ptr_nonnull(strstr(wrong.content, "check digit"));
	ck_assert_ptr_nonnull(strstr(other.content, "no ISO 6346"));
	ck_assert_int_eq(count_now(&p, "select count(*) from receipt"), 1);
	place_close(&p);
}
END_TEST

/* ---- again ---- */

START_TEST(a_repeat_does_nothing_again)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_UNKNOWN, NULL);
	struct wire w = { "05", "r1", NULL, CONTROL(""), REPORT, "16NL1", NULL }, nameless = { "02", NULL, NULL, NULL, REPORT, NULL, NULL };
	struct taken first = take(&p, &w), again = take(&p, &w);
	ck_assert(again.repeated);
	ck_assert_str_eq(again.document, first.document);
	ck_assert_str_eq(again.state, "tied");
	ck_assert_str_eq(json_text(json_at(again.notices, 0)), json_text(json_at(first.notices, 0)));
	ck_assert_int_eq(count_now(&p, "select count(*) from notice"), 1);
	ck_assert_int_eq(count_now(&p, "select count(*) from receipt"), 1);
	ck_assert_int_eq(count_now(&p, "select count(*) from document"), 1);
	/* without a reference the octets tell */
	first = take(&p, &nameless);
	again = take(&p, &nameless);
	ck_assert(again.repeated);
	ck_assert_int_eq(count_now(&p, "select count(*) from document"), 2);
	/* the same reference from another peer is another matter */
	struct taken other = take_signed(&p, 1, 1, response(&p, &w), NULL);
	ck_assert(!other.repeated);
	place_close(&p);
}
END_TEST

START_TEST(other_octets_under_the_same_reference_are_kept_and_marked)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_UNKNOWN, NULL);
	struct wire w = { "02", "r1", NULL, NULL, REPORT, NULL, NULL }, changed = { "05", "r1", NULL, CONTROL(""), REPORT, NULL, NULL };
	struct taken first = take(&p, &w), second = take(&p, &changed), again = take(&p, &changed);
	ck_assert(!second.repeated);
	ck_assert_str_ne(second.document, first.document);
	struct document_row document = document_now(&p, second.document);
	ck_assert_ptr_nonnull(document.reason);
	ck_assert_str_eq(json_path_text(json_of(&p, document.content), "differs_from"), first.document);
	struct notice_row row = notice_at(&p, &second, 0);
	ck_assert_str_eq(row.kind, "control");
	ck_assert_ptr_nonnull(strstr(row.content, "under the same reference"));
	ck_assert(again.repeated);
	ck_assert_str_eq(again.document, second.document);
	place_close(&p);
}
END_TEST

/* ---- lifting ---- */

static struct taken send_code(struct place *p, const char *code, const char *own, const char *issued, const char *reference, const char *mrn)
{
	struct wire w = { code, own, issued, NULL, reference, mrn, NULL };
	return take(p, &w);
}

START_TEST(a_release_lifts_what_stood_for_the_same_declaration)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	place_message(&p, "SG00000000000000000002", "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	place_message(&p, "SG00000000000000000003", "de", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct taken control = send_code(&p, "05", "a", "20160204080000Z", REPORT, "16NL1"), question = send_code(&p, "51", "b", "20160204080100Z", REPORT, "16NL1");
	struct taken other = send_code(&p, "05", "c", "20160204080000Z", "SG00000000000000000002", "16NL2");
	struct wire german = { "05", "a", "20160204080000Z", NULL, "SG00000000000000000003", "16DE1", NULL };
	struct taken foreign = take_signed(&p, 1, 1, response(&p, &german), NULL);
	struct taken later = send_code(&p, "05", "e", "20160204090000Z", REPORT, "16NL1");
	clock_freeze(NOW + 60000);
	struct taken release = send_code(&p, "09", "f", "20160204083000Z", REPORT, "16NL1");
	struct notice_row lifted = notice_at(&p, &control, 0), asked = notice_at(&p, &question, 0), stands = notice_at(&p, &other, 0);
	struct notice_row abroad = notice_at(&p, &foreign, 0), after = notice_at(&p, &later, 0), lifting = notice_at(&p, &release, 0);
	ck_assert_int_eq(lifted.lifted, NOW + 60000);
	ck_assert_int_eq(lifted.escalate, CLOCK_NONE);
	str_at(&p, &lifted, "lifted_by", lifting.id);
	str_at(&p, &lifting, "lifts.0", lifted.id);
	ck_assert_int_ne(asked.lifted, CLOCK_NONE);
	ck_assert_uint_eq(json_count(json_path(json_of(&p, lifting.content), "lifts")), 2);
	ck_assert_int_eq(stands.lifted, CLOCK_NONE);  /* of another declaration */
	ck_assert_int_eq(abroad.lifted, CLOCK_NONE);  /* of another state */
	ck_assert_int_eq(after.lifted, CLOCK_NONE);   /* issued after the release */
	place_close(&p);
}
END_TEST

START_TEST(a_control_that_comes_after_its_release_is_lifted_at_once)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct taken release = send_code(&p, "09", "a", "20160204083000Z", REPORT, "16NL1"), control = send_code(&p, "05", "b", "20160204080000Z", REPORT, "16NL1");
	struct notice_row row = notice_at(&p, &control, 0), lifting = notice_at(&p, &release, 0);
	ck_assert_int_ne(row.lifted, CLOCK_NONE);
	ck_assert_int_eq(row.escalate, CLOCK_NONE);
	str_at(&p, &row, "lifted_by", lifting.id);
	str_at(&p, &lifting, "lifts.0", row.id);
	place_close(&p);
}
END_TEST

START_TEST(controls_stand_beside_one_another_and_others_lift_nothing)
{
	static const char *const codes[] = { "01", "02", "03", "05", "06", "07", "10", "11", "13", "14", "16", "17", "18", "50", "51", "99" };
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct taken control = send_code(&p, "05", "a", "20160204080000Z", REPORT, "16NL1");
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
		send_code(&p, codes[i], arena_printf(p.arena, "x%zu", i), "20160204081000Z", REPORT, "16NL1");
	struct notice_row row = notice_at(&p, &control, 0);
	ck_assert_int_eq(row.lifted, CLOCK_NONE);
	place_close(&p);
}
END_TEST

START_TEST(a_cancelled_report_stops_no_box)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "withdrawal", BOX, MESSAGE_SENT, NULL);
	place_journey(&p, "J-2", OTHER_BOX, "{}");
	struct taken ours = send_code(&p, "10", "a", NULL, REPORT, "16NL1");
	struct wire trader = { "10", "b", NULL, NULL, NULL, "16NL9", OTHER_BOX };
	struct taken theirs = take(&p, &trader);
	struct notice_row row = notice_at(&p, &ours, 0), stop = notice_at(&p, &theirs, 0);
	ck_assert_str_eq(row.kind, "cancelled");
	ck_assert(!has_block(&p, &row, "load"));
	str_at(&p, &row, "by", "gateway");
	ck_assert(has_block(&p, &stop, "load"));
	ck_assert(has_block(&p, &stop, "gate_out"));
	place_close(&p);
}
END_TEST

/* ---- escalation ---- */

static int acknowledge(struct db *db, void *context, struct error *error)
{
	return db_run(db, error, "update notice set acknowledged = 1, escalate = null where id = $1", "t", context);
}

START_TEST(a_notice_nobody_acknowledges_goes_from_contact_to_contact)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	place_journey(&p, "J-1", BOX, "{\"contacts\":[{\"role\":\"duty\",\"name\":\"Carrier desk\",\"owner\":\"carrier-1\"}]}");
	struct wire w = { "05", "a", NULL, NULL, REPORT, NULL, NULL }, known = { "05", "b", NULL, NULL, REPORT, NULL, NULL };
	struct taken taken = take(&p, &w), read = take(&p, &known);
	struct notice_row acknowledged = notice_at(&p, &read, 0);
	must_succeed(store_write(p.store, acknowledge, (void *)(uintptr_t)acknowledged.id, error));
	must_succeed(answer_escalate(p.answer, error));
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_uint_eq(json_count(json_path(json_of(&p, row.content), "escalated")), 0);
	clock_freeze(NOW + 16 * 60000);
	must_succeed(answer_escalate(p.answer, error));
	must_succeed(answer_escalate(p.answer, error));
	row = notice_at(&p, &taken, 0);
	ck_assert_uint_eq(json_count(json_path(json_of(&p, row.content), "escalated")), 1);
	str_at(&p, &row, "escalated.0.to.name", "Carrier desk");
	str_at(&p, &row, "escalated.0.at", "2016-02-04T09:16:00Z");
	clock_freeze(NOW + 40 * 60000);
	must_succeed(answer_escalate(p.answer, error));
	row = notice_at(&p, &taken, 0);
	str_at(&p, &row, "escalated.1.to.name", "Duty desk");
	ck_assert_int_eq(row.escalate, CLOCK_NONE);  /* there is nobody left */
	row = notice_at(&p, &read, 0);
	ck_assert_uint_eq(json_count(json_path(json_of(&p, row.content), "escalated")), 0);
	ck_assert_int_eq(count_now(&p, "select count(*) from record where kind = 'notice.escalated'"), 2);
	place_close(&p);
}
END_TEST

START_TEST(a_deadline_before_the_usual_wait_counts)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct wire w = { "06", "a", NULL, "<AdditionalInformation><LimitDateTime><r:DateTimeString formatCode=\"304\">20160204091000Z</r:DateTimeString></LimitDateTime>"
		"<StatementTypeCode>ACA</StatementTypeCode></AdditionalInformation>", REPORT, NULL, NULL };
	struct taken taken = take(&p, &w);
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "documents_requested");
	str_at(&p, &row, "requests.0.type", "ACA");
	ck_assert_int_eq(row.escalate, NOW + 10 * 60000);
	place_close(&p);
}
END_TEST

SUITE("answer", a_control_is_told_with_place_time_and_contact, an_answer_proves_delivery_from_every_state_of_doubt,
      what_is_not_signed_by_the_peer_is_kept_and_refused, a_changed_document_is_refused_and_kept_as_it_came,
      an_enveloped_signature_is_read_too, unsigned_answers_are_taken_where_the_agreement_says_so,
      it_ties_by_reference_then_conversation_then_customs_id, nobody_answers_for_another_peer, what_cannot_be_tied_is_kept_and_told,
      two_containers_make_two_notices, a_repeat_does_nothing_again, other_octets_under_the_same_reference_are_kept_and_marked,
      a_release_lifts_what_stood_for_the_same_declaration, a_control_that_comes_after_its_release_is_lifted_at_once,
      controls_stand_beside_one_another_and_others_lift_nothing, a_cancelled_report_stops_no_box,
      a_notice_nobody_acknowledges_goes_from_contact_to_contact, a_deadline_before_the_usual_wait_counts)
