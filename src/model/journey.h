/* journey: one carriage of one container (message guide, "the journey").
 *
 * Each party files a section; the whole is merged from the latest section of each: lists of consignments, seals,
 * permits and contacts are joined, each entry with its "owner" (a permit also with "stored"); everything else is taken
 * from the first party that said it, and what others say differently stands under "conflicts".
 */
#ifndef SEALGATE_MODEL_JOURNEY_H
#define SEALGATE_MODEL_JOURNEY_H

#include "lib/base/clock.h"
#include "lib/json/json.h"
#include "model/geo.h"

struct permit {              /* a place and a span of time in which opening is allowed */
	struct geo_point centre;
	double radius_m;
	int64_t from, until;
	int64_t stored;          /* since when the gateway has known it */
	const char *owner, *why;
};

struct leg {
	const char *mode;        /* UNECE Rec 19: 1 sea, 2 rail, 3 road, 8 inland waterway */
	const char *imo, *vessel, *voyage;
	const char *from, *to;   /* UN/LOCODE */
	int64_t cut_off, etd, atd, eta, ata;  /* ms; CLOCK_NONE: not said */
};

struct seal {
	const char *number;
	int64_t at, removed;     /* CLOCK_NONE: not said */
};

struct journey {
	const char *id, *container;
	bool is_empty;           /* UNCL 8169 fullness 4 */
	int64_t from, until;     /* until CLOCK_NONE: open end */
	const struct leg *legs;
	size_t leg_count;
	const struct permit *permits;
	size_t permit_count;
	const struct seal *seals;
	size_t seal_count;
	const char *owner;       /* who filed it first */
	struct json *json;
};

/* One party's section as it is filed: every field checked, the first that is wrong named in error.field. `container` and `from`
 * may be missing: who joins a journey need not repeat them (journey_complete_check). */
int journey_section_check(struct arena *arena, const struct json *section, struct error *error) must_use;
/* What all sections hold together must fit into a report to customs, or a journey would keep an alarm from leaving. */
#define JOURNEY_SEALS 99
#define JOURNEY_REFERENCES 999
int journey_whole_check(const struct json *merged, struct error *error) must_use;

struct journey_filing {          /* one version of one owner's section */
	const char *owner;
	int64_t version, stored;
	const struct json *content;
};
/* All versions of all owners in order of storing; the merged whole. */
struct json *journey_merge(struct arena *arena, const char *id, const struct journey_filing *filings, size_t count);
/* Reads a merged whole. */
int journey_load(struct arena *arena, const char *content, struct journey *journey_r, struct error *error) must_use;
/* Does the whole say whose journey it is, and since when? Fails with MISSING_FIELD. */
int journey_complete_check(const struct journey *journey, struct error *error) must_use;

/* Does it name this party: as owner, in a consignment's may_see, or by EORI or SMDG code as carrier, declarant or
 * representative? eori and smdg may be NULL. */
bool journey_names(const struct json *merged, const char *party, const char *eori, const char *smdg);

#endif
