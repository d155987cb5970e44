libsealgate_a_SOURCES += src/lib/crypto/digest.c src/lib/crypto/digest.h
