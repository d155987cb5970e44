/* sealgate play: a voyage in fast time, against a gateway whose clock can be moved. */
#include "sealgate/play.h"

#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sealgate/input.h"
#include "sealgate/output.h"

#define PATIENCE_MS 60000    /* a gateway that is being started again is waited for so long */

const struct option_row play_options[] = {
	{ "voyage", "FILE", "the recording, CSV with a header line and a column time_utc" },
	{ "journey", "FILE", "the journey as the carrier files it" },
	{ "journey-id", "ID", "its id; else the one in the file, else the file's name" },
	{ "keys", "DIR", "API keys, <party>.key: of the provider, of who files the journey, of an operator" },
	{ "provider", "NAME", "the tracker's provider, tracker-1" },
	{ "provider-party", "PARTY", "whose key posts its events, provider-1" },
	{ "carrier-party", "PARTY", "whose key files the journey, carrier-1" },
	{ "admin-party", "PARTY", "whose key moves the clock and reads everything, admin-1" },
	{ "device", "ID", "the tracker, 356938035643809" },
	{ "keep", "N/M", "keep this share of the rows; a stretch in the middle is left out: a tracker that was silent" },
	{ "answer", "TEXT", "at the end, answer every question of customs about the container with this" },
	{ "answer-party", "PARTY", "whose key writes those answers, broker-1" },
	{ "approve-party", "PARTY", "whose key approves them, port-1" },
	{ "hub", "NAME", "count what was exchanged with this agreement by itself, too" },
	{ "wait", "SECONDS", "longest wait after a row for what it led to, 20" },
	{ "summary", "FILE", "write the counts as JSON" },
	{ "documents", "DIR", "save every document that was exchanged" },
	{ "webhooks", "DIR", "count the webhooks that a receiver saved there" },
	{ "subscription", "ID", "count the webhooks of this subscription only, the latest 500" },
	{ 0 },
};

/* ---- what is played ---- */

static const char *option_or(const struct run *run, const char *name, const char *otherwise)
{
	const char *value = run_option(run, name);
	return value ? value : otherwise;
}

static int keys_take(struct play *p, struct error *error)
{
	struct run *run = p->run;
	const char *folder = run_option(run, "keys");
	const struct {
		const char *option, *otherwise, **key;
	} keys[] = { { "provider-party", "provider-1", &p->provider_key }, { "carrier-party", "carrier-1", &p->carrier_key },
		     { "admin-party", "admin-1", &p->gateway.authorization } };
	if (!folder)
		return usage_fail(run, error, "\"play\" needs --keys: the folder of API keys that sealgate init --demo made");
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		const char *party = option_or(run, keys[i].option, keys[i].otherwise);
		TRY(key_read(run->arena, arena_printf(run->arena, "%s/%s.key", folder, party), keys[i].key, error));
	}
	return 0;
}

static const char *id_of_file(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	return arena_text_n(arena, name, strcspn(name, "."));
}

static int play_read(struct play *p, struct error *error)
{
	struct run *run = p->run;
	const char *voyage = run_option(run, "voyage"), *journey = run_option(run, "journey"), *keep = run_option(run, "keep");
	struct keeping keeping;
	int64_t seconds;
	if (!voyage || !journey)
		return usage_fail(run, error, "\"play\" needs --voyage and --journey");
	if (keep && keeping_read(keep, &keeping, error) < 0) {
		run->failure = EXIT_USAGE;
		return -1;
	}
	TRY(run_number(run, "wait", 1, 3600, 20, &seconds, error));
	p->wait_ms = seconds * 1000;
	p->provider = option_or(run, "provider", "tracker-1");
	p->device = option_or(run, "device", "356938035643809");
	TRY(voyage_read(voyage, keep ? &keeping : NULL, run->arena, &p->rows, error));
	TRY(input_json(run, journey, &p->journey, error));
	p->container = json_path_text(p->journey, "container");
	const char *own = arena_text(run->arena, json_path_text(p->journey, "id"));  /* a member that is taken out takes its text along */
	p->journey_id = option_or(run, "journey-id", own ? own : id_of_file(run->arena, journey));
	json_unset(p->journey, "id");
	if (!p->container)
		FAIL(error, MISSING_FIELD, "journey \"%s\" names no container", journey);
	return 0;
}

/* ---- the gateway ---- */

static int clock_move(struct play *p, struct arena *arena, int64_t ms, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	struct reply reply;
	struct gateway_call call = { .method = "PUT", .path = "/v1/clock",
		                     .body = bytes_of_text(arena_printf(arena, "{\"time\":\"%s\"}", clock_format(ms, time))) };
	return gateway_ask(&p->gateway, arena, &call, &reply, error);
}

