#include "support/suite.h"

#include "lib/base/backoff.h"

static const struct backoff_plan plan = { .first_ms = 1000, .longest_ms = 60000, .budget_ms = 600000, .factor = 2, .jitter = 0.2 };

START_TEST(waits_grow_to_the_longest_and_chance_moves_them_by_the_jitter)
{
	static const struct { int64_t tries; double chance; int64_t wait; } rows[] = {
		{ 1, 0.5, 1000 }, { 2, 0.5, 2000 }, { 3, 0.5, 4000 }, { 3, 0, 3200 }, { 3, 1, 4800 }, { 7, 0.5, 60000 }, { 1000, 0.5, 60000 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_int_eq(backoff_wait_ms(&plan, rows[i].tries, 0, rows[i].chance), rows[i].wait);
}
END_TEST

START_TEST(retry_after_is_a_least_wait_and_clamped)
{
	ck_assert_int_eq(backoff_wait_ms(&plan, 1, 30, 0.5), 30000);
	ck_assert_int_eq(backoff_wait_ms(&plan, 7, 30, 0.5), 60000);
	ck_assert_int_eq(backoff_wait_ms(&plan, 1, 86400, 0.5), 60000);
}
END_TEST

START_TEST(the_budget_ends_the_tries)
{
	ck_assert_int_eq(backoff_due_ms(&plan, 0, 500000, 7, 0, 0.5), 560000);
	ck_assert_int_eq(backoff_due_ms(&plan, 0, 550000, 7, 0, 0.5), -1);
}
END_TEST

SUITE("backoff", waits_grow_to_the_longest_and_chance_moves_them_by_the_jitter, retry_after_is_a_least_wait_and_clamped,
      the_budget_ends_the_tries)
