/* The hub as a trader meets it that does everything right: reports, questions, replies, controls; repeats; pings; pulls; and what is
 * left after the hub was started anew. */
#include <string.h>
#include <unistd.h>

#include "hub_stand.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/json/json.h"


static const char *golden(struct hub_stand *h)
{
	return sample(&h->stand, "integrity-report", NULL, NULL);
}

/* Another report than the sample: its reference ends in `end` (3 characters). */
static const char *another(struct hub_stand *h, const char *end)
{
	return sample(&h->stand, "integrity-report", "XH1RNE", arena_printf(h->stand.arena, "XH1%s", end));
}

static void report(struct hub_stand *h, const char *document)
{
	struct as4_header header;
	report_begin(h, "SCI001", &header);
	deliver_document(h, &header, document);
}

static void expect_pushed(struct hub_stand *h, size_t n, const char *action, const char *kinds)
{
	ck_assert_int_eq(h->pushed[n].refused, EBMS_NONE);
	ck_assert_str_eq(h->pushed[n].action, action);
	ck_assert_str_eq(notice_kinds(h, h->pushed[n].document), kinds);
}

static void whole_exchange(const char *keys)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", keys, true, "");
	report_begin(&h, "SCI001", &header);
	header.user.collaboration.conversation = "conversation-1";
	deliver_document(&h, &header, golden(&h));
	wait_pushed(&h, 1);
	expect_pushed(&h, 0, "IE3Q02", "question");
	ck_assert_str_eq(h.pushed[0].ref_to, header.message_id);
	ck_assert_str_eq(h.pushed[0].conversation, "conversation-1");
	const struct json *question = json_at(notices_of(&h, h.pushed[0].document), 0);
	ck_assert_str_eq(json_path_text(question, "mrn"), MRN);
	ck_assert_str_eq(json_path_text(question, "scope.bills.0.number"), "COSU6301234567");
	ck_assert_ptr_nonnull(strstr(json_path_text(question, "text"), REPORT));
	ck_assert_ptr_nonnull(strstr(json_path_text(question, "text"), "CSQU3054383"));
	reply_begin(&h, &header);
	deliver_document(&h, &header, reply_to(&h, MRN, json_path_text(question, "reference"), NULL));
	wait_pushed(&h, 2);
	expect_pushed(&h, 1, "IE3N08", "control");
	ck_assert_str_eq(h.pushed[1].ref_to, header.message_id);
	const struct json *control = json_at(notices_of(&h, h.pushed[1].document), 0);
	ck_assert_str_eq(json_path_text(control, "scope.containers.0"), "CSQU3054383");
	ck_assert_str_eq(json_path_text(control, "place.code"), "NLRTMRIT");
	ck_assert_str_eq(json_path_text(control, "scheduled"), "2016-02-20T11:00:00Z");   /* X-CALL: eta=20160220T0400Z */
	expect_no_more_pushed(&h, 2, 400);
	wait_journal(&h, "\"what\":\"receipt\"", h.pushed[1].id);
	ck_assert_uint_eq(journal_count(&h, "\"what\":\"receipt\""), 2);
	hub_down(&h);
}

START_TEST(a_report_gets_a_question_and_its_reply_a_control)
{
	whole_exchange("p256");
}
END_TEST

START_TEST(the_algorithm_of_ics2_is_the_default)
{
	whole_exchange("rsa2048");
}
END_TEST

START_TEST(an_assurance_and_a_retraction_complete_the_assessment)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "registered", "p256", true, "");
	report_begin(&h, "SCA001", &header);
	deliver_document(&h, &header, sample(&h.stand, "assurance", NULL, NULL));
	wait_pushed(&h, 2);
	expect_pushed(&h, 0, "IE3R01", "registered");
	expect_pushed(&h, 1, "IE3N03", "assessment_complete");
	report(&h, sample(&h.stand, "integrity-report", "<StatementCode>DOOROPEN", "<StatementCode>RETRACTED"));
	wait_pushed(&h, 4);
	expect_pushed(&h, 3, "IE3N03", "assessment_complete");
	hub_down(&h);
}
END_TEST

