/* target: path and query, from what was sent, never from what libmicrohttpd decoded. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/http/inside.h"

#define SEGMENTS_MAX 32
#define PARAMETERS_MAX 64

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes once; what comes out must be UTF-8 without control characters. */
static int percent_decode(struct arena *arena, const char *text, size_t size, bool plus, const char **out_r, struct error *error)
{
	char *out = arena_alloc(arena, size + 1);
	size_t n = 0;
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (c == '%') {
			bool room = size - i > 2;
			int high = room ? hex_of(text[i + 1]) : -1, low = room ? hex_of(text[i + 2]) : -1;
			if (high < 0 || low < 0)
				FAIL(error, BAD_REQUEST, "the request target has a \"%%\" that is not followed by two hexadecimal digits");
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		if ((unsigned char)c < 0x20 || c == 0x7f)
			FAIL(error, BAD_REQUEST, "the request target has a control character");
		out[n++] = c;
	}
	if (text_utf8_check((struct bytes){ (const uint8_t *)out, n }) != n)
		FAIL(error, BAD_REQUEST, "the request target is not UTF-8 when decoded");
	*out_r = out;
	return 0;
}

/* RFC 9112 3.2.2: "GET http://host/path". It must name the host that Host names. */
static int absolute_form(struct http_request *request, struct error *error)
{
	const char *authority = request->target + (text_starts(request->target, "https://") ? 8 : 7);
	size_t size = strcspn(authority, "/?");
	const char *host = http_request_header(request, "Host");
	if (!host || strlen(host) != size || strncasecmp(host, authority, size) != 0)
		FAIL(error, BAD_REQUEST, "the request target names another host than Host");
	const char *rest = authority + size;
	request->target = *rest == '/' ? rest : arena_printf(request->arena, "/%s", rest);
	return 0;
}

static int segments_read(struct http_request *request, struct error *error)
{
	const char **segments = arena_array(request->arena, SEGMENTS_MAX, sizeof *segments);
	request->segments = segments;
	for (const char *at = request->path + 1; *at;) {
		size_t size = strcspn(at, "/");
		if (size == 0)
			FAIL(error, BAD_REQUEST, "the path has an empty segment");
		if (request->n_segments == SEGMENTS_MAX)
			FAIL(error, BAD_REQUEST, "the path has more than %d segments", SEGMENTS_MAX);
		const char *segment;
		TRY(percent_decode(request->arena, at, size, false, &segment, error));
		if (text_equal(segment, ".") || text_equal(segment, ".."))
			FAIL(error, BAD_REQUEST, "the path has a \".\" or \"..\" segment");
		segments[request->n_segments++] = segment;
		at += size;
		if (*at == '/')
			at++;
	}
	return 0;
}

static int parameters_read(struct http_request *request, const char *query, struct error *error)
{
	struct http_parameter *parameters = arena_array(request->arena, PARAMETERS_MAX, sizeof *parameters);
	request->parameters = parameters;
	while (*query) {
		size_t size = strcspn(query, "&");
		if (size) {
			if (request->n_parameters == PARAMETERS_MAX)
				FAIL(error, BAD_REQUEST, "the query has more than %d parameters", PARAMETERS_MAX);
			const char *equals = memchr(query, '=', size);
			size_t name = equals ? (size_t)(equals - query) : size;
			struct http_parameter *parameter = &parameters[request->n_parameters++];
			TRY(percent_decode(request->arena, query, name, true, &parameter->name, error));
			parameter->value = "";
			if (equals)
				TRY(percent_decode(request->arena, equals + 1, size - name - 1, true, &parameter->value, error));
		}
		query += size;
		if (*query)
			query++;
	}
	return 0;
}

int target_read(struct http_request *request, struct error *error)
{
	if (text_starts(request->target, "http://") || text_starts(request->target, "https://"))
		TRY(absolute_form(request, error));
	if (request->target[0] != '/')
		FAIL(error, BAD_REQUEST, "the request target is not a path");
	size_t size = strcspn(request->target, "?");
	request->path = arena_text_n(request->arena, request->target, size);
	TRY(segments_read(request, error));
	return request->target[size] ? parameters_read(request, request->target + size + 1, error) : 0;
}
