end_to_end_tests = tests/end_to_end/java_customs.sh
TESTS += $(end_to_end_tests)
EXTRA_DIST += $(end_to_end_tests)
