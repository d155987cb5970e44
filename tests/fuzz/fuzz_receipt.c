/* eb:Messaging from outside: a header that is read is written as one that is read the same; a receipt confirms what was sent and
 * nothing else. */
#include <string.h>

#include "as4/package.h"
#include "fuzz/fuzz.h"
#include "lib/base/text.h"

static int read_one(struct arena *arena, struct bytes octets, struct as4_header *header)
{
	struct xml_document *document;
	struct error why = { 0 };
	struct fault fault = { EBMS_NONE, &why };
	if (xml_parse(arena, octets, NULL, &document, &why) < 0)
		return -1;
	int result = header_read(arena, document->root, header, &fault);
	property(result == 0 || fault.code != EBMS_NONE);
	return result;
}

static void check_receipt(const struct as4_header *header)
{
	static const struct as4_reference sent = { .uri = "#msg-1", .digest_method = "http://www.w3.org/2001/04/xmlenc#sha256", .digest = "x" };
	struct error why = { 0 };
	enum ebms_code code = EBMS_NONE;
	property(as4_receipt_check(header, header->ref_to, &sent, &code, &why) < 0 || !header->references->next);
	if (header->references) {
		works(as4_receipt_check(header, header->ref_to, header->references, &code, error));
		property(as4_receipt_check(header, "another@x", header->references, &code, &why) < 0);
		if (header->references->next)
			property(as4_receipt_check(header, header->ref_to, header->references->next, &code, &why) < 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct as4_header header, again;
	BUFFER_AUTO first = { 0 };
	BUFFER_AUTO second = { 0 };
	if (read_one(arena, (struct bytes){ (uint8_t *)data, size }, &header) < 0)
		return 0;
	header_write(&header, "m", &first);
	property(read_one(arena, buffer_bytes(&first), &again) == 0);
	header_write(&again, "m", &second);
	property(text_equal(buffer_text(&first), buffer_text(&second)));
	if (header.kind == AS4_RECEIPT)
		check_receipt(&header);
	return 0;
}
