/* container: ISO 6346 numbers. */
#ifndef SEALGATE_MODEL_CONTAINER_H
#define SEALGATE_MODEL_CONTAINER_H

#include "lib/base/error.h"

#define CONTAINER_NUMBER_SIZE 18

/* Takes blanks, hyphens and lower case away; fails with BAD_FIELD where what is left has not the shape of ISO 6346
 * (three letters, U, J or Z, seven digits). The check digit is told apart: *good_r. */
int container_read(const char *text, char number_r[static CONTAINER_NUMBER_SIZE], bool *good_r, struct error *error) must_use;
/* ISO 6346:2022 annex A: the digit that belongs to the first ten characters, as '0'..'9'. */
char container_check_digit(const char *first_ten);
bool container_is_iso(const char *number);  /* shape and check digit */

#endif
