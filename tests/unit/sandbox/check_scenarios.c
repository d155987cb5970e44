/* Every scenario, as a sender sees it. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "sandbox/scenario.h"
#include "stand.h"
#include "support/suite.h"

static void expect_function(struct stand *s, size_t n, const char *function)
{
	ck_assert_str_eq(text_at(s, response_of(s, s->received[n].body), "FunctionCode"), function);
}

START_TEST(errors_and_busy_answers_come_first_and_leave_nothing_behind)
{
	struct stand s;
	stand_up(&s, "errors-500=1,busy-429=1", NULL);
	const char *body = sample(&s, "integrity-report", NULL, NULL);
	struct http_outcome o = lodge(&s, PLACE, body, s.gateway);
	ck_assert_int_eq(o.status, 500);
	ck_assert_str_eq(error_code(&s, &o), "INTERNAL_SERVER_ERROR");
	o = lodge(&s, PLACE, body, s.gateway);
	ck_assert_int_eq(o.status, 429);
	ck_assert_int_eq(http_retry_after(http_header_find(o.headers, o.n_headers, "Retry-After")), 1);
	ck_assert_int_eq(lodge(&s, PLACE, body, s.gateway).status, 202);
	wait_for(&s, 1);
	expect_no_more(&s, 1, 300);
	stand_down(&s);
}
END_TEST

START_TEST(silence_processes_and_never_answers_the_call)
{
	struct stand s;
	stand_up(&s, "silence", NULL);
	const char *body = sample(&s, "integrity-report", NULL, NULL);
	struct http_outcome o = lodge(&s, PLACE, body, s.gateway);
	ck_assert_int_eq(o.fate, HTTP_UNKNOWN);
	wait_for(&s, 1);
	expect_function(&s, 0, "05");
	ck_assert_int_eq(lodge(&s, PLACE, body, s.gateway).fate, HTTP_UNKNOWN);
	expect_no_more(&s, 1, 500);
	stand_down(&s);
}
END_TEST

START_TEST(slow_lets_the_answer_overtake_the_receipt)
{
	struct stand s;
	stand_up(&s, "slow=1", NULL);
	ck_assert_int_eq(lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway).status, 202);
	int64_t now = clock_mono_ms();
	wait_for(&s, 1);
	ck_assert_int_lt(s.received[0].at, now - 300);
	stand_down(&s);
}
END_TEST

START_TEST(duplicate_answers_are_the_same_octets_twice)
{
	struct stand s;
	stand_up(&s, "duplicate-answers", NULL);
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	wait_for(&s, 2);
	ck_assert_str_eq(s.received[0].body, s.received[1].body);
	ck_assert_str_eq(s.received[0].signature, s.received[1].signature);
	stand_down(&s);
}
END_TEST

START_TEST(answers_can_lack_a_signature_or_have_a_wrong_one)
{
	struct stand s;
	stand_up(&s, "unsigned-answers", NULL);
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	wait_for(&s, 1);
	ck_assert_ptr_null(s.received[0].signature);
	stand_down(&s);
	stand_up(&s, "wrongly-signed-answers", NULL);
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	wait_for(&s, 1);
	must_fail(verify(&s, s.received[0].body, s.received[0].signature, error), BAD_CERTIFICATE);
	stand_down(&s);
}
END_TEST

START_TEST(answers_can_come_out_of_order)
{
	struct stand s;
	stand_up(&s, "out-of-order-answers", NULL);
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	lodge(&s, PLACE, sample(&s, "assurance", NULL, NULL), s.gateway);
	wait_for(&s, 2);
	expect_function(&s, 0, "01");
	expect_function(&s, 1, "05");
	stand_down(&s);
}
END_TEST

/* What the scenario decides beforehand, and what it leaves alone. */
START_TEST(scenarios_choose_the_answer)
{
	static const struct {
		const char *scenario, *functions[4];
	} table[] = {
		{ "reject,hold", { "03" } }, { "documents", { "06" } }, { "question,hold", { "51", "50" } }, { "release", { "05", "08", "09" } },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct stand s;
		size_t count = 0;
		stand_up(&s, table[i].scenario, NULL);
		lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
		for (; table[i].functions[count]; count++) {
			wait_for(&s, count + 1);
			expect_function(&s, count, table[i].functions[count]);
			must_succeed(verify(&s, s.received[count].body, s.received[count].signature, error));
		}
		expect_no_more(&s, count, 300);
		stand_down(&s);
	}
}
END_TEST

START_TEST(no_answer_takes_and_keeps_quiet)
{
	struct stand s;
	stand_up(&s, "no-answer", NULL);
	ck_assert_int_eq(lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway).status, 202);
	expect_no_more(&s, 0, 600);
	stand_down(&s);
}
END_TEST

START_TEST(names_are_read_with_their_numbers)
{
	struct scenarios s;
	must_succeed(scenarios_read("good,errors-500,slow=7", &s, error));
	ck_assert(s.on[SCENARIO_GOOD] && s.on[SCENARIO_ERRORS_500] && s.on[SCENARIO_SLOW] && !s.on[SCENARIO_BUSY_429]);
	ck_assert_int_eq(s.number[SCENARIO_ERRORS_500], 2);
	ck_assert_int_eq(s.number[SCENARIO_SLOW], 7);
	must_fail(scenarios_read("good,bad", &s, error), BAD_FIELD);
	must_fail(scenarios_read("", &s, error), BAD_FIELD);
	must_fail(scenarios_read("hold=3", &s, error), BAD_FIELD);
	must_fail(scenarios_read("slow=0", &s, error), BAD_FIELD);
}
END_TEST

SUITE("scenarios", names_are_read_with_their_numbers, errors_and_busy_answers_come_first_and_leave_nothing_behind,
      silence_processes_and_never_answers_the_call,
      slow_lets_the_answer_overtake_the_receipt,
      duplicate_answers_are_the_same_octets_twice,
      answers_can_lack_a_signature_or_have_a_wrong_one,
      answers_can_come_out_of_order,
      scenarios_choose_the_answer,
      no_answer_takes_and_keeps_quiet)
