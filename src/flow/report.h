/* report: from what is known to a signed document: the mapping's input, then map, validate, sign. Tells nothing that the
 * agreement does not share. */
#ifndef SEALGATE_FLOW_REPORT_H
#define SEALGATE_FLOW_REPORT_H

#include "flow/flow.h"
#include "flow/picture.h"
#include "store/message.h"
#include "store/part.h"

/* What a message rests on besides the picture. */
struct report_reason {
	enum message_kind kind;
	const struct finding *finding;       /* integrity-report: the finding, and */
	const char *finding_id;
	const char *withdrawn, *customs_id, *reason, *by;   /* withdrawal */
	const char *mrn;                     /* arrival */
};

/* The input of the mapping "messages/<profile>/<kind>" (input.json beside it tells every member). `db` is asked for digests of raw
 * payloads; NULL: there are none to be told. `reference`: D026; `issued` ms. */
int report_input(struct db *db, struct arena *arena, const struct settings *settings, const struct agreement *agreement, const struct picture *picture,
                 const struct report_reason *reason, const char *reference, int64_t issued, struct json **input_r, struct error *error) must_use;

/* A document ready to be stored. */
struct report {
	struct bytes document;
	struct bytes signature;              /* size 0: none beside it */
	const char *marks;                   /* JSON */
	const char *mapping;
};
/* Runs map, validate and sign over an input. */
int report_make(const struct flow_config *config, struct arena *arena, const struct agreement *agreement, enum message_kind kind, const struct json *input,
                const char *reference, int64_t issued, struct report *report_r, struct error *error) must_use;

/* A message that is made and not stored yet: its row, and the document. */
struct prepared {
	const struct agreement *agreement;
	bool exists;                         /* there is one of this cause: `row` is it */
	struct message_row row;              /* state ready; or held, with the reason, where the document cannot be made */
	struct report report;
	struct part_row *parts;              /* what travels beside it; `owner` is filled in by report_store */
	size_t part_count;
};
/* On a worker, in a snapshot. */
int report_prepare(struct db *db, struct arena *arena, const struct flow_config *config, const struct agreement *agreement, const struct picture *picture,
                   const struct report_reason *reason, const char *cause, struct prepared *out, struct error *error) must_use;
/* On the committer. *outcome_r STORE_SAME: there is one of this cause, and nothing was written. */
int report_store(struct db *db, struct arena *arena, struct prepared *prepared, enum store_outcome *outcome_r, struct error *error) must_use;

/* A control, question or do-not-load of customs that the report led to and that stands: then it is not withdrawn any more.
 * NULL: none. */
int report_standing(struct db *db, struct arena *arena, const char *message, const char **kind_r, struct error *error) must_use;

#endif
