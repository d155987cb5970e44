check_PROGRAMS += tests/unit/model/check_event
TESTS += tests/unit/model/check_event
tests_unit_model_check_event_SOURCES = tests/unit/model/check_event.c
tests_unit_model_check_event_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_model_check_event_LDADD = $(TEST_LIBS)
