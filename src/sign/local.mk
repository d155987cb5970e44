libsealgate_a_SOURCES += src/sign/names.h src/sign/sign.h src/sign/verify.c src/sign/write.c
