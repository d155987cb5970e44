/* mime: multipart/related (RFC 2387) in and out, with GMime behind a guard of our own.
 *
 * In: two readers that do not share a line of code must agree. First the guard, which is as strict as SOAP with
 * attachments allows: lines of header and boundary end in CRLF and nothing else; one boundary of at most 70 characters; no
 * nested multipart; nothing behind the end, and at most one CRLF in front of the first boundary; no line that only begins
 * like the boundary; a Content-ID "<...>" for each part but the first, and no two the same; only transfer encodings that
 * change nothing (a missing one is binary, RFC 2045 6.1 notwithstanding: what MTOM and AS4 senders mean). Then GMime reads
 * the same octets: any warning of its is a refusal, and its parts must lie where the guard's do. So no third reader can be
 * shown another message than the one that was checked.
 *
 * Both read a blob in blocks: memory does not grow with the parts' size.
 */
#ifndef SEALGATE_LIB_MIME_MIME_H
#define SEALGATE_LIB_MIME_MIME_H

#include "lib/base/arena.h"
#include "lib/base/stream.h"

#define MIME_BOUNDARY_MOST 70        /* RFC 2046 5.1.1 */
#define MIME_HEADER_LINE_MOST 8192   /* one header, continuation lines and all */
#define MIME_HEADERS_MOST 32         /* of a part */
#define MIME_PARTS_MOST 10000        /* however high the limit is set */

struct mime_parameter {
	const char *name, *value;    /* name in lower case */
	const struct mime_parameter *next;
};

/* A Content-Type taken apart (RFC 2045 5.1). */
struct mime_type {
	const char *type;            /* "application/xml", in lower case */
	const struct mime_parameter *parameters;
};
/* Fails with MEDIA_TYPE: no media type, a parameter twice, a quoted string that does not end, comments, control characters. */
int mime_type_parse(struct arena *arena, const char *text, struct mime_type *type_r, struct error *error) must_use;
const char *mime_type_parameter(const struct mime_type *type, const char *name);  /* NULL: none */

struct mime_header {
	const char *name, *value;    /* value unfolded, without blanks at its ends */
};

struct mime_part {
	const char *content_id;      /* without < and >; NULL: none, which only the first part may have */
	struct mime_type type;       /* "text/plain" where none is said (RFC 2045 5.2) */
	const struct mime_header *headers;
	size_t header_count;
	size_t at, size;             /* of the content, in the blob */
};

struct mime_message {
	struct mime_type type;
	const char *boundary;
	const struct mime_part *parts;
	size_t count;
	const struct mime_part *root;  /* the one that `start` names, else the first */
};

/* `content_type` as HTTP gave it. `parts`: how many there may be, 0: 64. Fails with MEDIA_TYPE, BAD_REQUEST (place: "octet N"),
 * TOO_LARGE. */
int mime_parse(struct arena *arena, const char *content_type, const struct blob *blob, size_t parts, struct mime_message **message_r,
               struct error *error) must_use;

/* Out: mime_open, then for each part mime_part_begin and its octets straight into the sink, then mime_close. Nobody looks for
 * the boundary in the octets: it is 128 random bits. */
struct mime_writer {
	const struct sink *sink;
	char boundary[48];
	bool begun;
};
void mime_open(struct mime_writer *writer, const struct sink *sink);
/* What HTTP must say; `type`, `start` of the first part. */
char *mime_content_type(struct arena *arena, const struct mime_writer *writer, const char *type, const char *start);
/* Content-Transfer-Encoding is binary. Content-ID must be made of letters, digits and ".-_@+". */
int mime_part_begin(struct mime_writer *writer, const char *content_id, const char *content_type, struct error *error) must_use;
int mime_close(struct mime_writer *writer, struct error *error) must_use;

#endif
