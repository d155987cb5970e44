/* assess: joins a container's events to its journey and applies the integrity rules. Pure: no store, no network, no
 * clock of its own; the same input gives the same result, in whatever order the rows came in.
 */
#ifndef SEALGATE_ASSESS_ASSESS_H
#define SEALGATE_ASSESS_ASSESS_H

#include "model/event.h"
#include "model/finding.h"
#include "model/journey.h"

#define ASSESS_RULES_VERSION "1.0"

struct assess_settings {
	double light_lux;          /* more than this in a closed box is light; default 1 */
	int64_t merge_ms;          /* an opening so soon after the last closing belongs to the one before; 10 min */
	int64_t fix_age_ms;        /* a fix so far from the event in time still says where it was; 6 h */
	int64_t fix_wait_ms;       /* in the time of a permit, an opening waits so long for the fix that says where it was; 5 min */
	int64_t interval_ms;       /* reporting interval where the event says none; 6 h */
	double slack;              /* a report may be this much later than the interval; 1.25 */
	int64_t assurance_ms;      /* before the ETA the assurance is due; 24 h */
};
extern const struct assess_settings assess_defaults;

struct assess_event {
	struct event event;
	const char *id;            /* ours */
	int64_t received;
	bool is_derived;           /* made by an earlier run */
};

struct assess_seal_change {
	const char *number, *replaces;
	int64_t at;
};

struct assess_gap {
	int64_t from, until;
	const char *near_lat, *near_lon;  /* where it began, NULL: not known */
};

/* What a long voyage need not be read again for: how well it was watched up to a time. Made by assess_fold, whose caller keeps besides
 * the few events that still say something. */
struct assess_folded {
	int64_t until;             /* device time: every event up to it was looked at */
	int64_t at;                /* watched up to here */
	int64_t missing;           /* ms of the gaps so far */
	int64_t interval_ms;       /* that the last event stated; 0: none */
	const char *near_lat, *near_lon;
	size_t fixes;
	const struct assess_gap *gaps;
	size_t gap_count;
};

struct assess_input {
	const char *container;
	const struct journey *journey;    /* NULL: none is registered */
	const struct assess_event *events; /* in order of device time */
	size_t event_count;
	const struct assess_seal_change *seal_changes;
	size_t seal_change_count;
	const struct assess_folded *folded;  /* NULL: `events` are all. Else they are all behind folded->until, and before it those that were kept */
	int64_t now;
	struct assess_settings settings;
};

/* A change of state, found in a feed of states. */
struct assess_derived {
	const char *id;            /* ours, made from its content: the same on every run */
	const char *provider_id;
	const char *source;        /* our id of the row that shows the change */
	struct event event;
};

struct assess_result {
	const struct assess_derived *derived;   /* that are not among the input's events yet */
	size_t derived_count;
	const char *const *superseded;          /* ids of derived events that no longer hold */
	size_t superseded_count;
	const struct finding *findings;
	size_t finding_count;

	const char *verdict;       /* intact, attention, alarm, seal_unknown, unwatched, no_journey */
	const char *sentence;
	const char *door;          /* open, closed, unknown */
	const char *seal;          /* ok, unknown, mismatch */
	const struct assess_event *last_fix;    /* NULL: none */
	int64_t last_report;

	int64_t watched_from, watched_until;    /* CLOCK_NONE: nothing to watch */
	double coverage;           /* per cent */
	const struct assess_gap *gaps;
	size_t gap_count;
	size_t openings, permitted_openings, fixes;
	int64_t assurance_due;     /* CLOCK_NONE: no ETA is known */
	int64_t next_due;          /* look again then even if nothing comes; CLOCK_NONE: no need */
};

void assess_run(const struct assess_input *input, struct arena *arena, struct assess_result *result);

/* Events up to `until` (not after `now`) are folded: keeps_r[i] tells whether event i, of those up to it, must be among the events of later
 * runs. These, with *folded_r and whatever comes behind `until`, give the same result as all events would, whenever it is run after `now`, as
 * long as container, journey and settings are the same and nothing up to `until` is added or taken away. May be done again and again. */
void assess_fold(const struct assess_input *input, int64_t until, struct arena *arena, bool *keeps_r, struct assess_folded *folded_r);

/* The fix nearest in time to the event, within the settings' age; one that proves a place before one that does not. NULL: none. */
const struct assess_event *assess_nearest_fix(const struct assess_input *input, const struct event *event);

/* May an assurance be given with this least coverage (per cent)? NULL: yes; else the reason, in words. */
const char *assess_assurance_refusal(const struct assess_input *input, const struct assess_result *result, double least,
                                     struct arena *arena);

#endif
