/* sealgated: the gateway as a program. Opens it, waits for a signal, closes it. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/heap.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sealgated/node.h"
#include "sealgated/ready.h"

#define TICK_MS 1000

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
	        "sealgated(8) tells more. It stops on SIGTERM and SIGINT, after it has finished what is under way.\n");
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

/* Until a signal says stop. */
static void wait_and_tick(struct node *node, const sigset_t *signals)
{
	int64_t watchdog = ready_watchdog_ms(), told = clock_mono_ms();
	for (;;) {
		struct timespec wait = { .tv_sec = TICK_MS / 1000 };
		int got = sigtimedwait(signals, NULL, &wait);
		if (got == SIGTERM || got == SIGINT) {
			log_info("stop", NULL, "%s: finishing what is under way", strsignal(got));
			return;
		}
		node_tick(node);
		if (watchdog && clock_mono_ms() - told >= watchdog) {
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

static int serve(const struct settings *settings, const struct options *options, const sigset_t *signals)
{
	struct node_options wanted = { .settings = settings, .play = options->play };
	struct node *node;
	struct error error = { 0 };
	if (node_open(&wanted, &node, &error) < 0) {
		fprintf(stderr, "sealgated: not started: %s%s%s\n", error.text, *error.place ? " at " : "", error.place);
		return EXIT_NOT_STARTED;
	}
	log_info("start", NULL, "version %s, mapping set %.12s", SEALGATE_VERSION, map_set_digest(node->set));
	if (store_delivery_held(node->store))
		log_warning("start", NULL, "the store comes from a backup: nothing is delivered until an operator says so (sealgate status)");
	say_ready(settings, node);
	wait_and_tick(node, signals);
	ready_tell("STOPPING=1");
	node_close(&node);
	log_info("stop", NULL, "stopped");
	return EXIT_STOPPED;
}

int main(int argc, char **argv)
{
	struct options options;
	sigset_t signals;
	struct error error = { 0 };
	heap_prepare();
	if (options_read(argc, argv, &options) < 0)
		return EXIT_USAGE;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);  /* before any thread: all of them inherit it */
	signal(SIGPIPE, SIG_IGN);
	log_open("sealgated", 2, options.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	ARENA_AUTO arena = arena_new();
	struct settings *settings = settings_read(options.config, arena);
	if (!settings)
		return EXIT_NOT_STARTED;
	int result = EXIT_STOPPED;
	if (!options.check) {
		result = serve(settings, &options, &signals);
	} else if (node_try(settings, &error) < 0) {
		fprintf(stderr, "sealgated: %s%s%s\n", error.text, *error.place ? " at " : "", error.place);
		result = EXIT_NOT_STARTED;
	}
	settings_free(&settings);
	return result;
}
