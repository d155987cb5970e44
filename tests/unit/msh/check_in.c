/* User messages of a peer: once, with a receipt, whatever happens in between. */
#include "unit/msh/world.h"

static void letter_of_hub(struct world *w, struct letter *l)
{
	letter_write(w->arena, &w->peers.at_hub, l);
}

START_TEST(a_message_takes_effect_once_and_each_repeat_gets_the_stored_receipt)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply first, again;
	enum ebms_code code;
	letter_of_hub(&w, &l);
	must_receive(&w, &l, &first);
	struct as4_incoming *in = must_be_signal(&w, &first, AS4_RECEIPT);
	must_succeed(as4_receipt_check(&in->header, l.header.message_id, l.packed.references, &code, error));
	ck_assert_str_eq(w.last, DOCUMENT);
	ck_assert_uint_eq(w.parts, 3);
	msh_close(&w.msh);  /* over a restart, too */
	world_open_msh(&w);
	must_receive(&w, &l, &again);
	ck_assert(again.octets.size == first.octets.size && memcmp(again.octets.data, first.octets.data, first.octets.size) == 0);
	ck_assert_str_eq(again.content_type, first.content_type);
	ck_assert_int_eq(w.kept, 1);
	ck_assert_int_eq(w.arrivals, 1);
	ck_assert_int_eq(msh_numbers(w.msh).repeated, 1);
}
END_TEST

START_TEST(the_same_id_with_other_parts_is_refused)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	struct as4_header header;
	struct bytes other = bytes_of_text("<other/>");
	struct blob blob = blob_of_bytes(&other);
	struct as4_payload payload = { .cid = "message@trader", .mime_type = "application/xml", .content = &blob };
	letter_of_hub(&w, &l);
	const char *id = l.header.message_id;
	must_receive(&w, &l, &reply);
	as4_user_begin(&w.peers.at_hub, &header);
	header.message_id = id;
	header.time = NOW;
	must_succeed(letter_pack(w.arena, &w.peers.at_hub, &header, &payload, 1, &l, error));
	must_receive(&w, &l, &reply);
	must_be_error(&w, &reply, "EBMS:0004");
	ck_assert_int_eq(w.kept, 1);
	payload.cid = "part-2@hub";  /* under an id of its own it is good */
	header.message_id = as4_message_id(w.arena, "hub.example");
	must_succeed(letter_pack(w.arena, &w.peers.at_hub, &header, &payload, 1, &l, error));
	must_receive(&w, &l, &reply);
	must_be_signal(&w, &reply, AS4_RECEIPT);
	ck_assert_int_eq(w.kept, 2);
}
END_TEST

START_TEST(what_could_not_be_stored_is_taken_the_next_time)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	letter_of_hub(&w, &l);
	w.fails = true;
	must_fail(world_receive(&w, &l, &reply, error), STORE_FULL);
	ck_assert_int_eq(w.kept, 0);
	must_receive(&w, &l, &reply);
	must_be_signal(&w, &reply, AS4_RECEIPT);
	ck_assert_int_eq(w.kept, 1);
}
END_TEST

struct pushing {
	struct world *world;
	const struct letter *letter;
	struct arena *arena;
	struct msh_reply reply;
	pthread_barrier_t *start;
	int result;
};

static void *push(void *context)
{
	struct pushing *p = context;
	struct error error = { 0 };
	pthread_barrier_wait(p->start);
	struct bytes octets = buffer_bytes(&p->letter->octets);
	struct blob blob = blob_of_bytes(&octets);
	p->result = msh_receive(p->world->msh, p->letter->packed.content_type, &blob, p->arena, &p->reply, &error);
	return NULL;
}

