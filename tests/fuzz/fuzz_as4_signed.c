/* AS4 messages of a peer who signs whatever it is: the input is an eb:Messaging, then for each part a record separator (0x1e), its
 * Content-ID, its Content-Type, and its octets, each of the first two on a line of its own. They are packed and signed here by the trader's
 * key, so that nothing of it stops at the signature. What is accepted has parts that come out as they were signed; the receipt for it
 * confirms it and nothing else; and with one octet of a part changed on the way it is refused. */
#include <string.h>

#include "as4/inside.h"
#include "as4/names.h"
#include "fuzz/fuzz.h"
#include "lib/base/text.h"

#define FROM INT64_C(1420070400000)  /* 2015 */
#define NOW INT64_C(1454464101000)   /* 2016-02-03 */
#define UNTIL INT64_C(2051222400000) /* 2035 */
#define PARTS_MOST 8
#define EU_TYPE "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:"

static struct as4_mode trader, hub;

static void identity(struct as4_mode *mode, const char *name)
{
	static struct key *key[2];
	static struct certificate *chain[2];
	struct certificate_order order = { .name = name, .from = FROM, .until = UNTIL };
	size_t i = mode == &hub;
	works(key_make("p256", &key[i], error));
	works(certificate_make(&order, key[i], NULL, NULL, &chain[i], error));
	mode->key = key[i];
	mode->chain = chain[i];
	mode->algorithm = key_algorithm(key[i], true);
	mode->token = AS4_TOKEN_X509V3;
}

static void modes_make(void)
{
	if (trader.name)
		return;
	struct as4_party t = { "NL123456789", EU_TYPE "EORI", "Trader" }, h = { "sti-taxud", EU_TYPE "auth", "Customs" };
	struct as4_collaboration agreed = { .agreement = "EU-ICS2-TI-V2.0", .agreement_type = "ics2-interface-version" };
	trader = (struct as4_mode){ .name = "hub", .self = t, .peer = h, .collaboration = agreed };
	hub = (struct as4_mode){ .name = "trader", .self = h, .peer = t, .collaboration = agreed };
	identity(&trader, "trader");
	identity(&hub, "hub");
	trader.trust.pinned = hub.chain;
	hub.trust.pinned = trader.chain;
}

struct piece {
	struct bytes id, type, octets;
};

struct made {
	struct arena *arena;
	struct piece parts[PARTS_MOST];
	size_t count;
	struct as4_reference references[PARTS_MOST + 2];
	struct buffer wire;
	size_t at[PARTS_MOST];          /* of each part's octets in `wire` */
};

static void made_clear(struct made *m)
{
	buffer_clear(&m->wire);
}

static void parts_split(struct made *m, struct bytes rest)
{
	for (bool more = rest.size > 0; more && m->count < PARTS_MOST; m->count++) {
		struct bytes one, after;
		struct piece *piece = &m->parts[m->count];
		more = fuzz_split(rest, '\x1e', &one, &after);
		fuzz_split(one, '\n', &piece->id, &one);
		fuzz_split(one, '\n', &piece->type, &piece->octets);
		rest = after;
	}
}

static const char *text_of(struct arena *arena, struct bytes octets)
{
	return arena_text_n(arena, (const char *)octets.data, octets.size);
}

/* -1: what would be signed cannot be told (a media type that is none, XML that is none, a NUL in a header). */
static int sign_part(struct made *m, size_t i)
{
	const struct piece *piece = &m->parts[i];
	struct error why = { 0 };
	struct mime_type type;
	CONTENT_AUTO content = { 0 };
	if (strlen(text_of(m->arena, piece->id)) != piece->id.size || strlen(text_of(m->arena, piece->type)) != piece->type.size)
		return -1;
	TRY(mime_type_parse(m->arena, text_of(m->arena, piece->type), &type, &why));
	content_begin(&content, type.type, 256);
	struct sink sink = content_sink(&content);
	TRY(sink_write(&sink, piece->octets, &why));
	m->references[2 + i] = (struct as4_reference){ .uri = arena_printf(m->arena, "cid:%s", text_of(m->arena, piece->id)),
	                                               .transform = SWA_CONTENT_SIGNATURE, .digest_method = DIGEST_SHA256 };
	return content_end(&content, m->arena, &m->references[2 + i].digest, &why);
}

static int sign_messaging(struct made *m, struct bytes messaging)
{
	BUFFER_AUTO canonical = { 0 };
	BUFFER_AUTO body = { 0 };
	struct xml_document *document;
	struct error why = { 0 };
	TRY(xml_parse(m->arena, messaging, NULL, &document, &why));
	TRY(xml_canonical(document, document->root, NULL, &canonical, &why));
	const char *id = security_id(document->root);
	body_write("b", &body);
	m->references[0] = (struct as4_reference){ .uri = arena_printf(m->arena, "#%s", id ? id : ""), .transform = NS_EC, .digest_method = DIGEST_SHA256,
	                                           .digest = digest_text(m->arena, 256, buffer_bytes(&canonical)) };
	m->references[1] = (struct as4_reference){ .uri = "#b", .transform = NS_EC, .digest_method = DIGEST_SHA256,
	                                           .digest = digest_text(m->arena, 256, buffer_bytes(&body)) };
	return 0;
}

