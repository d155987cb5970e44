#include "store/view.h"

#include <string.h>

#include "lib/base/text.h"
#include "model/journey.h"
#include "store/body.h"

bool viewer_sees_all(const struct viewer *viewer)
{
	return viewer->roles & ((1u << ROLE_ADMIN) | (1u << ROLE_AUDITOR));
}

static bool names(const struct viewer *viewer, struct arena *arena, const char *content)
{
	struct json *merged;
	struct error error = { 0 };
	const struct party *party = settings_party(viewer->settings, viewer->party);
	return json_parse(arena, bytes_of_text(content), NULL, &merged, &error) == 0 &&
	       journey_names(merged, viewer->party, party ? party->eori : NULL, party ? party->smdg : NULL);
}

/* at CLOCK_NONE: at any time */
int view_container_at(struct db *db, struct arena *arena, const struct viewer *viewer, const char *number, int64_t at, bool *may_r,
                      struct error *error)
{
	struct journey_row *rows;
	size_t count;
	*may_r = viewer_sees_all(viewer);
	if (*may_r || !number)
		return 0;
	TRY(journey_of_container(db, arena, number, &rows, &count, error));
	for (size_t i = 0; i < count && !*may_r; i++) {
		bool then = at == CLOCK_NONE || (rows[i].from <= at && (rows[i].until == CLOCK_NONE || at <= rows[i].until));
		*may_r = then && names(viewer, arena, rows[i].content);
	}
	return 0;
}

int view_container(struct db *db, struct arena *arena, const struct viewer *viewer, const char *number, bool *may_r, struct error *error)
{
	return view_container_at(db, arena, viewer, number, CLOCK_NONE, may_r, error);
}

/* A thing of one journey is for those whom that journey names; one without, for those of the container's journey at its time: who
 * filed last year's journey learns nothing of this one. */
static int may_see(struct db *db, struct arena *arena, const struct viewer *viewer, const char *journey, const char *container, int64_t at,
                   bool *may_r, struct error *error)
{
	struct journey_row row;
	bool found = false;
	*may_r = viewer_sees_all(viewer);
	if (*may_r)
		return 0;
	if (!journey)
		return view_container_at(db, arena, viewer, container, at, may_r, error);
	TRY(journey_find(db, arena, journey, &row, &found, error));
	*may_r = found && names(viewer, arena, row.content);
	return 0;
}

static void put_time(struct arena *arena, struct json *out, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (ms != CLOCK_NONE)
		json_set_text(arena, out, name, clock_format(ms, text));
}

static struct json *tree_of(struct arena *arena, const char *content)
{
	struct json *tree;
	struct error error = { 0 };
	const struct json_limits wide = { .bytes = 64 << 20, .nodes = 2000000, .text = 4 << 20, .depth = 64 };
	return content && json_parse(arena, bytes_of_text(content), &wide, &tree, &error) == 0 ? tree : json_new_object(arena);
}

/* What everybody learns who must hold a box and may not know why. */
static struct json *block_only(struct arena *arena, const char *id, const char *container, const struct json *whole)
{
	struct json *out = json_new_object(arena), *action = json_new_object(arena);
	json_set_text(arena, out, "id", id);
	json_set_text(arena, out, "kind", "hold");
	json_set_text(arena, out, "container", container);
	json_set_text(arena, action, "what", "hold, ask the duty desk");
	const struct json *blocks = json_path(whole, "action.blocks");
	if (blocks)
		json_set(action, "blocks", json_clone(arena, blocks));
	json_set(out, "action", action);
	if (json_find(whole, "lifted_by"))
		json_set_bool(arena, out, "lifted", json_kind(json_find(whole, "lifted_by")) != JSON_KIND_NULL);
	json_set_text(arena, out, "disclosure", "block_only");
	return out;
}

int view_event(struct db *db, struct arena *arena, const struct viewer *viewer, const struct event_row *row, struct json **shown_r,
               struct error *error)
{
	static const char *const statuses[] = { "current", "superseded", "retracted" };
	const struct provider *provider = settings_provider(viewer->settings, row->provider);
	bool may = provider && text_equal(provider->party, viewer->party);
	*shown_r = NULL;
	if (!may)
		TRY(may_see(db, arena, viewer, NULL, row->container, row->time, &may, error));
	if (!may)
		return 0;
	struct json *out = tree_of(arena, row->content);
	json_set_text(arena, out, "uid", row->id);
	json_set_text(arena, out, "provider", row->provider);
	put_time(arena, out, "received", row->received);
	if (row->container)
		json_set_text(arena, out, "container", row->container);
	json_set_text(arena, out, "origin", row->origin == ORIGIN_DERIVED ? "derived" : "received");
	json_set_text(arena, out, "status", statuses[row->status]);
	if (row->raw) {
		struct body body;
		bool found;
		TRY(body_find(db, arena, row->raw, &body, &found, error));
		if (found)
			json_set_text(arena, out, "raw_digest", body.digest);
	}
	*shown_r = out;
	return 0;
}

