sbin_PROGRAMS += sealgated
sealgated_SOURCES = src/sealgated/main.c
sealgated_LDADD = $(LIBSEALGATE) $(JEMALLOC_LIBS)
libsealgate_a_SOURCES += src/sealgated/as4.c src/sealgated/health.c src/sealgated/node.c src/sealgated/node.h src/sealgated/hooks.c src/sealgated/ready.c src/sealgated/ready.h

# The unit for systemd, with the folders of this installation.
systemdunitdir = $(prefix)/lib/systemd/system
nodist_systemdunit_DATA = packaging/sealgated.service
CLEANFILES += packaging/sealgated.service
packaging/sealgated.service: $(srcdir)/packaging/sealgated.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) packaging && sed 's,@sbindir@,$(sbindir),; s,@sysconfdir@,$(sysconfdir),' $(srcdir)/packaging/sealgated.service.in > $@
