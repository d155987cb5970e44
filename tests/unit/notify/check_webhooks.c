/* Webhooks against a receiver on loopback that verifies for itself. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/id.h"
#include "lib/crypto/digest.h"
#include "store/record.h"
#include "support/folder.h"
#include "world.h"

static struct world w;

/* RFC 2104 by its own words, so that the test does not lean on what it tests. */
static void hmac_by_hand(struct bytes key, const char *text, uint8_t out[static 32])
{
	BUFFER_AUTO inner = { 0 };
	BUFFER_AUTO outer = { 0 };
	uint8_t block[64] = { 0 }, digest[32];
	ck_assert_uint_le(key.size, 64);
	memcpy(block, key.data, key.size);
	for (int i = 0; i < 64; i++)
		buffer_add_char(&inner, (char)(block[i] ^ 0x36));
	for (int i = 0; i < 64; i++)
		buffer_add_char(&outer, (char)(block[i] ^ 0x5c));
	buffer_add_text(&inner, text);
	digest_sha256(buffer_bytes(&inner), digest);
	buffer_add(&outer, digest, sizeof digest);
	digest_sha256(buffer_bytes(&outer), out);
}

static const char *signature_by_hand(const char *secret, const char *id, const char *timestamp, const char *body)
{
	static char out[80];
	BUFFER_AUTO key = { 0 };
	BUFFER_AUTO text = { 0 };
	BUFFER_AUTO base64 = { 0 };
	uint8_t mac[32];
	must_succeed(text_base64_decode(secret, false, &key, error));
	buffer_printf(&text, "%s.%s.%s", id, timestamp, body);
	hmac_by_hand(buffer_bytes(&key), buffer_text(&text), mac);
	text_base64(&base64, (struct bytes){ mac, sizeof mac });
	snprintf(out, sizeof out, "v1,%s", buffer_text(&base64));
	return out;
}

static const char *secret_of(char letter)
{
	static char out[60];
	char octets[32];
	BUFFER_AUTO base64 = { 0 };
	memset(octets, letter, sizeof octets);
	text_base64(&base64, (struct bytes){ (const uint8_t *)octets, sizeof octets });
	snprintf(out, sizeof out, "%s", buffer_text(&base64));
	return out;
}

