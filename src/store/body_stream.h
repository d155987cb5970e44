/* body_stream: bodies that may be too many octets for memory, written and read a part (BODY_PART) at a time, each in a transaction of
 * its own. Where a caller holds a transaction itself it uses body.h. */
#ifndef SEALGATE_STORE_BODY_STREAM_H
#define SEALGATE_STORE_BODY_STREAM_H

#include "lib/base/stream.h"
#include "store/body.h"
#include "store/store.h"

/* Written in order. Seen by nobody, and deleted at the next start, until body_end is said of it: in the commit that refers to it.
 * body_writing_begin / body_writing_clear. Fails with STORE, STORE_FULL, BUSY. */
struct body_writing {
	struct store *store;
	const char *id, *content_type;     /* the caller's, as long as this */
	struct buffer block;
	int64_t number, size;
	struct digest *digest;
};
int body_writing_begin(struct body_writing *writing, struct store *store, const char *id, const char *content_type, struct error *error) must_use;
int body_writing_add(struct body_writing *writing, struct bytes octets, struct error *error) must_use;
/* All is on disk; what body_end wants besides the size is written to `digest`. */
int body_writing_finish(struct body_writing *writing, char digest[static DIGEST_HEX_SIZE], struct error *error) must_use;
void body_writing_clear(struct body_writing *writing);
/* Deletes what body_end was never said of; another stays. Where it cannot, the next start does. */
void body_abandon(struct store *store, const char *id);

/* Read at any place, fastest in order; complete, or finished as above. One thread at a time. The id is the caller's. Fails with STORE,
 * INTERNAL where octets are missing. */
struct body_reading;
struct body_reading *body_reading_new(struct store *store, const char *id, int64_t size);
void body_reading_free(struct body_reading **reading);
struct blob body_reading_blob(struct body_reading *reading);

#endif
