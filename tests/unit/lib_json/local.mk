check_PROGRAMS += tests/unit/lib_json/check_json
TESTS += tests/unit/lib_json/check_json
tests_unit_lib_json_check_json_SOURCES = tests/unit/lib_json/check_json.c
tests_unit_lib_json_check_json_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_json_check_json_LDADD = $(TEST_LIBS)
