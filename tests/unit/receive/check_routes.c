/* schemas/openapi.yaml against the routes, their roles and the list of error codes, in both directions. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/config/config.h"
#include "model/event.h"
#include "model/message_state.h"
#include "receive/call.h"
#include "support/suite.h"

/* Read once for each arena: it is asked for again for every operation. */
static const struct json *description(struct arena *arena)
{
	static struct arena *owner;
	static struct json *root;
	const char *text;
	if (root && owner == arena)
		return root;
	const struct json_limits wide = { .bytes = 8 << 20, .nodes = 200000, .text = 1 << 20, .depth = 64 };
	must_succeed(config_yaml_to_json(SOURCE_DIR "/schemas/openapi.yaml", arena, &text, error));
	must_succeed(json_parse(arena, bytes_of_text(text), &wide, &root, error));
	owner = arena;
	return root;
}

/* "v1/events/ *" for "/v1/events/{id}" */
static const char *pattern_of(struct arena *arena, const char *path)
{
	BUFFER_AUTO out = { 0 };
	ck_assert_int_eq(*path, '/');
	for (const char *at = path + 1; *at; at++) {
		if (*at == '{') {
			at = strchr(at, '}');
			ck_assert_ptr_nonnull(at);
			buffer_add_char(&out, '*');
		} else {
			buffer_add_char(&out, *at);
		}
	}
	return arena_text(arena, buffer_text(&out));
}

static const char *method_of(const char *name)
{
	static const char *const methods[] = { "GET", "PUT", "POST", "DELETE", "PATCH", "HEAD", "OPTIONS", NULL };
	for (const char *const *m = methods; *m; m++)
		if (text_equal_nocase(*m, name))
			return *m;
	return NULL;
}

static const struct route *route_find(const char *method, const char *pattern)
{
	for (size_t i = 0; i < receive_route_count; i++)
		if (text_equal(receive_routes[i].method, method) && text_equal(receive_routes[i].path, pattern))
			return &receive_routes[i];
	return NULL;
}

static unsigned roles_of(const struct json *operation)
{
	unsigned roles = 0;
	const struct json *list = json_find(operation, "x-roles");
	for (struct json_iter it = json_iter(list); list && json_next(&it);) {
		enum role role;
		if (!role_find(json_text(it.value), &role))
			ck_abort_msg("there is no role \"%s\"", json_text(it.value));
		roles |= 1u << role;
	}
	return roles;
}

/* Calls `each` for every operation of the description; their number. */
static size_t operations(struct arena *arena, const struct json *root,
                         void (*each)(struct arena *arena, const char *path, const char *method, const struct json *operation))
{
	size_t count = 0;
	for (struct json_iter path = json_iter(json_find(root, "paths")); json_next(&path);)
		for (struct json_iter it = json_iter(path.value); json_next(&it);)
			if (method_of(it.name)) {
				each(arena, path.name, method_of(it.name), it.value);
				count++;
			}
	return count;
}

static void check_operation(struct arena *arena, const char *path, const char *method, const struct json *operation)
{
	const struct route *route = route_find(method, pattern_of(arena, path));
	if (!route)
		ck_abort_msg("%s %s is described and not offered", method, path);
	if (roles_of(operation) != route->roles)
		ck_abort_msg("%s %s: the roles that are described are not those that are asked for", method, path);
	const struct json *responses = json_find(operation, "responses");
	if (!json_find(responses, "default") || (route->roles && (!json_find(responses, "401") || !json_find(responses, "403"))))
		ck_abort_msg("%s %s: an answer that it can give (401, 403, default) is not described", method, path);
	if (strchr(path, '{') && text_equal(method, "GET") && !json_find(responses, "404"))
		ck_abort_msg("%s %s: 404 is not described", method, path);
	bool open = json_count(json_find(operation, "security")) == 0 && json_find(operation, "security");
	if (open && route->roles)
		ck_abort_msg("%s %s needs a key, and is described as open", method, path);
}

START_TEST(what_is_described_is_offered_and_the_reverse)
{
	ARENA_AUTO arena = arena_new();
	const struct json *root = description(arena);
	ck_assert_str_eq(json_path_text(root, "openapi"), "3.1.0");
	ck_assert_uint_eq(operations(arena, root, check_operation), receive_route_count);
	for (size_t i = 0; i < receive_route_count; i++) {
		bool found = false;
		for (struct json_iter path = json_iter(json_find(root, "paths")); json_next(&path) && !found;)
			if (text_equal(pattern_of(arena, path.name), receive_routes[i].path))
				for (struct json_iter it = json_iter(path.value); json_next(&it);)
					found |= text_equal(method_of(it.name), receive_routes[i].method);
		if (!found)
			ck_abort_msg("%s /%s is offered and not described", receive_routes[i].method, receive_routes[i].path);
	}
}
END_TEST

static bool among(const struct json *list, const char *text)
{
	for (struct json_iter it = json_iter(list); list && json_next(&it);)
		if (text_equal(json_text(it.value), text))
			return true;
	return false;
}

