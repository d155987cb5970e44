/* Lanes: the subscriptions as the store has them, one beside the other. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "notify/inside.h"

bool lane_works(const struct lane *lane)
{
	return lane->listed && lane->content && text_equal(lane->row.state, "active");
}

/* "notice.control", "notice.*", "*"; none: everything. */
static bool type_fits(const struct json *types, const char *type)
{
	if (!types)
		return true;
	for (struct json_iter it = json_iter(types); json_next(&it);) {
		const char *wanted = json_text(it.value);
		size_t n = wanted ? strlen(wanted) : 0;
		if (n && (wanted[n - 1] == '*' ? strncmp(type, wanted, n - 1) == 0 : text_equal(type, wanted)))
			return true;
	}
	return false;
}

static bool container_fits(const struct json *containers, const char *container)
{
	if (!containers || !container)  /* what is of no container, such as an alert, is for everybody who may see it */
		return true;
	for (struct json_iter it = json_iter(containers); json_next(&it);)
		if (text_equal(json_text(it.value), container))
			return true;
	return false;
}

bool lane_may_want(const struct lane *lane, const struct record *record)
{
	const struct json *types = json_find(lane->content, "types");
	return container_fits(json_find(lane->content, "containers"), record->container) &&
	       (type_fits(types, cloud_type(record->kind)) || (text_starts(record->kind, "notice.") && type_fits(types, TYPE_HOLD)));
}

bool lane_wants(const struct lane *lane, const struct record *record, const struct told *told)
{
	return told->text && type_fits(json_find(lane->content, "types"), told->type + strlen(TYPE_PREFIX)) &&
	       container_fits(json_find(lane->content, "containers"), record->container);
}

static void lane_free(struct lane *lane)
{
	arena_free(&lane->arena);
	free(lane);
}

void lanes_free(struct notify *notify)
{
	for (struct lane *lane = notify->lanes, *next; lane; lane = next) {
		next = lane->next;
		lane_free(lane);
	}
	notify->lanes = NULL;
}

static struct lane *lane_find(struct notify *notify, const char *id)
{
	for (struct lane *lane = notify->lanes; lane; lane = lane->next)
		if (text_equal(lane->row.id, id))
			return lane;
	struct lane *lane = calloc(1, sizeof *lane);
	if (!lane)
		die("out of memory");
	lane->next = notify->lanes;
	notify->lanes = lane;
	return lane;
}

static void lane_fill(struct lane *lane, const struct subscription_row *row, int64_t open)
{
	struct error error = { 0 };
	struct arena *old = lane->arena;
	bool same = old && lane->row.version == row->version && lane->row.created == row->created && text_equal(lane->row.state, row->state);
	lane->listed = true;
	lane->open = open;
	if (same) {
		lane->row.cursor = row->cursor;
		lane->row.failing_since = row->failing_since;
		return;
	}
	lane->arena = arena_new();
	lane->row = *row;
	lane->row.id = arena_text(lane->arena, row->id);
	lane->row.party = arena_text(lane->arena, row->party);
	lane->row.state = arena_text(lane->arena, row->state);
	lane->row.content = arena_text(lane->arena, row->content);
	lane->roles = 0;
	lane->quiet_until = 0;  /* it may be another receiver now */
	if (json_parse(lane->arena, bytes_of_text(lane->row.content), NULL, &lane->content, &error) < 0 ||
	    (!json_path_text(lane->content, "url") && error_set(&error, ERROR_MISSING_FIELD, "it has no url"))) {
		lane->content = NULL;
		log_error("subscription", row->id, "cannot be read, and gets nothing: %s", error.text);
	} else {
		const char *roles = json_number(json_find(lane->content, "roles"));
		int64_t bits = 0;
		if (roles && text_integer(roles, 0, UINT32_MAX, &bits, &error) == 0)
			lane->roles = (unsigned)bits;
	}
	arena_free(&old);
}

struct listing {
	struct arena *arena;
	struct subscription_row *rows;
	int64_t *open;
	size_t count;
};

static int list_read(struct db *db, void *context, struct error *error)
{
	struct listing *l = context;
	TRY(subscription_list(db, l->arena, NULL, &l->rows, &l->count, error));
	l->open = arena_array(l->arena, l->count + 1, sizeof *l->open);
	for (size_t i = 0; i < l->count; i++)
		TRY(delivery_open(db, l->rows[i].id, &l->open[i], error));
	return 0;
}

static void gone_remove(struct notify *notify)
{
	for (struct lane **at = &notify->lanes; *at;) {
		struct lane *lane = *at;
		if (lane->listed || lane->under_way) {
			at = &lane->next;
			continue;
		}
		*at = lane->next;
		lane_free(lane);
	}
}

static void lanes_count(struct notify *notify)
{
	int64_t active = 0, failing = 0;
	for (struct lane *lane = notify->lanes; lane; lane = lane->next) {
		active += lane_works(lane);
		failing += lane_works(lane) && lane->row.failing_since != CLOCK_NONE;
	}
	atomic_store(&notify->active, active);
	atomic_store(&notify->failing, failing);
}

int lanes_refresh(struct notify *notify, struct error *error)
{
	int64_t number = store_sealed_number(notify->config.store);
	ARENA_AUTO arena = arena_new();
	struct listing l = { .arena = arena };
	if (number == notify->lanes_number)
		return 0;
	TRY(store_read(notify->config.store, list_read, &l, error));
	for (struct lane *lane = notify->lanes; lane; lane = lane->next)
		lane->listed = false;
	for (size_t i = 0; i < l.count; i++)
		lane_fill(lane_find(notify, l.rows[i].id), &l.rows[i], l.open[i]);
	gone_remove(notify);
	lanes_count(notify);
	notify->lanes_number = number;
	return 0;
}
