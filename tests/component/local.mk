component_tests = tests/component/crash_loop.sh tests/component/as4_crash.sh tests/component/hub_crash.sh
TESTS += $(component_tests)
EXTRA_DIST += $(component_tests)