int view_finding(struct db *db, struct arena *arena, const struct viewer *viewer, const struct finding_row *row, struct json **shown_r,
                 struct error *error)
{
	bool may;
	*shown_r = NULL;
	TRY(may_see(db, arena, viewer, row->journey, row->container, row->time, &may, error));
	enum subject subject = text_equal(row->severity, "high") ? SUBJECT_FINDING_HIGH : SUBJECT_FINDING;
	enum disclosure disclosure = disclosure_of(&viewer->settings->disclosure, viewer->roles, subject);
	if (!may || disclosure == DISCLOSE_NOTHING)
		return 0;
	struct json *whole = tree_of(arena, row->content);
	put_time(arena, whole, "closed", row->closed);
	*shown_r = disclosure == DISCLOSE_FULL ? whole : block_only(arena, row->id, row->container, whole);
	return 0;
}

int view_message(struct db *db, struct arena *arena, const struct viewer *viewer, const struct message_row *row, struct json **shown_r,
                 struct error *error)
{
	bool may;
	*shown_r = NULL;
	TRY(may_see(db, arena, viewer, row->journey, row->container, row->created, &may, error));
	if (!may || disclosure_of(&viewer->settings->disclosure, viewer->roles, SUBJECT_MESSAGE) != DISCLOSE_FULL)
		return 0;
	struct json *out = json_new_object(arena);
	json_set_text(arena, out, "id", row->id);
	json_set_text(arena, out, "agreement", row->agreement);
	json_set_text(arena, out, "kind", row->kind);
	json_set_text(arena, out, "state", message_state_name(row->state));
	if (row->reason)
		json_set_text(arena, out, "reason", row->reason);
	json_set_text(arena, out, "container", row->container);
	json_set_text(arena, out, "journey", row->journey);
	if (row->finding)
		json_set_text(arena, out, "finding", row->finding);
	json_set_text(arena, out, "cause", row->cause);
	put_time(arena, out, "created", row->created);
	put_time(arena, out, "due", row->due);
	json_set_integer(arena, out, "attempts", row->attempts);
	if (row->conversation)
		json_set_text(arena, out, "conversation", row->conversation);
	if (row->customs_id)
		json_set_text(arena, out, "customs_id", row->customs_id);
	json_set_bool(arena, out, "signed", row->signature != NULL);
	json_set_text(arena, out, "mapping_set", row->set_digest);
	struct json *marks = tree_of(arena, row->marks);
	if (json_kind(marks) == JSON_KIND_ARRAY)
		json_set(out, "marks", marks);
	*shown_r = out;
	return 0;
}

/* How much of it this viewer learns. */
static int notice_disclosed(struct db *db, struct arena *arena, const struct viewer *viewer, const struct notice_row *row,
                            enum disclosure *disclosure_r, struct error *error)
{
	bool may;
	TRY(may_see(db, arena, viewer, row->journey, row->container, row->received, &may, error));
	*disclosure_r = disclosure_of(&viewer->settings->disclosure, viewer->roles, subject_of_notice(row->kind, row->disclosure));
	if (!may || (text_equal(row->disclosure, "covert") && !viewer_sees_all(viewer)))
		*disclosure_r = DISCLOSE_NOTHING;  /* covert: named persons alone, and no hold at all */
	return 0;
}

/* The members of a list of notices' ids of which the viewer learns at least so much; *all_r: that was every one. */
static int notices_seen(struct db *db, struct arena *arena, const struct viewer *viewer, const struct json *ids, enum disclosure least,
                        struct json **seen_r, bool *all_r, struct error *error)
{
	*seen_r = json_new_array(arena);
	*all_r = true;
	for (struct json_iter it = json_iter(ids); json_next(&it);) {
		struct notice_row row;
		enum disclosure disclosure = DISCLOSE_NOTHING;
		bool found = false;
		if (json_text(it.value))
			TRY(notice_find(db, arena, json_text(it.value), &row, &found, error));
		if (found)
			TRY(notice_disclosed(db, arena, viewer, &row, &disclosure, error));
		if (disclosure >= least)
			json_append(*seen_r, it.value);
		else
			*all_r = false;
	}
	return 0;
}

int view_document(struct db *db, struct arena *arena, const struct viewer *viewer, const struct document_row *row, struct json **shown_r,
                  struct error *error)
{
	bool may;
	*shown_r = NULL;
	TRY(may_see(db, arena, viewer, row->journey, row->container, row->received, &may, error));
	if (!may || disclosure_of(&viewer->settings->disclosure, viewer->roles, SUBJECT_CONTROL) != DISCLOSE_FULL)
		return 0;
	struct json *out = tree_of(arena, row->content);
	if (text_equal(json_path_text(out, "disclosure"), "covert") && !viewer_sees_all(viewer))
		return 0;
	struct json *seen;
	TRY(notices_seen(db, arena, viewer, json_find(out, "notices"), DISCLOSE_FULL, &seen, &may, error));
	if (!may)  /* its octets speak of other boxes too */
		return 0;
	json_set_text(arena, out, "id", row->id);
	json_set_text(arena, out, "peer", row->peer);
	put_time(arena, out, "received", row->received);
	json_set_text(arena, out, "type", row->type);
	json_set_text(arena, out, "state", row->state);
	json_set_text(arena, out, "content_type", row->content_type);
	if (row->reason)
		json_set_text(arena, out, "reason", row->reason);
	if (row->message)
		json_set_text(arena, out, "message", row->message);
	if (row->container)
		json_set_text(arena, out, "container", row->container);
	if (row->journey)
		json_set_text(arena, out, "journey", row->journey);
	if (row->conversation)
		json_set_text(arena, out, "conversation", row->conversation);
	*shown_r = out;
	return 0;
}

