#include "bench/bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double clock_seconds(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_wall(void)
{
	return clock_seconds(CLOCK_MONOTONIC);
}

double bench_cpu(void)
{
	return clock_seconds(CLOCK_THREAD_CPUTIME_ID);
}

void bench_die(const struct error *error)
{
	fprintf(stderr, "bench: %s%s%s\n", error->text, *error->place ? " at " : "", error->place);
	exit(1);
}

double bench_rate(void (*work)(void *context), void *context, double seconds)
{
	double start = bench_cpu(), took = 0;
	long count = 0;
	while (took < seconds) {
		for (int i = 0; i < 16; i++, count++)
			work(context);
		took = bench_cpu() - start;
	}
	return (double)count / took;
}

int bench_option(int argc, char **argv, const char *name, int otherwise)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return atoi(argv[i + 1]);
	return otherwise;
}

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

struct spread {
	double low, median, high;
};

static struct spread spread_of(const double *values, size_t count)
{
	double sorted[64];
	must(count > 0 && count <= 64);
	memcpy(sorted, values, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare);
	return (struct spread){ sorted[0], sorted[count / 2], sorted[count - 1] };
}

static void json_add(const struct figure *f, struct spread ours, struct spread floor, struct spread told, const char *met)
{
	const char *path = getenv("BENCH_JSON");
	FILE *out = path ? fopen(path, "a") : NULL;
	if (!out)
		return;
	fprintf(out, "{\"figure\":\"%s\",\"unit\":\"%s\",\"value\":%.6g,\"value_low\":%.6g,\"value_high\":%.6g", f->name, f->unit, ours.median, ours.low, ours.high);
	if (f->floor_name)
		fprintf(out, ",\"floor\":\"%s\",\"floor_value\":%.6g,\"ratio\":%.4g,\"ratio_low\":%.4g,\"ratio_high\":%.4g", f->floor_name, floor.median, told.median,
		        told.low, told.high);
	if (f->target > 0)
		fprintf(out, ",\"target\":%g,\"target_is\":\"%s\",\"met\":%s", f->target, f->less ? "most" : "least", met);
	fprintf(out, ",\"rounds\":%zu}\n", f->rounds);
	fclose(out);
}

void bench_tell(const struct figure *f)
{
	double ratios[64];
	struct spread ours = spread_of(f->ours, f->rounds), floor = { 0 }, told = ours;
	if (f->floor_name) {
		for (size_t i = 0; i < f->rounds; i++)
			ratios[i] = f->ours[i] / f->floor[i];
		floor = spread_of(f->floor, f->rounds);
		told = spread_of(ratios, f->rounds);
	}
	bool met = f->less ? told.median <= f->target : told.median >= f->target;
	printf("%-28s %10.4g %-14s", f->name, ours.median, f->unit);
	if (f->floor_name)
		printf(" %6.2f (%.2f..%.2f) x %s at %.4g", told.median, told.low, told.high, f->floor_name, floor.median);
	else
		printf(" (%.4g..%.4g)", ours.low, ours.high);
	if (f->target > 0)
		printf("; wanted %s %g: %s", f->less ? "at most" : "at least", f->target, met ? "met" : "MISSED");
	printf("\n");
	fflush(stdout);
	json_add(f, ours, floor, told, met ? "true" : "false");
}