START_TEST(the_hand_signs_as_the_standards_example)
{
	ck_assert_str_eq(signature_by_hand("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}"),
	                 "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}
END_TEST

START_TEST(an_event_comes_as_a_signed_cloudevent)
{
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/ok"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	ck_assert(world_wait(&w, "/ok", 1));
	const struct got *got = world_got(&w, "/ok", 0);
	const struct json *event = world_json(&w, got->body);
	ck_assert_str_eq(got->type, "application/cloudevents+json");
	ck_assert_str_eq(got->signature, signature_by_hand(secret_of('s'), got->id, got->timestamp, got->body));
	ck_assert_int_le(llabs(strtoll(got->timestamp, NULL, 10) - clock_real_ms() / 1000), 5);
	ck_assert_str_eq(json_path_text(event, "specversion"), "1.0");
	ck_assert_str_eq(json_path_text(event, "type"), "org.sealgate.event.received");
	ck_assert_str_eq(json_path_text(event, "source"), "https://gateway.example");
	ck_assert_str_eq(json_path_text(event, "subject"), BOX);
	ck_assert_str_eq(json_path_text(event, "datacontenttype"), "application/json");
	ck_assert_str_eq(json_path_text(event, "data.uid"), "e1");
	ck_assert(json_path_text(event, "id") && json_path_text(event, "time"));
	struct delivery_row row = world_delivery(&w, "s", 0, "sent");
	ck_assert_str_eq(row.id, got->id);
	ck_assert_int_eq(row.attempts, 1);
	ck_assert_int_eq(row.last_status, 200);
	world_close(&w);
}
END_TEST

START_TEST(a_retry_keeps_id_and_octets)
{
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/flaky"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	ck_assert(world_wait(&w, "/flaky", 2));
	ck_assert_str_eq(world_got(&w, NULL, 0)->id, world_got(&w, NULL, 1)->id);
	ck_assert_str_eq(world_got(&w, NULL, 0)->body, world_got(&w, NULL, 1)->body);
	struct delivery_row row = world_delivery(&w, "s", 0, "sent");
	ck_assert_int_eq(row.attempts, 2);
	ck_assert_ptr_null(row.last_error);
	ck_assert_uint_eq(world_count(&w, NULL), 2);
	world_close(&w);
}
END_TEST

START_TEST(retry_after_is_waited_for)
{
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/later"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	world_event(&w, "e2", OTHER_BOX, NULL);
	ck_assert(world_wait(&w, "/later", 3));
	int64_t least = world_got(&w, NULL, 2)->at - world_got(&w, NULL, 0)->at;
	ck_assert_int_ge(least, 950);
	ck_assert_int_lt(least, 2500);
	world_close(&w);
}
END_TEST

START_TEST(gone_switches_off_and_the_partys_other_subscription_hears_of_it)
{
	world_open(&w);
	world_subscribe(&w, "gone", "port-1", R(SECURITY), world_url(&w, "/gone"), "");
	world_subscribe(&w, "alerts", "port-1", R(SECURITY), world_url(&w, "/ok"), ",\"types\":[\"subscription.*\"],\"containers\":[\"" BOX "\"]");
	world_subscribe(&w, "foreign", "terminal-1", R(TERMINAL), world_url(&w, "/ok/foreign"), ",\"types\":[\"subscription.*\"]");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	ck_assert(world_wait_state(&w, "gone", "disabled"));
	ck_assert(world_wait(&w, "/ok", 1));
	const struct json *event = world_json(&w, world_got(&w, "/ok", 0)->body);
	ck_assert_str_eq(json_path_text(event, "type"), "org.sealgate.subscription.disabled");
	ck_assert_str_eq(json_path_text(event, "data.subscription"), "gone");
	world_event(&w, "e2", BOX, NULL);
	usleep(300000);
	ck_assert_uint_eq(world_count(&w, "/gone"), 1);
	ck_assert_uint_eq(world_count(&w, "/ok/foreign"), 0);
	world_close(&w);
}
END_TEST

START_TEST(failing_for_long_switches_off)
{
	world_open(&w);
	w.settings.webhook_disable_ms = 400;
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/fail"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	ck_assert(world_wait_state(&w, "s", "disabled"));
	ck_assert_uint_ge(world_count(&w, "/fail"), 2);
	ck_assert_int_eq(world_measure(&w, "webhook_disabled_total"), 1);
	world_close(&w);
}
END_TEST

START_TEST(tries_end_with_the_budget)
{
	world_open(&w);
	w.settings.webhook_retry = (struct retry_plan){ 50, 100, 200 };
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/fail"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	struct delivery_row row = world_delivery(&w, "s", 0, "failed");
	ck_assert_int_eq(row.last_status, 500);
	ck_assert_int_eq(row.due, CLOCK_NONE);
	ck_assert_int_ge(row.attempts, 2);
	world_close(&w);
}
END_TEST

START_TEST(every_secret_in_force_signs_and_no_other)
{
	char json[400], recent[60], old[60], ancient[60];
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/ok"), "");
	strcpy(recent, secret_of('n'));
	strcpy(old, secret_of('o'));
	strcpy(ancient, secret_of('a'));
	snprintf(json, sizeof json, "{\"secrets\":[{\"secret\":\"whsec_%s\"},{\"secret\":\"whsec_%s\",\"until\":%lld},{\"secret\":\"whsec_%s\",\"until\":%lld}]}",
	         recent, old, (long long)clock_real_ms() + 60000, ancient, (long long)clock_real_ms() - 1);
	world_secrets(&w, "s", json);
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	ck_assert(world_wait(&w, "/ok", 1));
	const struct got *got = world_got(&w, "/ok", 0);
	char wanted[200];
	int n = snprintf(wanted, sizeof wanted, "%s ", signature_by_hand(recent, got->id, got->timestamp, got->body));
	snprintf(wanted + n, sizeof wanted - (size_t)n, "%s", signature_by_hand(old, got->id, got->timestamp, got->body));
	ck_assert_str_eq(got->signature, wanted);
	world_close(&w);
}
END_TEST

START_TEST(each_learns_what_its_roles_may)
{
	world_open(&w);
	world_subscribe(&w, "security", "port-1", R(SECURITY), world_url(&w, "/ok/security"), "");
	world_subscribe(&w, "terminal", "terminal-1", R(TERMINAL), world_url(&w, "/ok/terminal"), "");
	world_subscribe(&w, "asks", "terminal-1", R(TERMINAL), world_url(&w, "/ok/asks"), ",\"types\":[\"notice.control\",\"finding.raised\"]");
	world_subscribe(&w, "provider", "provider-1", R(PROVIDER), world_url(&w, "/ok/provider"), "");
	world_subscribe(&w, "stranger", "nobody-1", R(SECURITY), world_url(&w, "/ok/stranger"), "");
	world_start(&w);
	world_notice(&w, "n1", "control", "restricted");
	world_notice(&w, "n2", "control", "covert");
	world_finding(&w, "f1", "high");
	world_message_failed(&w, "m1");
	world_event(&w, "e1", BOX, NULL);  /* the last one: when it is there, the others are */
	ck_assert(world_wait(&w, "/ok/security", 4) && world_wait(&w, "/ok/terminal", 3) && world_wait(&w, "/ok/provider", 1));
	usleep(250000);
	ck_assert_uint_eq(world_count(&w, "/ok/security"), 4);
	static const char *const full[] = { "org.sealgate.notice.control", "org.sealgate.finding.raised", "org.sealgate.message.failed", "org.sealgate.event.received" };
	for (size_t i = 0; i < 4; i++)
		ck_assert_str_eq(json_path_text(world_json(&w, world_got(&w, "/ok/security", i)->body), "type"), full[i]);
	ck_assert_str_eq(json_path_text(world_json(&w, world_got(&w, "/ok/security", 0)->body), "data.text"), "the reason");
	ck_assert_uint_eq(world_count(&w, "/ok/terminal"), 3);
	for (size_t i = 0; i < 2; i++) {
		const char *body = world_got(&w, "/ok/terminal", i)->body;
		ck_assert_str_eq(json_path_text(world_json(&w, body), "type"), "org.sealgate.notice.hold");
		ck_assert_str_eq(json_path_text(world_json(&w, body), "data.disclosure"), "block_only");
		ck_assert(!strstr(body, "control") && !strstr(body, "reason") && !strstr(body, "nl-risk") && !strstr(body, "finding"));
	}
	ck_assert_uint_eq(world_count(&w, "/ok/asks"), 0);
	ck_assert_uint_eq(world_count(&w, "/ok/provider"), 1);
	ck_assert(strstr(world_got(&w, "/ok/provider", 0)->body, "event.received"));
	ck_assert_uint_eq(world_count(&w, "/ok/stranger"), 0);
	world_close(&w);
}
END_TEST

START_TEST(a_stop_loses_and_doubles_nothing)
{
	char id[10];
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/ok"), "");
	world_start(&w);
	for (int i = 0; i < 20; i++) {
		snprintf(id, sizeof id, "e%d", i);
		world_event(&w, id, BOX, NULL);
		if (i == 5 || i == 12)  /* wherever it is then */
			world_stop(&w);
		if (i == 8 || i == 15)
			world_start(&w);
	}
	ck_assert(world_wait(&w, "/ok", 20));
	(void)world_delivery(&w, "s", 19, "sent");
	/* One call may have been under way at each stop: it comes again under its own id. */
	ck_assert_uint_le(world_count(&w, "/ok"), 22);
	size_t fresh = 0;
	for (size_t i = 0; i < world_count(&w, "/ok"); i++) {
		bool repeated = i && text_equal(world_got(&w, "/ok", i)->id, world_got(&w, "/ok", i - 1)->id);
		if (repeated)
			continue;
		snprintf(id, sizeof id, "e%zu", fresh++);
		ck_assert_str_eq(json_path_text(world_json(&w, world_got(&w, "/ok", i)->body), "data.uid"), id);
	}
	ck_assert_uint_eq(fresh, 20);
	world_close(&w);
}
END_TEST

static int claim_ahead(struct db *db, void *context, struct error *error)
{
	struct delivery_row *rows;
	return delivery_claim(db, w.arena, "s", clock_real_ms() + 100000, 60000, 1, &rows, context, error);
}

START_TEST(what_a_killed_process_was_sending_is_sent_again_under_its_id)
{
	size_t claimed = 0;
	world_open(&w);
	w.settings.webhook_retry.first_ms = w.settings.webhook_retry.longest_ms = 50000;  /* no retry comes by itself */
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/flaky"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	(void)world_wait(&w, "/flaky", 1);
	(void)world_delivery(&w, "s", 0, "ready");
	world_stop(&w);
	must_succeed(store_write(w.store, claim_ahead, &claimed, error));
	ck_assert_uint_eq(claimed, 1);
	(void)world_delivery(&w, "s", 0, "sending");
	world_start(&w);
	(void)world_delivery(&w, "s", 0, "sent");
	ck_assert_uint_eq(world_count(&w, NULL), 2);
	ck_assert_str_eq(world_got(&w, NULL, 0)->id, world_got(&w, NULL, 1)->id);
	world_close(&w);
}
END_TEST

START_TEST(an_address_that_nobody_named_is_refused)
{
	static const char *const other[] = { "other.example", NULL };
	world_open(&w);
	w.settings.webhook_private_hosts = other;
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/ok"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	for (int i = 0; i < 100 && world_measure(&w, "webhook_tries_total") < 2; i++)
		usleep(10000);
	struct delivery_row row = world_delivery(&w, "s", 0, "ready");
	ck_assert_ptr_nonnull(row.last_error);
	ck_assert_int_eq(row.last_status, CLOCK_NONE);
	ck_assert_uint_eq(world_count(&w, NULL), 0);
	world_stop(&w);
	w.settings.webhook_private_hosts = w.settings.webhook_plain_hosts;
	w.settings.webhook_plain_hosts = NULL;  /* now the address is good, and plain HTTP is not */
	world_start(&w);
	usleep(400000);
	ck_assert_uint_eq(world_count(&w, NULL), 0);
	world_close(&w);
}
END_TEST

START_TEST(a_redirect_is_a_failure_and_not_followed)
{
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/moved"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	ck_assert(world_wait(&w, "/moved", 2));
	struct delivery_row row = world_delivery(&w, "s", 0, "ready");
	ck_assert_int_eq(row.last_status, 302);
	ck_assert_ptr_nonnull(strstr(row.last_error, "redirect"));
	ck_assert_uint_eq(world_count(&w, "/ok"), 0);
	world_close(&w);
}
END_TEST

/* Takes connections into its backlog and says nothing. */
static int silence(char url[static 64])
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 64) == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	snprintf(url, 64, "http://127.0.0.1:%u/", (unsigned)ntohs(address.sin_port));
	return fd;
}