START_TEST(a_repeat_that_comes_while_the_first_is_in_progress_gets_the_same_receipt)
{
	WORLD(w, "p256");
	enum { THREADS = 4 };
	for (int round = 1; round <= 20; round++) {
		LETTER(l);
		pthread_t threads[THREADS];
		pthread_barrier_t start;
		struct pushing p[THREADS];
		letter_of_hub(&w, &l);
		pthread_barrier_init(&start, NULL, THREADS);
		for (int i = 0; i < THREADS; i++) {
			p[i] = (struct pushing){ &w, &l, arena_new(), { 0 }, &start, -1 };
			ck_assert_int_eq(pthread_create(&threads[i], NULL, push, &p[i]), 0);
		}
		for (int i = 0; i < THREADS; i++)
			pthread_join(threads[i], NULL);
		for (int i = 0; i < THREADS; i++) {
			ck_assert_int_eq(p[i].result, 0);
			must_be_signal(&w, &p[i].reply, AS4_RECEIPT);
			ck_assert(p[i].reply.octets.size == p[0].reply.octets.size &&
			          memcmp(p[i].reply.octets.data, p[0].reply.octets.data, p[0].reply.octets.size) == 0);
		}
		for (int i = 0; i < THREADS; i++)
			arena_free(&p[i].arena);
		pthread_barrier_destroy(&start);
		ck_assert_int_eq(w.kept, round);
	}
}
END_TEST

START_TEST(what_is_not_agreed_is_refused_with_a_signed_error_that_names_the_message)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	w.peers.at_hub.collaboration.service = "urn:other";
	letter_of_hub(&w, &l);
	must_receive(&w, &l, &reply);
	must_be_error(&w, &reply, "EBMS:0010");
	ck_assert_str_eq(hub_opens(&w, reply.content_type, reply.octets)->header.ref_to, l.header.message_id);
	PEERS(strangers, "p256");  /* another hub of the same name, of another authority */
	letter_write(w.arena, &strangers.at_hub, &l);
	must_receive(&w, &l, &reply);
	struct as4_incoming *in;
	enum ebms_code code;
	must_succeed(open_octets(w.arena, reply.content_type, reply.octets, &in, &code, error));
	ck_assert_str_eq(in->header.errors->code, "EBMS:0101");
	ck_assert_int_eq(w.kept, 0);
}
END_TEST

START_TEST(a_test_message_is_confirmed_and_goes_nowhere)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply first, again;
	struct as4_header header;
	struct as4_mode mode = w.peers.at_hub;
	mode.collaboration.service = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/service";
	mode.collaboration.service_type = NULL;
	mode.collaboration.action = "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/test";
	as4_user_begin(&mode, &header);
	header.message_id = as4_message_id(w.arena, "hub.example");
	header.time = NOW;
	must_succeed(letter_pack(w.arena, &mode, &header, NULL, 0, &l, error));
	must_receive(&w, &l, &first);
	must_be_signal(&w, &first, AS4_RECEIPT);
	must_receive(&w, &l, &again);
	ck_assert(again.octets.size == first.octets.size && memcmp(again.octets.data, first.octets.data, first.octets.size) == 0);
	ck_assert_int_eq(w.arrivals, 0);
}
END_TEST

START_TEST(octets_that_are_no_message_get_an_error_and_no_more)
{
	WORLD(w, "p256");
	static const char *const types[] = { NULL, "", "text/html", "application/soap+xml", "multipart/related; type=\"application/soap+xml\"; boundary=x" };
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct msh_reply reply;
		struct bytes octets = bytes_of_text("<html>no</html>");
		struct blob blob = blob_of_bytes(&octets);
		must_succeed(msh_receive(w.msh, types[i], &blob, w.arena, &reply, error));
		must_be_signal(&w, &reply, AS4_ERROR);
	}
}
END_TEST

/* ---- large parts ---- */

struct body_asked {
	struct arena *arena;
	const char *id;
	struct body body;
	bool found;
	int64_t bodies;
};

static int body_look(struct db *db, void *context, struct error *error)
{
	struct body_asked *a = context;
	TRY(db_number(db, 0, &a->bodies, error, "select count(*) from body_part", ""));
	return a->id ? body_find(db, a->arena, a->id, &a->body, &a->found, error) : 0;
}

static int zeros_read(void *context, size_t at, void *room, size_t size, struct error *error)
{
	(void)context, (void)at, (void)error;
	memset(room, 0, size);
	return 0;
}

/* Lines of 16 octets that tell where they stand: they pack, but not like a bomb. */
static int lines_read(void *context, size_t at, void *room, size_t size, struct error *error)
{
	char line[20], *to = room;
	(void)context, (void)error;
	for (size_t i = 0; i < size; i++) {
		if (i == 0 || (at + i) % 16 == 0)
			snprintf(line, sizeof line, "%015zx\n", ((at + i) / 16) * 2654435761u);
		to[i] = line[(at + i) % 16];
	}
	return 0;
}

