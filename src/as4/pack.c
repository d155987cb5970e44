/* Messages out. Parts are read twice, once for the digest and once for the wire, since the header stands in front of them; what
 * is small is kept in between. Compressing twice gives the same octets twice. */
#include <string.h>

#include "as4/inside.h"
#include "as4/names.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/mime/gzip.h"

#define KEPT_EACH ((size_t)256 << 10)
#define KEPT_ALL ((size_t)4 << 20)

struct outgoing {
	struct arena *arena;
	const struct as4_mode *mode;
	struct as4_header header;
	const struct as4_payload *payloads;
	size_t count;
	struct as4_part_info *infos;
	struct bytes *kept;                /* content as signed, where it was small */
	size_t kept_size;
	struct as4_reference *references;  /* Messaging, Body, then the parts */
	const char *messaging_id, *body_id;
	uint8_t key[CIPHER_KEY_SIZE];
	struct error *error;
};

void as4_user_begin(const struct as4_mode *mode, struct as4_header *header_r)
{
	*header_r = (struct as4_header){ .kind = AS4_USER, .user = { .mpc = mode->mpc, .from = mode->self, .to = mode->peer,
	                                                             .collaboration = mode->collaboration } };
}

const char *as4_message_id(struct arena *arena, const char *domain)
{
	char uuid[ID_UUID_SIZE];
	return arena_printf(arena, "%s@%s", id_uuid4(uuid), domain);
}

/* ---- a part's octets ---- */

static int add_gzip(void *context, struct bytes bytes, struct error *error)
{
	return gzip_add(context, bytes, error);
}

static int add_cipher(void *context, struct bytes bytes, struct error *error)
{
	return cipher_add(context, bytes, error);
}

/* As it is signed: compressed or not. */
static int write_content(const struct outgoing *o, size_t i, const struct sink *sink)
{
	const struct blob *blob = o->payloads[i].content;
	if (o->kept[i].data)
		return sink_write(sink, o->kept[i], o->error);
	if (!o->infos[i].compressed)
		return blob_copy(blob, 0, blob->size, sink, o->error);
	GZIP_AUTO gzip = gzip_new(sink);
	struct sink in = { add_gzip, gzip };
	TRY(blob_copy(blob, 0, blob->size, &in, o->error));
	return gzip_end(gzip, o->error);
}

/* As it goes out. */
static int write_part(const struct outgoing *o, size_t i, const struct sink *sink)
{
	if (!o->mode->encrypt_for)
		return write_content(o, i, sink);
	CIPHER_AUTO cipher = cipher_seal(o->key, sink);
	struct sink in = { add_cipher, cipher };
	TRY(write_content(o, i, &in));
	return cipher_end(cipher, o->error);
}

struct tee {
	struct sink digest;
	struct buffer kept;
};

static int tee_write(void *context, struct bytes bytes, struct error *error)
{
	struct tee *tee = context;
	buffer_add(&tee->kept, bytes.data, bytes.size);
	return sink_write(&tee->digest, bytes, error);
}

static void tee_clear(struct tee *tee)
{
	buffer_clear(&tee->kept);
}

static int digest_part(struct outgoing *o, size_t i)
{
	struct as4_part_info *info = &o->infos[i];
	struct as4_reference *reference = &o->references[2 + i];
	CONTENT_AUTO content = { 0 };
	struct mime_type type;
	TRY(mime_type_parse(o->arena, info->compressed ? "application/gzip" : info->mime_type, &type, o->error));
	content_begin(&content, type.type, 256);
	__attribute__((cleanup(tee_clear))) struct tee tee = { .digest = content_sink(&content), .kept = { .ceiling = KEPT_EACH } };
	struct sink sink = { tee_write, &tee };
	TRY(write_content(o, i, &sink));
	if (!tee.kept.over && tee.kept.size && o->kept_size + tee.kept.size <= KEPT_ALL) {
		o->kept[i] = arena_bytes(o->arena, buffer_bytes(&tee.kept));
		o->kept_size += tee.kept.size;
	}
	*reference = (struct as4_reference){ .uri = arena_printf(o->arena, "cid:%s", info->cid), .transform = SWA_CONTENT_SIGNATURE,
		                             .digest_method = DIGEST_SHA256, .next = i + 1 < o->count ? reference + 1 : NULL };
	return content_end(&content, o->arena, &reference->digest, o->error);
}

/* ---- the header ---- */

