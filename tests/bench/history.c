#include "bench/history.h"

#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/crypto/digest.h"
#include "model/container.h"
#include "store/body.h"
#include "store/event.h"
#include "store/message.h"
#include "store/store.h"

#define EACH 100             /* events of one container */
#define BATCH 2000

struct batch {
	size_t first, count;
	int64_t now;
};

static int event_write(struct db *db, struct arena *arena, size_t index, int64_t now, struct error *error)
{
	char number[CONTAINER_NUMBER_SIZE], id[ID_UUID_SIZE], time[CLOCK_TEXT_SIZE], digest[DIGEST_HEX_SIZE];
	enum store_outcome outcome;
	struct event_row stored;
	snprintf(number, sizeof number, "OLDU%06zu", index / EACH % 1000000);
	number[10] = container_check_digit(number);
	number[11] = '\0';
	int64_t at = now - (int64_t)(EACH - index % EACH) * 3600000 - INT64_C(60) * 86400000;
	const char *content = arena_printf(arena, "{\"id\":\"old-%zu\",\"type\":\"position\",\"time\":\"%s\",\"container\":\"%s\",\"device\":{\"id\":\"35693804%07zu\"},"
	                                   "\"position\":{\"lat\":\"30.877701\",\"lon\":\"121.883003\",\"source\":\"gnss\",\"accuracy\":\"30\"}}", index,
	                                   clock_format(at, time), number, index / EACH);
	struct event_row row = { .id = id_uuid7(id), .provider = "tracker-1", .provider_id = arena_printf(arena, "old-%zu", index), .type = "position",
		                 .time = at, .received = at, .container = number, .device = arena_printf(arena, "35693804%07zu", index / EACH),
		                 .content = content, .content_digest = digest_sha256_hex(bytes_of_text(content), digest), .origin = ORIGIN_RECEIVED };
	return event_add(db, arena, &row, &outcome, &stored, error);
}

static int batch_write(struct db *db, void *context, struct error *error)
{
	struct batch *b = context;
	ARENA_AUTO arena = arena_new();
	for (size_t i = 0; i < b->count; i++)
		TRY(event_write(db, arena, b->first + i, b->now, error));
	return db_run(db, error, "update container set done = wanted where done < wanted", "");
}

void history_write(const char *folder, size_t events)
{
	struct store *store;
	bench_must(file_make_folders(folder, 0700, error));
	bench_must(store_open(folder, NULL, &store, error));
	struct batch b = { .now = clock_real_ms() };
	for (; b.first < events; b.first += b.count) {
		b.count = events - b.first < BATCH ? events - b.first : BATCH;
		bench_must(store_write(store, batch_write, &b, error));
	}
	store_close(&store);
}

/* ---- messages ---- */

struct message_batch {
	const char *agreement;
	size_t first, count;
	struct bytes document;
};

static int message_write(struct db *db, struct arena *arena, const struct message_batch *b, size_t index, struct error *error)
{
	char number[CONTAINER_NUMBER_SIZE], reference[ID_REFERENCE_SIZE];
	enum store_outcome outcome;
	int64_t now = clock_real_ms();
	snprintf(number, sizeof number, "WTGU%06zu", index % 1000000);
	number[10] = container_check_digit(number);
	number[11] = '\0';
	struct message_row row = { .id = id_reference(reference), .agreement = b->agreement, .kind = "integrity-report", .state = MESSAGE_READY,
		                   .container = number, .content_type = "application/xml; charset=UTF-8", .headers = "{}", .input = "{}", .set_digest = "",
		                   .marks = "[]", .created = now, .due = now, .first_try = CLOCK_NONE, .held_since = CLOCK_NONE, .signer_until = CLOCK_NONE };
	row.cause = arena_printf(arena, "waiting-%s", reference);
	TRY(body_put(db, arena, b->document, row.content_type, &row.document, error));
	return message_add(db, arena, &row, &outcome, error);
}

static int message_batch_write(struct db *db, void *context, struct error *error)
{
	struct message_batch *b = context;
	ARENA_AUTO arena = arena_new();
	for (size_t i = 0; i < b->count; i++)
		TRY(message_write(db, arena, b, b->first + i, error));
	return 0;
}

void history_messages(const char *folder, const char *agreement, size_t count)
{
	ARENA_AUTO arena = arena_new();
	struct store *store;
	struct message_batch b = { .agreement = agreement };
	char *document;
	bench_must(file_read_text(SOURCE_DIR "/mappings/messages/wco-dms/integrity-report/sample.out.xml", arena, &document, error));
	b.document = bytes_of_text(document);
	bench_must(file_make_folders(folder, 0700, error));
	bench_must(store_open(folder, NULL, &store, error));
	for (; b.first < count; b.first += b.count) {
		b.count = count - b.first < BATCH ? count - b.first : BATCH;
		bench_must(store_write(store, message_batch_write, &b, error));
	}
	store_close(&store);
}
