/* finding: what a rule concluded. */
#ifndef SEALGATE_MODEL_FINDING_H
#define SEALGATE_MODEL_FINDING_H

#include "lib/base/clock.h"
#include "lib/json/json.h"

enum severity { SEVERITY_LOW, SEVERITY_MEDIUM, SEVERITY_HIGH };

struct finding {
	const char *rule, *version;   /* "opening", "1.0" */
	const char *code;             /* F-OPENING ... */
	enum severity severity;
	int64_t time;                 /* of what it is about */
	const char *cause;            /* the same for the same conclusion: what makes it unique */
	const char *const *events;    /* ids of the events that it rests on, the causing one first */
	size_t event_count;
	const char *sentence;         /* English: what and why */
	const char *template;         /* which sentence of the message's language, such as "outside" */
	struct json *values;          /* what the sentence of another language is filled with */
	const char *trust;            /* high, medium, low */
	const char *act, *act_at;     /* do_not_load, control, gate_hold; place code or NULL */
	int64_t until;                /* until when that can be done; CLOCK_NONE: no end known */
};

const char *severity_name(enum severity severity);
bool severity_find(const char *name, enum severity *severity_r);
/* As the API shows it. */
struct json *finding_write(struct arena *arena, const struct finding *finding, const char *id, const char *container,
                           const char *journey, int64_t raised);

#endif
