/* Journeys: each party files a section of its own; the merged whole is what is read. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "model/container.h"
#include "model/journey.h"
#include "receive/call.h"

struct filing {
	struct call *call;
	const char *id;
	struct json *section;
	int64_t if_version;          /* of the caller's own section; CLOCK_NONE: not said, 0: there must be none */
	bool any_version;            /* If-Match: * */
	int64_t version;             /* what it became */
	bool made;
	struct json *shown;
};

static bool overlap(const struct journey_row *row, int64_t from, int64_t until)
{
	return (until == CLOCK_NONE || row->from < until) && (row->until == CLOCK_NONE || from < row->until);
}

/* At most one journey of a container at an instant. */
static int check_free(struct db *db, const struct filing *f, const struct journey *journey, struct error *error)
{
	struct journey_row *rows;
	size_t count;
	TRY(journey_of_container(db, f->call->arena, journey->container, &rows, &count, error));
	for (size_t i = 0; i < count; i++)
		if (!text_equal(rows[i].id, f->id) && rows[i].closed == CLOCK_NONE && overlap(&rows[i], journey->from, journey->until)) {
			error_set(error, ERROR_CONFLICT, "container \"%s\" has another journey at that time: file your section into that one, or end it first",
			          journey->container);
			return error_in_field(error, "/from");
		}
	return 0;
}

static int check_version(const struct filing *f, const struct section_row *own, struct error *error)
{
	if (!own && f->if_version != CLOCK_NONE && f->if_version != 0)
		FAIL(error, PRECONDITION, "you have filed no section of journey \"%s\" yet: send it without If-Match", f->id);
	if (own && f->if_version == CLOCK_NONE && !f->any_version)
		FAIL(error, PRECONDITION_REQUIRED, "your section of journey \"%s\" has version %lld: say If-Match: \"%lld\" to replace it", f->id,
		     (long long)own->version, (long long)own->version);
	if (own && !f->any_version && f->if_version != own->version)
		FAIL(error, PRECONDITION, "your section of journey \"%s\" has version %lld, not %lld: read it again", f->id, (long long)own->version,
		     (long long)f->if_version);
	return 0;
}

/* A party that the journey does not name may not join it: it would see what others filed. */
static int check_named(const struct filing *f, const struct journey_row *row, struct error *error)
{
	struct json *merged;
	const struct viewer *viewer = &f->call->viewer;
	const struct party *party = settings_party(viewer->settings, viewer->party);
	TRY(json_parse(f->call->arena, bytes_of_text(row->content), NULL, &merged, error));
	if (!viewer_sees_all(viewer) && !journey_names(merged, viewer->party, party ? party->eori : NULL, party ? party->smdg : NULL))
		FAIL(error, FORBIDDEN, "journey \"%s\" is not yours to file: its owner names who may (\"may_see\", carrier, declarant)", f->id);
	return 0;
}

/* Every version of every owner, the new one last. */
static int filings_read(struct db *db, struct filing *f, int64_t now, struct journey_filing **filings_r, size_t *count_r, struct error *error)
{
	struct section_row *rows;
	size_t count;
	TRY(journey_revisions(db, f->call->arena, f->id, &rows, &count, error));
	struct journey_filing *filings = arena_array(f->call->arena, count + 1, sizeof *filings);
	for (size_t i = 0; i < count; i++) {
		struct json *content;
		TRY(json_parse(f->call->arena, bytes_of_text(rows[i].content), NULL, &content, error));
		filings[i] = (struct journey_filing){ rows[i].owner, rows[i].version, rows[i].stored, content };
	}
	filings[count] = (struct journey_filing){ f->call->caller->party, f->version, now, f->section };
	*filings_r = filings;
	*count_r = count + 1;
	return 0;
}

static int put(struct db *db, void *context, struct error *error)
{
	struct filing *f = context;
	struct arena *arena = f->call->arena;
	struct journey_row old;
	struct section_row *sections, *own = NULL;
	size_t count;
	bool found;
	int64_t now = clock_now_ms();
	TRY(journey_find(db, arena, f->id, &old, &found, error));
	if (found)
		TRY(check_named(f, &old, error));
	TRY(journey_sections(db, arena, f->id, &sections, &count, error));
	for (size_t i = 0; i < count; i++)
		if (text_equal(sections[i].owner, f->call->caller->party))
			own = &sections[i];
	TRY(check_version(f, own, error));
	f->version = own ? own->version + 1 : 1;
	f->made = !found;
	if (found && !json_scalar(json_find(f->section, "container")))
		json_set_text(arena, f->section, "container", old.container);
	if (found && !text_equal(json_path_text(f->section, "container"), old.container)) {
		error_set(error, ERROR_CONFLICT, "journey \"%s\" is one of container \"%s\"", f->id, old.container);
		return error_in_field(error, "/container");
	}
	struct journey_filing *filings;
	TRY(filings_read(db, f, now, &filings, &count, error));
	struct json *whole = journey_merge(arena, f->id, filings, count);
	const char *content = json_to_text(arena, whole, JSON_COMPACT);
	struct journey journey;
	TRY(journey_load(arena, content, &journey, error));
	TRY(journey_complete_check(&journey, error));
	TRY(journey_whole_check(whole, error));
	TRY(check_free(db, f, &journey, error));
	struct section_row section = { f->id, f->call->caller->party, f->version, now, json_to_text(arena, f->section, JSON_COMPACT) };
	TRY(journey_section_put(db, &section, error));
	struct journey_row row = { .id = f->id, .container = journey.container, .from = journey.from, .until = journey.until, .closed = CLOCK_NONE,
		                   .version = found ? old.version + 1 : 1, .stored = now, .content = content };
	TRY(journey_put(db, &row, error));
	return view_journey(db, arena, &f->call->viewer, &row, &f->shown, error);
}

