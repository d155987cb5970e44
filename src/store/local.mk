libsealgate_a_SOURCES += \
	src/store/as4.c src/store/as4.h \
	src/store/backup.c \
	src/store/body.c src/store/body.h \
	src/store/body_stream.c src/store/body_stream.h \
	src/store/checkpoint.c src/store/checkpoint.h \
	src/store/container.c src/store/container.h \
	src/store/document.c src/store/document.h \
	src/store/event.c src/store/event.h \
	src/store/finding.c src/store/finding.h \
	src/store/journey.c src/store/journey.h \
	src/store/message.c src/store/message.h \
	src/store/list.c src/store/list.h \
	src/store/meta.c \
	src/store/receipt.c \
	src/store/part.c src/store/part.h \
	src/store/record.c src/store/record.h \
	src/store/reply.c src/store/reply.h \
	src/store/schema.c src/store/schema.h \
	src/store/store.c src/store/store.h \
	src/store/subscription.c src/store/subscription.h \
	src/store/view.c src/store/view.h

# A migration is embedded as a C string.
migration_numbers = 0001 0002 0003 0004 0005
migrations = $(migration_numbers:%=src/store/migration_%.inc)
BUILT_SOURCES += $(migrations)
CLEANFILES += $(migrations)
EXTRA_DIST += $(migration_numbers:%=src/store/migrations/%.sqlite.sql)
$(migrations): src/store/migration_%.inc: $(srcdir)/src/store/migrations/%.sqlite.sql
	$(AM_V_GEN)$(MKDIR_P) src/store && sed -e 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$$/\\n"/' $(srcdir)/src/store/migrations/$*.sqlite.sql > $@
