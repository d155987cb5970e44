/* One reading of new records for all who stand at the same number: each audience (party and roles) is shown each record once,
 * however many subscriptions and streams it has. */
#include <string.h>

#include "lib/base/text.h"
#include "notify/inside.h"

#define PASS_RECORDS 128

size_t pass_audience(struct pass *pass, const char *party, unsigned roles)
{
	for (size_t i = 0; i < pass->audience_count; i++)
		if (pass->audiences[i].roles == roles && text_equal(pass->audiences[i].party, party))
			return i;
	if (pass->audience_count == pass->audience_room) {
		struct viewer *wider = arena_array(pass->arena, pass->audience_room = pass->audience_room ? 2 * pass->audience_room : 16, sizeof *wider);
		if (pass->audience_count)
			memcpy(wider, pass->audiences, pass->audience_count * sizeof *wider);
		pass->audiences = wider;
	}
	pass->audiences[pass->audience_count] = (struct viewer){ pass->settings, party, roles };
	return pass->audience_count++;
}

/* Shown in an arena of its own: what is kept is the text. */
static int tell(struct db *db, struct pass *pass, size_t record, size_t *largest, struct error *error)
{
	for (size_t a = 0; a < pass->audience_count; a++) {
		ARENA_AUTO scratch = arena_new();
		struct told *told = &pass->told[record * pass->audience_count + a];
		TRY(cloud_event(db, scratch, &pass->audiences[a], &pass->records[record], told, error));
		size_t size = told->text ? strlen(told->text) : 0;
		told->type = arena_text(pass->arena, told->type);
		told->text = arena_text(pass->arena, told->text);
		*largest = size > *largest ? size : *largest;
	}
	return 0;
}

static int read_records(struct db *db, void *context, struct error *error)
{
	struct pass *pass = context;
	struct record_filter filter = { .after = pass->after, .limit = PASS_RECORDS };
	struct record *records;
	size_t count, size = 0;
	TRY(record_list(db, pass->arena, &filter, &records, &count, error));
	pass->records = arena_array(pass->arena, count + 1, sizeof *records);
	pass->told = arena_array(pass->arena, count * pass->audience_count + 1, sizeof *pass->told);
	pass->record_count = 0;
	pass->last = pass->after;
	for (size_t i = 0; i < count && size < PASS_TEXT; i++) {
		size_t largest = 0;
		pass->last = records[i].number;
		if (!cloud_tells(records[i].kind) || (pass->is_wanted && !pass->is_wanted(pass, &records[i])))
			continue;
		pass->records[pass->record_count] = records[i];
		TRY(tell(db, pass, pass->record_count++, &largest, error));
		size += largest;
	}
	return 0;
}

int pass_read(struct store *store, struct pass *pass, struct error *error)
{
	return store_read(store, read_records, pass, error);
}

const struct told *pass_told(const struct pass *pass, size_t record, size_t audience)
{
	return &pass->told[record * pass->audience_count + audience];
}
