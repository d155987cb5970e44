libsealgate_a_SOURCES += src/validate/validate.c src/validate/validate.h
