/* guard: what libmicrohttpd 0.9.75 lets through and two readers could understand differently is refused here, before a
 * byte of the body is read. Each rule names what was seen without it. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/http/inside.h"

#define HEADERS_MAX 200

struct look {
	struct request *request;
	struct http_header *headers;
	size_t n, room;
	size_t lengths, codings, hosts, authorizations, types;
	const char *length, *coding, *encoding;
	const char *end;    /* of the request line, then of the latest value, where libmicrohttpd has it */
	long line_end;      /* octets at the end of a line: 2, or 1 for a bare LF; 0: none was seen yet */
	const char *wrong;  /* what is the matter, or NULL */
};

/* A folded line is glued to the name before it ("Transfer-Encodingchunked"): a framing field that is none. */
static bool is_glued(const char *name)
{
	static const char *const framing[] = { "content-length", "transfer-encoding" };
	for (size_t i = 0; i < sizeof framing / sizeof *framing; i++) {
		size_t size = strlen(framing[i]);
		if (strncasecmp(name, framing[i], size) == 0 && name[size])
			return true;
	}
	return false;
}

static const char *field_wrong(const char *name, size_t name_size, const char *value, size_t value_size)
{
	if (strlen(name) != name_size || !http_is_token(name))  /* "Transfer-Encoding : chunked" keeps its blank */
		return "a header's name is not a token (RFC 9110 5.1)";
	if (is_glued(name))
		return "a header is folded, or its name looks like one that frames the body";
	if (value && (strlen(value) != value_size || !http_is_field_value(value)))
		return "a header's value has a control character";
	return NULL;
}

/* A NUL cuts a value silently ("chunked\0x" is chunked), a line that begins with a NUL or a colon passes for the empty one, and a folded line
 * lies elsewhere: each time there is more between a value and what follows it than the ends of so many lines, which must all be alike. (What
 * stays unseen is one octet NUL or colon in the place of the CR of an empty line; libmicrohttpd 1.0 refuses both.) */
static bool is_cut(struct look *look, const char *next, long lines)
{
	long gap = next - look->end;
	if (!look->request->server->exact_lines)
		return false;
	if (!look->line_end)
		look->line_end = gap / lines;
	return look->line_end < 1 || look->line_end > 2 || gap != look->line_end * lines;
}

static enum MHD_Result field_look(void *context, enum MHD_ValueKind kind, const char *name, size_t name_size, const char *value,
				  size_t value_size)
{
	struct look *look = context;
	(void)kind;
	if (!look->wrong)
		look->wrong = field_wrong(name, name_size, value, value_size);
	if (!look->wrong && is_cut(look, name, 1))
		look->wrong = "a header is folded, or has a NUL or another end of line than the others";
	look->end = value ? value + value_size : NULL;
	if (look->wrong || look->n == look->room)
		return MHD_NO;
	struct http_header *header = &look->headers[look->n++];
	*header = (struct http_header){ arena_text(look->request->arena, name), arena_text(look->request->arena, value ? value : "") };
	if (text_equal_nocase(name, "content-length"))
		look->lengths++, look->length = header->value;
	else if (text_equal_nocase(name, "transfer-encoding"))
		look->codings++, look->coding = header->value;
	else if (text_equal_nocase(name, "host"))
		look->hosts++;
	else if (text_equal_nocase(name, "authorization"))
		look->authorizations++;
	else if (text_equal_nocase(name, "content-type"))
		look->types++;
	else if (text_equal_nocase(name, "content-encoding"))
		look->encoding = header->value;
	return MHD_YES;
}

static int line_check(struct request *request, const char *method, const char *version, struct error *error)
{
	if (!http_is_token(method))  /* "GE\x01T" is taken */
		FAIL(error, BAD_REQUEST, "the method is not a token (RFC 9110 9.1)");
	if (!text_equal(version, "HTTP/1.1") && !text_equal(version, "HTTP/1.0"))
		FAIL(error, BAD_REQUEST, "only HTTP/1.1 and HTTP/1.0 are spoken here");
	const char *target = request->public.target;
	for (const char *c = target; *c; c++)
		if (*c <= 0x20 || *c == 0x7f || *c == '#')  /* also what is not ASCII: char is signed here */
			FAIL(error, BAD_REQUEST, "the request target has a character that a URI cannot have (RFC 3986)");
	/* %00 and NUL cut the text silently. A NUL itself is not to be seen, but leaves the next part further away. */
	if (strstr(target, "%00"))
		FAIL(error, BAD_REQUEST, "the request target has a NUL");
	const char *next = method + strlen(method) + 1;
	if (request->server->exact_lines && (request->raw_target != next || version != next + strlen(target) + 1))
		FAIL(error, BAD_REQUEST, "the request line has a NUL, or more than a blank between its parts");
	return 0;
}

