/* restart: the gateway is killed (kill -9) with messages waiting, and started again: from its start to its word that it is ready,
 * and to the first answer of /readyz, which a write to the disk stands behind.
 *
 *	--waiting N   messages that wait, written into the store directly: 100000
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bench/bench.h"
#include "bench/stage.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "model/container.h"
#include "store/body.h"
#include "store/message.h"
#include "store/store.h"

#define BATCH 2000

struct batch {
	struct arena *arena;
	size_t first, count;
	struct bytes document;
};

static int message_write(struct db *db, struct arena *arena, const struct batch *b, size_t index, struct error *error)
{
	char number[CONTAINER_NUMBER_SIZE], reference[ID_REFERENCE_SIZE];
	enum store_outcome outcome;
	int64_t now = clock_real_ms();
	snprintf(number, sizeof number, "WTGU%06zu", index % 1000000);
	number[10] = container_check_digit(number);
	number[11] = '\0';
	struct message_row row = { .id = id_reference(reference), .agreement = "sandbox", .kind = "integrity-report", .state = MESSAGE_READY,
		                   .cause = arena_printf(arena, "waiting-%zu", index), .container = number, .content_type = "application/xml; charset=UTF-8",
		                   .headers = "{}", .input = "{}", .set_digest = "", .marks = "[]", .created = now, .due = now, .first_try = CLOCK_NONE,
		                   .held_since = CLOCK_NONE, .signer_until = CLOCK_NONE };
	TRY(body_put(db, arena, b->document, row.content_type, &row.document, error));
	return message_add(db, arena, &row, &outcome, error);
}

static int batch_write(struct db *db, void *context, struct error *error)
{
	struct batch *b = context;
	ARENA_AUTO arena = arena_new();
	for (size_t i = 0; i < b->count; i++)
		TRY(message_write(db, arena, b, b->first + i, error));
	return 0;
}

static void messages_write(struct stage *stage, size_t count)
{
	struct store *store;
	struct batch b = { .arena = stage->arena };
	char *document;
	bench_must(file_read_text(SOURCE_DIR "/mappings/messages/wco-dms/integrity-report/sample.out.xml", stage->arena, &document, error));
	b.document = bytes_of_text(document);
	bench_must(store_open(stage_file(stage, "data"), NULL, &store, error));
	for (; b.first < count; b.first += b.count) {
		b.count = count - b.first < BATCH ? count - b.first : BATCH;
		bench_must(store_write(store, batch_write, &b, error));
	}
	store_close(&store);
}

int main(int argc, char **argv)
{
	size_t waiting = (size_t)bench_option(argc, argv, "--waiting", 100000);
	double said[BENCH_ROUNDS], answered[BENCH_ROUNDS], rss = 0;
	struct stage stage;
	signal(SIGPIPE, SIG_IGN);
	stage_make(&stage, true);
	messages_write(&stage, waiting);
	stage_start_gateway(&stage);  /* no customs answers: they wait on, and are tried */
	for (size_t i = 0; i < BENCH_ROUNDS; i++) {
		stage_ask(&stage, "GET", "/readyz", "admin-1", NULL, (struct bytes){ 0 });
		stage_stop(&stage.gateway, SIGKILL);
		double start = bench_wall();
		stage_start_gateway(&stage);
		said[i] = stage.ready_s;
		stage_ask(&stage, "GET", "/readyz", "admin-1", NULL, (struct bytes){ 0 });
		answered[i] = bench_wall() - start;
	}
	rss = process_rss(stage.gateway);
	const struct figure figures[] = {
		{ .name = "restart/says ready", .unit = "s", .ours = said, .rounds = BENCH_ROUNDS, .target = 2, .less = true },
		{ .name = "restart/answers", .unit = "s", .ours = answered, .rounds = BENCH_ROUNDS, .target = 2, .less = true },
		{ .name = "restart/RSS", .unit = "MB", .ours = &rss, .rounds = 1, .target = 100, .less = true },
	};
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		bench_tell(&figures[i]);
	stage_clear(&stage);
	return 0;
}
