/* judge: what customs decides on a declaration, by what stands in it and by what was lodged before. */
#ifndef SEALGATE_SANDBOX_JUDGE_H
#define SEALGATE_SANDBOX_JUDGE_H

#include "sandbox/declaration.h"
#include "sandbox/scenario.h"

/* What is known of an identifier that a declaration names. */
enum known { KNOWN_NOT, KNOWN_STANDS, KNOWN_REJECTED, KNOWN_WITHDRAWN };

/* A place in a document, as "42A/03A[2]/225": class numbers with positions (1 where none is said), a TagID at the end. */
struct objection {
	const char *code;      /* an..8, sealgate-sandbox(8) lists them */
	const char *text;
	const char *pointer;
};

struct decision {
	const char *function;            /* of the response: "01", "05", ... */
	const char *why;                 /* for the log */
	struct objection objection;      /* "03" */
	const struct statement *finding; /* "05": the one that asks for it */
	bool thorough;                   /* "05": unpack rather than scan */
};

/* `now` CLOCK_NONE: the clock follows the documents, so none is from the future. Always comes to a decision. */
void judge(struct arena *arena, const struct declaration *declaration, enum known known, int64_t now, struct decision *decision_r);
/* What the scenario has decided beforehand for reports and assurances: "03", "06", "51", "50", each at most once, in `functions`
 * (room for 4); returns how many. */
size_t judge_by_scenario(const struct scenarios *scenarios, const struct declaration *declaration, const char **functions);

#endif
