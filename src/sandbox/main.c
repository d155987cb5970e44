/* sealgate-sandbox: options, start, stop. sealgate-sandbox(8) is its manual. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/hub.h"
#include "sandbox/sandbox.h"

struct options {
	const char *config, *scenario;
	int port;                /* -1: as the configuration says */
	bool report;
};

static void help(FILE *out)
{
	fputs("usage: sealgate-sandbox [--config FILE] [--scenario NAME[,NAME...]] [--port N]\n"
	      "       sealgate-sandbox --report [--config FILE]\n"
	      "       sealgate-sandbox --scenarios | --help | --version\n"
	      "\n"
	      "A customs risk system to try a gateway against: takes WCO declarations over REST, and as a\n"
	      "hub over AS4, checks their signatures, and answers them.\n"
	      "\n"
	      "  --config FILE     its configuration; " SEALGATE_SYSCONFDIR "/sandbox.yaml where it is not said\n"
	      "  --scenario NAMES  how it behaves, instead of what the configuration says\n"
	      "  --port N          where it listens, instead of what the configuration says; 0: any free port\n"
	      "  --report          says what the hub has seen of each peer: which message broke which clause\n"
	      "  --scenarios       lists the scenarios\n"
	      "\n"
	      "It says \"sealgate-sandbox: ready on URL\" on its output when it is, and what happens on its\n"
	      "error output. The manual is sealgate-sandbox(8).\n", out);
}

static int wrong(const char *text)
{
	fprintf(stderr, "sealgate-sandbox: %s; --help says how it is used\n", text);
	return EX_USAGE;
}

/* -1: go on; else the exit status. */
static int options_read(int argc, char **argv, struct options *o)
{
	static const struct option table[] = { { "config", required_argument, NULL, 'c' },  { "scenario", required_argument, NULL, 's' },
		                               { "port", required_argument, NULL, 'p' },    { "scenarios", no_argument, NULL, 'l' },
		                               { "report", no_argument, NULL, 'r' },
		                               { "help", no_argument, NULL, 'h' },          { "version", no_argument, NULL, 'v' },
		                               { 0 } };
	int64_t port;
	for (int c; (c = getopt_long(argc, argv, "", table, NULL)) != -1;) {
		switch (c) {
		case 'c':
			o->config = optarg;
			break;
		case 's':
			o->scenario = optarg;
			break;
		case 'p':
			if (text_integer(optarg, 0, 65535, &port, NULL) < 0)
				return wrong("--port takes a number from 0 to 65535");
			o->port = (int)port;
			break;
		case 'l':
			scenarios_print(stdout);
			return EXIT_SUCCESS;
		case 'r':
			o->report = true;
			break;
		case 'h':
			help(stdout);
			return EXIT_SUCCESS;
		case 'v':
			puts("sealgate-sandbox " SEALGATE_VERSION);
			return EXIT_SUCCESS;
		default:
			return wrong("this cannot be understood");
		}
	}
	return optind < argc ? wrong("there is nothing to name but options") : -1;
}

static int run(const struct setup *setup)
{
	struct sandbox *sandbox;
	struct error error = { 0 };
	sigset_t ends;
	int got;
	/* Before any thread starts: all of them leave these to us. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (sandbox_start(setup, &sandbox, &error) < 0) {
		log_error("start", NULL, "%s%s%s", *error.place ? error.place : "", *error.place ? ": " : "", error.text);
		return EXIT_FAILURE;
	}
	bool colon = strchr(setup->address, ':') != NULL;
	printf("sealgate-sandbox: ready on %s://%s%s%s:%u\n", setup->certificate_file ? "https" : "http", colon ? "[" : "", setup->address, colon ? "]" : "",
	       (unsigned)sandbox_port(sandbox));
	fflush(stdout);
	for (int i = 0; i < SCENARIOS; i++)
		if (setup->scenarios.on[i])
			log_info("scenario", NULL, "scenario %s", scenario_name((enum scenario)i));
	sigwait(&ends, &got);
	sandbox_stop(&sandbox);
	return EXIT_SUCCESS;
}

static int report(const struct setup *setup)
{
	BUFFER_AUTO out = { 0 };
	struct error error = { 0 };
	if (!setup->hub)
		fputs("sealgate-sandbox: there is no \"hub\" in the configuration, so there is nothing to report on\n", stderr);
	else if (hub_report(setup->hub, &out, &error) < 0)
		fprintf(stderr, "sealgate-sandbox: %s\n", error.text);
	else
		return fwrite(buffer_text(&out), 1, out.size, stdout) == out.size ? EXIT_SUCCESS : EXIT_FAILURE;
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct options options = { .config = SEALGATE_SYSCONFDIR "/sandbox.yaml", .port = -1 };
	struct error error = { 0 };
	ARENA_AUTO arena = arena_new();
	struct config_problems problems = { .arena = arena };
	int status = options_read(argc, argv, &options);
	if (status >= 0)
		return status;
	log_open_plain("sealgate-sandbox", LOG_LEVEL_INFO);
	struct setup *setup = setup_load(options.config, &problems);
	for (size_t i = 0; i < problems.count; i++)
		fprintf(stderr, "sealgate-sandbox: %s: %s\n", problems.items[i].place, problems.items[i].text);
	if (!setup)
		return EX_CONFIG;
	if (options.port >= 0)
		setup->port = (uint16_t)options.port;
	if (options.scenario && scenarios_read(options.scenario, &setup->scenarios, &error) < 0) {
		setup_free(&setup);
		return wrong(error.text);
	}
	status = options.report ? report(setup) : run(setup);
	setup_free(&setup);
	return status;
}
