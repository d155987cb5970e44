#include "store/record.h"

#include <string.h>

#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/crypto/digest.h"

#define RECORD_COLUMNS "id, at, kind, object, container, journey, agreement, content, number, chain"

static struct record record_read(struct db_rows *rows, struct arena *arena)
{
	return (struct record){ .id = db_text(rows, arena, 0), .at = db_int(rows, 1), .kind = db_text(rows, arena, 2),
		.object = db_text(rows, arena, 3), .container = db_text(rows, arena, 4), .journey = db_text(rows, arena, 5),
		.agreement = db_text(rows, arena, 6), .content = db_text(rows, arena, 7), .number = db_int(rows, 8),
		.chain = db_text(rows, arena, 9) };
}

int record_list(struct db *db, struct arena *arena, const struct record_filter *filter, struct record **records_r, size_t *count_r,
                struct error *error)
{
	static const char upwards[] = "select " RECORD_COLUMNS " from record where number > $1 and ($2 = 0 or number < $2) "
		"and (cast($4 as text) is null or substr(kind, 1, length($4)) = $4) and (cast($5 as text) is null or container = $5) "
		"order by number limit $3";
	static const char downwards[] = "select " RECORD_COLUMNS " from record where number > $1 and ($2 = 0 or number < $2) "
		"and (cast($4 as text) is null or substr(kind, 1, length($4)) = $4) and (cast($5 as text) is null or container = $5) "
		"order by number desc limit $3";
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, filter->before ? downwards : upwards, "iiitt", filter->after, filter->before, filter->limit,
	             filter->kind_start, filter->container));
	struct record *records = arena_array(arena, (size_t)filter->limit + 1, sizeof *records);
	size_t count = 0;
	int more;
	while ((more = db_next(rows, error)) > 0)
		records[count++] = record_read(rows, arena);
	TRY(more);
	*records_r = records;
	*count_r = count;
	return 0;
}

/* Length-prefixed fields: no two different records have the same octets. */
static void record_chain(const char *before, const struct record *record, char out[static DIGEST_HEX_SIZE])
{
	BUFFER_AUTO octets = { 0 };
	char at[32];
	const char *const fields[] = { before, record->id, clock_format(record->at, at), record->kind, record->object, record->container,
		record->journey, record->agreement, record->content };
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
		if (!fields[i]) {
			buffer_add_text(&octets, "-,");
			continue;
		}
		char digits[24], *start = digits + sizeof digits;
		size_t size = strlen(fields[i]), left = size;
		*--start = ':';
		do
			*--start = (char)('0' + left % 10);
		while (left /= 10);
		buffer_add(&octets, start, (size_t)(digits + sizeof digits - start));
		buffer_add(&octets, fields[i], size);
		buffer_add_char(&octets, ',');
	}
	digest_sha256_hex(buffer_bytes(&octets), out);
}

/* Where the log ends. */
struct tail {
	int64_t number;
	char chain[DIGEST_HEX_SIZE];
};

static int tail_find(struct db *db, struct tail *tail, struct error *error)
{
	*tail = (struct tail){ .chain = "0000000000000000000000000000000000000000000000000000000000000000" };
	if (db_recall(db, tail, sizeof *tail))
		return 0;
	ARENA_AUTO arena = arena_new();
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select number, chain from record order by number desc limit 1", ""));
	int more = db_next(rows, error);
	TRY(more);
	if (more) {
		tail->number = db_int(rows, 0);
		memcpy(tail->chain, db_text(rows, arena, 1), DIGEST_HEX_SIZE);
	}
	return 0;
}

/* One writer: the number that comes next is known at once, and a savepoint that is undone takes it back. */
int record_add(struct db *db, const struct record *record, struct error *error)
{
	char id[ID_UUID_SIZE];
	struct tail tail;
	struct record whole = *record;
	whole.id = record->id ? record->id : id_uuid7(id);
	whole.at = record->at ? record->at : clock_now_ms();
	whole.content = record->content ? record->content : "{}";
	TRY(tail_find(db, &tail, error));
	record_chain(tail.chain, &whole, tail.chain);
	tail.number++;
	TRY(db_run(db, error,
	           "insert into record (id, at, kind, object, container, journey, agreement, content, number, chain) "
	           "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
	           "titttttt" "it", whole.id, whole.at, whole.kind, whole.object, whole.container, whole.journey, whole.agreement, whole.content,
	           tail.number, tail.chain));
	db_remember(db, &tail, sizeof tail);
	return 0;
}

int record_last_number(struct db *db, int64_t *last_r, struct error *error)
{
	return db_number(db, 0, last_r, error, "select max(number) from record", "");
}

int record_verify(struct db *db, int64_t from, int64_t *count_r, struct error *error)
{
	char chain[DIGEST_HEX_SIZE] = "0000000000000000000000000000000000000000000000000000000000000000";
	int64_t wanted = from > 1 ? from : 1;
	*count_r = 0;
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select " RECORD_COLUMNS " from record where number >= $1 order by number", "i", from - 1));
	int more;
	while ((more = db_next(rows, error)) > 0) {
		ARENA_AUTO arena = arena_new();
		struct record record = record_read(rows, arena);
		if (record.number == from - 1) {
			memcpy(chain, record.chain, DIGEST_HEX_SIZE);
			continue;
		}
		record_chain(chain, &record, chain);
		if (record.number != wanted || !text_equal(chain, record.chain))
			FAIL(error, CONFLICT, "record %lld does not fit the chain: the log was changed", (long long)wanted);
		wanted++;
		++*count_r;
	}
	return more;
}
