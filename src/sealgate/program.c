/* From arguments to an exit code. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "sealgate/command.h"

static bool is_terminal(FILE *stream)
{
	int fd = fileno(stream);
	return fd >= 0 && isatty(fd);
}

static void say_error(struct run *run, const struct error *error)
{
	BUFFER_AUTO text = { 0 };
	buffer_printf(&text, "sealgate: ");
	text_escape_for_person(&text, error->text);
	if (*error->place) {
		buffer_add_text(&text, " [");
		text_escape_for_person(&text, error->place);
		buffer_add_text(&text, "]");
	}
	if (*error->field) {
		buffer_add_text(&text, " (field ");
		text_escape_for_person(&text, error->field);
		buffer_add_text(&text, ")");
	}
	fprintf(run->err, "%s\n", buffer_text(&text));
}

static int help_asked(int argc, char **argv, FILE *out, FILE *err)
{
	const struct command *command = argc > 2 ? command_find(argv[2]) : NULL;
	if (argc > 2 && text_equal(argv[2], "--mdoc"))
		help_mdoc(out);
	else if (command)
		help_command(out, command);
	else if (argc > 2) {
		fprintf(err, "sealgate: there is no command \"%s\"\n", argv[2]);
		return EXIT_USAGE;
	} else
		help_program(out);
	return EXIT_GOOD;
}

static int command_run(int argc, char **argv, FILE *out, FILE *err)
{
	ARENA_AUTO arena = arena_new();
	struct error error = { 0 };
	if (argc < 2) {
		help_program(err);
		return EXIT_USAGE;
	}
	if (text_equal(argv[1], "help") || text_equal(argv[1], "--help"))
		return help_asked(argc, argv, out, err);
	if (text_equal(argv[1], "--version")) {
		fprintf(out, "sealgate %s\n", SEALGATE_VERSION);
		return EXIT_GOOD;
	}
	const struct command *command = command_find(argv[1]);
	if (!command) {
		fprintf(err, "sealgate: there is no command \"%s\"; sealgate help lists them\n", argv[1]);
		return EXIT_USAGE;
	}
	const char *no_colour = getenv("NO_COLOR");
	struct run run = { .command = command, .arena = arena, .out = out, .err = err, .colour = is_terminal(out) && text_empty(no_colour),
		           .live = is_terminal(err), .failure = EXIT_FAILED };
	int code = arguments_read(&run, argc - 2, argv + 2, &error);
	if (code == 0 && run_has(&run, "help"))
		help_command(out, command);
	else if (code == 0)
		code = command->run(&run, &error);
	if (code < 0) {
		say_error(&run, &error);
		code = (int)run.failure;
	}
	return code;
}

/* Output that is not all there is no success. Who closed a pipe has seen enough, and is told nothing. */
static int output_end(FILE *out, FILE *err, int code)
{
	bool flushed = fflush(out) == 0;
	const char *why = flushed ? "a write before the last one failed" : strerror(errno);
	struct pollfd reader = { .fd = fileno(out) };
	if ((flushed && !ferror(out)) || code != EXIT_GOOD)
		return code;
	if (reader.fd < 0 || poll(&reader, 1, 0) != 1 || !(reader.revents & POLLERR))
		fprintf(err, "sealgate: cannot write the output: %s\n", why);
	return EXIT_FAILED;
}

int program_run(int argc, char **argv, FILE *out, FILE *err)
{
	return output_end(out, err, command_run(argc, argv, out, err));
}
