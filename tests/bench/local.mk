# Measured speed: `make bench` (BENCH="tools" for one of them). Never part of `make check`.
BENCH = $(BENCH_TOOLS) intake exchange restart as4
if HAVE_XMLSEC
BENCH_TOOLS = tools
else
BENCH_TOOLS =
endif
BENCH_SHARED = tests/bench/bench.c tests/bench/bench.h
BENCH_STAGE = tests/bench/stage.c tests/bench/stage.h tests/bench/history.c tests/bench/history.h
EXTRA_PROGRAMS = tests/bench/restart tests/bench/tools tests/bench/intake tests/bench/exchange tests/bench/as4
tests_bench_tools_SOURCES = tests/bench/tools.c tests/bench/floor_xmlsec.c tests/bench/floor_xmlsec.h $(BENCH_SHARED)
tests_bench_tools_CPPFLAGS = $(TEST_CPPFLAGS) $(XMLSEC_CFLAGS)
tests_bench_tools_LDADD = $(LIBSEALGATE) $(XMLSEC_LIBS)
tests_bench_exchange_SOURCES = tests/bench/exchange.c $(BENCH_STAGE) $(BENCH_SHARED)
tests_bench_exchange_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bench_exchange_LDADD = $(LIBSEALGATE)
tests_bench_intake_SOURCES = tests/bench/intake.c tests/bench/load.c tests/bench/load.h $(BENCH_STAGE) $(BENCH_SHARED)
tests_bench_intake_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bench_intake_LDADD = $(LIBSEALGATE)
tests_bench_restart_SOURCES = tests/bench/restart.c $(BENCH_STAGE) $(BENCH_SHARED)
tests_bench_restart_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bench_restart_LDADD = $(LIBSEALGATE)
tests_bench_as4_SOURCES = tests/bench/as4.c tests/bench/as4_push.c tests/bench/as4_push.h tests/bench/as4_peer.c tests/bench/as4_peer.h $(BENCH_STAGE) $(BENCH_SHARED)
tests_bench_as4_CPPFLAGS = $(TEST_CPPFLAGS)
tests_bench_as4_LDADD = $(LIBSEALGATE)
EXTRA_DIST += tests/bench/README.md tests/bench/Phase4Rate.java tests/bench/phase4_rate
CLEANFILES += $(EXTRA_PROGRAMS) bench.json

# A table on stdout; bench.json has the same figures, one object a line.
bench: all $(BENCH:%=tests/bench/%) tests/interop/phase4/exchange
	@rm -f bench.json
	@for bench in $(BENCH); do BENCH_JSON=bench.json BUILD_DIR='$(abs_top_builddir)' tests/bench/$$bench || exit 1; done
.PHONY: bench
