libsealgate_a_SOURCES += src/admit/admit.h src/admit/signature.c src/admit/token.c
