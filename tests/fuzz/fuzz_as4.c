/* AS4 messages from outside. The input's first line is the Content-Type, the rest the body. Whatever is accepted as the trader's is
 * signed by the trader, part for part; and what is refused has an ebMS error. The seeds are real messages, by keys that nobody has
 * any more, and receipts of theirs. */
#include <string.h>

#include "as4/package.h"
#include "fuzz/fuzz.h"
#include "lib/base/text.h"

#define NOW INT64_C(1454464101000) /* 2016-02-03: when the seeds were signed */
#define EU_TYPE "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:"

static struct as4_mode mode_of(bool from_hub)
{
	static struct certificate *anchor;
	static struct key *key;
	if (!anchor) {
		works(certificate_open(SOURCE_DIR "/tests/fuzz/as4_anchor.pem", &anchor, error));
		works(key_make("rsa2048", &key, error));
	}
	struct as4_party trader = { "NL123456789", EU_TYPE "EORI", "Trader" }, hub = { "sti-taxud", EU_TYPE "auth", "Customs" };
	return (struct as4_mode){
		.name = "fuzz", .self = from_hub ? trader : hub, .peer = from_hub ? hub : trader,
		.collaboration = { "EU-ICS2-TI-V2.0", "ics2-interface-version", NULL, "eu_ics2_t2c", "eu-customs-service-type", NULL, NULL },
		.trust = { .anchors = anchor }, .known = anchor, .rsa_bits = 2048, .signer = from_hub ? "CN=sti-taxud" : "CN=NL123456789",
		.decrypt_key = key, .take_mgf1_sha1 = true,
	};
}

static int nowhere(void *context, struct bytes bytes, struct error *error)
{
	size_t *count = context;
	(void)error;
	*count += bytes.size;
	return 0;
}

static void check_accepted(struct as4_incoming *in, bool from_hub)
{
	struct error why = { 0 };
	enum ebms_code code = EBMS_NONE;
	size_t references = 0;
	property(in->verified && in->signer && strstr(in->signer, from_hub ? "CN=sti-taxud" : "CN=NL123456789"));
	for (const struct as4_reference *r = in->references; r; r = r->next)
		references++;
	property(references == in->count + 2);  /* header, body, each part, and nothing else */
	for (size_t i = 0; i < in->count; i++) {
		size_t size = 0;
		struct sink sink = { nowhere, &size };
		if (as4_part_read(in, i, &sink, &code, &why) < 0)
			property(code != EBMS_NONE);
		property(size <= AS4_PART_BYTES);
	}
	if (in->header.kind == AS4_USER && !as4_is_test(&in->header))
		property(text_equal(in->header.user.collaboration.service, "eu_ics2_t2c"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes line, body;
	if (!fuzz_split((struct bytes){ (uint8_t *)data, size }, '\n', &line, &body) || memchr(line.data, 0, line.size))
		return 0;
	for (int from_hub = 0; from_hub < 2; from_hub++) {
		ARENA_AUTO arena = arena_new();
		struct as4_mode mode = mode_of(from_hub);
		struct as4_incoming *in;
		struct error why = { 0 };
		enum ebms_code code = EBMS_NONE;
		struct blob blob = blob_of_bytes(&body);
		if (as4_open(arena, arena_text_n(arena, (const char *)line.data, line.size), &blob, NULL, &in, &code, &why) < 0) {
			property(code != EBMS_NONE && why.code != ERROR_NONE);
			return 0;
		}
		property(in->header.message_id);
		if (as4_accept(in, &mode, NOW, &code, &why) < 0)
			property(code != EBMS_NONE && why.code != ERROR_NONE && !in->verified);
		else
			check_accepted(in, from_hub);
	}
	return 0;
}
