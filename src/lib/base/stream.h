/* stream: octets that may be too many for memory: a blob is read at any place, a sink takes what is written in order.
 *
 * Both are small structs of a function and its context, handed around by value or pointer; they own nothing. A message that
 * is spooled in the store is a blob of the store's; one in memory is blob_of_bytes. What a blob yields may not change while
 * it is in use.
 */
#ifndef SEALGATE_LIB_BASE_STREAM_H
#define SEALGATE_LIB_BASE_STREAM_H

#include "lib/base/bytes.h"

#define STREAM_BLOCK ((size_t)64 << 10)  /* copied in blocks of this size */

struct blob {
	size_t size;
	/* Fills `room` with exactly `size` octets from `at` on, all of which lie within the blob. */
	int (*read)(void *context, size_t at, void *room, size_t size, struct error *error);
	void *context;
};

struct sink {
	int (*write)(void *context, struct bytes bytes, struct error *error);
	void *context;
};

struct blob blob_of_bytes(const struct bytes *bytes);    /* which must live as long */
int blob_read(const struct blob *blob, size_t at, void *room, size_t size, struct error *error) must_use;
/* All in order. Fails as the blob or the sink does. */
int blob_copy(const struct blob *blob, size_t at, size_t size, const struct sink *sink, struct error *error) must_use;

struct sink sink_to_buffer(struct buffer *buffer);       /* fails with TOO_LARGE past the buffer's ceiling */
int sink_write(const struct sink *sink, struct bytes bytes, struct error *error) must_use;
int sink_write_text(const struct sink *sink, const char *text, struct error *error) must_use;

#endif
