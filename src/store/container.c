#include "store/container.h"

#include "lib/base/log.h"

int container_want(struct db *db, const char *number, struct error *error)
{
	return db_run(db, error,
	              "insert into container (number, wanted, done, lease_number, claims) values ($1, 1, 0, 0, 0) "
	              "on conflict (number) do update set wanted = container.wanted + 1",
	              "t", number);
}

static int container_hold(struct db *db, const char *number, struct error *error)
{
	log_error("held", number, "assessing this container failed %d times: it is held; see `sealgate status`", CONTAINER_CLAIMS);
	return db_run(db, error, "update container set held = 'assessing it failed again and again' where number = $1", "t", number);
}

static int claims_read(struct db_rows *rows, struct arena *arena, size_t limit, struct container_claim *claims, size_t *count, struct error *error)
{
	int more = 0;
	while (*count < limit && (more = db_next(rows, error)) > 0)
		claims[(*count)++] = (struct container_claim){ db_text(rows, arena, 0), db_int(rows, 1), db_int(rows, 2) + 1, db_int(rows, 3) + 1 };
	return more < 0 ? -1 : 0;
}

static int claims_find(struct db *db, struct arena *arena, int64_t now, size_t limit, struct container_claim *claims, size_t *count, struct error *error)
{
	*count = 0;
	{
		DB_ROWS rows = NULL;
		TRY(db_query(db, &rows, error,
		             "select number, wanted, lease_number, claims from container where lease_owner is null and held is null and due is not null "
		             "and due <= $1 order by due limit $2 {skip}", "ii", now, (int64_t)limit));
		TRY(claims_read(rows, arena, limit, claims, count, error));
	}
	if (*count == limit)
		return 0;
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error,
	             "select number, wanted, lease_number, claims from container where wanted > done and lease_owner is null and held is null "
	             "and (due is null or (due > $1 and claims = 0)) order by claims, due limit $2 {skip}", "ii", now, (int64_t)(limit - *count)));
	return claims_read(rows, arena, limit, claims, count, error);
}

int container_wanted(struct db *db, const char *number, int64_t *wanted_r, struct error *error)
{
	return db_number(db, 0, wanted_r, error, "select wanted from container where number = $1", "t", number);
}

int container_is_due(struct db *db, int64_t now, bool *due_r, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct container_claim claim;
	size_t count;
	TRY(claims_find(db, arena, now, 1, &claim, &count, error));
	*due_r = count > 0;
	return 0;
}

int container_claim(struct db *db, struct arena *arena, const char *owner, int64_t now, size_t limit, struct container_claim *claims_r,
                    size_t *count_r, struct error *error)
{
	size_t found;
	*count_r = 0;
	TRY(claims_find(db, arena, now, limit, claims_r, &found, error));
	for (size_t i = 0; i < found; i++) {
		const struct container_claim *claim = &claims_r[i];
		if (claim->claims > CONTAINER_CLAIMS) {
			TRY(container_hold(db, claim->number, error));
			continue;
		}
		TRY(db_run(db, error, "update container set lease_owner = $2, lease_number = $3, claims = $4 where number = $1", "ttii", claim->number, owner,
		           claim->lease, claim->claims));
		claims_r[(*count_r)++] = *claim;
	}
	return 0;
}

int container_done(struct db *db, const struct container_claim *claim, const char *owner, int64_t due, const char *content,
                   struct error *error)
{
	TRY(db_run(db, error,
	           "update container set done = $4, due = $5, content = $6, lease_owner = null, claims = 0 "
	           "where number = $1 and lease_owner = $2 and lease_number = $3",
	           "ttiint", claim->number, owner, claim->lease, claim->wanted, due, content));
	if (db_changes(db) != 1)
		FAIL(error, CONFLICT, "the lease of container \"%s\" is gone: its work is void", claim->number);
	return 0;
}

int container_release(struct db *db, const struct container_claim *claim, const char *owner, int64_t due, struct error *error)
{
	return db_run(db, error,
	              "update container set lease_owner = null, due = $4 where number = $1 and lease_owner = $2 and lease_number = $3",
	              "ttii", claim->number, owner, claim->lease, due);
}

int container_release_all(struct db *db, struct error *error)
{
	return db_run(db, error, "update container set lease_owner = null, due = 0 where lease_owner is not null", "");
}

int container_resume(struct db *db, const char *number, bool *found_r, struct error *error)
{
	TRY(db_run(db, error, "update container set held = null, claims = 0, due = 0, wanted = wanted + 1 where number = $1 and lease_owner is null", "t",
	           number));
	*found_r = db_changes(db) == 1;
	return 0;
}

int container_content(struct db *db, struct arena *arena, const char *number, const char **content_r, const char **held_r,
                      struct error *error)
{
	*content_r = *held_r = NULL;
	DB_ROWS rows = NULL;
	TRY(db_query(db, &rows, error, "select content, held from container where number = $1", "t", number));
	int more = db_next(rows, error);
	TRY(more);
	if (more) {
		*content_r = db_text(rows, arena, 0);
		*held_r = db_text(rows, arena, 1);
	}
	return 0;
}
