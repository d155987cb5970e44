libsealgate_a_SOURCES += \
	src/lib/crypto/certificate.c src/lib/crypto/certificate.h \
	src/lib/crypto/cipher.c src/lib/crypto/cipher.h \
	src/lib/crypto/digest.c src/lib/crypto/digest.h \
	src/lib/crypto/inside.h \
	src/lib/crypto/memory.c src/lib/crypto/memory.h \
	src/lib/crypto/path.c \
	src/lib/crypto/public.c \
	src/lib/crypto/revocations.c \
	src/lib/crypto/key.c src/lib/crypto/key.h src/lib/crypto/secrets.c src/lib/crypto/secrets.h
