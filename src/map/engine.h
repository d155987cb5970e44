/* engine: what the files of src/map share. Not for other folders.
 *
 * Two halves: a compiler that turns mapping files into frozen structs and collects problems instead of stopping at the
 * first, and a run that reads an input through them.
 */
#ifndef SEALGATE_MAP_ENGINE_H
#define SEALGATE_MAP_ENGINE_H

#include "map/map.h"

#define MAP_VARIABLES 8        /* loops in one another */
#define MAP_ARGUMENTS 24
#define MAP_STEPS 2000000      /* of one run: loops are bounded by the input, their product by this */
#define MAP_OUTPUT ((size_t)64 << 20)

/* ---- values ---- */

enum value_kind { VALUE_NONE, VALUE_NODE, VALUE_TEXT, VALUE_NUMBER, VALUE_BOOL };

struct value {
	enum value_kind kind;
	const struct json *node;  /* VALUE_NODE */
	const char *text;         /* VALUE_TEXT, VALUE_NUMBER (a JSON number token) */
	bool yes;                 /* VALUE_BOOL */
	bool is_alone;            /* a list that a filter made of one value: a loop over it names the value, not its element 0 */
};

bool value_is_there(const struct value *value);        /* not absent, not null */
bool value_holds(const struct value *value);           /* what m:if asks: there, not false, not "" and not an empty list */
const char *value_text(const struct value *value);     /* of a scalar, else NULL */
void value_set_text(struct value *value, const char *text);
void value_set_bool(struct value *value, bool yes);

/* ---- code lists ---- */

struct code_list {
	const char *name;
	const char **columns;
	size_t column_count;
	const char **cells;  /* rows * columns, "" for an empty cell */
	size_t row_count;
	struct code_list *next;
};

/* Reads mappings/codes/<name>.csv: '#' lines are comments and one of them names the source; then the header. */
int code_list_read(struct arena *arena, const char *name, const char *text, struct code_list **list_r, struct error *error) must_use;
size_t code_list_column(const struct code_list *list, const char *column);  /* SIZE_MAX: there is none */
const char *code_list_find(const struct code_list *list, const char *value, size_t from, size_t to);  /* NULL: not in it */

/* ---- expressions ---- */

struct path_step {
	const char *name;  /* NULL: by number */
	size_t index;
	bool last;
};

struct reference {
	const char *literal;  /* 'text' or number; else NULL */
	bool number;          /* the literal is a number */
	int variable;         /* -1: from the root */
	bool position;        /* "event#" */
	const char *variable_name;
	struct path_step *steps;
	size_t count;
};

struct filter;

struct filter_use {
	const struct filter *filter;
	struct reference *arguments;
	size_t count;
	const struct code_list *list;  /* code() */
	size_t from, to;
};

struct expression {
	struct reference base;
	struct filter_use *filters;
	size_t count;
	const char *text;  /* as written, without braces */
	unsigned line;
};

/* Text with expressions: parts of which either is set. */
struct part {
	const char *fixed;
	struct expression *expression;
};

struct text_template {
	struct part *parts;
	size_t count;
	bool has_expression;
	unsigned line;
};

struct condition {  /* all of them, or any of them */
	struct expression *terms;
	size_t count;
	bool any;
};

struct loop {
	int variable;
	const char *name;
	struct expression over;
	struct condition *where;  /* NULL: none */
};

/* ---- compiling ---- */

struct problems {
	struct arena *arena;
	struct map_problem *items;
	size_t count, room;
};

struct variable_scope {
	const char *name;
	const struct json *shape;  /* NULL: anything */
};

struct compiler {
	struct arena *arena;        /* of the set */
	struct problems *problems;
	const struct code_list *lists;
	const char *file;
	const struct json *shape;   /* the declared input; NULL: anything */
	struct variable_scope variables[MAP_VARIABLES];
	int variable_count;
};

void problem_add(struct compiler *c, unsigned line, const char *format, ...) printf_like(3, 4);

