/* How the hub misbehaves, as a trader meets it, that everything is well again behind it, and what the onboarding report tells. */
#include <string.h>
#include <unistd.h>

#include "hub_stand.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"

static const char *golden(struct hub_stand *h)
{
	return sample(&h->stand, "integrity-report", NULL, NULL);
}

static void write_report(struct hub_stand *h, struct letter *l)
{
	struct as4_header header;
	report_begin(h, "SCI001", &header);
	letter_to_hub(h, &header, golden(h), l);
}

/* ---- receipts ---- */

/* The first answer is as the scenario has it; the same octets again get the receipt that was kept, and one question follows. */
static struct http_outcome first_is_spoiled(struct hub_stand *h, const char *scenario)
{
	LETTER(l);
	hub_up(h, scenario, "p256", true, "");
	write_report(h, &l);
	struct http_outcome first = send_letter(h, &l), second = send_letter(h, &l);
	expect_receipt(h, &second, &l);
	wait_pushed(h, 1);
	expect_no_more_pushed(h, 1, 300);
	return first;
}

START_TEST(a_receipt_with_a_wrong_digest)
{
	struct hub_stand h;
	LETTER(l);
	enum ebms_code code;
	struct error wrong;
	hub_up(&h, "receipt-wrong-digest", "p256", true, "");
	write_report(&h, &l);
	struct http_outcome o = send_letter(&h, &l);
	struct as4_incoming *in = answer_of(&h, &o);
	ck_assert_int_lt(as4_receipt_check(&in->header, l.header.message_id, l.packed.references, &code, &wrong), 0);
	ck_assert_int_eq(code, EBMS_INVALID_RECEIPT);
	o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	ck_assert(journal_has(&h, "\"what\":\"spoiled\"", "receipt-wrong-digest"));
	hub_down(&h);
}
END_TEST

START_TEST(no_receipt)
{
	struct hub_stand h;
	struct http_outcome o = first_is_spoiled(&h, "receipt-none");
	ck_assert_int_eq(o.status, 202);
	ck_assert_uint_eq(o.body.size, 0);
	hub_down(&h);
}
END_TEST

START_TEST(a_receipt_that_is_not_signed)
{
	struct hub_stand h;
	struct http_outcome o = first_is_spoiled(&h, "receipt-unsigned");
	struct as4_incoming *in;
	struct error wrong;
	enum ebms_code code;
	ck_assert_int_eq(o.status, 200);
	ck_assert_int_lt(take_octets(h.stand.arena, &h.trader, http_header_find(o.headers, o.n_headers, "Content-Type"), o.body, &in, &code, &wrong), 0);
	ck_assert_int_eq(in->header.kind, AS4_RECEIPT);
	ck_assert_int_eq(code, EBMS_POLICY_NONCOMPLIANCE);
	hub_down(&h);
}
END_TEST

START_TEST(a_proxy_answers_first)
{
	struct hub_stand h;
	struct http_outcome o = first_is_spoiled(&h, "html-502");
	ck_assert_int_eq(o.status, 502);
	ck_assert_str_eq(http_header_find(o.headers, o.n_headers, "Content-Type"), "text/html");
	hub_down(&h);
}
END_TEST

START_TEST(a_receipt_that_comes_late)
{
	struct hub_stand h;
	LETTER(l);
	hub_up(&h, "receipt-late=1", "p256", true, "");
	write_report(&h, &l);
	int64_t from = clock_mono_ms();
	struct http_outcome o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	ck_assert_int_ge(clock_mono_ms() - from, 990);
	from = clock_mono_ms();
	o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	ck_assert_int_lt(clock_mono_ms() - from, 900);
	hub_down(&h);
}
END_TEST

/* ---- messages ---- */

/* The first try is refused with this error, the second is good, under the same id. */
static void first_try_is_refused(const char *scenario, enum ebms_code code, const char *id)
{
	struct hub_stand h;
	LETTER(l);
	hub_up(&h, scenario, "p256", true, "");
	write_report(&h, &l);
	struct http_outcome o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	wait_pushed(&h, 2);
	ck_assert_int_eq(h.pushed[0].refused, code);
	ck_assert_int_eq(h.pushed[1].refused, EBMS_NONE);
	if (id)
		ck_assert_str_eq(h.pushed[0].id, h.pushed[1].id);
	expect_no_more_pushed(&h, 2, 300);
	wait_journal(&h, "\"what\":\"receipt\"", h.pushed[1].id);
	ck_assert(journal_has(&h, arena_printf(h.stand.arena, "\"scenario\":\"%s\"", scenario), ebms_row(code)->code));
	const char *text = report_text(&h);
	ck_assert_ptr_nonnull(strstr(text, arena_printf(h.stand.arena, "What was wrong on purpose was refused: %s.", scenario)));
	ck_assert_ptr_nonnull(strstr(text, "No rule was broken"));
	hub_down(&h);
}

