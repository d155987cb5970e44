check_PROGRAMS += tests/unit/lib_xml/check_canonical
TESTS += tests/unit/lib_xml/check_canonical
tests_unit_lib_xml_check_canonical_SOURCES = tests/unit/lib_xml/check_canonical.c
tests_unit_lib_xml_check_canonical_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_xml_check_canonical_LDADD = $(TEST_LIBS)