static int make(struct made *m, struct bytes messaging)
{
	BUFFER_AUTO security = { 0 };
	TRY(sign_messaging(m, messaging));
	for (size_t i = 0; i < m->count; i++)
		TRY(sign_part(m, i));
	for (size_t i = 0; i < m->count + 1; i++)
		m->references[i].next = &m->references[i + 1];
	works(security_write(m->arena, &trader, m->references, (struct bytes){ 0 }, &security, error));
	buffer_add_text(&m->wire, "--b\r\nContent-Type: application/soap+xml\r\n\r\n");
	envelope_write(messaging, buffer_bytes(&security), "b", &m->wire);
	for (size_t i = 0; i < m->count; i++) {
		buffer_printf(&m->wire, "\r\n--b\r\nContent-Type: %s\r\nContent-ID: <%s>\r\n\r\n", text_of(m->arena, m->parts[i].type),
		              text_of(m->arena, m->parts[i].id));
		m->at[i] = m->wire.size;
		buffer_add(&m->wire, m->parts[i].octets.data, m->parts[i].octets.size);
	}
	buffer_add_text(&m->wire, "\r\n--b--\r\n");
	return 0;
}

static int take(struct arena *arena, const struct as4_mode *mode, const char *type, const struct bytes *octets, struct as4_incoming **in)
{
	struct error why = { 0 };
	enum ebms_code code = EBMS_NONE;
	struct blob blob = blob_of_bytes(octets);
	int result = as4_open(arena, type, &blob, NULL, in, &code, &why);
	if (result == 0)
		result = as4_accept(*in, mode, NOW, &code, &why);
	property(result == 0 ? code == EBMS_NONE : code != EBMS_NONE && why.code != ERROR_NONE && !(*in)->verified);
	return result;
}

#define WIRE_TYPE "multipart/related; type=\"application/soap+xml\"; boundary=b"

static const struct piece *piece_of(const struct made *m, const char *cid)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->parts[i].id.size == strlen(cid) && memcmp(m->parts[i].id.data, cid, strlen(cid)) == 0)
			return &m->parts[i];
	return NULL;
}

static void check_parts(const struct made *m, struct as4_incoming *in)
{
	property(in->count == m->count);
	for (size_t i = 0; i < in->count; i++) {
		BUFFER_AUTO out = { .ceiling = (size_t)128 << 20 };
		struct sink sink = sink_to_buffer(&out);
		struct error why = { 0 };
		enum ebms_code code = EBMS_NONE;
		const struct as4_part_info *info = in->parts[i].info;
		const struct piece *piece = piece_of(m, info->cid);
		property(piece && in->parts[i].size == piece->octets.size);
		if (as4_part_read(in, i, &sink, &code, &why) < 0)
			property(info->compressed && code == EBMS_DECOMPRESSION_FAILURE);
		else if (!info->compressed)
			property(bytes_equal(buffer_bytes(&out), piece->octets));
		else
			property(out.size <= AS4_PART_BYTES);
	}
}

static void check_receipt(struct arena *arena, struct as4_incoming *in)
{
	struct as4_header header;
	struct as4_packed packed;
	struct as4_incoming *receipt;
	struct error why = { 0 };
	enum ebms_code code = EBMS_NONE;
	BUFFER_AUTO out = { 0 };
	struct sink sink = sink_to_buffer(&out);
	as4_receipt_for(in, "r@hub", NOW, &header);
	works(as4_pack(arena, &hub, &header, NULL, 0, &sink, &packed, error));
	struct bytes octets = buffer_bytes(&out);
	property(take(arena, &trader, packed.content_type, &octets, &receipt) == 0 && receipt->header.kind == AS4_RECEIPT);
	property(as4_receipt_check(&receipt->header, in->header.message_id, in->references, &code, &why) == 0);
	property(as4_receipt_check(&receipt->header, in->header.message_id, in->references->next, &code, &why) < 0);
}

/* No octet of a part that is signed as it is can be changed on the way. */
static void check_change(struct arena *arena, struct made *m, const struct as4_incoming *in)
{
	for (size_t i = 0; i < m->count; i++) {
		struct as4_incoming *changed;
		const char *type = in->inside->parts[i].type;
		size_t size = m->parts[i].octets.size;
		if (!size || text_starts(type, "text/") || text_ends(type, "xml"))
			continue;
		for (size_t k = 0; k < m->count; k++) {
			size_t n = m->parts[k].octets.size;
			if (piece_of(m, in->parts[i].info->cid) != &m->parts[k] || !n)
				continue;
			char *octet = &m->wire.data[m->at[k] + n / 2], kept = *octet;
			*octet = (char)(kept ^ 1);
			struct bytes wire = buffer_bytes(&m->wire);
			property(take(arena, &hub, WIRE_TYPE, &wire, &changed) < 0);
			*octet = kept;
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	__attribute__((cleanup(made_clear))) struct made m = { .arena = arena };
	struct bytes messaging, rest;
	struct as4_incoming *in;
	modes_make();
	fuzz_split((struct bytes){ (uint8_t *)data, size }, '\x1e', &messaging, &rest);
	parts_split(&m, rest);
	if (make(&m, messaging) < 0)
		return 0;
	struct bytes wire = buffer_bytes(&m.wire);
	if (take(arena, &hub, WIRE_TYPE, &wire, &in) < 0)
		return 0;
	check_parts(&m, in);
	if (in->header.kind == AS4_USER) {
		check_receipt(arena, in);
		check_change(arena, &m, in);
	}
	return 0;
}
