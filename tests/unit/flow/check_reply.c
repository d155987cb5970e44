/* Replies to questions of customs: drafted over HTTP, read, approved by another, and ready as a message with its files. */
#include <stdio.h>

#include "../answer/place.h"
#include "flow/flow.h"
#include "model/reply.h"
#include "receive/receive.h"
#include "store/part.h"
#include "support/program.h"
#include "support/raw_http.h"

#define MRN "26NL0005101X7K2LF6"
#define PDF "%PDF-1.7 a record"
#define JPEG "\xff\xd8\xff\xe0 a picture"

struct desk {
	struct place *place;
	struct flow_config flow;
	struct receive *receive;
	const char *question;        /* the notice for BOX */
};

/* "Bearer broker-1/key": what admit would have found. */
static int identified(void *context, const struct http_request *request, struct caller *caller_r, struct error *error)
{
	static const struct {
		const char *party;
		enum role role;
	} known[] = { { "broker-1", ROLE_BROKER }, { "port-1", ROLE_SECURITY }, { "terminal-1", ROLE_TERMINAL }, { "other-1", ROLE_BROKER } };
	(void)context, (void)error;
	const char *party = http_request_header(request, "Authorization") + strlen("Bearer "), *slash = strchr(party, '/');
	*caller_r = (struct caller){ .party = arena_text_n(request->arena, party, (size_t)(slash - party)), .token = arena_text(request->arena, slash + 1) };
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (text_equal(known[i].party, caller_r->party))
			caller_r->roles = 1u << known[i].role;
	return 0;
}

static int approved(void *context, const struct reply_approval *approval, struct arena *arena, struct json **answer_r, struct error *error)
{
	struct desk *d = context;
	struct flow_approval a = { approval->notice, approval->reply, approval->by, approval->token };
	return flow_approve(&d->flow, &a, arena, answer_r, error);
}

static void take_hub(struct place *p, const char *type, const char *refers_to, struct taken *taken_r)
{
	static const struct verdict seal = { .subject = "CN=Trader Interface", .algorithm = "rsa-sha256", .certificate_digest = "00", .signing_time = CLOCK_NONE };
	char *text;
	must_succeed(file_read_text(arena_printf(p->arena, SOURCE_DIR "/mappings/answers/eu-hub/%s/sample.in.xml", type), p->arena, &text, error));
	struct arrived arrived = { .agreement = &p->agreements[0], .body = bytes_of_text(text), .conversation = refers_to, .sealed = &seal };
	must_succeed(answer_take(p->answer, &arrived, p->arena, taken_r, error));
	ck_assert_str_ne(taken_r->state, "refused");
}

static void desk_open(struct desk *d, struct place *p)
{
	struct taken taken;
	d->place = p;
	answer_close(&p->answer);
	p->agreements[0].profile = "eu-hub";
	p->agreements[0].channel = CHANNEL_AS4;
	p->agreements[0].kinds = 1u << KIND_REPLY;
	p->agreements[0].form = FORM_NONE;
	must_succeed(answer_open(&(struct answer_config){ &p->settings, p->store, p->set, p->validator }, &p->answer, error));
	place_journey(p, "J-1", BOX, "{\"consignments\":[{\"master\":\"COSU6301234567\",\"house\":\"SHAH26020417\",\"may_see\":[\"broker-1\",\"port-1\",\"terminal-1\"]}]}");
	take_hub(p, "IE3Q02", NULL, &taken);
	d->question = json_text(json_at(taken.notices, 0));
	d->flow = (struct flow_config){ &p->settings, p->store, p->set, p->validator, p->signers };
	p->settings.address = "127.0.0.1";
	p->settings.connections = p->settings.connections_per_address = 16;
	p->settings.body_limit = 64 << 10;
	p->settings.header_limit = 16 << 10;
	p->settings.request_ms = 20000;
	struct receive_config config = { .settings = &p->settings, .store = p->store, .set = p->set, .threads = 2,
		                         .hooks = { .context = d, .identified = identified, .approved = approved } };
	must_succeed(receive_start(&config, &d->receive, error));
}

#define DESK(d) \
	PLACE(p); \
	struct desk d = { 0 }; \
	desk_open(&d, &p)

static void desk_close(struct desk *d)
{
	receive_stop(&d->receive);
	place_close(d->place);
}