START_TEST(a_dead_receiver_slows_nobody_else)
{
	char url[64], id[10];
	int fd = silence(url);
	world_open(&w);
	for (int i = 0; i < 8; i++) {
		snprintf(id, sizeof id, "d%d", i);
		world_subscribe(&w, id, "port-1", R(SECURITY), url, "");
	}
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/ok"), "");
	world_start(&w);
	int64_t began = clock_mono_ms();
	for (int i = 0; i < 40; i++) {
		snprintf(id, sizeof id, "e%d", i);
		world_event(&w, id, i % 2 ? BOX : OTHER_BOX, NULL);
	}
	ck_assert(world_wait(&w, "/ok", 40));
	ck_assert_int_lt(clock_mono_ms() - began, 2500);
	ck_assert_int_ge(world_measure(&w, "webhook_calls"), 8);
	began = clock_mono_ms();
	world_close(&w);
	ck_assert_int_lt(clock_mono_ms() - began, 1500);
	close(fd);
}
END_TEST

static size_t place_of(const char *uid, size_t nth)
{
	for (size_t i = 0; i < world_count(&w, NULL); i++)
		if (text_equal(json_path_text(world_json(&w, world_got(&w, NULL, i)->body), "data.uid"), uid) && nth-- == 0)
			return i;
	ck_abort_msg("\"%s\" did not come", uid);
}

