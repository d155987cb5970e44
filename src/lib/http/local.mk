libsealgate_a_SOURCES += \
	src/lib/http/answer.c \
	src/lib/http/connection.c \
	src/lib/http/guard.c \
	src/lib/http/header.c src/lib/http/header.h \
	src/lib/http/inside.h \
	src/lib/http/request.c \
	src/lib/http/server.c src/lib/http/server.h \
	src/lib/http/stream.c \
	src/lib/http/target.c \
	src/lib/http/watch.c