/* The answer's body as text. */
static const char *ask_text(struct desk *d, const char *who, const char *method, const char *path, const char *body, int status)
{
	struct arena *arena = d->place->arena;
	const char *request = arena_printf(arena, "%s /v1/notices/%s/reply%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
	                                   "Content-Type: application/json\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s",
	                                   method, d->question, path, who, strlen(body), body);
	char *reply = raw_exchange(receive_port(d->receive), request, strlen(request), 10000);
	const char *text = strstr(reply, "\r\n\r\n");
	if (raw_status(reply) != status || !text)
		ck_abort_msg("%s %s by %s: not %d: %s", method, path, who, status, reply);
	text = arena_text(arena, text + 4);
	free(reply);
	return text;
}

static struct json *ask(struct desk *d, const char *who, const char *method, const char *path, const char *body, int status)
{
	return json_of(d->place, ask_text(d, who, method, path, body, status));
}

static const char *base64(struct place *p, const char *octets, size_t size)
{
	BUFFER_AUTO out = { 0 };
	text_base64(&out, (struct bytes){ (const uint8_t *)octets, size });
	return arena_text(p->arena, buffer_text(&out));
}

static const char *draft_body(struct place *p)
{
	return arena_printf(p->arena, "{\"text\":\"The box was opened for a repair.\",\"files\":[{\"name\":\"record.pdf\",\"content\":\"%s\"},"
	                    "{\"name\":\"seal.jpg\",\"content\":\"%s\",\"description\":\"the seal\"}]}", base64(p, PDF, strlen(PDF)), base64(p, JPEG, strlen(JPEG)));
}

static const char *approval(struct desk *d, const struct json *draft)
{
	return arena_printf(d->place->arena, "{\"reply\":\"%s\"}", json_path_text(draft, "id"));
}

struct parts {
	struct place *place;
	const char *owner;
	struct part_row *rows;
	size_t count;
	struct bytes octets;
};

static int parts_read(struct db *db, void *context, struct error *error)
{
	struct parts *l = context;
	TRY(part_list(db, l->place->arena, l->owner, &l->rows, &l->count, error));
	return l->count ? body_read(db, l->place->arena, l->rows[0].body, &l->octets, error) : 0;
}

struct octets {
	struct place *place;
	const char *id;
	struct bytes bytes;
};

static int octets_read(struct db *db, void *context, struct error *error)
{
	struct octets *o = context;
	return body_read(db, o->place->arena, o->id, &o->bytes, error);
}

static struct bytes document_of(struct place *p, const struct message_row *m)
{
	struct octets o = { p, m->document, { 0 } };
	must_succeed(store_read(p->store, octets_read, &o, error));
	return o.bytes;
}

START_TEST(an_approved_reply_is_a_message_with_its_files)
{
	DESK(d);
	struct json *draft = ask(&d, "broker-1/k1", "POST", "", draft_body(&p), 201);
	ck_assert_str_eq(json_path_text(draft, "state"), "draft");
	ck_assert_str_eq(json_path_text(draft, "files.1.type"), "image/jpeg");
	ck_assert_int_eq((int)count_now(&p, "select count(*) from message"), 0);
	struct notice_row waits = notice_now(&p, d.question);
	str_at(&p, &waits, "reply.state", "draft");
	ck_assert_str_eq(ask_text(&d, "port-1/k2", "GET", "/files/1", "", 200), PDF);
	struct json *answer = ask(&d, "port-1/k2", "POST", "/approve", approval(&d, draft), 202);
	struct message_row m = message_now(&p, json_path_text(answer, "message"));
	ck_assert_int_eq(m.state, MESSAGE_READY);
	ck_assert_str_eq(m.kind, "reply");
	ck_assert_str_eq(m.agreement, "nl");
	ck_assert_str_eq(m.container, BOX);
	ck_assert_ptr_null(m.signature);
	struct parts parts = { .place = &p, .owner = m.id };
	must_succeed(store_read(p.store, parts_read, &parts, error));
	ck_assert_uint_eq(parts.count, 2);
	ck_assert_uint_eq(parts.octets.size, strlen(PDF));
	ck_assert_int_eq(memcmp(parts.octets.data, PDF, strlen(PDF)), 0);
	struct bytes document = document_of(&p, &m);
	must_succeed(validate_document(p.validator, "eu-hub/IE3R02.xsd", document, error));
	const char *text = arena_text_n(p.arena, (const char *)document.data, document.size);
	ck_assert_ptr_nonnull(strstr(text, arena_printf(p.arena, "<identification>%s-1</identification>", m.id)));
	ck_assert_str_eq(parts.rows[0].id, arena_printf(p.arena, "%s-1", m.id));
	ck_assert_ptr_nonnull(strstr(text, "<MRN>" MRN "</MRN>"));
	ck_assert_ptr_nonnull(strstr(text, "<referralRequestReference>RFI-2026-000417-1</referralRequestReference>"));
	struct notice_row done = notice_now(&p, d.question);
	str_at(&p, &done, "reply.message", m.id);
	str_at(&p, &done, "acknowledged.by", "port-1");
	ck_assert_int_eq(done.escalate, CLOCK_NONE);
	ck_assert_int_eq((int)count_now(&p, "select count(*) from record where kind = 'disclosure.made'"), 1);
	desk_close(&d);
}
END_TEST

