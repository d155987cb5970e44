/* document: a mapping to XML, compiled. Not for other folders.
 *
 * A flat list of operations: open and close an element, write a text, loop, skip. Everything that can be known before an
 * input comes is octets already: start tags with their namespaces, end tags, fixed text.
 */
#ifndef SEALGATE_MAP_DOCUMENT_H
#define SEALGATE_MAP_DOCUMENT_H

#include "map/engine.h"
#include "map/source.h"

#define DOCUMENT_DEPTH 40

/* ---- the schema's order, from an XSD of our own ---- */

struct schema_element {
	const char *name, *uri;
	const char *wco;           /* NULL: none */
	unsigned least, most;      /* most 0: unbounded */
	size_t max_length;         /* 0: none stated */
	bool holds_elements;
	struct schema_element *children;
	size_t child_count;
	const char **attributes;   /* names; required ones begin with '!' */
	size_t attribute_count;
};

/* Reads what an octet source gives for a path below schemas/ (NULL: there is none). */
struct schema_files {
	const char *(*read)(void *of, const char *path);
	void *of;
};

int schema_load(struct arena *arena, const struct schema_files *files, const char *path, struct schema_element **root_r,
                struct error *error) must_use;
const struct schema_element *schema_child(const struct schema_element *parent, const char *uri, const char *name);

/* ---- sentences (MESSAGE-GUIDE section 5) ---- */

#define SENTENCE_LENGTH 512
#define SENTENCE_TAIL 320

struct sentence_word {  /* fixed text, an expression, or a part that is left out when one of its values is absent */
	const char *fixed;
	struct expression *expression;
	struct sentence_word *inside;
	size_t inside_count;
};

struct sentence_text {
	const char *key;  /* "*": every other */
	const char *language;
	struct sentence_word *words;
	size_t count;
};

struct sentence_pair {
	const char *key;
	struct text_template value;
};

struct sentence {
	struct text_template key;       /* which sentence */
	struct text_template *language;
	struct sentence_text *texts;
	size_t text_count;
	struct sentence_pair *pairs;
	size_t pair_count;
};

struct sentence_table {  /* one sentences.<language>.json */
	const char *language;
	const char *file;
	const struct json *groups;
	const char *source;  /* its octets, for line numbers */
	struct sentence_table *next;
};

/* `group` names the table's group, `tail` holds key={expression} pairs. */
struct sentence *sentence_compile(struct compiler *c, const struct sentence_table *tables, const char *attribute, unsigned line,
                                  const char *tail, unsigned tail_line, struct text_template *language);
/* Never NULL; *values_r counts what came from the input. */
int sentence_run(struct run *run, const struct sentence *sentence, const char **text_r, size_t *values_r) must_use;
const char *sentence_sources(struct run *run, const struct sentence *sentence);
const char *sentence_filters(struct run *run, const struct sentence *sentence);

/* ---- operations ---- */

enum operation_kind { OPERATION_OPEN, OPERATION_CLOSE, OPERATION_TEXT, OPERATION_FOR, OPERATION_NEXT, OPERATION_IF };

struct attribute_template {
	const char *start;  /* ` name="` */
	struct text_template value;
};

struct operation {
	enum operation_kind kind;
	unsigned line;
	const char *octets;      /* OPEN: "<p:Name xmlns:p=..." without ">"; CLOSE: the end tag */
	struct attribute_template *attributes;
	size_t attribute_count;
	const char *name, *wco;
	bool repeats;            /* the schema lets it stand more than once */
	bool dynamic;            /* OPEN: an expression stands somewhere in it */
	struct text_template text;
	struct sentence *sentence;
	size_t max_length;
	struct loop *loop;
	struct condition *condition;
	size_t target;           /* FOR, IF: where to go on when there is nothing (more); NEXT: its FOR */
};

struct document {
	const char *schema;      /* "wco-dms/declaration.xsd" */
	struct operation *operations;
	size_t count;
};

/* Checks and compiles a document.xml; problems go to the compiler. */
struct document *document_compile(struct compiler *c, const char *text, const struct schema_files *schemas,
                                  const struct sentence_table *sentences);
int document_run(struct run *run, const struct document *document, struct buffer *out, struct map_traces *traces) must_use;

#endif
