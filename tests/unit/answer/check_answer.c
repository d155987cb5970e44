/* What customs sends is verified, kept, tied and told; what is wrong with it is kept and told too. */
#include "place.h"

#include "lib/crypto/digest.h"
#include "store/container.h"
#include "store/view.h"

#define CONTROL(tail) \
	"<AdditionalInformation><StatementCode>X-CONTROL</StatementCode><StatementDescription>Unpacking. Do not open. " tail "</StatementDescription>" \
	"<LimitDateTime><r:DateTimeString formatCode=\"304\">20160204160000Z</r:DateTimeString></LimitDateTime>" \
	"<StatementTypeCode>ACB</StatementTypeCode></AdditionalInformation>" \
	"<ContactOffice><ID>NL000511</ID><Communication><ID>+31881234567</ID><TypeCode>TE</TypeCode></Communication></ContactOffice>"

static void str_at(struct place *p, const struct notice_row *row, const char *path, const char *wanted)
{
	const struct json *value = json_path(json_of(p, row->content), path);
	const char *text = json_scalar(value);
	if (!text_equal(text, wanted))
		ck_abort_msg("%s is \"%s\", not \"%s\": %s", path, text ? text : "(nothing)", wanted ? wanted : "(nothing)", row->content);
}

static bool has_block(struct place *p, const struct notice_row *row, const char *block)
{
	bool found = false;
	for (struct json_iter it = json_iter(json_path(json_of(p, row->content), "action.blocks")); json_next(&it);)
		found |= text_equal(json_text(it.value), block);
	return found;
}

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
	struct arrived arrived = { &p.agreements[0], bytes_of_text(changed), NULL, "conv", buffer_text(&header) };
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

/* ---- errors lead to what wrote them ---- */

START_TEST(an_error_is_told_at_its_source)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct wire w = { "03", "a", NULL,
		"<Error><ValidationCode>CDS12014</ValidationCode><Pointer><DocumentSectionCode>42A</DocumentSectionCode><TagID>D013</TagID></Pointer></Error>"
		"<Error><ValidationCode>CDS12056</ValidationCode><Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>42A</DocumentSectionCode></Pointer>"
		"<Pointer><SequenceNumeric>2</SequenceNumeric><DocumentSectionCode>03A</DocumentSectionCode><TagID>226</TagID></Pointer></Error>"
		"<Error><ValidationCode>CDS12070</ValidationCode><Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer>"
		"<Pointer><DocumentSectionCode>67A</DocumentSectionCode></Pointer><Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>68A</DocumentSectionCode></Pointer></Error>"
		"<Error><Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer><Pointer><SequenceNumeric>2</SequenceNumeric><DocumentSectionCode>03A</DocumentSectionCode></Pointer></Error>"
		"<Error><Pointer><DocumentSectionCode>42A</DocumentSectionCode><TagID>D011</TagID></Pointer></Error>"
		"<Error><Pointer><DocumentSectionCode>07B</DocumentSectionCode></Pointer></Error>",
		REPORT, "16NL1", NULL };
	struct taken taken = take(&p, &w);
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "rejected");
	str_at(&p, &row, "errors.0.pointer", "42A/D013");
	str_at(&p, &row, "errors.0.element", "Declaration/TypeCode");
	str_at(&p, &row, "errors.0.source", "agreement.type_code");
	str_at(&p, &row, "errors.1.pointer", "42A/03A(2)/226");
	str_at(&p, &row, "errors.1.source", "events.0.type");
	ck_assert_ptr_nonnull(json_path_text(json_of(&p, row.content), "errors.1.event"));
	str_at(&p, &row, "errors.2.element", "Declaration/GoodsShipment");
	ck_assert_ptr_nonnull(json_path_text(json_of(&p, row.content), "errors.2.near"));
	str_at(&p, &row, "errors.3.element", "Declaration/AdditionalInformation[2]");
	str_at(&p, &row, "errors.3.near", NULL);
	str_at(&p, &row, "errors.4.element", "Declaration/IssueDateTime/DateTimeString");
	str_at(&p, &row, "errors.4.source", "message.issued");
	str_at(&p, &row, "errors.5.element", NULL);
	ck_assert_ptr_nonnull(strstr(json_path_text(json_of(&p, row.content), "errors.0.mapping"), "integrity-report/document.xml:"));
	place_close(&p);
}
END_TEST

