#include "support/suite.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/id.h"
#include "store/body.h"
#include "store/record.h"
#include "store/schema.h"
#include "store/store.h"
#include "support/folder.h"

static const char *const first_four[] = {
#include "store/migration_0001.inc"
	,
#include "store/migration_0002.inc"
	,
#include "store/migration_0003.inc"
	,
#include "store/migration_0004.inc"
	,
};

static int record_some(struct db *db, const char *start, struct error *error)
{
	for (int i = 0; i < 20; i++) {
		char object[40];
		snprintf(object, sizeof object, "%s-%d", start, i);
		struct record record = { .kind = "event.received", .object = object, .container = i % 2 ? "CSQU3054383" : NULL };
		TRY(record_add(db, &record, error));
	}
	return 0;
}

static int body_in_parts(struct db *db, const char *id, const char *text, bool whole, struct error *error)
{
	char digest[DIGEST_HEX_SIZE];
	struct bytes octets = bytes_of_text(text);
	TRY(body_begin(db, id, "text/plain", error));
	TRY(body_add(db, id, 0, octets, error));
	return whole ? body_end(db, id, (int64_t)octets.size, digest_sha256_hex(octets, digest), NULL, error) : 0;
}

/* As a gateway before the sixth left it. */
static int old_store_fill(struct db *db, struct error *error)
{
	bool unknown;
	for (size_t i = 0; i < sizeof first_four / sizeof *first_four; i++)
		TRY(db_script(db, first_four[i], error));
	TRY(db_begin(db, error));
	TRY(meta_set(db, "schema", "4", error));
	TRY(record_some(db, "old", error));
	TRY(body_in_parts(db, "whole", "octets of before", true, error));
	TRY(body_in_parts(db, "open", "half of some", false, error));
	return db_commit(db, &unknown, error);
}

START_TEST(a_store_of_before_keeps_its_log_and_its_octets)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct db *db;
	struct bytes octets;
	int64_t count, last;
	bool unknown;
	must_succeed(db_open(arena_printf(arena, "%s/sealgate.db", folder), DB_WRITER, &db, error));
	must_succeed(old_store_fill(db, error));
	must_succeed(schema_migrate(db, error));
	must_succeed(record_verify(db, 1, &count, error));
	ck_assert_int_eq((int)count, 20);
	must_succeed(body_read(db, arena, "whole", &octets, error));
	ck_assert(bytes_equal(octets, bytes_of_text("octets of before")));
	must_succeed(db_begin(db, error));
	must_succeed(record_some(db, "new", error));
	must_succeed(body_recover(db, error));
	must_succeed(db_commit(db, &unknown, error));
	must_succeed(record_verify(db, 1, &count, error));
	must_succeed(record_last_number(db, &last, error));
	ck_assert_int_eq((int)count, 40);
	ck_assert_int_eq((int)last, 40);
	must_succeed(db_number(db, 0, &count, error, "select count(*) from body_part", ""));
	ck_assert_int_eq((int)count, 1);
	struct record *records;
	size_t found;
	struct record_filter filter = { .after = 18, .limit = 4, .container = "CSQU3054383" };
	must_succeed(record_list(db, arena, &filter, &records, &found, error));
	ck_assert_uint_eq(found, 4);
	ck_assert_int_eq((int)records[0].number, 20);
	ck_assert_str_eq(records[0].object, "old-19");
	ck_assert_str_eq(records[1].object, "new-1");
	db_close(&db);
}
END_TEST

SUITE("migration", a_store_of_before_keeps_its_log_and_its_octets)
