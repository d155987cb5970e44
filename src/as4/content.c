/* What an attachment's digest is computed over: XML in exclusive canonical form, other text with CR LF line ends, and
 * everything else, gzip above all, as it is (SwA Profile 1.1, 5.4.2 and 5.4.3). */
#include <string.h>

#include "as4/inside.h"
#include "as4/names.h"
#include "lib/base/text.h"

void content_begin(struct content *c, const char *mime_type, unsigned bits)
{
	bool xml = text_equal(mime_type, "text/xml") || text_equal(mime_type, "application/xml") ||
	           ((text_starts(mime_type, "application/") || text_starts(mime_type, "image/")) && text_ends(mime_type, "+xml"));
	*c = (struct content){ .form = xml ? CONTENT_XML : text_starts(mime_type, "text/") ? CONTENT_TEXT : CONTENT_RAW, .bits = bits };
	c->digest = digest_new_sha2(bits);
	c->xml.ceiling = (size_t)8 << 20;
}

static void add_line_ends(struct content *c, struct bytes bytes)
{
	static const struct bytes line_end = { (const uint8_t *)"\r\n", 2 };
	size_t from = 0;
	for (size_t i = 0; i < bytes.size; i++) {
		uint8_t octet = bytes.data[i];
		if (octet != '\r' && octet != '\n') {
			c->after_cr = false;
			continue;
		}
		digest_add(c->digest, (struct bytes){ bytes.data + from, i - from });
		from = i + 1;
		if (octet == '\r' || !c->after_cr)
			digest_add(c->digest, line_end);
		c->after_cr = octet == '\r';
	}
	digest_add(c->digest, (struct bytes){ bytes.data + from, bytes.size - from });
}

static int content_add(void *context, struct bytes bytes, struct error *error)
{
	struct content *c = context;
	if (c->form == CONTENT_RAW)
		digest_add(c->digest, bytes);
	else if (c->form == CONTENT_TEXT)
		add_line_ends(c, bytes);
	else
		buffer_add(&c->xml, bytes.data, bytes.size);
	if (c->xml.over)
		FAIL(error, TOO_LARGE, "an XML part that is not compressed is larger than %zu octets; compress it", c->xml.ceiling);
	return 0;
}

struct sink content_sink(struct content *c)
{
	return (struct sink){ content_add, c };
}

static int add_canonical(struct content *c, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO form = { 0 };
	struct xml_document *document;
	TRY(xml_parse(arena, buffer_bytes(&c->xml), NULL, &document, error));
	TRY(xml_canonical_inclusive(document, NULL, NULL, &form, error));
	digest_add(c->digest, buffer_bytes(&form));
	return 0;
}

int content_end(struct content *c, struct arena *arena, const char **digest_r, struct error *error)
{
	uint8_t digest[DIGEST_SHA512_SIZE];
	BUFFER_AUTO text = { 0 };
	if (c->form == CONTENT_XML)
		TRY(add_canonical(c, error));
	size_t size = digest_end_sha2(&c->digest, digest);
	text_base64(&text, (struct bytes){ digest, size });
	*digest_r = arena_text(arena, buffer_text(&text));
	return 0;
}

void content_clear(struct content *c)
{
	if (c->digest)
		digest_free(&c->digest);
	buffer_clear(&c->xml);
}

unsigned digest_bits(const char *method)
{
	return text_equal(method, DIGEST_SHA256) ? 256 : text_equal(method, DIGEST_SHA384) ? 384 : text_equal(method, DIGEST_SHA512) ? 512 : 0;
}

const char *digest_text(struct arena *arena, unsigned bits, struct bytes octets)
{
	uint8_t digest[DIGEST_SHA512_SIZE];
	BUFFER_AUTO text = { 0 };
	size_t size = digest_sha2(bits, octets, digest);
	text_base64(&text, (struct bytes){ digest, size });
	return arena_text(arena, buffer_text(&text));
}
