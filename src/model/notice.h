/* notice: what a document from customs means: its kind, who acts on it, what it blocks, what it lifts. */
#ifndef SEALGATE_MODEL_NOTICE_H
#define SEALGATE_MODEL_NOTICE_H

#include <stdbool.h>
#include <stdint.h>

struct notice_kind {
	const char *name;
	const char *who, *what;      /* "": nobody has to act */
	const char *blocks;          /* words joined by blanks: load, move, gate_out */
	const char *lifts;           /* kinds joined by blanks */
	const char *disclosure;      /* unless the peer asks for more secrecy */
	int64_t escalate_ms;         /* unacknowledged for so long, it goes to the next contact; 0: it does not */
};

/* NULL: there is no such kind. */
const struct notice_kind *notice_kind_find(const char *name);
bool notice_kind_lifts(const struct notice_kind *kind, const char *other);

/* The more secret of two of "open", "restricted", "covert". What is none of these counts as "restricted": who asks for
 * secrecy in a word that is not understood does not get openness. */
const char *notice_disclosure_most(const char *a, const char *b);

#endif
