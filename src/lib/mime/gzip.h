/* gzip: RFC 1952, as filters in front of a sink, by zlib.
 *
 * gzip_new, gzip_add..., gzip_end; gzip_free at any time. The same octets make the same result: no time, no name.
 *
 * gunzip_* takes one member and nothing behind it. What comes out is limited: by a number of octets, and by the ratio of
 * out to in once a mebibyte has come out (a small message may be very regular; a bomb is 1000:1).
 */
#ifndef SEALGATE_LIB_MIME_GZIP_H
#define SEALGATE_LIB_MIME_GZIP_H

#include "lib/base/stream.h"

struct gzip;
#define GZIP_AUTO __attribute__((cleanup(gzip_free))) struct gzip *
struct gzip *gzip_new(const struct sink *out);  /* `out` is copied */
int gzip_add(struct gzip *gzip, struct bytes bytes, struct error *error) must_use;
int gzip_end(struct gzip *gzip, struct error *error) must_use;
void gzip_free(struct gzip **gzip);

struct gunzip;
#define GUNZIP_AUTO __attribute__((cleanup(gunzip_free))) struct gunzip *
struct gunzip *gunzip_new(size_t most, unsigned ratio, const struct sink *out);  /* ratio 0: 100 */
/* Fails with BAD_REQUEST (no gzip, damaged, something behind its end), TOO_LARGE. */
int gunzip_add(struct gunzip *gunzip, struct bytes bytes, struct error *error) must_use;
int gunzip_end(struct gunzip *gunzip, struct error *error) must_use;  /* BAD_REQUEST where the end is missing */
void gunzip_free(struct gunzip **gunzip);

#endif
