libsealgate_a_SOURCES += src/lib/json/json.h
