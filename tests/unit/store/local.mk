check_PROGRAMS += tests/unit/store/check_store
TESTS += tests/unit/store/check_store
tests_unit_store_check_store_SOURCES = tests/unit/store/check_store.c
tests_unit_store_check_store_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_store_check_store_LDADD = $(TEST_LIBS)
