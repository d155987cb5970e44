#include "bench/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "lib/base/file.h"

static const char *const local[] = { "localhost", "127.0.0.1", NULL };

static void fail(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

/* One that is free now. */
static int port_find(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		fail("no port is free");
	close(fd);
	return ntohs(address.sin_port);
}

static const char *program(struct stage *stage, const char *name)
{
	const char *build = getenv("BUILD_DIR");
	return arena_printf(stage->arena, "%s/%s", build ? build : ".", name);
}

/* Starts argv; `out` (a file) gets its stdout, the log its stderr. */
static pid_t process_start(struct stage *stage, const char *log, const char *const *argv)
{
	const char *out = stage_file(stage, arena_printf(stage->arena, "%s.out", log)), *err = stage_file(stage, arena_printf(stage->arena, "%s.log", log));
	unlink(out);
	pid_t pid = fork();
	if (pid < 0)
		fail("no process can be started");
	if (pid > 0)
		return pid;
	int to = open(out, O_WRONLY | O_CREAT | O_APPEND, 0600), to_log = open(err, O_WRONLY | O_CREAT | O_APPEND, 0600), from = open("/dev/null", O_RDONLY);
	dup2(from, 0);
	dup2(to, 1);
	dup2(to_log, 2);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(127);
}

static void process_ready(struct stage *stage, const char *log, pid_t pid)
{
	const char *out = stage_file(stage, arena_printf(stage->arena, "%s.out", log));
	const struct timespec pause = { .tv_nsec = 2000000 };
	for (int i = 0; i < 60000; i++) {
		ARENA_AUTO arena = arena_new();
		char *text;
		struct error error = { 0 };
		if (file_read_text(out, arena, &text, &error) == 0 && strstr(text, "ready on"))
			return;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			break;
		nanosleep(&pause, NULL);
	}
	fprintf(stderr, "bench: it did not start; see %s/%s.log\n", stage->folder, log);
	exit(1);
}

/* The demonstration's gateway behind a proxy that ends TLS: plain HTTP on loopback. */
static void without_tls(struct stage *stage)
{
	char *text;
	const char *path = stage_file(stage, "sealgate.yaml");
	BUFFER_AUTO out = { 0 };
	bench_must(file_read_text(path, stage->arena, &text, error));
	for (char *line; (line = strsep(&text, "\n"));)
		if (!strstr(line, "certificate: tls/") && !strstr(line, "key: tls/") && (*line || text))
			buffer_printf(&out, "%s\n", line);
	bench_must(file_write(path, buffer_bytes(&out), 0644, error));
}

/* The pause of its clerk is no speed of anybody's; and four files for each loop are the file system's. */
static void without_pause(struct stage *stage)
{
	char *text;
	const char *path = stage_file(stage, "sandbox.yaml");
	bench_must(file_read_text(path, stage->arena, &text, error));
	bench_must(file_write(path, bytes_of_text(arena_printf(stage->arena, "%sanswer_after: 0ms\ndocuments_as: tar\n", text)), 0644, error));
}

void stage_make(struct stage *stage, bool tls)
{
	*stage = (struct stage){ .arena = arena_new(), .folder = "/tmp/sealgate-bench-XXXXXX" };
	struct http_client_config client = { .calls_per_pool = 64, .queue_per_pool = 100000, .queue_limit = 100000 };
	if (!mkdtemp(stage->folder))
		fail("no folder can be made");
	stage->port = port_find();
	stage->sandbox_port = port_find();
	stage->hook_port = port_find();
	const char *const ports[] = { arena_printf(stage->arena, "%d", stage->port), arena_printf(stage->arena, "%d", stage->sandbox_port),
		                      arena_printf(stage->arena, "%d", stage->hook_port) };
	const char *const argv[] = { program(stage, "sealgate"), "init", stage->folder, "--demo", "--mappings", SOURCE_DIR "/mappings", "--schemas",
		                     SOURCE_DIR "/schemas", "--port", ports[0], "--sandbox-port", ports[1], "--hook-port", ports[2], NULL };
	int status;
	pid_t pid = process_start(stage, "init", argv);
	if (waitpid(pid, &status, 0) != pid || status != 0)
		fail("sealgate init failed");
	unlink(stage_file(stage, "agreements/hub.yaml"));  /* one peer is measured */
	without_pause(stage);
	if (!tls)
		without_tls(stage);
	bench_must(http_client_open(&client, &stage->client, error));
}

void stage_start_sandbox(struct stage *stage)
{
	const char *const argv[] = { program(stage, "sealgate-sandbox"), "--config", stage_file(stage, "sandbox.yaml"), NULL };
	stage->sandbox = process_start(stage, "sandbox", argv);
	process_ready(stage, "sandbox", stage->sandbox);
}

void stage_start_gateway(struct stage *stage)
{
	const char *const argv[] = { program(stage, "sealgated"), "--config", stage_file(stage, "sealgate.yaml"), NULL };
	double start = bench_wall();
	stage->gateway = process_start(stage, "gateway", argv);
	process_ready(stage, "gateway", stage->gateway);
	stage->ready_s = bench_wall() - start;
}

void stage_stop(pid_t *pid, int signal_number)
{
	if (*pid > 0 && kill(*pid, signal_number) == 0)
		waitpid(*pid, NULL, 0);
	*pid = 0;
}

static int remove_one(const char *path, const struct stat *stat, int flag, struct FTW *ftw)
{
	(void)stat, (void)flag, (void)ftw;
	return remove(path);
}

void stage_clear(struct stage *stage)
{
	stage_stop(&stage->gateway, SIGTERM);
	stage_stop(&stage->sandbox, SIGTERM);
	http_client_close(&stage->client);
	if (!getenv("BENCH_KEEP"))
		nftw(stage->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	else
		fprintf(stderr, "kept: %s\n", stage->folder);
	arena_free(&stage->arena);
}

const char *stage_file(struct stage *stage, const char *name)
{
	return file_path(stage->arena, stage->folder, name);
}

static bool is_tls(struct stage *stage)
{
	ARENA_AUTO arena = arena_new();
	char *text;
	bench_must(file_read_text(stage_file(stage, "sealgate.yaml"), arena, &text, error));
	return strstr(text, "certificate: tls/") != NULL;
}

const char *stage_url(struct stage *stage, const char *path)
{
	return arena_printf(stage->arena, "http%s://localhost:%d%s", is_tls(stage) ? "s" : "", stage->port, path);
}

const char *stage_key(struct stage *stage, const char *party)
{
	char *key;
	bench_must(file_read_text(stage_file(stage, arena_printf(stage->arena, "api-keys/%s.key", party)), stage->arena, &key, error));
	key[strcspn(key, "\n")] = '\0';
	return arena_printf(stage->arena, "Bearer %s", key);
}

const char *stage_ask(struct stage *stage, const char *method, const char *path, const char *party, const char *type, struct bytes body)
{
	const struct http_header headers[] = { { "Authorization", stage_key(stage, party) }, { "Content-Type", type } };
	struct http_call call = { .method = method, .url = stage_url(stage, path), .headers = headers, .n_headers = type ? 2 : 1, .body = body,
		                  .private_hosts = local, .plain_hosts = local, .ca_file = stage_file(stage, "tls/ca.pem"), .answer_limit = 64 << 20,
		                  .total_ms = 120000 };
	struct http_outcome outcome;
	bench_must(http_client_call(stage->client, &call, stage->arena, &outcome, error));
	if (outcome.status / 100 == 2)
		return (const char *)outcome.body.data;
	fprintf(stderr, "bench: %s %s: %d %s\n", method, path, outcome.status, (const char *)outcome.body.data);
	exit(1);
}

long stage_number(const char *answer, const char *name)
{
	char wanted[80];
	snprintf(wanted, sizeof wanted, "\"%s\":", name);
	const char *at = strstr(answer, wanted);
	return at ? atol(at + strlen(wanted)) : -1;
}

void stage_quiet(struct stage *stage)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	for (int i = 0; i < 6000; i++) {
		const char *status = stage_ask(stage, "GET", "/v1/status", "admin-1", NULL, (struct bytes){ 0 });
		if (stage_number(strstr(status, "\"pending\""), "containers") == 0)
			return;
		nanosleep(&pause, NULL);
	}
	fail("the gateway did not come to rest in ten minutes");
}

double process_cpu(pid_t pid)
{
	ARENA_AUTO arena = arena_new();
	char *text;
	unsigned long user = 0, system = 0;
	bench_must(file_read_text(arena_printf(arena, "/proc/%d/stat", (int)pid), arena, &text, error));
	const char *after = strrchr(text, ')');
	must(after && sscanf(after + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) == 2);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

double process_rss(pid_t pid)
{
	ARENA_AUTO arena = arena_new();
	char *text;
	bench_must(file_read_text(arena_printf(arena, "/proc/%d/status", (int)pid), arena, &text, error));
	const char *at = strstr(text, "VmHWM:");
	return at ? (double)atol(at + strlen("VmHWM:")) / 1024 : 0;
}
