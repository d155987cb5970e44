check_PROGRAMS += tests/interop/signatures
tests_interop_signatures_SOURCES = tests/interop/signatures.c
tests_interop_signatures_CPPFLAGS = $(TEST_CPPFLAGS)
tests_interop_signatures_LDADD = $(LIBSEALGATE)

interop_tests = tests/interop/signatures.sh tests/interop/published_schemas.sh
TESTS += $(interop_tests)
EXTRA_DIST += $(interop_tests) tests/interop/java
