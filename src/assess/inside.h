/* inside: what the files of assess share. Private. */
#ifndef SEALGATE_ASSESS_INSIDE_H
#define SEALGATE_ASSESS_INSIDE_H

#include "assess/assess.h"

/* A span in which a door was open. */
struct opening {
	int64_t from, until;       /* until CLOCK_NONE: still open */
	const char *event;         /* our id of what says so */
	const struct event *what;
	int64_t received;
	bool is_merged;            /* belongs to the one before */
	const struct permit *permit;   /* by which it was right; NULL: none */
};

/* Fixes by their time, and what may disturb them; made when the first place is asked for. */
struct places {
	const struct assess_event **fixes, **proofs;   /* by time, then in the events' order */
	size_t fix_count, proof_count;
	const struct event **disturbed;                /* in order of time */
	size_t disturbed_count;
};

struct run {
	const struct assess_input *in;
	struct arena *arena;
	struct assess_result *out;
	struct opening *openings;
	size_t opening_count;
	struct assess_derived *derived;
	size_t derived_count, derived_room;
	struct finding *findings;
	size_t finding_count, finding_room;
	struct places *places;     /* NULL: not made yet */
	bool *telling;             /* beside the events: rows that show a change of state, or the first word about it; NULL: nobody asks */
	int64_t closed_first;      /* the first word that a door is closed; CLOCK_NONE: none */
	int64_t look_again;        /* something is waited for until then; CLOCK_NONE: nothing is */
};

/* states.c: derived events and the openings. */
void states_find(struct run *run);
/* Was a door surely closed at this time, by at least `around_ms` either side? */
bool states_closed_at(const struct run *run, int64_t time, int64_t around_ms);

/* place.c */
struct where {
	const struct assess_event *fix;    /* nearest in time, NULL: none within the settings' age */
	const struct assess_event *proof;  /* nearest that proves a place */
};
struct where place_of(struct run *run, const struct event *event);
bool place_proven_since(struct run *run, int64_t time);   /* is there a fix that is proof, of this time or later? */
/* GEO_INSIDE only where a fix that is proof lies in it and no cell fix contradicts. */
enum geo_relation place_in_permit(struct run *run, const struct event *event, const struct permit *permit);
const char *place_trust(struct run *run, const struct event *event, int64_t received);

/* rule_hidden_entry.c */
bool is_light(const struct run *run, const struct event *event);

/* coverage.c, deadline.c */
void coverage_find(struct run *run);
void coverage_fold(const struct run *run, int64_t until, struct assess_folded *folded_r);
void deadline_set(const struct run *run, struct finding *finding);

/* A finding of a rule; cause and events are filled in from `event`. */
struct finding *run_add_finding(struct run *run, const char *rule, const char *version, const char *code, enum severity severity,
                                int64_t time, const char *event);

#define RULE(function, name, version, code) void function(struct run *run, const char *rule_name, const char *rule_version, const char *rule_code);
#include "assess/rules.def"
#undef RULE

#endif
