/* The messages of ICS2 to a trader (profile eu-hub): each sample through its schema, its mapping and the store. */
#include "place.h"

#define MRN "26NL0005101X7K2LF6"

/* Peer 0 speaks ICS2; the seal is the channel's. */
#define HUB(p) \
	PLACE(p); \
	answer_close(&p.answer); \
	p.agreements[0].profile = "eu-hub"; \
	p.agreements[0].answers_signed = false; \
	must_succeed(answer_open(&(struct answer_config){ &p.settings, p.store, p.set, p.validator }, &p.answer, error))

static const struct verdict seal = { .subject = "CN=Trader Interface", .issuer = "CN=CA", .algorithm = "rsa-sha256", .certificate_digest = "00",
	                             .signing_time = CLOCK_NONE };

static struct taken take_octets(struct place *p, const char *document, const char *refers_to)
{
	struct taken taken;
	struct arrived arrived = { .agreement = &p->agreements[0], .body = bytes_of_text(document), .content_type = "application/xml",
		                   .conversation = refers_to, .sealed = &seal };
	must_succeed(answer_take(p->answer, &arrived, p->arena, &taken, error));
	return taken;
}

static const char *sample(struct place *p, const char *type)
{
	char *text;
	must_succeed(file_read_text(arena_printf(p->arena, SOURCE_DIR "/mappings/answers/eu-hub/%s/sample.in.xml", type), p->arena, &text, error));
	return text;
}

static struct taken take_sample(struct place *p, const char *type, const char *refers_to)
{
	struct taken taken = take_octets(p, sample(p, type), refers_to);
	if (text_equal(taken.state, "refused"))
		ck_abort_msg("%s: %s [%s]", type, taken.why.text, taken.why.place);
	return taken;
}

static void journeys(struct place *p)
{
	place_journey(p, "J-1", BOX, "{\"consignments\":[{\"master\":\"COSU6301234567\",\"house\":\"SHAH26020417\"}]}");
	place_journey(p, "J-2", OTHER_BOX, "{\"consignments\":[{\"master\":\"COSU6301234567\",\"references\":[{\"type\":\"355\",\"id\":\"" MRN "\"}]}]}");
}

/* "kind container journey; ...", in order. */
static const char *told(struct place *p, const struct taken *taken)
{
	BUFFER_AUTO out = { 0 };
	for (size_t i = 0; i < json_count(taken->notices); i++) {
		struct notice_row row = notice_at(p, taken, i);
		buffer_printf(&out, "%s%s %s %s", i ? "; " : "", row.kind, row.container ? row.container : "-", row.journey ? row.journey : "-");
	}
	return arena_text(p->arena, buffer_text(&out));
}

START_TEST(each_message_means_what_the_guide_says)
{
	static const struct {
		const char *type, *notices;
	} all[] = {
		{ "IE3Q01", "do_not_load " BOX " J-1; do_not_load " OTHER_BOX " J-2" },
		{ "IE3Q02", "question " BOX " J-1; question " BOX " J-1; question " OTHER_BOX " J-2" },
		{ "IE3Q03", "information " OTHER_BOX " J-2" },
		{ "IE3N01", "rejected " BOX " J-1; rejected " OTHER_BOX " J-2" },
		{ "IE3N02", "filing_incomplete " BOX " J-1; filing_incomplete " OTHER_BOX " J-2" },
		{ "IE3N03", "assessment_complete " BOX " J-1" },
		{ "IE3N07", "rejected " OTHER_BOX " J-2" },
		{ "IE3N08", "control " BOX " J-1; control " OTHER_BOX " J-2; control TCLU4265727 -" },
		{ "IE3N09", "control " BOX " J-1; control " OTHER_BOX " J-2; control TCLU4265727 -" },
		{ "IE3N10", "accepted " OTHER_BOX " J-2" },
		{ "IE3N11", "filing_incomplete " BOX " J-1; filing_incomplete " OTHER_BOX " J-2" },
		{ "IE3N99", "rejected " OTHER_BOX " J-2" },
		{ "IE3R01", "registered " BOX " J-1; registered " OTHER_BOX " J-2" },
		{ "IE3R04", "accepted " OTHER_BOX " J-2" },
		{ "IE3R07", "invalidated " BOX " J-1; invalidated " OTHER_BOX " J-2" },
		{ "IE3R08", "information - -" },
		{ "other", "information " OTHER_BOX " J-2" },
	};
	HUB(p);
	journeys(&p);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		struct taken taken = take_sample(&p, all[i].type, NULL);
		const char *got = told(&p, &taken), *type = text_equal(all[i].type, "other") ? "IE3N04" : all[i].type;
		if (!text_equal(got, all[i].notices))
			ck_abort_msg("%s: %s", all[i].type, got);
		ck_assert_str_eq(document_now(&p, taken.document).type, type);
	}
	place_close(&p);
}
END_TEST

START_TEST(a_question_says_what_is_asked_and_how_it_is_answered)
{
	HUB(p);
	journeys(&p);
	struct taken taken = take_sample(&p, "IE3Q02", NULL);
	struct notice_row row = notice_at(&p, &taken, 0);
	str_at(&p, &row, "reference", "RFI-2026-000417-1");
	str_at(&p, &row, "mrn", MRN);
	str_at(&p, &row, "answerable", "api");
	str_at(&p, &row, "office.country", "NL");
	str_at(&p, &row, "requests.0.type", "1");
	str_at(&p, &row, "requests.0.documents.0.id", "INV-7781");
	str_at(&p, &row, "text", "Why was the container opened at 30.8777, 121.8830? Send the record of the seal.");
	str_at(&p, &row, "parties.1.eori", "NL123456789");
	str_at(&p, &row, "signature.verdict", "valid");
	str_at(&p, &row, "signature.form", "channel");
	row = notice_at(&p, &taken, 2);
	str_at(&p, &row, "reference", "RFI-2026-000417-2");
	ck_assert(take_sample(&p, "IE3Q02", NULL).repeated);
	place_close(&p);
}
END_TEST