START_TEST(who_writes_does_not_approve)
{
	DESK(d);
	struct json *draft = ask(&d, "broker-1/k1", "POST", "", "{\"text\":\"no\"}", 201);
	(void)ask(&d, "broker-1/k1", "POST", "/approve", approval(&d, draft), 403);
	(void)ask(&d, "terminal-1/k3", "POST", "/approve", approval(&d, draft), 404);   /* it knows of a block, not of a question */
	(void)ask(&d, "terminal-1/k3", "GET", "", "", 404);
	(void)ask(&d, "other-1/k4", "POST", "", "{\"text\":\"no\"}", 404);
	ck_assert_int_eq((int)count_now(&p, "select count(*) from message"), 0);
	(void)ask(&d, "broker-1/k5", "POST", "/approve", approval(&d, draft), 202);     /* a second person of the same party */
	desk_close(&d);
}
END_TEST

START_TEST(what_was_changed_is_not_approved)
{
	DESK(d);
	struct json *first = ask(&d, "broker-1/k1", "POST", "", "{\"text\":\"first\"}", 201), *second = ask(&d, "broker-1/k1", "POST", "", "{\"text\":\"second\"}", 201);
	(void)ask(&d, "port-1/k2", "POST", "/approve", approval(&d, first), 409);
	(void)ask(&d, "port-1/k2", "POST", "/approve", "{}", 422);
	(void)ask(&d, "port-1/k2", "POST", "/approve", "{\"reply\":\"nothing\"}", 404);
	ck_assert_str_eq(json_path_text(ask(&d, "port-1/k2", "GET", "", "", 200), "text"), "second");
	(void)ask(&d, "port-1/k2", "POST", "/approve", approval(&d, second), 202);
	(void)ask(&d, "port-1/k2", "POST", "/approve", approval(&d, second), 409);
	desk_close(&d);
}
END_TEST

/* Once, unless customs refused it. */
START_TEST(a_request_is_answered_once)
{
	DESK(d);
	struct taken taken;
	struct json *draft = ask(&d, "broker-1/k1", "POST", "", "{\"text\":\"first\"}", 201);
	const char *message = json_path_text(ask(&d, "port-1/k2", "POST", "/approve", approval(&d, draft), 202), "message");
	draft = ask(&d, "broker-1/k1", "POST", "", "{\"text\":\"second\"}", 201);
	(void)ask(&d, "port-1/k2", "POST", "/approve", approval(&d, draft), 409);
	ck_assert_int_eq(message_now(&p, message).state, MESSAGE_READY);
	take_hub(&p, "IE3N99", NULL, &taken);                        /* not about the reply */
	(void)ask(&d, "port-1/k2", "POST", "/approve", approval(&d, draft), 409);
	desk_close(&d);
}
END_TEST

struct conversation {
	const char *message, *id;
};

static int conversation_set(struct db *db, void *context, struct error *error)
{
	struct conversation *c = context;
	return message_set_conversation(db, c->message, c->id, error);
}

