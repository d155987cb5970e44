/* validate: documents against the schemas of their profile. Schemas are read once and frozen; any thread may check. */
#ifndef SEALGATE_VALIDATE_VALIDATE_H
#define SEALGATE_VALIDATE_VALIDATE_H

#include "lib/xml/xml.h"

struct validator;

/* schemas/<profile>/declaration.xsd and response.xsd of every profile. */
int validator_open(const char *schemas, struct validator **validator_r, struct error *error) must_use;
void validator_free(struct validator **validator);

/* Fails with BAD_SCHEMA (line in error.place), BAD_XML, NOT_FOUND (no schema of this name). `name`: "declaration", "response". */
int validate_document(const struct validator *validator, const char *profile, const char *name, struct bytes document, struct error *error)
	must_use;
/* The same for what a mapping of ours has just written: faster, since nothing in it is screened. */
int validate_own(const struct validator *validator, const char *profile, const char *name, struct bytes document, struct error *error) must_use;

#endif
