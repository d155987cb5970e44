/* Arguments against the rows of a command. */
#include <stdarg.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "sealgate/command.h"

int usage_fail(struct run *run, struct error *error, const char *format, ...)
{
	char text[sizeof error->text];
	va_list list;
	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	run->failure = EXIT_USAGE;
	return error_set(error, ERROR_BAD_REQUEST, "%s", text);
}

static int option_read(struct run *run, int argc, char **argv, int *at, struct error *error)
{
	const char *name = argv[*at] + 2, *equals = strchr(name, '=');
	size_t size = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_row *row;
	size_t i = 0;
	while ((row = command_option(run->command, i)) && (strlen(row->name) != size || strncmp(row->name, name, size) != 0))
		i++;
	if (!row)
		return usage_fail(run, error, "\"%s\" takes no option \"--%.*s\"; see sealgate %s --help", run->command->name, (int)size, name, run->command->name);
	const char *before = run->values[i];
	if (before && !(row->value && text_ends(row->value, "...")))
		return usage_fail(run, error, "option \"--%s\" is given twice", row->name);
	bool may_lack = row->value && *row->value == '[';
	if (!row->value && equals)
		return usage_fail(run, error, "option \"--%s\" takes no value", row->name);
	if (!row->value || (may_lack && !equals))
		run->values[i] = "";
	else if (equals)
		run->values[i] = equals + 1;
	else if (*at + 1 < argc)
		run->values[i] = argv[++*at];
	else
		return usage_fail(run, error, "option \"--%s\" needs a value: %s", row->name, row->value);
	if (before)
		run->values[i] = arena_printf(run->arena, "%s\n%s", before, run->values[i]);
	return 0;
}

static int operands_check(struct run *run, struct error *error)
{
	const struct command *c = run->command;
	if (run->operand_count < c->least)
		return usage_fail(run, error, "\"%s\" needs %s; see sealgate %s --help", c->name, c->operands, c->name);
	if (run->operand_count > c->most)
		return usage_fail(run, error, "\"%s\" takes no \"%.100s\"; see sealgate %s --help", c->name, run->operands[c->most], c->name);
	return 0;
}

int arguments_read(struct run *run, int argc, char **argv, struct error *error)
{
	size_t count = 0;
	while (command_option(run->command, count))
		count++;
	run->values = arena_array(run->arena, count + 1, sizeof *run->values);
	const char **operands = arena_array(run->arena, (size_t)argc + 1, sizeof *operands);
	run->operands = operands;
	run->operand_count = 0;
	for (int i = 0; i < argc; i++) {
		if (text_equal(argv[i], "--")) {
			while (++i < argc)
				operands[run->operand_count++] = argv[i];
		} else if (text_starts(argv[i], "--")) {
			TRY(option_read(run, argc, argv, &i, error));
		} else if (argv[i][0] == '-' && argv[i][1]) {
			return usage_fail(run, error, "options have long names: \"%s\" is none; see sealgate %s --help", argv[i], run->command->name);
		} else {
			operands[run->operand_count++] = argv[i];
		}
	}
	if (run_has(run, "help"))
		return 0;
	run->json = run->command->groups & GIVES_JSON && run_has(run, "json");
	return operands_check(run, error);
}

const char *run_option(const struct run *run, const char *name)
{
	const struct option_row *row;
	for (size_t i = 0; (row = command_option(run->command, i)); i++)
		if (text_equal(row->name, name))
			return run->values[i];
	bug("an option without a row");
}

bool run_has(const struct run *run, const char *name)
{
	return run_option(run, name) != NULL;
}

int run_number(struct run *run, const char *name, int64_t least, int64_t most, int64_t otherwise, int64_t *value_r, struct error *error)
{
	const char *text = run_option(run, name);
	struct error ignored = { 0 };
	*value_r = otherwise;
	if (text && text_integer(text, least, most, value_r, &ignored) < 0)
		return usage_fail(run, error, "option \"--%s\" is a number from %lld to %lld, not \"%.60s\"", name, (long long)least, (long long)most, text);
	return 0;
}

int run_time(struct run *run, const char *name, int64_t otherwise, int64_t *ms_r, struct error *error)
{
	const char *text = run_option(run, name);
	struct error ignored = { 0 };
	*ms_r = otherwise;
	if (text && clock_parse(text, ms_r, &ignored) < 0)
		return usage_fail(run, error, "option \"--%s\" is a time such as 2016-02-03T01:48:21Z, not \"%.60s\"", name, text);
	return 0;
}
