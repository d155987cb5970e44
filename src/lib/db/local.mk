libsealgate_a_SOURCES += src/lib/db/db.h src/lib/db/sqlite.c
