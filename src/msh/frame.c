/* Messages of ours: the form on the wire, made once. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "msh/inside.h"
#include "store/as4.h"
#include "store/body_stream.h"
#include "store/part.h"

#define EBMS_NS "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/"

/* ---- what a receipt must repeat, as it is kept ---- */

const char *digests_write(struct arena *arena, const struct as4_reference *references)
{
	struct json *list = json_new_array(arena);
	for (; references; references = references->next) {
		struct json *one = json_new_object(arena);
		json_set_text(arena, one, "uri", references->uri);
		json_set_text(arena, one, "method", references->digest_method);
		json_set_text(arena, one, "digest", references->digest);
		json_append(list, one);
	}
	return json_to_text(arena, list, JSON_COMPACT);
}

int digests_read(struct arena *arena, const char *text, const struct as4_reference **references_r, struct error *error)
{
	struct json *list;
	struct as4_reference *first = NULL, **end = &first;
	TRY(json_parse(arena, bytes_of_text(text), NULL, &list, error));
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct as4_reference *one = arena_alloc(arena, sizeof *one);
		*one = (struct as4_reference){ .uri = json_path_text(it.value, "uri"), .digest_method = json_path_text(it.value, "method"),
			                       .digest = json_path_text(it.value, "digest") };
		*end = one;
		end = (struct as4_reference **)&one->next;
	}
	*references_r = first;
	return 0;
}

/* ---- what goes in ---- */

#define PARTS_MOST 64
#define WIRE_BYTES (AS4_MESSAGE_BYTES + AS4_SOAP_BYTES)
#define TOO_LARGE_TEXT "the message would have more than %zu octets on the wire"

struct framing {
	struct msh *msh;
	const struct peer *peer;
	const struct message_row *row;
	struct arena *arena;
	struct msh_frame *frame;
	bool found;
	struct as4_header header;
	struct as4_payload payloads[PARTS_MOST];
	struct bytes octets[PARTS_MOST];
	struct blob blobs[PARTS_MOST];
	size_t count, plain_size;  /* plain_size: of the parts that are not compressed */
};

static const struct as4_property *property(struct arena *arena, const char *name, const char *value, const struct as4_property *next)
{
	struct as4_property *p = arena_alloc(arena, sizeof *p);
	*p = (struct as4_property){ .name = name, .value = value, .next = next };
	return p;
}

/* PDF and JPEG are compressed in themselves. */
static bool is_packed(const char *type)
{
	return text_starts(type, "application/pdf") || text_starts(type, "image/");
}

/* ---- octets that may be too many for memory ---- */

static void reading_free(void *thing)
{
	struct body_reading *reading = thing;
	body_reading_free(&reading);
}

static struct blob blob_of_body(struct framing *f, const char *id, int64_t size)
{
	struct body_reading *reading = body_reading_new(f->msh->config.store, id, size);
	arena_at_free(f->arena, reading_free, reading);
	return body_reading_blob(reading);
}

/* A small one is read at once; octets_r is where, and must live as long as the blob. */
static int body_look(struct db *db, struct framing *f, const char *id, struct bytes *octets_r, int64_t *size_r, struct blob *blob_r, struct error *error)
{
	struct body body;
	bool found;
	TRY(body_find(db, f->arena, id, &body, &found, error));
	if (!found)
		FAIL(error, INTERNAL, "body \"%s\" is not in the store", id);
	*size_r = body.size;
	if ((size_t)body.size > BODY_PART) {
		*blob_r = blob_of_body(f, id, body.size);
		return 0;
	}
	TRY(body_read(db, f->arena, id, octets_r, error));
	*blob_r = blob_of_bytes(octets_r);
	return 0;
}

static int payload_add(struct db *db, struct framing *f, const struct as4_payload *payload, const char *body, struct error *error)
{
	if (f->count == PARTS_MOST)
		FAIL(error, TOO_LARGE, "the message has more than %d parts", PARTS_MOST);
	size_t i = f->count++;
	int64_t size;
	f->payloads[i] = *payload;
	f->payloads[i].content = &f->blobs[i];
	TRY(body_look(db, f, body, &f->octets[i], &size, &f->blobs[i], error));
	f->plain_size += payload->plain ? (size_t)size : 0;
	if (f->plain_size > WIRE_BYTES)  /* before anything is read or written */
		FAIL(error, TOO_LARGE, TOO_LARGE_TEXT, WIRE_BYTES);
	return 0;
}

/* The media type alone: its parameters are properties of the part. */
static const char *type_of(struct arena *arena, const char *content_type)
{
	return arena_text_n(arena, content_type, strcspn(content_type, "; "));
}

