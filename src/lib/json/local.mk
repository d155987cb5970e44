libsealgate_a_SOURCES += \
	src/lib/json/json.c src/lib/json/json.h \
	src/lib/json/node.h src/lib/json/parse.c \
	src/lib/json/write.c
