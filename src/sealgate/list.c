/* sealgate events, findings, messages, notices, documents. */
#include <time.h>

#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/output.h"

#define PAGE 500
#define LATEST 50
#define FOLLOW_MS 1000

const struct option_row list_options[] = {
	{ "container", "NUMBER", "of this container only" },
	{ "journey", "ID", "of this journey only" },
	{ "kind", "KIND", "an event's type, a finding's code, a message's or notice's kind" },
	{ "state", "STATE", "of messages: ready, sent, failed, held ...; of documents: tied, untied, refused" },
	{ "limit", "N", "so many at most, 50" },
	{ "all", NULL, "all there are" },
	{ "follow", NULL, "go on with what comes, until interrupted" },
	{ 0 },
};

struct column {
	const char *title;
	const char *paths[3];   /* the first that says something */
};

static const struct noun_view {
	const char *noun;
	struct column columns[9];
} views[] = {
	{ "events", { { "TIME", { "time" } }, { "TYPE", { "type" } }, { "CONTAINER", { "container" } }, { "LAT", { "position.lat" } },
	              { "LON", { "position.lon" } }, { "PROVIDER", { "provider" } }, { "ORIGIN", { "origin" } }, { "ID", { "uid" } } } },
	{ "findings", { { "TIME", { "time" } }, { "SEVERITY", { "severity", "kind" } }, { "CODE", { "code" } }, { "CONTAINER", { "container" } },
	                { "ID", { "id" } }, { "CLOSED", { "closed" } }, { "SENTENCE", { "sentence", "action.what" } } } },
	{ "messages", { { "CREATED", { "created" } }, { "STATE", { "state" } }, { "KIND", { "kind" } }, { "CONTAINER", { "container" } },
	                { "AGREEMENT", { "agreement" } }, { "ID", { "id" } }, { "CUSTOMS ID", { "customs_id" } }, { "REASON", { "reason" } } } },
	{ "notices", { { "RECEIVED", { "received" } }, { "KIND", { "kind" } }, { "CONTAINER", { "container", "scope.containers.0" } }, { "MESSAGE", { "message" } },
	               { "WHO", { "action.who" } }, { "ACKNOWLEDGED", { "acknowledged.at" } }, { "ID", { "id" } }, { "WHAT", { "action.what", "text" } } } },
	{ "documents", { { "RECEIVED", { "received" } }, { "STATE", { "state" } }, { "TYPE", { "type" } }, { "PEER", { "peer" } }, { "CONTAINER", { "container" } },
	                 { "MESSAGE", { "message" } }, { "ID", { "id" } }, { "REASON", { "reason" } } } },
};

struct listing {
	struct run *run;
	struct gateway gateway;
	const struct noun_view *view;
	const char *filters;    /* "&container=…" */
	struct json *items;     /* the latest first */
	const char *newest;     /* cursor behind all that was there at the start */
};

static const char *filters_of(struct run *run)
{
	static const char *const names[] = { "container", "journey", "kind", "state", NULL };
	BUFFER_AUTO out = { 0 };
	for (const char *const *name = names; *name; name++)
		if (run_option(run, *name))
			buffer_printf(&out, "&%s=%s", *name, url_part(run->arena, run_option(run, *name)));
	return arena_text(run->arena, buffer_text(&out));
}

static int page_get(struct listing *l, const char *order, const char *cursor, int64_t limit, struct json **page_r, struct error *error)
{
	struct arena *arena = l->run->arena;
	const char *path = arena_printf(arena, "/v1/%s?order=%s&limit=%lld&cursor=%s%s", l->view->noun, order, (long long)limit, cursor, l->filters);
	return gateway_get(&l->gateway, arena, path, page_r, error);
}

static int latest_get(struct listing *l, int64_t most, struct error *error)
{
	struct json *page;
	const char *cursor = "0";
	l->items = json_new_array(l->run->arena);
	do {
		int64_t left = most - (int64_t)json_count(l->items);
		TRY(page_get(l, "latest", cursor, left < PAGE ? left : PAGE, &page, error));
		for (struct json_iter it = json_iter(json_find(page, "items")); json_next(&it);)
			json_append(l->items, it.value);
		if (!json_bool(json_find(page, "more"), false) || text_equal(cell(page, "cursor"), cursor))
			break;
		cursor = cell(page, "cursor");
	} while ((int64_t)json_count(l->items) < most);
	return 0;
}

