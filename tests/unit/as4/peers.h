/* peers: a trader and a hub with an authority of their own, and modes of both for each other. */
#ifndef SEALGATE_TESTS_UNIT_AS4_PEERS_H
#define SEALGATE_TESTS_UNIT_AS4_PEERS_H

#include <string.h>

#include "as4/names.h"
#include "as4/package.h"
#include "lib/base/text.h"
#include "support/suite.h"

#define FROM INT64_C(1420070400000)  /* 2015 */
#define NOW INT64_C(1454464101000)   /* 2016-02-03T01:48:21Z */
#define UNTIL INT64_C(2051222400000) /* 2035 */

struct identity {
	struct key *key;
	struct certificate *chain;  /* leaf, authority in between */
};

struct peers {
	struct key *root_key, *middle_key;
	struct certificate *root, *middle;
	struct identity trader, hub;
	struct as4_mode at_trader, at_hub;
};

static inline void identity_make(struct peers *p, struct identity *id, const char *kind, const char *name, int64_t until)
{
	struct certificate_order order = { .name = name, .organisation = "Test", .country = "NL", .from = FROM, .until = until };
	must_succeed(key_make(kind, &id->key, error));
	must_succeed(certificate_make(&order, id->key, p->middle, p->middle_key, &id->chain, error));
	certificate_append(id->chain, certificate_copy(p->middle));
}

static inline void identity_clear(struct identity *id)
{
	key_free(&id->key);
	certificate_free(&id->chain);
}

static inline void peers_make(struct peers *p, const char *kind)
{
	*p = (struct peers){ 0 };
	struct certificate_order root = { .name = "Root", .country = "NL", .is_authority = true, .from = FROM, .until = UNTIL };
	struct certificate_order middle = { .name = "Middle", .country = "NL", .is_authority = true, .from = FROM, .until = UNTIL };
	must_succeed(key_make("p256", &p->root_key, error));
	must_succeed(key_make("p256", &p->middle_key, error));
	must_succeed(certificate_make(&root, p->root_key, NULL, NULL, &p->root, error));
	must_succeed(certificate_make(&middle, p->middle_key, p->root, p->root_key, &p->middle, error));
	identity_make(p, &p->trader, kind, "NL123456789", UNTIL);
	identity_make(p, &p->hub, kind, "sti-taxud", UNTIL);
	p->at_trader = (struct as4_mode){
		.name = "hub",
		.self = { "NL123456789", "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:EORI", "Trader" },
		.peer = { "sti-taxud", "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:auth", "Customs" },
		.collaboration = { "EU-ICS2-TI-V2.0", "ics2-interface-version", NULL, "eu_ics2_t2c", "eu-customs-service-type", "IE3R02", "1" },
		.key = p->trader.key, .chain = p->trader.chain, .algorithm = key_algorithm(p->trader.key, true), .token = AS4_TOKEN_PKIPATH,
		.trust = { .anchors = p->root }, .signer = "CN=sti-taxud", .known = p->hub.chain, .rsa_bits = 2048, .compress = true,
	};
	p->at_hub = p->at_trader;
	p->at_hub.self = p->at_trader.peer;
	p->at_hub.peer = p->at_trader.self;
	p->at_hub.key = p->hub.key;
	p->at_hub.chain = p->hub.chain;
	p->at_hub.signer = "CN=NL123456789";
	p->at_hub.known = p->trader.chain;
}

static inline void peers_clear(struct peers *p)
{
	identity_clear(&p->trader);
	identity_clear(&p->hub);
	key_free(&p->root_key);
	key_free(&p->middle_key);
	certificate_free(&p->root);
	certificate_free(&p->middle);
}

#define PEERS(name, kind) __attribute__((cleanup(peers_clear))) struct peers name; peers_make(&name, kind)

#define DOCUMENT "<?xml version=\"1.0\"?>\n<!-- c --><a:IE3R02 b='1' xmlns:a=\"urn:wco\"><LRN>SG1</LRN></a:IE3R02>\n"
#define NOTE "line one\nline two\r\nline three\rend"

