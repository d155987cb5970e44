check_PROGRAMS += tests/unit/lib_crypto/check_certificate tests/unit/lib_crypto/check_cipher
TESTS += tests/unit/lib_crypto/check_certificate tests/unit/lib_crypto/check_cipher
tests_unit_lib_crypto_check_certificate_SOURCES = tests/unit/lib_crypto/check_certificate.c
tests_unit_lib_crypto_check_certificate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_crypto_check_certificate_LDADD = $(TEST_LIBS)
tests_unit_lib_crypto_check_cipher_SOURCES = tests/unit/lib_crypto/check_cipher.c
tests_unit_lib_crypto_check_cipher_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_lib_crypto_check_cipher_LDADD = $(TEST_LIBS)
