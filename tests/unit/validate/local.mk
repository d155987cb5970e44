check_PROGRAMS += tests/unit/validate/check_validate
TESTS += tests/unit/validate/check_validate
tests_unit_validate_check_validate_SOURCES = tests/unit/validate/check_validate.c
tests_unit_validate_check_validate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_validate_check_validate_LDADD = $(TEST_LIBS)
