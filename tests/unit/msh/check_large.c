/* A message whose parts are too many octets for memory: from the store, through the frame, to the store. */
#include <sys/stat.h>

#include "store/body_stream.h"
#include "store/part.h"
#include "support/memory.h"
#include "unit/msh/world.h"

#define LARGE ((size_t)19 << 20)

/* Octets that no compression makes fewer; the same each time. */
static void noise(uint32_t *seed, uint8_t *out, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		*seed = *seed * 1664525 + 1013904223;
		out[i] = (uint8_t)(*seed >> 24);
	}
}

struct parting {
	struct body_writing writing;
	char digest[DIGEST_HEX_SIZE];
	const char *message;
};

static int part_store(struct db *db, void *context, struct error *error)
{
	struct parting *p = context;
	TRY(body_end(db, p->writing.id, p->writing.size, p->digest, NULL, error));
	return part_add(db, &(struct part_row){ .owner = p->message, .number = 1, .id = "scan@port", .body = p->writing.id, .name = "scan.pdf",
	                .content_type = "application/pdf" }, error);
}

static void attach(struct world *w, const char *message, size_t size)
{
	struct parting p = { .message = message };
	uint32_t seed = 1;
	uint8_t block[4096];
	must_succeed(body_writing_begin(&p.writing, w->store, "scan", "application/pdf", error));
	for (size_t done = 0; done < size; done += sizeof block) {
		noise(&seed, block, sizeof block);
		must_succeed(body_writing_add(&p.writing, (struct bytes){ block, sizeof block }, error));
	}
	must_succeed(body_writing_finish(&p.writing, p.digest, error));
	must_succeed(store_write(w->store, part_store, &p, error));
	body_writing_clear(&p.writing);
}

static int add_digest(void *context, struct bytes bytes, struct error *error)
{
	(void)error;
	digest_add(context, bytes);
	return 0;
}

static const char *digest_of(struct world *w, const struct blob *blob)
{
	struct digest *digest = digest_new();
	struct sink sink = { add_digest, digest };
	char hex[DIGEST_HEX_SIZE];
	must_succeed(blob_copy(blob, 0, blob->size, &sink, error));
	return arena_text(w->arena, digest_end_hex(&digest, hex));
}

/* The second part, as the hub unpacks it. */
static const char *hub_unpacks(struct world *w, const struct msh_frame *frame)
{
	struct as4_incoming *in;
	enum ebms_code code;
	struct as4_limits limits = { .message_bytes = AS4_MESSAGE_BYTES + AS4_SOAP_BYTES };
	struct digest *digest = digest_new();
	struct sink sink = { add_digest, digest };
	char hex[DIGEST_HEX_SIZE];
	must_succeed(as4_open(w->arena, frame->content_type, &frame->wire, &limits, &in, &code, error));
	must_succeed(as4_accept(in, &w->peers.at_hub, NOW, &code, error));
	ck_assert_uint_eq(in->count, 2);
	must_succeed(as4_part_read(in, 1, &sink, &code, error));
	return arena_text(w->arena, digest_end_hex(&digest, hex));
}

static int bodies_count(struct db *db, void *context, struct error *error)
{
	return db_number(db, 0, context, error, "select count(*) from body", "");
}

static int64_t bodies(struct world *w)
{
	int64_t count;
	must_succeed(store_read(w->store, bodies_count, &count, error));
	return count;
}

START_TEST(a_large_part_goes_out_without_being_in_memory)
{
	WORLD(w, "p256");
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame frame;
	struct body_reading *scan = body_reading_new(w.store, "scan", (int64_t)LARGE);
	struct blob scan_blob = body_reading_blob(scan);
	attach(&w, row.id, LARGE);
	size_t before = memory_peak();
	must_succeed(msh_frame(w.msh, &w.agreement, &row, w.arena, &frame, error));
	ck_assert(frame.is_new && frame.stored && frame.octets.size == 0 && frame.wire.size > LARGE);
	must_succeed(store_write(w.store, msh_frame_keep, &frame, error));
	const char *sent = digest_of(&w, &frame.wire);
	ck_assert_str_eq(sent, frame.digest);
	ck_assert_str_eq(hub_unpacks(&w, &frame), digest_of(&w, &scan_blob));
	if (MEMORY_TIMES == 1)  /* AddressSanitizer keeps a quarter of a gigabyte of what was freed */
		ck_assert_uint_lt(memory_peak() - before, 16 * 1024);
	struct msh_frame again;
	must_succeed(msh_frame(w.msh, &w.agreement, &row, w.arena, &again, error));
	ck_assert(!again.is_new && again.stored);
	ck_assert_str_eq(digest_of(&w, &again.wire), sent);
	body_reading_free(&scan);
}
END_TEST

