check_PROGRAMS += tests/unit/sandbox/check_sandbox tests/unit/sandbox/check_scenarios tests/unit/sandbox/check_parts tests/unit/sandbox/check_published tests/unit/sandbox/check_hub tests/unit/sandbox/check_hub_refusals tests/unit/sandbox/check_hub_scenarios
TESTS += tests/unit/sandbox/check_sandbox tests/unit/sandbox/check_scenarios tests/unit/sandbox/check_parts tests/unit/sandbox/check_published tests/unit/sandbox/check_hub tests/unit/sandbox/check_hub_refusals tests/unit/sandbox/check_hub_scenarios
tests_unit_sandbox_check_sandbox_SOURCES = tests/unit/sandbox/check_sandbox.c tests/unit/sandbox/stand.c tests/unit/sandbox/stand.h
tests_unit_sandbox_check_sandbox_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_sandbox_check_sandbox_LDADD = $(TEST_LIBS)
tests_unit_sandbox_check_scenarios_SOURCES = tests/unit/sandbox/check_scenarios.c tests/unit/sandbox/stand.c tests/unit/sandbox/stand.h
tests_unit_sandbox_check_scenarios_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_sandbox_check_scenarios_LDADD = $(TEST_LIBS)
tests_unit_sandbox_check_parts_SOURCES = tests/unit/sandbox/check_parts.c tests/unit/sandbox/stand.c tests/unit/sandbox/stand.h
tests_unit_sandbox_check_parts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_sandbox_check_parts_LDADD = $(TEST_LIBS)
tests_unit_sandbox_check_published_SOURCES = tests/unit/sandbox/check_published.c tests/unit/sandbox/stand.c tests/unit/sandbox/stand.h
tests_unit_sandbox_check_published_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_sandbox_check_published_LDADD = $(TEST_LIBS)
tests_unit_sandbox_check_hub_SOURCES = tests/unit/sandbox/check_hub.c tests/unit/sandbox/hub_stand.c tests/unit/sandbox/hub_stand.h \
	tests/unit/sandbox/stand.c tests/unit/sandbox/stand.h
tests_unit_sandbox_check_hub_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_sandbox_check_hub_LDADD = $(TEST_LIBS)
tests_unit_sandbox_check_hub_refusals_SOURCES = tests/unit/sandbox/check_hub_refusals.c tests/unit/sandbox/hub_stand.c tests/unit/sandbox/hub_stand.h \
	tests/unit/sandbox/stand.c tests/unit/sandbox/stand.h
tests_unit_sandbox_check_hub_refusals_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_sandbox_check_hub_refusals_LDADD = $(TEST_LIBS)
tests_unit_sandbox_check_hub_scenarios_SOURCES = tests/unit/sandbox/check_hub_scenarios.c tests/unit/sandbox/hub_stand.c tests/unit/sandbox/hub_stand.h \
	tests/unit/sandbox/stand.c tests/unit/sandbox/stand.h
tests_unit_sandbox_check_hub_scenarios_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_sandbox_check_hub_scenarios_LDADD = $(TEST_LIBS)
