/* picture: all that is known of one container in one journey, read in one snapshot, and what assess makes of it. */
#ifndef SEALGATE_FLOW_PICTURE_H
#define SEALGATE_FLOW_PICTURE_H

#include "assess/assess.h"
#include "model/settings.h"
#include "store/checkpoint.h"
#include "store/event.h"
#include "store/finding.h"
#include "store/journey.h"

struct picture {
	const char *container;
	const struct journey_row *journey_row;   /* NULL: no journey is registered */
	struct journey journey;
	struct event_row *rows;                  /* beside input.events, same order */
	struct seal_change_row *seal_changes;
	size_t seal_change_count;
	struct finding_row *findings;            /* stored ones of the container */
	size_t finding_count;
	struct assess_input input;
	struct assess_result result;
	struct assess_folded folded;             /* input.folded, where it is not NULL */
	size_t kept_count;                       /* of the events, how many a checkpoint kept; the others are behind it */
	int64_t wanted;                          /* of the container (store/container.h), when it was read */
	struct checkpoint_row *checkpoint;       /* to be written; NULL: none */
};

/* One for each journey of the container that is not closed, or one without. `whole`: all events; else from the last checkpoint on, which
 * leads to the same result. */
int pictures_read(struct db *db, struct arena *arena, const struct settings *settings, const char *container, int64_t now, bool whole,
                  struct picture **pictures_r, size_t *count_r, struct error *error) must_use;
/* Runs the rules; fills in result. */
void picture_assess(struct picture *picture, struct arena *arena);
/* The state of integrity as the API shows it. */
struct json *picture_content(const struct picture *picture, struct arena *arena);
/* fold.c: a checkpoint spares later looks the events of a long voyage. picture_unfold: the events that the last one kept and those behind it, in
 * order, with picture->folded; *found_r false: there is none that fits this journey and these settings. picture_fold, after the rules ran and
 * found the stored events as they are to be: a new checkpoint, where enough has come since the last one to be worth it. picture_fold_write: on
 * the committer; nothing is written where the container changed since. */
int picture_unfold(struct db *db, struct arena *arena, struct picture *picture, struct event_row **rows_r, size_t *count_r, bool *found_r,
                   struct error *error) must_use;
void picture_fold(struct picture *picture, struct arena *arena);
int picture_fold_write(struct db *db, const struct picture *picture, struct error *error) must_use;

/* The stored finding of this cause, or NULL. */
const struct finding_row *picture_finding(const struct picture *picture, const char *cause);

#endif
