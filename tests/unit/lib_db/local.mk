check_PROGRAMS += tests/unit/lib_db/check_db
TESTS += tests/unit/lib_db/check_db
tests_unit_lib_db_check_db_SOURCES = tests/unit/lib_db/check_db.c
tests_unit_lib_db_check_db_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_db_check_db_LDADD = $(TEST_LIBS)
