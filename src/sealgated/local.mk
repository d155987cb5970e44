sbin_PROGRAMS += sealgated
sealgated_SOURCES = src/sealgated/main.c
sealgated_LDADD = $(LIBSEALGATE)
libsealgate_a_SOURCES += src/sealgated/as4.c src/sealgated/node.c src/sealgated/node.h src/sealgated/hooks.c src/sealgated/ready.c src/sealgated/ready.h
