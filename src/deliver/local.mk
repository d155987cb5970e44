libsealgate_a_SOURCES += \
	src/deliver/as4.c \
	src/deliver/as4_pull.c \
	src/deliver/authorization.c \
	src/deliver/breaker.c src/deliver/breaker.h \
	src/deliver/courier.c src/deliver/courier.h \
	src/deliver/lane.h \
	src/deliver/pull.c \
	src/deliver/send.c