START_TEST(certificates_the_wrong_way_round)
{
	first_try_is_refused("pkipath-leaf-first", EBMS_FAILED_AUTHENTICATION, "same");
}
END_TEST

START_TEST(a_second_signature)
{
	first_try_is_refused("two-signatures", EBMS_POLICY_NONCOMPLIANCE, "same");
}
END_TEST

START_TEST(a_part_that_nobody_speaks_of)
{
	first_try_is_refused("stray-part", EBMS_MIME_INCONSISTENCY, "same");
}
END_TEST

START_TEST(another_channel)
{
	first_try_is_refused("wrong-mpc", EBMS_MODE_MISMATCH, "same");
}
END_TEST

START_TEST(pulled_messages_are_spoiled_too)
{
	struct hub_stand h;
	LETTER(l);
	hub_up(&h, "two-signatures", "p256", false, "");
	write_report(&h, &l);
	struct http_outcome o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	usleep(50000);
	struct as4_incoming *in;
	struct error wrong;
	enum ebms_code code;
	struct as4_mode mode = h.trader;
	mode.collaboration.service = NULL;
	mode.collaboration.action = NULL;
	mode.mpc = MPC;
	o = pull(&h, &h.trader, MPC);
	ck_assert_int_lt(take_octets(h.stand.arena, &mode, http_header_find(o.headers, o.n_headers, "Content-Type"), o.body, &in, &code, &wrong), 0);
	LETTER(refusal);
	struct as4_header header;
	as4_error_for(h.stand.arena, code, "two signatures", NULL, in->header.message_id, "e@trader.example", NOW, &header);
	must_succeed(letter_pack(h.stand.arena, &h.trader, &header, NULL, 0, &refusal, error));
	ck_assert_int_eq(send_letter(&h, &refusal).status, 202);
	ck_assert(journal_has(&h, "\"scenario\":\"two-signatures\"", "\"received\":\"EBMS:0103\""));
	usleep(250000);
	o = pull(&h, &h.trader, MPC);
	must_succeed(take_octets(h.stand.arena, &mode, http_header_find(o.headers, o.n_headers, "Content-Type"), o.body, &in, &code, error));
	hub_down(&h);
}
END_TEST

START_TEST(the_same_push_twice)
{
	struct hub_stand h;
	LETTER(l);
	hub_up(&h, "push-twice", "p256", true, "");
	write_report(&h, &l);
	struct http_outcome o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	wait_pushed(&h, 2);
	ck_assert_uint_eq(h.pushed[0].size, h.pushed[1].size);
	ck_assert_int_eq(memcmp(h.pushed[0].octets, h.pushed[1].octets, h.pushed[0].size), 0);
	expect_no_more_pushed(&h, 2, 600);
	hub_down(&h);
}
END_TEST

START_TEST(rejected_and_silent_because_the_scenario_says_so)
{
	static const char *const scenarios[] = { "reject", "no-answer" };
	for (size_t i = 0; i < 2; i++) {
		struct hub_stand h;
		LETTER(l);
		hub_up(&h, scenarios[i], "p256", true, "");
		write_report(&h, &l);
		struct http_outcome o = send_letter(&h, &l);
		expect_receipt(&h, &o, &l);
		wait_pushed(&h, 1 - i);
		expect_no_more_pushed(&h, 1 - i, 300);
		if (i == 0)
			ck_assert_str_eq(notice_kinds(&h, h.pushed[0].document), "rejected");
		hub_down(&h);
	}
}
END_TEST

/* ---- settings ---- */

START_TEST(settings_that_cannot_be_meant)
{
	static const struct {
		const char *from, *to, *words;
	} table[] = {
		{ "    other:", "    trader/2:", "no name of a peer" },
		{ "party: { id: NL999 }", "party: { id: NL123456789 }", "same party id" },
		{ "signer: CN=NL999, ", "", "hub.peers.*.signer" },
		{ "accept: [ ecdsa-sha256 ] }\n", "accept: [ rsa-md5 ] }\n", "rsa-md5" },
		{ "trust: root.pem", "trust: nothing.pem", "nothing.pem" },
		{ "tries: 3", "tries: 0", "hub.retry.tries" },
	};
	struct hub_stand h;
	char *yaml;
	hub_up(&h, "good", "p256", true, "");
	must_succeed(file_read_text(stand_file(&h.stand, "sandbox.yaml"), h.stand.arena, &yaml, error));
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct config_problems problems = { .arena = h.stand.arena };
		const char *at = strstr(yaml, table[i].from);
		ck_assert_ptr_nonnull(at);
		const char *changed = arena_printf(h.stand.arena, "%.*s%s%s", (int)(at - yaml), yaml, table[i].to, at + strlen(table[i].from));
		must_succeed(file_write(stand_file(&h.stand, "changed.yaml"), bytes_of_text(changed), 0600, error));
		ck_assert_ptr_null(setup_load(stand_file(&h.stand, "changed.yaml"), &problems));
		bool said = false;
		for (size_t k = 0; k < problems.count; k++)
			said |= strstr(problems.items[k].text, table[i].words) != NULL;
		if (!said)
			ck_abort_msg("%s: %s", table[i].to, problems.count ? problems.items[0].text : "no problem");
	}
	hub_down(&h);
}
END_TEST

