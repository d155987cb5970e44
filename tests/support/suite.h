/* suite: the main of a unit test, for libcheck. A test file lists its cases once:
 *
 *   SUITE("base", test_one, test_two)
 */
#ifndef SEALGATE_TESTS_SUPPORT_SUITE_H
#define SEALGATE_TESTS_SUPPORT_SUITE_H

#include <check.h>
#include <stdlib.h>

#include "lib/base/error.h"

#define SUITE(name, ...)                                                                       \
	int main(void)                                                                          \
	{                                                                                       \
		const TTest *const cases[] = { __VA_ARGS__ };                                   \
		Suite *suite = suite_create(name);                                              \
		TCase *tcase = tcase_create(name);                                              \
		for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)                       \
			tcase_add_test(tcase, cases[i]);                                        \
		suite_add_tcase(suite, tcase);                                                  \
		SRunner *runner = srunner_create(suite);                                        \
		srunner_run_all(runner, CK_ENV);                                                \
		int failed = srunner_ntests_failed(runner);                                     \
		srunner_free(runner);                                                           \
		return failed ? EXIT_FAILURE : EXIT_SUCCESS;                                    \
	}

/* The call succeeds; else the error's text is shown. */
#define must_succeed(call)                                                                               \
	do {                                                                                              \
		struct error error_ = { 0 }, *error = &error_;                                            \
		if ((call) < 0)                                                                           \
			ck_abort_msg("%s failed: %s [%s] [%s]", #call, error_.text, error_.place, error_.field); \
	} while (0)

/* The call fails with this code. */
#define must_fail(call, wanted)                                                                          \
	do {                                                                                              \
		struct error error_ = { 0 }, *error = &error_;                                            \
		if ((call) == 0)                                                                          \
			ck_abort_msg("%s succeeded", #call);                                              \
		if (error_.code != ERROR_##wanted)                                                        \
			ck_abort_msg("%s failed with %s, not " #wanted ": %s", #call, error_slug(error_.code), error_.text); \
	} while (0)

#endif
