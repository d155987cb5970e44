check_PROGRAMS += tests/unit/lib_base/check_base
TESTS += tests/unit/lib_base/check_base
tests_unit_lib_base_check_base_SOURCES = tests/unit/lib_base/check_base.c
tests_unit_lib_base_check_base_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_base_check_base_LDADD = $(TEST_LIBS)
