/* What the hub refuses: with which error, signed and in the response, and which rule its journal then names; and what it makes of
 * receipts that are no good. */
#include <string.h>
#include <unistd.h>

#include "hub_stand.h"
#include "lib/base/id.h"

static const char *golden(struct hub_stand *h)
{
	return sample(&h->stand, "integrity-report", NULL, NULL);
}

/* The answer is this error, and the journal names this rule for the message. */
static void expect_refused(struct hub_stand *h, const struct http_outcome *o, const char *id, enum ebms_code code, const char *rule)
{
	expect_error(h, o, code);
	if (!journal_has(h, arena_printf(h->stand.arena, "\"rule\":\"%s\"", rule), id ? id : "refused"))
		ck_abort_msg("the journal names no rule %s for the message", rule);
	ck_assert_str_eq(h->pushed[0].id ? h->pushed[0].id : "", "");
}

static void refuse_letter(struct hub_stand *h, const struct letter *l, enum ebms_code code, const char *rule)
{
	struct http_outcome o = send_letter(h, l);
	expect_refused(h, &o, l->header.message_id, code, rule);
}

static void refuse_header(struct hub_stand *h, const struct as4_header *header, enum ebms_code code, const char *rule)
{
	LETTER(l);
	letter_to_hub(h, header, golden(h), &l);
	refuse_letter(h, &l, code, rule);
}

/* ---- the header ---- */

static void change(struct as4_header *header, const char *what)
{
	struct as4_user *user = &header->user;
	struct as4_collaboration *c = &user->collaboration;
	if (text_equal(what, "party"))
		user->from.id = "NL000";
	else if (text_equal(what, "party type"))
		user->from.type = "urn:another";
	else if (text_equal(what, "to"))
		user->to.id = "nti-be";
	else if (text_equal(what, "role"))
		user->from.role = "Customs";
	else if (text_equal(what, "no agreement"))
		c->agreement = c->agreement_type = NULL;
	else if (text_equal(what, "agreement"))
		c->agreement = "EU-ICS2-TI-V1.0";
	else if (text_equal(what, "agreement type"))
		c->agreement_type = NULL;
	else if (text_equal(what, "service"))
		c->service = "urn:unknown";
	else if (text_equal(what, "service type"))
		c->service = "eu_ics2_t2c";
	else if (text_equal(what, "action"))
		c->action = "IE3F10";
	else if (text_equal(what, "mpc"))
		user->mpc = MPC;
	else if (text_equal(what, "id"))
		header->message_id = "two words@trader.example";
	else
		ck_abort_msg("what is \"%s\"?", what);
}

START_TEST(headers_that_were_not_agreed)
{
	static const struct {
		const char *what;
		enum ebms_code code;
		const char *rule;
	} table[] = {
		{ "party", EBMS_OTHER, "party" },
		{ "party type", EBMS_OTHER, "party" },
		{ "to", EBMS_MODE_MISMATCH, "to" },
		{ "role", EBMS_MODE_MISMATCH, "role" },
		{ "no agreement", EBMS_MODE_MISMATCH, "agreement" },
		{ "agreement", EBMS_MODE_MISMATCH, "agreement" },
		{ "agreement type", EBMS_MODE_MISMATCH, "agreement" },
		{ "service", EBMS_VALUE_NOT_RECOGNIZED, "service" },
		{ "service type", EBMS_VALUE_NOT_RECOGNIZED, "service" },
		{ "action", EBMS_VALUE_NOT_RECOGNIZED, "action" },
		{ "mpc", EBMS_MODE_MISMATCH, "mpc" },
		{ "id", EBMS_INVALID_HEADER, "header" },   /* the error does not repeat it */
	};
	struct hub_stand h;
	hub_up(&h, "good", "p256", false, "");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct as4_header header;
		report_begin(&h, "SCI001", &header);
		change(&header, table[i].what);
		if (table[i].code != EBMS_INVALID_HEADER) {
			refuse_header(&h, &header, table[i].code, table[i].rule);
			continue;
		}
		LETTER(l);
		letter_to_hub(&h, &header, golden(&h), &l);
		struct http_outcome o = send_letter(&h, &l);
		expect_refused(&h, &o, NULL, table[i].code, table[i].rule);
		ck_assert_ptr_null(answer_of(&h, &o)->header.ref_to);
	}
	ck_assert_uint_eq(journal_count(&h, "\"what\":\"taken\""), 0);
	hub_down(&h);
}
END_TEST

