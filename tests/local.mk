# of one libcheck test
CHECK_SECONDS = 60
AM_TESTS_ENVIRONMENT = SOURCE_DIR='$(abs_top_srcdir)' BUILD_DIR='$(abs_top_builddir)'; export SOURCE_DIR BUILD_DIR; \
	CK_DEFAULT_TIMEOUT=$(CHECK_SECONDS); export CK_DEFAULT_TIMEOUT; G_SLICE=always-malloc; export G_SLICE;
EXTRA_DIST += tests/support/tsan.supp tests/support/memory.h tests/support/folder.h tests/support/suite.h tests/support/tap.sh tests/support/valgrind.supp tests/README.md tests/SECURITY-ROWS.md

include tests/unit/lib_base/local.mk
include tests/unit/lib_json/local.mk
include tests/unit/lib_xml/local.mk
include tests/unit/lib_crypto/local.mk
include tests/unit/lib_http/local.mk
include tests/unit/lib_mime/local.mk
include tests/unit/lib_db/local.mk
include tests/unit/lib_config/local.mk
include tests/unit/model/local.mk
include tests/unit/map/local.mk
include tests/unit/validate/local.mk
include tests/unit/sign/local.mk
include tests/unit/as4/local.mk
include tests/unit/msh/local.mk
include tests/unit/receive/local.mk
include tests/unit/admit/local.mk
include tests/unit/assess/local.mk
include tests/unit/deliver/local.mk
include tests/unit/answer/local.mk
include tests/unit/notify/local.mk
include tests/unit/store/local.mk
include tests/unit/flow/local.mk
include tests/unit/sandbox/local.mk
include tests/unit/sealgate/local.mk
include tests/component/local.mk
include tests/end_to_end/local.mk
include tests/interop/local.mk
include tests/fuzz/local.mk
include tests/bench/local.mk
include tests/lint/local.mk

# Lines and branches of src that the tests run, in a build of its own below this one. The table is coverage/coverage.txt, each line
# coverage/html/index.html.
coverage:
	$(top_srcdir)/packaging/install-packages build run test coverage
	$(MKDIR_P) coverage/html
	cd coverage && { test -f Makefile || '$(abs_top_srcdir)/configure' -q CFLAGS='-Og -g --coverage -fprofile-update=atomic'; }
	find coverage -name '*.gcda' -delete
	cd coverage && { $(MAKE) $(AM_MAKEFLAGS) check || echo 'some tests fail: what they would have run is not counted'; }
	top=`cd '$(abs_top_srcdir)' && pwd -P` && cd coverage && gcovr -r "$$top" -f "$$top/src/" --exclude-unreachable-branches --exclude-throw-branches \
		--txt coverage.txt --html-details html/index.html --json-summary summary.json --print-summary .
.PHONY: coverage

# The C tests alone, and what MORE_TESTS names. Other compilers and sanitizers run these: scripts would say the same once more.
c_tests = tests=; for test in $(TESTS); do case ' $(check_PROGRAMS) ' in *" $$test "*) tests="$$tests $$test" ;; esac; done
check-c:
	$(c_tests); $(MAKE) $(AM_MAKEFLAGS) check TESTS="$$tests $(MORE_TESTS)"

# Under valgrind: what is read before it is set, past its end or after it is freed, and what is lost. Slow; not part of `make check`.
check-valgrind:
	$(c_tests); $(MAKE) $(AM_MAKEFLAGS) check TESTS="$$tests" CHECK_SECONDS=600 LOG_COMPILER='valgrind -q --error-exitcode=99 --leak-check=full \
		--show-leak-kinds=definite --errors-for-leak-kinds=definite --suppressions=$(abs_top_srcdir)/tests/support/valgrind.supp'
.PHONY: check-c check-valgrind
