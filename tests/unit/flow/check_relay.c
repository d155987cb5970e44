/* What customs sent to one gateway reaches another: the original, the verdict, the secrecy; and nothing that must not. */
#include "../answer/place.h"
#include "flow/relay.h"
#include "model/notice.h"

static const char *const wanted[] = { "do_not_load", "control", NULL };

static void take_sample(struct place *p, const char *type, struct taken *taken_r)
{
	static const struct verdict seal = { .subject = "CN=Trader Interface", .algorithm = "rsa-sha256", .certificate_digest = "00ff", .signing_time = CLOCK_NONE };
	char *text;
	must_succeed(file_read_text(arena_printf(p->arena, SOURCE_DIR "/mappings/answers/eu-hub/%s/sample.in.xml", type), p->arena, &text, error));
	struct arrived arrived = { .agreement = &p->agreements[0], .body = bytes_of_text(text), .content_type = "application/xml", .sealed = &seal };
	must_succeed(answer_take(p->answer, &arrived, p->arena, taken_r, error));
}

/* Agreement 0 speaks ICS2, 1 is another gateway. */
static void place_relays(struct place *p)
{
	answer_close(&p->answer);
	p->agreements[0].profile = "eu-hub";
	p->agreements[0].kinds = 0;
	p->agreements[1].profile = "relay";
	p->agreements[1].kinds = 1u << KIND_RELAY;
	p->agreements[1].relay_notices = wanted;
	must_succeed(answer_open(&(struct answer_config){ &p->settings, p->store, p->set, p->validator }, &p->answer, error));
}

struct passing {
	struct place *place;
	struct flow_config config;
	struct prepared *prepared;
	size_t count, stored;
	struct bytes document, original;
};

static int look(struct db *db, void *context, struct error *error)
{
	struct passing *x = context;
	return relay_look(db, x->place->arena, &x->config, BOX, &x->prepared, &x->count, error);
}

static int keep(struct db *db, void *context, struct error *error)
{
	struct passing *x = context;
	for (size_t i = 0; i < x->count; i++) {
		enum store_outcome outcome;
		TRY(report_store(db, x->place->arena, &x->prepared[i], &outcome, error));
		x->stored += outcome == STORE_NEW;
	}
	return 0;
}

static int octets(struct db *db, void *context, struct error *error)
{
	struct passing *x = context;
	struct part_row *parts;
	size_t count;
	TRY(body_read(db, x->place->arena, x->prepared[0].row.document, &x->document, error));
	TRY(part_list(db, x->place->arena, x->prepared[0].row.id, &parts, &count, error));
	ck_assert_uint_eq(count, 1);
	return body_read(db, x->place->arena, parts[0].body, &x->original, error);
}

static struct passing pass(struct place *p)
{
	struct passing x = { .place = p, .config = { &p->settings, p->store, p->set, p->validator, NULL } };
	must_succeed(store_read(p->store, look, &x, error));
	must_succeed(store_write(p->store, keep, &x, error));
	return x;
}

static struct taken receive(struct place *q, const struct passing *x, struct bytes original)
{
	static const struct verdict seal = { .subject = "CN=Carrier gateway", .algorithm = "ecdsa-sha256", .certificate_digest = "01", .signing_time = CLOCK_NONE };
	struct taken taken;
	struct arrived_part part = { arena_printf(q->arena, "%s-1", x->prepared[0].row.id), "application/xml", "original.xml", original, NULL };
	struct arrived arrived = { .agreement = &q->agreements[1], .body = x->document, .content_type = "application/xml", .sealed = &seal, .parts = &part,
		                   .part_count = 1 };
	must_succeed(answer_take(q->answer, &arrived, q->arena, &taken, error));
	return taken;
}

