check_PROGRAMS += tests/unit/map/check_samples tests/unit/map/check_language
TESTS += tests/unit/map/check_samples tests/unit/map/check_language
tests_unit_map_check_samples_SOURCES = tests/unit/map/check_samples.c
tests_unit_map_check_samples_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_map_check_samples_LDADD = $(TEST_LIBS)
tests_unit_map_check_language_SOURCES = tests/unit/map/check_language.c
tests_unit_map_check_language_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_map_check_language_LDADD = $(TEST_LIBS)
