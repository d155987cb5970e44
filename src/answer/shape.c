/* The notice as the message guide has it (section 8). */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "answer/inside.h"
#include "lib/base/text.h"

static void copy(struct arena *arena, struct json *to, const struct json *from, const char *name)
{
	const struct json *value = json_find(from, name);
	if (value)
		json_set(to, name, json_clone(arena, value));
}

static void copy_or_list(struct arena *arena, struct json *to, const struct json *from, const char *name)
{
	const struct json *value = json_find(from, name);
	json_set(to, name, json_kind(value) == JSON_KIND_ARRAY ? json_clone(arena, value) : json_new_array(arena));
}

static struct json *words(struct arena *arena, const char *text)
{
	struct json *out = json_new_array(arena);
	for (; *text; text += strspn(text, " ")) {
		size_t n = strcspn(text, " ");
		json_append(out, json_new_text(arena, arena_text_n(arena, text, n)));
		text += n;
	}
	return out;
}

/* Who acts, and what is blocked: as the mapping says, else as the kind says. */
static struct json *action_of(struct arena *arena, const struct json *mapped, const struct notice_kind *kind)
{
	struct json *out = json_new_object(arena);
	const struct json *said = json_find(mapped, "action"), *blocks = json_find(said, "blocks");
	const char *who = json_path_text(said, "who"), *what = json_path_text(said, "what");
	who = who ? who : kind ? kind->who : "";
	what = what ? what : kind ? kind->what : "";
	json_set_text(arena, out, "who", *who ? who : NULL);
	json_set_text(arena, out, "what", *what ? what : NULL);
	json_set(out, "blocks", blocks ? json_clone(arena, blocks) : words(arena, kind ? kind->blocks : ""));
	return out;
}

/* The kind's own; what the peer says may only raise it. */
static const char *disclosure_of_notice(struct arena *arena, const struct json *mapped, const struct notice_kind *kind, struct json *notice)
{
	const char *level = kind ? kind->disclosure : "restricted";
	for (struct json_iter it = json_iter(json_find(mapped, "disclose")); json_next(&it);) {
		const char *asked = json_scalar(it.value);
		if (!text_equal(asked, "open") && !text_equal(asked, "restricted") && !text_equal(asked, "covert"))
			notice_warn(arena, notice, "disclose=\"%.40s\" is unknown; read as restricted", asked ? asked : "");
		level = notice_disclosure_most(level, asked);
	}
	return level;
}

static struct json *scope_of(struct arena *arena, const struct json *mapped, const char *container)
{
	struct json *scope = json_new_object(arena), *containers = json_new_array(arena);
	if (container)
		json_append(containers, json_new_text(arena, container));
	json_set(scope, "containers", containers);
	copy_or_list(arena, scope, json_find(mapped, "scope"), "bills");
	return scope;
}

/* Faults that come with a yes are warnings. */
static void faults_put(struct arena *arena, const struct json *mapped, struct json *notice)
{
	bool accepted = text_equal(json_path_text(notice, "kind"), "accepted");
	const struct json *faults = json_find(mapped, "errors");
	json_set(notice, "warnings", accepted && faults ? json_clone(arena, faults) : json_new_array(arena));
	json_set(notice, "errors", !accepted && faults ? json_clone(arena, faults) : json_new_array(arena));
}

struct json *notice_shape(struct arena *arena, const struct json *mapped, const char *container)
{
	static const char *const plain[] = { "kind", "issued", "reference", "message", "mrn", "version" };
	static const char *const more[] = { "decision", "final", "effective", "text" };
	static const char *const lists[] = { "codes", "statements" };
	struct json *out = json_new_object(arena);
	const struct notice_kind *kind = notice_kind_find(json_path_text(mapped, "kind"));
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		copy(arena, out, mapped, plain[i]);
	json_set(out, "scope", scope_of(arena, mapped, container));
	copy(arena, out, mapped, "office");
	copy(arena, out, mapped, "place");
	copy(arena, out, mapped, "scheduled");
	copy(arena, out, mapped, "respond_by");
	json_set_text(arena, out, "deadline_source", json_find(mapped, "respond_by") ? "message" : NULL);
	copy_or_list(arena, out, mapped, "requests");
	copy(arena, out, mapped, "answerable");
	copy(arena, out, mapped, "parties");
	copy(arena, out, mapped, "original");
	copy(arena, out, mapped, "relayed");
	json_set_bool(arena, out, "intent", json_bool(json_find(mapped, "intent"), false));
	json_set(out, "action", action_of(arena, mapped, kind));
	json_set(out, "lifts", json_new_array(arena));
	json_set(out, "lifted_by", json_new_null(arena));
	faults_put(arena, mapped, out);
	json_set_text(arena, out, "disclosure", disclosure_of_notice(arena, mapped, kind, out));
	json_set(out, "acknowledged", json_new_null(arena));
	json_set(out, "escalated", json_new_array(arena));
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		copy(arena, out, mapped, more[i]);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		copy_or_list(arena, out, mapped, lists[i]);
	copy(arena, out, mapped, "payments");
	copy(arena, out, mapped, "amendments");
	copy(arena, out, mapped, "changes");
	return out;
}

void notice_warn(struct arena *arena, struct json *notice, const char *format, ...)
{
	char text[400];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	size_t size = strlen(text);
	while (text_utf8_check((struct bytes){ (const uint8_t *)text, size }) < size)
		text[--size] = '\0';  /* cut within a character */
	struct json *warnings = json_find(notice, "warnings"), *one = json_new_object(arena);
	if (!warnings)
		json_set(notice, "warnings", warnings = json_new_array(arena));
	json_set_text(arena, one, "text", text);
	json_append(warnings, one);
}

static unsigned depth_of(const struct json *node)
{
	unsigned most = 0;
	for (struct json_iter it = json_iter(node); json_next(&it);) {
		unsigned depth = depth_of(it.value);
		most = depth > most ? depth : most;
	}
	return most + 1;
}

/* What is this small is within every other limit of readers; reading it to find that out would cost more than all the rest of it. */
#define SMALL ((size_t)32 << 10)
#define DEPTH 32

const char *notice_text(struct arena *arena, struct json *notice)
{
	static const char *const details[] = { "changes", "statements", "amendments", "payments", "requests", "codes", "errors", "warnings" };
	char *text = json_to_text(arena, notice, JSON_COMPACT);
	if (strlen(text) < SMALL && depth_of(notice) <= DEPTH)
		return text;
	for (size_t i = 0; i < sizeof details / sizeof *details; i++) {
		struct json *read;
		struct error ignored = { 0 };
		if (json_parse(arena, bytes_of_text(text), NULL, &read, &ignored) == 0)
			break;
		if (!json_find(notice, details[i]))
			continue;
		json_unset(notice, details[i]);
		notice_warn(arena, notice, "\"%s\" is too much to be shown here: see the document", details[i]);
		text = json_to_text(arena, notice, JSON_COMPACT);
	}
	return text;
}

int64_t notice_time(const struct json *notice, const char *name)
{
	int64_t ms;
	struct error ignored = { 0 };
	const char *text = json_path_text(notice, name);
	return text && clock_parse(text, &ms, &ignored) == 0 ? ms : CLOCK_NONE;
}

struct json *notice_tree(struct arena *arena, const char *content)
{
	struct json *tree;
	struct error ignored = { 0 };
	return json_parse(arena, bytes_of_text(content), NULL, &tree, &ignored) == 0 ? tree : json_new_object(arena);
}