static int check_id(const char *id, struct error *error)
{
	if (!*id || strlen(id) > 70 || id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-")]) {
		error_set(error, ERROR_BAD_FIELD, "a journey's id has 1 to 70 letters, digits, points, hyphens, underscores and colons");
		return error_in_field(error, "/id");
	}
	return 0;
}

/* As events have it: without blanks and hyphens, in capitals. */
static void container_write(struct filing *f)
{
	char number[CONTAINER_NUMBER_SIZE];
	bool good;
	const char *said = json_path_text(f->section, "container");
	if (said && !text_equal(json_path_text(f->section, "container_scheme"), "other") && container_read(said, number, &good, NULL) == 0)
		json_set_text(f->call->arena, f->section, "container", number);
}

static int file(struct filing *f, struct error *error)
{
	static const char *const made_here[] = { "id", "version", "stored", "owners", "conflicts" };
	TRY(check_id(f->id, error));
	if (json_kind(f->section) != JSON_KIND_OBJECT)
		FAIL(error, BAD_FIELD, "a journey is an object");
	for (size_t i = 0; i < sizeof made_here / sizeof *made_here; i++)
		json_unset(f->section, made_here[i]);
	TRY(journey_section_check(f->call->arena, f->section, error));
	container_write(f);
	return store_write(f->call->receive->config.store, put, f, error);
}

/* "3" with or without its quotes. */
static int64_t version_of(const char *tag)
{
	int64_t version;
	struct error ignored;
	size_t n = tag ? strlen(tag) : 0;
	if (!n)
		return CLOCK_NONE;
	char text[24] = { 0 };
	bool quoted = n >= 2 && tag[0] == '"' && tag[n - 1] == '"';
	if (n >= sizeof text)
		return -1;
	memcpy(text, tag + quoted, n - 2 * quoted);
	return text_integer(text, 0, INT64_MAX, &version, &ignored) == 0 ? version : -1;
}

int journey_put_one(struct call *call)
{
	const char *match = http_request_header(call->request, "If-Match");
	struct filing f = { .call = call, .id = call_segment(call, 2), .any_version = text_equal(match, "*"), .if_version = version_of(match) };
	if (f.any_version)
		f.if_version = CLOCK_NONE;
	if (text_equal(http_request_header(call->request, "If-None-Match"), "*"))
		f.if_version = 0;
	TRY(call_parse(call, &f.section));
	TRY(file(&f, call->error));
	http_answer_header(call->request, "ETag", arena_printf(call->arena, "\"%lld\"", (long long)f.version));
	if (f.made)
		http_answer_header(call->request, "Location", arena_printf(call->arena, "/v1/journeys/%s", f.id));
	return answer_json(call, f.made ? 201 : 200, f.shown ? f.shown : json_new_object(call->arena));
}

static struct json *line_file(struct call *call, struct bytes line, int64_t index, bool *good_r)
{
	struct error error = { 0 };
	struct json *result = json_new_object(call->arena);
	struct filing f = { .call = call, .if_version = CLOCK_NONE };
	json_set_integer(call->arena, result, "index", index);
	int bad = json_parse(call->arena, line, NULL, &f.section, &error);
	if (bad == 0) {
		f.id = arena_text(call->arena, json_path_text(f.section, "id"));  /* the member goes before the id is needed */
		f.if_version = version_of(json_scalar(json_find(f.section, "version")));
		if (!f.id)
			bad = error_set(&error, ERROR_MISSING_FIELD, "\"id\" is missing"), error_in_field(&error, "/id");
		else
			bad = file(&f, &error);
	}
	*good_r = bad == 0;
	json_set_integer(call->arena, result, "status", bad ? error_status(&error) : f.made ? 201 : 200);
	if (bad)
		json_set(result, "problem", problem_json(call, &error));
	else
		json_set_text(call->arena, result, "id", f.id);
	if (!bad)
		json_set_integer(call->arena, result, "version", f.version);
	return result;
}

