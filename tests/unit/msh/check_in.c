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
	p->result = msh_receive(p->world->msh, p->letter->packed.content_type, buffer_bytes(&p->letter->octets), p->arena, &p->reply, &error);
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
	peers_make(&w.peers, "p256");  /* another hub, of another authority (the first one is the test's to lose) */
	letter_of_hub(&w, &l);
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
		must_succeed(msh_receive(w.msh, types[i], bytes_of_text("<html>no</html>"), w.arena, &reply, error));
		must_be_signal(&w, &reply, AS4_ERROR);
	}
}
END_TEST

SUITE("msh in", a_message_takes_effect_once_and_each_repeat_gets_the_stored_receipt, the_same_id_with_other_parts_is_refused,
      what_could_not_be_stored_is_taken_the_next_time, a_repeat_that_comes_while_the_first_is_in_progress_gets_the_same_receipt,
      what_is_not_agreed_is_refused_with_a_signed_error_that_names_the_message, a_test_message_is_confirmed_and_goes_nowhere,
      octets_that_are_no_message_get_an_error_and_no_more)
