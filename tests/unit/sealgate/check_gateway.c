/* The command line against a gateway in the same process: store, workers and REST interface are the real ones; nothing is
 * delivered. */
#include <string.h>
#include <unistd.h>
#include <time.h>

#include "admit/admit.h"
#include "flow/flow.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "receive/receive.h"
#include "sealgate/gateway.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/suite.h"

#define FILED INT64_C(1454328000000)   /* 2016-02-01T12:00:00Z */
#define OPENED INT64_C(1454464161000)  /* 2016-02-03T01:49:21Z */

struct place {
	struct arena *arena;
	const char *folder;
	struct config_problems problems;
	struct settings *settings;
	struct map_set *set;
	struct validator *validator;
	struct signer *signer, *signers[1];
	struct store *store;
	struct admission *admission;
	struct flow *flow;
	struct flow_config flow_config;
	struct receive *receive;
	const char *url, *ca, *admin, *provider, *config;
	char authorized[40];
};

static const char *in(struct place *p, const char *name)
{
	return file_path(p->arena, p->folder, name);
}

static int identified(void *context, const struct http_request *request, struct caller *caller_r, struct error *error)
{
	struct place *p = context;
	struct credentials shown = { http_request_header(request, "Authorization"), NULL, 0 };
	return admit_caller(p->admission, request->arena, &shown, clock_now_ms(), caller_r, error);
}

static int vouched(void *context, const struct provider *provider, const struct http_request *request, struct error *error)
{
	(void)context, (void)provider, (void)request, (void)error;
	return 0;
}

static int ordered(void *context, const struct report_order *order, struct arena *arena, struct json **answer_r, struct error *error)
{
	struct place *p = context;
	struct flow_order o = { .kind = order->kind, .agreement = order->agreement, .container = order->container, .message = order->message,
		                .reason = order->reason, .by = order->by, .mrn = order->mrn };
	return flow_order(&p->flow_config, &o, arena, answer_r, error);
}

static void authorized(void *context, const char *agreement)
{
	struct place *p = context;
	snprintf(p->authorized, sizeof p->authorized, "%s", agreement);
}

static void replace(struct place *p, const char *file, const char *what, const char *with)
{
	char *text, *at;
	must_succeed(file_read_text(in(p, file), p->arena, &text, error));
	at = strstr(text, what);
	ck_assert_ptr_nonnull(at);
	must_succeed(file_write(in(p, file), bytes_of_text(arena_printf(p->arena, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what))), 0644, error));
}

static void configure(struct place *p, const char *place)
{
	p->folder = arena_printf(p->arena, "%s/run", place);
	SAID made = program("init", p->folder, "--demo", "--mappings", arena_printf(p->arena, "%s/mappings", SOURCE_DIR), "--schemas",
	                    arena_printf(p->arena, "%s/schemas", SOURCE_DIR), NULL);
	ended(made, EXIT_GOOD);
	replace(p, "sealgate.yaml", "  port: 8440", "  port: 0");
	unlink(arena_printf(p->arena, "%s/agreements/hub.yaml", p->folder));
	replace(p, "agreements/sandbox.yaml", "grant: client_credentials", "grant: authorization_code");
	p->config = in(p, "sealgate.yaml");
	p->ca = in(p, "tls/ca.pem");
	p->admin = in(p, "api-keys/admin-1.key");
	p->provider = in(p, "api-keys/provider-1.key");
}

