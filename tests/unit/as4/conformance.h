/* conformance: what the tests of eDelivery's assertions share. The trader of peers.h is the sending MSH, the hub the receiving one. */
#ifndef SEALGATE_TESTS_UNIT_AS4_CONFORMANCE_H
#define SEALGATE_TESTS_UNIT_AS4_CONFORMANCE_H

#include "as4/inside.h"
#include "unit/as4/peers.h"

#define JPEG "\xff\xd8\xff\0\r\n--\n\r"

static inline size_t count_of(const struct letter *l, const char *text)
{
	size_t count = 0, n = strlen(text);
	const char *at = l->octets.data, *end = at + l->octets.size;
	while ((at = memmem(at, (size_t)(end - at), text, n))) {
		count++;
		at += n;
	}
	return count;
}

#define must_hold(letter, text) ck_assert_msg(count_of(letter, text) > 0, "not in the message: %s", text)

/* Takes it apart as a stranger would: no agreement. */
static inline struct as4_incoming *opened(struct arena *arena, const struct letter *l)
{
	struct as4_incoming *in;
	enum ebms_code code;
	must_succeed(open_octets(arena, l->packed.content_type, buffer_bytes(&l->octets), &in, &code, error));
	return in;
}

/* The octets of a part, as the receiving MSH delivers them. */
static inline struct bytes delivered(struct arena *arena, const struct as4_incoming *in, size_t i)
{
	BUFFER_AUTO out = { 0 };
	struct sink sink = sink_to_buffer(&out);
	enum ebms_code code;
	must_succeed(as4_part_read(in, i, &sink, &code, error));
	return arena_bytes(arena, buffer_bytes(&out));
}

static inline void must_deliver_all(struct arena *arena, const struct as4_incoming *in)
{
	static const struct bytes wanted[] = { { (const uint8_t *)DOCUMENT, sizeof DOCUMENT - 1 }, { (const uint8_t *)NOTE, sizeof NOTE - 1 },
		                               { (const uint8_t *)JPEG, 10 } };
	ck_assert_uint_eq(in->count, 3);
	for (size_t i = 0; i < 3; i++)
		ck_assert(bytes_equal(delivered(arena, in, i), wanted[i]));
}

/* The receiving MSH takes it, and its receipt satisfies the sending one. */
static inline struct as4_incoming *must_be_receipted(struct arena *arena, struct peers *p, const struct letter *l)
{
	LETTER(back);
	struct as4_incoming *in, *receipt;
	struct as4_header header;
	enum ebms_code code;
	must_take(arena, &p->at_hub, l, &in);
	for (size_t i = 0; i < in->count; i++)
		(void)delivered(arena, in, i);
	as4_receipt_for(in, "receipt@hub", NOW, &header);
	must_succeed(letter_pack(arena, &p->at_hub, &header, NULL, 0, &back, error));
	ck_assert_str_eq(back.packed.content_type, "application/soap+xml; charset=UTF-8");
	must_hold(&back, "NonRepudiationInformation");
	receipt = opened(arena, &back);
	must_succeed(as4_accept(receipt, &p->at_trader, NOW, &code, error));
	must_succeed(as4_receipt_check(&receipt->header, l->header.message_id, l->packed.references, &code, error));
	return in;
}

#define EXCHANGE(kind) PEERS(p, kind); ARENA_AUTO arena = arena_new(); LETTER(l); letter_write(arena, &p.at_trader, &l)

/* One payload of the producer's choice. */
static inline void letter_of(struct arena *arena, struct peers *p, const struct as4_payload *payload, const struct as4_property *properties, struct letter *l)
{
	static const struct bytes document = { (const uint8_t *)DOCUMENT, sizeof DOCUMENT - 1 };
	struct blob blob = blob_of_bytes(&document);
	struct as4_payload one = *payload;
	struct as4_header header;
	as4_user_begin(&p->at_trader, &header);
	header.message_id = as4_message_id(arena, "trader.example");
	header.time = NOW;
	header.user.properties = properties;
	one.content = one.content ? one.content : &blob;
	must_succeed(letter_pack(arena, &p->at_trader, &header, &one, 1, l, error));
}

/* The first `from` becomes `to`, which is no longer. */
static inline void replace(struct letter *l, const char *from, const char *to)
{
	char *at = memmem(l->octets.data, l->octets.size, from, strlen(from));
	ck_assert_ptr_nonnull(at);
	size_t behind = (size_t)(l->octets.data + l->octets.size - at) - strlen(from);
	memcpy(at, to, strlen(to));
	memmove(at + strlen(to), at + strlen(from), behind);
	l->octets.size -= strlen(from) - strlen(to);
}

static inline struct bytes wire_of(const struct letter *l, const struct as4_incoming *in, size_t i)
{
	return (struct bytes){ (const uint8_t *)l->octets.data + in->inside->parts[i].mime->at, in->inside->parts[i].mime->size };
}

#endif
