/* restart: the gateway is killed (kill -9) with messages waiting, and started again: from its start to its word that it is ready,
 * and to the first answer of /readyz, which a write to the disk stands behind.
 *
 *	--waiting N   messages that wait, written into the store directly: 100000
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "bench/history.h"
#include "bench/stage.h"

int main(int argc, char **argv)
{
	size_t waiting = (size_t)bench_option(argc, argv, "--waiting", 100000);
	double said[BENCH_ROUNDS], answered[BENCH_ROUNDS], rss = 0;
	struct stage stage;
	signal(SIGPIPE, SIG_IGN);
	stage_make(&stage, true);
	history_messages(stage_file(&stage, "data"), "sandbox", waiting);
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
