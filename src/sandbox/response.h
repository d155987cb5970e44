/* response: a WCO Response (07B) in the DocumentMetaData wrapper, as the published RES schema has it, with the additions of the
 * control notice: place and box in a second Declaration, times and type in an X-CONTROL statement.
 */
#ifndef SEALGATE_SANDBOX_RESPONSE_H
#define SEALGATE_SANDBOX_RESPONSE_H

#include "sandbox/judge.h"
#include "sandbox/setup.h"

struct response {
	const char *function;          /* "01" ... */
	const char *number;            /* its own FunctionalReferenceID: 32 hexadecimal digits */
	int64_t issued;
	const char *reference, *id;    /* of the declaration that it answers; the identifier that customs gave to it */
	const char *container;         /* NULL: none */
	size_t document_count;         /* of the declaration */
	int64_t arrives;               /* of the vessel, as the declaration says; CLOCK_NONE: not said */
	const struct decision *decision;
};

/* Appends it. */
void response_write(const struct setup *setup, const struct response *response, struct buffer *out);

#endif