static int forget_set(struct db *db, void *context, struct error *error)
{
	return db_run(db, error, "update message set set_digest = $1", "t", context);
}

START_TEST(an_error_is_told_with_the_set_that_made_the_message)
{
	PLACE(p);
	struct wire w = { "03", "a", NULL,
		"<Error><ValidationCode>CDS12014</ValidationCode><Pointer><DocumentSectionCode>42A</DocumentSectionCode><TagID>D013</TagID></Pointer></Error>", REPORT, "16NL1", NULL };
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	/* an older set: the same mappings and one code list more */
	struct map_set *older;
	char command[400];
	const char *copy = place_file(&p, "older");
	snprintf(command, sizeof command, "cp -r '%s/mappings' '%s' && printf '# source: a test\\na,b\\n1,2\\n' > '%s/codes/more.csv'", SOURCE_DIR, copy, copy);
	ck_assert_int_eq(system(command), 0);
	must_succeed(map_set_load(copy, SOURCE_DIR "/schemas", p.arena, NULL, &older, error));
	ck_assert_str_ne(map_set_digest(older), map_set_digest(p.set));
	must_succeed(store_write(p.store, forget_set, arena_text(p.arena, map_set_digest(older)), error));
	struct taken taken = take(&p, &w);
	struct notice_row row = notice_at(&p, &taken, 0);
	str_at(&p, &row, "errors.0.element", NULL);   /* not kept: told without */
	ck_assert_ptr_nonnull(strstr(row.content, "cannot be told"));
	must_succeed(map_set_keep(p.settings.kept_sets, older, error));
	w.own = "b";
	taken = take(&p, &w);
	row = notice_at(&p, &taken, 0);
	str_at(&p, &row, "errors.0.source", "agreement.type_code");
	map_set_free(&older);
	place_close(&p);
}
END_TEST

START_TEST(faults_beside_a_yes_are_warnings)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct wire w = { "01", "a", NULL, "<Error><Description>odd</Description><ValidationCode>CDS13000</ValidationCode></Error>", REPORT, "16NL1", NULL };
	struct taken taken = take(&p, &w);
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "accepted");
	str_at(&p, &row, "warnings.0.code", "CDS13000");
	ck_assert_uint_eq(json_count(json_path(json_of(&p, row.content), "errors")), 0);
	place_close(&p);
}
END_TEST

