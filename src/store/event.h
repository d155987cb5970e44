/* event: rows of events. `content` is the canonical event as the API shows it; it never changes. */
#ifndef SEALGATE_STORE_EVENT_H
#define SEALGATE_STORE_EVENT_H

#include "lib/db/db.h"

enum event_origin { ORIGIN_RECEIVED, ORIGIN_DERIVED };
enum event_status { STATUS_CURRENT, STATUS_SUPERSEDED, STATUS_RETRACTED };

struct event_row {
	const char *id;             /* ours */
	const char *provider, *provider_id;
	const char *type;
	int64_t time, received;     /* ms */
	const char *container, *device;  /* may be NULL */
	const char *content;        /* JSON */
	const char *content_digest; /* of the sender's part, for "the same content" */
	const char *raw;            /* body, may be NULL */
	enum event_origin origin;
	enum event_status status;
};

enum store_outcome { STORE_NEW, STORE_SAME, STORE_CONFLICT };

/* Adds the row and its record "event.received" ("event.derived"), and wants its container looked at. STORE_SAME and
 * STORE_CONFLICT (same provider and id, other digest) leave the store as it is; *row_r is what is stored. */
int event_add(struct db *db, struct arena *arena, const struct event_row *row, enum store_outcome *outcome_r,
              struct event_row *row_r, struct error *error) must_use;
int event_find(struct db *db, struct arena *arena, const char *id, struct event_row *row_r, bool *found_r, struct error *error) must_use;
int event_find_provider(struct db *db, struct arena *arena, const char *provider, const char *provider_id, struct event_row *row_r,
                        bool *found_r, struct error *error) must_use;
/* Of one container from `from` to `until` (device time, both included), current ones, in order of device time, then id. */
int event_of_container(struct db *db, struct arena *arena, const char *container, int64_t from, int64_t until,
                       struct event_row **rows_r, size_t *count_r, struct error *error) must_use;
/* The container that the device sat on at this time, by the latest device_paired before it (and no device_unpaired since);
 * NULL in *container_r: not known. */
int event_pairing(struct db *db, struct arena *arena, const char *provider, const char *device, int64_t at, const char **container_r,
                  struct error *error) must_use;
/* Wants its container looked at. */
int event_set_status(struct db *db, const char *id, enum event_status status, struct error *error) must_use;

#endif
