/* output: what people read. Whatever came from outside is escaped, so that no text moves a cursor or hides a line. */
#ifndef SEALGATE_SEALGATE_OUTPUT_H
#define SEALGATE_SEALGATE_OUTPUT_H

#include "sealgate/command.h"

/* A table, drawn at once: columns as wide as they must be, the last one free. In the run's arena. */
struct table;
struct table *table_new(struct run *run, const char *const *titles);  /* NULL-terminated */
void table_add(struct table *table, const char *const *cells);        /* as many as titles; NULL or "": "-" */
void table_blank(struct table *table);                                /* further cells of "" are left blank */
void table_wrap(struct table *table, size_t width);                   /* wider cells go on in further lines */
size_t table_rows(const struct table *table);
void table_write(const struct table *table);

void out_line(struct run *run, const char *format, ...) printf_like(2, 3);  /* escaped, with a line feed */
void note(struct run *run, const char *format, ...) printf_like(2, 3);      /* the same, beside the output: on stderr */
void out_json(struct run *run, const struct json *json);   /* a line */
void out_json_pretty(struct run *run, const struct json *json);
int out_octets(struct run *run, struct bytes octets, struct error *error) must_use;

/* "1 event", "2 events". */
const char *counted(struct arena *arena, int64_t number, const char *thing);

/* A scalar below `root` as text, "" where there is none. */
const char *cell(const struct json *root, const char *path);

#endif
