#include "support/suite.h"

#include "deliver/breaker.h"

START_TEST(a_breaker_opens_lets_one_through_and_closes)
{
	struct breaker b;
	breaker_init(&b, 3, 1000);
	ck_assert(!breaker_note(&b, false, 0) && !breaker_note(&b, false, 0));
	ck_assert(!breaker_note(&b, true, 0));  /* the row is broken */
	ck_assert(!breaker_note(&b, false, 0) && !breaker_note(&b, false, 0) && breaker_note(&b, false, 0));
	ck_assert(!breaker_allows(&b, 999));
	ck_assert(breaker_allows(&b, 1000));
	ck_assert(!breaker_allows(&b, 1000));  /* half open: one only */
	ck_assert(!breaker_note(&b, false, 1000));
	ck_assert(!breaker_allows(&b, 1999));
	ck_assert(breaker_allows(&b, 2000));
	ck_assert(breaker_note(&b, true, 2000));
	ck_assert(breaker_allows(&b, 2000) && breaker_allows(&b, 2000));
}
END_TEST

SUITE("schedule", a_breaker_opens_lets_one_through_and_closes)
