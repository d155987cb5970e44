check_PROGRAMS += tests/unit/lib_xml/check_xml
TESTS += tests/unit/lib_xml/check_xml
tests_unit_lib_xml_check_xml_SOURCES = tests/unit/lib_xml/check_xml.c
tests_unit_lib_xml_check_xml_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_xml_check_xml_LDADD = $(TEST_LIBS)
