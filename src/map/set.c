/* Sets of mappings: reading, keeping, and giving them again years later. */
#include "map/set.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/digest.h"

struct kept_file {
	const char *name;  /* "mappings/codes/x.csv", "schemas/wco-dms/declaration.xsd" */
	char *text;
};

struct alias {
	const char *name;
	const struct mapping *mapping;
	struct alias *next;
};

struct map_set {
	atomic_int references;
	struct arena *arena;
	struct kept_file *files;
	size_t file_count, file_room;
	struct mapping *mappings;
	size_t mapping_count;
	struct alias *aliases;  /* what the profiles share; NULL: nothing */
	const char **names;
	char digest[MAP_DIGEST_SIZE];
};

/* ---- reading files ---- */

static void file_add(struct map_set *set, const char *name, char *text)
{
	if (set->file_count == set->file_room) {
		size_t room = set->file_room ? set->file_room * 2 : 64;
		struct kept_file *files = arena_array(set->arena, room, sizeof *files);
		if (set->file_count)
			memcpy(files, set->files, set->file_count * sizeof *files);
		set->files = files;
		set->file_room = room;
	}
	set->files[set->file_count++] = (struct kept_file){ name, text };
}

/* Samples and notes stand beside a mapping and are not part of it. */
static bool is_part(const char *name)
{
	return !text_starts(name, "sample") && !text_starts(name, "README") && *name != '.' &&
	       (text_ends(name, ".xml") || text_ends(name, ".json") || text_ends(name, ".csv") || text_ends(name, ".xsd"));
}

static int files_read(struct map_set *set, const char *folder, const char *name, unsigned depth, struct error *error)
{
	char **entries;
	TRY(file_list(folder, set->arena, &entries, error));
	for (; *entries; entries++) {
		const char *path = file_path(set->arena, folder, *entries), *own = arena_printf(set->arena, "%s/%s", name, *entries);
		struct stat stat_of;
		if (stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode)) {
			if (depth < 8)
				TRY(files_read(set, path, own, depth + 1, error));
		} else if (is_part(*entries)) {
			char *text;
			TRY(file_read_text(path, set->arena, &text, error));
			file_add(set, own, text);
		}
	}
	return 0;
}

static const char *file_find(const struct map_set *set, const char *name)
{
	for (size_t i = 0; i < set->file_count; i++)
		if (text_equal(set->files[i].name, name))
			return set->files[i].text;
	return NULL;
}

static const char *schema_read(void *of, const char *path)
{
	struct map_set *set = of;
	return file_find(set, arena_printf(set->arena, "schemas/%s", path));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kept_file *)a)->name, ((const struct kept_file *)b)->name);
}

static void digest_take(struct map_set *set)
{
	BUFFER_AUTO listing = { 0 };
	qsort(set->files, set->file_count, sizeof *set->files, by_name);
	for (size_t i = 0; i < set->file_count; i++) {
		char hex[DIGEST_HEX_SIZE];
		digest_sha256_hex(bytes_of_text(set->files[i].text), hex);
		buffer_printf(&listing, "%s %s\n", hex, set->files[i].name);
	}
	digest_sha256_hex(buffer_bytes(&listing), set->digest);
}

/* ---- compiling ---- */

static unsigned line_in_place(const char *place)
{
	return (unsigned)strtoul(place + strcspn(place, "0123456789"), NULL, 10);
}

static const struct code_list *lists_compile(struct map_set *set, struct compiler *c)
{
	struct code_list *first = NULL;
	for (size_t i = 0; i < set->file_count; i++) {
		const char *name = set->files[i].name;
		if (!text_starts(name, "mappings/codes/") || !text_ends(name, ".csv"))
			continue;
		const char *own = name + strlen("mappings/codes/");
		struct code_list *list;
		struct error error = { 0 };
		c->file = name + strlen("mappings/");
		if (code_list_read(set->arena, arena_text_n(set->arena, own, strlen(own) - 4), set->files[i].text, &list, &error) < 0) {
			problem_add(c, line_in_place(error.place), "%s", error.text);
			continue;
		}
		list->next = first;
		first = list;
	}
	return first;
}

/* sentences.<language>.json of the profile that the mapping belongs to. */
static const struct sentence_table *tables_compile(struct map_set *set, struct compiler *c, const char *profile)
{
	struct sentence_table *first = NULL;
	const char *start = arena_printf(set->arena, "mappings/%s/sentences.", profile);
	for (size_t i = 0; i < set->file_count; i++) {
		const char *name = set->files[i].name;
		if (!text_starts(name, start))
			continue;
		const char *language = name + strlen(start);
		struct json *groups;
		struct error error = { 0 };
		c->file = name + strlen("mappings/");
		if (json_parse(set->arena, bytes_of_text(set->files[i].text), NULL, &groups, &error) < 0) {
			problem_add(c, line_in_place(error.place), "%s", error.text);
			continue;
		}
		struct sentence_table *table = arena_alloc(set->arena, sizeof *table);
		*table = (struct sentence_table){ .language = arena_text_n(set->arena, language, strcspn(language, ".")), .file = c->file,
			                          .groups = groups, .source = set->files[i].text, .next = first };
		first = table;
	}
	return first;
}