/* ICS2 ICD 4.6.3: a subcode says that party and certificate are not registered together. */
START_TEST(who_is_not_registered_gets_a001)
{
	struct hub_stand h;
	struct as4_header header;
	LETTER(l);
	hub_up(&h, "good", "p256", false, "");
	report_begin(&h, "SCI001", &header);
	h.trader.key = h.peers.hub.key;
	h.trader.chain = h.peers.hub.chain;
	letter_to_hub(&h, &header, golden(&h), &l);
	struct http_outcome o = send_letter(&h, &l);
	expect_refused(&h, &o, header.message_id, EBMS_OTHER, "signer");
	ck_assert_str_eq(answer_of(&h, &o)->header.errors->detail, "A001");
	hub_down(&h);
}
END_TEST

/* ---- parts ---- */

static void refuse_parts(struct hub_stand *h, const struct as4_payload *payloads, size_t count, enum ebms_code code, const char *rule)
{
	LETTER(l);
	struct as4_header header;
	report_begin(h, "SCI001", &header);
	must_succeed(letter_pack(h->stand.arena, &h->trader, &header, payloads, count, &l, error));
	refuse_letter(h, &l, code, rule);
}

START_TEST(parts_that_were_not_agreed)
{
	static const struct bytes text = { (const uint8_t *)"<a/>", 4 };
	static const struct as4_property packed = { "CompressionType", NULL, "application/gzip", NULL };
	struct hub_stand h;
	struct blob blob = blob_of_bytes(&text);
	hub_up(&h, "good", "p256", false, "");
	const struct as4_payload good = { .mime_type = "application/xml", .content = &blob };
	struct as4_payload p[2] = { { .mime_type = "text/plain", .content = &blob }, good };
	refuse_parts(&h, p, 1, EBMS_VALUE_INCONSISTENT, "document");
	p[0] = (struct as4_payload){ .mime_type = "application/xml", .character_set = "iso-8859-1", .content = &blob };
	refuse_parts(&h, p, 1, EBMS_VALUE_INCONSISTENT, "document");
	refuse_parts(&h, p, 0, EBMS_MODE_MISMATCH, "document");
	p[0] = good;
	refuse_parts(&h, p, 2, EBMS_VALUE_INCONSISTENT, "attachment");
	p[1].mime_type = "image/png";
	refuse_parts(&h, p, 2, EBMS_VALUE_INCONSISTENT, "attachment");
	p[0].plain = true;
	refuse_parts(&h, p, 1, EBMS_MODE_MISMATCH, "compression");
	p[0].properties = &packed;   /* says so, and is not */
	refuse_parts(&h, p, 1, EBMS_DECOMPRESSION_FAILURE, "unpack");
	/* Two parts that are too large together. */
	struct bytes large = { calloc(1, (size_t)60 << 20), (size_t)60 << 20 };
	for (size_t i = 0; i < large.size; i += 128)   /* packs well, and not so well that it looks like a bomb */
		entropy_fill((uint8_t *)(uintptr_t)large.data + i, 2);
	struct blob large_blob = blob_of_bytes(&large);
	p[0] = (struct as4_payload){ .mime_type = "application/xml", .content = &large_blob };
	p[1] = (struct as4_payload){ .mime_type = "application/pdf", .content = &large_blob };
	refuse_parts(&h, p, 2, EBMS_DECOMPRESSION_FAILURE, "unpack");
	free((void *)(uintptr_t)large.data);
	hub_down(&h);
}
END_TEST

/* ---- security ---- */

