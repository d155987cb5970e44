/* From octets to notices, without a store. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/text.h"
#include "model/container.h"

#define NOTICES_MOST 1000

/* The document as it is, or as it would be with its namespaces. */
static int parse(struct bytes octets, const char *profile, bool lenient, struct arena *arena, struct bytes *octets_r, struct xml_document **document_r,
                 struct error *error)
{
	TRY(xml_parse(arena, octets, NULL, document_r, error));
	*octets_r = octets;
	if (!document_is_bare((*document_r)->root))
		return 0;
	if (!lenient)
		FAIL(error, BAD_SCHEMA, "the document has no namespaces; it is read only where the agreement says \"answers.lenient: true\"");
	if (!text_equal(profile, "wco-dms"))
		FAIL(error, BAD_SCHEMA, "the document has no namespaces, and those of profile \"%s\" cannot be supplied", profile);
	BUFFER_AUTO qualified = { 0 };
	document_qualify((*document_r)->root, &qualified);
	*octets_r = arena_bytes(arena, buffer_bytes(&qualified));
	return xml_parse(arena, *octets_r, NULL, document_r, error);
}

/* The numbers as we write them, each once; what is no ISO 6346 number is taken as it stands, with a warning. */
static struct json *containers_of(struct arena *arena, const struct json *mapped, struct json *warnings)
{
	struct json *out = json_new_array(arena);
	for (struct json_iter it = json_iter(json_path(mapped, "scope.containers")); json_next(&it);) {
		char number[CONTAINER_NUMBER_SIZE];
		bool good = true, known = false;
		struct error why = { 0 };
		const char *text = json_scalar(it.value);
		if (!text)
			continue;
		if (container_read(text, number, &good, &why) == 0)
			text = number;
		if (why.code != ERROR_NONE || !good)
			json_append(warnings, json_new_text(arena, arena_printf(arena, why.code != ERROR_NONE ? "\"%.40s\" is no ISO 6346 container number"
			                                                                                      : "the check digit of \"%.40s\" is wrong", text)));
		for (struct json_iter k = json_iter(out); json_next(&k);)
			known |= text_equal(json_text(k.value), text);
		if (!known)
			json_append(out, json_new_text(arena, text));
	}
	return out;
}

/* What the mapping had to leave out of this response ("/2/scheduled"). */
static void marks_warn(struct arena *arena, const struct map_marks *marks, size_t index, struct json *notice)
{
	const char *start = arena_printf(arena, "/%zu/", index), *last = NULL;
	for (size_t i = 0; i < marks->count; i++) {
		const struct map_mark *mark = &marks->items[i];
		if (!text_starts(mark->element, start) || text_equal(mark->text, last))
			continue;
		notice_warn(arena, notice, "%s: %s", mark->source && *mark->source ? mark->source : mark->element, mark->text);
		last = mark->text;
		if (text_starts(mark->text, "\"disclose\""))  /* secrecy was asked for, in whatever words */
			json_set_text(arena, notice, "disclosure", notice_disclosure_most(json_path_text(notice, "disclosure"), "restricted"));
	}
}

static int response_split(struct arena *arena, const struct json *mapped, const struct map_marks *marks, size_t index, struct json *notices,
                          struct error *error)
{
	struct json *warnings = json_new_array(arena), *containers = containers_of(arena, mapped, warnings);
	size_t count = json_count(containers);
	for (size_t i = 0; i < (count ? count : 1); i++) {
		struct json *notice = notice_shape(arena, mapped, json_text(json_at(containers, i)));
		for (struct json_iter it = json_iter(warnings); json_next(&it);)
			notice_warn(arena, notice, "%s", json_text(it.value));
		marks_warn(arena, marks, index, notice);
		json_append(notices, notice);
	}
	if (json_count(notices) > NOTICES_MOST)
		FAIL(error, TOO_LARGE, "the document speaks of more than %d containers", NOTICES_MOST);
	return 0;
}

/* What reads it: by its document element. Of a type that has a schema, the schema is the first to be asked. */
static int reader_find(struct map_set *set, const char *profile, const struct xml_node *root, struct arena *arena, const struct mapping **mapping_r,
                       bool *declared_r, struct error *error)
{
	*mapping_r = mapping_find_for(set, arena_printf(arena, "answers/%s", profile), root->name, declared_r);
	if (!*mapping_r)
		FAIL(error, BAD_SCHEMA, "no answer of profile \"%s\" is a <%.60s>", profile, root->name);
	return 0;
}

int answer_read(struct map_set *set, const struct validator *validator, const char *profile, bool lenient, struct bytes octets, struct arena *arena,
                struct json **notices_r, const char **type_r, struct error *error)
{
	struct xml_document *document;
	struct map_marks marks;
	struct json *mapped;
	const struct mapping *mapping;
	bool declared;
	TRY(parse(octets, profile, lenient, arena, &octets, &document, error));
	TRY(reader_find(set, profile, document->root, arena, &mapping, &declared, error));
	if (validator && declared)
		TRY(validate_parsed(validator, arena_printf(arena, "%s/%s.xsd", profile, mapping_type(mapping)), document, octets, error));
	TRY(map_to_json(mapping, map_input_from_xml(mapping, document->root, arena), arena, &mapped, &marks, error));
	*notices_r = json_new_array(arena);
	if (type_r)
		*type_r = declared ? mapping_type(mapping) : arena_printf(arena, "%.60s", document->root->name);
	size_t index = 0;
	for (struct json_iter it = json_iter(mapped); json_next(&it);)
		TRY(response_split(arena, it.value, &marks, index++, *notices_r, error));
	if (!json_count(*notices_r))
		FAIL(error, BAD_SCHEMA, "the document holds no response");
	return 0;
}
