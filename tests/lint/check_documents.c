/* The files that ship with the gateway: well-formed, with samples, with their sources named, in a catalog with their digest. */
#include <string.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/config/config.h"
#include "lib/crypto/digest.h"
#include "lib/xml/xml.h"
#include "map/engine.h"
#include "support/suite.h"

/* ---- walking ---- */

typedef void look_fn(struct arena *arena, const char *folder, const char *name, struct bytes octets);

static size_t walk(const char *folder, look_fn *look)
{
	ARENA_AUTO arena = arena_new();
	char **names;
	size_t count = 0;
	must_succeed(file_list(arena_printf(arena, SOURCE_DIR "/%s", folder), arena, &names, error));
	for (; *names; names++) {
		const char *own = arena_printf(arena, "%s/%s", folder, *names), *path = arena_printf(arena, SOURCE_DIR "/%s", own);
		struct stat status;
		if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
			count += walk(own, look);
			continue;
		}
		BUFFER_AUTO octets = { 0 };
		must_succeed(file_read(path, &octets, error));
		look(arena, folder, *names, buffer_bytes(&octets));
		count++;
	}
	return count;
}

/* ---- form ---- */

static void look_at_form(struct arena *arena, const char *folder, const char *name, struct bytes octets)
{
	struct error why = { 0 };
	struct json *json;
	struct xml_document *xml;
	const char *yaml;
	const struct json_limits wide = { .bytes = 64 << 20, .nodes = 2000000, .text = 4 << 20, .depth = 64 };
	int result = 0;
	if (text_ends(name, ".json"))
		result = json_parse(arena, octets, &wide, &json, &why);
	else if (text_ends(name, ".xml") || text_ends(name, ".xsd"))
		result = xml_parse(arena, octets, NULL, &xml, &why);
	else if (text_ends(name, ".yaml"))
		result = config_yaml_to_json(arena_printf(arena, SOURCE_DIR "/%s/%s", folder, name), arena, &yaml, &why);
	if (result < 0)
		ck_abort_msg("%s/%s: %s [%s]", folder, name, why.text, why.place);
}

/* A mapping that refuses its input has "error: ..." for an output, which is no JSON. */
static void look_at_form_of_mappings(struct arena *arena, const char *folder, const char *name, struct bytes octets)
{
	if (!text_starts(name, "sample"))
		look_at_form(arena, folder, name, octets);
}

START_TEST(shipped_files_are_well_formed)
{
	ck_assert_uint_gt(walk("mappings", look_at_form_of_mappings), 0);
	ck_assert_uint_gt(walk("schemas", look_at_form), 0);
}
END_TEST

/* ---- mappings ---- */

static bool is_mapping(const char *name)
{
	return text_equal(name, "document.xml") || text_equal(name, "events.json") || text_equal(name, "journey.json") || text_equal(name, "notice.json");
}

/* sample.in.json beside sample.out.xml: the same name up to ".in." and ".out." */
static bool has_partner(char **files, const char *input)
{
	size_t n = (size_t)(strstr(input, ".in.") - input);
	for (; *files; files++)
		if (strncmp(*files, input, n) == 0 && text_starts(*files + n, ".out."))
			return true;
	return false;
}

static void look_at_samples(struct arena *arena, const char *folder, const char *name, struct bytes octets)
{
	char **files;
	size_t samples = 0;
	(void)octets;
	if (!is_mapping(name))
		return;
	must_succeed(file_list(arena_printf(arena, SOURCE_DIR "/%s", folder), arena, &files, error));
	for (char **file = files; *file; file++) {
		if (!text_starts(*file, "sample") || !strstr(*file, ".in."))
			continue;
		if (!has_partner(files, *file))
			ck_abort_msg("%s/%s: what the mapping makes of it is not beside it (sample*.out.*)", folder, *file);
		samples++;
	}
	if (!samples)
		ck_abort_msg("%s has no golden sample (sample.in.json and what it gives)", folder);
}

START_TEST(every_mapping_has_golden_samples)
{
	ck_assert_uint_gt(walk("mappings", look_at_samples), 0);
}
END_TEST

static void look_at_list(struct arena *arena, const char *folder, const char *name, struct bytes octets)
{
	struct code_list *list;
	struct error why = { 0 };
	if (!text_ends(name, ".csv"))
		return;
	if (code_list_read(arena, name, arena_text_n(arena, (const char *)octets.data, octets.size), &list, &why) < 0)
		ck_abort_msg("%s/%s: %s [%s]", folder, name, why.text, why.place);
	for (size_t i = 0; i < list->row_count; i++)
		for (size_t k = 0; k < i; k++)
			if (*list->cells[i * list->column_count] && text_equal(list->cells[i * list->column_count], list->cells[k * list->column_count]))
				ck_abort_msg("%s/%s: \"%s\" stands twice", folder, name, list->cells[i * list->column_count]);
}

START_TEST(every_code_list_names_its_source)
{
	ck_assert_uint_gt(walk("mappings/codes", look_at_list), 0);
}
END_TEST

/* ---- catalogs: schemas/<profile>/CATALOG, "name sha256 origin", # for comments ---- */

/* The line of a file; NULL: there is none. */
static const char *catalog_find(struct arena *arena, const char *catalog, const char *name)
{
	const char *start = arena_printf(arena, "%s ", name);
	for (const char *line = catalog; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (text_starts(line, start))
			return arena_text_n(arena, line, strcspn(line, "\n"));
	return NULL;
}

static const char *catalog_of(struct arena *arena, const char *folder)
{
	char *text;
	struct error why = { 0 };
	if (file_read_text(arena_printf(arena, SOURCE_DIR "/%s/CATALOG", folder), arena, &text, &why) < 0)
		ck_abort_msg("%s has no CATALOG (name sha256 origin): %s", folder, why.text);
	return text;
}

static void look_at_schema(struct arena *arena, const char *folder, const char *name, struct bytes octets)
{
	char hex[DIGEST_HEX_SIZE];
	if (!text_ends(name, ".xsd"))
		return;
	digest_sha256_hex(octets, hex);
	const char *line = catalog_find(arena, catalog_of(arena, folder), name);
	if (!line)
		ck_abort_msg("%s/CATALOG does not have \"%s\": add  %s %s <origin>", folder, name, name, hex);
	const char *digest = line + strlen(name) + 1;
	if (!text_starts(digest, hex))
		ck_abort_msg("%s/CATALOG: \"%s\" has changed; its SHA-256 is %s", folder, name, hex);
	if (strlen(digest) < strlen(hex) + 10)
		ck_abort_msg("%s/CATALOG: the origin of \"%s\" is not said", folder, name);
}

static void look_at_catalog(struct arena *arena, const char *folder, const char *name, struct bytes octets)
{
	if (!text_equal(name, "CATALOG"))
		return;
	const char *text = arena_text_n(arena, (const char *)octets.data, octets.size);
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *file = arena_text_n(arena, line, strcspn(line, " \n"));
		if (*line != '#' && *file && !file_exists(arena_printf(arena, SOURCE_DIR "/%s/%s", folder, file)))
			ck_abort_msg("%s/CATALOG has \"%s\", which is not there", folder, file);
	}
}

START_TEST(catalogs_have_every_schema_with_its_digest)
{
	ck_assert_uint_gt(walk("schemas", look_at_schema), 0);
	ck_assert_uint_gt(walk("schemas", look_at_catalog), 0);
}
END_TEST

SUITE("shipped files", shipped_files_are_well_formed, every_mapping_has_golden_samples, every_code_list_names_its_source,
      catalogs_have_every_schema_with_its_digest)