int journeys_post(struct call *call)
{
	struct bytes body = call->request->body;
	const char *at = (const char *)body.data, *end = at + body.size;
	struct json *out = json_new_object(call->arena), *results = json_new_array(call->arena);
	int64_t index = 0, good = 0;
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t size = (size_t)((stop ? stop : end) - at);
		bool stored;
		if (size > strspn(at, " \t\r")) {
			json_append(results, line_file(call, (struct bytes){ (const uint8_t *)at, size }, index++, &stored));
			good += stored;
		}
		at += size + 1;
	}
	if (index == 0)
		FAIL(call->error, BAD_REQUEST, "there is no journey in the body: one JSON object per line");
	json_set_integer(call->arena, out, "stored", good);
	json_set_integer(call->arena, out, "refused", index - good);
	json_set(out, "results", results);
	return answer_json(call, good ? 200 : 422, out);
}

static int read_one(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	struct section_row *sections;
	size_t count;
	TRY(view_find(db, call->arena, &call->viewer, NOUN_JOURNEY, call->id, &call->out, error));
	TRY(journey_sections(db, call->arena, call->id, &sections, &count, error));
	call->status = 0;
	for (size_t i = 0; i < count; i++)
		if (text_equal(sections[i].owner, call->caller->party))
			call->status = (int)sections[i].version;
	return 0;
}

int journey_get(struct call *call)
{
	call->id = call_segment(call, 2);
	TRY(call_read(call, read_one));
	if (!call->out)
		return answer_not_found(call, "journey");
	http_answer_header(call->request, "ETag", arena_printf(call->arena, "\"%d\"", call->status));
	return answer_json(call, 200, call->out);
}

static int read_of_container(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	struct journey_row *rows;
	size_t count;
	TRY(journey_of_container(db, call->arena, call->id, &rows, &count, error));
	for (size_t i = 0; i < count; i++) {
		struct json *shown;
		TRY(view_journey(db, call->arena, &call->viewer, &rows[i], &shown, error));
		if (shown)
			json_append(call->out, shown);
	}
	return 0;
}

int journeys_get(struct call *call)
{
	call->id = call_parameter(call, "container");
	if (!call->id)
		return list_get(call);
	struct json *out = json_new_object(call->arena);
	call->out = json_new_array(call->arena);
	TRY(call_read(call, read_of_container));
	json_set(out, "items", call->out);
	return answer_json(call, 200, out);
}

/* ---- seals ---- */

#define SEAL_TEXT 500

static int seal_write(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	char id[ID_UUID_SIZE], time[CLOCK_TEXT_SIZE];
	int64_t now = clock_now_ms(), at = now;
	bool may;
	if (json_path_text(call->in, "at") && clock_parse(json_path_text(call->in, "at"), &at, error) < 0)
		return error_in_field(error, "/at");
	TRY(view_container_at(db, call->arena, &call->viewer, call->id, at, &may, error));
	if (!may)
		FAIL(error, FORBIDDEN, "no journey of container \"%s\" at that time names party \"%s\"", call->id, call->caller->party);
	struct seal_change_row row = { .id = arena_text(call->arena, id_uuid7(id)), .container = call->id, .at = at, .stored = now,
		                       .party = call->caller->party, .content = json_to_text(call->arena, call->in, JSON_COMPACT) };
	TRY(seal_change_add(db, &row, error));
	json_set_text(call->arena, call->in, "id", row.id);
	json_set_text(call->arena, call->in, "stored", clock_format(now, time));
	return 0;
}

int seals_post(struct call *call)
{
	static const char *const known[] = { "number", "class", "by", "at", "place", "replaces", "evidence", "condition", NULL };
	char number[CONTAINER_NUMBER_SIZE];
	bool good;
	TRY(container_read(call_segment(call, 2), number, &good, call->error));
	call->id = arena_text(call->arena, number);
	TRY(call_parse(call, &call->in));
	for (struct json_iter it = json_iter(call->in); json_kind(call->in) == JSON_KIND_OBJECT && json_next(&it);) {
		size_t i = 0;
		while (known[i] && !text_equal(known[i], it.name))
			i++;
		const char *value = json_text(it.value);
		if (!known[i] || (value ? text_utf8_length(value) > SEAL_TEXT : json_kind(it.value) != JSON_KIND_NULL)) {
			error_set(call->error, ERROR_BAD_FIELD, "\"%.60s\" is not taken: number, class, by, at, place, replaces, evidence, condition, as texts of at "
			          "most %d characters", it.name, SEAL_TEXT);
			return error_in_field(call->error, "/%.60s", it.name);
		}
	}
	const char *seal = json_path_text(call->in, "number");
	if (text_empty(seal) || strlen(seal) > 35) {
		error_set(call->error, ERROR_MISSING_FIELD, "\"number\" is missing or longer than 35 characters: the seal that is on the container now");
		return error_in_field(call->error, "/number");
	}
	json_set_text(call->arena, call->in, "party", call->caller->party);
	TRY(call_write(call, seal_write));
	return answer_json(call, 201, call->in);
}
