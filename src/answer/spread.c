/* Which boxes is it about? Customs often names a bill of lading, or only a declaration: whoever must hold a box knows it by its
 * number. Journeys tell which boxes travel under which bill. The nearest that is known counts: boxes that are named; else house
 * bills, master bills, the declaration. A bill that the notice is about as a whole ("covers") adds its boxes in any case. */
#include <string.h>

#include "answer/inside.h"
#include "lib/base/text.h"
#include "store/journey.h"

struct spreading {
	struct db *db;
	struct taking *t;
	struct incoming *out;
	size_t count, room;
	struct error *error;
};

static struct incoming *add(struct spreading *s, const struct incoming *n)
{
	if (s->count == s->room) {
		size_t room = s->room ? s->room * 2 : 16;
		struct incoming *more = arena_array(s->t->arena, room, sizeof *more);
		if (s->count)
			memcpy(more, s->out, s->count * sizeof *more);
		s->out = more;
		s->room = room;
	}
	s->out[s->count] = *n;
	return &s->out[s->count++];
}

static bool is_there(const struct spreading *s, const struct json *notice, const char *container)
{
	for (size_t i = 0; i < s->count; i++)
		if (text_equal(s->out[i].container, container) && json_same(s->out[i].json, notice))
			return true;
	return false;
}

/* The notice once more, for each box of a journey with this reference. */
static int add_boxes(struct spreading *s, const struct incoming *n, const char *number, size_t *found_r)
{
	struct arena *arena = s->t->arena;
	struct journey_row *rows;
	size_t count;
	*found_r = 0;
	if (text_empty(number))
		return 0;
	TRY(journey_find_reference(s->db, arena, number, &rows, &count, s->error));
	*found_r = count;
	for (size_t i = 0; i < count; i++) {
		struct incoming box = *n;
		struct json *list = json_new_array(arena);
		box.json = json_clone(arena, n->json);
		box.container = rows[i].container;
		box.journey = rows[i].id;
		json_append(list, json_new_text(arena, rows[i].container));
		json_set(json_find(box.json, "scope"), "containers", list);
		if (!is_there(s, box.json, box.container))
			add(s, &box);
	}
	return 0;
}

static int add_level(struct spreading *s, const struct incoming *n, const char *level, size_t *found_r)
{
	size_t found;
	for (struct json_iter it = json_iter(json_path(n->json, "scope.bills")); json_next(&it);) {
		if (!text_equal(json_path_text(it.value, "level"), level))
			continue;
		TRY(add_boxes(s, n, json_path_text(it.value, "number"), &found));
		*found_r += found;
	}
	return 0;
}

static const char *house_of(const struct json *notice)
{
	for (struct json_iter it = json_iter(json_path(notice, "scope.bills")); json_next(&it);)
		if (text_equal(json_path_text(it.value, "level"), "house"))
			return json_path_text(it.value, "number");
	return NULL;
}

/* No box is named. */
static int add_nearest(struct spreading *s, struct incoming *n)
{
	const char *house = house_of(n->json);
	size_t found = 0;
	TRY(add_level(s, n, "house", &found));
	if (!found && house)
		notice_warn(s->t->arena, n->json, "house bill \"%.70s\" is in no journey here: who is told goes by what is around it", house);
	if (!found)
		TRY(add_level(s, n, "master", &found));
	if (!found)
		TRY(add_boxes(s, n, n->mrn, &found));
	if (!found)
		TRY(add_boxes(s, n, n->claims, &found));
	if (!found)
		add(s, n);
	return 0;
}

static int add_covered(struct spreading *s, const struct incoming *n)
{
	size_t found;
	for (struct json_iter it = json_iter(json_path(n->json, "scope.bills")); json_next(&it);)
		if (json_bool(json_find(it.value, "covers"), false))
			TRY(add_boxes(s, n, json_path_text(it.value, "number"), &found));
	return 0;
}

int taking_spread(struct db *db, struct taking *t, struct error *error)
{
	struct spreading s = { .db = db, .t = t, .error = error };
	for (size_t i = 0; i < t->count; i++)
		if (t->notices[i].container || t->notices[i].tied)
			add(&s, &t->notices[i]);
		else
			TRY(add_nearest(&s, &t->notices[i]));
	for (size_t i = 0; i < t->count; i++)
		if (t->notices[i].container)
			TRY(add_covered(&s, &t->notices[i]));
	t->notices = s.out;
	t->count = s.count;
	return 0;
}