static int describe_parts(struct outgoing *o)
{
	o->infos = arena_array(o->arena, o->count + 1, sizeof *o->infos);
	o->kept = arena_array(o->arena, o->count + 1, sizeof *o->kept);
	for (size_t i = 0; i < o->count; i++) {
		const struct as4_payload *p = &o->payloads[i];
		char uuid[ID_UUID_SIZE];
		if (!p->mime_type)
			FAIL(o->error, BAD_FIELD, "payload %zu has no media type", i + 1);
		o->infos[i] = (struct as4_part_info){ .cid = p->cid ? p->cid : arena_printf(o->arena, "part-%zu-%s@sealgate", i + 1, id_uuid4(uuid)),
			                              .mime_type = p->mime_type, .character_set = p->character_set,
			                              .compressed = o->mode->compress && !p->plain, .properties = p->properties,
			                              .next = i + 1 < o->count ? &o->infos[i + 1] : NULL };
	}
	o->header.user.parts = o->count ? o->infos : NULL;
	o->header.user.part_count = o->count;
	return 0;
}

static struct as4_reference node_reference(const struct outgoing *o, const char *id, struct bytes slice, const struct as4_reference *next)
{
	return (struct as4_reference){ .uri = arena_printf(o->arena, "#%s", id), .transform = NS_EC, .digest_method = DIGEST_SHA256,
		                       .digest = digest_text(o->arena, 256, slice), .next = next };
}

static int write_soap(struct outgoing *o, struct buffer *soap)
{
	BUFFER_AUTO messaging = { 0 };
	BUFFER_AUTO body = { 0 };
	BUFFER_AUTO encryption = { 0 };
	BUFFER_AUTO security = { 0 };
	char uuid[ID_UUID_SIZE];
	o->messaging_id = arena_printf(o->arena, "msg-%s", id_uuid4(uuid));
	o->body_id = arena_printf(o->arena, "body-%s", uuid);
	header_write(&o->header, o->messaging_id, &messaging);
	body_write(o->body_id, &body);
	o->references[0] = node_reference(o, o->messaging_id, buffer_bytes(&messaging), &o->references[1]);
	o->references[1] = node_reference(o, o->body_id, buffer_bytes(&body), o->count ? &o->references[2] : NULL);
	if (o->mode->encrypt_for && o->count)
		TRY(encryption_write(o->arena, o->mode, o->infos, o->key, &encryption, o->error));
	TRY(security_write(o->arena, o->mode, o->references, buffer_bytes(&encryption), &security, o->error));
	envelope_write(buffer_bytes(&messaging), buffer_bytes(&security), o->body_id, soap);
	return 0;
}

static int write_multipart(struct outgoing *o, struct bytes soap, const struct sink *out, struct as4_packed *packed)
{
	struct mime_writer w;
	char uuid[ID_UUID_SIZE];
	const char *root = arena_printf(o->arena, "soap-%s@sealgate", id_uuid4(uuid));
	mime_open(&w, out);
	packed->content_type = mime_content_type(o->arena, &w, "application/soap+xml", root);
	TRY(mime_part_begin(&w, root, "application/soap+xml; charset=UTF-8", o->error));
	TRY(sink_write(out, soap, o->error));
	for (size_t i = 0; i < o->count; i++) {
		const struct as4_part_info *info = &o->infos[i];
		const char *type = o->mode->encrypt_for ? "application/octet-stream" : info->compressed ? "application/gzip" : info->mime_type;
		TRY(mime_part_begin(&w, info->cid, type, o->error));
		TRY(write_part(o, i, out));
	}
	return mime_close(&w, o->error);
}

int as4_pack(struct arena *arena, const struct as4_mode *mode, const struct as4_header *header, const struct as4_payload *payloads, size_t count,
             const struct sink *out, struct as4_packed *packed_r, struct error *error)
{
	struct outgoing o = { .arena = arena, .mode = mode, .header = *header, .payloads = payloads, .count = count, .error = error };
	BUFFER_AUTO soap = { .ceiling = AS4_SOAP_BYTES };
	if (count && header->kind != AS4_USER)
		FAIL(error, BAD_FIELD, "a signal carries no payloads");
	o.references = arena_array(arena, count + 2, sizeof *o.references);
	TRY(describe_parts(&o));
	for (size_t i = 0; i < count; i++)
		TRY(digest_part(&o, i));
	TRY(write_soap(&o, &soap));
	if (soap.over)
		FAIL(error, TOO_LARGE, "the message's header is larger than %zu octets", AS4_SOAP_BYTES);
	*packed_r = (struct as4_packed){ .content_type = "application/soap+xml; charset=UTF-8", .references = o.references };
	if (header->kind != AS4_USER)
		return sink_write(out, buffer_bytes(&soap), error);
	return write_multipart(&o, buffer_bytes(&soap), out, packed_r);
}