/* One certificate has no order that could be wrong. */
START_TEST(turned_certificates_need_two)
{
	struct hub_stand h;
	CERTIFICATE_AUTO alone = NULL;
	hub_up(&h, "good", "p256", true, "");
	sandbox_stop(&h.stand.sandbox);
	alone = certificate_copy(h.peers.hub.chain);
	must_succeed(certificate_write(alone, stand_file(&h.stand, "hub.pem"), error));
	must_succeed(scenarios_read("pkipath-leaf-first", &h.stand.setup->scenarios, error));
	must_fail(sandbox_start(h.stand.setup, &h.stand.sandbox, error), BAD_CONFIG);
	hub_down(&h);
}
END_TEST

/* ---- the report ---- */

/* A trader that takes what it must refuse. */
START_TEST(the_report_says_who_is_not_careful)
{
	struct hub_stand h;
	LETTER(l);
	hub_up(&h, "stray-part", "p256", true, "");
	h.careless = true;
	write_report(&h, &l);
	struct http_outcome o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	wait_pushed(&h, 2);
	wait_journal(&h, "\"what\":\"receipt\"", h.pushed[1].id);
	const char *text = report_text(&h);
	ck_assert_ptr_nonnull(strstr(text, "careful, 1 time"));
	ck_assert_ptr_nonnull(strstr(text, "stray-part: answered with no AS4 signal"));
	hub_down(&h);
}
END_TEST

START_TEST(the_report_names_clauses_and_what_to_do)
{
	struct hub_stand h;
	struct as4_header header;
	LETTER(l);
	LETTER(token);
	hub_up(&h, "good", "p256", true, "");
	h.mood = TRADER_NO_BODY_SIGNED;
	h.moody = 1;
	write_report(&h, &l);
	struct http_outcome o = send_letter(&h, &l);
	expect_receipt(&h, &o, &l);
	wait_pushed(&h, 2);
	h.trader.token = AS4_TOKEN_X509V3;
	write_report(&h, &token);
	o = send_letter(&h, &token);
	h.trader.token = AS4_TOKEN_PKIPATH;
	report_begin(&h, "IE3X99", &header);
	LETTER(action);
	letter_to_hub(&h, &header, golden(&h), &action);
	o = send_letter(&h, &action);
	wait_journal(&h, "\"what\":\"receipt\"", h.pushed[1].id);
	const char *text = report_text(&h);
	static const char *const wanted[] = {
		"Peer trader, party NL123456789, which is pushed to",
		"It sent: 1 message taken (report: 1, replies: 0, pings: 0), 0 repeated under the stored receipt, 2 refused.",
		"It was sent: 1 message, pushed in 2 tries; 1 good receipt, 0 errors, 0 given up.",
		"token, 1 time, EBMS:0103", "ICS2 ICD 4.6.2, table 11", "to do   send the whole chain as a PKIPath",
		"covers-body, 1 time, EBMS:0103", "action, 1 time, EBMS:0001", "IE3X99", "a ping (ICS2 ICD 4.5.1)", "scenario receipt-none",
		"Peer other, party NL999, which pulls", "Nothing came from it, and nothing was sent to it.",
	};
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!strstr(text, wanted[i]))
			ck_abort_msg("\"%s\" is not in\n%s", wanted[i], text);
	hub_down(&h);
}
END_TEST

SUITE("hub_scenarios", a_receipt_with_a_wrong_digest, no_receipt, a_receipt_that_is_not_signed, a_proxy_answers_first, a_receipt_that_comes_late,
      certificates_the_wrong_way_round, a_second_signature, a_part_that_nobody_speaks_of, another_channel, pulled_messages_are_spoiled_too,
      the_same_push_twice, rejected_and_silent_because_the_scenario_says_so, settings_that_cannot_be_meant, turned_certificates_need_two, the_report_says_who_is_not_careful,
      the_report_names_clauses_and_what_to_do)
