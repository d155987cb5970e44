/* intake: events taken in by the real gateway over plain HTTP on loopback, answered when they are on disk.
 *
 *	single       one event to a request, 64 connections; floor: the same lib/http server whose handler commits the raw octets,
 *	             unparsed, through the same committer
 *	single, own  the same for containers, which are assessed meanwhile
 *	ndjson       1,000 events to a request, 4 connections; floor: SQLite inserting the same rows in the same batches
 *
 *	--seconds N  of each measurement, 3
 *	--only N     the first, second or third alone
 */
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/load.h"
#include "bench/stage.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/http/server.h"
#include "model/container.h"
#include "store/store.h"

#define LINES 1000

struct intake {
	struct stage stage;
	double seconds;
	size_t next;                /* number of the next event: none comes twice */
	const char *key;
	bool of_containers;
};

/* ---- the floor of a request: the same server, the same committer, octets and nothing else ---- */

struct raw {
	struct store *store;
};


static int raw_write(struct db *db, void *context, struct error *error)
{
	struct http_request *request = context;
	char id[ID_UUID_SIZE];
	return db_run(db, error, "insert into raw (id, octets) values ($1, $2)", "tb", id_uuid7(id), &request->body);
}

static void raw_done(void *context, const struct error *error)
{
	struct http_request *request = context;
	if (error)
		http_answer_problem(request, error);
	else
		http_answer(request, 201, "text/plain", bytes_of_text("stored\n"));
}

static void raw_handle(void *context, struct http_request *request)
{
	struct raw *raw = context;
	struct error error = { 0 };
	http_request_defer(request);
	if (store_write_later(raw->store, raw_write, request, raw_done, &error) < 0)
		http_answer_problem(request, &error);
}

static int raw_table(struct db *db, void *context, struct error *error)
{
	(void)context;
	return db_run(db, error, "create table raw (id text primary key, octets blob not null)", "");
}

/* In a process of its own, as the gateway is. Tells its port through the pipe, and ends when the pipe's other end is closed. */
static void raw_serve(const char *folder, int to, int from)
{
	struct raw raw;
	struct http_server *server;
	struct http_server_config config = { .connections = 1024 };
	char octet;
	bench_must(store_open(folder, NULL, &raw.store, error));
	bench_must(store_write(raw.store, raw_table, NULL, error));
	bench_must(http_server_start(&config, raw_handle, &raw, &server, error));
	uint16_t port = http_server_port(server);
	must(write(to, &port, sizeof port) == sizeof port);
	while (read(from, &octet, 1) > 0)
		;
	http_server_stop(&server);
	store_close(&raw.store);
	_exit(0);
}

struct child {
	pid_t pid;
	int ends;
	uint16_t port;
};

static struct child raw_start(struct stage *stage, size_t round)
{
	struct child child;
	int up[2], down[2];
	const char *folder = stage_file(stage, arena_printf(stage->arena, "raw-%zu", round));
	must(pipe(up) == 0 && pipe(down) == 0);
	child.pid = fork();
	must(child.pid >= 0);
	if (child.pid == 0) {
		close(up[0]);
		close(down[1]);
		raw_serve(folder, up[1], down[0]);
	}
	close(up[1]);
	close(down[0]);
	must(read(up[0], &child.port, sizeof child.port) == sizeof child.port);
	close(up[0]);
	child.ends = down[1];
	return child;
}

static void raw_stop(struct child *child)
{
	close(child->ends);
	waitpid(child->pid, NULL, 0);
}

/* ---- events ---- */

static void event_write(struct intake *in, struct buffer *out)
{
	size_t index = in->next++;
	char time[CLOCK_TEXT_SIZE], number[CONTAINER_NUMBER_SIZE];
	snprintf(number, sizeof number, "BNIU%06zu", index % 1000000);
	number[10] = container_check_digit(number);
	number[11] = '\0';
	buffer_printf(out, "{\"id\":\"intake-%zu\",\"type\":\"position\",\"time\":\"%s\",", index, clock_format(clock_real_ms(), time));
	if (in->of_containers)
		buffer_printf(out, "\"container\":\"%s\",", number);
	buffer_printf(out,
	              "\"device\":{\"id\":\"35693803%07zu\",\"sequence\":%zu,\"battery\":\"0.83\"},"
	              "\"position\":{\"lat\":\"30.877701\",\"lon\":\"121.883003\",\"source\":\"gnss\",\"accuracy\":\"30\"},"
	              "\"readings\":[{\"kind\":\"temperature\",\"value\":\"21.4\",\"unit\":\"CEL\"},{\"kind\":\"light\",\"value\":\"0.5\",\"unit\":\"LUX\"}]}",
	              index % 1000, index);
}

static void request_one(void *context, struct buffer *out)
{
	struct intake *in = context;
	BUFFER_AUTO body = { 0 };
	event_write(in, &body);
	buffer_printf(out, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	              in->key, body.size, buffer_text(&body));
}

