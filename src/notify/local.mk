libsealgate_a_SOURCES += src/notify/notify.h
