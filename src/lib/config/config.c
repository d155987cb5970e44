/* Rows against trees. */
#include "lib/config/config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"

/* ---- values ---- */

static bool unit_read(const char *text, const char *const *units, const int64_t *factors, int64_t *value_r)
{
	size_t n = strspn(text, "0123456789");
	if (n == 0 || n > 15)
		return false;
	int64_t value = 0;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (text[i] - '0');
	for (; *units; units++, factors++)
		if (text_equal(*units, text + n)) {
			*value_r = value * *factors;
			return value <= INT64_MAX / *factors;
		}
	return false;
}

static bool duration_read(const char *text, int64_t *ms_r)
{
	static const char *const units[] = { "ms", "s", "m", "h", "d", NULL };
	static const int64_t factors[] = { 1, 1000, 60000, 3600000, 86400000 };
	return unit_read(text, units, factors, ms_r);
}

static bool size_read(const char *text, int64_t *octets_r)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB", NULL };
	static const int64_t factors[] = { 1, 1 << 10, 1 << 20, 1 << 30 };
	return unit_read(text, units, factors, octets_r);
}

static bool time_read(const char *text, int64_t *ms_r)
{
	struct error error;
	char whole[40];
	if (strlen(text) == 10) {
		memcpy(whole, text, 10);
		memcpy(whole + 10, "T00:00:00Z", 11);
		text = whole;
	}
	return clock_parse(text, ms_r, &error) == 0;
}

static bool among(const char *choices, const char *text)
{
	size_t n = strlen(text);
	for (const char *at = choices; *at;) {
		size_t size = strcspn(at, " ");
		if (size == n && strncmp(at, text, n) == 0)
			return true;
		at += size + (at[size] == ' ');
	}
	return false;
}

/* ---- checking ---- */

static bool number_of(enum config_type type, const char *text, int64_t *value_r)
{
	struct error error;
	switch (type) {
	case CONFIG_INTEGER:
		return text_integer(text, INT64_MIN, INT64_MAX, value_r, &error) == 0;
	case CONFIG_DURATION:
		return duration_read(text, value_r);
	case CONFIG_SIZE:
		return size_read(text, value_r);
	case CONFIG_TIME:
		return time_read(text, value_r);
	default:
		return false;
	}
}

static void check_number(const struct config_node *node, const struct config_row *row, struct config_problems *problems)
{
	static const char *const wants[] = { [CONFIG_INTEGER] = "a whole number", [CONFIG_DURATION] = "a time span such as 500ms, 30s, 15m, 6h or 14d",
		                             [CONFIG_SIZE] = "a size such as 4096, 256KiB or 1MiB",
		                             [CONFIG_TIME] = "a date or a time such as 2026-02-03 or 2026-02-03T01:48:21Z" };
	int64_t value;
	if (!number_of(row->type, node->text, &value))
		config_problem(problems, node, "\"%s\" is \"%.60s\": %s is wanted", row->path, node->text, wants[row->type]);
	else if ((row->least || row->most) && (value < row->least || value > row->most))
		config_problem(problems, node, "\"%s\" is %s: it must lie between %lld and %lld%s", row->path, node->text, (long long)row->least,
		               (long long)row->most, row->type == CONFIG_DURATION ? " milliseconds" : row->type == CONFIG_SIZE ? " octets" : "");
}

/* "<your company>", as the examples have it for what a person must fill in; not "Duty desk <duty@port.example>". */
static bool is_left_open(const char *text)
{
	const char *open = strchr(text, '<'), *close = open ? strchr(open, '>') : NULL;
	return close && (open == text || memchr(open, ' ', (size_t)(close - open)));
}

static void check_texts(const struct config_node *node, const struct config_row *row, struct config_problems *problems)
{
	if (node->kind != CONFIG_LIST) {
		config_problem(problems, node, "\"%s\" is a list: [ one, two ]", row->path);
		return;
	}
	for (const struct config_node *item = node->inside; item; item = item->next)
		if (item->kind != CONFIG_SCALAR || !*item->text)
			config_problem(problems, item, "\"%s\" holds texts only", row->path);
		else if (row->choices && !among(row->choices, item->text))
			config_problem(problems, item, "\"%s\" holds \"%.60s\"; known are: %s", row->path, item->text, row->choices);
}