START_TEST(a_do_not_load_reaches_the_port)
{
	PLACE(p);
	PLACE(q);
	struct taken taken;
	place_relays(&p);
	place_relays(&q);
	place_journey(&q, "J-9", BOX, "{}");
	take_sample(&p, "IE3Q01", &taken);
	struct passing x = pass(&p);
	ck_assert_uint_eq(x.count, 1);                                /* one document, though two of its notices are about boxes */
	ck_assert_uint_eq(x.stored, 1);
	ck_assert_str_eq(message_now(&p, x.prepared[0].row.id).agreement, "de");
	ck_assert_uint_eq(pass(&p).count, 0);
	must_succeed(store_read(p.store, octets, &x, error));
	must_succeed(validate_document(p.validator, "relay/relay.xsd", x.document, error));
	struct taken there = receive(&q, &x, x.original);
	if (!text_equal(there.state, "tied"))
		ck_abort_msg("%s: %s", there.state, there.why.text);
	ck_assert_uint_eq(json_count(there.notices), 2);
	struct notice_row row = notice_at(&q, &there, 0);
	ck_assert_str_eq(row.kind, "do_not_load");
	ck_assert_str_eq(row.container, BOX);
	ck_assert_str_eq(row.journey, "J-9");
	ck_assert(has_block(&q, &row, "load"));
	str_at(&q, &row, "relayed.by", "Port gateway");
	str_at(&q, &row, "relayed.signature.verdict", "valid");
	str_at(&q, &row, "relayed.signature.by", "CN=Trader Interface");
	str_at(&q, &row, "signature.by", "CN=Carrier gateway");
	str_at(&q, &row, "disclosure", "restricted");
	ck_assert_str_eq(document_now(&q, there.document).type, "relay");
	ck_assert_int_eq((int)count_now(&q, "select count(*) from part"), 1);
	ck_assert(receive(&q, &x, x.original).repeated);
	ck_assert_uint_eq(pass(&q).count, 0);                         /* what came by relay goes no further */
	place_close(&p);
	place_close(&q);
}
END_TEST

START_TEST(another_original_is_refused)
{
	PLACE(p);
	PLACE(q);
	struct taken taken;
	place_relays(&p);
	place_relays(&q);
	take_sample(&p, "IE3Q01", &taken);
	struct passing x = pass(&p);
	must_succeed(store_read(p.store, octets, &x, error));
	char *changed = arena_text_n(q.arena, (const char *)x.original.data, x.original.size);
	memcpy(strstr(changed, BOX), "TCLU4265727", 11);
	struct taken there = receive(&q, &x, bytes_of_text(changed));
	ck_assert_str_eq(there.state, "refused");
	ck_assert_int_eq(there.why.code, ERROR_BAD_SIGNATURE);
	ck_assert_int_eq((int)count_now(&q, "select count(*) from notice"), 0);
	ck_assert_int_eq((int)count_now(&q, "select count(*) from part"), 1);   /* it is kept all the same */
	place_close(&p);
	place_close(&q);
}
END_TEST

static int make_covert(struct db *db, void *context, struct error *error)
{
	(void)context;
	return db_run(db, error, "update notice set disclosure = 'covert'", "");
}

START_TEST(only_what_is_agreed_goes_on)
{
	static const char *const others[] = { "somebody", NULL };
	PLACE(p);
	struct taken taken;
	place_relays(&p);
	take_sample(&p, "IE3Q01", &taken);
	take_sample(&p, "IE3N03", &taken);                            /* not a kind that is wanted */
	p.agreements[1].relay_peers = others;
	ck_assert_uint_eq(pass(&p).count, 0);
	p.agreements[1].relay_peers = NULL;
	p.agreements[1].addressee = "nti-de";
	ck_assert_uint_eq(pass(&p).count, 0);
	p.agreements[1].addressee = NULL;
	p.agreements[1].from = NOW + 1;                               /* it began after the notice */
	clock_freeze(NOW + 1000);
	ck_assert_uint_eq(pass(&p).count, 0);
	p.agreements[1].from = FROM;
	must_succeed(store_write(p.store, make_covert, NULL, error));
	ck_assert_uint_eq(pass(&p).count, 0);
	place_close(&p);
}
END_TEST

SUITE("flow relay", a_do_not_load_reaches_the_port, another_original_is_refused, only_what_is_agreed_goes_on)
