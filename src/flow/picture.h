/* picture: all that is known of one container in one journey, read in one snapshot, and what assess makes of it. */
#ifndef SEALGATE_FLOW_PICTURE_H
#define SEALGATE_FLOW_PICTURE_H

#include "assess/assess.h"
#include "model/settings.h"
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
};

/* One for each journey of the container that is not closed, or one without. */
int pictures_read(struct db *db, struct arena *arena, const struct settings *settings, const char *container, int64_t now,
                  struct picture **pictures_r, size_t *count_r, struct error *error) must_use;
/* Runs the rules; fills in result. */
void picture_assess(struct picture *picture, struct arena *arena);
/* The state of integrity as the API shows it. */
struct json *picture_content(const struct picture *picture, struct arena *arena);
/* The stored finding of this cause, or NULL. */
const struct finding_row *picture_finding(const struct picture *picture, const char *cause);

#endif
