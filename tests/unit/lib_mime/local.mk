check_PROGRAMS += tests/unit/lib_mime/check_mime tests/unit/lib_mime/check_gzip
TESTS += tests/unit/lib_mime/check_mime tests/unit/lib_mime/check_gzip
tests_unit_lib_mime_check_mime_SOURCES = tests/unit/lib_mime/check_mime.c
tests_unit_lib_mime_check_mime_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_mime_check_mime_LDADD = $(TEST_LIBS)
tests_unit_lib_mime_check_gzip_SOURCES = tests/unit/lib_mime/check_gzip.c
tests_unit_lib_mime_check_gzip_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_mime_check_gzip_LDADD = $(TEST_LIBS)