static void row_add(struct listing *l, struct table *table, const struct json *item)
{
	const char *cells[9] = { 0 };
	for (size_t i = 0; l->view->columns[i].title; i++)
		for (size_t k = 0; k < 3 && l->view->columns[i].paths[k] && text_empty(cells[i]); k++)
			cells[i] = cell(item, l->view->columns[i].paths[k]);
	table_add(table, cells);
}

static struct table *table_of(struct listing *l)
{
	const char **titles = arena_array(l->run->arena, 10, sizeof *titles);
	for (size_t i = 0; l->view->columns[i].title; i++)
		titles[i] = l->view->columns[i].title;
	return table_new(l->run, titles);
}

static void items_write(struct listing *l)
{
	struct table *table = table_of(l);
	for (size_t i = json_count(l->items); i-- > 0;) {
		const struct json *item = json_at(l->items, i);
		if (l->run->json)
			out_json(l->run, item);
		else
			row_add(l, table, item);
	}
	if (!l->run->json && table_rows(table))
		table_write(table);
	else if (!l->run->json)
		note(l->run, "no %s", l->view->noun);
}

/* The number of the newest one: what comes later has a greater one. */
static int newest_find(struct listing *l, struct error *error)
{
	struct json *page;
	TRY(page_get(l, "latest", "0", 1, &page, error));
	l->newest = json_count(json_find(page, "items")) ? cell(page, "cursor") : "0";
	return 0;
}

static int follow(struct listing *l, struct error *error)
{
	const struct timespec pause = { .tv_sec = FOLLOW_MS / 1000 };
	char cursor[32];
	snprintf(cursor, sizeof cursor, "%s", l->newest);
	l->gateway.patience_ms = 60000;
	struct arena *whole = l->run->arena;
	for (;;) {
		ARENA_AUTO arena = arena_new();
		struct json *page;
		l->run->arena = arena;
		int rc = page_get(l, "oldest", cursor, PAGE, &page, error);
		for (struct json_iter it = json_iter(json_find(page, "items")); rc == 0 && json_next(&it);) {
			l->items = json_new_array(arena);
			json_append(l->items, it.value);
			items_write(l);
		}
		if (rc == 0)
			snprintf(cursor, sizeof cursor, "%s", cell(page, "cursor"));
		fflush(l->run->out);
		l->run->arena = whole;
		TRY(rc);
		if (ferror(l->run->out))
			FAIL(error, IO, "cannot write the output");
		nanosleep(&pause, NULL);
	}
}

static int list(struct run *run, const char *noun, struct error *error)
{
	struct listing l = { .run = run };
	int64_t limit;
	for (size_t i = 0; i < sizeof views / sizeof *views; i++)
		if (text_equal(views[i].noun, noun))
			l.view = &views[i];
	TRY(run_number(run, "limit", 1, 1000000, LATEST, &limit, error));
	if (run_has(run, "all") && run_has(run, "limit"))
		return usage_fail(run, error, "--all and --limit contradict each other");
	limit = run_has(run, "all") ? INT64_MAX : limit;
	TRY(gateway_open(run, &l.gateway, error));
	l.filters = filters_of(run);
	if (run_has(run, "follow"))
		TRY(newest_find(&l, error));
	TRY(latest_get(&l, limit, error));
	items_write(&l);
	fflush(run->out);
	return run_has(run, "follow") ? follow(&l, error) : EXIT_GOOD;
}

int command_events(struct run *run, struct error *error)
{
	return list(run, "events", error);
}

int command_findings(struct run *run, struct error *error)
{
	return list(run, "findings", error);
}

int command_messages(struct run *run, struct error *error)
{
	return list(run, "messages", error);
}

int command_notices(struct run *run, struct error *error)
{
	return list(run, "notices", error);
}

int command_documents(struct run *run, struct error *error)
{
	return list(run, "documents", error);
}