struct letter {
	struct buffer octets;
	struct as4_packed packed;
	struct as4_header header;
};
static inline void letter_clear(struct letter *l)
{
	buffer_clear(&l->octets);
}
#define LETTER(name) __attribute__((cleanup(letter_clear))) struct letter name = { 0 }

static inline int letter_pack(struct arena *arena, const struct as4_mode *mode, const struct as4_header *header, const struct as4_payload *payloads,
                              size_t count, struct letter *l, struct error *error)
{
	struct sink sink = sink_to_buffer(&l->octets);
	l->header = *header;
	buffer_reset(&l->octets);
	return as4_pack(arena, mode, header, payloads, count, &sink, &l->packed, error);
}

/* A user message of the trader: the document, a text, a picture that is not compressed. */
static inline void letter_write(struct arena *arena, const struct as4_mode *mode, struct letter *l)
{
	static const struct bytes document = { (const uint8_t *)DOCUMENT, sizeof DOCUMENT - 1 }, note = { (const uint8_t *)NOTE, sizeof NOTE - 1 },
	                          picture = { (const uint8_t *)"\xff\xd8\xff\0\r\n--\n\r", 10 };
	static struct blob blobs[3];
	blobs[0] = blob_of_bytes(&document);
	blobs[1] = blob_of_bytes(&note);
	blobs[2] = blob_of_bytes(&picture);
	const struct as4_payload payloads[] = {
		{ .cid = "message@trader", .mime_type = "application/xml", .character_set = "utf-8", .content = &blobs[0] },
		{ .cid = "note@trader", .mime_type = "text/plain", .content = &blobs[1] },
		{ .cid = "picture@trader", .mime_type = "image/jpeg", .plain = true, .content = &blobs[2] },
	};
	struct as4_header header;
	as4_user_begin(mode, &header);
	header.message_id = as4_message_id(arena, "trader.example");
	header.time = NOW;
	must_succeed(letter_pack(arena, mode, &header, payloads, 3, l, error));
}

static inline int open_octets(struct arena *arena, const char *type, struct bytes octets, struct as4_incoming **in, enum ebms_code *code, struct error *error)
{
	struct bytes *kept = arena_alloc(arena, sizeof *kept);
	*kept = octets;
	struct blob blob = blob_of_bytes(kept);
	return as4_open(arena, type, &blob, NULL, in, code, error);
}

static inline int take_octets(struct arena *arena, const struct as4_mode *mode, const char *type, struct bytes octets, struct as4_incoming **in,
                              enum ebms_code *code, struct error *error)
{
	TRY(open_octets(arena, type, octets, in, code, error));
	return as4_accept(*in, mode, NOW, code, error);
}

static inline int take(struct arena *arena, const struct as4_mode *mode, const struct letter *l, struct as4_incoming **in, enum ebms_code *code,
                       struct error *error)
{
	return take_octets(arena, mode, l->packed.content_type, buffer_bytes(&l->octets), in, code, error);
}

#define must_take(arena, mode, letter, in)                                                               \
	do {                                                                                              \
		enum ebms_code code_ = EBMS_NONE;                                                         \
		must_succeed(take(arena, mode, letter, in, &code_, error));                               \
	} while (0)

/* The call sets `code` and fails with this ebMS code. */
#define must_refuse(call, wanted)                                                                        \
	do {                                                                                              \
		struct error error_ = { 0 }, *error = &error_;                                            \
		enum ebms_code code = EBMS_NONE;                                                          \
		if ((call) == 0)                                                                          \
			ck_abort_msg("%s succeeded", #call);                                              \
		if (code != EBMS_##wanted)                                                                \
			ck_abort_msg("%s: %s, not %s: %s", #call, code ? ebms_row(code)->code : "none", ebms_row(EBMS_##wanted)->code, error_.text); \
	} while (0)

#endif