static void set_up(struct place *p, const char *place)
{
	configure(p, place);
	p->problems.arena = p->arena;
	p->settings = settings_load(p->config, &p->problems);
	ck_assert_ptr_nonnull(p->settings);
	const struct agreement *agreement = &p->settings->agreements[0];
	must_succeed(map_set_load(p->settings->mappings, p->settings->schemas, p->arena, NULL, &p->set, error));
	must_succeed(validator_open(p->settings->schemas, &p->validator, error));
	must_succeed(signer_open(agreement->key_file, agreement->certificate_file, false, &p->signer, error));
	p->signers[0] = p->signer;
	must_succeed(file_make_folders(p->settings->store, 0700, error));
	must_succeed(store_open(p->settings->store, NULL, &p->store, error));
	must_succeed(admission_open(p->settings, &p->admission, error));
	p->flow_config = (struct flow_config){ p->settings, p->store, p->set, p->validator, p->signers };
	must_succeed(flow_start(&p->flow_config, &p->flow, error));
	struct receive_config config = { .settings = p->settings, .store = p->store, .set = p->set, .play = true,
		                         .hooks = { .context = p, .identified = identified, .vouched = vouched, .ordered = ordered, .authorized = authorized } };
	must_succeed(receive_start(&config, &p->receive, error));
	p->url = arena_printf(p->arena, "https://localhost:%u", (unsigned)receive_port(p->receive));
}

static void tear_down(struct place *p)
{
	receive_stop(&p->receive);
	flow_stop(&p->flow);
	store_close(&p->store);
	admission_free(&p->admission);
	signer_free(&p->signer);
	validator_free(&p->validator);
	map_set_free(&p->set);
	settings_free(&p->settings);
}

/* A command as the operator runs it. */
#define ask(p, ...) program(__VA_ARGS__, "--url", (p)->url, "--ca", (p)->ca, "--key-file", (p)->admin, NULL)

static void file_journey(struct place *p)
{
	struct run run = { .command = command_find("status"), .arena = p->arena };
	char *argv[] = { (char *)(uintptr_t)"--url", (char *)(uintptr_t)p->url, (char *)(uintptr_t)"--ca", (char *)(uintptr_t)p->ca,
		         (char *)(uintptr_t)"--key-file", (char *)(uintptr_t)in(p, "api-keys/carrier-1.key") };
	struct gateway g;
	struct reply reply;
	char *journey;
	must_succeed(file_read_text(arena_printf(p->arena, "%s/tests/data/voyages/journey-C.json", SOURCE_DIR), p->arena, &journey, error));
	must_succeed(arguments_read(&run, 6, argv, error));
	must_succeed(gateway_open(&run, &g, error));
	struct gateway_call call = { .method = "PUT", .path = "/v1/journeys/J-C", .body = bytes_of_text(journey) };
	must_succeed(gateway_ask(&g, p->arena, &call, &reply, error));
	ck_assert_int_eq(reply.status, 201);
}

#define EVENT \
	"{ \"id\": \"e-1\", \"type\": \"door_opened\", \"time\": \"2016-02-03T01:48:21Z\", \"container\": \"CSQU3054383\", " \
	"\"device\": { \"id\": \"356938035643809\" }, \"position\": { \"lat\": \"30.877701\", \"lon\": \"121.883003\", \"source\": \"gnss\" } }\n"

/* Posts the opening, and waits for the report that it leads to: its row, as JSON. */
static struct json *report_make_one(struct place *p)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	struct json *message = NULL;
	clock_freeze(FILED);
	file_journey(p);
	clock_freeze(OPENED);
	must_succeed(file_write(in(p, "event.json"), bytes_of_text(EVENT), 0644, error));
	SAID sent = program("send", in(p, "event.json"), "--url", p->url, "--ca", p->ca, "--key-file", p->provider, NULL);
	ended(sent, EXIT_GOOD);
	says(sent.out, "stored: door_opened of CSQU3054383");
	for (int i = 0; i < 250 && !message; i++) {
		SAID list = ask(p, "messages", "--json");
		if (list.code == EXIT_GOOD && *list.out)
			must_succeed(json_parse(p->arena, bytes_of_text(list.out), NULL, &message, error));
		nanosleep(&pause, NULL);
	}
	ck_assert_ptr_nonnull(message);
	return message;
}

#define GATEWAY(p)                                                              \
	FOLDER(folder);                                                         \
	ARENA_AUTO arena_ = arena_new();                                        \
	__attribute__((cleanup(tear_down))) struct place p = { .arena = arena_ }; \
	set_up(&p, folder)

