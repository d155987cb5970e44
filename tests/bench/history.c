#include "bench/history.h"

#include <stdio.h>
#include <string.h>

#include "bench/bench.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/crypto/digest.h"
#include "model/container.h"
#include "store/event.h"
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
