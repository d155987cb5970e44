/* What one party may see, where another may see more. */
#include "support/suite.h"

#include <string.h>

#include "lib/base/text.h"
#include "store/store.h"
#include "store/view.h"
#include "support/folder.h"

#define YEAR INT64_C(31536000000)

static const struct party parties[] = { { .name = "carrier-1" }, { .name = "broker-1" }, { .name = "broker-2" }, { .name = "admin-1" } };

struct world {
	struct arena *arena;
	struct settings settings;
	struct store *store;
	struct viewer viewer;
	enum noun noun;
	const char *id, *container;
	int64_t at;
	bool may;
	struct json *shown;
};

static int journey_write(struct db *db, const char *id, const char *container, const char *owner, int64_t from, int64_t until, struct error *error)
{
	char content[200];
	snprintf(content, sizeof content, "{\"id\":\"%s\",\"container\":\"%s\",\"owners\":[\"%s\"]}", id, container, owner);
	return journey_put(db, &(struct journey_row){ .id = id, .container = container, .from = from, .until = until, .closed = CLOCK_NONE, .version = 1,
	                   .stored = 1, .content = content }, error);
}

static int notice_write(struct db *db, const char *id, const char *kind, const char *container, const char *journey, const char *disclosure,
                        const char *content, struct error *error)
{
	return notice_add(db, &(struct notice_row){ .id = id, .kind = kind, .peer = "nl", .document = "d", .container = container, .journey = journey,
	                  .received = 5, .disclosure = disclosure, .content = content, .acknowledged = CLOCK_NONE, .lifted = CLOCK_NONE,
	                  .escalate = CLOCK_NONE }, error);
}

static int document_write(struct db *db, struct arena *arena, const char *id, const char *content, struct error *error)
{
	enum store_outcome outcome;
	struct document_row stored, row = { .id = id, .peer = "nl", .received = 5, .body = "b", .content_type = "application/xml", .type = "response",
		.dedupe = id, .state = "tied", .container = "A", .journey = "new", .content = content };
	return document_add(db, arena, &row, &outcome, &stored, error);
}

static int fill(struct db *db, void *context, struct error *error)
{
	struct world *w = context;
	enum store_outcome outcome;
	struct event_row stored, event = { .id = "e", .provider = "p", .provider_id = "1", .type = "door_opened", .time = 2 * YEAR + 5, .received = 6,
		.container = "A", .content = "{}", .content_digest = "x" };
	TRY(journey_write(db, "old", "A", "broker-2", 0, YEAR, error));
	TRY(journey_write(db, "new", "A", "broker-1", 2 * YEAR, CLOCK_NONE, error));
	TRY(journey_write(db, "other", "B", "broker-2", 0, CLOCK_NONE, error));
	TRY(event_add(db, w->arena, &event, &outcome, &stored, error));
	TRY(notice_write(db, "secret", "control", "A", "new", "covert", "{}", error));
	TRY(notice_write(db, "hold", "control", "A", "new", "restricted", "{}", error));
	TRY(notice_write(db, "box-b", "control", "B", "other", "restricted", "{}", error));
	TRY(notice_write(db, "release", "release", "A", "new", "open", "{\"lifts\":[\"secret\",\"hold\"]}", error));
	TRY(document_write(db, w->arena, "one", "{\"notices\":[\"hold\"]}", error));
	return document_write(db, w->arena, "both", "{\"notices\":[\"hold\",\"box-b\"]}", error);
}

static void open_world(struct world *w, const char *folder)
{
	w->arena = arena_new();
	w->settings = (struct settings){ .parties = parties, .party_count = 4 };
	disclosure_default(&w->settings.disclosure);
	must_succeed(store_open(folder, NULL, &w->store, error));
	must_succeed(store_write(w->store, fill, w, error));
}

static void close_world(struct world *w)
{
	store_close(&w->store);
	arena_free(&w->arena);
}

static int look_for(struct db *db, void *context, struct error *error)
{
	struct world *w = context;
	return view_find(db, w->arena, &w->viewer, w->noun, w->id, &w->shown, error);
}