/* Each code is a problem type, and an answer says that it can come. */
START_TEST(every_error_code_is_a_described_problem)
{
	ARENA_AUTO arena = arena_new();
	const struct json *root = description(arena), *responses = json_path(root, "components.responses");
	const struct json *types = json_path(root, "components.schemas.Problem.properties.type.enum");
	for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODES; code++) {
		bool told = false;
		if (!among(types, arena_printf(arena, "urn:sealgate:problem:%s", error_slug(code))))
			ck_abort_msg("error code \"%s\" is no described problem type", error_slug(code));
		for (struct json_iter it = json_iter(responses); json_next(&it);)
			told |= among(json_find(it.value, "x-problems"), error_slug(code));
		if (!told)
			ck_abort_msg("no response of the description has \"%s\" among its x-problems", error_slug(code));
	}
	ck_assert_uint_eq(json_count(types), ERROR_CODES - 1);
}
END_TEST

static void same_list(const struct json *root, const char *path, const char *const *names)
{
	size_t count = 0;
	const struct json *list = json_path(root, path);
	for (; names[count]; count++)
		if (!among(list, names[count]))
			ck_abort_msg("%s does not have \"%s\"", path, names[count]);
	if (json_count(list) != count)
		ck_abort_msg("%s has %zu values, the code %zu", path, json_count(list), count);
}

/* Lists of values are those of the code. */
START_TEST(enumerations_are_the_code_s)
{
	ARENA_AUTO arena = arena_new();
	const struct json *root = description(arena);
	const char *names[64] = { NULL };
	for (int i = 0; i < MESSAGE_STATES; i++)
		names[i] = message_state_name((enum message_state)i);
	same_list(root, "components.schemas.MessageState.enum", names);
	memset(names, 0, sizeof names);
	for (int i = 0; i < MESSAGE_KINDS; i++)
		names[i] = message_kind_name((enum message_kind)i);
	same_list(root, "components.schemas.MessageKind.enum", names);
	memset(names, 0, sizeof names);
	for (int i = FIX_GNSS; i <= FIX_DECLARED; i++)
		names[i - FIX_GNSS] = fix_source_name((enum fix_source)i);
	same_list(root, "components.schemas.Event.properties.position.properties.source.enum", names);
	same_list(root, "components.schemas.Notice.properties.kind.enum", (const char *const[]){
#define NOTICE_KIND(name, who, what, blocks, lifts, disclosure, minutes) name,
#include "model/notice_kind.def"
#undef NOTICE_KIND
		NULL });
}
END_TEST

static int status_of(const char *slug)
{
	for (enum error_code code = ERROR_NONE + 1; code < ERROR_CODES; code++)
		if (text_equal(error_slug(code), slug)) {
			struct error error = { .code = code };
			return error_status(&error);
		}
	return 0;
}

/* Under the status that the code has: '409': Conflict, whose x-problems are all 409. */
static void check_statuses(struct arena *arena, const char *path, const char *method, const struct json *operation)
{
	const struct json *root = description(arena);
	for (struct json_iter it = json_iter(json_find(operation, "responses")); json_next(&it);) {
		const char *reference = json_path_text(it.value, "$ref");
		if (!reference || text_equal(it.name, "default"))
			continue;
		const struct json *response = json_find(json_path(root, "components.responses"), strrchr(reference, '/') + 1);
		if (!response)
			ck_abort_msg("%s %s: \"%s\" leads nowhere", method, path, reference);
		const struct json *problems = json_find(response, "x-problems");
		for (struct json_iter p = json_iter(problems); problems && json_next(&p);)
			if (strtol(it.name, NULL, 10) != status_of(json_text(p.value)))
				ck_abort_msg("%s %s: \"%s\" is not %s", method, path, json_text(p.value), it.name);
	}
}

START_TEST(problems_stand_under_their_status)
{
	ARENA_AUTO arena = arena_new();
	ck_assert_uint_gt(operations(arena, description(arena), check_statuses), 0);
}
END_TEST

/* Types survive the way from YAML to JSON: text that looks like a number, numbers, truth values. */
START_TEST(the_description_survives_the_conversion)
{
	ARENA_AUTO arena = arena_new();
	const struct json *root = description(arena);
	ck_assert_str_eq(json_text(json_path(root, "info.version")), "1.0.0");
	ck_assert_str_eq(json_text(json_path(root, "components.schemas.CloudEvent.properties.specversion.const")), "1.0");
	ck_assert_str_eq(json_number(json_path(root, "components.parameters.Limit.schema.maximum")), "500");
	ck_assert(json_kind(json_path(root, "components.parameters.Id.required")) == JSON_KIND_BOOL);
	const struct json *events = json_find(json_find(json_find(root, "paths"), "/v1/events"), "post");
	ck_assert_ptr_nonnull(json_find(json_find(events, "responses"), "201"));
	ck_assert_ptr_nonnull(strstr(json_path_text(events, "description"), "NDJSON"));
	const struct json *types = json_path(root, "components.schemas.Event.properties.retracts.type");
	ck_assert_str_eq(json_text(json_at(types, 1)), "null");
}
END_TEST

SUITE("receive routes", what_is_described_is_offered_and_the_reverse, every_error_code_is_a_described_problem, problems_stand_under_their_status,
      enumerations_are_the_code_s, the_description_survives_the_conversion)
