/* What a person asks for with --help, and the same for the manual page. */
#include <string.h>

#include "lib/base/text.h"
#include "sealgate/command.h"

void help_program(FILE *out)
{
	fputs("usage: sealgate COMMAND [OPTION]... [OPERAND]...\n\n", out);
	for (size_t i = 0; i < command_count; i++)
		fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].help);
	fputs("\nsealgate COMMAND --help tells more; sealgate(1) everything.\n"
	      "exit codes: 0 good, 1 failed or \"no\", 2 called wrongly, 3 not reachable, 4 refused by the gateway\n", out);
}

/* Wrapped at 78 columns. */
static void paragraph(FILE *out, const char *text)
{
	size_t column = 0;
	while (*text) {
		size_t n = strcspn(text, " ");
		if (column && column + 1 + n > 78) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s", column ? " " : "", (int)n, text);
		text += n + (text[n] == ' ');
	}
	fputc('\n', out);
}

void help_command(FILE *out, const struct command *c)
{
	const struct option_row *row;
	fprintf(out, "usage: sealgate %s [OPTION]...%s%s\n%s\n", c->name, *c->operands ? " " : "", c->operands, c->help);
	if (c->more) {
		fputc('\n', out);
		paragraph(out, c->more);
	}
	fputc('\n', out);
	for (size_t i = 0; (row = command_option(c, i)); i++) {
		char left[64];
		bool may_lack = row->value && *row->value == '[';
		snprintf(left, sizeof left, "--%s%s%s", row->name, row->value && !may_lack ? " " : "", row->value ? row->value : "");
		fprintf(out, "  %-24s %s\n", left, row->help);
	}
}

static size_t mdoc_word(FILE *out, const char *word, size_t size, bool first)
{
	size_t column = 0;
	if (first && size && (*word == '.' || *word == '\''))
		column += (size_t)fprintf(out, "\\&");
	for (size_t i = 0; i < size; i++)
		if (word[i] == '\\' || word[i] == '-')
			column += (size_t)fprintf(out, "\\%c", word[i] == '-' ? '-' : 'e');
		else
			column += fputc(word[i], out) != EOF;
	return column;
}

void mdoc_write(FILE *out, const char *text)
{
	size_t column = 0;
	while (*text) {
		size_t n = strcspn(text, " ");
		bool sentence_ends = n > 1 && (text[n - 1] == '.' || text[n - 1] == '?') && text[n - 2] != '.';
		if (column && column + 1 + n > 76) {
			fputc('\n', out);
			column = 0;
		}
		if (column)
			column += fputc(' ', out) != EOF;
		column += mdoc_word(out, text, n, column == 0);
		text += n + (text[n] == ' ');
		if (sentence_ends && *text) {
			fputc('\n', out);
			column = 0;
		}
	}
	fputc('\n', out);
}

static void mdoc_option(FILE *out, const struct option_row *row)
{
	if (!row->value)
		fprintf(out, ".It Fl \\-%s\n", row->name);
	else if (*row->value == '[')
		fprintf(out, ".It Fl \\-%s Ns Oo = Ns Ar %.*s Oc\n", row->name, (int)strlen(row->value) - 3, row->value + 2);
	else
		fprintf(out, ".It Fl \\-%s Ar %s\n", row->name, row->value);
	mdoc_write(out, row->help);
}

static bool is_shared(const struct command *c, const struct option_row *row)
{
	for (const struct option_row *own = c->rows; own && own->name; own++)
		if (own == row)
			return false;
	return true;
}

void help_mdoc(FILE *out)
{
	fputs(".Bl -tag -width Ds\n", out);
	for (size_t i = 0; i < command_count; i++) {
		const struct command *c = &commands[i];
		const struct option_row *row;
		bool own = false;
		fprintf(out, ".It Cm %s", c->name);
		if (*c->operands)
			fprintf(out, " Ar %s", c->operands);
		fputc('\n', out);
		mdoc_write(out, c->help);
		if (c->more) {
			fputs(".Pp\n", out);
			mdoc_write(out, c->more);
		}
		for (size_t k = 0; (row = command_option(c, k)); k++) {
			if (is_shared(c, row))
				continue;
			fputs(own ? "" : ".Bl -tag -width Ds\n", out);
			own = true;
			mdoc_option(out, row);
		}
		fputs(own ? ".El\n" : "", out);
	}
	fputs(".El\n", out);
}
