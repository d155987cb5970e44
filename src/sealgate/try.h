/* try: dry runs. The parts that need no program around them. */
#ifndef SEALGATE_SEALGATE_TRY_H
#define SEALGATE_SEALGATE_TRY_H

#include "flow/report.h"
#include "sealgate/command.h"

/* What a dry run works with: the configuration, or where there is none, an example of one. */
struct bench {
	struct run *run;
	const struct settings *settings;
	const struct agreement *agreement;
	struct map_set *set;
	struct validator *validator;
};
/* `documents`: schemas are needed too. Freed with the run. */
int bench_open(struct run *run, bool documents, struct bench *bench_r, struct error *error) must_use;

/* Events and a journey, as the options name them, to the document (try_report.c). Returns the exit code, or -1. */
int try_report(struct bench *bench, struct error *error);
/* A message of a gateway, made again and compared (try_message.c). */
int try_message(struct bench *bench, const char *id, struct error *error);
/* Is `sent` what was `made`, but for an enveloped signature before the root's end tag? */
bool document_same(struct bytes made, struct bytes sent);
/* A provider's payload through its mapping; rows without an id get the one that the gateway would give. Rows that the mapping refuses are
 * told and left out (try_payload.c). */
struct payload {
	struct json *events;         /* an array; null where a row was refused */
	struct map_traces traces;
	size_t refused;
};
int payload_read(struct bench *bench, const char *provider, const struct json *in, struct payload *payload_r, struct error *error) must_use;
int try_payload(struct bench *bench, const char *provider, const char *file, struct error *error);
/* A customs answer to notices (try_answer.c). */
int try_answer(struct bench *bench, const char *file, struct error *error);

#endif
