check_PROGRAMS += tests/unit/deliver/check_schedule
TESTS += tests/unit/deliver/check_schedule
tests_unit_deliver_check_schedule_SOURCES = tests/unit/deliver/check_schedule.c
tests_unit_deliver_check_schedule_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_deliver_check_schedule_LDADD = $(TEST_LIBS)
