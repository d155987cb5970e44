/* play: a recorded voyage. */
#ifndef SEALGATE_SEALGATE_PLAY_H
#define SEALGATE_SEALGATE_PLAY_H

#include "sealgate/gateway.h"

/* A row of the recording, in the tracker's own shape: column names and cells as text. */
struct voyage_row {
	int64_t time;
	struct json *json;
};

struct voyage_rows {
	struct voyage_row *items;
	size_t count;
	size_t taken_out;     /* by `keep` */
};

/* "N/M": this share of the rows is kept; what is taken out lies together, in the middle. */
struct keeping {
	int64_t of_each, keep;
};
int keeping_read(const char *text, struct keeping *keeping_r, struct error *error) must_use;
/* A CSV file with a header line and a column time_utc; in order of time, equal ones as they stand. No quoting is taken: the
 * recordings have none. Fails with BAD_FIELD, the line in error.place. */
int voyage_read(const char *path, const struct keeping *keep, struct arena *arena, struct voyage_rows *rows_r, struct error *error) must_use;

struct play {
	struct run *run;
	struct gateway gateway;              /* with the operator's key: clock, status, story */
	const char *provider_key, *carrier_key, *provider;
	const char *device, *container;
	const char *journey_id;
	struct json *journey;                /* as it is filed */
	struct voyage_rows rows;
	int64_t wait_ms;                     /* longest wait for quiet after a row */
	int64_t stuck[4];                    /* what was still pending when a wait was given up; it is not waited for again */
	int64_t waits_given_up;
	bool waited;                         /* the last wait found something pending */
	int64_t started;                     /* monotonic */
};

/* play_quiet.c: waits until nothing is pending, or says so and goes on. `where` is for people. */
int play_wait(struct play *play, const char *where, struct error *error) must_use;

/* play_reply.c: --answer: what customs asked is answered and approved; the answer to that is waited for. */
int play_answer(struct play *play, struct error *error) must_use;

/* play_result.c: the table, --summary, --documents. */
int play_finish(struct play *play, struct error *error) must_use;

#endif
