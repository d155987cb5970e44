/* config: YAML files as trees in which every value knows its place, checked by rows. On libfyaml, which no other folder
 * knows. Everything wrong is collected, not only the first.
 *
 * Rows are the only list of settings: they check the tree, and `sealgate check --settings` prints them.
 */
#ifndef SEALGATE_LIB_CONFIG_CONFIG_H
#define SEALGATE_LIB_CONFIG_CONFIG_H

#include "lib/base/arena.h"

enum config_kind { CONFIG_SCALAR, CONFIG_MAP, CONFIG_LIST };

struct config_node {
	enum config_kind kind;
	const char *name;            /* of the member that it is; NULL: an element, or the root */
	const char *text;            /* of a scalar */
	const char *file;
	unsigned line, column;       /* from 1; of the name where it has one */
	struct config_node *inside;  /* first member or element */
	struct config_node *next;
};

struct config_problems {
	struct arena *arena;
	struct config_problem {
		const char *place;   /* "sealgate.yaml:12:3" */
		const char *text;
	} *items;
	size_t count;
};

void config_problem(struct config_problems *problems, const struct config_node *node, const char *format, ...) printf_like(3, 4);

/* -1: the file cannot be read at all, or is no YAML; the problems tell. Anchors and aliases are not taken. */
int config_read(struct config_problems *problems, const char *path, struct config_node **root_r) must_use;

/* A whole YAML file as JSON text, types kept. For documents that ship, such as the OpenAPI description. */
int config_yaml_to_json(const char *path, struct arena *arena, const char **json_r, struct error *error) must_use;

enum config_type {
	CONFIG_TEXT,      /* not empty */
	CONFIG_INTEGER,
	CONFIG_DECIMAL,
	CONFIG_BOOL,      /* true, false */
	CONFIG_DURATION,  /* 500ms, 30s, 15m, 6h, 14d; in milliseconds */
	CONFIG_SIZE,      /* 4096, 256KiB, 1MiB; in octets */
	CONFIG_TIME,      /* RFC 3339, or a date */
	CONFIG_CHOICE,    /* one of `choices` */
	CONFIG_TEXTS,     /* a list of texts; with `choices`: of these */
	CONFIG_FILE,      /* a file's name, from the folder of the file that names it; must exist and be readable */
	CONFIG_PATH,      /* the same, and need not exist */
	CONFIG_GROUP,     /* a map that further rows tell of */
};

struct config_row {
	const char *path;      /* "listen.port"; "*" stands for any name: "parties.*.eori" */
	enum config_type type;
	bool required;
	const char *otherwise; /* default, as it would be written; NULL: none */
	int64_t least, most;   /* integer, duration, size; 0, 0: any */
	const char *choices;   /* "a b c" */
	const char *help;
};

/* Unknown members, missing ones, wrong values, what an example leaves to be filled in ("<your company>"): all of them. */
void config_check(const struct config_node *root, const struct config_row *rows, size_t count, struct config_problems *problems);

/* Of a checked tree; the row's default where nothing is said. */
const struct config_node *config_find(const struct config_node *root, const char *path);  /* "a.b.c"; NULL: not there */
const char *config_text(const struct config_node *root, const char *path, const char *otherwise);
int64_t config_integer(const struct config_node *root, const char *path, int64_t otherwise);  /* also duration, size, time */
bool config_bool(const struct config_node *root, const char *path, bool otherwise);
double config_decimal(const struct config_node *root, const char *path, double otherwise);
/* NULL-terminated; NULL: not there */
const char *const *config_texts(struct arena *arena, const struct config_node *root, const char *path);
/* A file's name as it is to be opened. NULL: not said. */
const char *config_file(struct arena *arena, const struct config_node *root, const char *path);
const char *config_place(struct arena *arena, const struct config_node *node);

#endif