#define LARGE ((size_t)30 << 20)

static void large_letter(struct world *w, struct letter *l, struct blob blob)
{
	static const struct bytes document = { (const uint8_t *)DOCUMENT, sizeof DOCUMENT - 1 };
	struct blob text = blob_of_bytes(&document);
	struct as4_payload payloads[] = { { .cid = "message@hub", .mime_type = "application/xml", .content = &text },
		                          { .cid = "large@hub", .mime_type = "application/octet-stream", .content = &blob } };
	struct as4_header header;
	as4_user_begin(&w->peers.at_hub, &header);
	header.message_id = as4_message_id(w->arena, "hub.example");
	header.time = NOW;
	must_succeed(letter_pack(w->arena, &w->peers.at_hub, &header, payloads, 2, l, error));
}

static const char *digest_of(struct arena *arena, const struct blob *blob)
{
	char hex[DIGEST_HEX_SIZE], block[4096];
	struct digest *digest = digest_new();
	for (size_t at = 0; at < blob->size; at += sizeof block) {
		must_succeed(blob_read(blob, at, block, sizeof block, error));
		digest_add(digest, (struct bytes){ (const uint8_t *)block, sizeof block });
	}
	return arena_text(arena, digest_end_hex(&digest, hex));
}

START_TEST(a_large_part_goes_to_the_store)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	struct body_asked a = { .arena = w.arena };
	struct blob lines = { LARGE, lines_read, NULL };
	w.terms.part_bytes = 100 << 20;
	msh_close(&w.msh);
	world_open_msh(&w);
	large_letter(&w, &l, lines);
	w.fails = true;
	must_fail(world_receive(&w, &l, &reply, error), STORE_FULL);
	must_succeed(store_read(w.store, body_look, &a, error));
	ck_assert_int_eq(a.bodies, 0);  /* what came to nothing is not left behind */
	must_receive(&w, &l, &reply);
	must_be_signal(&w, &reply, AS4_RECEIPT);
	a.id = w.stored;
	must_succeed(store_read(w.store, body_look, &a, error));
	ck_assert(a.found);
	ck_assert_int_eq(a.body.size, (int64_t)LARGE);
	ck_assert_str_eq(a.body.digest, digest_of(w.arena, &lines));
}
END_TEST

START_TEST(a_part_that_unpacks_to_too_much_leaves_nothing_behind)
{
	WORLD(w, "p256");
	LETTER(l);
	struct msh_reply reply;
	struct body_asked a = { .arena = w.arena };
	w.terms.part_bytes = 100 << 20;
	msh_close(&w.msh);
	world_open_msh(&w);
	large_letter(&w, &l, (struct blob){ LARGE, zeros_read, NULL });  /* a thousandfold: no honest part packs like that */
	must_receive(&w, &l, &reply);
	must_be_error(&w, &reply, "EBMS:0303");
	w.terms.part_bytes = LARGE - 1;
	msh_close(&w.msh);
	world_open_msh(&w);
	large_letter(&w, &l, (struct blob){ LARGE, lines_read, NULL });
	must_receive(&w, &l, &reply);
	must_be_error(&w, &reply, "EBMS:0303");
	must_succeed(store_read(w.store, body_look, &a, error));
	ck_assert_int_eq(a.bodies, 0);
	ck_assert_int_eq(w.kept, 0);
}
END_TEST

SUITE("msh in", a_large_part_goes_to_the_store, a_part_that_unpacks_to_too_much_leaves_nothing_behind, a_message_takes_effect_once_and_each_repeat_gets_the_stored_receipt, the_same_id_with_other_parts_is_refused,
      what_could_not_be_stored_is_taken_the_next_time, a_repeat_that_comes_while_the_first_is_in_progress_gets_the_same_receipt,
      what_is_not_agreed_is_refused_with_a_signed_error_that_names_the_message, a_test_message_is_confirmed_and_goes_nowhere,
      octets_that_are_no_message_get_an_error_and_no_more)
