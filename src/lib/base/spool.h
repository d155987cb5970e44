/* spool: octets that may be too many for memory, written once in order, then read at any place: in memory while they are few, in
 * a file without a name when they are many. The file is gone with the process, however it ends.
 *
 * spool_new / spool_free. One thread at a time.
 */
#ifndef SEALGATE_LIB_BASE_SPOOL_H
#define SEALGATE_LIB_BASE_SPOOL_H

#include "lib/base/stream.h"

#define SPOOL_MEMORY ((size_t)256 << 10)  /* more goes to the file */

struct spool;
#define SPOOL_AUTO __attribute__((cleanup(spool_free))) struct spool *

/* `folder`: where the file is made (copied); NULL: /var/tmp. `most`: octets; more fail with TOO_LARGE. */
struct spool *spool_new(const char *folder, size_t most);
void spool_free(struct spool **spool);

/* Fails with TOO_LARGE, IO, STORE_FULL (no space). */
int spool_add(struct spool *spool, struct bytes bytes, struct error *error) must_use;
struct sink spool_sink(struct spool *spool);
size_t spool_size(const struct spool *spool);
/* What has been written; valid until more is written or the spool is freed. */
struct blob spool_blob(const struct spool *spool);

#endif
