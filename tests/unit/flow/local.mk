check_PROGRAMS += tests/unit/flow/check_remake
TESTS += tests/unit/flow/check_remake
tests_unit_flow_check_remake_SOURCES = tests/unit/flow/check_remake.c tests/unit/answer/place.h
tests_unit_flow_check_remake_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_flow_check_remake_LDADD = $(TEST_LIBS)
