libsealgate_a_SOURCES += \
	src/receive/call.h \
	src/receive/events.c \
	src/receive/jobs.c \
	src/receive/journeys.c \
	src/receive/messages.c \
	src/receive/operate.c \
	src/receive/peers.c \
	src/receive/receive.c src/receive/receive.h \
	src/receive/replies.c \
	src/receive/subscriptions.c \
	src/receive/system.c \
	src/receive/things.c