static const char *folder_of(struct map_set *set, const char *path)
{
	const char *slash = strrchr(path, '/');
	return arena_text_n(set->arena, path, slash ? (size_t)(slash - path) : 0);
}

/* A mapping's own input.json, or its profile's. */
static const struct json *shape_read(struct map_set *set, struct compiler *c, const char *folder)
{
	const char *name = arena_printf(set->arena, "%s/input.json", folder), *text = file_find(set, name);
	if (!text)
		text = file_find(set, name = arena_printf(set->arena, "%s/input.json", folder_of(set, folder)));
	struct json *shape;
	struct error error = { 0 };
	if (!text)
		return NULL;
	c->file = name + strlen("mappings/");
	if (json_parse(set->arena, bytes_of_text(text), NULL, &shape, &error) < 0) {
		problem_add(c, line_in_place(error.place), "%s", error.text);
		return NULL;
	}
	shape_check(c, shape, "");
	return shape;
}

/* A mapping is a folder with document.xml (to XML), or events.json, journey.json, notice.json (to JSON). */
static void mapping_compile(struct map_set *set, struct compiler *c, const struct kept_file *file)
{
	static const char *const trees[] = { "/events.json", "/journey.json", "/notice.json" };
	bool is_document = text_ends(file->name, "/document.xml"), is_tree = false;
	for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
		is_tree |= text_ends(file->name, trees[i]);
	if (!text_starts(file->name, "mappings/") || (!is_document && !is_tree))
		return;
	const char *folder = folder_of(set, file->name), *name = folder + strlen("mappings/");
	const struct sentence_table *tables = tables_compile(set, c, folder_of(set, name));
	c->shape = shape_read(set, c, folder);
	c->file = file->name + strlen("mappings/");
	c->variable_count = 0;
	struct mapping *mapping = &set->mappings[set->mapping_count++];
	*mapping = (struct mapping){ .name = name, .file = c->file, .shape = c->shape };
	struct schema_files schemas = { schema_read, set };
	if (is_document)
		mapping->document = document_compile(c, file->text, &schemas, tables);
	else
		mapping->tree = tree_compile(c, file->text);
}

static int by_mapping_name(const void *a, const void *b)
{
	return strcmp(((const struct mapping *)a)->name, ((const struct mapping *)b)->name);
}

/* shared.json of a profile: {"integrity-report": "messages/wco-dms/integrity-report"}. */
static void shared_compile(struct map_set *set, struct compiler *c, const struct kept_file *file)
{
	struct json *list;
	struct error error = { 0 };
	if (!text_starts(file->name, "mappings/") || !text_ends(file->name, "/shared.json"))
		return;
	const char *folder = folder_of(set, file->name) + strlen("mappings/");
	c->file = file->name + strlen("mappings/");
	if (json_parse(set->arena, bytes_of_text(file->text), NULL, &list, &error) < 0) {
		problem_add(c, line_in_place(error.place), "%s", error.text);
		return;
	}
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		const char *target = json_text(it.value), *name = arena_printf(set->arena, "%s/%s", folder, it.name ? it.name : "");
		const struct mapping *mapping = target ? mapping_find(set, target) : NULL;
		if (!it.name || !mapping)
			problem_add(c, 0, "\"%s\": there is no mapping \"%s\" to be shared", it.name ? it.name : "", target ? target : "");
		else if (mapping_find(set, name))
			problem_add(c, 0, "\"%s\" is shared, and there is a mapping of that name", it.name);
		else {
			struct alias *alias = arena_alloc(set->arena, sizeof *alias);
			*alias = (struct alias){ name, mapping, set->aliases };
			set->aliases = alias;
		}
	}
}

static void set_compile(struct map_set *set, struct problems *problems)
{
	struct compiler c = { .arena = set->arena, .problems = problems, .file = "" };
	c.lists = lists_compile(set, &c);
	set->mappings = arena_array(set->arena, set->file_count + 1, sizeof *set->mappings);
	for (size_t i = 0; i < set->file_count; i++)
		mapping_compile(set, &c, &set->files[i]);
	qsort(set->mappings, set->mapping_count, sizeof *set->mappings, by_mapping_name);
	set->names = arena_array(set->arena, set->mapping_count + 1, sizeof *set->names);
	for (size_t i = 0; i < set->mapping_count; i++) {
		set->names[i] = set->mappings[i].name;
		if (i && text_equal(set->names[i], set->names[i - 1])) {
			c.file = set->mappings[i].file;
			problem_add(&c, 0, "the folder holds two mappings");
		}
	}
	for (size_t i = 0; i < set->file_count; i++)
		shared_compile(set, &c, &set->files[i]);
}

