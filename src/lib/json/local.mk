libsealgate_a_SOURCES += \
	src/lib/json/json.c src/lib/json/json.h \
	src/lib/json/scan.c src/lib/json/scan.h \
	src/lib/json/write.c