/* What R01 gives as MRN is the identifier that a withdrawal has to name. */
START_TEST(what_was_registered_can_be_withdrawn_once)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "registered", "p256", true, "");
	report(&h, golden(&h));
	wait_pushed(&h, 2);
	expect_pushed(&h, 0, "IE3R01", "registered");
	const char *id = between(&h, h.pushed[0].document, "<MRN>", "</MRN>");
	const char *sample_id = between(&h, sample(&h.stand, "withdrawal", NULL, NULL), "<ID>", "</ID>");
	for (size_t i = 0; i < 2; i++) {
		report_begin(&h, "SCW001", &header);
		deliver_document(&h, &header, sample(&h.stand, "withdrawal", sample_id, id));
		wait_pushed(&h, 3 + i);
		expect_pushed(&h, 2 + i, i ? "IE3N01" : "IE3R07", i ? "rejected" : "invalidated");
	}
	report_begin(&h, "SCR001", &header);
	deliver_document(&h, &header, sample(&h.stand, "arrival", NULL, NULL));
	wait_pushed(&h, 5);
	expect_pushed(&h, 4, "IE3R04", "accepted");
	hub_down(&h);
}
END_TEST

START_TEST(do_not_load_comes_first_and_the_end_of_the_assessment_last)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "do-not-load,assessment-complete", "p256", true, "");
	report(&h, golden(&h));
	wait_pushed(&h, 2);
	expect_pushed(&h, 0, "IE3Q01", "do_not_load");
	expect_pushed(&h, 1, "IE3Q02", "question");
	reply_begin(&h, &header);
	deliver_document(&h, &header, reply_to(&h, MRN, between(&h, h.pushed[1].document, "<referralRequestReference>", "<"), NULL));
	wait_pushed(&h, 4);
	expect_pushed(&h, 2, "IE3N08", "control");
	expect_pushed(&h, 3, "IE3N03", "assessment_complete");
	hub_down(&h);
}
END_TEST

/* What stands in a document is answered by a document (ICS2 ICD 4.5.3), under a receipt. */
START_TEST(documents_that_do_not_hold_get_an_error_document)
{
	static const struct {
		const char *action, *kind, *from, *to, *answer, *words;
	} table[] = {
		{ "SCI001", "integrity-report", "<FunctionCode>9", "<FunctionCode>nine", "IE3N99", "<LRN>" REPORT },
		{ "SCA001", "integrity-report", NULL, NULL, "IE3N99", "does not go with action" },
		{ "SCI001", "integrity-report", "sev=high", "sev=", "IE3N99", "severe" },
		{ "SCI001", "integrity-report", "CSQU3054383", "CSQU3054384", "IE3N99", "check digit" },
		{ "SCW001", "withdrawal", NULL, NULL, "IE3N01", "identifier" },
	};
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", "p256", true, "");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		report_begin(&h, table[i].action, &header);
		deliver_document(&h, &header, sample(&h.stand, table[i].kind, table[i].from, table[i].to));
		wait_pushed(&h, i + 1);
		expect_pushed(&h, i, table[i].answer, "rejected");
		ck_assert_str_eq(h.pushed[i].ref_to, header.message_id);
		if (!strstr(h.pushed[i].document, table[i].words))
			ck_abort_msg("\"%s\" is not in %s", table[i].words, h.pushed[i].document);
	}
	hub_down(&h);
}
END_TEST

START_TEST(replies_that_do_not_fit_get_an_error_document)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", "p256", true, "");
	report(&h, golden(&h));
	wait_pushed(&h, 1);
	const char *reference = between(&h, h.pushed[0].document, "<referralRequestReference>", "<");
	const struct {
		const char *document, *answer, *words;
	} table[] = {
		{ reply_to(&h, MRN, "Q-unknown", NULL), "IE3N99", "nobody asked" },
		{ reply_to(&h, "26NL0005101X7K2LF7", reference, NULL), "IE3N99", "is about MRN" },
		{ reply_to(&h, MRN, reference, "lost.pdf"), "IE3N99", "is no part" },
		{ "<IE3R02 xmlns=\"urn:wco:datamodel:eu:ics2:2\"><MRN>" MRN "</MRN></IE3R02>", "IE3N99", "MRN" },
		{ reply_to(&h, MRN, reference, NULL), "IE3N08", "CSQU3054383" },
		{ reply_to(&h, MRN, reference, NULL), "IE3N01", "answered before" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		reply_begin(&h, &header);
		deliver_document(&h, &header, table[i].document);
		wait_pushed(&h, i + 2);
		ck_assert_str_eq(h.pushed[i + 1].action, table[i].answer);
		ck_assert_ptr_nonnull(strstr(h.pushed[i + 1].document, table[i].words));
	}
	hub_down(&h);
}
END_TEST

