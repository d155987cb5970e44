#include "validate/validate.h"

#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/base/text.h"

struct entry {
	const char *profile, *name;
	struct xml_schema *schema;
};

struct validator {
	struct arena *arena;
	struct entry entries[16];
	size_t count;
};

static int entry_open(struct validator *v, const char *schemas, const char *profile, const char *name, struct error *error)
{
	const char *path = arena_printf(v->arena, "%s/%s/%s.xsd", schemas, profile, name);
	if (!file_exists(path) || v->count == sizeof v->entries / sizeof *v->entries)
		return 0;
	struct entry *entry = &v->entries[v->count];
	*entry = (struct entry){ .profile = arena_text(v->arena, profile), .name = name };
	TRY(xml_schema_open(path, &entry->schema, error));
	v->count++;
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
	for (; result == 0 && *profiles; profiles++) {
		result = entry_open(v, schemas, *profiles, "declaration", error);
		if (result == 0)
			result = entry_open(v, schemas, *profiles, "response", error);
	}
	if (result < 0)
		validator_free(&v);
	*validator_r = v;
	return result;
}

void validator_free(struct validator **validator)
{
	if (!*validator)
		return;
	for (size_t i = 0; i < (*validator)->count; i++)
		xml_schema_free(&(*validator)->entries[i].schema);
	arena_free(&(*validator)->arena);
	free(*validator);
	*validator = NULL;
}

static int schema_find(const struct validator *v, const char *profile, const char *name, const struct xml_schema **schema_r, struct error *error)
{
	for (size_t i = 0; i < v->count; i++)
		if (text_equal(v->entries[i].profile, profile) && text_equal(v->entries[i].name, name)) {
			*schema_r = v->entries[i].schema;
			return 0;
		}
	FAIL(error, NOT_FOUND, "there is no schema \"%s/%s.xsd\"", profile, name);
}

int validate_document(const struct validator *v, const char *profile, const char *name, struct bytes document, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	const struct xml_schema *schema;
	struct xml_document *parsed;
	TRY(schema_find(v, profile, name, &schema, error));
	TRY(xml_parse(arena, document, NULL, &parsed, error));
	return xml_schema_check(schema, parsed, error);
}

int validate_own(const struct validator *v, const char *profile, const char *name, struct bytes document, struct error *error)
{
	const struct xml_schema *schema;
	TRY(schema_find(v, profile, name, &schema, error));
	return xml_schema_check_own(schema, document, error);
}
