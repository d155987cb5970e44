/* ebms: the errors of ebMS 3 and AS4, with what each must say of itself (ebMS 3 Core 6.3, 6.7; AS4 3.6). */
#ifndef SEALGATE_AS4_EBMS_H
#define SEALGATE_AS4_EBMS_H

#include "lib/base/error.h"

enum ebms_code {
	EBMS_NONE,
#define EBMS(name, number, text, severity, category, origin, code) EBMS_##name,
#include "as4/ebms.def"
#undef EBMS
	EBMS_CODES
};

struct ebms_row {
	const char *code;        /* "EBMS:0001" */
	const char *text;        /* shortDescription */
	const char *severity;    /* "failure", "warning" */
	const char *category, *origin;
	bool is_failure;
	enum error_code error;
};

const struct ebms_row *ebms_row(enum ebms_code code);  /* not EBMS_NONE */
enum ebms_code ebms_find(const char *code);            /* by "EBMS:0001"; EBMS_NONE: not one of the table */

/* How the functions of this folder refuse what came in: the ebMS error for the peer, and the error in words. */
struct fault {
	enum ebms_code code;
	struct error *error;
};
int ebms_refuse(struct fault *fault, enum ebms_code code, const char *format, ...) printf_like(3, 4);
/* For an inner function that has set the error itself; keeps its words. Returns -1. */
int ebms_refuse_as(struct fault *fault, enum ebms_code code);
#define REFUSE(fault, NAME, ...) return ebms_refuse(fault, EBMS_##NAME, __VA_ARGS__)
/* TRY with an inner function that knows no ebMS. */
#define TRY_AS(fault, NAME, call) do { if ((call) < 0) return ebms_refuse_as(fault, EBMS_##NAME); } while (0)

#endif