START_TEST(certificates_that_were_not_agreed)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", "p256", false, "");
	struct as4_mode right = h.trader;
	for (enum as4_token token = AS4_TOKEN_PKIPATH + 1; token < AS4_TOKENS; token++) {
		report_begin(&h, "SCI001", &header);
		h.trader.token = token;
		refuse_header(&h, &header, EBMS_POLICY_NONCOMPLIANCE, "token");
	}
	h.trader = right;
	CERTIFICATE_AUTO leaf = certificate_copy(right.chain);
	h.trader.chain = leaf;       /* the authority between it and the anchor is missing: what most get wrong (ICS2 ICD 4.6.2) */
	report_begin(&h, "SCI001", &header);
	refuse_header(&h, &header, EBMS_FAILED_AUTHENTICATION, "chain");
	CERTIFICATE_AUTO turned = certificate_copy(certificate_next(right.chain));
	certificate_append(turned, certificate_copy(right.chain));
	h.trader.chain = turned;
	report_begin(&h, "SCI001", &header);
	refuse_header(&h, &header, EBMS_FAILED_AUTHENTICATION, "path");
	PEERS(strangers, "p256");
	h.trader.key = strangers.trader.key;
	h.trader.chain = strangers.trader.chain;
	report_begin(&h, "SCI001", &header);
	refuse_header(&h, &header, EBMS_FAILED_AUTHENTICATION, "chain");
	h.trader = right;
	h.trader.key = h.peers.hub.key;   /* not of its certificate */
	report_begin(&h, "SCI001", &header);
	refuse_header(&h, &header, EBMS_FAILED_AUTHENTICATION, "signature");
	hub_down(&h);
}
END_TEST

START_TEST(an_algorithm_that_was_not_agreed)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", "p256", false, "accept: [ rsa-sha256, rsa-pss-sha256 ]");
	report_begin(&h, "SCI001", &header);
	refuse_header(&h, &header, EBMS_POLICY_NONCOMPLIANCE, "algorithm");
	hub_down(&h);
}
END_TEST

typedef void spoil_fn(struct hub_stand *h, struct letter *l);

static void unsign(struct hub_stand *h, struct letter *l)
{
	(void)h;
	cut_out(&l->octets, "<wsse:Security ", "</wsse:Security>");
}

static void sign_not_the_body(struct hub_stand *h, struct letter *l)
{
	sign_without(h, "<ds:Reference URI=\"#body-", &l->octets);
}

static void sign_not_messaging(struct hub_stand *h, struct letter *l)
{
	sign_without(h, "<ds:Reference URI=\"#msg-", &l->octets);
}

static void sign_not_the_part(struct hub_stand *h, struct letter *l)
{
	sign_without(h, "<ds:Reference URI=\"cid:", &l->octets);
}

static void put_in(struct letter *l, const char *at, const char *text)
{
	BUFFER_AUTO out = { 0 };
	char *place = memmem(l->octets.data, l->octets.size, at, strlen(at));
	ck_assert_ptr_nonnull(place);
	buffer_add(&out, l->octets.data, (size_t)(place - l->octets.data));
	buffer_add_text(&out, text);
	buffer_add(&out, place, l->octets.size - (size_t)(place - l->octets.data));
	buffer_reset(&l->octets);
	buffer_add(&l->octets, out.data, out.size);
}

static void sign_twice(struct hub_stand *h, struct letter *l)
{
	const char *from = strstr(l->octets.data, "<ds:Signature "), *to = strstr(from, "</ds:Signature>");
	put_in(l, "<ds:Signature ", arena_text_n(h->stand.arena, from, (size_t)(to - from) + strlen("</ds:Signature>")));
}

static void change_the_header(struct hub_stand *h, struct letter *l)
{
	(void)h;
	memcpy(strstr(l->octets.data, "<eb:ConversationId>1"), "<eb:ConversationId>2", 20);
}

static void change_the_part(struct hub_stand *h, struct letter *l)
{
	(void)h;
	char *gzip = memmem(l->octets.data, l->octets.size, "\x1f\x8b\x08", 3);
	ck_assert_ptr_nonnull(gzip);
	gzip[20] ^= 1;
}

static void fill_the_body(struct hub_stand *h, struct letter *l)
{
	(void)h;
	put_in(l, "</env:Body>", "<a></a>");
}

static void forget_the_timestamp(struct hub_stand *h, struct letter *l)
{
	(void)h;
	cut_out(&l->octets, "<eb:Timestamp>", "</eb:Timestamp>");
}