/* A file travels under the identification that the document gives it. */
START_TEST(a_reply_brings_files)
{
	static const struct bytes picture = { (const uint8_t *)"%PDF-1.7", 8 };
	struct hub_stand h;
	struct as4_header header;
	LETTER(l);
	hub_up(&h, "good", "p256", true, "");
	report(&h, golden(&h));
	wait_pushed(&h, 1);
	const char *document = reply_to(&h, MRN, between(&h, h.pushed[0].document, "<referralRequestReference>", "<"), "record.pdf");
	struct bytes octets = bytes_of_text(document);
	struct blob blobs[] = { blob_of_bytes(&octets), blob_of_bytes(&picture) };
	struct as4_payload payloads[] = { { .cid = "document@trader", .mime_type = "application/xml", .content = &blobs[0] },
		                          { .cid = "record.pdf", .mime_type = "application/pdf", .content = &blobs[1] } };
	reply_begin(&h, &header);
	must_succeed(letter_pack(h.stand.arena, &h.trader, &header, payloads, 2, &l, error));
	struct http_outcome o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	wait_pushed(&h, 2);
	ck_assert_str_eq(h.pushed[1].action, "IE3N08");
	hub_down(&h);
}
END_TEST

/* The detached signature beside a report is verified too. */
START_TEST(a_report_may_bring_its_signature)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", "p256", true, "");
	must_succeed(key_write(h.trader.key, stand_file(&h.stand, "trader.key"), error));
	must_succeed(certificate_write(h.peers.trader.chain, stand_file(&h.stand, "trader.pem"), error));
	SIGNER_AUTO signer = NULL;
	must_succeed(signer_open(stand_file(&h.stand, "trader.key"), stand_file(&h.stand, "trader.pem"), false, &signer, error));
	for (size_t i = 0; i < 2; i++) {
		LETTER(l);
		BUFFER_AUTO signature = { 0 };
		struct bytes document = bytes_of_text(another(&h, i ? "AAA" : "BBB")), signed_one = bytes_of_text(another(&h, "AAA"));
		must_succeed(sign_detached(signer, signed_one, "report.xml", NOW, &signature, error));
		struct bytes octets = buffer_bytes(&signature);
		struct blob blobs[] = { blob_of_bytes(&document), blob_of_bytes(&octets) };
		static const struct as4_property purpose = { "Purpose", NULL, "signature", NULL };
		struct as4_payload payloads[] = { { .mime_type = "application/xml", .content = &blobs[0] },
			                          { .mime_type = "application/xml", .properties = &purpose, .content = &blobs[1] } };
		report_begin(&h, "SCI001", &header);
		must_succeed(letter_pack(h.stand.arena, &h.trader, &header, payloads, 2, &l, error));
		struct http_outcome o = send_letter(&h, &l);
		expect_receipt(&h, &o, &l);
		wait_pushed(&h, i + 1);
		ck_assert_str_eq(h.pushed[i].action, i ? "IE3Q02" : "IE3N99");
	}
	hub_down(&h);
}
END_TEST

/* ---- reliability ---- */

START_TEST(a_repeat_gets_the_stored_receipt_and_takes_effect_once)
{
	struct hub_stand h;
	struct as4_header header;
	LETTER(l);
	LETTER(changed);
	hub_up(&h, "good", "p256", true, "");
	report_begin(&h, "SCI001", &header);
	letter_to_hub(&h, &header, golden(&h), &l);
	struct http_outcome first = send_letter(&h, &l), second = send_letter(&h, &l);
	expect_receipt(&h, &first, &l);
	ck_assert(bytes_equal(first.body, second.body));
	wait_pushed(&h, 1);
	wait_journal(&h, "\"what\":\"receipt\"", h.pushed[0].id);
	hub_again(&h);
	second = send_letter(&h, &l);
	ck_assert(bytes_equal(first.body, second.body));
	expect_no_more_pushed(&h, 1, 400);
	letter_to_hub(&h, &header, another(&h, "XXX"), &changed);
	struct http_outcome o = send_letter(&h, &changed);
	expect_error(&h, &o, EBMS_OTHER);
	ck_assert(journal_has(&h, "\"rule\":\"same-id\"", header.message_id));
	hub_down(&h);
}
END_TEST

START_TEST(what_was_not_receipted_is_pushed_on_after_a_new_start)
{
	struct hub_stand h;
	hub_up(&h, "good", "p256", true, "");
	h.mood = TRADER_SILENT;
	h.moody = 1;
	report(&h, golden(&h));
	wait_pushed(&h, 1);
	hub_again(&h);
	wait_pushed(&h, 2);
	wait_journal(&h, "\"what\":\"receipt\"", h.pushed[1].id);
	ck_assert_str_eq(h.pushed[0].id, h.pushed[1].id);
	ck_assert_uint_eq(h.pushed[0].size, h.pushed[1].size);
	ck_assert_int_eq(memcmp(h.pushed[0].octets, h.pushed[1].octets, h.pushed[0].size), 0);
	ck_assert_str_eq(h.pushed[0].content_type, h.pushed[1].content_type);
	expect_no_more_pushed(&h, 2, 600);
	hub_again(&h);
	expect_no_more_pushed(&h, 2, 300);
	hub_down(&h);
}
END_TEST

