/* From libfyaml's documents to trees of our own. */
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/config/config.h"

#define DEPTH 16

struct reader {
	struct arena *arena;
	struct config_problems *problems;
	const char *file;
};

const char *config_place(struct arena *arena, const struct config_node *node)
{
	return node->line ? arena_printf(arena, "%s:%u:%u", node->file, node->line, node->column) : arena_text(arena, node->file);
}

void config_problem(struct config_problems *problems, const struct config_node *node, const char *format, ...)
{
	if ((problems->count & (problems->count - 1)) == 0) {
		struct config_problem *items = arena_array(problems->arena, problems->count ? problems->count * 2 : 1, sizeof *items);
		if (problems->count)
			memcpy(items, problems->items, problems->count * sizeof *items);
		problems->items = items;
	}
	char text[600];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	problems->items[problems->count++] =
		(struct config_problem){ config_place(problems->arena, node), arena_text(problems->arena, text) };
}

static void place_take(struct config_node *node, struct fy_node *scalar)
{
	struct fy_token *token = scalar && fy_node_get_type(scalar) == FYNT_SCALAR ? fy_node_get_scalar_token(scalar) : NULL;
	const struct fy_mark *mark = token ? fy_token_start_mark(token) : NULL;
	if (mark) {
		node->line = (unsigned)mark->line + 1;
		node->column = (unsigned)mark->column + 1;
	}
}

static const char *scalar_text(struct reader *r, struct fy_node *node)
{
	size_t size;
	const char *text = node ? fy_node_get_scalar(node, &size) : NULL;
	return text ? arena_text_n(r->arena, text, size) : "";
}

static struct config_node *node_read(struct reader *r, struct fy_node *in, struct fy_node *key, const struct config_node *parent, unsigned depth);

static void append(struct config_node ***last, struct config_node *node)
{
	**last = node;
	*last = &node->next;
}

static void inside_read(struct reader *r, struct fy_node *in, struct config_node *node, unsigned depth)
{
	struct config_node **last = &node->inside;
	void *at = NULL;
	if (node->kind == CONFIG_LIST) {
		for (struct fy_node *item; (item = fy_node_sequence_iterate(in, &at));)
			append(&last, node_read(r, item, NULL, node, depth + 1));
		return;
	}
	for (struct fy_node_pair *pair; (pair = fy_node_mapping_iterate(in, &at));) {
		struct config_node *member = node_read(r, fy_node_pair_value(pair), fy_node_pair_key(pair), node, depth + 1);
		for (const struct config_node *other = node->inside; other; other = other->next)
			if (text_equal(other->name, member->name))
				config_problem(r->problems, member, "\"%s\" stands twice", member->name);
		append(&last, member);
	}
}

static struct config_node *node_read(struct reader *r, struct fy_node *in, struct fy_node *key, const struct config_node *parent, unsigned depth)
{
	struct config_node *node = arena_alloc(r->arena, sizeof *node);
	node->file = r->file;
	node->line = parent ? parent->line : 0;
	node->column = parent ? parent->column : 0;
	node->name = key ? scalar_text(r, key) : NULL;
	place_take(node, key ? key : in);
	enum fy_node_type type = in ? fy_node_get_type(in) : FYNT_SCALAR;
	node->kind = type == FYNT_MAPPING ? CONFIG_MAP : type == FYNT_SEQUENCE ? CONFIG_LIST : CONFIG_SCALAR;
	if (in && fy_node_is_alias(in))
		config_problem(r->problems, node, "anchors and aliases are not taken: write the value out");
	else if (depth > DEPTH)
		config_problem(r->problems, node, "stands too deep");
	else if (node->kind == CONFIG_SCALAR)
		node->text = scalar_text(r, in);
	else
		inside_read(r, in, node, depth);
	return node;
}

static void problems_of_parser(struct reader *r, struct fy_diag *diag)
{
	void *at = NULL;
	bool told = false;
	for (struct fy_diag_error *e; (e = fy_diag_errors_iterate(diag, &at));) {
		struct config_node node = { .file = r->file, .line = e->line > 0 ? (unsigned)e->line : 1, .column = e->column > 0 ? (unsigned)e->column : 1 };
		config_problem(r->problems, &node, "this is no YAML: %s", e->msg);
		told = true;
	}
	struct config_node node = { .file = r->file };
	if (!told)
		config_problem(r->problems, &node, "this is no YAML");
}

