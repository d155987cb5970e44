/* sealgated: the gateway as a program. Opens it, waits for a signal, closes it. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/descriptors.h"
#include "lib/base/heap.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sealgated/node.h"
#include "sealgated/ready.h"

#define TICK_MS 1000
#define LISTEN_TRIES 30  /* a tenth of a second apart */
#define OTHER_FILES 256  /* beside clients' connections: the store, peers, subscribers */

enum { EXIT_STOPPED = 0, EXIT_NOT_STARTED = 1, EXIT_USAGE = 2 };

static void usage(FILE *out)
{
	fprintf(out, "usage: sealgated [--config FILE] [--play-clock] [--check] [--debug]\n"
	        "\n"
	        "  --config FILE   settings; " SEALGATE_SYSCONFDIR "/sealgate.yaml where it is not said\n"
	        "  --play-clock    PUT /v1/clock moves the gateway's clock: to play a voyage of the past\n"
	        "  --check         say everything that is wrong with the settings, and end\n"
	        "  --debug         log more\n"
	        "  --version, --help\n"
	        "\n"
	        "sealgated(8) tells more. It stops on SIGTERM and SIGINT, after it has finished what is under way; on SIGHUP it\n"
	        "reads its settings again, and all that they name.\n");
}

struct options {
	const char *config;
	bool play, check, debug;
};

static int options_read(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{ "config", required_argument, NULL, 'c' }, { "play-clock", no_argument, NULL, 'p' }, { "check", no_argument, NULL, 'k' },
		{ "debug", no_argument, NULL, 'd' }, { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' }, { 0 },
	};
	*options = (struct options){ .config = SEALGATE_SYSCONFDIR "/sealgate.yaml" };
	for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
		switch (c) {
		case 'c':
			options->config = optarg;
			break;
		case 'p':
			options->play = true;
			break;
		case 'k':
			options->check = true;
			break;
		case 'd':
			options->debug = true;
			break;
		case 'h':
			usage(stdout);
			exit(EXIT_STOPPED);
		case 'v':
			printf("sealgated %s\n", SEALGATE_VERSION);
			exit(EXIT_STOPPED);
		default:
			usage(stderr);
			return -1;
		}
	}
	if (optind == argc)
		return 0;
	fprintf(stderr, "sealgated: \"%s\" is no option\n", argv[optind]);
	return -1;
}

static struct settings *settings_read(const char *path, struct arena *arena)
{
	struct config_problems problems = { .arena = arena };
	struct settings *settings = settings_load(path, &problems);
	for (size_t i = 0; i < problems.count; i++)
		fprintf(stderr, "%s: %s\n", problems.items[i].place, problems.items[i].text);
	if (!settings)
		fprintf(stderr, "sealgated: not started: %zu problem%s in \"%s\" and what it names\n", problems.count, problems.count == 1 ? "" : "s", path);
	return settings;
}

/* ---- one gateway after the other ---- */

/* What lives longer than one opening of the gateway. */
struct run {
	const struct options *options;
	sigset_t signals;
	int listener;              /* who comes between two openings waits in its queue */
	struct settings *settings;
	struct arena *arena;       /* of their texts */
	char note[400];            /* of the last reload; "": it went well */
};

/* Until a signal says stop, or read again: which it was. 0: it is that late (clock_mono_ms()). */
static int wait_and_tick(struct node *node, const sigset_t *signals, int64_t until_ms)
{
	int64_t watchdog = ready_watchdog_ms(), told = clock_mono_ms();
	for (;;) {
		int64_t left = until_ms - clock_mono_ms(), ms = left < TICK_MS ? left : TICK_MS;
		struct timespec wait = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };
		if (left <= 0)
			return 0;
		int got = sigtimedwait(signals, NULL, &wait);
		if (got > 0)
			return got;
		node_tick(node);
		if (watchdog && clock_mono_ms() - told >= watchdog && node_alive(node)) {
			ready_tell("WATCHDOG=1");
			told = clock_mono_ms();
		}
	}
}

static void say_ready(const struct settings *s, const struct node *node)
{
	bool v6 = strchr(s->address, ':');
	printf("sealgated: ready on %s://%s%s%s:%u\n", s->certificate_file ? "https" : "http", v6 ? "[" : "", s->address, v6 ? "]" : "",
	       node_port(node));
	fflush(stdout);
	ready_tell("READY=1");
}

static void allow_connections(const struct settings *s)
{
	long wanted = (long)s->connections + OTHER_FILES, allowed = descriptors_allow(wanted);
	if (allowed < wanted)
		log_warning("start", NULL, "at most %ld files may be open (ulimit -n), %u connections need %ld: raise the one, or lower listen.connections",
		            allowed, s->connections, wanted);
}

static int open_node(struct run *run, struct node **node_r)
{
	struct node_options wanted = { .settings = run->settings, .play = run->options->play, .listener = run->listener,
		                       .note = *run->note ? run->note : NULL };
	struct error error = { 0 };
	allow_connections(run->settings);
	if (node_open(&wanted, node_r, &error) == 0)
		return 0;
	log_error("start", NULL, "not started: %s%s%s", error.text, *error.place ? " at " : "", error.place);
	fprintf(stderr, "sealgated: not started: %s%s%s\n", error.text, *error.place ? " at " : "", error.place);
	return -1;
}

/* ---- reload ---- */

static void reload_fails(struct run *run, const char *why)
{
	snprintf(run->note, sizeof run->note, "the settings were not read again, and the earlier ones hold on: %.300s", why);
	log_error("reload", NULL, "%s", run->note);
}