START_TEST(a_form_that_is_not_kept_leaves_nothing)
{
	WORLD(w, "p256");
	struct message_row row = world_message(&w, "SG00000001");
	struct msh_frame frame;
	attach(&w, row.id, (size_t)1 << 20);
	int64_t had = bodies(&w);
	must_succeed(msh_frame(w.msh, &w.agreement, &row, w.arena, &frame, error));
	ck_assert_int_eq(bodies(&w), had + 1);
	msh_frame_drop(w.msh, &frame);
	ck_assert_int_eq(bodies(&w), had);
}
END_TEST

/* Nothing is read for it, so its octets need not be there. */
START_TEST(what_no_peer_would_take_is_not_made)
{
	WORLD(w, "p256");
	struct message_row row = world_message(&w, "SG00000001");
	struct parting p = { .message = row.id };
	struct msh_frame frame;
	must_succeed(body_writing_begin(&p.writing, w.store, "scan", "application/pdf", error));
	must_succeed(body_writing_finish(&p.writing, p.digest, error));
	p.writing.size = (int64_t)(AS4_MESSAGE_BYTES + AS4_SOAP_BYTES + 1);
	must_succeed(store_write(w.store, part_store, &p, error));
	body_writing_clear(&p.writing);
	int64_t had = bodies(&w);
	must_fail(msh_frame(w.msh, &w.agreement, &row, w.arena, &frame, error), TOO_LARGE);
	ck_assert_int_eq(bodies(&w), had);
}
END_TEST

/* A peer that fetches is answered with the body, not with its octets. */
START_TEST(a_large_message_that_is_fetched_stays_in_the_store)
{
	WORLD(w, "p256");
	w.terms.serve_mpc = w.peers.at_hub.mpc = MPC;
	msh_close(&w.msh);
	world_open_msh(&w);
	struct message_row row = world_message(&w, "SG00000001");
	struct as4_header header = { .kind = AS4_PULL, .message_id = "pull-1@hub", .time = NOW, .pull_mpc = MPC };
	struct letter l = { 0 };
	struct msh_reply reply;
	attach(&w, row.id, (size_t)1 << 20);
	hub_signals(&w, &header, &l);
	struct bytes octets = buffer_bytes(&l.octets);
	struct blob blob = blob_of_bytes(&octets);
	must_succeed(msh_receive(w.msh, l.packed.content_type, &blob, w.arena, &reply, error));
	ck_assert_int_eq(reply.status, 200);
	ck_assert(reply.stored && reply.octets.size == 0 && reply.size > (1 << 20));
	struct body_reading *reading = body_reading_new(w.store, reply.stored, reply.size);
	struct msh_frame fetched = { .content_type = reply.content_type, .wire = body_reading_blob(reading) };
	ck_assert_ptr_nonnull(hub_unpacks(&w, &fetched));
	body_reading_free(&reading);
	buffer_clear(&l.octets);
}
END_TEST

/* The disk is full: the form does not fit. Nothing was begun, and the next pull may bring it. */
START_TEST(a_fetch_that_cannot_be_written_leaves_the_message_as_it_was)
{
	WORLD(w, "p256");
	w.terms.serve_mpc = w.peers.at_hub.mpc = MPC;
	struct message_row row = world_message(&w, "SG00000001");
	struct as4_header header = { .kind = AS4_PULL, .message_id = "pull-1@hub", .time = NOW, .pull_mpc = MPC };
	struct letter l = { 0 };
	struct msh_reply reply;
	struct stat file;
	attach(&w, row.id, 200 << 10);
	msh_close(&w.msh);
	store_close(&w.store);
	ck_assert_int_eq(stat(world_file(&w, "store/sealgate.db"), &file), 0);
	must_succeed(store_open(world_file(&w, "store"), &(struct store_options){ .max_pages = file.st_size / 4096 + 20 }, &w.store, error));
	world_open_msh(&w);
	hub_signals(&w, &header, &l);
	struct bytes octets = buffer_bytes(&l.octets);
	struct blob blob = blob_of_bytes(&octets);
	must_fail(msh_receive(w.msh, l.packed.content_type, &blob, w.arena, &reply, error), STORE_FULL);
	ck_assert_str_eq(world_state(&w, row.id), "ready");
	buffer_clear(&l.octets);
}
END_TEST

SUITE("msh large", a_large_part_goes_out_without_being_in_memory, a_form_that_is_not_kept_leaves_nothing, what_no_peer_would_take_is_not_made,
      a_large_message_that_is_fetched_stays_in_the_store, a_fetch_that_cannot_be_written_leaves_the_message_as_it_was)
