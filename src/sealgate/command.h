/* command: what `sealgate` can do, as a table. The rows of a command are the only list of its options: the parser takes
 * them, --help prints them, and the manual page is held against them.
 */
#ifndef SEALGATE_SEALGATE_COMMAND_H
#define SEALGATE_SEALGATE_COMMAND_H

#include <stdio.h>

#include "lib/base/arena.h"
#include "lib/json/json.h"

/* Exit codes, the same for every command. */
enum exit_code {
	EXIT_GOOD = 0,
	EXIT_FAILED = 1,       /* it failed, or the answer is no */
	EXIT_USAGE = 2,        /* called wrongly */
	EXIT_UNREACHABLE = 3,  /* the gateway, or a peer, cannot be reached */
	EXIT_REFUSED = 4,      /* the gateway answered, and refused */
};

struct option_row {
	const char *name;      /* "key-file" */
	const char *value;     /* "FILE"; "[=NAME]": may be left out; "FILE...": may be given again, told joined by line feeds; NULL: a flag */
	const char *help;
};

struct run;

enum { ASKS_GATEWAY = 1, ASKS_CONFIG = 2, GIVES_JSON = 4 };  /* groups of options that several commands share */

struct command {
	const char *name;
	const char *operands;  /* "FILE", "DIR", "[ID]"; "" where there is none */
	size_t least, most;    /* how many operands */
	unsigned groups;
	const char *help;      /* one line */
	const char *more;      /* a paragraph */
	const struct option_row *rows;  /* ends with a row without a name; NULL: none of its own */
	/* The exit code, or -1 with the error. */
	int (*run)(struct run *run, struct error *error);
};

extern const struct command commands[];
extern const size_t command_count;
const struct command *command_find(const char *name);
/* The command's options, shared ones last; NULL past the end. */
const struct option_row *command_option(const struct command *command, size_t index);

/* One call of the program. */
struct run {
	const struct command *command;
	struct arena *arena;
	const char *const *operands;
	size_t operand_count;
	const char **values;   /* beside the command's options; NULL: not given, "": a flag */
	FILE *out, *err;
	bool json;             /* --json */
	bool colour;           /* `out` is a terminal, and NO_COLOR is not set */
	bool live;             /* `err` is a terminal: progress may be drawn over itself */
	enum exit_code failure;/* what -1 means, EXIT_FAILED unless told */
};

const char *run_option(const struct run *run, const char *name);  /* NULL: not given */
bool run_has(const struct run *run, const char *name);
/* A whole number; fails as a wrong call. */
int run_number(struct run *run, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *value_r, struct error *error) must_use;
int run_time(struct run *run, const char *name, int64_t otherwise, int64_t *ms_r, struct error *error) must_use;
/* "Called wrongly": sets the exit code; returns -1. */
int usage_fail(struct run *run, struct error *error, const char *format, ...) printf_like(3, 4);

/* Reads the arguments, runs the command, says what failed. Returns the exit code. */
int program_run(int argc, char **argv, FILE *out, FILE *err);
/* Of argv behind the command's name; fails as a wrong call. */
int arguments_read(struct run *run, int argc, char **argv, struct error *error) must_use;

/* help.c */
void help_program(FILE *out);
void help_command(FILE *out, const struct command *command);
/* Text in mdoc: escaped, wrapped, a sentence on its own line, with a line feed at the end. */
void mdoc_write(FILE *out, const char *text);
void help_mdoc(FILE *out);  /* the part of the manual page that lists the commands */

typedef int command_fn(struct run *run, struct error *error);
command_fn command_init, command_check, command_token, command_authorize, command_ping, command_send, command_play, command_try, command_explain, command_verify,
	command_events, command_findings, command_messages, command_notices, command_documents, command_show, command_resend, command_withdraw,
	command_acknowledge, command_reply, command_status, command_release, command_subscribe, command_listen, command_backup;
extern const struct option_row init_options[], check_options[], token_options[], authorize_options[], send_options[], play_options[], try_options[],
	explain_options[], verify_options[], list_options[], withdraw_options[], reply_options[], subscribe_options[], listen_options[], show_options[];

#endif
