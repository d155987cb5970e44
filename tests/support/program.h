/* program: runs sealgate's commands inside a test, and keeps what they say. */
#ifndef SEALGATE_TESTS_SUPPORT_PROGRAM_H
#define SEALGATE_TESTS_SUPPORT_PROGRAM_H

#include <check.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sealgate/command.h"

struct said {
	int code;
	char *out, *err;   /* heap */
};

static inline void said_clear(struct said *said)
{
	free(said->out);
	free(said->err);
}
#define SAID __attribute__((unused, cleanup(said_clear))) struct said

/* program("check", "--config", path, NULL) */
static inline struct said program(const char *command, ...) __attribute__((sentinel));
static inline struct said program(const char *command, ...)
{
	char *argv[64] = { (char *)(uintptr_t)"sealgate", (char *)(uintptr_t)command };
	int argc = 2;
	va_list list;
	va_start(list, command);
	while (argc < 63 && (argv[argc] = va_arg(list, char *)))
		argc++;
	va_end(list);
	struct said said = { 0 };
	size_t n;
	FILE *out = open_memstream(&said.out, &n), *err = open_memstream(&said.err, &n);
	said.code = program_run(argc, argv, out, err);
	fclose(out);
	fclose(err);
	return said;
}

#define says(text, part)                                                                        \
	do {                                                                                    \
		if (!strstr(text, part))                                                        \
			ck_abort_msg("\"%s\" is not in:\n%s", part, text);                      \
	} while (0)

#define ended(said, wanted)                                                                                      \
	do {                                                                                                     \
		if ((said).code != (wanted))                                                                     \
			ck_abort_msg("exit code %d, not %d\n%s%s", (said).code, wanted, (said).out, (said).err);   \
	} while (0)

#endif
