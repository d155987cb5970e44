/* inside: what the files of lib/mime share. */
#ifndef SEALGATE_LIB_MIME_INSIDE_H
#define SEALGATE_LIB_MIME_INSIDE_H

#include "lib/mime/mime.h"

/* The first reader: fills in parts, count, boundary. */
int guard_read(struct arena *arena, const struct blob *blob, size_t most_parts, struct mime_message *message, struct error *error) must_use;
/* The second: fails with BAD_REQUEST where GMime has anything to say, or sees other parts than the guard did. */
int gmime_agrees(const char *content_type, const struct blob *blob, const struct mime_message *message, struct error *error) must_use;

#endif
