check_PROGRAMS += tests/unit/receive/check_routes
TESTS += tests/unit/receive/check_routes
tests_unit_receive_check_routes_SOURCES = tests/unit/receive/check_routes.c
tests_unit_receive_check_routes_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_receive_check_routes_LDADD = $(TEST_LIBS)