/* The end of the process in the middle of a line: what the line would have said did not happen; the journal goes on behind it. */
START_TEST(a_line_that_was_cut_off_did_not_happen)
{
	struct hub_stand h;
	BUFFER_AUTO text = { 0 };
	hub_up(&h, "good", "p256", true, "");
	report(&h, golden(&h));
	wait_pushed(&h, 1);
	wait_journal(&h, "\"what\":\"receipt\"", h.pushed[0].id);
	sandbox_stop(&h.stand.sandbox);
	const char *path = stand_file(&h.stand, "hub/journal.jsonl");
	must_succeed(file_read(path, &text, error));
	buffer_add_text(&text, "{\"at\":\"2016-02-03T01:48:21Z\",\"what\":\"taken\",\"peer\":\"trader\",\"message\":\"x@y\",\"out\":[{\"name");
	must_succeed(file_write(path, buffer_bytes(&text), 0644, error));
	must_succeed(sandbox_start(h.stand.setup, &h.stand.sandbox, error));
	report(&h, another(&h, "AAA"));
	wait_pushed(&h, 2);
	wait_journal(&h, "\"what\":\"receipt\"", h.pushed[1].id);
	hub_again(&h);
	expect_no_more_pushed(&h, 2, 300);
	ck_assert_ptr_nonnull(strstr(report_text(&h), "It sent: 2 messages taken"));
	hub_down(&h);
}
END_TEST

START_TEST(a_store_has_one_hub)
{
	struct hub_stand h;
	struct sandbox *second;
	hub_up(&h, "good", "p256", true, "");
	must_fail(sandbox_start(h.stand.setup, &second, error), CONFLICT);
	hub_down(&h);
}
END_TEST

START_TEST(a_ping_has_a_receipt_and_no_effect)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", "p256", true, "");
	report_begin(&h, TEST_ACTION, &header);
	header.user.collaboration.service = TEST_SERVICE;
	deliver_document(&h, &header, "<ping/>");
	expect_no_more_pushed(&h, 0, 200);
	ck_assert(journal_has(&h, "\"action\":\"ping\"", "\"what\":\"taken\""));
	hub_down(&h);
}
END_TEST

/* ---- pulls ---- */

static struct as4_incoming *pulled(struct hub_stand *h, const struct http_outcome *o)
{
	struct as4_mode mode = h->trader;
	struct as4_incoming *in;
	enum ebms_code code;
	mode.collaboration.service = "eu_ics2_c2t";
	mode.collaboration.action = NULL;
	mode.mpc = MPC;
	ck_assert_int_eq(o->status, 200);
	must_succeed(take_octets(h->stand.arena, &mode, http_header_find(o->headers, o->n_headers, "Content-Type"), o->body, &in, &code, error));
	ck_assert_int_eq(in->header.kind, AS4_USER);
	return in;
}

static struct http_outcome confirm(struct hub_stand *h, const struct as4_incoming *in)
{
	LETTER(l);
	struct as4_header header;
	as4_receipt_for(in, as4_message_id(h->stand.arena, "trader.example"), NOW, &header);
	must_succeed(letter_pack(h->stand.arena, &h->trader, &header, NULL, 0, &l, error));
	return send_letter(h, &l);
}

