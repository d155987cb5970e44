check_PROGRAMS += tests/unit/lib_config/check_config
TESTS += tests/unit/lib_config/check_config
tests_unit_lib_config_check_config_SOURCES = tests/unit/lib_config/check_config.c tests/support/folder.h
tests_unit_lib_config_check_config_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_config_check_config_LDADD = $(TEST_LIBS)
