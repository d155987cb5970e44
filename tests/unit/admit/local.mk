check_PROGRAMS += tests/unit/admit/check_admit
TESTS += tests/unit/admit/check_admit
tests_unit_admit_check_admit_SOURCES = tests/unit/admit/check_admit.c
tests_unit_admit_check_admit_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_admit_check_admit_LDADD = $(TEST_LIBS)
