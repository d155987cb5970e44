/* declaration: what somebody lodged, read as a stranger reads it: by namespace, element and the text in them, with no knowledge
 * of how its sender made it.
 */
#ifndef SEALGATE_SANDBOX_DECLARATION_H
#define SEALGATE_SANDBOX_DECLARATION_H

#include "lib/xml/xml.h"

enum lodged_kind { LODGED_REPORT, LODGED_ASSURANCE, LODGED_WITHDRAWAL, LODGED_ARRIVAL, LODGED_OTHER };

struct statement {
	const char *code, *description;   /* "" where they are not there */
};

struct earlier_document {         /* PreviousDocument */
	const char *type, *id;            /* D019: 355 entry summary declaration, 705 bill of lading, 703 and 714 house bills; NULL: not there */
};

struct declaration {
	enum lodged_kind kind;
	const char *function, *reference, *id, *type;  /* id NULL: none */
	int64_t issued;                   /* CLOCK_NONE: not said */
	const char *container;            /* NULL: none */
	struct statement *statements;
	size_t statement_count;
	size_t document_count;            /* AdditionalDocument */
	const char *submitter;            /* its identification; NULL: not said */
	struct earlier_document *earlier;
	size_t earlier_count;
};

/* Of a document that is valid under its schema. Everything lives in the arena. Fails with BAD_FIELD. */
int declaration_read(struct arena *arena, const struct xml_document *document, struct declaration *declaration_r, struct error *error) must_use;
const char *lodged_kind_name(enum lodged_kind kind);
/* The first earlier document of a type; NULL: none. */
const char *declaration_earlier(const struct declaration *declaration, const char *type);
/* The vessel's arrival, as X-CALL states it; CLOCK_NONE: not said, or not in its form. */
int64_t declaration_arrival(struct arena *arena, const struct declaration *declaration);

/* The value of a key in the tail of a description ("A sentence for people. t=… sev=high rule=…"), decoded; NULL: not there.
 * The tail is what stands at the end and consists of key=value alone. */
const char *statement_value(struct arena *arena, const struct statement *statement, const char *key);

#endif