/* What cannot change while the process lives. */
static const char *fixed_change(const struct settings *old, const struct settings *new)
{
	if (!text_equal(old->address, new->address) || old->port != new->port)
		return "\"listen.address\" and \"listen.port\" change with a restart";
	return text_equal(old->store, new->store) ? NULL : "\"store\" changes with a restart";
}

/* The new settings, if all that they name can be used, with their texts in the arena; NULL: the earlier ones hold on. */
static struct settings *settings_again(struct run *run, struct arena *arena)
{
	struct config_problems problems = { .arena = arena };
	struct error error = { 0 };
	struct settings *new = settings_load(run->options->config, &problems);
	for (size_t i = 0; i < problems.count; i++)
		log_error("reload", NULL, "%s: %s", problems.items[i].place, problems.items[i].text);
	if (!new) {
		reload_fails(run, problems.count ? arena_printf(arena, "%s: %s", problems.items[0].place, problems.items[0].text) : "they cannot be read");
		return NULL;
	}
	const char *fixed = fixed_change(run->settings, new);
	if (!fixed && node_try(new, &error) == 0)
		return new;
	reload_fails(run, fixed ? fixed : error.text);
	settings_free(&new);
	return NULL;
}

/* A gateway with the new settings takes the place of the one with the old: what is under way is finished first, and who comes
 * meanwhile waits. false: there is no gateway any more. */
static bool reload(struct run *run, struct node **node)
{
	struct arena *arena = arena_new(), *old_arena = run->arena;
	struct settings *new = settings_again(run, arena), *old = run->settings;
	if (!new) {
		node_note(*node, run->note);
		arena_free(&arena);
		return true;
	}
	log_info("reload", NULL, "settings are read again: finishing what is under way");
	ready_tell("RELOADING=1");
	node_close(node);
	*run->note = '\0';
	run->settings = new;
	run->arena = arena;
	if (open_node(run, node) < 0) {
		run->settings = old;
		run->arena = old_arena;
		reload_fails(run, "the gateway did not start with them");
		settings_free(&new);
		arena_free(&arena);
		if (open_node(run, node) < 0)
			return false;
	} else {
		settings_free(&old);
		arena_free(&old_arena);
		log_info("reload", NULL, "the new settings hold, mapping set %.12s", map_set_digest((*node)->set));
	}
	ready_tell("READY=1");
	return true;
}

/* Whoever spreads requests over several gateways asks /readyz now and then, and learns of the stop before the port is closed. A second
 * signal to stop ends the wait. */
static void drain(const struct run *run, struct node *node)
{
	int64_t until = clock_mono_ms() + run->settings->drain_ms;
	if (run->settings->drain_ms == 0)
		return;
	log_info("stop", NULL, "not ready any more: others have %lld ms to notice", (long long)run->settings->drain_ms);
	node_drain(node);
	while (wait_and_tick(node, &run->signals, until) == SIGHUP)
		;
}

static int serve(struct run *run)
{
	struct node *node;
	if (open_node(run, &node) < 0)
		return EXIT_NOT_STARTED;
	log_info("start", NULL, "version %s, mapping set %.12s", SEALGATE_VERSION, map_set_digest(node->set));
	if (store_delivery_held(node->store))
		log_warning("start", NULL, "the store comes from a backup: nothing is delivered until an operator says so (sealgate status)");
	say_ready(run->settings, node);
	for (int got; (got = wait_and_tick(node, &run->signals, INT64_MAX)) == SIGHUP;)
		if (!reload(run, &node))
			return EXIT_NOT_STARTED;
	ready_tell("STOPPING=1");
	drain(run, node);
	log_info("stop", NULL, "finishing what is under way");
	node_close(&node);
	log_info("stop", NULL, "stopped");
	return EXIT_STOPPED;
}

/* One that was killed a moment ago may still hold the port: that passes. */
static int listen_patiently(struct run *run, struct error *error)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	for (int tries = 0; http_listener_open(run->settings->address, run->settings->port, &run->listener, error) < 0; tries++) {
		if (tries == LISTEN_TRIES)
			return -1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int start(struct run *run)
{
	struct error error = { 0 };
	if (listen_patiently(run, &error) < 0) {
		fprintf(stderr, "sealgated: not started: %s\n", error.text);
		return EXIT_NOT_STARTED;
	}
	int result = serve(run);
	close(run->listener);
	return result;
}

int main(int argc, char **argv)
{
	struct options options;
	struct run run = { .options = &options };
	struct error error = { 0 };
	heap_prepare();
	if (options_read(argc, argv, &options) < 0)
		return EXIT_USAGE;
	sigemptyset(&run.signals);
	sigaddset(&run.signals, SIGTERM);
	sigaddset(&run.signals, SIGINT);
	sigaddset(&run.signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &run.signals, NULL);  /* before any thread: all of them inherit it */
	signal(SIGPIPE, SIG_IGN);
	log_open("sealgated", 2, options.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	run.arena = arena_new();
	run.settings = settings_read(options.config, run.arena);
	if (!run.settings) {
		arena_free(&run.arena);
		return EXIT_NOT_STARTED;
	}
	int result = EXIT_STOPPED;
	if (!options.check) {
		result = start(&run);
	} else if (node_try(run.settings, &error) < 0) {
		fprintf(stderr, "sealgated: %s%s%s\n", error.text, *error.place ? " at " : "", error.place);
		result = EXIT_NOT_STARTED;
	}
	settings_free(&run.settings);
	arena_free(&run.arena);
	return result;
}
