check_PROGRAMS += tests/unit/answer/check_answer tests/unit/answer/check_published
TESTS += tests/unit/answer/check_answer tests/unit/answer/check_published
tests_unit_answer_check_answer_SOURCES = tests/unit/answer/check_answer.c tests/unit/answer/place.h
tests_unit_answer_check_answer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_answer_check_answer_LDADD = $(TEST_LIBS)
tests_unit_answer_check_published_SOURCES = tests/unit/answer/check_published.c tests/unit/answer/place.h
tests_unit_answer_check_published_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_answer_check_published_LDADD = $(TEST_LIBS)
