/* journey: one carriage of one container. Each party files a section of its own; every version is kept with the time at
 * which it was stored, since a permit counts only from then on. `content` of the journey is the merged whole. */
#ifndef SEALGATE_STORE_JOURNEY_H
#define SEALGATE_STORE_JOURNEY_H

#include "lib/db/db.h"

struct journey_row {
	const char *id, *container;
	int64_t from, until;       /* ms; until CLOCK_NONE: open end */
	int64_t closed;            /* CLOCK_NONE: open */
	int64_t version, stored;
	const char *content;       /* JSON, merged */
};

struct section_row {
	const char *journey, *owner;
	int64_t version, stored;
	const char *content;       /* JSON, as the owner filed it */
};

int journey_find(struct db *db, struct arena *arena, const char *id, struct journey_row *row_r, bool *found_r, struct error *error) must_use;
int journey_of_container(struct db *db, struct arena *arena, const char *container, struct journey_row **rows_r, size_t *count_r,
                         struct error *error) must_use;  /* in order of `from` */
/* The latest version of each owner, in order of first filing. */
int journey_sections(struct db *db, struct arena *arena, const char *journey, struct section_row **rows_r, size_t *count_r,
                     struct error *error) must_use;
/* Every version of every owner, in order of storing. */
int journey_revisions(struct db *db, struct arena *arena, const char *journey, struct section_row **rows_r, size_t *count_r,
                      struct error *error) must_use;
/* Writes the owner's next version and keeps it as a revision. */
int journey_section_put(struct db *db, const struct section_row *row, struct error *error) must_use;
/* Writes the merged whole, record "journey.changed", and wants the container looked at. */
int journey_put(struct db *db, const struct journey_row *row, struct error *error) must_use;

/* Those with a consignment under this bill of lading, or with it among its references (a declaration's MRN, an LRN). */
int journey_find_reference(struct db *db, struct arena *arena, const char *number, struct journey_row **rows_r, size_t *count_r,
                           struct error *error) must_use;

struct seal_change_row {
	const char *id, *container;
	int64_t at, stored;
	const char *party, *content;
};
int seal_change_add(struct db *db, const struct seal_change_row *row, struct error *error) must_use;
int seal_change_of_container(struct db *db, struct arena *arena, const char *container, struct seal_change_row **rows_r,
                             size_t *count_r, struct error *error) must_use;

#endif
