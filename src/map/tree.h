/* tree: a mapping to JSON, compiled. Not for other folders. */
#ifndef SEALGATE_MAP_TREE_H
#define SEALGATE_MAP_TREE_H

#include "map/engine.h"

enum tree_kind { TREE_OBJECT, TREE_ARRAY, TREE_TEXT, TREE_FIXED };

struct tree {
	enum tree_kind kind;
	const char *name;            /* of the member that it is; NULL: an element, or the root */
	unsigned line;
	bool dynamic;                /* an expression stands somewhere in it */
	struct loop *loop;           /* an object that stands once for each */
	struct condition *condition; /* NULL: always */
	struct tree *inside;         /* members or elements */
	size_t count;
	bool first;                  /* an array of which only the first that has a value stands, by itself */
	struct text_template text;
	const struct json *fixed;
};

/* Checks and compiles a JSON mapping; problems go to the compiler. NULL: it cannot be read. */
struct tree *tree_compile(struct compiler *c, const char *text);
/* NULL in *root_r: nothing of it had a value. */
int tree_run(struct run *run, const struct tree *tree, struct json **root_r, struct map_traces *traces) must_use;

#endif
