/* Messages of ours: the form on the wire, made once. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "msh/inside.h"
#include "store/as4.h"
#include "store/body.h"
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
	size_t count;
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

static int payload_add(struct db *db, struct framing *f, const struct as4_payload *payload, const char *body, struct error *error)
{
	if (f->count == PARTS_MOST)
		FAIL(error, TOO_LARGE, "the message has more than %d parts", PARTS_MOST);
	size_t i = f->count++;
	TRY(body_read(db, f->arena, body, &f->octets[i], error));
	f->payloads[i] = *payload;
	f->blobs[i] = blob_of_bytes(&f->octets[i]);
	f->payloads[i].content = &f->blobs[i];
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
		return body_read(db, f->arena, row.body, &f->frame->octets, error);
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

static int pack(const struct as4_mode *mode, const struct as4_header *header, const struct as4_payload *payloads, size_t count, struct arena *arena,
                struct msh_frame *frame, struct error *error)
{
	struct as4_packed packed;
	BUFFER_AUTO octets = { .ceiling = AS4_MESSAGE_BYTES + AS4_SOAP_BYTES };
	struct sink sink = sink_to_buffer(&octets);
	TRY(as4_pack(arena, mode, header, payloads, count, &sink, &packed, error));
	frame->message_id = header->message_id;
	frame->content_type = packed.content_type;
	frame->digests = digests_write(arena, packed.references);
	frame->octets = arena_bytes(arena, buffer_bytes(&octets));
	return 0;
}

int msh_frame(struct msh *msh, const struct agreement *agreement, const struct message_row *row, struct arena *arena, struct msh_frame *frame_r,
              struct error *error)
{
	struct framing *f = arena_alloc(arena, sizeof *f);
	const struct as4_terms *t = agreement->as4;
	enum message_kind kind;
	*f = (struct framing){ .msh = msh, .peer = peer_of(msh, agreement), .row = row, .arena = arena, .frame = frame_r };
	*frame_r = (struct msh_frame){ .message = row->id };
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
	return pack(&mode, &f->header, f->payloads, f->count, arena, frame_r, error);
}

int msh_frame_keep(struct db *db, void *context, struct error *error)
{
	struct msh_frame *frame = context;
	ARENA_AUTO arena = arena_new();
	struct as4_out_row row = { .message = frame->message, .message_id = frame->message_id, .content_type = frame->content_type,
		                   .digests = frame->digests, .made = clock_now_ms() };
	TRY(body_put(db, arena, frame->octets, frame->content_type, &row.body, error));
	TRY(as4_out_add(db, &row, error));
	TRY(message_set_conversation(db, frame->message, frame->message_id, error));
	frame->is_new = false;
	return 0;
}

/* ---- what is not stored ---- */

int msh_ping(struct msh *msh, const struct agreement *agreement, struct arena *arena, struct msh_frame *frame_r, struct error *error)
{
	const struct peer *peer = peer_of(msh, agreement);
	struct as4_mode mode = peer->mode;
	struct as4_header header = { 0 };
	*frame_r = (struct msh_frame){ 0 };
	mode.collaboration.service = EBMS_NS "service";
	mode.collaboration.service_type = NULL;
	mode.collaboration.action = EBMS_NS "test";
	user_begin(msh, peer, arena, &mode, &header);
	header.user.collaboration.conversation = header.message_id;
	header.user.properties = NULL;
	return pack(&mode, &header, NULL, 0, arena, frame_r, error);
}

int msh_pull_request(struct msh *msh, const struct agreement *agreement, struct arena *arena, struct msh_frame *frame_r, struct error *error)
{
	const struct peer *peer = peer_of(msh, agreement);
	struct as4_header header = { .kind = AS4_PULL, .message_id = message_id_new(msh, peer, arena), .time = clock_now_ms(),
		                     .pull_mpc = agreement->as4->pull_mpc };
	*frame_r = (struct msh_frame){ 0 };
	return pack(&peer->mode, &header, NULL, 0, arena, frame_r, error);
}