START_TEST(an_event_is_followed_to_its_message)
{
	GATEWAY(p);
	struct json *message = report_make_one(&p);
	const char *id = json_path_text(message, "id");
	SAID again = program("send", in(&p, "event.json"), "--url", p.url, "--ca", p.ca, "--key-file", p.provider, NULL);
	says(again.out, "known before");
	SAID events = ask(&p, "events", "--container", "CSQU3054383");
	ended(events, EXIT_GOOD);
	says(events.out, "door_opened");
	SAID findings = ask(&p, "findings");
	ended(findings, EXIT_GOOD);
	says(findings.out, "F-OPENING");
	SAID none = ask(&p, "messages", "--state", "failed");
	ended(none, EXIT_GOOD);
	ck_assert_str_eq(none.out, "");
	SAID story = ask(&p, "show", "CSQU 305438-3");
	ended(story, EXIT_GOOD);
	says(story.out, "2016-02-03 01:48:21 door_opened");
	says(story.out, arena_printf(p.arena, "integrity-report %s ready", id));
	SAID one = ask(&p, "show", id);
	says(one.out, "J-C");
	SAID explained = ask(&p, "explain", id);
	ended(explained, EXIT_GOOD);
	says(explained.out, "D026");
	says(explained.out, "message.reference");
	SAID status = ask(&p, "status");
	ended(status, EXIT_GOOD);
	says(status.out, "nothing needs a person");
}
END_TEST

START_TEST(a_dry_run_writes_what_was_sent)
{
	GATEWAY(p);
	struct json *message = report_make_one(&p), *event;
	const char *id = json_path_text(message, "id");
	SAID document = ask(&p, "show", id, "--document");
	ended(document, EXIT_GOOD);
	SAID same = program("try", "--message", id, "--config", p.config, "--url", p.url, "--ca", p.ca, "--key-file", p.admin, NULL);
	ended(same, EXIT_GOOD);
	ck_assert(text_equal(same.out, document.out));  /* too long for a message of the test */
	says(same.err, "byte for byte");
	/* and from the event as the gateway gives it, without the gateway */
	SAID list = ask(&p, "events", "--json");
	must_succeed(json_parse(p.arena, bytes_of_text(list.out), NULL, &event, error));
	must_succeed(file_write(in(&p, "given.json"), bytes_of_text(list.out), 0644, error));
	SAID dry = program("try", "--event", in(&p, "given.json"), "--journey", arena_printf(p.arena, "%s/tests/data/voyages/journey-C.json", SOURCE_DIR),
	                   "--config", p.config, "--reference", id, "--issued", json_path_text(message, "created"), NULL);
	ended(dry, EXIT_GOOD);
	ck_assert_str_ne(dry.out, "");
	ck_assert(text_equal(dry.out, document.out));
	/* the event as it was posted lacks our identifier of it, and nothing else */
	SAID posted = program("try", "--event", in(&p, "event.json"), "--journey", arena_printf(p.arena, "%s/tests/data/voyages/journey-C.json", SOURCE_DIR),
	                      "--config", p.config, "--reference", id, "--issued", json_path_text(message, "created"), NULL);
	ended(posted, EXIT_GOOD);
	says(posted.out, "ref=e-1<");
	const char *evidence = strstr(document.out, "ni:///sha-256;");
	ck_assert_ptr_nonnull(evidence);
	says(posted.out, arena_text_n(p.arena, evidence, strcspn(evidence, "<")));
}
END_TEST

static int code_read(struct db *db, void *context, struct error *error)
{
	struct place *p = context;
	struct bytes code;
	TRY(secret_find(db, p->arena, "code:sandbox", &code, error));
	snprintf(p->authorized + 20, 20, "%.*s", (int)code.size, (const char *)code.data);
	return 0;
}

