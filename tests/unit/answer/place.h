/* place: a store, two peers with keys of their own, and the stage answer over them. */
#ifndef SEALGATE_TESTS_UNIT_ANSWER_PLACE_H
#define SEALGATE_TESTS_UNIT_ANSWER_PLACE_H

#include <string.h>

#include "answer/answer.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sign/sign.h"
#include "store/body.h"
#include "store/document.h"
#include "store/journey.h"
#include "store/message.h"
#include "support/folder.h"
#include "support/suite.h"

#define FROM INT64_C(1420070400000)   /* 2015 */
#define NOW INT64_C(1454576400000)    /* 2016-02-04T09:00:00Z */
#define UNTIL INT64_C(2051222400000)  /* 2035 */
#define BOX "CSQU3054383"
#define OTHER_BOX "MSKU9070323"
#define REPORT "SG26B8QK3M0V7TZ4XH1RNE"

struct place {
	struct arena *arena;
	const char *folder;
	struct agreement agreements[2];
	struct settings settings;
	struct signer *signers[2];
	struct store *store;
	struct map_set *set;
	struct validator *validator;
	struct answer *answer;
};

static inline const char *place_file(struct place *p, const char *name)
{
	return file_path(p->arena, p->folder, name);
}

static inline void place_peer(struct place *p, size_t i, const char *name)
{
	KEY_AUTO ca_key = NULL;
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO ca = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	struct certificate_order authority = { .name = "CA", .organisation = name, .country = "NL", .is_authority = true, .from = FROM, .until = UNTIL };
	struct certificate_order seal = { .name = "Customs seal", .organisation = name, .country = "NL", .from = FROM, .until = UNTIL };
	const char *ca_file = place_file(p, arena_printf(p->arena, "%s-ca.pem", name)), *leaf_file = place_file(p, arena_printf(p->arena, "%s.pem", name));
	const char *key_file = place_file(p, arena_printf(p->arena, "%s.key", name));
	must_succeed(key_make("p256", &ca_key, error));
	must_succeed(key_make("p256", &key, error));
	must_succeed(certificate_make(&authority, ca_key, NULL, NULL, &ca, error));
	must_succeed(certificate_make(&seal, key, ca, ca_key, &leaf, error));
	must_succeed(key_write(key, key_file, error));
	must_succeed(certificate_write(leaf, leaf_file, error));
	must_succeed(certificate_write(ca, ca_file, error));
	must_succeed(signer_open(key_file, leaf_file, false, &p->signers[i], error));
	p->agreements[i] = (struct agreement){ .name = name, .profile = "wco-dms", .country = "NL", .agency = "Customs", .customization = "SCINT",
		                               .customization_version = "1.0", .language = "en", .type_codes = { "SCI", "SCA", "INV", "GPR" },
		                               .from = FROM, .until = CLOCK_NONE, .kinds = 15, .fields = 255, .answers_signed = true,
		                               .anchors_file = ca_file, .answer_signer = "Customs seal" };
}

static inline void place_open(struct place *p)
{
	clock_freeze(NOW);
	place_peer(p, 0, "nl");
	place_peer(p, 1, "de");
	p->settings = (struct settings){ .arena = p->arena, .name = "Port gateway", .eori = "NL123456789", .country = "NL", .uri = "https://gateway.example",
		                         .contact = { .role = "duty", .name = "Duty desk", .phone = "+31101234567" }, .agreements = p->agreements,
		                         .agreement_count = 2, .kept_sets = place_file(p, "sets") };
	disclosure_default(&p->settings.disclosure);
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", p->arena, NULL, &p->set, error));
	must_succeed(validator_open(SOURCE_DIR "/schemas", &p->validator, error));
	must_succeed(store_open(p->folder, NULL, &p->store, error));
	struct answer_config config = { &p->settings, p->store, p->set, p->validator };
	must_succeed(answer_open(&config, &p->answer, error));
}

static inline void place_close(struct place *p)
{
	answer_close(&p->answer);
	store_close(&p->store);
	validator_free(&p->validator);
	map_set_free(&p->set);
	signer_free(&p->signers[0]);
	signer_free(&p->signers[1]);
}

