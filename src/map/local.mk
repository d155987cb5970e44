libsealgate_a_SOURCES += \
	src/map/codes.c \
	src/map/document.h src/map/document_compile.c src/map/document_run.c \
	src/map/engine.h \
	src/map/expression.c \
	src/map/filter.c src/map/filter_customs.c src/map/filter_test.c src/map/filter_text.c src/map/filter_time.c \
	src/map/from_xml.c \
	src/map/map.c src/map/map.h \
	src/map/run.c \
	src/map/schema.c \
	src/map/sentence.c \
	src/map/set.c src/map/set.h \
	src/map/shape.c \
	src/map/source.c src/map/source.h \
	src/map/tree.c src/map/tree.h
