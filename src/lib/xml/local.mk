libsealgate_a_SOURCES += \
	src/lib/xml/guard.c src/lib/xml/guard.h \
	src/lib/xml/schema.c \
	src/lib/xml/xml.c src/lib/xml/xml.h