/* 428: there is a section of this carrier's already, of a try whose answer was lost, or of an earlier play. */
static int journey_file(struct play *p, struct error *error)
{
	struct arena *arena = p->run->arena;
	struct reply reply;
	struct gateway_call call = { .method = "PUT", .path = arena_printf(arena, "/v1/journeys/%s", url_part(arena, p->journey_id)),
		                     .body = bytes_of_text(json_to_text(arena, p->journey, JSON_COMPACT)), .authorization = p->carrier_key };
	if (gateway_ask(&p->gateway, arena, &call, &reply, error) == 0)
		return 0;
	if (reply.status != 428)
		return -1;
	*error = (struct error){ 0 };
	p->run->failure = EXIT_FAILED;
	note(p->run, "journey \"%s\" is filed already: it stays as it is", p->journey_id);
	return 0;
}

static int device_pair(struct play *p, int64_t at, struct error *error)
{
	struct arena *arena = p->run->arena;
	char time[CLOCK_TEXT_SIZE];
	struct json *event = json_new_object(arena), *device = json_new_object(arena);
	struct reply reply;
	json_set_text(arena, event, "id", arena_printf(arena, "paired-%s-%s", p->container, p->journey_id));
	json_set_text(arena, event, "type", "device_paired");
	json_set_text(arena, event, "time", clock_format(at, time));
	json_set_text(arena, event, "container", p->container);
	json_set_text(arena, device, "id", p->device);
	json_set(event, "device", device);
	struct gateway_call call = { .method = "POST", .path = arena_printf(arena, "/v1/events?provider=%s", url_part(arena, p->provider)),
		                     .body = bytes_of_text(json_to_text(arena, event, JSON_COMPACT)), .authorization = p->provider_key };
	return gateway_ask(&p->gateway, arena, &call, &reply, error);
}

static int row_post(struct play *p, struct arena *arena, const struct voyage_row *row, struct error *error)
{
	struct json *payload = json_new_object(arena), *rows = json_new_array(arena);
	struct reply reply;
	json_set_text(arena, payload, "device", p->device);
	json_append(rows, row->json);
	json_set(payload, "rows", rows);
	struct gateway_call call = { .method = "POST", .path = arena_printf(arena, "/v1/providers/%s/events", url_part(arena, p->provider)),
		                     .body = bytes_of_text(json_to_text(arena, payload, JSON_COMPACT)), .authorization = p->provider_key };
	if (gateway_ask(&p->gateway, arena, &call, &reply, error) == 0)
		return 0;
	if (reply.status != 422)
		return -1;
	fputs(p->run->live ? "\n" : "", p->run->err);
	note(p->run, "a row is refused: %s", error->text);
	*error = (struct error){ 0 };
	p->run->failure = EXIT_FAILED;
	return 0;
}

/* ---- in order of time ---- */

static void progress(const struct play *p, size_t done)
{
	static const char full[] = "########################################";
	char time[CLOCK_TEXT_SIZE];
	size_t count = p->rows.count, tenth = count / 10 ? count / 10 : 1, wide = done * 40 / count;
	const char *at = clock_format(p->rows.items[done ? done - 1 : 0].time, time);
	if (p->run->live)
		fprintf(p->run->err, "\r[%-40.*s] %zu of %zu rows, %s%s", (int)wide, full, done, count, at, done == count ? "\n" : "  ");
	else if (done == count || done % tenth == 0)
		fprintf(p->run->err, "%zu of %zu rows, %s\n", done, count, at);
	fflush(p->run->err);
}

static int start(struct play *p, struct error *error)
{
	int64_t from = p->rows.items[0].time, said;
	struct error ignored = { 0 };
	const char *text = json_path_text(p->journey, "from");
	if (text && clock_parse(text, &said, &ignored) == 0 && said < from)
		from = said;
	TRY(clock_move(p, p->run->arena, from, error));
	TRY(journey_file(p, error));
	return device_pair(p, from, error);
}

static int rows_play(struct play *p, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	int64_t now = CLOCK_NONE;
	for (size_t i = 0; i < p->rows.count; i++) {
		ARENA_AUTO arena = arena_new();
		const struct voyage_row *row = &p->rows.items[i];
		if (row->time > now)
			TRY(clock_move(p, arena, row->time, error));
		now = row->time;
		TRY(row_post(p, arena, row, error));
		TRY(play_wait(p, clock_format(row->time, time), error));
		progress(p, i + 1);
	}
	return 0;
}

int command_play(struct run *run, struct error *error)
{
	struct play p = { .run = run, .started = clock_mono_ms() };
	TRY(play_read(&p, error));
	TRY(gateway_open(run, &p.gateway, error));
	TRY(keys_take(&p, error));
	p.gateway.patience_ms = PATIENCE_MS;
	note(run, "playing %zu rows of container %s%s", p.rows.count, p.container,
	     p.rows.taken_out ? arena_printf(run->arena, "; %zu rows are taken out", p.rows.taken_out) : "");
	TRY(start(&p, error));
	TRY(rows_play(&p, error));
	TRY(play_answer(&p, error));
	return play_finish(&p, error);
}
