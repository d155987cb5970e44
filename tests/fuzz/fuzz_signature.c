/* Signatures from outside. The input is a detached signature on DOCUMENT, or a document with an enveloped one: whatever is
 * taken as signed by the one trusted signer says what was signed, octet for octet. The seeds hold real signatures by a key
 * that nobody has any more. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/xml/xml.h"
#include "sign/names.h"
#include "sign/sign.h"

#define NOW INT64_C(2051222400000) /* 2035: behind every seed */
#define DOCUMENT "<a:x xmlns:a=\"urn:a\" b=\"1\"><a:y>text</a:y></a:x>"

static const struct certificate *anchors(void)
{
	static struct certificate *read;
	if (!read)
		works(certificate_open(SOURCE_DIR "/tests/fuzz/anchor.pem", &read, error));
	return read;
}

static void check_enveloped(struct arena *arena, struct bytes in)
{
	struct xml_document *document;
	BUFFER_AUTO content = { 0 };
	works(xml_parse(arena, in, NULL, &document, error));
	const struct xml_node *signature = xml_child(document->root, DS, "Signature");
	works(xml_canonical(document, document->root, signature, &content, error));
	property(text_equal(buffer_text(&content), DOCUMENT));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct bytes in = { (uint8_t *)data, size }, other = bytes_of_text(DOCUMENT " ");
	struct verdict verdict;
	struct error why = { 0 };
	if (verify_detached(arena, bytes_of_text(DOCUMENT), in, anchors(), NULL, NOW, &verdict, &why) == 0) {
		property(strstr(verdict.subject, "CN=Seal") && !verdict.enveloped);
		property(verify_detached(arena, other, in, anchors(), NULL, NOW, &verdict, &why) < 0);
	}
	if (verify_enveloped(arena, in, anchors(), NULL, NOW, &verdict, &why) == 0) {
		property(strstr(verdict.subject, "CN=Seal") && verdict.enveloped);
		check_enveloped(arena, in);
	}
	return 0;
}
