check_PROGRAMS += tests/unit/assess/check_voyages
TESTS += tests/unit/assess/check_voyages
tests_unit_assess_check_voyages_SOURCES = tests/unit/assess/check_voyages.c tests/support/voyage.h
tests_unit_assess_check_voyages_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_assess_check_voyages_LDADD = $(TEST_LIBS)
