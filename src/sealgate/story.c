#include "sealgate/story.h"

#include <string.h>

#include "lib/base/text.h"
#include "sealgate/output.h"

struct story {
	struct run *run;
	struct gateway *gateway;
	const struct json *container;
	struct json *deliveries;
	struct table *table;
};

/* "2016-02-03T01:48:21Z" as people read it; UTC all the same. */
static const char *moment(struct arena *arena, const char *time)
{
	size_t n = strlen(time);
	if (n < 19 || time[10] != 'T')
		return time;
	return arena_printf(arena, "%.10s %.8s", time, time + 11);
}

/* What was told to subscribers of this thing. */
static const char *webhooks_of(const struct story *s, const char *id)
{
	size_t sent = 0, failed = 0, open = 0;
	struct arena *arena = s->run->arena;
	for (struct json_iter it = json_iter(s->deliveries); json_next(&it);) {
		if (!*id || !text_equal(cell(it.value, "about"), id))
			continue;
		const char *state = cell(it.value, "state");
		sent += text_equal(state, "sent");
		failed += text_equal(state, "failed");
		open += !text_equal(state, "sent") && !text_equal(state, "failed");
	}
	if (failed)
		return arena_printf(arena, "%zu failed, %zu sent", failed, sent);
	if (open)
		return arena_printf(arena, "%zu waiting, %zu sent", open, sent);
	return sent > 1 ? arena_printf(arena, "%zu sent", sent) : sent ? "sent" : "";
}

static const char *answer_text(const struct story *s, const struct json *notice)
{
	const char *scheduled = cell(notice, "scheduled"), *place = cell(notice, "place.code");
	struct arena *arena = s->run->arena;
	return arena_printf(arena, "%s%s%s%s%s%s", cell(notice, "kind"), *cell(notice, "reference") ? " " : "", cell(notice, "reference"),
	                    *place ? arena_printf(arena, " at %s", place) : "", *scheduled ? " on " : "", *scheduled ? moment(arena, scheduled) : "");
}

/* One line for each answer to the message; the cells before stand on the first of them only. */
static void rows_add(struct story *s, const char *event, const char *finding, const struct json *message, const char *finding_id)
{
	size_t answers = 0;
	struct arena *arena = s->run->arena;
	const char *sent = message ? arena_printf(arena, "%s %s %s", cell(message, "kind"), cell(message, "id"), cell(message, "state")) : "";
	for (struct json_iter it = json_iter(json_find(s->container, "notices")); message && json_next(&it);) {
		if (!text_equal(cell(it.value, "message"), cell(message, "id")))
			continue;
		table_add(s->table, (const char *[]){ answers ? "" : event, answers ? "" : finding, answers ? "" : sent, answer_text(s, it.value),
			                              webhooks_of(s, cell(it.value, "id")) });
		answers++;
	}
	if (!answers)
		table_add(s->table, (const char *[]){ event, finding, sent, message && text_equal(cell(message, "state"), "sent") ? "none yet" : "",
			                              webhooks_of(s, finding_id) });
}

static int event_text(struct story *s, const struct json *finding, const char **text_r, struct error *error)
{
	struct arena *arena = s->run->arena;
	const char *id = cell(finding, "events.0");
	struct json *event = NULL;
	*text_r = *cell(finding, "time") ? moment(arena, cell(finding, "time")) : "";
	if (!*id)
		return 0;
	TRY(gateway_find(s->gateway, arena, arena_printf(arena, "/v1/events/%s", url_part(arena, id)), &event, error));
	if (event)
		*text_r = arena_printf(arena, "%s %s", moment(arena, cell(event, "time")), cell(event, "type"));
	return 0;
}