START_TEST(a_container_keeps_its_order_over_a_retry_and_stops_no_other)
{
	world_open(&w);
	w.settings.webhook_retry.first_ms = 300;
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/flaky"), "");
	world_event(&w, "a1", BOX, NULL);
	world_event(&w, "a2", BOX, NULL);
	world_event(&w, "a3", BOX, NULL);
	world_start(&w);
	ck_assert(world_wait(&w, NULL, 1));
	world_event(&w, "b1", OTHER_BOX, NULL);
	ck_assert(world_wait(&w, NULL, 5));
	ck_assert_uint_eq(place_of("a1", 0), 0);
	ck_assert_uint_eq(place_of("b1", 0), 1);
	ck_assert_uint_eq(place_of("a1", 1), 2);
	ck_assert_uint_eq(place_of("a2", 0), 3);
	ck_assert_uint_eq(place_of("a3", 0), 4);
	world_close(&w);
}
END_TEST

START_TEST(deliveries_keep_the_machines_time_where_a_voyage_is_played)
{
	int64_t played;
	must_succeed(clock_parse("2016-02-03T01:48:21Z", &played, error));
	clock_play(played);
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/flaky"), "");
	world_start(&w);
	world_event(&w, "e1", BOX, NULL);
	ck_assert(world_wait(&w, "/flaky", 2));
	const struct got *got = world_got(&w, NULL, 1);
	ck_assert_int_le(llabs(strtoll(got->timestamp, NULL, 10) - clock_real_ms() / 1000), 5);
	ck_assert(text_starts(json_path_text(world_json(&w, got->body), "time"), "2016-02-03T01:48:2"));
	clock_thaw();
	world_close(&w);
}
END_TEST