START_TEST(every_function_code_has_its_meaning)
{
	static const struct {
		const char *code, *inside, *kind, *who, *block, *answerable, *member, *value;
	} cases[] = {
		{ "01", NULL, "accepted", NULL, NULL, NULL, NULL, NULL },
		{ "02", NULL, "registered", NULL, NULL, NULL, NULL, NULL },
		{ "03", NULL, "rejected", "filer", NULL, NULL, NULL, NULL },
		{ "05", NULL, "control", "terminal", "gate_out", NULL, NULL, NULL },
		{ "5", NULL, "control", "terminal", "move", NULL, NULL, NULL },
		{ "06", NULL, "documents_requested", "declarant", NULL, "portal", NULL, NULL },
		{ "07", NULL, "amended", "broker", NULL, NULL, NULL, NULL },
		{ "08", NULL, "release", NULL, NULL, NULL, "final", "false" },
		{ "09", NULL, "release", NULL, NULL, NULL, "final", "true" },
		{ "10", NULL, "cancelled", "terminal", "load", NULL, NULL, NULL },
		{ "11", NULL, "decision", NULL, NULL, NULL, "decision", "held" },
		{ "11", "<Status><NameCode>39</NameCode></Status>", "decision", NULL, NULL, NULL, "decision", "granted" },
		{ "11", "<Error/>", "decision", NULL, NULL, NULL, "decision", "held" },
		{ "11", "<Error><ValidationCode>X</ValidationCode></Error><Status><NameCode>39</NameCode></Status>", "rejected", "filer", NULL, NULL, "decision", NULL },
		{ "13", NULL, "information", NULL, NULL, NULL, NULL, NULL },
		{ "14", NULL, "payment_due", "declarant", NULL, NULL, NULL, NULL },
		{ "15", NULL, "payment_due", "declarant", NULL, NULL, NULL, NULL },
		{ "16", NULL, "exited", NULL, NULL, NULL, NULL, NULL },
		{ "17", NULL, "manual_handling", NULL, NULL, NULL, NULL, NULL },
		{ "18", NULL, "proof_of_exit_due", "exporter", NULL, NULL, NULL, NULL },
		{ "50", NULL, "hold", NULL, NULL, NULL, NULL, NULL },
		{ "51", NULL, "question", "declarant", NULL, "portal", NULL, NULL },
		{ "99", NULL, "information", NULL, NULL, NULL, NULL, NULL },
	};
	PLACE(p);
	place_journey(&p, "J-1", BOX, "{}");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wire w = { cases[i].code, arena_printf(p.arena, "f%zu", i), NULL, cases[i].inside, NULL, arena_printf(p.arena, "M%zu", i), BOX };
		struct taken taken = take(&p, &w);
		struct notice_row row = notice_at(&p, &taken, 0);
		if (!text_equal(row.kind, cases[i].kind))
			ck_abort_msg("%s is %s", cases[i].code, row.kind);
		str_at(&p, &row, "action.who", cases[i].who);
		str_at(&p, &row, "answerable", cases[i].answerable);
		str_at(&p, &row, "journey", "J-1");
		if (cases[i].block ? !has_block(&p, &row, cases[i].block) : json_count(json_path(json_of(&p, row.content), "action.blocks")) != 0)
			ck_abort_msg("%s blocks otherwise: %s", cases[i].code, row.content);
		if (cases[i].member)
			str_at(&p, &row, cases[i].member, cases[i].value);
	}
	place_close(&p);
}
END_TEST

START_TEST(the_catalog_of_schemas_is_true)
{
	ARENA_AUTO arena = arena_new();
	char *catalog, **names;
	size_t files = 0;
	must_succeed(file_read_text(SOURCE_DIR "/schemas/wco-dms/CATALOG", arena, &catalog, error));
	must_succeed(file_list(SOURCE_DIR "/schemas/wco-dms", arena, &names, error));
	for (; *names; names++) {
		char *octets, hex[DIGEST_HEX_SIZE];
		if (text_equal(*names, "CATALOG"))
			continue;
		must_succeed(file_read_text(file_path(arena, SOURCE_DIR "/schemas/wco-dms", *names), arena, &octets, error));
		const char *line = arena_printf(arena, "\n%s %s own writing", *names, digest_sha256_hex(bytes_of_text(octets), hex));
		if (!strstr(catalog, line))
			ck_abort_msg("CATALOG should have the line \"%s; ...\"", line + 1);
		files++;
	}
	ck_assert_uint_ge(files, 6);
}
END_TEST

/* ---- secrecy ---- */

struct viewing {
	struct viewer viewer;
	struct arena *arena;
	const struct document_row *document;
	struct json *shown;
};

static int view_it(struct db *db, void *context, struct error *error)
{
	struct viewing *v = context;
	return view_document(db, v->arena, &v->viewer, v->document, &v->shown, error);
}

static bool sees_document(struct place *p, enum role role, const struct document_row *document)
{
	struct viewing v = { { &p->settings, "port-1", 1u << role }, p->arena, document, NULL };
	must_succeed(store_read(p->store, view_it, &v, error));
	return v.shown != NULL;
}