static const struct json *seen(struct world *w, const char *party, enum role role, enum noun noun, const char *id)
{
	w->viewer = (struct viewer){ &w->settings, party, 1u << role };
	w->noun = noun;
	w->id = id;
	must_succeed(store_read(w->store, look_for, w, error));
	return w->shown;
}

#define WORLD(w)                                                             \
	FOLDER(folder);                                                      \
	__attribute__((cleanup(close_world))) struct world w = { 0 };        \
	open_world(&w, folder)

START_TEST(an_event_is_for_those_whom_the_journey_of_its_time_names)
{
	WORLD(w);
	ck_assert_ptr_nonnull(seen(&w, "broker-1", ROLE_BROKER, NOUN_EVENT, "e"));
	ck_assert_ptr_null(seen(&w, "broker-2", ROLE_BROKER, NOUN_EVENT, "e"));  /* named by last year's journey alone */
	ck_assert_ptr_nonnull(seen(&w, "admin-1", ROLE_ADMIN, NOUN_EVENT, "e"));
}
END_TEST

static int may_at(struct db *db, void *context, struct error *error)
{
	struct world *w = context;
	return view_container_at(db, w->arena, &w->viewer, w->container, w->at, &w->may, error);
}

START_TEST(a_container_is_a_party_s_in_the_time_of_its_journeys)
{
	static const struct {
		const char *party;
		int64_t at;
		bool may;
	} rows[] = {
		{ "broker-2", 0, true }, { "broker-2", YEAR, true }, { "broker-2", YEAR + 1, false }, { "broker-2", CLOCK_NONE, true },
		{ "broker-1", YEAR, false }, { "broker-1", 2 * YEAR, true }, { "broker-1", 50 * YEAR, true }, { "carrier-1", CLOCK_NONE, false },
	};
	WORLD(w);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		w.viewer = (struct viewer){ &w.settings, rows[i].party, 1u << ROLE_BROKER };
		w.container = "A";
		w.at = rows[i].at;
		must_succeed(store_read(w.store, may_at, &w, error));
		if (w.may != rows[i].may)
			ck_abort_msg("row %zu", i);
	}
}
END_TEST

START_TEST(a_release_does_not_tell_of_what_is_hidden)
{
	WORLD(w);
	const struct json *all = seen(&w, "admin-1", ROLE_ADMIN, NOUN_NOTICE, "release");
	ck_assert_str_eq(json_to_text(w.arena, json_find(all, "lifts"), JSON_COMPACT), "[\"secret\",\"hold\"]");
	const struct json *some = seen(&w, "broker-1", ROLE_BROKER, NOUN_NOTICE, "release");
	ck_assert_str_eq(json_to_text(w.arena, json_find(some, "lifts"), JSON_COMPACT), "[\"hold\"]");
	ck_assert_ptr_null(seen(&w, "broker-1", ROLE_BROKER, NOUN_NOTICE, "secret"));
	const struct json *none = seen(&w, "broker-1", ROLE_CARRIER, NOUN_NOTICE, "release");  /* who learns of no control learns of none here */
	ck_assert_uint_eq(json_count(json_find(none, "lifts")), 0);
}
END_TEST

START_TEST(a_document_that_speaks_of_another_s_box_too_is_not_shown)
{
	WORLD(w);
	ck_assert_ptr_nonnull(seen(&w, "broker-1", ROLE_BROKER, NOUN_DOCUMENT, "one"));
	ck_assert_ptr_null(seen(&w, "broker-1", ROLE_BROKER, NOUN_DOCUMENT, "both"));
	ck_assert_ptr_nonnull(seen(&w, "admin-1", ROLE_ADMIN, NOUN_DOCUMENT, "both"));
}
END_TEST

SUITE("view", an_event_is_for_those_whom_the_journey_of_its_time_names, a_container_is_a_party_s_in_the_time_of_its_journeys,
      a_release_does_not_tell_of_what_is_hidden, a_document_that_speaks_of_another_s_box_too_is_not_shown)