static int problems_tell(const struct problems *problems, struct error *error)
{
	const struct map_problem *first = &problems->items[0];
	error_set(error, ERROR_BAD_MAPPING, "%s%s", first->text,
	          problems->count > 1 ? arena_printf(problems->arena, " (and %zu more)", problems->count - 1) : "");
	return first->line ? error_at(error, "%s:%u", first->file, first->line) : error_at(error, "%s", first->file);
}

/* ---- life ---- */

int map_set_load(const char *mappings, const char *schemas, struct arena *arena, struct map_problems *problems, struct map_set **set_r,
                 struct error *error)
{
	struct map_set *set = calloc(1, sizeof *set);
	if (!set)
		die("out of memory");
	atomic_init(&set->references, 1);
	set->arena = arena_new();
	struct problems found = { .arena = arena };
	int result = files_read(set, mappings, "mappings", 0, error);
	if (result == 0)
		result = files_read(set, schemas, "schemas", 0, error);
	if (result == 0) {
		digest_take(set);
		set_compile(set, &found);
		if (problems)
			*problems = (struct map_problems){ found.items, found.count };
		if (found.count)
			result = problems_tell(&found, error);
	}
	if (result < 0)
		map_set_free(&set);
	*set_r = set;
	return result;
}

struct map_set *map_set_share(struct map_set *set)
{
	atomic_fetch_add(&set->references, 1);
	return set;
}

void map_set_free(struct map_set **set)
{
	if (!*set)
		return;
	if (atomic_fetch_sub(&(*set)->references, 1) == 1) {
		arena_free(&(*set)->arena);
		free(*set);
	}
	*set = NULL;
}

const char *map_set_digest(const struct map_set *set)
{
	return set->digest;
}

const char *const *map_set_names(const struct map_set *set)
{
	return set->names;
}

const struct mapping *mapping_find(const struct map_set *set, const char *name)
{
	for (size_t i = 0; i < set->mapping_count; i++)
		if (text_equal(set->mappings[i].name, name))
			return &set->mappings[i];
	for (const struct alias *alias = set->aliases; alias; alias = alias->next)
		if (text_equal(alias->name, name))
			return alias->mapping;
	return NULL;
}

static bool is_below(const char *name, const char *folder)
{
	size_t n = strlen(folder);
	return strncmp(name, folder, n) == 0 && name[n] == '/' && !strchr(name + n + 1, '/');
}

const struct mapping *mapping_find_for(const struct map_set *set, const char *folder, const char *element, bool *declared_r)
{
	const struct mapping *any = NULL;
	for (size_t i = 0; i < set->mapping_count; i++) {
		const struct mapping *mapping = &set->mappings[i];
		if (!is_below(mapping->name, folder))
			continue;
		if (declared_r)
			*declared_r = true;
		if (json_find(mapping->shape, element))
			return mapping;
		if (json_find(mapping->shape, "*"))
			any = mapping;
	}
	if (declared_r)
		*declared_r = false;
	return any;
}

const char *mapping_name(const struct mapping *mapping)
{
	return mapping->name;
}

const char *mapping_type(const struct mapping *mapping)
{
	const char *slash = strrchr(mapping->name, '/');
	return slash ? slash + 1 : mapping->name;
}

const char *mapping_schema(const struct mapping *mapping)
{
	return mapping->document ? mapping->document->schema : NULL;
}

/* ---- keeping ---- */

int map_set_keep(const char *folder, const struct map_set *set, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	const char *own = file_path(arena, folder, set->digest), *mark = file_path(arena, own, "complete");
	if (file_exists(mark))
		return 0;
	for (size_t i = 0; i < set->file_count; i++) {
		const char *path = file_path(arena, own, set->files[i].name);
		TRY(file_make_folders(file_folder_of(arena, path), 0700, error));
		TRY(file_write(path, bytes_of_text(set->files[i].text), 0600, error));
	}
	TRY(file_make_folders(file_path(arena, own, "mappings"), 0700, error));
	TRY(file_make_folders(file_path(arena, own, "schemas"), 0700, error));
	return file_write(mark, bytes_of_text(set->digest), 0600, error);
}

int map_set_open_kept(const char *folder, const char *digest, struct map_set **set_r, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	if (strlen(digest) != MAP_DIGEST_SIZE - 1 || digest[strspn(digest, "0123456789abcdef")])
		FAIL(error, NOT_FOUND, "\"%.80s\" is no digest of a set", digest);
	const char *own = file_path(arena, folder, digest);
	if (!file_exists(file_path(arena, own, "complete")))
		FAIL(error, NOT_FOUND, "the mapping set %s was not kept in \"%s\"", digest, folder);
	TRY(map_set_load(file_path(arena, own, "mappings"), file_path(arena, own, "schemas"), arena, NULL, set_r, error));
	if (!text_equal((*set_r)->digest, digest)) {
		map_set_free(set_r);
		FAIL(error, BAD_MAPPING, "the files of the kept mapping set %s were changed", digest);
	}
	return 0;
}
