libsealgate_a_SOURCES += \
	src/lib/mime/gmime.c \
	src/lib/mime/guard.c \
	src/lib/mime/gzip.c src/lib/mime/gzip.h \
	src/lib/mime/inside.h \
	src/lib/mime/mime.c src/lib/mime/mime.h \
	src/lib/mime/type.c