static int payloads_read(struct db *db, struct framing *f, struct error *error)
{
	const struct message_row *row = f->row;
	struct part_row *parts;
	size_t count;
	struct as4_payload document = { .cid = arena_printf(f->arena, "%s@sealgate", row->id), .mime_type = type_of(f->arena, row->content_type),
		                        .character_set = "utf-8" };
	struct as4_payload signature = { .cid = arena_printf(f->arena, "%s-signature@sealgate", row->id), .mime_type = "application/xml",
		                         .character_set = "utf-8", .properties = property(f->arena, "Purpose", "signature", NULL) };
	TRY(payload_add(db, f, &document, row->document, error));
	if (row->signature)
		TRY(payload_add(db, f, &signature, row->signature, error));
	TRY(part_list(db, f->arena, row->id, &parts, &count, error));
	for (size_t i = 0; i < count; i++) {
		struct as4_payload part = { .cid = parts[i].id, .mime_type = type_of(f->arena, parts[i].content_type), .plain = is_packed(parts[i].content_type),
			                    .properties = property(f->arena, "FileName", parts[i].name, NULL) };
		TRY(payload_add(db, f, &part, parts[i].body, error));
	}
	return 0;
}

/* A reply says which message it answers, and stays in its conversation. */
static int relate(struct db *db, struct framing *f, struct error *error)
{
	const struct message_row *row = f->row;
	struct json *input;
	struct as4_in_row question;
	bool found = false;
	f->header.user.collaboration.conversation = row->journey ? row->journey : row->id;
	if (!text_equal(row->kind, message_kind_name(KIND_REPLY)) || json_parse(f->arena, bytes_of_text(row->input), NULL, &input, error) < 0)
		return 0;
	const char *document = json_path_text(input, "question.document");
	if (document)
		TRY(as4_in_find_document(db, f->arena, document, &question, &found, error));
	if (!found)
		return 0;
	f->header.ref_to = question.message_id;
	if (question.conversation)
		f->header.user.collaboration.conversation = question.conversation;
	return 0;
}

static int frame_look(struct db *db, void *context, struct error *error)
{
	struct framing *f = context;
	struct as4_out_row row;
	TRY(as4_out_find(db, f->arena, f->row->id, &row, &f->found, error));
	if (f->found) {
		*f->frame = (struct msh_frame){ .message = row.message, .message_id = row.message_id, .content_type = row.content_type, .digests = row.digests };
		f->frame->stored = row.body;
		TRY(body_look(db, f, row.body, &f->frame->octets, &f->frame->size, &f->frame->wire, error));
		if (f->frame->octets.size)
			f->frame->stored = NULL;
		return 0;
	}
	TRY(payloads_read(db, f, error));
	return relate(db, f, error);
}

/* ---- the frame ---- */

static const struct as4_property *corners_of(struct arena *arena, const struct as4_terms *t)
{
	if (!t->original_sender)
		return NULL;
	struct as4_property *p = arena_array(arena, 2, sizeof *p);
	p[0] = (struct as4_property){ .name = "originalSender", .type = t->corner_type, .value = t->original_sender, .next = &p[1] };
	p[1] = (struct as4_property){ .name = "finalRecipient", .type = t->corner_type, .value = t->final_recipient };
	return p;
}

/* Header and mode of what goes out: the peer's, pushed or waiting in its channel. */
static void user_begin(struct msh *msh, const struct peer *peer, struct arena *arena, struct as4_mode *mode, struct as4_header *header)
{
	const struct as4_terms *t = peer->agreement->as4;
	const char *ref_to = header->ref_to, *conversation = header->user.collaboration.conversation;
	if (t->serve_mpc)
		mode->mpc = t->serve_mpc;
	as4_user_begin(mode, header);
	header->message_id = message_id_new(msh, peer, arena);
	header->time = clock_now_ms();
	header->ref_to = ref_to;
	header->user.collaboration.conversation = conversation;
	header->user.properties = corners_of(arena, t);
}

/* What is packed: kept in memory until it is too much for one part of a body. */
struct packing {
	struct framing *f;
	struct buffer memory;
	struct body_writing writing;
	size_t left;
};

static int take(void *context, struct bytes bytes, struct error *error)
{
	struct packing *p = context;
	struct msh_frame *frame = p->f->frame;
	char id[ID_UUID_SIZE];
	if (bytes.size > p->left)
		FAIL(error, TOO_LARGE, TOO_LARGE_TEXT, WIRE_BYTES);
	p->left -= bytes.size;
	if (!frame->stored && p->memory.size + bytes.size <= BODY_PART) {
		buffer_add(&p->memory, bytes.data, bytes.size);
		return 0;
	}
	if (!frame->stored) {
		frame->stored = arena_text(p->f->arena, id_uuid7(id));
		TRY(body_writing_begin(&p->writing, p->f->msh->config.store, frame->stored, NULL, error));  /* its type is known at the end */
		TRY(body_writing_add(&p->writing, buffer_bytes(&p->memory), error));
	}
	return body_writing_add(&p->writing, bytes, error);
}

