/* Schemas, on libxml2. They are files of the configuration, not from outside. */
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/xml/grammar.h"
#include "lib/xml/guard.h"
#include "lib/xml/xml.h"

struct xml_schema {
	xmlSchema *schema;
	struct grammar *grammar;  /* NULL: everything is for libxml2 */
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
	xml_library_init();
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
	(*schema_r)->grammar = grammar_open(path);
	return 0;
}

void xml_schema_free(struct xml_schema **schema)
{
	if (!*schema)
		return;
	xmlSchemaFree((*schema)->schema);
	grammar_free(&(*schema)->grammar);
	free(*schema);
	*schema = NULL;
}

static int verdict(int result, const struct finds *finds, struct error *error)
{
	if (result == 0)
		return 0;
	if (result < 0)
		FAIL(error, INTERNAL, "the schema validator failed");
	char more[40] = "";
	if (finds->count > 1)
		snprintf(more, sizeof more, " (and %zu more)", finds->count - 1);
	error_set(error, ERROR_BAD_SCHEMA, "%s%s", finds->first, more);
	return error_at(error, "line %d", finds->line);
}

static xmlSchemaValidCtxt *context_new(const struct xml_schema *schema, struct finds *finds)
{
	xmlSchemaValidCtxt *context = xmlSchemaNewValidCtxt(schema->schema);
	if (!context)
		die("out of memory");
	xmlSchemaSetValidStructuredErrors(context, heard, finds);
	return context;
}

int xml_schema_check(const struct xml_schema *schema, const struct xml_document *document, struct error *error)
{
	struct finds finds = { 0 };
	xmlSchemaValidCtxt *context = context_new(schema, &finds);
	int result = xmlSchemaValidateDoc(context, document->inside);
	xmlSchemaFreeValidCtxt(context);
	return verdict(result, &finds, error);
}

int xml_schema_check_parsed(const struct xml_schema *schema, const struct xml_document *document, struct bytes octets, struct error *error)
{
	if (schema->grammar && grammar_accepts(schema->grammar, octets))
		return 0;
	return xml_schema_check(schema, document, error);
}

int xml_schema_check_own(const struct xml_schema *schema, struct bytes octets, struct error *error)
{
	if (schema->grammar && grammar_accepts(schema->grammar, octets))
		return 0;
	struct finds finds = { 0 };  /* where there is a doubt, libxml2 decides, and says what is wrong */
	xmlSAXHandler nothing = { .initialized = XML_SAX2_MAGIC };
	xmlSchemaValidCtxt *context = context_new(schema, &finds);
	xmlParserCtxt *parser = octets.size <= INT_MAX ? xmlCreateMemoryParserCtxt((const char *)octets.data, (int)octets.size) : NULL;
	if (!parser) {
		xmlSchemaFreeValidCtxt(context);
		FAIL(error, BAD_XML, "there is no document, or it is too large");
	}
	xmlSAXHandler *own = parser->sax;
	parser->sax = &nothing;
	parser->options |= XML_PARSE_NONET;
	xmlSchemaSAXPlugStruct *plug = xmlSchemaSAXPlug(context, &parser->sax, &parser->userData);
	if (!plug)
		die("out of memory");
	xmlParseDocument(parser);
	bool good = parser->wellFormed;
	int result = xmlSchemaIsValid(context) == 1 ? 0 : finds.count ? 1 : -1;
	xmlSchemaSAXUnplug(plug);
	parser->sax = own;
	xmlFreeParserCtxt(parser);
	xmlSchemaFreeValidCtxt(context);
	if (!good)
		FAIL(error, BAD_XML, "the document is not well-formed");
	return verdict(result, &finds, error);
}
