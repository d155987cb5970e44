/* What another gateway passed on: the original stands beside the document, and is read as if it had come from customs. How secret it is
 * may only be raised by that; whose signature it bears is what the other gateway says, and is told so. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/text.h"

static const struct arrived_part *part_find(const struct taking *t, const char *id)
{
	for (size_t i = 0; i < t->arrived->part_count; i++)
		if (text_equal(t->arrived->parts[i].id, id))
			return &t->arrived->parts[i];
	return NULL;
}

static int original_read(struct taking *t, struct json *outer, struct json *out, struct error *error)
{
	char digest[DIGEST_HEX_SIZE];
	struct json *inner;
	const struct answer_config *config = &t->answer->config;
	const struct json *original = json_find(outer, "original");
	const char *id = json_path_text(original, "part"), *profile = json_path_text(original, "profile");
	const struct arrived_part *part = part_find(t, id);
	if (!part)
		FAIL(error, BAD_SCHEMA, "the original \"%.80s\" is not beside the document", id ? id : "");
	if (part->stored)
		FAIL(error, TOO_LARGE, "the original \"%.80s\" is too large to be read", id);
	if (!text_equal(digest_sha256_hex(part->octets, digest), json_path_text(original, "digest")))
		FAIL(error, BAD_SIGNATURE, "the original \"%.80s\" has not the digest that was announced", id);
	if (text_equal(profile, t->arrived->agreement->profile))
		FAIL(error, BAD_SCHEMA, "the original \"%.80s\" was passed on before: it goes no further", id);
	TRY(answer_read(config->set, config->validator, profile, t->arrived->agreement->lenient, part->octets, t->arena, &inner, NULL, error));
	for (struct json_iter it = json_iter(inner); json_next(&it);) {
		json_set_text(t->arena, it.value, "disclosure", notice_disclosure_most(json_path_text(it.value, "disclosure"), json_path_text(outer, "disclosure")));
		if (json_find(outer, "relayed"))
			json_set(it.value, "relayed", json_clone(t->arena, json_find(outer, "relayed")));
		json_append(out, it.value);
	}
	return 0;
}

int relayed_read(struct taking *t, struct json **notices_r, struct error *error)
{
	struct json *out = json_new_array(t->arena);
	for (struct json_iter it = json_iter(*notices_r); json_next(&it);)
		if (json_find(it.value, "original"))
			TRY(original_read(t, it.value, out, error));
		else
			json_append(out, it.value);
	*notices_r = out;
	return 0;
}
