check_PROGRAMS += tests/unit/sign/check_sign
TESTS += tests/unit/sign/check_sign
tests_unit_sign_check_sign_SOURCES = tests/unit/sign/check_sign.c
tests_unit_sign_check_sign_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_sign_check_sign_LDADD = $(TEST_LIBS)
