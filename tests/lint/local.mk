# What is held against the tree as a whole. Scripts in Perl and sh read the sources; programs ask the code's own lists.
check_PROGRAMS += tests/lint/check_pages tests/lint/check_documents
tests_lint_check_pages_SOURCES = tests/lint/check_pages.c tests/support/folder.h tests/support/suite.h
tests_lint_check_pages_CPPFLAGS = $(TEST_CPPFLAGS)
tests_lint_check_pages_LDADD = $(TEST_LIBS)
tests_lint_check_documents_SOURCES = tests/lint/check_documents.c tests/support/suite.h
tests_lint_check_documents_CPPFLAGS = $(TEST_CPPFLAGS)
tests_lint_check_documents_LDADD = $(TEST_LIBS)

LINTS = tests/lint/layers tests/lint/banned tests/lint/sizes tests/lint/texts tests/lint/man tests/lint/shell tests/lint/openapi tests/lint/unit tests/lint/assertions
TESTS += tests/lint/check_pages tests/lint/check_documents $(LINTS)
EXTRA_DIST += $(LINTS) tests/lint/Lint.pm tests/lint/sizes.exceptions

clean-local: clean-lint
.PHONY: clean-lint
clean-lint:
	rm -rf tests/lint/openapi-validator