/* Else libfyaml writes to stderr what the problems tell already. */
static void be_silent(struct fy_diag *diag, void *user, const char *text, size_t size)
{
	(void)diag, (void)user, (void)text, (void)size;
}

static struct fy_diag *silent_diag(void)
{
	struct fy_diag_cfg config;
	fy_diag_cfg_default(&config);
	config.fp = NULL;
	config.output_fn = be_silent;
	struct fy_diag *diag = fy_diag_create(&config);
	if (!diag)
		die("out of memory");
	fy_diag_set_collect_errors(diag, true);
	return diag;
}

/* "%YAML 1.2" and the like: nobody needs them, and libfyaml runs for ever on some that are wrong. Of several documents in one
 * file only the first would be read, and the rest passed over without a word. */
static bool has_marks(struct reader *r, const char *text)
{
	struct config_node node = { .file = r->file, .line = 1, .column = 1 };
	bool begun = false;
	for (const char *at = text; at; node.line++) {
		if (text_starts(at, "\xef\xbb\xbf"))
			at += 3;
		bool mark = text_starts(at, "---") && strchr(" \t\r\n", at[3]);
		if (*at == '%') {
			config_problem(r->problems, &node, "a line that begins with %% is a YAML directive, which is not taken: leave it out");
			return true;
		}
		if (mark && begun) {
			config_problem(r->problems, &node, "a second document begins here, of which nothing would be read: a file holds one");
			return true;
		}
		begun |= mark || (*at && !strchr("#\r\n", at[strspn(at, " \t")]));
		at = strpbrk(at, "\n\r");
		at = at ? at + 1 + (at[0] == '\r' && at[1] == '\n') : NULL;
	}
	return false;
}

int config_read(struct config_problems *problems, const char *path, struct config_node **root_r)
{
	struct reader r = { problems->arena, problems, arena_text(problems->arena, path) };
	struct error error = { 0 };
	char *text;
	struct config_node none = { .file = r.file };
	size_t before = problems->count;
	if (file_read_text(path, problems->arena, &text, &error) < 0) {
		config_problem(problems, &none, "%s", error.text);
		return -1;
	}
	if (text_utf8_check(bytes_of_text(text)) < strlen(text)) {
		config_problem(problems, &none, "the file is not UTF-8");
		return -1;
	}
	if (has_marks(&r, text))
		return -1;
	struct fy_diag *diag = silent_diag();
	struct fy_parse_cfg config = { .flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag };
	struct fy_document *document = fy_document_build_from_string(&config, text, strlen(text));
	struct fy_node *root = document ? fy_document_root(document) : NULL;
	if (!document)
		problems_of_parser(&r, diag);
	else if (!root || fy_node_get_type(root) != FYNT_MAPPING)
		config_problem(problems, &none, "the file holds no settings (\"name: value\")");
	else
		*root_r = node_read(&r, root, NULL, NULL, 0);
	fy_document_destroy(document);
	fy_diag_destroy(diag);
	return problems->count > before ? -1 : 0;
}

static void json_refuse(const char *path, struct fy_diag *diag, struct error *error)
{
	void *at = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
	error_set(error, ERROR_BAD_CONFIG, "\"%s\" is no YAML%s%s", path, e ? ": " : "", e ? e->msg : "");
	if (e && e->line > 0)
		error_at(error, "%s:%d:%d", path, e->line, e->column > 0 ? e->column : 1);
}

int config_yaml_to_json(const char *path, struct arena *arena, const char **json_r, struct error *error)
{
	char *text;
	TRY(file_read_text(path, arena, &text, error));
	struct fy_diag *diag = silent_diag();
	struct fy_parse_cfg config = { .flags = FYPCF_QUIET, .diag = diag };
	struct fy_document *document = fy_document_build_from_string(&config, text, strlen(text));
	char *json = document ? fy_emit_document_to_string(document, FYECF_MODE_JSON_ONELINE | FYECF_WIDTH_INF) : NULL;
	*json_r = json ? arena_text(arena, json) : NULL;
	if (!*json_r)
		json_refuse(path, diag, error);
	free(json);
	fy_document_destroy(document);
	fy_diag_destroy(diag);
	if (!*json_r)
		return -1;
	return 0;
}
