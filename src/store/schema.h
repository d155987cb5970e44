/* schema: the migrations, one transaction each. Private to store. */
#ifndef SEALGATE_STORE_SCHEMA_H
#define SEALGATE_STORE_SCHEMA_H

#include "lib/db/db.h"

/* Brings the store to this program's version; fails with BAD_CONFIG where the store is newer (S7). */
int schema_migrate(struct db *db, struct error *error) must_use;

#endif
