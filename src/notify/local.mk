libsealgate_a_SOURCES += \
	src/notify/cloud.c \
	src/notify/inside.h \
	src/notify/lane.c \
	src/notify/notify.c src/notify/notify.h \
	src/notify/pass.c \
	src/notify/plan.c \
	src/notify/send.c \
	src/notify/stream.c