static void rename_the_part(struct hub_stand *h, struct letter *l)
{
	(void)h;
	memcpy(strstr(l->octets.data, "href=\"cid:document@trader"), "href=\"cid:dokument@trader", 25);
}

static void lay_it_outside(struct hub_stand *h, struct letter *l)
{
	(void)h;
	memcpy(strstr(l->octets.data, "href=\"cid:document@trader"), "href=\"http://ument@trader", 25);
}

START_TEST(messages_that_are_spoiled)
{
	static const struct {
		spoil_fn *spoil;
		enum ebms_code code;
		const char *rule;
	} table[] = {
		{ unsign, EBMS_POLICY_NONCOMPLIANCE, "signed" },
		{ sign_not_the_body, EBMS_POLICY_NONCOMPLIANCE, "covers-body" },
		{ sign_not_messaging, EBMS_POLICY_NONCOMPLIANCE, "covers-messaging" },
		{ sign_not_the_part, EBMS_POLICY_NONCOMPLIANCE, "covers-parts" },
		{ sign_twice, EBMS_POLICY_NONCOMPLIANCE, "one-signature" },
		{ change_the_header, EBMS_FAILED_AUTHENTICATION, "signature" },
		{ change_the_part, EBMS_FAILED_AUTHENTICATION, "signature" },
		{ fill_the_body, EBMS_FEATURE_PRESENT, "body" },
		{ forget_the_timestamp, EBMS_INVALID_HEADER, "header" },
		{ rename_the_part, EBMS_MIME_INCONSISTENCY, "mime" },
		{ lay_it_outside, EBMS_EXTERNAL_PAYLOAD, "parts" },
	};
	struct hub_stand h;
	hub_up(&h, "good", "p256", false, "");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		LETTER(l);
		struct as4_header header;
		report_begin(&h, "SCI001", &header);
		letter_to_hub(&h, &header, golden(&h), &l);
		table[i].spoil(&h, &l);
		struct http_outcome o = send_letter(&h, &l);
		expect_refused(&h, &o, NULL, table[i].code, table[i].rule);
	}
	hub_down(&h);
}
END_TEST

START_TEST(what_is_no_as4_message_at_all)
{
	static const struct {
		const char *type, *body;
		enum ebms_code code;
		const char *rule;
	} table[] = {
		{ "text/html", "<html></html>", EBMS_MIME_INCONSISTENCY, "mime" },
		{ "application/soap+xml", "this is not XML", EBMS_INVALID_HEADER, "header" },
		{ "application/soap+xml", "<a/>", EBMS_INVALID_HEADER, "header" },
		{ "multipart/related; boundary=x", "--x", EBMS_MIME_INCONSISTENCY, "mime" },
	};
	struct hub_stand h;
	hub_up(&h, "good", "p256", false, "");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct http_outcome o = post(&h, table[i].type, bytes_of_text(table[i].body));
		expect_refused(&h, &o, NULL, table[i].code, table[i].rule);
	}
	ck_assert_uint_eq(journal_count(&h, "\"what\":\"refused\""), 4);
	ck_assert_int_eq(call(&h.stand, "GET", "/as4", NULL, 0, NULL).status, 405);
	hub_down(&h);
}
END_TEST

START_TEST(what_is_taken_and_noted)
{
	static const struct as4_property property = { "trackingIdentifier", NULL, "x", NULL };
	struct hub_stand h;
	struct as4_header header;
	LETTER(l);
	hub_up(&h, "good", "p256", false, "");
	report_begin(&h, "SCI001", &header);
	header.message_id = "1@trader.example";
	header.user.properties = &property;
	struct bytes octets = bytes_of_text(golden(&h));
	struct blob blob = blob_of_bytes(&octets);
	struct as4_payload payload = { .mime_type = "application/xml", .content = &blob };
	must_succeed(letter_pack(h.stand.arena, &h.trader, &header, &payload, 1, &l, error));
	struct http_outcome o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	ck_assert(journal_has(&h, "\"remarks\":[\"message-id\",\"properties\",\"character-set\"]", "1@trader.example"));
	hub_down(&h);
}
END_TEST

/* ---- receipts of the trader ---- */

