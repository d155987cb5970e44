# One target per parser. `make check` replays tests/fuzz/seeds/<target>; with ./configure --enable-fuzzing (clang) libFuzzer
# drives them, and tests/fuzz/run.sh runs them.
fuzz_targets = tests/fuzz/fuzz_json tests/fuzz/fuzz_event tests/fuzz/fuzz_xml tests/fuzz/fuzz_signature tests/fuzz/fuzz_mapping_run \
	tests/fuzz/fuzz_mapping_load tests/fuzz/fuzz_config tests/fuzz/fuzz_mime tests/fuzz/fuzz_as4 tests/fuzz/fuzz_token \
	tests/fuzz/fuzz_receipt tests/fuzz/fuzz_as4_signed tests/fuzz/fuzz_answer tests/fuzz/fuzz_expression tests/fuzz/fuzz_http
check_PROGRAMS += $(fuzz_targets)
EXTRA_DIST += tests/fuzz/seeds tests/fuzz/anchor.pem tests/fuzz/as4_anchor.pem tests/fuzz/run.sh tests/fuzz/json.dict tests/fuzz/xml.dict tests/fuzz/mapping.dict \
	tests/fuzz/config.dict tests/fuzz/mime.dict tests/fuzz/http.dict
if FUZZING
fuzz_driver = tests/fuzz/fuzz.h
fuzz_ldflags = $(AM_LDFLAGS) -fsanitize=fuzzer
else
fuzz_driver = tests/fuzz/fuzz.h tests/fuzz/replay.c
fuzz_ldflags = $(AM_LDFLAGS)
TESTS += $(fuzz_targets)
endif

tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(fuzz_driver)
tests_fuzz_fuzz_json_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"json"'
tests_fuzz_fuzz_json_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_json_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_event_SOURCES = tests/fuzz/fuzz_event.c $(fuzz_driver)
tests_fuzz_fuzz_event_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"event"'
tests_fuzz_fuzz_event_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_event_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_xml_SOURCES = tests/fuzz/fuzz_xml.c $(fuzz_driver)
tests_fuzz_fuzz_xml_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"xml"'
tests_fuzz_fuzz_xml_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_xml_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_signature_SOURCES = tests/fuzz/fuzz_signature.c $(fuzz_driver)
tests_fuzz_fuzz_signature_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"signature"'
tests_fuzz_fuzz_signature_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_signature_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_mapping_run_SOURCES = tests/fuzz/fuzz_mapping_run.c $(fuzz_driver)
tests_fuzz_fuzz_mapping_run_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"mapping_run"'
tests_fuzz_fuzz_mapping_run_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_mapping_run_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_mapping_load_SOURCES = tests/fuzz/fuzz_mapping_load.c $(fuzz_driver)
tests_fuzz_fuzz_mapping_load_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"mapping_load"'
tests_fuzz_fuzz_mapping_load_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_mapping_load_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(fuzz_driver)
tests_fuzz_fuzz_config_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"config"'
tests_fuzz_fuzz_config_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_config_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_mime_SOURCES = tests/fuzz/fuzz_mime.c $(fuzz_driver)
tests_fuzz_fuzz_mime_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"mime"'
tests_fuzz_fuzz_mime_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_mime_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_as4_SOURCES = tests/fuzz/fuzz_as4.c $(fuzz_driver)
tests_fuzz_fuzz_as4_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"as4"'
tests_fuzz_fuzz_as4_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_as4_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_token_SOURCES = tests/fuzz/fuzz_token.c $(fuzz_driver)
tests_fuzz_fuzz_token_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"token"'
tests_fuzz_fuzz_token_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_token_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_receipt_SOURCES = tests/fuzz/fuzz_receipt.c $(fuzz_driver)
tests_fuzz_fuzz_receipt_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"receipt"'
tests_fuzz_fuzz_receipt_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_receipt_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_as4_signed_SOURCES = tests/fuzz/fuzz_as4_signed.c $(fuzz_driver)
tests_fuzz_fuzz_as4_signed_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"as4_signed"'
tests_fuzz_fuzz_as4_signed_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_as4_signed_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_answer_SOURCES = tests/fuzz/fuzz_answer.c $(fuzz_driver)
tests_fuzz_fuzz_answer_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"answer"'
tests_fuzz_fuzz_answer_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_answer_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_expression_SOURCES = tests/fuzz/fuzz_expression.c $(fuzz_driver)
tests_fuzz_fuzz_expression_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"expression"'
tests_fuzz_fuzz_expression_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_expression_LDADD = $(LIBSEALGATE)
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c $(fuzz_driver)
tests_fuzz_fuzz_http_CPPFLAGS = $(TEST_CPPFLAGS) -DFUZZ_TARGET='"http"'
tests_fuzz_fuzz_http_LDFLAGS = $(fuzz_ldflags)
tests_fuzz_fuzz_http_LDADD = $(LIBSEALGATE)
