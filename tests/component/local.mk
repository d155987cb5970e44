component_tests = tests/component/crash_loop.sh tests/component/as4_crash.sh tests/component/hub_crash.sh tests/component/store_faults.sh \
	tests/component/memory_faults.sh tests/component/peer_cuts.sh tests/component/overload.sh tests/component/dead_peer.sh \
	tests/component/idle_connections.sh tests/component/slow_clients.sh
TESTS += $(component_tests)
EXTRA_DIST += $(component_tests) tests/component/crowd.sh tests/component/fault.c tests/component/fault_memory.c tests/component/cutter.pl

check_PROGRAMS += tests/component/store_check
tests_component_store_check_SOURCES = tests/component/store_check.c
tests_component_store_check_CPPFLAGS = $(TEST_CPPFLAGS)
tests_component_store_check_LDADD = $(LIBSEALGATE)

# Preloaded into programs: built without the sanitizers' and the hardening flags, which are the programs' own.
fault_libraries = tests/component/fault.so tests/component/fault_memory.so
check_DATA = $(fault_libraries)
CLEANFILES += $(fault_libraries)
$(fault_libraries): tests/component/%.so: tests/component/%.c
	@$(MKDIR_P) tests/component
	$(AM_V_CCLD)$(CC) -std=gnu17 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared -o $@ $< -ldl

# Not with the sanitizers, which have an allocator of their own: memory_faults.sh preloads fault_memory.so into it.
check_PROGRAMS += tests/component/memory_faults
tests_component_memory_faults_SOURCES = tests/component/memory_faults.c
tests_component_memory_faults_CPPFLAGS = $(TEST_CPPFLAGS)
tests_component_memory_faults_LDADD = $(LIBSEALGATE) -ldl

# Many clients at once, good and bad ones. It shares no code with the gateway.
check_PROGRAMS += tests/component/crowd
tests_component_crowd_SOURCES = tests/component/crowd.c tests/component/crowd.h tests/component/crowd_load.c tests/component/crowd_idle.c \
	tests/component/crowd_slow.c
tests_component_crowd_CPPFLAGS = $(TEST_CPPFLAGS)

# For SOAK_MINUTES (60): what `make check` runs in a short form, again and again.
EXTRA_DIST += tests/component/soak.sh
CLEANFILES += soak.json soak.log
soak: all $(fault_libraries) tests/component/store_check tests/component/memory_faults tests/component/crowd
	@$(AM_TESTS_ENVIRONMENT) sh $(srcdir)/tests/component/soak.sh
.PHONY: soak