int view_notice(struct db *db, struct arena *arena, const struct viewer *viewer, const struct notice_row *row, struct json **shown_r,
                struct error *error)
{
	enum disclosure disclosure;
	bool all;
	*shown_r = NULL;
	TRY(notice_disclosed(db, arena, viewer, row, &disclosure, error));
	if (disclosure == DISCLOSE_NOTHING)
		return 0;
	struct json *whole = tree_of(arena, row->content), *lifts;
	json_set_text(arena, whole, "id", row->id);
	if (disclosure == DISCLOSE_FULL && json_count(json_find(whole, "lifts"))) {  /* what it lifts may be hidden where it is not */
		TRY(notices_seen(db, arena, viewer, json_find(whole, "lifts"), DISCLOSE_BLOCK_ONLY, &lifts, &all, error));
		json_set(whole, "lifts", lifts);
	}
	*shown_r = disclosure == DISCLOSE_FULL ? whole : block_only(arena, row->id, row->container, whole);
	return 0;
}

static bool sees_consignments(const struct viewer *viewer)
{
	return viewer_sees_all(viewer) || viewer->roles & ((1u << ROLE_CARRIER) | (1u << ROLE_SECURITY) | (1u << ROLE_OFFICER));
}

static bool is_own_consignment(struct arena *arena, const struct viewer *viewer, const struct json *consignment)
{
	const struct party *party = settings_party(viewer->settings, viewer->party);
	struct json *alone = json_new_object(arena), *one = json_new_array(arena);
	json_append(one, json_clone(arena, consignment));
	json_set(alone, "consignments", one);
	return text_equal(json_path_text(consignment, "owner"), viewer->party) ||
	       journey_names(alone, viewer->party, party ? party->eori : NULL, party ? party->smdg : NULL);
}

/* Other consignments' goods are nobody's business: a party that only one consignment names sees that one. */
static void keep_own_consignments(struct arena *arena, const struct viewer *viewer, struct json *journey)
{
	const struct json *list = json_find(journey, "consignments");
	if (sees_consignments(viewer) || !list)
		return;
	struct json *kept = json_new_array(arena);
	for (struct json_iter it = json_iter(list); json_next(&it);)
		if (is_own_consignment(arena, viewer, it.value))
			json_append(kept, json_clone(arena, it.value));
	json_set(journey, "consignments", kept);
}

int view_whole_journey(struct db *db, struct arena *arena, const struct viewer *viewer, const char *journey, bool *may_r, struct error *error)
{
	struct journey_row row;
	bool found = false;
	*may_r = true;
	if (sees_consignments(viewer) || !journey)
		return 0;
	TRY(journey_find(db, arena, journey, &row, &found, error));
	if (!found)
		return 0;
	for (struct json_iter it = json_iter(json_find(tree_of(arena, row.content), "consignments")); json_next(&it);)
		*may_r &= is_own_consignment(arena, viewer, it.value);
	return 0;
}

int view_journey(struct db *db, struct arena *arena, const struct viewer *viewer, const struct journey_row *row, struct json **shown_r,
                 struct error *error)
{
	(void)db;
	(void)error;
	*shown_r = NULL;
	if (!viewer_sees_all(viewer) && !names(viewer, arena, row->content))
		return 0;
	struct json *out = tree_of(arena, row->content);
	keep_own_consignments(arena, viewer, out);
	json_set_integer(arena, out, "version", row->version);
	put_time(arena, out, "stored", row->stored);
	*shown_r = out;
	return 0;
}

#define FIND_AND_VIEW(noun) \
	do { \
		struct noun##_row row; \
		TRY(noun##_find(db, arena, id, &row, &found, error)); \
		return found ? view_##noun(db, arena, viewer, &row, shown_r, error) : 0; \
	} while (0)

int view_find(struct db *db, struct arena *arena, const struct viewer *viewer, enum noun noun, const char *id, struct json **shown_r,
              struct error *error)
{
	bool found;
	*shown_r = NULL;
	switch (noun) {
	case NOUN_EVENT:
		FIND_AND_VIEW(event);
	case NOUN_FINDING:
		FIND_AND_VIEW(finding);
	case NOUN_MESSAGE:
		FIND_AND_VIEW(message);
	case NOUN_DOCUMENT:
		FIND_AND_VIEW(document);
	case NOUN_NOTICE:
		FIND_AND_VIEW(notice);
	case NOUN_JOURNEY:
		FIND_AND_VIEW(journey);
	}
	return 0;
}