static void check_scalar(const struct config_node *node, const struct config_row *row, struct config_problems *problems)
{
	if (is_left_open(node->text))
		config_problem(problems, node, "\"%s\" is still to be filled in: it is \"%.60s\"", row->path, node->text);
	else if (row->type == CONFIG_BOOL && !among("true false", node->text))
		config_problem(problems, node, "\"%s\" is \"%.60s\": true or false is wanted", row->path, node->text);
	else if (row->type == CONFIG_DECIMAL && !text_is_decimal(node->text))
		config_problem(problems, node, "\"%s\" is \"%.60s\": a number is wanted", row->path, node->text);
	else if (row->type == CONFIG_CHOICE && !among(row->choices, node->text))
		config_problem(problems, node, "\"%s\" is \"%.60s\"; known are: %s", row->path, node->text, row->choices);
	else if ((row->type == CONFIG_TEXT || row->type == CONFIG_FILE || row->type == CONFIG_PATH) && !*node->text)
		config_problem(problems, node, "\"%s\" is empty", row->path);
	else if (row->type == CONFIG_FILE) {
		const char *path = file_path(problems->arena, file_folder_of(problems->arena, node->file), node->text);
		struct stat about;
		if (access(path, R_OK) != 0 || stat(path, &about) != 0)
			config_problem(problems, node, "\"%s\": file \"%s\" cannot be read", row->path, path);
		else if (!S_ISREG(about.st_mode))  /* a pipe would be waited for, a folder fails later */
			config_problem(problems, node, "\"%s\": \"%s\" is no file", row->path, path);
	} else if (row->type == CONFIG_INTEGER || row->type == CONFIG_DURATION || row->type == CONFIG_SIZE || row->type == CONFIG_TIME) {
		check_number(node, row, problems);
	}
}

static void check_value(const struct config_node *node, const struct config_row *row, struct config_problems *problems)
{
	if (row->type == CONFIG_TEXTS)
		check_texts(node, row, problems);
	else if (row->type == CONFIG_GROUP && node->kind != CONFIG_MAP && !(node->kind == CONFIG_SCALAR && !*node->text))
		config_problem(problems, node, "\"%s\" holds further settings", row->path);
	else if (row->type != CONFIG_GROUP && node->kind != CONFIG_SCALAR)
		config_problem(problems, node, "\"%s\" is one value", row->path);
	else if (row->type != CONFIG_GROUP)
		check_scalar(node, row, problems);
}

static bool path_fits(const char *pattern, const char *path)
{
	for (;;) {
		size_t n = strcspn(pattern, "."), m = strcspn(path, ".");
		if (!(n == 1 && *pattern == '*') && (n != m || strncmp(pattern, path, n) != 0))
			return false;
		if (!pattern[n] || !path[m])
			return !pattern[n] && !path[m];
		pattern += n + 1;
		path += m + 1;
	}
}

/* The known name that is most like it: same first letter and most letters in common. */
static const char *likely(const struct config_row *rows, size_t count, const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '.'), *name = slash ? slash + 1 : path, *best = NULL;
	size_t best_score = 0;
	for (size_t i = 0; i < count; i++) {
		const char *dot = strrchr(rows[i].path, '.'), *known = dot ? dot + 1 : rows[i].path;
		size_t depth = dot ? (size_t)(dot - rows[i].path) : 0, score = 0;
		const char *outer = arena_text_n(arena, rows[i].path, depth), *own = arena_text_n(arena, path, slash ? (size_t)(slash - path) : 0);
		if (!path_fits(outer, own))
			continue;
		for (const char *p = name; *p; p++)
			score += strchr(known, *p) != NULL;
		if (score * 3 >= strlen(name) * 2 && score > best_score) {
			best = known;
			best_score = score;
		}
	}
	return best;
}

