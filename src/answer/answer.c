#include "answer/inside.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"

/* Its profile reads something, and what it knows by name has a schema. */
static int readers_check(const struct answer_config *config, const struct agreement *a, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	const char *folder = arena_printf(arena, "answers/%s/", a->profile);
	size_t count = 0;
	for (const char *const *name = map_set_names(config->set); *name; name++) {
		if (!text_starts(*name, folder))
			continue;
		const char *type = *name + strlen(folder), *schema = arena_printf(arena, "%s/%s.xsd", a->profile, type);
		const struct mapping *any = mapping_find_for(config->set, arena_printf(arena, "answers/%s", a->profile), "*", NULL);
		if (any != mapping_find(config->set, *name) && config->validator && !validator_knows(config->validator, schema))
			FAIL(error, BAD_MAPPING, "agreement \"%s\": there is no schema \"%s\" to hold its answers against", a->name, schema);
		count++;
	}
	if (!count)
		FAIL(error, BAD_MAPPING, "agreement \"%s\": there is no mapping \"%s...\" to read its answers with", a->name, folder);
	return 0;
}

int answer_open(const struct answer_config *config, struct answer **answer_r, struct error *error)
{
	const struct settings *s = config->settings;
	struct answer *answer = calloc(1, sizeof *answer);
	if (!answer || !(answer->anchors = calloc(s->agreement_count + 1, sizeof *answer->anchors)))
		die("out of memory");
	answer->config = *config;
	answer->count = s->agreement_count;
	int result = 0;
	for (size_t i = 0; i < s->agreement_count && result == 0; i++) {
		const struct agreement *a = &s->agreements[i];
		result = readers_check(config, a, error);
		if (result == 0 && a->anchors_file && certificate_open(a->anchors_file, &answer->anchors[i], error) < 0)
			result = error_during(error, "agreement \"%s\", answers.anchors", a->name);
	}
	if (result < 0)
		answer_close(&answer);
	*answer_r = answer;
	return result;
}

void answer_close(struct answer **answer)
{
	if (!*answer)
		return;
	for (size_t i = 0; i < (*answer)->count; i++)
		certificate_free(&(*answer)->anchors[i]);
	free((*answer)->anchors);
	free(*answer);
	*answer = NULL;
}

/* The peer's own references, of all responses in the document. */
static void take_reference(struct taking *t, const struct json *notices)
{
	BUFFER_AUTO all = { 0 };
	const char *last = NULL;
	for (struct json_iter it = json_iter(notices); json_next(&it);) {
		const char *reference = json_path_text(it.value, "reference");
		if (!reference || text_equal(reference, last))
			continue;
		buffer_printf(&all, "%s%s", all.size ? "," : "", reference);
		last = reference;
	}
	t->reference = all.size ? arena_text(t->arena, buffer_text(&all)) : NULL;
}

/* Signature first: of a document that is not the peer's, nothing is read. */
static int read_all(struct taking *t, struct error *error)
{
	struct answer *answer = t->answer;
	const struct agreement *agreement = t->arrived->agreement;
	struct json *notices;
	TRY(taking_check(t, error));
	TRY(answer_read(answer->config.set, answer->config.validator, agreement->profile, agreement->lenient, t->arrived->body, t->arena, &notices, &t->type,
	                error));
	take_reference(t, notices);
	TRY(relayed_read(t, &notices, error));
	t->notices = arena_array(t->arena, json_count(notices) + 1, sizeof *t->notices);
	t->disclosure = "open";
	for (struct json_iter it = json_iter(notices); json_next(&it);) {
		struct incoming *n = &t->notices[t->count++];
		n->json = it.value;
		n->kind = notice_kind_find(json_path_text(it.value, "kind"));
		n->container = json_text(json_at(json_path(it.value, "scope.containers"), 0));
		n->claims = json_path_text(it.value, "message");
		n->mrn = json_path_text(it.value, "mrn");
		n->issued = notice_time(it.value, "issued");
		t->disclosure = notice_disclosure_most(t->disclosure, json_path_text(it.value, "disclosure"));
		if (!n->kind)
			FAIL(error, BAD_MAPPING, "the mapping gives a notice of kind \"%s\", which is unknown", json_path_text(it.value, "kind"));
	}
	return 0;
}

int answer_take(struct answer *answer, const struct arrived *arrived, struct arena *arena, struct taken *taken_r, struct error *error)
{
	struct taking t = { .answer = answer, .arrived = arrived, .arena = arena, .received = clock_now_ms(), .taken = taken_r };
	struct error failed = { 0 };
	digest_sha256_hex(arrived->body, t.digest);
	*taken_r = (struct taken){ .state = "untied", .notices = json_new_array(arena) };
	if (read_all(&t, &taken_r->why) < 0) {
		t.count = 0;
		t.reference = NULL;
		taken_r->state = "refused";
	} else if (store_read(answer->config.store, taking_tie, &t, &failed) < 0) {
		*error = failed;
		return -1;
	}
	TRY(store_write(answer->config.store, taking_keep, &t, error));
	if (!taken_r->document)
		return 0;  /* the channel knew it, and says so itself */
	if (taken_r->why.code != ERROR_NONE)
		log_warning("answer", taken_r->document, "of \"%s\" refused: %s", arrived->agreement->name, taken_r->why.text);
	else
		log_info("answer", taken_r->document, "of \"%s\" %s%s", arrived->agreement->name, taken_r->state, taken_r->repeated ? ", repeated" : "");
	return 0;
}