static void packing_clear(struct packing *p)
{
	buffer_clear(&p->memory);
	body_writing_clear(&p->writing);
}

static int pack(struct framing *f, const struct as4_mode *mode, struct error *error)
{
	struct msh_frame *frame = f->frame;
	struct as4_packed packed;
	__attribute__((cleanup(packing_clear))) struct packing p = { .f = f, .left = WIRE_BYTES };
	struct sink sink = { take, &p };
	TRY(as4_pack(f->arena, mode, &f->header, f->payloads, f->count, &sink, &packed, error));
	frame->message_id = f->header.message_id;
	frame->content_type = packed.content_type;
	frame->digests = digests_write(f->arena, packed.references);
	if (!frame->stored) {
		frame->octets = arena_bytes(f->arena, buffer_bytes(&p.memory));
		frame->wire = blob_of_bytes(&frame->octets);
		return 0;
	}
	TRY(body_writing_finish(&p.writing, frame->digest, error));
	frame->size = p.writing.size;
	frame->wire = blob_of_body(f, frame->stored, frame->size);
	return 0;
}

static struct framing *framing_new(struct msh *msh, const struct agreement *agreement, struct arena *arena, struct msh_frame *frame_r)
{
	struct framing *f = arena_alloc(arena, sizeof *f);
	*f = (struct framing){ .msh = msh, .peer = peer_of(msh, agreement), .arena = arena, .frame = frame_r };
	*frame_r = (struct msh_frame){ 0 };
	return f;
}

int msh_frame(struct msh *msh, const struct agreement *agreement, const struct message_row *row, struct arena *arena, struct msh_frame *frame_r,
              struct error *error)
{
	struct framing *f = framing_new(msh, agreement, arena, frame_r);
	const struct as4_terms *t = agreement->as4;
	enum message_kind kind;
	f->row = row;
	frame_r->message = row->id;
	TRY(store_read(msh->config.store, frame_look, f, error));
	if (f->found)
		return 0;
	must(message_kind_find(row->kind, &kind));
	struct as4_mode mode = f->peer->mode;
	mode.collaboration.service = t->services[kind];
	mode.collaboration.service_type = t->service_types[kind];
	mode.collaboration.action = t->actions[kind];
	user_begin(msh, f->peer, arena, &mode, &f->header);
	frame_r->is_new = true;
	if (pack(f, &mode, error) == 0)
		return 0;
	msh_frame_drop(msh, frame_r);
	frame_r->is_new = false;
	return -1;
}

void msh_frame_drop(struct msh *msh, const struct msh_frame *frame)
{
	if (frame->is_new && frame->stored)
		body_abandon(msh->config.store, frame->stored);
}

int msh_frame_keep(struct db *db, void *context, struct error *error)
{
	struct msh_frame *frame = context;
	ARENA_AUTO arena = arena_new();
	struct as4_out_row row = { .message = frame->message, .message_id = frame->message_id, .content_type = frame->content_type,
		                   .digests = frame->digests, .made = clock_now_ms() };
	row.body = frame->stored;
	if (frame->stored)
		TRY(body_end(db, frame->stored, frame->size, frame->digest, frame->content_type, error));
	else
		TRY(body_put(db, arena, frame->octets, frame->content_type, &row.body, error));
	TRY(as4_out_add(db, &row, error));
	return message_set_conversation(db, frame->message, frame->message_id, error);
}

/* ---- what is not stored ---- */

int msh_ping(struct msh *msh, const struct agreement *agreement, struct arena *arena, struct msh_frame *frame_r, struct error *error)
{
	struct framing *f = framing_new(msh, agreement, arena, frame_r);
	struct as4_mode mode = f->peer->mode;
	mode.collaboration.service = EBMS_NS "service";
	mode.collaboration.service_type = NULL;
	mode.collaboration.action = EBMS_NS "test";
	user_begin(msh, f->peer, arena, &mode, &f->header);
	f->header.user.collaboration.conversation = f->header.message_id;
	f->header.user.properties = NULL;
	return pack(f, &mode, error);
}

int msh_pull_request(struct msh *msh, const struct agreement *agreement, struct arena *arena, struct msh_frame *frame_r, struct error *error)
{
	struct framing *f = framing_new(msh, agreement, arena, frame_r);
	f->header = (struct as4_header){ .kind = AS4_PULL, .message_id = message_id_new(msh, f->peer, arena), .time = clock_now_ms(),
		                         .pull_mpc = agreement->as4->pull_mpc };
	return pack(f, &f->peer->mode, error);
}