START_TEST(a_code_reaches_the_courier_by_the_gateway)
{
	GATEWAY(p);
	SAID done = ask(&p, "authorize", "sandbox", "--code", "c0de");
	ended(done, EXIT_GOOD);
	ck_assert_str_eq(p.authorized, "sandbox");
	must_succeed(store_read(p.store, code_read, &p, error));
	ck_assert_str_eq(p.authorized + 20, "c0de");
	SAID bad = ask(&p, "authorize", "sandbox", "--code", "a b");
	ended(bad, EXIT_REFUSED);
	says(bad.err, "/code");
	SAID unknown = ask(&p, "authorize", "nobody", "--code", "c0de");
	ended(unknown, EXIT_REFUSED);
	SAID other = program("authorize", "sandbox", "--code", "x", "--url", p.url, "--ca", p.ca, "--key-file", p.provider, NULL);
	ended(other, EXIT_REFUSED);
	must_succeed(store_read(p.store, code_read, &p, error));
	ck_assert_str_eq(p.authorized + 20, "c0de");
}
END_TEST

START_TEST(exit_codes_tell_refused_from_not_reachable)
{
	GATEWAY(p);
	SAID refused = program("status", "--url", p.url, "--ca", p.ca, "--key-file", p.provider, NULL);
	ended(refused, EXIT_REFUSED);
	says(refused.err, "has not the role that this needs: auditor or admin");
	SAID away = program("status", "--url", "https://localhost:1", "--ca", p.ca, "--key-file", p.admin, NULL);
	ended(away, EXIT_UNREACHABLE);
	ck_assert_ptr_null(strstr(away.err, "not ready"));
	SAID stranger = program("status", "--url", p.url, "--ca", in(&p, "keys/ca.pem"), "--key-file", p.admin, NULL);
	ended(stranger, EXIT_UNREACHABLE);
	SAID missing = ask(&p, "show", "SG00000000000000000000");
	ended(missing, EXIT_FAILED);
	SAID resend = ask(&p, "resend", "SG00000000000000000000");
	ended(resend, EXIT_REFUSED);
	must_succeed(file_write(in(&p, "bad.json"), bytes_of_text("[{\"type\":\"nothing\"},\n" EVENT "]"), 0644, error));
	clock_freeze(OPENED);
	SAID some = program("send", in(&p, "bad.json"), "--url", p.url, "--ca", p.ca, "--key-file", p.provider, NULL);
	ended(some, EXIT_FAILED);
	says(some.err, "event 0 is refused");
	says(some.out, "1 stored, 0 known before, 1 refused");
}
END_TEST

START_TEST(a_backup_is_taken_while_the_gateway_runs)
{
	GATEWAY(p);
	(void)report_make_one(&p);
	const char *copy = in(&p, "copy/sealgate.db");
	must_succeed(file_make_folders(in(&p, "copy"), 0700, error));
	SAID done = program("backup", copy, "--config", p.config, NULL);
	ended(done, EXIT_GOOD);
	struct stat status;
	ck_assert_int_eq(stat(copy, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	SAID again = program("backup", copy, "--config", p.config, NULL);
	ended(again, EXIT_FAILED);
	says(again.err, "is there already");
	struct store *restored;
	must_succeed(store_open(in(&p, "copy"), NULL, &restored, error));
	ck_assert(store_delivery_held(restored));
	ck_assert_int_eq(store_sealed_number(restored), store_sealed_number(p.store));
	ck_assert_int_gt(store_sealed_number(restored), 0);
	store_close(&restored);
	SAID after = ask(&p, "events");  /* and the gateway still writes and reads */
	ended(after, EXIT_GOOD);
	says(after.out, "door_opened");
}
END_TEST

SUITE("gateway", an_event_is_followed_to_its_message, a_dry_run_writes_what_was_sent, a_code_reaches_the_courier_by_the_gateway,
      exit_codes_tell_refused_from_not_reachable, a_backup_is_taken_while_the_gateway_runs)
