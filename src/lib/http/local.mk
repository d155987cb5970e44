libsealgate_a_SOURCES += \
	src/lib/http/address.c \
	src/lib/http/answer.c \
	src/lib/http/client.c src/lib/http/client.h src/lib/http/client_inside.h \
	src/lib/http/connection.c \
	src/lib/http/guard.c \
	src/lib/http/header.c src/lib/http/header.h \
	src/lib/http/inside.h \
	src/lib/http/request.c \
	src/lib/http/server.c src/lib/http/server.h \
	src/lib/http/stream.c \
	src/lib/http/target.c \
	src/lib/http/transfer.c src/lib/http/transfer_new.c \
	src/lib/http/watch.c
