/* finding: rows of what rules concluded. */
#ifndef SEALGATE_STORE_FINDING_H
#define SEALGATE_STORE_FINDING_H

#include "store/event.h"

struct finding_row {
	const char *id, *container, *journey, *rule, *code, *severity;
	int64_t time;
	const char *cause;     /* unique: rule, journey or container, causing event */
	const char *content;   /* JSON, as the API shows it */
	int64_t closed;        /* CLOCK_NONE: open */
};

/* With its record "finding.raised". STORE_SAME: the cause is known; *row_r is what is stored. */
int finding_add(struct db *db, struct arena *arena, const struct finding_row *row, enum store_outcome *outcome_r,
                struct finding_row *row_r, struct error *error) must_use;
int finding_find(struct db *db, struct arena *arena, const char *id, struct finding_row *row_r, bool *found_r, struct error *error) must_use;
int finding_of_container(struct db *db, struct arena *arena, const char *container, struct finding_row **rows_r, size_t *count_r,
                         struct error *error) must_use;
/* Closed at `at`, with record "finding.closed"; CLOCK_NONE: it holds again, with record "finding.reopened". */
int finding_close(struct db *db, const struct finding_row *row, int64_t at, struct error *error) must_use;

#endif
