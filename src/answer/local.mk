libsealgate_a_SOURCES += src/answer/answer.h
