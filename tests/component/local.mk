component_tests = tests/component/crash_loop.sh
TESTS += $(component_tests)
EXTRA_DIST += $(component_tests)
