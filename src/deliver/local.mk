libsealgate_a_SOURCES += \
	src/deliver/authorization.c \
	src/deliver/backoff.c src/deliver/backoff.h \
	src/deliver/breaker.c src/deliver/breaker.h \
	src/deliver/courier.c src/deliver/courier.h \
	src/deliver/lane.h \
	src/deliver/pull.c \
	src/deliver/send.c
