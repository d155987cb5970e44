#include "store/list.h"

#include <string.h>

/* What kind of thing a record tells of first, the table it lies in, and the columns that filters look at. */
static const struct {
	const char *noun, *table, *kind, *state;
} nouns[] = {
	[NOUN_EVENT] = { "event.", "event", "t.type", "''" },
	[NOUN_FINDING] = { "finding.", "finding", "t.code", "''" },
	[NOUN_MESSAGE] = { "message.", "message", "t.kind", "t.state" },
	[NOUN_DOCUMENT] = { "document.", "document", "t.type", "t.state" },
	[NOUN_NOTICE] = { "notice.", "notice", "t.kind", "''" },
	[NOUN_JOURNEY] = { "journey.", "journey", "''", "''" },
};

int list_ids(struct db *db, struct arena *arena, const struct list_filter *filter, struct list_item **items_r, size_t *count_r,
             struct error *error)
{
	const char *noun = nouns[filter->noun].noun;
	const char *after = filter->latest_first ? "($1 = 0 or r.number < $1)" : "r.number > $1";
	const char *journey = filter->noun == NOUN_EVENT || filter->noun == NOUN_JOURNEY ? "''" : "t.journey";
	const char *current = filter->noun == NOUN_EVENT ? "and t.status <> 1 " : "";
	const char *sql = arena_printf(arena,
		"select r.number, t.id from record r join %s t on t.id = r.object "
		"where %s and substr(r.kind, 1, %zu) = '%s' "
		"and not exists (select 1 from record q where q.object = r.object and q.number < r.number and substr(q.kind, 1, %zu) = '%s') "
		"and (cast($3 as text) is null or t.container = $3) and (cast($4 as text) is null or %s = $4) "
		"and (cast($5 as text) is null or %s = $5) and (cast($6 as text) is null or %s = $6) %s"
		"order by r.number%s limit $2",
		nouns[filter->noun].table, after, strlen(noun), noun, strlen(noun), noun, journey, nouns[filter->noun].kind,
		nouns[filter->noun].state, current, filter->latest_first ? " desc" : "");
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, sql, "iitttt", filter->after, filter->limit, filter->container, filter->journey, filter->kind, filter->state));
	struct list_item *items = arena_array(arena, (size_t)filter->limit + 1, sizeof *items);
	size_t count = 0;
	int more;
	while ((more = db_next(rows, error)) > 0)
		items[count++] = (struct list_item){ db_int(rows, 0), db_text(rows, arena, 1) };
	TRY(more);
	*items_r = items;
	*count_r = count;
	return 0;
}

int count_all(struct db *db, struct arena *arena, struct count_item **items_r, size_t *count_r, struct error *error)
{
	static const struct {
		const char *name, *table;
	} kept[] = { { "events", "event" }, { "findings", "finding" }, { "receipts", "receipt" }, { "notices", "notice" }, { "journeys", "journey" },
		     { "records", "record" } };
	struct count_item *items = arena_array(arena, 64, sizeof *items);
	size_t count = 0;
	int more;
	for (; count < sizeof kept / sizeof *kept; count++) {
		items[count].name = kept[count].name;
		TRY(db_count_kept(db, kept[count].table, &items[count].count, error));
	}
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,  /* states are counted as they change: migration 0005 */
	             "select 'containers.held', count(*) from container where held is not null "
	             "union all select name, count from tally where count > 0 "
	             "union all select 'subscriptions.' || state, count(*) from subscription group by state", ""));
	while ((more = db_next(rows, error)) > 0 && count < 64)
		items[count++] = (struct count_item){ db_text(rows, arena, 0), db_int(rows, 1) };
	TRY(more);
	*items_r = items;
	*count_r = count;
	return 0;
}

/* The first looks into three indices: who waits for a worker, whose time has come, who is being looked at. */
int pending_count(struct db *db, int64_t now, struct pending *pending_r, struct error *error)
{
	int64_t behind;
	TRY(db_number(db, 0, &pending_r->containers, error,
	              "select (select count(*) from container where wanted > done and lease_owner is null and held is null) + "
	              "(select count(*) from container where due <= $1 and wanted <= done and held is null and lease_owner is null and due is not null) + "
	              "(select count(*) from container where held is null and lease_owner is not null)", "i", now));
	TRY(db_number(db, 0, &pending_r->messages, error,
	              "select sum(count) from tally where name in ('messages.ready', 'messages.sending', 'messages.unknown', 'messages.waiting')", ""));
	TRY(db_number(db, 0, &pending_r->deliveries, error,
	              "select sum(count) from tally where name in ('deliveries.ready', 'deliveries.sending')", ""));
	TRY(db_number(db, 0, &behind, error,
	              "select count(*) from subscription where state = 'active' and cursor < (select max(number) from record)", ""));
	pending_r->deliveries += behind;
	return db_number(db, 0, &pending_r->unanswered, error,
	                 "select count(*) from message where state = 'sent' and answered = 0 and kind not in ('reply', 'relay')", "");
}