static void request_lines(void *context, struct buffer *out)
{
	struct intake *in = context;
	BUFFER_AUTO body = { 0 };
	for (int i = 0; i < LINES; i++) {
		event_write(in, &body);
		buffer_add_char(&body, '\n');
	}
	buffer_printf(out, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Type: application/x-ndjson\r\n"
	              "Content-Length: %zu\r\n\r\n", in->key, body.size);
	buffer_add(out, body.data, body.size);
}

/* ---- the floor of rows: SQLite by itself, one statement, the same columns and indices, one transaction to a batch ---- */

static void sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK)
		return;
	fprintf(stderr, "bench: %s\n", sqlite3_errmsg(db));
	exit(1);
}

static double sqlite_rate(struct intake *in, size_t round)
{
	sqlite3 *db;
	sqlite3_stmt *insert;
	const char *path = stage_file(&in->stage, arena_printf(in->stage.arena, "floor-%zu.db", round));
	must(sqlite3_open(path, &db) == SQLITE_OK);
	sql(db, "pragma journal_mode = wal; pragma synchronous = full;"
	    "create table event (id text primary key, provider text not null, provider_id text not null, type text not null, time bigint not null,"
	    " received bigint not null, container text, device text, content text not null, content_digest text not null, raw text,"
	    " origin smallint not null, status smallint not null, unique (provider, provider_id));"
	    "create index event_container on event (container, time) where container is not null;");
	must(sqlite3_prepare_v2(db, "insert into event values (?,?,?,?,?,?,?,?,?,?,?,?,?)", -1, &insert, NULL) == SQLITE_OK);
	double start = bench_wall();
	size_t rows = 0;
	while (bench_wall() - start < in->seconds) {
		sql(db, "begin immediate");
		for (int i = 0; i < LINES; i++, rows++) {
			char id[ID_UUID_SIZE], own[40], device[40];
			BUFFER_AUTO content = { 0 };
			snprintf(own, sizeof own, "intake-%zu", in->next);
			snprintf(device, sizeof device, "35693803%07zu", in->next % 1000);
			event_write(in, &content);
			const char *texts[] = { id_uuid7(id), "tracker-1", own, "position", NULL, NULL, NULL, device, buffer_text(&content),
				                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "01932c1e-7a54-7c3e-9b1a-5d7f2c0a4e11" };
			for (int c = 0; c < 11; c++)
				if (texts[c])
					sqlite3_bind_text(insert, c + 1, texts[c], -1, SQLITE_STATIC);
			sqlite3_bind_int64(insert, 5, clock_real_ms());
			sqlite3_bind_int64(insert, 6, clock_real_ms());
			sqlite3_bind_int64(insert, 12, 0);
			sqlite3_bind_int64(insert, 13, 0);
			must(sqlite3_step(insert) == SQLITE_DONE);
			sqlite3_reset(insert);
		}
		sql(db, "commit");
	}
	double rate = (double)rows / (bench_wall() - start);
	sqlite3_finalize(insert);
	sqlite3_close(db);
	return rate;
}

/* ---- figures ---- */

static void single(struct intake *in, const char *name, double target)
{
	double ours[BENCH_ROUNDS], floor[BENCH_ROUNDS];
	for (size_t i = 0; i < BENCH_ROUNDS; i++) {
		stage_quiet(&in->stage);
		ours[i] = load_rate((uint16_t)in->stage.port, 64, in->seconds, request_one, in);
		struct child raw = raw_start(&in->stage, i + (in->of_containers ? 100 : 0));
		floor[i] = load_rate(raw.port, 64, in->seconds, request_one, in);
		raw_stop(&raw);
	}
	const struct figure figure = { .name = name, .unit = "events/s", .floor_name = "raw octets", .ours = ours, .floor = floor, .rounds = BENCH_ROUNDS,
		                       .target = target };
	bench_tell(&figure);
}

static void ndjson(struct intake *in)
{
	double ours[BENCH_ROUNDS], floor[BENCH_ROUNDS];
	for (size_t i = 0; i < BENCH_ROUNDS; i++) {
		ours[i] = load_rate((uint16_t)in->stage.port, 4, in->seconds, request_lines, in) * LINES;
		floor[i] = sqlite_rate(in, i);
	}
	const struct figure figure = { .name = "intake/ndjson", .unit = "events/s", .floor_name = "SQLite", .ours = ours, .floor = floor,
		                       .rounds = BENCH_ROUNDS, .target = 0.5 };
	bench_tell(&figure);
}

int main(int argc, char **argv)
{
	struct intake in = { .seconds = bench_option(argc, argv, "--seconds", 3) };
	signal(SIGPIPE, SIG_IGN);
	stage_make(&in.stage, false);
	in.key = stage_key(&in.stage, "provider-1");
	stage_start_gateway(&in.stage);
	int only = bench_option(argc, argv, "--only", 0);
	if (!only || only == 1)
		single(&in, "intake/single", 0.5);
	if (!only || only == 2)
		ndjson(&in);
	in.of_containers = true;
	if (!only || only == 3)
		single(&in, "intake/single, assessed", 0);
	double rss = process_rss(in.stage.gateway);
	const struct figure memory = { .name = "intake/RSS", .unit = "MB", .ours = &rss, .rounds = 1, .target = 100, .less = true };
	bench_tell(&memory);
	stage_clear(&in.stage);
	return 0;
}
