/* view: what is stored, as one party may see it. Every exit (REST, stream, webhooks, command line) shows things through
 * these functions and no other way, so that the disclosure matrix holds everywhere.
 *
 * A party sees what belongs to journeys that name it; what is of no journey, such as an event, it sees where it happened in the
 * time of a journey of its container that names it. A provider sees the events that it sent; auditor and admin see all. Then the
 * matrix says how much: all, the block only, or nothing.
 */
#ifndef SEALGATE_STORE_VIEW_H
#define SEALGATE_STORE_VIEW_H

#include "lib/json/json.h"
#include "model/settings.h"
#include "store/document.h"
#include "store/event.h"
#include "store/finding.h"
#include "store/journey.h"
#include "store/list.h"
#include "store/message.h"

struct viewer {
	const struct settings *settings;
	const char *party;
	unsigned roles;              /* bits 1 << enum role */
};

bool viewer_sees_all(const struct viewer *viewer);

/* In each: *shown_r NULL: not for this viewer. */
/* Is the party named by any journey of the container; by one that this time (ms) is in? */
int view_container(struct db *db, struct arena *arena, const struct viewer *viewer, const char *number, bool *may_r, struct error *error) must_use;
int view_container_at(struct db *db, struct arena *arena, const struct viewer *viewer, const char *number, int64_t at, bool *may_r,
                      struct error *error) must_use;
/* May the viewer see every consignment of it, so that what was written out of the whole journey can be shown as it is? */
int view_whole_journey(struct db *db, struct arena *arena, const struct viewer *viewer, const char *journey, bool *may_r, struct error *error) must_use;
int view_event(struct db *db, struct arena *arena, const struct viewer *viewer, const struct event_row *row, struct json **shown_r,
               struct error *error) must_use;
int view_finding(struct db *db, struct arena *arena, const struct viewer *viewer, const struct finding_row *row, struct json **shown_r,
                 struct error *error) must_use;
int view_message(struct db *db, struct arena *arena, const struct viewer *viewer, const struct message_row *row, struct json **shown_r,
                 struct error *error) must_use;
int view_document(struct db *db, struct arena *arena, const struct viewer *viewer, const struct document_row *row, struct json **shown_r,
                  struct error *error) must_use;
int view_notice(struct db *db, struct arena *arena, const struct viewer *viewer, const struct notice_row *row, struct json **shown_r,
                struct error *error) must_use;
int view_journey(struct db *db, struct arena *arena, const struct viewer *viewer, const struct journey_row *row, struct json **shown_r,
                 struct error *error) must_use;
/* By id; NULL also where there is no such thing. */
int view_find(struct db *db, struct arena *arena, const struct viewer *viewer, enum noun noun, const char *id, struct json **shown_r,
              struct error *error) must_use;

#endif
