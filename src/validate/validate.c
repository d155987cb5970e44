#include "validate/validate.h"

#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/base/text.h"

#define XSD "http://www.w3.org/2001/XMLSchema"

struct entry {
	const char *name;
	struct xml_schema *schema;
	struct entry *next;
};

struct validator {
	struct arena *arena;
	struct entry *entries;
};

/* A file that cannot be read as XML is left to libxml2, which says what is wrong with it as a schema. */
static bool declares_element(const char *path)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO octets = { 0 };
	struct xml_document *document;
	struct error ignored = { 0 };
	return file_read(path, &octets, &ignored) < 0 || xml_parse(arena, buffer_bytes(&octets), NULL, &document, &ignored) < 0 ||
	       xml_child(document->root, XSD, "element");
}

static int folder_open(struct validator *v, const char *schemas, const char *profile, struct error *error)
{
	const char *folder = file_path(v->arena, schemas, profile);
	char **names;
	struct error ignored = { 0 };
	if (file_list(folder, v->arena, &names, &ignored) < 0)
		return 0;  /* a file beside the folders */
	for (; *names; names++) {
		const char *path = file_path(v->arena, folder, *names);
		if (!text_ends(*names, ".xsd") || !declares_element(path))
			continue;
		struct entry *entry = arena_alloc(v->arena, sizeof *entry);
		TRY(xml_schema_open(path, &entry->schema, error));
		entry->name = arena_printf(v->arena, "%s/%s", profile, *names);
		entry->next = v->entries;
		v->entries = entry;
	}
	return 0;
}

int validator_open(const char *schemas, struct validator **validator_r, struct error *error)
{
	struct validator *v = calloc(1, sizeof *v);
	if (!v)
		die("out of memory");
	v->arena = arena_new();
	char **profiles;
	int result = file_list(schemas, v->arena, &profiles, error);
	for (; result == 0 && *profiles; profiles++)
		result = folder_open(v, schemas, *profiles, error);
	if (result < 0)
		validator_free(&v);
	*validator_r = v;
	return result;
}

void validator_free(struct validator **validator)
{
	if (!*validator)
		return;
	for (struct entry *entry = (*validator)->entries; entry; entry = entry->next)
		xml_schema_free(&entry->schema);
	arena_free(&(*validator)->arena);
	free(*validator);
	*validator = NULL;
}

static const struct entry *entry_find(const struct validator *v, const char *schema)
{
	const struct entry *entry = v->entries;
	while (entry && !text_equal(entry->name, schema))
		entry = entry->next;
	return entry;
}

bool validator_knows(const struct validator *v, const char *schema)
{
	return entry_find(v, schema) != NULL;
}

static int unheard_of(const char *schema, struct error *error)
{
	FAIL(error, NOT_FOUND, "there is no schema \"%s\"", schema);
}

int validate_document(const struct validator *v, const char *schema, struct bytes document, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	const struct entry *entry = entry_find(v, schema);
	struct xml_document *parsed;
	if (!entry)
		return unheard_of(schema, error);
	TRY(xml_parse(arena, document, NULL, &parsed, error));
	return xml_schema_check_parsed(entry->schema, parsed, document, error);
}

int validate_parsed(const struct validator *v, const char *schema, const struct xml_document *document, struct bytes octets, struct error *error)
{
	const struct entry *entry = entry_find(v, schema);
	return entry ? xml_schema_check_parsed(entry->schema, document, octets, error) : unheard_of(schema, error);
}

int validate_own(const struct validator *v, const char *schema, struct bytes document, struct error *error)
{
	const struct entry *entry = entry_find(v, schema);
	return entry ? xml_schema_check_own(entry->schema, document, error) : unheard_of(schema, error);
}
