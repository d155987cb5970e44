libsealgate_a_SOURCES += src/admit/admit.h src/admit/bearer.c src/admit/caller.c src/admit/client.c src/admit/inside.h src/admit/keyset.c src/admit/peer.c src/admit/signature.c src/admit/token.c
