/* request: what handlers ask of one. */
#include <stdarg.h>
#include <string.h>

#include "lib/base/text.h"
#include "lib/http/server.h"

const char *http_request_header(const struct http_request *request, const char *name)
{
	return http_header_find(request->headers, request->n_headers, name);
}

const char *http_request_parameter(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->n_parameters; i++)
		if (text_equal(request->parameters[i].name, name))
			return request->parameters[i].value;
	return NULL;
}

const char *http_request_media_type(const struct http_request *request)
{
	const char *value = http_request_header(request, "Content-Type");
	if (!value)
		return "";
	char *type = arena_text_n(request->arena, value, strcspn(value, "; \t"));
	for (char *c = type; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return type;
}

bool http_request_is(const struct http_request *request, const char *method, ...)
{
	if (!text_equal(request->method, method))
		return false;
	va_list args;
	va_start(args, method);
	size_t i = 0;
	bool same = true;
	for (const char *segment; same && (segment = va_arg(args, const char *)); i++)
		same = i < request->n_segments && (text_equal(segment, "*") || text_equal(segment, request->segments[i]));
	va_end(args);
	return same && i == request->n_segments;
}