static int finding_rows(struct story *s, const struct json *finding, struct error *error)
{
	struct arena *arena = s->run->arena;
	size_t messages = 0;
	const char *event, *id = cell(finding, "id");
	const char *text = arena_printf(arena, "%s %s%s", *cell(finding, "code") ? cell(finding, "code") : "hold", cell(finding, "severity"),
	                                *cell(finding, "closed") ? " (closed)" : "");
	TRY(event_text(s, finding, &event, error));
	for (struct json_iter it = json_iter(json_find(s->container, "messages")); json_next(&it);) {
		if (!text_equal(cell(it.value, "finding"), id))
			continue;
		rows_add(s, messages ? "" : event, messages ? "" : text, it.value, id);
		messages++;
	}
	if (!messages)
		rows_add(s, event, text, NULL, id);
	return 0;
}

static void loose_notices(struct story *s)
{
	for (struct json_iter it = json_iter(json_find(s->container, "notices")); json_next(&it);)
		if (!*cell(it.value, "message"))
			table_add(s->table, (const char *[]){ "", "", "", answer_text(s, it.value), webhooks_of(s, cell(it.value, "id")) });
}

static void head_write(struct story *s)
{
	struct run *run = s->run;
	const struct json *integrity = json_find(s->container, "integrity");
	const char *verdict = cell(integrity, "verdict"), *sentence = cell(integrity, "sentence");
	out_line(run, "container %s%s%s", cell(s->container, "number"), *verdict ? ": " : "", verdict);
	if (*sentence)
		out_line(run, "%s", sentence);
	if (*cell(integrity, "watched_from"))
		out_line(run, "watched from %s until %s UTC, coverage %s %%", moment(run->arena, cell(integrity, "watched_from")),
		         moment(run->arena, cell(integrity, "watched_until")), cell(integrity, "coverage"));
	if (*cell(s->container, "held"))
		out_line(run, "held: %s", cell(s->container, "held"));
	fputc('\n', run->out);
}

static void sentences_write(struct story *s)
{
	const struct json *findings = json_find(s->container, "findings"), *refusals = json_path(s->container, "integrity.not_sent");
	for (struct json_iter it = json_iter(findings); json_next(&it);)
		if (*cell(it.value, "sentence"))
			out_line(s->run, "%s: %s", cell(it.value, "code"), cell(it.value, "sentence"));
	for (struct json_iter it = json_iter(refusals); json_next(&it);)
		out_line(s->run, "not sent to %s: %s: %s", cell(it.value, "agreement"), cell(it.value, "kind"), cell(it.value, "reason"));
}

static int deliveries_get(struct story *s, const char *type, struct error *error)
{
	struct arena *arena = s->run->arena;
	struct json *answer;
	TRY(gateway_get(s->gateway, arena, arena_printf(arena, "/v1/deliveries?type=%s&container=%s", type, url_part(arena, cell(s->container, "number"))),
	                &answer, error));
	for (struct json_iter it = json_iter(json_find(answer, "items")); json_next(&it);)
		json_append(s->deliveries, it.value);
	return 0;
}

int story_write(struct gateway *gateway, const struct json *container, struct error *error)
{
	static const char *const titles[] = { "EVENT (UTC)", "FINDING", "MESSAGE", "CUSTOMS ANSWER", "WEBHOOK", NULL };
	struct run *run = gateway->run;
	struct story s = { run, gateway, container, json_new_array(run->arena), table_new(run, titles) };
	TRY(deliveries_get(&s, "notice.", error));
	TRY(deliveries_get(&s, "finding.", error));
	table_blank(s.table);
	head_write(&s);
	for (struct json_iter it = json_iter(json_find(container, "findings")); json_next(&it);)
		TRY(finding_rows(&s, it.value, error));
	for (struct json_iter it = json_iter(json_find(container, "messages")); json_next(&it);)
		if (!*cell(it.value, "finding"))
			rows_add(&s, moment(run->arena, cell(it.value, "created")), "", it.value, "");
	loose_notices(&s);
	if (table_rows(s.table)) {
		table_write(s.table);
		fputc('\n', run->out);
	} else {
		out_line(run, "nothing was found, and nothing was sent");
	}
	sentences_write(&s);
	return 0;
}
