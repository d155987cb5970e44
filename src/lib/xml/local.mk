libsealgate_a_SOURCES += \
	src/lib/xml/guard.c src/lib/xml/guard.h \
	src/lib/xml/grammar.c src/lib/xml/grammar.h src/lib/xml/grammar_read.c \
	src/lib/xml/pattern.c src/lib/xml/pattern.h \
	src/lib/xml/schema.c \
	src/lib/xml/xml.c src/lib/xml/xml.h
