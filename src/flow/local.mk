libsealgate_a_SOURCES += \
	src/flow/flow.c src/flow/flow.h \
	src/flow/fold.c \
	src/flow/order.c \
	src/flow/picture.c src/flow/picture.h \
	src/flow/remake.c src/flow/remake.h \
	src/flow/relay.c src/flow/relay.h \
	src/flow/reply.c \
	src/flow/report.c src/flow/report.h src/flow/report_input.c \
	src/flow/work.c src/flow/work.h