static void walk(const struct config_node *node, const char *path, const struct config_row *rows, size_t count, struct config_problems *problems)
{
	for (const struct config_node *member = node->inside; member; member = member->next) {
		const char *own = arena_printf(problems->arena, "%s%s%s", path, *path ? "." : "", member->name);
		const struct config_row *row = NULL;
		for (size_t i = 0; i < count && !row; i++)
			if (path_fits(rows[i].path, own))
				row = &rows[i];
		const char *meant = row ? NULL : likely(rows, count, own, problems->arena);
		if (strchr(member->name, '.'))
			config_problem(problems, member, "a name has no point: \"%s\"", member->name);
		else if (!row)
			config_problem(problems, member, "there is no setting \"%s\"%s%s%s", own, meant ? "; is \"" : "", meant ? meant : "", meant ? "\" meant?" : "");
		else
			check_value(member, row, problems);
		if (row && row->type == CONFIG_GROUP && member->kind == CONFIG_MAP)
			walk(member, own, rows, count, problems);
	}
}

/* Of every place that a row's path can stand for, the ones whose group is there and that lack it. */
static void look_for_missing(const struct config_node *node, const char *rest, const struct config_row *row, struct config_problems *problems)
{
	size_t n = strcspn(rest, ".");
	bool any = n == 1 && *rest == '*', found = false;
	for (const struct config_node *member = node->inside; member; member = member->next) {
		if (!any && (strlen(member->name) != n || strncmp(member->name, rest, n) != 0))
			continue;
		found = true;
		if (rest[n] && member->kind == CONFIG_MAP)
			look_for_missing(member, rest + n + 1, row, problems);
	}
	if (!found && !any && !rest[n])
		config_problem(problems, node, "\"%s\" is missing: %s", row->path, row->help);
}

void config_check(const struct config_node *root, const struct config_row *rows, size_t count, struct config_problems *problems)
{
	walk(root, "", rows, count, problems);
	for (size_t i = 0; i < count; i++)
		if (rows[i].required)
			look_for_missing(root, rows[i].path, &rows[i], problems);
}

/* ---- reading ---- */

const struct config_node *config_find(const struct config_node *root, const char *path)
{
	while (root) {
		size_t n = strcspn(path, ".");
		const struct config_node *member = root->kind == CONFIG_MAP ? root->inside : NULL;
		while (member && (strlen(member->name) != n || strncmp(member->name, path, n) != 0))
			member = member->next;
		if (!member || !path[n])
			return member;
		root = member;
		path += n + 1;
	}
	return NULL;
}

const char *config_text(const struct config_node *root, const char *path, const char *otherwise)
{
	const struct config_node *node = config_find(root, path);
	return node && node->kind == CONFIG_SCALAR && *node->text ? node->text : otherwise;
}

int64_t config_integer(const struct config_node *root, const char *path, int64_t otherwise)
{
	const char *text = config_text(root, path, NULL);
	int64_t value;
	if (!text)
		return otherwise;
	for (enum config_type type = CONFIG_INTEGER; type <= CONFIG_TIME; type++)
		if (number_of(type, text, &value))
			return value;
	return otherwise;
}

bool config_bool(const struct config_node *root, const char *path, bool otherwise)
{
	const char *text = config_text(root, path, NULL);
	return text ? text_equal(text, "true") : otherwise;
}

double config_decimal(const struct config_node *root, const char *path, double otherwise)
{
	const char *text = config_text(root, path, NULL);
	return text && text_is_decimal(text) ? text_double(text) : otherwise;
}

const char *const *config_texts(struct arena *arena, const struct config_node *root, const char *path)
{
	const struct config_node *node = config_find(root, path);
	size_t count = 0;
	if (!node || node->kind != CONFIG_LIST)
		return NULL;
	for (const struct config_node *item = node->inside; item; item = item->next)
		count++;
	const char **out = arena_array(arena, count + 1, sizeof *out);
	count = 0;
	for (const struct config_node *item = node->inside; item; item = item->next)
		out[count++] = item->text ? item->text : "";
	return out;
}

const char *config_file(struct arena *arena, const struct config_node *root, const char *path)
{
	const struct config_node *node = config_find(root, path);
	if (!node || !node->text || !*node->text)
		return NULL;
	return file_path(arena, file_folder_of(arena, node->file), node->text);
}