START_TEST(a_reply_that_customs_refused_is_answered_again)
{
	DESK(d);
	struct taken taken;
	struct json *draft = ask(&d, "broker-1/k1", "POST", "", draft_body(&p), 201);
	const char *message = json_path_text(ask(&d, "port-1/k2", "POST", "/approve", approval(&d, draft), 202), "message");
	struct conversation c = { message, "77@gateway.example" };
	must_succeed(store_write(p.store, conversation_set, &c, error));
	take_hub(&p, "IE3N99", "77@gateway.example", &taken);
	struct notice_row refused = notice_at(&p, &taken, 0);
	ck_assert_str_eq(refused.message, message);
	str_at(&p, &refused, "errors.0.source", "reply.files.0.id");  /* the path that customs points at is led back to what it came from */
	str_at(&p, &refused, "errors.1.source", "reply.texts.0");
	ck_assert_ptr_null(message_now(&p, message).customs_id);      /* the MRN is of the filing, not of our reply */
	draft = ask(&d, "broker-1/k1", "POST", "", "{\"text\":\"better\"}", 201);
	(void)ask(&d, "port-1/k2", "POST", "/approve", approval(&d, draft), 202);
	ck_assert_int_eq((int)count_now(&p, "select count(*) from message where kind = 'reply'"), 2);
	desk_close(&d);
}
END_TEST

START_TEST(what_customs_would_not_take_is_refused)
{
	static const struct {
		const char *body;
		int status;
		const char *field;
	} bad[] = {
		{ "{}", 422, "/text" },
		{ "{\"text\":\"\"}", 422, "/text" },
		{ "{\"files\":5}", 422, "/files" },
		{ "{\"files\":[{\"name\":\"a.pdf\"}]}", 422, "/files/0/content" },
		{ "{\"files\":[{\"name\":\"a.pdf\",\"content\":\"no base64\"}]}", 422, "/files/0/content" },
		{ "{\"files\":[{\"name\":\"a.pdf\",\"content\":\"PGh0bWw+\"}]}", 415, "/files/0/content" },
		{ "{\"files\":[{\"content\":\"JVBERi0xLjcK\"}]}", 422, "/files/0/name" },
		{ "{\"files\":[{\"name\":\"../a.pdf\",\"content\":\"JVBERi0xLjcK\"}]}", 422, "/files/0/name" },
		{ "{\"files\":[{\"name\":\"a.jpg\",\"content\":\"JVBERi0xLjcK\",\"type\":\"image/jpeg\"}]}", 422, "/files/0/type" },
	};
	DESK(d);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *field = json_path_text(ask(&d, "broker-1/k1", "POST", "", bad[i].body, bad[i].status), "field");
		if (!field || !text_starts(field, bad[i].field))
			ck_abort_msg("%s: field %s", bad[i].body, field ? field : "(none)");
	}
	BUFFER_AUTO many = { 0 };
	buffer_add_text(&many, "{\"files\":[");
	for (int i = 0; i < 10; i++)
		buffer_printf(&many, "%s{\"name\":\"a.pdf\",\"content\":\"JVBERi0xLjcK\"}", i ? "," : "");
	buffer_add_text(&many, "]}");
	(void)ask(&d, "broker-1/k1", "POST", "", buffer_text(&many), 413);
	ck_assert_int_eq((int)count_now(&p, "select count(*) from reply"), 0);
	desk_close(&d);
}
END_TEST

/* 3 MB pass the server's own limit of a body; more than 20 MB do not. */
START_TEST(large_files_are_kept_piece_by_piece)
{
	DESK(d);
	size_t size = 3 << 20;
	char *file = arena_alloc(p.arena, size + 1);
	memset(file, 'x', size);
	memcpy(file, PDF, strlen(PDF));
	struct json *draft = ask(&d, "broker-1/k1", "POST", "", arena_printf(p.arena, "{\"files\":[{\"name\":\"big.pdf\",\"content\":\"%s\"}]}",
	                                                                    base64(&p, file, size)), 201);
	ck_assert_str_eq(json_number(json_path(draft, "files.0.size")), "3145728");
	ck_assert_int_eq((int)count_now(&p, "select count(*) from body_part where body = (select body from part)"), 12);
	ck_assert_str_eq(ask_text(&d, "port-1/k2", "GET", "/files/1", "", 200), file);
	size = REPLY_OCTETS + 1;
	file = arena_alloc(p.arena, size + 1);
	memcpy(file, PDF, strlen(PDF));
	(void)ask(&d, "broker-1/k1", "POST", "", arena_printf(p.arena, "{\"files\":[{\"name\":\"big.pdf\",\"content\":\"%s\"}]}", base64(&p, file, size)), 413);
	desk_close(&d);
}
END_TEST

