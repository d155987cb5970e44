/* One pass over the octets. It does not decide whether they are well-formed (libxml2 does), only what they would cost. */
#include "lib/xml/guard.h"

#include <string.h>

#include "lib/base/text.h"

struct guard {
	const uint8_t *start, *at, *end;
	const struct xml_limits *limits;
	size_t elements, depth;
	struct error *error;
};

static int refuse(struct guard *g, enum error_code code, const char *what)
{
	unsigned line = 1;
	for (const uint8_t *at = g->start; at < g->at; at++)
		line += *at == '\n';
	error_set(g->error, code, "%s", what);
	return error_at(g->error, "line %u", line);
}

static bool starts(const struct guard *g, const char *what)
{
	size_t n = strlen(what);
	return (size_t)(g->end - g->at) >= n && memcmp(g->at, what, n) == 0;
}

static int pass(struct guard *g, const char *end)
{
	const uint8_t *found = memmem(g->at, (size_t)(g->end - g->at), end, strlen(end));
	if (!found)
		return refuse(g, ERROR_BAD_XML, "the document ends inside a comment, CDATA section or instruction");
	g->at = found + strlen(end);
	return 0;
}

/* At '<' of a start or end tag: to behind its '>'. An attribute is a '=' outside quotes. */
static int tag(struct guard *g)
{
	bool is_end = g->at + 1 < g->end && g->at[1] == '/', empty = false;
	unsigned attributes = 0;
	for (g->at++; g->at < g->end && *g->at != '>'; g->at++) {
		uint8_t c = *g->at;
		if (c == '"' || c == '\'') {
			const uint8_t *close = memchr(g->at + 1, c, (size_t)(g->end - g->at - 1));
			g->at = close ? close : g->end - 1;
		} else if (c == '=' && ++attributes > g->limits->attributes) {
			return refuse(g, ERROR_TOO_LARGE, "an element has too many attributes");
		} else if (c == '<') {
			return refuse(g, ERROR_BAD_XML, "a < stands inside a tag");
		}
		empty = c == '/';
	}
	if (g->at == g->end)
		return refuse(g, ERROR_BAD_XML, "the document ends inside a tag");
	g->at++;
	if (is_end) {
		g->depth -= g->depth > 0;
		return 0;
	}
	if (++g->elements > g->limits->elements)
		return refuse(g, ERROR_TOO_LARGE, "the document has too many elements");
	if (g->depth + 1 > g->limits->depth)
		return refuse(g, ERROR_TOO_LARGE, "elements stand too deep in one another");
	g->depth += !empty;
	return 0;
}

static int check_declaration(struct guard *g)
{
	const uint8_t *end = memmem(g->at, (size_t)(g->end - g->at), "?>", 2);
	const uint8_t *name = end ? memmem(g->at, (size_t)(end - g->at), "encoding", 8) : NULL;
	if (!name)
		return 0;
	size_t left = (size_t)(end - name);
	char text[32] = { 0 };
	memcpy(text, name, left < sizeof text - 1 ? left : sizeof text - 1);
	const char *quote = strpbrk(text, "\"'");
	if (!quote || strncasecmp(quote + 1, "utf-8", 5) != 0)
		return refuse(g, ERROR_BAD_XML, "the document is not in UTF-8: send it in UTF-8");
	return 0;
}

int guard_octets(struct bytes octets, const struct xml_limits *limits, struct error *error)
{
	const uint8_t *data = octets.size ? octets.data : (const uint8_t *)"";
	struct guard g = { .start = data, .at = data, .end = data + octets.size, .limits = limits, .error = error };
	if (octets.size > limits->bytes)
		FAIL(error, TOO_LARGE, "the document has %zu octets, more than %zu", octets.size, limits->bytes);
	size_t good = text_utf8_check(octets);
	if (good < octets.size)
		FAIL(error, BAD_XML, "the document is not UTF-8 at octet %zu", good);
	if (octets.size && memchr(octets.data, '\0', octets.size))  /* where it ends differs from reader to reader */
		FAIL(error, BAD_XML, "the document holds a NUL");
	if (starts(&g, "\xef\xbb\xbf"))
		g.at += 3;
	if (starts(&g, "<?xml"))
		TRY(check_declaration(&g));
	while (g.at < g.end) {
		if (*g.at != '<') {
			const uint8_t *next = memchr(g.at, '<', (size_t)(g.end - g.at));
			g.at = next ? next : g.end;
		} else if (starts(&g, "<!--")) {
			TRY(pass(&g, "-->"));
		} else if (starts(&g, "<![CDATA[")) {
			TRY(pass(&g, "]]>"));
		} else if (starts(&g, "<?")) {
			TRY(pass(&g, "?>"));
		} else if (starts(&g, "<!")) {
			return refuse(&g, ERROR_BAD_XML, "the document has a DOCTYPE or another declaration, which is not taken");
		} else {
			TRY(tag(&g));
		}
	}
	return 0;
}