START_TEST(only_customs_lifts_a_do_not_load)
{
	HUB(p);
	journeys(&p);
	struct taken stop = take_sample(&p, "IE3Q01", NULL), question = take_sample(&p, "IE3Q02", NULL), done = take_sample(&p, "IE3N03", NULL);
	struct notice_row first = notice_at(&p, &stop, 0), asked = notice_at(&p, &question, 0), other = notice_at(&p, &question, 2);
	ck_assert(has_block(&p, &first, "load"));
	str_at(&p, &first, "action.who", "carrier");
	ck_assert_int_eq(first.lifted, CLOCK_NONE);
	ck_assert_int_ne(asked.lifted, CLOCK_NONE);                  /* it is listed */
	ck_assert_str_eq(other.container, OTHER_BOX);
	ck_assert_int_eq(other.lifted, CLOCK_NONE);                  /* it is not */
	struct notice_row all = notice_at(&p, &done, 0);
	ck_assert_int_eq((int)json_count(json_path(json_of(&p, all.content), "lifts")), 2);
	place_close(&p);
}
END_TEST

START_TEST(a_control_says_where_and_when)
{
	HUB(p);
	struct taken order = take_sample(&p, "IE3N08", NULL), intent = take_sample(&p, "IE3N09", NULL);
	struct notice_row row = notice_at(&p, &order, 0);
	str_at(&p, &row, "place.code", "NLRTMRIT");
	str_at(&p, &row, "scheduled", "2026-02-25T14:00:00Z");
	str_at(&p, &row, "office.code", "NL000511");
	str_at(&p, &row, "intent", "false");
	ck_assert(has_block(&p, &row, "gate_out"));
	row = notice_at(&p, &intent, 0);
	str_at(&p, &row, "intent", "true");
	place_close(&p);
}
END_TEST

/* A house bill that is listed beside boxes adds its own. */
START_TEST(a_bill_that_is_covered_brings_its_boxes)
{
	HUB(p);
	place_journey(&p, "J-3", "TCLU4265727", "{\"consignments\":[{\"house\":\"SHAH26020417\"}]}");
	struct taken taken = take_sample(&p, "IE3Q01", NULL);
	ck_assert_str_eq(told(&p, &taken), "do_not_load " BOX " -; do_not_load " OTHER_BOX " -; do_not_load TCLU4265727 J-3");
	place_close(&p);
}
END_TEST

/* The journey as it is now: a bill that was taken out of it leads nowhere. */
START_TEST(a_journey_is_found_by_what_it_says_now)
{
	HUB(p);
	journeys(&p);
	place_journey(&p, "J-2", OTHER_BOX, "{\"consignments\":[{\"master\":\"OTHER\"}]}");
	struct taken taken = take_sample(&p, "IE3N10", NULL);
	ck_assert_str_eq(told(&p, &taken), "accepted - -");
	ck_assert_str_eq(taken.state, "untied");
	place_close(&p);
}
END_TEST

START_TEST(it_is_tied_by_what_it_refers_to_and_by_our_reference)
{
	HUB(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, "1234@gateway.example");
	struct taken taken = take_sample(&p, "IE3N99", "1234@gateway.example");
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(taken.state, "tied");
	ck_assert_str_eq(row.message, REPORT);
	ck_assert_str_eq(row.container, BOX);
	taken = take_sample(&p, "IE3N01", NULL);                     /* its LRN is ours */
	row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.message, REPORT);
	ck_assert(has_block(&p, &row, "load"));
	place_close(&p);
}
END_TEST

START_TEST(what_is_not_valid_is_refused_and_kept)
{
	static const char *const bad[] = {
		"<IE3Q01 xmlns=\"urn:wco:datamodel:eu:ics2:2\"/>",
		"<IE3Q01 xmlns=\"urn:another\"><MRN>" MRN "</MRN></IE3Q01>",
		"<IE3N08 xmlns=\"urn:wco:datamodel:eu:ics2:2\"><MRN>" MRN "</MRN></IE3N08>",                  /* no control in it */
		("<IE3Q02 xmlns=\"urn:wco:datamodel:eu:ics2:2\"><referralRequestDetails><referralRequestReference>R</referralRequestReference>"
		 "</referralRequestDetails></IE3Q02>"),                                                        /* no MRN */
	};
	HUB(p);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct taken taken = take_octets(&p, bad[i], NULL);
		if (!text_equal(taken.state, "refused"))
			ck_abort_msg("%s is %s", bad[i], taken.state);
		ck_assert_str_eq(document_now(&p, taken.document).type, "unread");
	}
	place_close(&p);
}
END_TEST

SUITE("answer hub", each_message_means_what_the_guide_says, a_question_says_what_is_asked_and_how_it_is_answered, only_customs_lifts_a_do_not_load,
      a_control_says_where_and_when, a_bill_that_is_covered_brings_its_boxes, a_journey_is_found_by_what_it_says_now,
      it_is_tied_by_what_it_refers_to_and_by_our_reference, what_is_not_valid_is_refused_and_kept)