START_TEST(no_agreement_no_reply)
{
	DESK(d);
	struct json *draft = ask(&d, "broker-1/k1", "POST", "", "{\"text\":\"no\"}", 201);
	p.agreements[0].kinds = 0;
	(void)ask(&d, "port-1/k2", "POST", "/approve", approval(&d, draft), 409);
	p.agreements[0].kinds = 1u << KIND_REPLY;
	p.agreements[0].addressee = "sti-taxud";                     /* who asks may be answered */
	(void)ask(&d, "port-1/k2", "POST", "/approve", approval(&d, draft), 202);
	desk_close(&d);
}
END_TEST

START_TEST(the_command_line_drafts_and_approves)
{
	DESK(d);
	const char *url = arena_printf(p.arena, "http://127.0.0.1:%u", (unsigned)receive_port(d.receive));
	const char *pdf = place_file(&p, "record of the seal.pdf"), *jpeg = place_file(&p, "seal.jpg"), *broker = place_file(&p, "broker"), *port = place_file(&p, "port");
	must_succeed(file_write(pdf, bytes_of_text(PDF), 0600, error));
	must_succeed(file_write(jpeg, bytes_of_text(JPEG), 0600, error));
	must_succeed(file_write(broker, bytes_of_text("broker-1/k1"), 0600, error));
	must_succeed(file_write(port, bytes_of_text("port-1/k2"), 0600, error));
	SAID both = program("reply", d.question, "--url", url, "--key-file", broker, "--text", "so", "--approve", NULL);
	ended(both, EXIT_USAGE);
	SAID none = program("reply", d.question, "--url", url, "--key-file", broker, NULL);
	ended(none, EXIT_REFUSED);
	SAID draft = program("reply", d.question, "--url", url, "--key-file", broker, "--text", "It was repaired.", "--file", pdf, "--file", jpeg, NULL);
	ended(draft, EXIT_GOOD);
	says(draft.out, "record of the seal.pdf");
	says(draft.out, "image/jpeg");
	says(draft.err, "--approve");
	SAID same = program("reply", d.question, "--url", url, "--key-file", broker, "--approve", NULL);
	ended(same, EXIT_REFUSED);
	says(same.err, "somebody else must approve it");
	SAID other = program("reply", d.question, "--url", url, "--key-file", port, "--approve", NULL);
	ended(other, EXIT_GOOD);
	says(other.out, "It was repaired.");
	says(other.out, "to nl is ready");
	SAID shown = program("reply", d.question, "--url", url, "--key-file", port, NULL);
	ended(shown, EXIT_GOOD);
	says(shown.out, "approved by port-1");
	desk_close(&d);
}
END_TEST

START_TEST(text_is_cut_between_words)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO text = { 0 };
	for (int i = 0; i < 300; i++)
		buffer_printf(&text, "w\xc3\xb6rd%d ", i);
	struct json *pieces = reply_pieces(arena, buffer_text(&text));
	BUFFER_AUTO whole = { 0 };
	for (struct json_iter it = json_iter(pieces); json_next(&it);) {
		ck_assert_uint_le(text_utf8_length(json_text(it.value)), REPLY_TEXT);
		ck_assert(text_ends(json_text(it.value), " "));
		buffer_add_text(&whole, json_text(it.value));
	}
	ck_assert_uint_eq(json_count(pieces), 5);
	ck_assert_str_eq(buffer_text(&whole), buffer_text(&text));
	char *solid = arena_alloc(arena, 1030);
	memset(solid, 'x', 1025);
	ck_assert_uint_eq(json_count(reply_pieces(arena, solid)), 3);
	ck_assert_uint_eq(json_count(reply_pieces(arena, "")), 0);
}
END_TEST

int main(void)
{
	const TTest *const cases[] = { an_approved_reply_is_a_message_with_its_files, who_writes_does_not_approve, what_was_changed_is_not_approved,
		                       a_request_is_answered_once, a_reply_that_customs_refused_is_answered_again, what_customs_would_not_take_is_refused,
		                       large_files_are_kept_piece_by_piece, no_agreement_no_reply, the_command_line_drafts_and_approves, text_is_cut_between_words };
	Suite *suite = suite_create("flow reply");
	TCase *tcase = tcase_create("flow reply");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		tcase_add_test(tcase, cases[i]);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
