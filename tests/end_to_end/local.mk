end_to_end_tests = tests/end_to_end/demo_c.sh tests/end_to_end/demo_h.sh tests/end_to_end/drain.sh tests/end_to_end/guards.sh tests/end_to_end/hostile.sh tests/end_to_end/hubs.sh tests/end_to_end/java_customs.sh \
	tests/end_to_end/once.sh tests/end_to_end/operate.sh tests/end_to_end/reload.sh tests/end_to_end/scenarios.sh
TESTS += $(end_to_end_tests)
EXTRA_DIST += $(end_to_end_tests) tests/support/gateway.sh tests/support/gone.pl
