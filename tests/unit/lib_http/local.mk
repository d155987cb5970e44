check_PROGRAMS += tests/unit/lib_http/check_server
TESTS += tests/unit/lib_http/check_server
tests_unit_lib_http_check_server_SOURCES = tests/unit/lib_http/check_server.c tests/support/raw_http.c tests/support/raw_http.h
tests_unit_lib_http_check_server_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_http_check_server_LDADD = $(TEST_LIBS)
