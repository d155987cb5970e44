/* bench: what the measuring programs share: clocks, a folder, and how a figure is told.
 *
 * A figure is a ratio to a floor that was measured in the same run, round by round: the median of the rounds' ratios, with the
 * least and the greatest. Each program prints rows of the table on stdout, and appends a JSON object for each to the file that
 * the environment variable BENCH_JSON names.
 */
#ifndef SEALGATE_TESTS_BENCH_BENCH_H
#define SEALGATE_TESTS_BENCH_BENCH_H

#include "lib/base/arena.h"

#define BENCH_ROUNDS 5

struct figure {
	const char *name;          /* "sign/detached" */
	const char *unit;          /* of `ours` and `floor` */
	const char *floor_name;    /* NULL: there is none, and `target` is of the figure itself */
	const double *ours, *floor;
	size_t rounds;
	double target;             /* the ratio wanted; 0: none is set */
	bool less;                 /* the target is a most, not a least */
};

void bench_tell(const struct figure *figure);

double bench_wall(void);        /* seconds */
double bench_cpu(void);         /* of this thread */

/* Ends the program, with the error's text. */
void bench_die(const struct error *error) __attribute__((noreturn));
#define bench_must(call)                                      \
	do {                                                  \
		struct error error_ = { 0 }, *error = &error_; \
		if ((call) < 0)                               \
			bench_die(error);                     \
	} while (0)

/* How many of `work` a second of this thread's CPU does: called for about so many seconds. */
double bench_rate(void (*work)(void *context), void *context, double seconds);

int bench_option(int argc, char **argv, const char *name, int otherwise);  /* "--loops 2000" */

#endif
