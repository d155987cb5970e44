#include "sealgate/check.h"

#include <string.h>

#include "lib/base/text.h"
#include "model/settings.h"
#include "sealgate/output.h"

static const char *type_of(const struct config_row *row, struct arena *arena)
{
	static const char *const names[] = { [CONFIG_TEXT] = "text", [CONFIG_INTEGER] = "number", [CONFIG_DECIMAL] = "decimal", [CONFIG_BOOL] = "true or false",
		                             [CONFIG_DURATION] = "time span", [CONFIG_SIZE] = "size", [CONFIG_TIME] = "time", [CONFIG_CHOICE] = "choice",
		                             [CONFIG_TEXTS] = "list", [CONFIG_FILE] = "file", [CONFIG_PATH] = "path", [CONFIG_GROUP] = "group" };
	if (!row->choices)
		return names[row->type];
	BUFFER_AUTO out = { 0 };
	buffer_add_text(&out, row->type == CONFIG_TEXTS ? "list of " : "");
	for (const char *at = row->choices; *at;) {
		size_t n = strcspn(at, " ");
		buffer_printf(&out, "%.*s", (int)n, at);
		at += n;
		if (*at) {
			buffer_add_text(&out, strchr(at + 1, ' ') ? ", " : " or ");
			at++;
		}
	}
	return arena_text(arena, buffer_text(&out));
}

static void print_text(struct run *run, const struct config_row *rows, size_t count)
{
	static const char *const titles[] = { "SETTING", "TYPE", "DEFAULT", "MEANING", NULL };
	struct table *table = table_new(run, titles);
	for (size_t i = 0; i < count; i++)
		table_add(table, (const char *[]){ rows[i].path, type_of(&rows[i], run->arena), rows[i].required ? "(required)" : rows[i].otherwise, rows[i].help });
	table_write(table);
}

static void print_mdoc(struct run *run, const struct config_row *rows, size_t count)
{
	FILE *out = run->out;
	fputs(".Bl -tag -width Ds\n", out);
	for (size_t i = 0; i < count; i++) {
		BUFFER_AUTO more = { 0 };
		fputs(".It Cm ", out);
		mdoc_write(out, rows[i].path);
		mdoc_write(out, arena_printf(run->arena, "%s.", rows[i].help));
		if (rows[i].type == CONFIG_GROUP)
			continue;
		buffer_printf(&more, "Type: %s%s%s%s.", type_of(&rows[i], run->arena), rows[i].required ? "; required" : "",
		              rows[i].otherwise ? "; default: " : "", rows[i].otherwise ? rows[i].otherwise : "");
		mdoc_write(out, buffer_text(&more));
	}
	fputs(".El\n", out);
}

int settings_print(struct run *run, const char *table, const char *form, struct error *error)
{
	bool mdoc = text_equal(form, "mdoc"), both = !*table;
	if (!mdoc && !text_equal(form, "text"))
		return usage_fail(run, error, "option \"--format\" is text or mdoc, not \"%.60s\"", form);
	if (!both && !text_equal(table, "sealgate.yaml") && !text_equal(table, "agreement"))
		return usage_fail(run, error, "option \"--settings\" is of sealgate.yaml or agreement, not of \"%.60s\"", table);
	if (both || text_equal(table, "sealgate.yaml"))
		(mdoc ? print_mdoc : print_text)(run, settings_rows, settings_row_count);
	if (both || text_equal(table, "agreement"))
		(mdoc ? print_mdoc : print_text)(run, agreement_rows, agreement_row_count);
	return EXIT_GOOD;
}
