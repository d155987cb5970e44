libsealgate_a_SOURCES += \
	src/deliver/backoff.c src/deliver/backoff.h \
	src/deliver/breaker.c src/deliver/breaker.h