static int test_write(struct db *db, void *context, struct error *error)
{
	struct delivery_row row = { .id = context, .subscription = "s", .record = -1, .type = "org.sealgate.subscription.test", .body = "{}", .state = "ready",
		                    .due = clock_real_ms(), .created = clock_real_ms(), .last_status = CLOCK_NONE, .ended = CLOCK_NONE };
	return delivery_add(db, &row, error);
}

static int again_write(struct db *db, void *context, struct error *error)
{
	return delivery_again(db, context, clock_real_ms(), error);
}

START_TEST(a_test_and_a_repeat_go_the_same_way)
{
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/ok"), "");
	world_start(&w);
	must_succeed(store_write(w.store, test_write, (void *)"t1", error));
	ck_assert(world_wait(&w, "/ok", 1));
	(void)world_delivery(&w, "s", 0, "sent");
	must_succeed(store_write(w.store, again_write, (void *)"t1", error));
	notify_wake(w.notify);
	ck_assert(world_wait(&w, "/ok", 2));
	ck_assert_str_eq(world_got(&w, NULL, 0)->id, "t1");
	ck_assert_str_eq(world_got(&w, NULL, 1)->id, "t1");
	world_close(&w);
}
END_TEST

START_TEST(large_data_stays_behind_and_says_where_it_is)
{
	static char extra[70000];
	memset(extra, 'x', sizeof extra - 1);
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/ok"), "");
	world_start(&w);
	world_event(&w, "e 1", BOX, extra);
	ck_assert(world_wait(&w, "/ok", 1));
	const struct json *event = world_json(&w, world_got(&w, NULL, 0)->body);
	ck_assert_str_eq(json_path_text(event, "dataref"), "/v1/events/e%201");
	ck_assert_ptr_null(json_find(event, "data"));
	world_close(&w);
}
END_TEST

START_TEST(a_restored_store_delivers_nothing)
{
	FOLDER(folder);
	char path[100];
	world_open(&w);
	world_subscribe(&w, "s", "port-1", R(SECURITY), world_url(&w, "/ok"), "");
	world_event(&w, "e1", BOX, NULL);
	snprintf(path, sizeof path, "%s/sealgate.db", folder);
	must_succeed(store_backup(w.store, path, error));
	store_close(&w.store);
	must_succeed(store_open(folder, NULL, &w.store, error));
	w.config.store = w.store;
	world_start(&w);
	(void)world_delivery(&w, "s", 0, "ready");
	usleep(300000);
	ck_assert_uint_eq(world_count(&w, NULL), 0);
	world_close(&w);
}
END_TEST

SUITE("webhooks", the_hand_signs_as_the_standards_example, an_event_comes_as_a_signed_cloudevent, a_retry_keeps_id_and_octets, retry_after_is_waited_for,
      gone_switches_off_and_the_partys_other_subscription_hears_of_it, failing_for_long_switches_off, tries_end_with_the_budget,
      every_secret_in_force_signs_and_no_other, each_learns_what_its_roles_may, a_stop_loses_and_doubles_nothing,
      what_a_killed_process_was_sending_is_sent_again_under_its_id, an_address_that_nobody_named_is_refused,
      a_redirect_is_a_failure_and_not_followed, a_dead_receiver_slows_nobody_else, a_container_keeps_its_order_over_a_retry_and_stops_no_other,
      deliveries_keep_the_machines_time_where_a_voyage_is_played, a_test_and_a_repeat_go_the_same_way,
      large_data_stays_behind_and_says_where_it_is, a_restored_store_delivers_nothing)
