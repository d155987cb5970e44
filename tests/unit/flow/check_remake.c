/* A withdrawal that waited for what customs calls the report goes when customs has told, and not while a control stands. */
#include <unistd.h>

#include "flow/flow.h"
#include "store/container.h"
#include "unit/answer/place.h"

#define WITHDRAWAL "SG26B8QK3M0V7TZ4XH2W01"

static int make_held(struct db *db, void *context, struct error *error)
{
	struct place *p = context;
	struct message_row row;
	bool found;
	TRY(message_find(db, p->arena, WITHDRAWAL, &row, &found, error));
	struct json *input = json_of(p, row.input);
	json_unset(json_find(input, "report"), "customs_id");
	TRY(message_set_reason(db, WITHDRAWAL, "waits", error));
	TRY(db_run(db, error, "update message set input = $2 where id = $1", "tt", WITHDRAWAL, json_to_text(p->arena, input, JSON_COMPACT)));
	return container_want(db, BOX, error);
}

static void set_up(struct place *p, struct flow **flow_r)
{
	place_message(p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	place_message(p, WITHDRAWAL, "nl", "withdrawal", BOX, MESSAGE_HELD, NULL);
	must_succeed(store_write(p->store, make_held, p, error));
	p->settings.workers = 1;
	struct flow_config config = { &p->settings, p->store, p->set, p->validator, p->signers };
	must_succeed(flow_start(&config, flow_r, error));
}

/* Until the flow has nothing left to look at. */
static void settle(struct place *p)
{
	for (int i = 0; i < 500; i++) {
		if (count_now(p, "select count(*) from container where wanted > done") == 0)
			return;
		usleep(10000);
	}
	ck_abort_msg("the container is still being looked at");
}

struct reading_body {
	struct place *place;
	const char *id;
	struct bytes octets;
};

static int read_body(struct db *db, void *context, struct error *error)
{
	struct reading_body *r = context;
	return body_read(db, r->place->arena, r->id, &r->octets, error);
}

static struct bytes document_of(struct place *p, const char *id)
{
	struct reading_body r = { p, message_now(p, id).document, { NULL, 0 } };
	must_succeed(store_read(p->store, read_body, &r, error));
	return r.octets;
}

START_TEST(it_goes_when_customs_has_told)
{
	PLACE(p);
	struct flow *flow;
	set_up(&p, &flow);
	settle(&p);
	ck_assert_int_eq(message_now(&p, WITHDRAWAL).state, MESSAGE_HELD);
	struct wire w = { "02", "a", NULL, NULL, REPORT, "16NL000511SCI0000417L3", NULL };
	take(&p, &w);
	settle(&p);
	struct message_row row = message_now(&p, WITHDRAWAL);
	ck_assert_int_eq(row.state, MESSAGE_READY);
	ck_assert_ptr_null(row.reason);
	ck_assert_ptr_nonnull(row.signature);
	ck_assert_str_eq(row.set_digest, map_set_digest(p.set));
	struct bytes document = document_of(&p, WITHDRAWAL);
	ck_assert_ptr_nonnull(strstr(arena_text_n(p.arena, (const char *)document.data, document.size), "<ID>16NL000511SCI0000417L3</ID>"));
	ck_assert_str_eq(json_path_text(json_of(&p, row.input), "report.customs_id"), "16NL000511SCI0000417L3");
	flow_stop(&flow);
	place_close(&p);
}
END_TEST

START_TEST(it_stays_while_a_control_stands)
{
	PLACE(p);
	struct flow *flow;
	set_up(&p, &flow);
	struct wire control = { "05", "a", "20160204080000Z", NULL, REPORT, "16NL1", NULL }, release = { "09", "b", "20160204083000Z", NULL, REPORT, "16NL1", NULL };
	take(&p, &control);
	settle(&p);
	struct message_row row = message_now(&p, WITHDRAWAL);
	ck_assert_int_eq(row.state, MESSAGE_HELD);
	ck_assert_ptr_nonnull(strstr(row.reason, "control"));
	take(&p, &release);
	settle(&p);
	ck_assert_int_eq(message_now(&p, WITHDRAWAL).state, MESSAGE_READY);
	flow_stop(&flow);
	place_close(&p);
}
END_TEST

SUITE("flow remake", it_goes_when_customs_has_told, it_stays_while_a_control_stands)
