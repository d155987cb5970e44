/* A record as a CloudEvent (CloudEvents 1.0, JSON event format 1.0 structured mode), as one party may see it. */
#include <string.h>

#include "lib/base/text.h"
#include "notify/inside.h"

#define DATA_LIMIT ((size_t)64 << 10)

static const struct kind {
	const char *kind;
	bool start;                  /* kinds that start so */
	enum noun noun;
	const char *path;            /* where the API has the object */
	const char *type;            /* NULL: as the kind */
} kinds[] = {
	{ "event.received", false, NOUN_EVENT, "events", NULL },
	{ "event.derived", false, NOUN_EVENT, "events", "event.received" },  /* the data says that it was derived */
	{ "finding.raised", false, NOUN_FINDING, "findings", NULL },
	{ "message.sent", false, NOUN_MESSAGE, "messages", NULL },
	{ "message.failed", false, NOUN_MESSAGE, "messages", NULL },
	{ "message.held", false, NOUN_MESSAGE, "messages", NULL },
	{ "notice.", true, NOUN_NOTICE, "notices", NULL },
	{ "document.refused", false, NOUN_DOCUMENT, "documents", NULL },
	{ "document.untied", false, NOUN_DOCUMENT, "documents", NULL },
	{ "journey.changed", false, NOUN_JOURNEY, "journeys", NULL },
};

static const struct kind *kind_find(const char *kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].start ? text_starts(kind, kinds[i].kind) : text_equal(kind, kinds[i].kind))
			return &kinds[i];
	return NULL;
}

static bool is_alert(const char *kind)
{
	return text_equal(kind, "subscription.disabled");
}

bool cloud_tells(const char *kind)
{
	return kind_find(kind) || is_alert(kind);
}

const char *cloud_type(const char *kind)
{
	const struct kind *found = kind_find(kind);
	return found && found->type ? found->type : kind;
}

static int alert(struct db *db, struct arena *arena, const struct viewer *viewer, const struct record *record, struct json **data_r,
                 struct error *error)
{
	struct subscription_row row;
	bool found;
	char time[CLOCK_TEXT_SIZE];
	*data_r = NULL;
	TRY(subscription_find(db, arena, record->object, &row, &found, error));
	if (!found || (!text_equal(row.party, viewer->party) && !(viewer->roles & (1u << ROLE_ADMIN))))
		return 0;
	*data_r = json_new_object(arena);
	json_set_text(arena, *data_r, "subscription", row.id);
	json_set_text(arena, *data_r, "party", row.party);
	json_set_text(arena, *data_r, "state", row.state);
	if (row.failing_since != CLOCK_NONE)
		json_set_text(arena, *data_r, "failing_since", clock_format(row.failing_since, time));
	return 0;
}

/* Who may know of the block alone learns no kind from the type either, and nothing of what others do about it. */
static const char *type_of(struct arena *arena, const struct record *record, const struct json *data)
{
	if (!text_equal(json_path_text(data, "disclosure"), "block_only"))
		return arena_printf(arena, TYPE_PREFIX "%s", cloud_type(record->kind));
	static const char *const hidden[] = { "notice.acknowledged", "notice.escalated", "notice.drafted", "notice.answered" };
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (text_equal(record->kind, hidden[i]))
			return NULL;
	return TYPE_PREFIX TYPE_HOLD;
}

static const char *reference(struct arena *arena, const char *path, const char *id)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	BUFFER_AUTO out = { 0 };
	buffer_printf(&out, "/v1/%s/", path);
	for (const char *at = id; *at; at++) {
		if (strchr(plain, *at))
			buffer_add_char(&out, *at);
		else
			buffer_printf(&out, "%%%02X", (unsigned)(unsigned char)*at);
	}
	return arena_text(arena, buffer_text(&out));
}

/* The object with one member more, of which the text is there already. */
static const char *with_data(struct arena *arena, const char *object, const char *data)
{
	static const char name[] = ",\"data\":";
	size_t size = strlen(object) - 1, more = strlen(data);
	char *text = arena_alloc(arena, size + strlen(name) + more + 2);
	memcpy(text, object, size);
	memcpy(text + size, name, strlen(name));
	memcpy(text + size + strlen(name), data, more);
	text[size + strlen(name) + more] = '}';
	return text;
}

int cloud_event(struct db *db, struct arena *arena, const struct viewer *viewer, const struct record *record, struct told *told_r,
                struct error *error)
{
	const struct kind *kind = kind_find(record->kind);
	struct json *data = NULL, *out;
	char time[CLOCK_TEXT_SIZE];
	*told_r = (struct told){ 0 };
	if (kind)
		TRY(view_find(db, arena, viewer, kind->noun, record->object, &data, error));
	else if (is_alert(record->kind))
		TRY(alert(db, arena, viewer, record, &data, error));
	const char *type = data ? type_of(arena, record, data) : NULL;
	if (!type)
		return 0;
	out = json_new_object(arena);
	json_set_text(arena, out, "specversion", "1.0");
	json_set_text(arena, out, "id", record->id);
	json_set_text(arena, out, "source", viewer->settings->uri);
	json_set_text(arena, out, "type", type);
	if (record->container)
		json_set_text(arena, out, "subject", record->container);
	json_set_text(arena, out, "time", clock_format(record->at, time));
	json_set_text(arena, out, "datacontenttype", "application/json");
	const char *text = json_to_text(arena, data, JSON_COMPACT);
	bool is_large = kind && strlen(text) > DATA_LIMIT;
	if (is_large)
		json_set_text(arena, out, "dataref", reference(arena, kind->path, record->object));
	const char *rest = json_to_text(arena, out, JSON_COMPACT);
	*told_r = (struct told){ type, is_large ? rest : with_data(arena, rest, text) };
	return 0;
}