/* All report their problems to the compiler, and then give something that is never run. */
void expression_compile(struct compiler *c, const char *text, size_t size, unsigned line, struct expression *out);
void template_compile(struct compiler *c, const char *text, unsigned line, struct text_template *out);
struct condition *condition_compile(struct compiler *c, const char *text, unsigned line);
/* Opens the loop's variable: loop_close when its scope ends. */
struct loop *loop_open(struct compiler *c, const char *text, unsigned line);
void loop_close(struct compiler *c);

/* The member or element of a declared input; NULL in *shape_r: anything goes. False: there is no such member. */
bool shape_step(const struct json *shape, const struct path_step *step, const struct json **shape_r);
const struct json *shape_element(const struct json *shape);
/* An input.json: objects, arrays of one element, and leaves "text", "number", "decimal", "bool", "time" or "any", each may
 * go on with ": what it is". */
void shape_check(struct compiler *c, const struct json *shape, const char *where);

/* ---- running ---- */

struct run {
	const struct mapping *mapping;
	const char *file;
	const struct json *root;
	struct arena *arena;
	struct error *error;
	struct {
		const struct json *node;
		size_t number;     /* from 1 */
		const char *path;
	} variables[MAP_VARIABLES];
	size_t steps;
	const char *(*where)(struct run *run);  /* the element that is being written; NULL: not known */
	void *writer;                           /* for `where`: what writes */
	struct map_marks *marks;                /* may be NULL */
	size_t mark_room;
	struct map_refusals *refusals;          /* NULL: the first element that cannot be written ends the run */
	size_t refusal_room;
	const struct reference *base;           /* what the value in hand was read from: default() and choose() change it */
	const char *field;                      /* its path, for errors */
	unsigned line;
};

int run_step(struct run *run) must_use;  /* one step of the budget */
/* The value, *found false where it is absent. */
int expression_run(struct run *run, const struct expression *expression, struct value *value_r) must_use;
int reference_value(struct run *run, const struct reference *reference, struct value *value_r) must_use;
const char *reference_path(struct run *run, const struct reference *reference);
int condition_run(struct run *run, const struct condition *condition, bool *holds_r) must_use;
/* Elements that the loop walks, after `where`: an array in the run's arena, with paths. */
struct loop_item {
	const struct json *node;
	const char *path;
};
int loop_run(struct run *run, const struct loop *loop, struct loop_item **items_r, size_t *count_r) must_use;
void loop_take(struct run *run, const struct loop *loop, const struct loop_item *item, size_t number);
/* Paths of the values an expression or template reads, joined by ", ". */
const char *expression_sources(struct run *run, const struct expression *expression);
const char *template_sources(struct run *run, const struct text_template *text);
const char *template_filters(struct run *run, const struct text_template *text);
/* Joins fixed text and values. *values_r counts the expressions that had a value; a template whose only part is an
 * expression without one gives NULL. */
int template_run(struct run *run, const struct text_template *text, const char **text_r, size_t *values_r) must_use;
/* Notes why the element at this index of the list is not there. */
void run_refuse(struct run *run, size_t index, const struct error *why);
void run_mark(struct run *run, const char *kind, const char *format, ...) printf_like(3, 4);
int run_fail(struct run *run, enum error_code code, const char *format, ...) printf_like(3, 4);

/* Adds a row and gives it, to be filled in. */
struct map_trace *trace_add(struct arena *arena, struct map_traces *traces);

/* ---- filters: filter.c has the table ---- */

struct filter {
	const char *name;
	unsigned least, most;  /* arguments */
	bool takes_absent;
	int (*run)(struct run *run, const struct filter_use *use, struct value *value);
	void (*check)(struct compiler *c, struct filter_use *use, unsigned line);  /* may be NULL */
};

const struct filter *filter_find(const char *name);
const struct filter *filter_at(size_t index);  /* NULL: there are no more */
const char *filter_argument(struct run *run, const struct filter_use *use, size_t i);  /* text of a scalar, "" if absent */
extern const struct filter filters_of_text[], filters_of_time[], filters_of_tests[], filters_of_customs[];   /* ended by a NULL name */

#endif