/* eDelivery AS4 1.15, 1.5.5.4: oldest first; what was pulled a moment ago is not given again; then it is; a receipt ends it. */
START_TEST(pulls_go_through_the_states_of_edelivery)
{
	struct hub_stand h;
	hub_up(&h, "good", "p256", false, "");
	struct http_outcome o = pull(&h, &h.trader, MPC);
	expect_error(&h, &o, EBMS_EMPTY_CHANNEL);
	report(&h, another(&h, "AAA"));
	report(&h, another(&h, "BBB"));
	usleep(50000);
	o = pull(&h, &h.trader, MPC);
	struct as4_incoming *first = pulled(&h, &o);
	o = pull(&h, &h.trader, MPC);
	struct as4_incoming *second = pulled(&h, &o);
	ck_assert_str_ne(first->header.message_id, second->header.message_id);
	o = pull(&h, &h.trader, MPC);
	expect_error(&h, &o, EBMS_EMPTY_CHANNEL);
	o = confirm(&h, second);
	ck_assert_int_eq(o.status, 202);
	usleep(250000);
	o = pull(&h, &h.trader, MPC);
	ck_assert_str_eq(pulled(&h, &o)->header.message_id, first->header.message_id);
	o = pull(&h, &h.trader, MPC);
	expect_error(&h, &o, EBMS_EMPTY_CHANNEL);
	o = confirm(&h, first);
	ck_assert_int_eq(o.status, 202);
	usleep(250000);
	hub_again(&h);
	o = pull(&h, &h.trader, MPC);
	expect_error(&h, &o, EBMS_EMPTY_CHANNEL);
	hub_down(&h);
}
END_TEST

START_TEST(what_is_pulled_too_often_has_failed_and_a_late_receipt_counts)
{
	struct hub_stand h;
	struct as4_incoming *in = NULL;
	hub_up(&h, "good", "p256", false, "");
	report(&h, golden(&h));
	for (size_t i = 0; i < 3; i++) {
		usleep(250000);
		struct http_outcome o = pull(&h, &h.trader, MPC);
		in = pulled(&h, &o);
	}
	usleep(300000);
	struct http_outcome o = pull(&h, &h.trader, MPC);
	expect_error(&h, &o, EBMS_EMPTY_CHANNEL);
	ck_assert(journal_has(&h, "\"what\":\"failed\"", "EBMS:0301"));
	o = confirm(&h, in);
	ck_assert_int_eq(o.status, 202);
	ck_assert(journal_has(&h, "\"what\":\"receipt\"", in->header.message_id));
	hub_down(&h);
}
END_TEST

START_TEST(only_the_owner_of_a_channel_may_pull)
{
	struct hub_stand h;
	hub_up(&h, "good", "p256", false, "");
	report(&h, golden(&h));
	usleep(50000);
	struct as4_mode hub_key = h.trader;
	hub_key.key = h.peers.hub.key;
	hub_key.chain = h.peers.hub.chain;
	struct http_outcome o = pull(&h, &hub_key, MPC);
	expect_error(&h, &o, EBMS_FAILED_AUTHENTICATION);
	ck_assert(journal_has(&h, "\"rule\":\"pull-signer\"", "EBMS:0101"));
	o = pull(&h, &h.trader, "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/NL999");
	expect_error(&h, &o, EBMS_FAILED_AUTHENTICATION);
	o = pull(&h, &h.trader, "urn:nobody");
	expect_error(&h, &o, EBMS_VALUE_NOT_RECOGNIZED);
	o = pull(&h, &h.trader, NULL);
	expect_error(&h, &o, EBMS_VALUE_NOT_RECOGNIZED);
	ck_assert_uint_eq(journal_count(&h, "\"rule\":\"pull-channel\""), 2);
	o = pull(&h, &h.trader, MPC);
	ck_assert_str_eq(pulled(&h, &o)->header.user.collaboration.action, "IE3Q02");
	hub_down(&h);
}
END_TEST

START_TEST(scenario_pull_keeps_from_pushing)
{
	struct hub_stand h;
	hub_up(&h, "pull", "p256", true, "");
	report(&h, golden(&h));
	expect_no_more_pushed(&h, 0, 300);
	struct http_outcome o = pull(&h, &h.trader, MPC);
	ck_assert_str_eq(pulled(&h, &o)->header.user.collaboration.action, "IE3Q02");
	hub_down(&h);
}
END_TEST

SUITE("hub", a_report_gets_a_question_and_its_reply_a_control, the_algorithm_of_ics2_is_the_default,
      an_assurance_and_a_retraction_complete_the_assessment, what_was_registered_can_be_withdrawn_once,
      do_not_load_comes_first_and_the_end_of_the_assessment_last, documents_that_do_not_hold_get_an_error_document,
      replies_that_do_not_fit_get_an_error_document, a_reply_brings_files, a_report_may_bring_its_signature,
      a_repeat_gets_the_stored_receipt_and_takes_effect_once, what_was_not_receipted_is_pushed_on_after_a_new_start,
      a_line_that_was_cut_off_did_not_happen, a_store_has_one_hub, a_ping_has_a_receipt_and_no_effect, pulls_go_through_the_states_of_edelivery, what_is_pulled_too_often_has_failed_and_a_late_receipt_counts,
      only_the_owner_of_a_channel_may_pull, scenario_pull_keeps_from_pushing)