START_TEST(the_peer_may_raise_secrecy_and_never_lower_it)
{
	static const struct {
		const char *code, *tail, *wanted;
	} cases[] = {
		{ "05", "disclose=open", "restricted" }, { "05", "disclose=covert", "covert" }, { "05", "disclose=restricted", "restricted" },
		{ "13", "disclose=restricted", "restricted" }, { "13", "disclose=secret", "restricted" }, { "13", "disclose=", "open" },
		{ "13", "disclose=open disclose=covert", "restricted" }, { "13", "DISCLOSE=covert", "open" }, { "02", "disclose=covert", "covert" },
	};
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	place_journey(&p, "J-1", BOX, "{\"owner\":\"port-1\",\"owners\":[\"port-1\"],\"contacts\":[{\"owner\":\"port-1\"}]}");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *inside = arena_printf(p.arena, "<AdditionalInformation><StatementDescription>Words. %s</StatementDescription></AdditionalInformation>", cases[i].tail);
		struct wire w = { cases[i].code, arena_printf(p.arena, "s%zu", i), NULL, inside, REPORT, NULL, NULL };
		struct taken taken = take(&p, &w);
		struct notice_row row = notice_at(&p, &taken, 0);
		if (!text_equal(row.disclosure, cases[i].wanted))
			ck_abort_msg("%s %s gives %s", cases[i].code, cases[i].tail, row.disclosure);
		str_at(&p, &row, "disclosure", cases[i].wanted);
		if (!text_equal(row.disclosure, "covert")) {
			struct document_row document = document_now(&p, taken.document);
			ck_assert(sees_document(&p, ROLE_SECURITY, &document));
		} else {
			ck_assert_int_eq(row.escalate, CLOCK_NONE);
			struct document_row document = document_now(&p, taken.document);
			ck_assert(!sees_document(&p, ROLE_SECURITY, &document));  /* named persons alone */
			ck_assert(sees_document(&p, ROLE_ADMIN, &document));
		}
	}
	place_close(&p);
}
END_TEST

/* ---- hostile ---- */

START_TEST(hostile_tails_lose_no_control)
{
	static const struct {
		const char *text, *scheduled, *name;
	} cases[] = {
		{ "Do. from=20160204T1200Z officer=a%3Db", "2016-02-04T12:00:00Z", "a=b" },
		{ "Do. from=99999999T9999Z officer=x", NULL, "x" },
		{ "Do. from=20160204T1200Z from=20160205T1200Z", NULL, NULL },
		{ "Do. from=20160204T1200Z from=20160204T1200Z from=20160204T1200Z", NULL, NULL },
		{ "from=20160204T1200Z Do. officer=x", NULL, "x" },
		{ "Do. officer=%00%01", NULL, NULL },
		{ "Do. officer=%0Afrom=20160204T1200Z", NULL, NULL },
		{ "Do. officer=%C3%28", NULL, NULL },
		{ "Do. officer=%C3%A9", NULL, "\xc3\xa9" },
		{ "Do. officer=%zz from=20160204T1200Z", "2016-02-04T12:00:00Z", NULL },
		{ "Do. offi%63er=x", NULL, NULL },
		{ "Do. officer=\xef\xbc\x9d", NULL, NULL },
		{ "officer=only", NULL, "only" },
		{ "Do. =x officer=y", NULL, "y" },
		{ "Do.\xc2\xa0officer=x", NULL, NULL },
	};
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *inside = arena_printf(p.arena, "<AdditionalInformation><StatementCode>X-CONTROL</StatementCode><StatementDescription>%s"
		                                  "</StatementDescription></AdditionalInformation>", cases[i].text);
		struct wire w = { "05", arena_printf(p.arena, "h%zu", i), NULL, inside, REPORT, NULL, NULL };
		struct taken taken = take(&p, &w);
		ck_assert_str_eq(taken.state, "tied");
		struct notice_row row = notice_at(&p, &taken, 0);
		str_at(&p, &row, "scheduled", cases[i].scheduled);
		str_at(&p, &row, "office.contact.0.name", cases[i].name);
	}
	place_close(&p);
}
END_TEST

