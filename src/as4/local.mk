libsealgate_a_SOURCES += \
	src/as4/accept.c \
	src/as4/content.c \
	src/as4/ebms.c src/as4/ebms.def src/as4/ebms.h \
	src/as4/encryption.c \
	src/as4/envelope.c \
	src/as4/header.h src/as4/header_read.c src/as4/header_write.c \
	src/as4/inside.h \
	src/as4/mode.h \
	src/as4/names.h \
	src/as4/open.c \
	src/as4/pack.c src/as4/package.h \
	src/as4/receipt.c \
	src/as4/security_read.c src/as4/security_write.c \
	src/as4/token.c
