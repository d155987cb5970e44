/* Schemas, on libxml2. They are files of the configuration, not from outside. */
#include <libxml/xmlschemas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/xml/xml.h"

struct xml_schema {
	xmlSchema *schema;
};

struct finds {
	char first[400];
	int line;
	size_t count;
};

static void heard(void *context, xmlError *what)
{
	struct finds *finds = context;
	if (finds->count++)
		return;
	snprintf(finds->first, sizeof finds->first, "%.*s", what->message ? (int)strcspn(what->message, "\n") : 0, what->message ? what->message : "");
	finds->line = what->line;
}

int xml_schema_open(const char *path, struct xml_schema **schema_r, struct error *error)
{
	struct finds finds = { 0 };
	if (!file_exists(path))
		FAIL(error, IO, "there is no schema \"%s\"", path);
	xmlSchemaParserCtxt *context = xmlSchemaNewParserCtxt(path);
	if (!context)
		die("out of memory");
	xmlSchemaSetParserStructuredErrors(context, heard, &finds);
	xmlSchema *schema = xmlSchemaParse(context);
	xmlSchemaFreeParserCtxt(context);
	if (!schema) {
		error_set(error, ERROR_BAD_MAPPING, "the schema cannot be used: %s", finds.first);
		return error_at(error, "%s:%d", path, finds.line);
	}
	*schema_r = calloc(1, sizeof **schema_r);
	if (!*schema_r)
		die("out of memory");
	(*schema_r)->schema = schema;
	return 0;
}

void xml_schema_free(struct xml_schema **schema)
{
	if (!*schema)
		return;
	xmlSchemaFree((*schema)->schema);
	free(*schema);
	*schema = NULL;
}

int xml_schema_check(const struct xml_schema *schema, const struct xml_document *document, struct error *error)
{
	struct finds finds = { 0 };
	xmlSchemaValidCtxt *context = xmlSchemaNewValidCtxt(schema->schema);
	if (!context)
		die("out of memory");
	xmlSchemaSetValidStructuredErrors(context, heard, &finds);
	int result = xmlSchemaValidateDoc(context, document->inside);
	xmlSchemaFreeValidCtxt(context);
	if (result == 0)
		return 0;
	if (result < 0)
		FAIL(error, INTERNAL, "the schema validator failed");
	char more[40] = "";
	if (finds.count > 1)
		snprintf(more, sizeof more, " (and %zu more)", finds.count - 1);
	error_set(error, ERROR_BAD_SCHEMA, "%s%s", finds.first, more);
	return error_at(error, "line %d", finds.line);
}
