check_PROGRAMS += tests/unit/notify/check_webhooks tests/unit/notify/check_stream
TESTS += tests/unit/notify/check_webhooks tests/unit/notify/check_stream
tests_unit_notify_check_webhooks_SOURCES = tests/unit/notify/check_webhooks.c tests/unit/notify/world.c tests/unit/notify/world.h
tests_unit_notify_check_webhooks_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_notify_check_webhooks_LDADD = $(TEST_LIBS)
tests_unit_notify_check_stream_SOURCES = tests/unit/notify/check_stream.c tests/unit/notify/world.c tests/unit/notify/world.h \
	tests/support/raw_http.c tests/support/raw_http.h
tests_unit_notify_check_stream_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_notify_check_stream_LDADD = $(TEST_LIBS)