static bool method_has_body(const char *method)
{
	return text_equal(method, "POST") || text_equal(method, "PUT") || text_equal(method, "PATCH");
}

static int framing_check(struct request *request, const struct look *look, const char *method, const char *version,
			 struct error *error)
{
	if (look->lengths && look->codings)  /* else: chunked is used, and the next request served */
		FAIL(error, BAD_REQUEST, "both Content-Length and Transfer-Encoding are there (RFC 9112 6.1)");
	if (look->lengths > 1)  /* else: the first one wins */
		FAIL(error, BAD_REQUEST, "Content-Length is there more than once (RFC 9112 6.3)");
	if (look->codings > 1 || (look->codings && !text_equal_nocase(look->coding, "chunked")))
		FAIL(error, BAD_REQUEST, "Transfer-Encoding is not exactly \"chunked\"");
	if (look->codings && !text_equal(version, "HTTP/1.1"))
		FAIL(error, BAD_REQUEST, "Transfer-Encoding needs HTTP/1.1 (RFC 9112 6.1)");
	if (method_has_body(method) && !look->lengths && !look->codings)
		request->close = true;  /* no body (RFC 9112 6.3); whoever meant one must not have it read as the next request */
	int64_t length = 0;
	if (look->lengths) {
		if (!*look->length || strspn(look->length, "0123456789") != strlen(look->length))
			FAIL(error, BAD_REQUEST, "Content-Length is not a number");
		if (text_integer(look->length, 0, INT64_MAX, &length, NULL) < 0)
			FAIL(error, TOO_LARGE, "Content-Length is larger than anything that is taken here");
	}
	request->has_body = length > 0 || look->codings;
	if (request->has_body && !method_has_body(method) && !text_equal(method, "DELETE"))
		FAIL(error, BAD_REQUEST, "a %s has no body here", method);
	if (look->codings)
		request->close = true;  /* lines of chunks ended by a bare LF are taken, and we cannot see it */
	else
		request->length = (uint64_t)length;
	return 0;
}

int guard_check(struct request *request, struct MHD_Connection *mhd, const char *method, const char *version, struct error *error)
{
	struct look look = { .request = request, .room = HEADERS_MAX, .end = version + strlen(version) };
	look.headers = arena_array(request->arena, HEADERS_MAX, sizeof *look.headers);
	int n = MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, field_look, &look);
	request->public.headers = look.headers;
	request->public.n_headers = look.n;
	TRY(line_check(request, method, version, error));
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
	if (!look.wrong && info && n == (int)look.n && is_cut(&look, method + info->header_size, 2))
		look.wrong = "the header section ends in a line that is not empty";
	if (look.wrong)
		FAIL(error, BAD_REQUEST, "%s", look.wrong);
	if (n < 0 || (size_t)n != look.n)
		FAIL(error, HEADER_TOO_LARGE, "more than %d headers", HEADERS_MAX);
	if (look.hosts > 1 || (look.hosts == 0 && text_equal(version, "HTTP/1.1")))
		FAIL(error, BAD_REQUEST, "Host must be there exactly once (RFC 9112 3.2)");
	if (look.authorizations > 1 || look.types > 1)
		FAIL(error, BAD_REQUEST, "%s is there more than once", look.types > 1 ? "Content-Type" : "Authorization");
	TRY(framing_check(request, &look, method, version, error));
	if (request->has_body && look.encoding && !text_equal_nocase(look.encoding, "identity"))
		FAIL(error, MEDIA_TYPE, "a body with Content-Encoding is not taken: send it as it is");
	return 0;
}
