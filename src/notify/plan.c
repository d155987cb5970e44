/* Deliveries of new records: read and shown in a snapshot, then written together with the move of each cursor. */
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "notify/inside.h"

#define WRITE_ROWS 256          /* in one write: the committer has other work too */

/* What one subscription gets of one pass. */
struct share {
	struct lane *lane;
	struct delivery_row *rows;
	size_t count;
	bool moved;
};

struct planning {
	int64_t cursor;              /* where it moves to */
	struct share *shares;
	size_t count;
};

static int shares_write(struct db *db, void *context, struct error *error)
{
	struct planning *p = context;
	for (size_t i = 0; i < p->count; i++) {
		struct share *share = &p->shares[i];
		TRY(subscription_advance(db, &share->lane->row, p->cursor, &share->moved, error));
		for (size_t r = 0; share->moved && r < share->count; r++)
			TRY(delivery_add(db, &share->rows[r], error));
	}
	return 0;
}

static struct share share_make(struct lane *lane, const struct pass *pass, size_t audience)
{
	struct arena *arena = pass->arena;
	struct share share = { .lane = lane, .rows = arena_array(arena, pass->record_count + 1, sizeof *share.rows) };
	int64_t now = clock_real_ms();
	char id[ID_UUID_SIZE];
	for (size_t r = 0; r < pass->record_count; r++) {
		const struct record *record = &pass->records[r];
		const struct told *told = pass_told(pass, r, audience);
		if (!lane_wants(lane, record, told))
			continue;
		share.rows[share.count++] = (struct delivery_row){
			.id = arena_text(arena, id_uuid7(id)), .subscription = lane->row.id, .record = record->number, .type = told->type,
			.container = record->container, .body = told->text, .state = "ready", .due = now, .last_status = CLOCK_NONE,
			.created = now, .ended = CLOCK_NONE };
	}
	return share;
}

static int shares_flush(struct notify *notify, struct planning *p, struct error *error)
{
	if (!p->count)
		return 0;
	TRY(store_write(notify->config.store, shares_write, p, error));
	for (size_t i = 0; i < p->count; i++) {
		struct share *share = &p->shares[i];
		if (!share->moved) {  /* changed meanwhile: look at it as it is now */
			notify->lanes_number = -1;
			continue;
		}
		share->lane->row.cursor = p->cursor;
		share->lane->open += (int64_t)share->count;
		atomic_fetch_add(&notify->made, (int64_t)share->count);
	}
	p->count = 0;
	return 0;
}

static bool is_member(const struct lane *lane, int64_t cursor)
{
	return !lane->planned && lane_works(lane) && lane->row.cursor == cursor && lane->open < LANE_OPEN;
}

static bool is_wanted(const struct pass *pass, const struct record *record)
{
	const struct notify *notify = pass->context;
	for (const struct lane *lane = notify->lanes; lane; lane = lane->next)
		if (is_member(lane, pass->after) && lane_may_want(lane, record))
			return true;
	return false;
}

/* All lanes at `cursor`. */
static int group_make(struct notify *notify, int64_t cursor, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct pass pass = { .settings = notify->config.settings, .arena = arena, .after = cursor, .is_wanted = is_wanted, .context = notify };
	struct planning p = { 0 };
	size_t members = 0, rows = 0;
	for (struct lane *lane = notify->lanes; lane; lane = lane->next)
		if (is_member(lane, cursor)) {
			pass_audience(&pass, lane->row.party, lane->roles);
			members++;
		}
	TRY(pass_read(notify->config.store, &pass, error));
	p.cursor = pass.last;
	p.shares = arena_array(arena, members + 1, sizeof *p.shares);
	for (struct lane *lane = notify->lanes; lane && pass.last > cursor; lane = lane->next) {
		if (!is_member(lane, cursor))
			continue;
		lane->planned = true;
		p.shares[p.count] = share_make(lane, &pass, pass_audience(&pass, lane->row.party, lane->roles));
		rows += p.shares[p.count++].count;
		if (rows >= WRITE_ROWS) {
			TRY(shares_flush(notify, &p, error));
			rows = 0;
		}
	}
	return shares_flush(notify, &p, error);
}

/* Each lane has one turn: one that is far behind keeps nobody waiting. */
int plan_make(struct notify *notify, bool *more_r, struct error *error)
{
	int64_t sealed = store_sealed_number(notify->config.store), lag = 0;
	*more_r = false;
	for (struct lane *lane = notify->lanes; lane; lane = lane->next)
		lane->planned = false;
	for (struct lane *lane = notify->lanes; lane; lane = lane->next)
		if (!lane->planned && lane_works(lane) && lane->row.cursor < sealed && lane->open < LANE_OPEN)
			TRY(group_make(notify, lane->row.cursor, error));
	for (struct lane *lane = notify->lanes; lane; lane = lane->next) {
		if (!lane_works(lane) || lane->row.cursor >= sealed)
			continue;
		*more_r |= lane->open < LANE_OPEN;
		lag = sealed - lane->row.cursor > lag ? sealed - lane->row.cursor : lag;
	}
	atomic_store(&notify->lag, lag);
	return 0;
}