START_TEST(receipts_that_are_no_good_are_followed_by_the_same_octets)
{
	static const struct {
		enum trader mood;
		const char *rule;
	} table[] = {
		{ TRADER_SILENT, "answer" },          { TRADER_HTML, "answer" },           { TRADER_UNSIGNED, "signed" }, { TRADER_DIGEST, "receipt-digests" },
		{ TRADER_NO_BODY_SIGNED, "covers-body" }, { TRADER_ANOTHER, "receipt-of" },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct hub_stand h;
		struct as4_header header;
		hub_up(&h, "good", "p256", true, "");
		h.mood = table[i].mood;
		h.moody = 1;
		report_begin(&h, "SCI001", &header);
		deliver_document(&h, &header, golden(&h));
		wait_pushed(&h, 2);
		ck_assert_int_ge(h.pushed[1].at - h.pushed[0].at, 190);
		ck_assert_uint_eq(h.pushed[0].size, h.pushed[1].size);
		ck_assert_int_eq(memcmp(h.pushed[0].octets, h.pushed[1].octets, h.pushed[0].size), 0);
		expect_no_more_pushed(&h, 2, 400);
		wait_journal(&h, "\"what\":\"receipt\"", h.pushed[1].id);
		if (!journal_has(&h, "\"what\":\"bad-receipt\"", arena_printf(h.stand.arena, "\"rule\":\"%s\"", table[i].rule)))
			ck_abort_msg("mood %d: the journal names no rule %s", table[i].mood, table[i].rule);
		hub_down(&h);
	}
}
END_TEST

START_TEST(a_signed_error_ends_it_and_an_unsigned_one_does_not)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", "p256", true, "");
	h.mood = TRADER_HINT;
	h.moody = 1;
	report_begin(&h, "SCI001", &header);
	deliver_document(&h, &header, golden(&h));
	wait_pushed(&h, 1);
	h.mood = TRADER_ERROR;
	h.moody = 1;
	wait_pushed(&h, 2);
	expect_no_more_pushed(&h, 2, 500);
	wait_journal(&h, "\"what\":\"hint\"", "EBMS:0004");
	wait_journal(&h, "\"what\":\"error\"", "EBMS:0004");
	hub_down(&h);
}
END_TEST

START_TEST(without_any_receipt_it_fails_at_last)
{
	struct hub_stand h;
	struct as4_header header;
	hub_up(&h, "good", "p256", true, "");
	h.mood = TRADER_SILENT;
	h.moody = 100;
	report_begin(&h, "SCI001", &header);
	deliver_document(&h, &header, golden(&h));
	wait_pushed(&h, 3);
	expect_no_more_pushed(&h, 3, 500);
	wait_journal(&h, "\"what\":\"failed\"", "EBMS:0301");
	hub_down(&h);
}
END_TEST

/* A receipt that comes by itself for what the hub never sent. */
START_TEST(receipts_for_what_was_not_sent_are_refused)
{
	struct hub_stand h;
	LETTER(l);
	static const struct as4_reference reference = { .uri = "#x", .digest_method = DIGEST_SHA256, .digest = "AA==" };
	hub_up(&h, "good", "p256", false, "");
	struct as4_header header = { .kind = AS4_RECEIPT, .message_id = "r@trader.example", .ref_to = "nothing@hub", .time = NOW, .references = &reference };
	must_succeed(letter_pack(h.stand.arena, &h.trader, &header, NULL, 0, &l, error));
	refuse_letter(&h, &l, EBMS_VALUE_INCONSISTENT, "receipt-of");
	hub_down(&h);
}
END_TEST

SUITE("hub_refusals", headers_that_were_not_agreed, who_is_not_registered_gets_a001, parts_that_were_not_agreed, certificates_that_were_not_agreed,
      an_algorithm_that_was_not_agreed, messages_that_are_spoiled, what_is_no_as4_message_at_all, what_is_taken_and_noted,
      receipts_that_are_no_good_are_followed_by_the_same_octets, a_signed_error_ends_it_and_an_unsigned_one_does_not,
      without_any_receipt_it_fails_at_last, receipts_for_what_was_not_sent_are_refused)
