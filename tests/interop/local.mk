check_PROGRAMS += tests/interop/signatures
tests_interop_signatures_SOURCES = tests/interop/signatures.c
tests_interop_signatures_CPPFLAGS = $(TEST_CPPFLAGS)
tests_interop_signatures_LDADD = $(LIBSEALGATE)

interop_tests = tests/interop/signatures.sh tests/interop/published_schemas.sh tests/interop/tls.sh
TESTS += $(interop_tests)
EXTRA_DIST += $(interop_tests) tests/interop/java

check_PROGRAMS += tests/interop/phase4/exchange
TESTS += tests/interop/phase4/check_phase4
EXTRA_DIST += tests/interop/phase4/check_phase4 tests/interop/phase4/cases tests/interop/phase4/pom.xml tests/interop/phase4/Peer.java
TESTS += tests/interop/phase4/check_wire.sh
EXTRA_DIST += tests/interop/phase4/check_wire.sh tests/interop/phase4/peer.sh tests/interop/phase4/wire-cases tests/interop/phase4/Gate.java \
	tests/interop/phase4/Responder.java tests/interop/phase4/Wire.java
tests_interop_phase4_exchange_SOURCES = tests/interop/phase4/exchange.c
tests_interop_phase4_exchange_CPPFLAGS = $(TEST_CPPFLAGS)
tests_interop_phase4_exchange_LDADD = $(TEST_LIBS)
