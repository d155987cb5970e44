#include "store/schema.h"

#include <stdio.h>

#include "store/store.h"

static const char *const migrations[] = {
#include "store/migration_0001.inc"
	,
#include "store/migration_0002.inc"
	,
#include "store/migration_0003.inc"
	,
#include "store/migration_0004.inc"
	,
#include "store/migration_0005.inc"
	,
#include "store/migration_0006.inc"
	,
};

#define VERSION ((int64_t)(sizeof migrations / sizeof *migrations))

static int schema_step(struct db *db, int64_t version, struct error *error)
{
	char text[24];
	snprintf(text, sizeof text, "%lld", (long long)version);
	TRY(db_script(db, migrations[version - 1], error));
	return meta_set(db, "schema", text, error);
}

int schema_migrate(struct db *db, struct error *error)
{
	int64_t there = 0, tables = 0;
	TRY(db_number(db, 0, &tables, error, "select count(*) from sqlite_master where name = 'meta'", ""));
	if (tables)
		TRY(db_number(db, 0, &there, error, "select cast(value as bigint) from meta where key = 'schema'", ""));
	if (there > VERSION)
		FAIL(error, BAD_CONFIG, "the store has schema %lld, this program knows %lld: run the newer program", (long long)there,
		     (long long)VERSION);
	for (int64_t version = there + 1; version <= VERSION; version++) {
		bool unknown;
		TRY(db_begin(db, error));
		if (schema_step(db, version, error) < 0) {
			db_rollback(db);
			return error_during(error, "migrate store to schema %lld", (long long)version);
		}
		TRY(db_commit(db, &unknown, error));
	}
	return 0;
}
