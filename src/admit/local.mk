libsealgate_a_SOURCES += src/admit/admit.h src/admit/peer.c src/admit/signature.c src/admit/token.c
