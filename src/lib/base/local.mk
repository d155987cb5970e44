libsealgate_a_SOURCES += \
	src/lib/base/arena.c src/lib/base/arena.h \
	src/lib/base/backoff.c src/lib/base/backoff.h \
	src/lib/base/bytes.c src/lib/base/bytes.h \
	src/lib/base/clock.c src/lib/base/clock.h \
	src/lib/base/descriptors.c src/lib/base/descriptors.h \
	src/lib/base/error.c src/lib/base/error.def src/lib/base/error.h \
	src/lib/base/file.c src/lib/base/file.h \
	src/lib/base/heap.c src/lib/base/heap.h \
	src/lib/base/id.c src/lib/base/id.h \
	src/lib/base/log.c src/lib/base/log.h \
	src/lib/base/spool.c src/lib/base/spool.h \
	src/lib/base/stream.c src/lib/base/stream.h \
	src/lib/base/text.c src/lib/base/text.h
