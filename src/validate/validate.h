/* validate: documents against the schemas of their profile. Schemas are read once and frozen; any thread may check. */
#ifndef SEALGATE_VALIDATE_VALIDATE_H
#define SEALGATE_VALIDATE_VALIDATE_H

#include "lib/xml/xml.h"

struct validator;

/* Every schemas/<profile>/<name>.xsd that declares an element: a file of types alone is no document's schema. */
int validator_open(const char *schemas, struct validator **validator_r, struct error *error) must_use;
void validator_free(struct validator **validator);

/* `schema`: "<profile>/<name>.xsd", as a mapping's m:schema names it. */
bool validator_knows(const struct validator *validator, const char *schema);
/* Fails with BAD_SCHEMA (line in error.place), BAD_XML, NOT_FOUND (no schema of this name). */
int validate_document(const struct validator *validator, const char *schema, struct bytes document, struct error *error) must_use;
/* The same of what xml_parse has made of these octets already. */
int validate_parsed(const struct validator *validator, const char *schema, const struct xml_document *document, struct bytes octets,
                    struct error *error) must_use;
/* The same for what a mapping of ours has just written: faster, since nothing in it is screened. */
int validate_own(const struct validator *validator, const char *schema, struct bytes document, struct error *error) must_use;

#endif
