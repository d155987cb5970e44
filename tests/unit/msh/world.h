/* world: a gateway's msh with a store, and the hub that it has an agreement with, played with the as4 tool. */
#ifndef SEALGATE_TESTS_UNIT_MSH_WORLD_H
#define SEALGATE_TESTS_UNIT_MSH_WORLD_H

#include <pthread.h>

#include "lib/base/file.h"
#include "lib/base/log.h"
#include "msh/msh.h"
#include "store/body.h"
#include "support/folder.h"
#include "unit/as4/peers.h"

#define MPC "urn:example:channel"

struct world {
	char folder[64];
	struct arena *arena;
	struct peers peers;
	struct agreement agreement;
	struct as4_terms terms;
	struct settings settings;
	struct store *store;
	struct msh *msh;
	pthread_mutex_t lock;
	int arrivals, kept;       /* how often it was handed over; how often it took effect */
	bool fails;               /* the next arrival cannot be stored */
	char last[200];           /* first octets of the latest document */
	size_t parts;
	const char *stored;       /* of the second part, where it was large */
};

struct arriving {
	struct world *world;
	const struct msh_arrival *arrival;
};

static inline int arrival_store(struct db *db, void *context, struct error *error)
{
	struct arriving *a = context;
	bool known = false;
	TRY(a->arrival->known(db, a->arrival->account, &known, error));
	if (known)
		return 0;
	a->world->kept++;  /* on the committer's thread, one at a time */
	return a->arrival->keep(db, a->arrival->account, "document-1", error);
}

static inline int world_arrived(void *context, const struct msh_arrival *arrival, struct arena *arena, struct error *error)
{
	struct world *w = context;
	struct arriving a = { w, arrival };
	(void)arena;
	pthread_mutex_lock(&w->lock);
	w->arrivals++;
	bool fails = w->fails;
	w->fails = false;
	w->parts = arrival->count;
	if (arrival->count > 1 && arrival->parts[1].stored)
		w->stored = arena_text(w->arena, arrival->parts[1].stored);
	snprintf(w->last, sizeof w->last, "%.*s", (int)arrival->parts->octets.size, (const char *)arrival->parts->octets.data);
	pthread_mutex_unlock(&w->lock);
	if (fails)
		FAIL(error, STORE_FULL, "no room");
	return store_write(w->store, arrival_store, &a, error);
}

static inline const char *world_file(struct world *w, const char *name)
{
	return file_path(w->arena, w->folder, name);
}

static inline void world_terms(struct world *w)
{
	static const char *const services[] = { "eu_ics2_t2c", NULL };
	const struct as4_mode *m = &w->peers.at_trader;
	w->terms = (struct as4_terms){
		.url = "https://hub.example/as4", .self = { m->self.id, m->self.type, m->self.role }, .peer = { m->peer.id, m->peer.type, m->peer.role },
		.agreement = m->collaboration.agreement, .agreement_type = m->collaboration.agreement_type, .take_services = services, .part_bytes = 1 << 20,
		.window_ms = 86400000, .token = "pkipath", .rsa_bits = 2048, .compress = true,
	};
	for (int i = 0; i < MESSAGE_KINDS; i++) {
		w->terms.services[i] = "eu_ics2_t2c";
		w->terms.service_types[i] = "eu-customs-service-type";
		w->terms.actions[i] = "IE3R02";
	}
	w->agreement = (struct agreement){
		.name = "hub", .channel = CHANNEL_AS4, .as4 = &w->terms, .addressee = m->peer.id, .kinds = 1u << KIND_REPLY, .until = CLOCK_NONE,
		.key_file = world_file(w, "key"), .certificate_file = world_file(w, "certificate"), .anchors_file = world_file(w, "anchors"),
		.answer_signer = "sti-taxud", .retry = { 1000, 10000, 60000 }, .held_blocks_ms = 1000,
	};
	w->settings = (struct settings){ .agreements = &w->agreement, .agreement_count = 1 };
}

static inline void world_open_msh(struct world *w)
{
	struct msh_config config = { .settings = &w->settings, .store = w->store, .host = "gateway.example", .arrived = world_arrived, .context = w };
	must_succeed(msh_open(&config, &w->msh, error));
}

static inline void world_make(struct world *w, const char *kind)
{
	*w = (struct world){ .folder = "/tmp/sealgate-test-XXXXXX", .arena = arena_new(), .lock = PTHREAD_MUTEX_INITIALIZER };
	ck_assert_ptr_nonnull(mkdtemp(w->folder));
	log_open("check", 2, LOG_LEVEL_NONE);
	clock_play(NOW);
	peers_make(&w->peers, kind);
	must_succeed(key_write(w->peers.trader.key, world_file(w, "key"), error));
	must_succeed(certificate_write(w->peers.trader.chain, world_file(w, "certificate"), error));
	must_succeed(certificate_write(w->peers.root, world_file(w, "anchors"), error));
	world_terms(w);
	must_succeed(store_open(world_file(w, "store"), NULL, &w->store, error));
	world_open_msh(w);
}