START_TEST(hostile_documents_are_refused_and_kept)
{
	PLACE(p);
	BUFFER_AUTO deep = { 0 };
	BUFFER_AUTO wide = { 0 };
	for (int i = 0; i < 5000; i++)
		buffer_add_text(&deep, "<a>");
	buffer_add_text(&wide, "<a");
	for (int i = 0; i < 5000; i++)
		buffer_printf(&wide, " a%d='x'", i);
	buffer_add_text(&wide, "/>");
	const char *const documents[] = {
		"", "not xml", "<a>", "\xff\xfe<\0a\0>\0", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", buffer_text(&deep), buffer_text(&wide),
		"<md:MetaData " NAMESPACES "/>", "<md:MetaData " NAMESPACES "><Response/></md:MetaData>",
		"<md:MetaData " NAMESPACES "><Response><FunctionCode>055</FunctionCode><Declaration/></Response></md:MetaData>",
		"<md:MetaData " NAMESPACES "><Response><FunctionCode>05</FunctionCode></Response></md:MetaData>",
		"<MetaData><Response><FunctionCode>05</FunctionCode><Declaration/></Response></MetaData>",
		"<errorResponse><code>BAD_REQUEST</code></errorResponse>",
	};
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		struct taken taken = take_signed(&p, 0, 0, documents[i], NULL);
		if (!text_equal(taken.state, "refused") || !*taken.why.text || error_code_class(taken.why.code) != ERROR_CLASS_PERM)
			ck_abort_msg("document %zu is %s: %s", i, taken.state, taken.why.text);
		ck_assert_str_eq(document_now(&p, taken.document).state, "refused");
	}
	ck_assert_int_eq(count_now(&p, "select count(*) from notice"), 0);
	ck_assert_int_eq(count_now(&p, "select count(*) from document"), (int64_t)(sizeof documents / sizeof *documents));
	place_close(&p);
}
END_TEST

START_TEST(too_much_detail_is_left_out_of_the_notice_and_kept_in_the_document)
{
	PLACE(p);
	BUFFER_AUTO many = { 0 };
	for (int i = 0; i < 9000; i++)
		buffer_printf(&many, "<AdditionalInformation><StatementCode>S%d</StatementCode><StatementDescription>%0500d</StatementDescription></AdditionalInformation>", i, i);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct wire w = { "05", "big", NULL, buffer_text(&many), REPORT, "16NL1", NULL };
	struct taken taken = take(&p, &w);
	ck_assert_str_eq(taken.state, "tied");
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "control");
	ck_assert_ptr_null(json_path(json_of(&p, row.content), "statements"));
	ck_assert_ptr_nonnull(strstr(row.content, "too much to be shown here"));
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
      what_is_not_signed_by_the_peer_is_kept_and_refused, a_changed_document_is_refused_and_kept_as_it_came, an_enveloped_signature_is_read_too,
      unsigned_answers_are_taken_where_the_agreement_says_so, it_ties_by_reference_then_conversation_then_customs_id, nobody_answers_for_another_peer,
      what_cannot_be_tied_is_kept_and_told, two_containers_make_two_notices, a_repeat_does_nothing_again,
      other_octets_under_the_same_reference_are_kept_and_marked, a_release_lifts_what_stood_for_the_same_declaration,
      a_control_that_comes_after_its_release_is_lifted_at_once, controls_stand_beside_one_another_and_others_lift_nothing,
      a_cancelled_report_stops_no_box, an_error_is_told_at_its_source, an_error_is_told_with_the_set_that_made_the_message,
      faults_beside_a_yes_are_warnings, every_function_code_has_its_meaning, the_catalog_of_schemas_is_true, the_peer_may_raise_secrecy_and_never_lower_it, hostile_tails_lose_no_control, hostile_documents_are_refused_and_kept,
      too_much_detail_is_left_out_of_the_notice_and_kept_in_the_document, a_notice_nobody_acknowledges_goes_from_contact_to_contact,
      a_deadline_before_the_usual_wait_counts)