#define PLACE(p) \
	FOLDER(folder_of_##p); \
	ARENA_AUTO arena_of_##p = arena_new(); \
	struct place p = { .arena = arena_of_##p, .folder = folder_of_##p }; \
	place_open(&p)

/* ---- what is in the store ---- */

struct place_message {
	struct place *place;
	struct message_row row;
	enum message_state state;
};

static inline int place_message_write(struct db *db, void *context, struct error *error)
{
	static const enum message_state ways[][3] = {
		[MESSAGE_SENDING] = { MESSAGE_SENDING }, [MESSAGE_UNKNOWN] = { MESSAGE_SENDING, MESSAGE_UNKNOWN },
		[MESSAGE_WAITING] = { MESSAGE_SENDING, MESSAGE_WAITING }, [MESSAGE_SENT] = { MESSAGE_SENDING, MESSAGE_SENT },
		[MESSAGE_FAILED] = { MESSAGE_SENDING, MESSAGE_FAILED }, [MESSAGE_HELD] = { MESSAGE_HELD },
	};
	struct place_message *m = context;
	enum store_outcome outcome;
	bool moved;
	TRY(body_put(db, m->place->arena, bytes_of_text("<x/>"), "application/xml", &m->row.document, error));
	TRY(message_add(db, m->place->arena, &m->row, &outcome, error));
	must(outcome == STORE_NEW);
	for (size_t i = 0; i < 3 && m->row.state != m->state && ways[m->state][i] != MESSAGE_READY; i++)
		TRY(message_move(db, m->row.id, ways[m->state][i], m->row.created, NULL, &moved, error));
	if (m->row.conversation)
		TRY(message_set_conversation(db, m->row.id, m->row.conversation, error));
	return 0;
}

/* A message whose input is the sample of its mapping. */
static inline void place_message(struct place *p, const char *id, const char *agreement, const char *kind, const char *container, enum message_state state,
                                 const char *conversation)
{
	char *input;
	must_succeed(file_read_text(arena_printf(p->arena, SOURCE_DIR "/mappings/messages/wco-dms/%s/sample.in.json", kind), p->arena, &input, error));
	struct place_message m = { .place = p, .state = state };
	m.row = (struct message_row){ .id = id, .agreement = agreement, .kind = kind, .cause = id, .container = container, .journey = "J-1",
		                      .content_type = "application/xml", .headers = "{}", .input = input, .set_digest = map_set_digest(p->set), .marks = "[]",
		                      .created = NOW - 3600000, .due = NOW, .signer_until = CLOCK_NONE, .conversation = conversation };
	must_succeed(store_write(p->store, place_message_write, &m, error));
}

static inline int place_journey_write(struct db *db, void *context, struct error *error)
{
	return journey_put(db, context, error);
}

static inline void place_journey(struct place *p, const char *id, const char *container, const char *content)
{
	struct journey_row row = { id, container, FROM, CLOCK_NONE, CLOCK_NONE, 1, NOW, content };
	must_succeed(store_write(p->store, place_journey_write, &row, error));
}

struct place_look {
	struct place *place;
	const char *id;
	struct message_row message;
	struct notice_row notice, *notices;
	struct document_row document;
	struct receipt_row *receipts;
	size_t count;
	bool found;
	int64_t number;
	const char *sql;
};

#define PLACE_LOOK(name, call) \
	static inline int place_look_##name(struct db *db, void *context, struct error *error) \
	{ \
		struct place_look *l = context; \
		struct arena *arena = l->place->arena; \
		(void)arena; \
		return call; \
	}
PLACE_LOOK(message, message_find(db, arena, l->id, &l->message, &l->found, error))
PLACE_LOOK(notice, notice_find(db, arena, l->id, &l->notice, &l->found, error))
PLACE_LOOK(document, document_find(db, arena, l->id, &l->document, &l->found, error))
PLACE_LOOK(receipts, receipt_list(db, arena, l->id, &l->receipts, &l->count, error))
PLACE_LOOK(number, db_number(db, -1, &l->number, error, l->sql, ""))

static inline struct message_row message_now(struct place *p, const char *id)
{
	struct place_look l = { .place = p, .id = id };
	must_succeed(store_read(p->store, place_look_message, &l, error));
	ck_assert(l.found);
	return l.message;
}

static inline struct document_row document_now(struct place *p, const char *id)
{
	struct place_look l = { .place = p, .id = id };
	must_succeed(store_read(p->store, place_look_document, &l, error));
	ck_assert(l.found);
	return l.document;
}

static inline struct notice_row notice_now(struct place *p, const char *id)
{
	struct place_look l = { .place = p, .id = id };
	must_succeed(store_read(p->store, place_look_notice, &l, error));
	ck_assert(l.found);
	return l.notice;
}

static inline struct json *json_of(struct place *p, const char *text)
{
	struct json *root;
	must_succeed(json_parse(p->arena, bytes_of_text(text), NULL, &root, error));
	return root;
}

static inline int64_t count_now(struct place *p, const char *sql)
{
	struct place_look l = { .place = p, .sql = sql };
	must_succeed(store_read(p->store, place_look_number, &l, error));
	return l.number;
}

/* ---- what customs sends ---- */

#define NAMESPACES \
	"xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\" xmlns=\"urn:wco:datamodel:WCO:RES-DMS:2\" " \
	"xmlns:r=\"urn:wco:datamodel:WCO:Response_DS:DMS:2\" xmlns:od=\"urn:wco:datamodel:WCO:DEC-DMS:2\""

struct wire {                   /* NULL: left out */
	const char *code, *own, *issued, *inside, *reference, *mrn, *boxes;
};

static inline const char *response(struct place *p, const struct wire *w)
{
	BUFFER_AUTO out = { 0 };
	buffer_printf(&out, "<md:MetaData " NAMESPACES "><Response><FunctionCode>%s</FunctionCode>", w->code);
	if (w->own)
		buffer_printf(&out, "<FunctionalReferenceID>%s</FunctionalReferenceID>", w->own);
	if (w->issued)
		buffer_printf(&out, "<IssueDateTime><r:DateTimeString formatCode=\"304\">%s</r:DateTimeString></IssueDateTime>", w->issued);
	buffer_add_text(&out, w->inside ? w->inside : "");
	buffer_add_text(&out, "<Declaration>");
	if (w->reference)
		buffer_printf(&out, "<FunctionalReferenceID>%s</FunctionalReferenceID>", w->reference);
	if (w->mrn)
		buffer_printf(&out, "<ID>%s</ID>", w->mrn);
	buffer_add_text(&out, "</Declaration>");
	if (w->boxes) {
		buffer_add_text(&out, "<od:Declaration><od:FunctionCode>9</od:FunctionCode><od:GoodsShipment><od:Consignment>");
		for (const char *at = w->boxes; *at; at += strspn(at, " ")) {
			size_t n = strcspn(at, " ");
			buffer_printf(&out, "<od:TransportEquipment><od:ID>%.*s</od:ID></od:TransportEquipment>", (int)n, at);
			at += n;
		}
		buffer_add_text(&out, "</od:Consignment></od:GoodsShipment></od:Declaration>");
	}
	buffer_add_text(&out, "</Response></md:MetaData>");
	return arena_text(p->arena, buffer_text(&out));
}

/* Signed by peer `signer` (-1: by nobody), taken as coming from peer `from`. */
static inline struct taken take_signed(struct place *p, size_t from, int signer, const char *document, const char *conversation)
{
	BUFFER_AUTO signature = { 0 };
	BUFFER_AUTO header = { 0 };
	struct taken taken;
	if (signer >= 0) {
		must_succeed(sign_detached(p->signers[signer], bytes_of_text(document), "answer.xml", clock_now_ms(), &signature, error));
		text_base64(&header, buffer_bytes(&signature));
	}
	struct arrived arrived = { .agreement = &p->agreements[from], .body = bytes_of_text(document), .content_type = "application/xml",
		                   .conversation = conversation, .signature = signer >= 0 ? arena_text(p->arena, buffer_text(&header)) : NULL };
	must_succeed(answer_take(p->answer, &arrived, p->arena, &taken, error));
	return taken;
}

static inline struct taken take(struct place *p, const struct wire *w)
{
	return take_signed(p, 0, 0, response(p, w), NULL);
}

static inline struct notice_row notice_at(struct place *p, const struct taken *taken, size_t i)
{
	const char *id = json_text(json_at(taken->notices, i));
	ck_assert_ptr_nonnull(id);
	return notice_now(p, id);
}

/* ---- what a notice says ---- */

static inline void str_at(struct place *p, const struct notice_row *row, const char *path, const char *wanted)
{
	const struct json *value = json_path(json_of(p, row->content), path);
	const char *text = json_scalar(value);
	if (!text_equal(text, wanted))
		ck_abort_msg("%s is \"%s\", not \"%s\": %s", path, text ? text : "(nothing)", wanted ? wanted : "(nothing)", row->content);
}

static inline bool has_block(struct place *p, const struct notice_row *row, const char *block)
{
	bool found = false;
	for (struct json_iter it = json_iter(json_path(json_of(p, row->content), "action.blocks")); json_next(&it);)
		found |= text_equal(json_text(it.value), block);
	return found;
}

#endif
