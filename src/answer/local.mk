libsealgate_a_SOURCES += \
	src/answer/answer.c src/answer/answer.h \
	src/answer/check.c \
	src/answer/escalate.c \
	src/answer/faults.c \
	src/answer/inside.h \
	src/answer/keep.c \
	src/answer/lift.c \
	src/answer/qualify.c \
	src/answer/read.c \
	src/answer/relay.c \
	src/answer/shape.c \
	src/answer/spread.c \
	src/answer/tie.c
