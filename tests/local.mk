AM_TESTS_ENVIRONMENT = SOURCE_DIR='$(abs_top_srcdir)' BUILD_DIR='$(abs_top_builddir)'; export SOURCE_DIR BUILD_DIR; \
	CK_DEFAULT_TIMEOUT=60; export CK_DEFAULT_TIMEOUT;
include tests/unit/lib_base/local.mk