static inline void world_clear(struct world *w)
{
	msh_close(&w->msh);
	store_close(&w->store);
	peers_clear(&w->peers);
	arena_free(&w->arena);
	folder_remove(&w->folder);
}

#define WORLD(name, kind) __attribute__((cleanup(world_clear))) struct world name; world_make(&name, kind)

/* ---- messages of ours ---- */

struct storing {
	struct arena *arena;
	struct message_row row;
};

static inline int message_store(struct db *db, void *context, struct error *error)
{
	struct storing *s = context;
	enum store_outcome outcome;
	TRY(body_put(db, s->arena, bytes_of_text(DOCUMENT), "application/xml; charset=UTF-8", &s->row.document, error));
	return message_add(db, s->arena, &s->row, &outcome, error);
}

static inline struct message_row world_message(struct world *w, const char *id)
{
	struct storing s = { w->arena, { .id = id, .agreement = "hub", .kind = "reply", .cause = id, .state = MESSAGE_READY,
		                   .content_type = "application/xml; charset=UTF-8", .headers = "{}", .input = "{}", .set_digest = "-", .marks = "[]",
		                   .created = NOW, .due = 1, .first_try = CLOCK_NONE, .held_since = CLOCK_NONE, .signer_until = CLOCK_NONE } };
	must_succeed(store_write(w->store, message_store, &s, error));
	return s.row;
}

struct finding_message {
	struct arena *arena;
	const char *id;
	struct message_row row;
	bool found;
};

static inline int message_look(struct db *db, void *context, struct error *error)
{
	struct finding_message *f = context;
	return message_find(db, f->arena, f->id, &f->row, &f->found, error);
}

static inline const char *world_state(struct world *w, const char *id)
{
	struct finding_message f = { .arena = w->arena, .id = id };
	must_succeed(store_read(w->store, message_look, &f, error));
	ck_assert(f.found);
	return message_state_name(f.row.state);
}

static inline struct msh_frame world_frame(struct world *w, const struct message_row *row)
{
	struct msh_frame frame;
	must_succeed(msh_frame(w->msh, &w->agreement, row, w->arena, &frame, error));
	if (frame.is_new)
		must_succeed(store_write(w->store, msh_frame_keep, &frame, error));
	return frame;
}

/* ---- the hub's side ---- */

/* What the hub's mode makes of these octets. */
static inline struct as4_incoming *hub_opens(struct world *w, const char *type, struct bytes octets)
{
	struct as4_incoming *in;
	enum ebms_code code;
	must_succeed(take_octets(w->arena, &w->peers.at_hub, type, octets, &in, &code, error));
	return in;
}

/* A signal of the hub. */
static inline void hub_signals(struct world *w, const struct as4_header *header, struct letter *l)
{
	must_succeed(letter_pack(w->arena, &w->peers.at_hub, header, NULL, 0, l, error));
}

static inline void hub_confirms(struct world *w, const char *type, struct bytes octets, struct letter *l)
{
	struct as4_header header;
	as4_receipt_for(hub_opens(w, type, octets), as4_message_id(w->arena, "hub.example"), NOW, &header);
	hub_signals(w, &header, l);
}

static inline int world_receive(struct world *w, const struct letter *l, struct msh_reply *reply, struct error *error)
{
	struct bytes octets = buffer_bytes(&l->octets);
	struct blob blob = blob_of_bytes(&octets);
	return msh_receive(w->msh, l->packed.content_type, &blob, w->arena, reply, error);
}

#define must_receive(w, letter, reply) must_succeed(world_receive(w, letter, reply, error))

/* The reply is a signal of this kind, which the hub takes. */
static inline struct as4_incoming *must_be_signal(struct world *w, const struct msh_reply *reply, enum as4_kind kind)
{
	ck_assert_int_eq(reply->status, 200);
	struct as4_incoming *in = hub_opens(w, reply->content_type, reply->octets);
	if (in->header.kind == AS4_ERROR && kind != AS4_ERROR)
		ck_abort_msg("%s: %s", in->header.errors->code, in->header.errors->description);
	ck_assert_int_eq((int)in->header.kind, (int)kind);
	return in;
}

#define must_be_error(w, reply, wanted) ck_assert_str_eq(must_be_signal(w, reply, AS4_ERROR)->header.errors->code, wanted)

#endif
