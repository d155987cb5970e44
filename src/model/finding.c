#include "model/finding.h"

#include "lib/base/text.h"

static const char *const names[] = { "low", "medium", "high" };

const char *severity_name(enum severity severity)
{
	return names[severity];
}

bool severity_find(const char *name, enum severity *severity_r)
{
	for (int i = 0; i < 3; i++)
		if (text_equal(names[i], name)) {
			*severity_r = (enum severity)i;
			return true;
		}
	return false;
}

static void put_time(struct arena *arena, struct json *out, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	if (ms != CLOCK_NONE)
		json_set_text(arena, out, name, clock_format(ms, text));
}

struct json *finding_write(struct arena *arena, const struct finding *finding, const char *id, const char *container,
                           const char *journey, int64_t raised)
{
	struct json *out = json_new_object(arena), *events = json_new_array(arena);
	json_set_text(arena, out, "id", id);
	json_set_text(arena, out, "code", finding->code);
	json_set_text(arena, out, "rule", finding->rule);
	json_set_text(arena, out, "version", finding->version);
	json_set_text(arena, out, "severity", severity_name(finding->severity));
	json_set_text(arena, out, "container", container);
	json_set_text(arena, out, "journey", journey);
	put_time(arena, out, "time", finding->time);
	put_time(arena, out, "raised", raised);
	json_set_text(arena, out, "sentence", finding->sentence);
	json_set_text(arena, out, "template", finding->template);
	json_set(out, "values", finding->values);
	json_set_text(arena, out, "trust", finding->trust);
	json_set_text(arena, out, "act", finding->act);
	json_set_text(arena, out, "act_at", finding->act_at);
	put_time(arena, out, "until", finding->until);
	for (size_t i = 0; i < finding->event_count; i++)
		json_append(events, json_new_text(arena, finding->events[i]));
	json_set(out, "events", events);
	return out;
}
