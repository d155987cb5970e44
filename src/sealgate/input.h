/* input: files that a person names; "-" is the standard input. */
#ifndef SEALGATE_SEALGATE_INPUT_H
#define SEALGATE_SEALGATE_INPUT_H

#include "sealgate/command.h"

int input_octets(struct run *run, const char *path, struct bytes *octets_r, struct error *error) must_use;
/* As JSON; the place of what is wrong begins with the file's name. */
int input_json(struct run *run, const char *path, struct json **json_r, struct error *error) must_use;
/* One JSON value, or an array, or one value a line: always an array. */
int input_list(struct run *run, const char *path, struct json **list_r, struct bytes *octets_r, struct error *error) must_use;
/* More than one JSON value, each on its line. */
bool input_is_lines(struct arena *arena, struct bytes octets);

#endif
