check_PROGRAMS += tests/interop/phase4/exchange
TESTS += tests/interop/phase4/check_phase4
EXTRA_DIST += tests/interop/phase4/check_phase4 tests/interop/phase4/cases tests/interop/phase4/pom.xml tests/interop/phase4/Peer.java
tests_interop_phase4_exchange_SOURCES = tests/interop/phase4/exchange.c
tests_interop_phase4_exchange_CPPFLAGS = $(TEST_CPPFLAGS)
tests_interop_phase4_exchange_LDADD = $(TEST_LIBS)
