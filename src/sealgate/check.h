/* check: the tables of settings, printed. */
#ifndef SEALGATE_SEALGATE_CHECK_H
#define SEALGATE_SEALGATE_CHECK_H

#include "sealgate/command.h"

/* `table`: "" both, "sealgate.yaml" or "agreement"; `form`: "text", or "mdoc": a list for a manual page. Returns the exit code, or -1. */
int settings_print(struct run *run, const char *table, const char *form, struct error *error);

#endif
