/* Messages and receipts that are wrong on purpose. */
#include <string.h>

#include "lib/base/text.h"
#include "sandbox/hub_inside.h"

enum scenario hub_spoil_which(struct hub *hub)
{
	static const enum scenario all[] = { SCENARIO_LEAF_FIRST, SCENARIO_TWO_SIGNATURES, SCENARIO_STRAY_PART, SCENARIO_WRONG_MPC };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (hub_spoils(hub, all[i]))
			return all[i];
	return SCENARIO_GOOD;
}

/* ---- octets ---- */

static struct bytes put_in(struct arena *arena, struct bytes octets, size_t at, struct bytes more)
{
	BUFFER_AUTO out = { 0 };
	buffer_add(&out, octets.data, at);
	buffer_add(&out, more.data, more.size);
	buffer_add(&out, octets.data + at, octets.size - at);
	return arena_bytes(arena, buffer_bytes(&out));
}

/* From the first `start` to the end of the first `end` behind it. */
static int piece(struct bytes octets, const char *start, const char *end, size_t *at_r, size_t *size_r, struct error *error)
{
	const uint8_t *from = memmem(octets.data, octets.size, start, strlen(start));
	const uint8_t *to = from ? memmem(from, octets.size - (size_t)(from - octets.data), end, strlen(end)) : NULL;
	if (!to)
		FAIL(error, INTERNAL, "\"%s\" is not in the message", start);
	*at_r = (size_t)(from - octets.data);
	*size_r = (size_t)(to - from) + strlen(end);
	return 0;
}

static int sign_twice(struct arena *arena, struct bytes *octets, struct error *error)
{
	size_t at, size;
	TRY(piece(*octets, "<ds:Signature ", "</ds:Signature>", &at, &size, error));
	*octets = put_in(arena, *octets, at + size, (struct bytes){ octets->data + at, size });
	return 0;
}

/* In front of the end of the multipart. */
static int add_stray(struct arena *arena, const char *content_type, struct bytes *octets, struct error *error)
{
	static const char key[] = "boundary=\"";
	const char *boundary = strstr(content_type, key);
	size_t at, size;
	if (!boundary)
		FAIL(error, INTERNAL, "the message has no boundary");
	boundary += sizeof key - 1;
	boundary = arena_text_n(arena, boundary, strcspn(boundary, "\""));
	TRY(piece(*octets, arena_printf(arena, "\r\n--%s--", boundary), "--", &at, &size, error));
	*octets = put_in(arena, *octets, at, bytes_of_text(arena_printf(arena, "\r\n--%s\r\nContent-Type: text/plain\r\nContent-ID: <stray@hub>\r\n\r\n"
	                                                                "nobody speaks of this part", boundary)));
	return 0;
}

/* Packed anew: with another channel, or the certificates the wrong way round; the id stays. */
static int pack_anew(struct hub *hub, struct arena *arena, const struct hub_peer *peer, const struct outgoing *o, enum scenario scenario,
                     const char **content_type, struct bytes *octets, struct error *error)
{
	BUFFER_AUTO out = { 0 };
	struct as4_incoming *own;
	struct as4_packed packed;
	struct as4_mode mode = peer->mode;
	struct bytes document;
	enum ebms_code code;
	struct blob sent = blob_of_bytes(octets), content;
	struct sink sink = sink_to_buffer(&out);
	TRY(as4_open(arena, *content_type, &sent, NULL, &own, &code, error));
	TRY(ledger_get_plain(hub->ledger, arena, arena_printf(arena, "out/%s.xml", o->name), &document, error));
	content = blob_of_bytes(&document);
	struct as4_payload payload = { .cid = own->header.user.parts->cid, .mime_type = "application/xml", .character_set = "utf-8", .content = &content };
	if (scenario == SCENARIO_WRONG_MPC)
		own->header.user.mpc = "urn:sealgate:sandbox:another-channel";
	else
		mode.chain = hub->turned;
	TRY(as4_pack(arena, &mode, &own->header, &payload, 1, &sink, &packed, error));
	*content_type = packed.content_type;
	*octets = arena_bytes(arena, buffer_bytes(&out));
	return 0;
}

int hub_spoil(struct hub *hub, struct arena *arena, const struct hub_peer *peer, const struct outgoing *o, enum scenario scenario,
              const char **content_type, struct bytes *octets, struct error *error)
{
	if (scenario == SCENARIO_TWO_SIGNATURES)
		return sign_twice(arena, octets, error);
	if (scenario == SCENARIO_STRAY_PART)
		return add_stray(arena, *content_type, octets, error);
	return pack_anew(hub, arena, peer, o, scenario, content_type, octets, error);
}

/* ---- receipts ---- */

static const char *another_digest(struct arena *arena)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	BUFFER_AUTO text = { 0 };
	digest_sha256(bytes_of_text("something else"), digest);
	text_base64(&text, (struct bytes){ digest, sizeof digest });
	return arena_text(arena, buffer_text(&text));
}

static void cut_signature(struct buffer *out)
{
	BUFFER_AUTO cut = { 0 };
	struct error error;
	size_t at, size;
	if (piece(buffer_bytes(out), "<wsse:Security ", "</wsse:Security>", &at, &size, &error) < 0)
		return;
	buffer_add(&cut, out->data, at);
	buffer_add(&cut, out->data + at + size, out->size - at - size);
	buffer_reset(out);
	buffer_add(out, cut.data, cut.size);
}

int hub_spoil_receipt(struct hub_intake *in, enum scenario scenario, struct buffer *out, const char **content_type_r, struct error *error)
{
	struct as4_header header;
	as4_receipt_for(in->in, as4_message_id(in->arena, in->hub->setup->party.id), hub_time(in->hub), &header);
	struct as4_reference first = *header.references;
	if (scenario == SCENARIO_RECEIPT_DIGEST) {
		first.digest = another_digest(in->arena);
		header.references = &first;
	}
	TRY(hub_pack_signal(in->hub, in->arena, in->peer, &header, out, content_type_r, error));
	if (scenario == SCENARIO_RECEIPT_UNSIGNED)
		cut_signature(out);
	return 0;
}
