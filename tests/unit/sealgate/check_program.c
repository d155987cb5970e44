/* The command line without a gateway: arguments, the manual page, init, check, tokens, verify, listen, a voyage's rows. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/certificate.h"
#include "lib/crypto/key.h"
#include "sealgate/listen.h"
#include "sealgate/play.h"
#include "sign/sign.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/suite.h"

#define NOW INT64_C(1454464101000)  /* 2016-02-03T01:48:21Z */

static const char *source(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", SOURCE_DIR, name);
}

static const char *in(struct arena *arena, const char *folder, const char *name)
{
	return file_path(arena, folder, name);
}

/* ---- arguments ---- */

START_TEST(a_wrong_call_is_told_and_ends_with_2)
{
	static const char *const calls[][5] = {
		{ "dance" }, { "init" }, { "init", "a", "b" }, { "check", "--confgi", "x" }, { "check", "--config" }, { "init", "x", "--demo=yes" },
		{ "check", "-v" }, { "verify", "x" }, { "play" }, { "try" }, { "check", "--json", "--json" }, { "init", "x", "--port", "70000" },
		{ "send", "x", "--url", "ftp://x" }, { "send", "x", "--url", "http://far.example" },
	};
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		SAID said = program(calls[i][0], calls[i][1], calls[i][2], calls[i][3], calls[i][4], NULL);
		ended(said, EXIT_USAGE);
		says(said.err, "sealgate: ");
		ck_assert_str_eq(said.out, "");
	}
}
END_TEST

/* A write that fails in the middle, or the last one: part of an answer is no answer. */
START_TEST(output_that_finds_no_room_is_a_failure)
{
	static char room[1 << 16];
	const size_t sizes[] = { 64, sizeof room };
	for (size_t i = 0; i < 2; i++) {
		char *argv[] = { "sealgate", "help", NULL };
		char said[200] = { 0 };
		FILE *out = fopen("/dev/full", "w"), *err = fmemopen(said, sizeof said, "w");
		ck_assert(out && err && setvbuf(out, room, _IOFBF, sizes[i]) == 0);
		ck_assert_int_eq(program_run(2, argv, out, err), EXIT_FAILED);
		fclose(err);
		fclose(out);
		says(said, "cannot write the output");
	}
}
END_TEST

START_TEST(options_stand_anywhere_and_two_hyphens_end_them)
{
	ARENA_AUTO arena = arena_new();
	struct error why = { 0 };
	char *argv[] = { "one", "--config=a=b", "--json", "--", "--two", NULL };
	struct command command = { .name = "x", .operands = "A B", .least = 2, .most = 2, .groups = ASKS_CONFIG | GIVES_JSON, .help = "x" };
	struct run run = { .command = &command, .arena = arena, .failure = EXIT_FAILED };
	ck_assert_int_eq(arguments_read(&run, 5, argv, &why), 0);
	ck_assert_str_eq(run_option(&run, "config"), "a=b");
	ck_assert(run.json);
	ck_assert_uint_eq(run.operand_count, 2);
	ck_assert_str_eq(run.operands[1], "--two");
}
END_TEST

START_TEST(help_tells_every_command_and_option)
{
	SAID all = program("help", NULL);
	ended(all, EXIT_GOOD);
	for (size_t i = 0; i < command_count; i++) {
		SAID one = program(commands[i].name, "--help", NULL);
		ended(one, EXIT_GOOD);
		says(all.out, commands[i].help);
		says(one.out, commands[i].help);
		const struct option_row *row;
		for (size_t k = 0; (row = command_option(&commands[i], k)); k++)
			says(one.out, row->help);
	}
}
END_TEST

/* The part between its two markers is what `sealgate help --mdoc` prints. With SEALGATE_WRITE_PAGE=1 the test puts it there. */
START_TEST(the_manual_page_lists_what_there_is)
{
	ARENA_AUTO arena = arena_new();
	char *page;
	const char *path = source(arena, "man/sealgate.1");
	SAID made = program("help", "--mdoc", NULL);
	must_succeed(file_read_text(path, arena, &page, error));
	char *from = strstr(page, ".\\\" commands: made by sealgate help --mdoc\n"), *until = strstr(page, ".\\\" end of commands\n");
	ck_assert(from && until);
	from = strchr(from, '\n') + 1;
	bool same = strncmp(from, made.out, (size_t)(until - from)) == 0 && strlen(made.out) == (size_t)(until - from);
	if (!same && getenv("SEALGATE_WRITE_PAGE"))
		must_succeed(file_write(path, bytes_of_text(arena_printf(arena, "%.*s%s%s", (int)(from - page), page, made.out, until)), 0644, error));
	else if (!same)
		ck_abort_msg("man/sealgate.1 lists other commands or options than the program has: SEALGATE_WRITE_PAGE=1 tests/unit/sealgate/check_program");
}
END_TEST

/* ---- init and check ---- */

static unsigned mode_of(const char *path)
{
	struct stat status;
	ck_assert_int_eq(stat(path, &status), 0);
	return status.st_mode & 0777;
}

static struct said make_demo(struct arena *arena, const char *folder)
{
	return program("init", folder, "--demo", "--mappings", source(arena, "mappings"), "--schemas", source(arena, "schemas"), NULL);
}

/* In tests the tracker's mapping may not be there: any provider's is as good. */
static void replace(const char *path, const char *what, const char *with)
{
	ARENA_AUTO arena = arena_new();
	char *text, *at;
	must_succeed(file_read_text(path, arena, &text, error));
	at = strstr(text, what);
	if (!at)
		ck_abort_msg("\"%s\" is not in %s", what, path);
	must_succeed(file_write(path, bytes_of_text(arena_printf(arena, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what))), 0644, error));
}

START_TEST(init_makes_a_demonstration_that_is_good_and_never_writes_twice)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	const char *folder = arena_printf(arena, "%s/run", place);
	SAID made = make_demo(arena, folder);
	ended(made, EXIT_GOOD);
	static const char *const secret[] = { "keys/ca.key", "keys/gateway.key", "keys/customs.key", "tls/ca.key", "tls/gateway.key", "tls/sandbox.key",
		                              "tls/hook.key", "secrets/client-secret", "secrets/push-token", "secrets/sandbox-clients", "tokens",
		                              "api-keys/provider-1.key", "api-keys/admin-1.key" };
	for (size_t i = 0; i < sizeof secret / sizeof *secret; i++)
		ck_assert_uint_eq(mode_of(in(arena, folder, secret[i])), 0600);
	char *before, *after;
	must_succeed(file_read_text(in(arena, folder, "tokens"), arena, &before, error));
	SAID again = make_demo(arena, folder);
	ended(again, EXIT_FAILED);
	says(again.err, "nothing is overwritten");
	must_succeed(file_read_text(in(arena, folder, "tokens"), arena, &after, error));
	ck_assert_str_eq(before, after);
	SAID check = program("check", "--config", in(arena, folder, "sealgate.yaml"), NULL);
	says(check.out, "0 warnings");
	if (!strstr(check.out, "there is no mapping \"providers/schenker-tracker\""))
		ended(check, EXIT_GOOD);
	else
		says(check.out, "1 error,");
	ck_assert_int_eq(system(arena_printf(arena, "cd %s && sed -i '/signer:/d' agreements/*.yaml", folder)), 0);
	SAID nameless = program("check", "--config", in(arena, folder, "sealgate.yaml"), NULL);
	says(arena_printf(arena, "%s%s", nameless.out, nameless.err), "\"answers.signer\" is missing");
}
END_TEST

START_TEST(an_installation_has_keys_for_a_year_and_things_to_fill_in)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	const char *folder = arena_printf(arena, "%s/run", place);
	CERTIFICATE_AUTO leaf = NULL;
	char *example;
	SAID made = program("init", folder, "--mappings", source(arena, "mappings"), "--schemas", source(arena, "schemas"), NULL);
	ended(made, EXIT_GOOD);
	must_succeed(certificate_open(in(arena, folder, "keys/gateway.pem"), &leaf, error));
	int64_t days = (certificate_until(leaf) - clock_real_ms()) / 86400000;
	ck_assert(days >= 364 && days <= 367);
	ck_assert(!file_exists(in(arena, folder, "api-keys")));
	SAID check = program("check", "--config", in(arena, folder, "sealgate.yaml"), "--json", NULL);
	struct json *told;
	must_succeed(json_parse(arena, bytes_of_text(check.out), NULL, &told, error));
	ck_assert_uint_gt(json_count(json_find(told, "problems")), 0);
	ck_assert_ptr_null(strstr(check.out, "cannot list folder"));
	must_succeed(file_read_text(in(arena, folder, "agreements/example.yaml.in"), arena, &example, error));
	must_succeed(file_write(in(arena, folder, "agreements/risk.yaml"), bytes_of_text(example), 0644, error));
	replace(in(arena, folder, "sealgate.yaml"), "<duty@your.example>", "Duty desk <duty@port.example>");
	SAID more = program("check", "--config", in(arena, folder, "sealgate.yaml"), NULL);
	says(more.out, "\"gateway.name\" is still to be filled in: it is \"<your company>\"");
	says(more.out, "\"gateway.uri\" is still to be filled in");
	says(more.out, "\"rest.url\" is still to be filled in: it is \"https://<the peer's host>\"");
	ck_assert_ptr_null(strstr(more.out, "gateway.contact.mail"));
}
END_TEST

/* Everything at once, each with its file and line. */
START_TEST(check_tells_all_that_is_wrong_with_file_and_line)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	const char *folder = arena_printf(arena, "%s/run", place);
	SAID made = make_demo(arena, folder);
	const char *settings = in(arena, folder, "sealgate.yaml"), *agreement = in(arena, folder, "agreements/sandbox.yaml");
	replace(settings, "  port: 8440\n", "  port: many\n");
	replace(settings, "providers/schenker-tracker", "providers/nobody");
	replace(settings, "webhooks:\n", "webhoks: {}\nwebhooks:\n");
	replace(agreement, "  certificate: ../keys/gateway.pem", "  certificate: ../keys/customs.pem");
	replace(agreement, "purpose: sandbox", "purpose: fun");
	replace(in(arena, folder, "secrets/push-token"), "Bearer", "\n\n#");
	must_succeed(file_write(in(arena, folder, "secrets/client-secret"), bytes_of_text("\n"), 0644, error));
	must_succeed(file_write(in(arena, folder, "keys/ca.pem"), bytes_of_text("nothing\n"), 0644, error));
	SAID token = program("token", "make", "--config", settings, "--party", "x", "--role", "admin", NULL);
	ended(token, EXIT_FAILED);
	replace(in(arena, folder, "tokens"), " provider-1 ", " stranger ");
	SAID check = program("check", "--config", settings, NULL);
	ended(check, EXIT_FAILED);
	static const char *const wanted[] = { "sealgate.yaml:12:3: error: \"listen.port\" is \"many\"", ": error: there is no mapping \"providers/nobody\"",
		                              "error: there is no setting \"webhoks\"", "sandbox.yaml:3:1: error: \"purpose\" is \"fun\"",
		                              "sandbox.yaml:16:3: error: certificate", "they belong together", ": error: \"client_secret\":",
		                              "chmod 600", ": error: \"anchors\":", "tokens:2:1: error: key ", "party \"stranger\"" };
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		says(check.out, wanted[i]);
}
END_TEST

/* A key for documents has 3072 bits at least; one that seals AS4 messages alone, what the agreement asks for. */
START_TEST(a_key_that_seals_alone_is_held_to_the_measure_of_as4)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	const char *folder = arena_printf(arena, "%s/run", place), *hub = in(arena, folder, "agreements/hub.yaml");
	SAID made = make_demo(arena, folder);
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO certificate = NULL;
	struct certificate_order order = { .name = "Gateway", .country = "NL", .from = clock_real_ms() - 1000, .until = clock_real_ms() + INT64_C(400) * 86400000 };
	must_succeed(key_make("rsa2048", &key, error));
	must_succeed(certificate_make(&order, key, NULL, NULL, &certificate, error));
	must_succeed(key_write(key, in(arena, folder, "keys/gateway-as4.key"), error));
	must_succeed(certificate_write(certificate, in(arena, folder, "keys/gateway-as4.pem"), error));
	SAID documents = program("check", "--config", in(arena, folder, "sealgate.yaml"), NULL);
	says(documents.out, "2048 bits");
	replace(hub, "signing:\n", "signing:\n  form: none\n  agreed: test\n");
	replace(hub, "as4:\n", "as4:\n  accept: { certificates: ../tokens }\n");
	SAID seals = program("check", "--config", in(arena, folder, "sealgate.yaml"), NULL);
	ck_assert_ptr_null(strstr(seals.out, "2048 bits"));
	says(seals.out, ": error: \"certificates\":");      /* files of the channel are opened, too */
	replace(hub, "accept: {", "accept: { rsa_bits: 3072,");
	SAID larger = program("check", "--config", in(arena, folder, "sealgate.yaml"), NULL);
	says(larger.out, "2048 bits");
}
END_TEST

START_TEST(settings_are_printed_for_the_manual)
{
	SAID text = program("check", "--settings", NULL);
	ended(text, EXIT_GOOD);
	says(text.out, "listen.port");
	says(text.out, "rest.pull.every");
	SAID mdoc = program("check", "--settings=agreement", "--format", "mdoc", NULL);
	says(mdoc.out, ".It Cm rest.pull.every\n");
	says(mdoc.out, "default: 1m");
	ck_assert_ptr_null(strstr(mdoc.out, "listen.port"));
	SAID wrong = program("check", "--settings=nothing", NULL);
	ended(wrong, EXIT_USAGE);
}
END_TEST

START_TEST(a_token_is_made_listed_and_revoked)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	const char *folder = arena_printf(arena, "%s/run", place), *settings = in(arena, folder, "sealgate.yaml");
	SAID made = make_demo(arena, folder);
	SAID token = program("token", "make", "--config", settings, "--party", "broker-1", "--role", "broker,auditor", "--until", "2030-01-01T00:00:00Z", NULL);
	ended(token, EXIT_GOOD);
	ck_assert(text_starts(token.out, "sgk_"));
	const char *id = arena_text_n(arena, token.out + 4, 12);
	SAID list = program("token", "list", "--config", settings, NULL);
	says(list.out, id);
	says(list.out, "broker,auditor");
	says(list.out, "2030-01-01T00:00:00Z");
	SAID revoked = program("token", "revoke", id, "--config", settings, NULL);
	ended(revoked, EXIT_GOOD);
	SAID after = program("token", "list", "--config", settings, NULL);
	ck_assert_ptr_null(strstr(after.out, id));
	SAID again = program("token", "revoke", id, "--config", settings, NULL);
	ended(again, EXIT_FAILED);
}
END_TEST

/* ---- verify ---- */

START_TEST(verify_tells_who_signed_and_what_does_not_hold)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	SIGNER_AUTO signer = NULL;
	const char *folder = arena_printf(arena, "%s/run", place);
	BUFFER_AUTO signature = { 0 };
	BUFFER_AUTO enveloped = { 0 };
	SAID made = make_demo(arena, folder);
	must_succeed(signer_open(in(arena, folder, "keys/gateway.key"), in(arena, folder, "keys/gateway.pem"), false, &signer, error));
	struct bytes document = bytes_of_text("<a:x xmlns:a=\"urn:a\"><a:y>1</a:y></a:x>");
	must_succeed(sign_detached(signer, document, "x.xml", NOW, &signature, error));
	must_succeed(sign_enveloped(signer, document, NOW, &enveloped, error));
	const char *x = in(arena, folder, "x.xml"), *sig = in(arena, folder, "x.sig.xml"), *ca = in(arena, folder, "keys/ca.pem"),
	           *e = in(arena, folder, "e.xml"), *bad = in(arena, folder, "bad.xml");
	must_succeed(file_write(x, document, 0644, error));
	must_succeed(file_write(sig, buffer_bytes(&signature), 0644, error));
	must_succeed(file_write(e, buffer_bytes(&enveloped), 0644, error));
	must_succeed(file_write(bad, bytes_of_text("<a:x xmlns:a=\"urn:a\"><a:y>2</a:y></a:x>"), 0644, error));
	SAID good = program("verify", x, "--signature", sig, "--trust", ca, NULL);
	ended(good, EXIT_GOOD);
	says(good.out, "CN=Example Port Gateway");
	says(good.out, "2016-02-03T01:48:21Z");
	says(good.out, "ECDSA P-256");
	SAID inside = program("verify", e, "--trust", ca, "--json", NULL);
	ended(inside, EXIT_GOOD);
	says(inside.out, "\"form\": \"enveloped\"");
	SAID other = program("verify", bad, "--signature", sig, "--trust", ca, NULL);
	ended(other, EXIT_FAILED);
	says(other.out, "not valid: ");
	SAID stranger = program("verify", x, "--signature", sig, "--trust", in(arena, folder, "tls/ca.pem"), NULL);
	ended(stranger, EXIT_FAILED);
	SAID unsigned_one = program("verify", x, "--trust", ca, NULL);
	ended(unsigned_one, EXIT_FAILED);
	SAID missing = program("verify", in(arena, folder, "none"), "--trust", ca, NULL);
	ended(missing, EXIT_FAILED);
	says(missing.err, "cannot open");
}
END_TEST

/* ---- webhooks ---- */

static const char *webhook_sign(struct arena *arena, const char *secret, const char *id, const char *time, const char *body)
{
	uint8_t mac[32];
	BUFFER_AUTO key = { 0 };
	BUFFER_AUTO out = { 0 };
	must_succeed(text_base64_decode(secret + 6, false, &key, error));
	hmac_sha256(buffer_bytes(&key), bytes_of_text(arena_printf(arena, "%s.%s.%s", id, time, body)), mac);
	buffer_add_text(&out, "v1,");
	text_base64(&out, (struct bytes){ mac, sizeof mac });
	return arena_text(arena, buffer_text(&out));
}

/* The example of the Standard Webhooks specification. */
START_TEST(a_published_webhook_signature_verifies)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	const char *file = in(arena, place, "secret");
	must_succeed(file_write(file, bytes_of_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"), 0600, error));
	struct webhook w = { "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		             bytes_of_text("{\"test\": 2432232314}") };
	must_succeed(webhook_verify(arena, file, &w, 1614265330000, 300000, error));
	must_fail(webhook_verify(arena, file, &w, 1614265330000 + 301000, 300000, error), BAD_SIGNATURE);
	must_succeed(webhook_verify(arena, file, &w, 1614265330000 + 301000, 0, error));
	w.body = bytes_of_text("{\"test\": 2432232315}");
	must_fail(webhook_verify(arena, file, &w, 1614265330000, 300000, error), BAD_SIGNATURE);
}
END_TEST

START_TEST(a_webhook_signed_with_the_older_secret_verifies_while_both_are_kept)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	const char *file = in(arena, place, "secret"), *older = "whsec_b2xkZXIgb2xkZXIgb2xkZXI=", *newer = "whsec_bmV3ZXIgbmV3ZXIgbmV3ZXI=";
	const char *both = arena_printf(arena, "v1,AAAA %s", webhook_sign(arena, older, "m1", "1454464101", "{}"));
	struct webhook w = { "m1", "1454464101", both, bytes_of_text("{}") };
	must_succeed(file_write(file, bytes_of_text(arena_printf(arena, "%s\n%s\n", newer, older)), 0600, error));
	must_succeed(webhook_verify(arena, file, &w, NOW, 300000, error));
	must_succeed(file_write(file, bytes_of_text(arena_printf(arena, "%s\n", newer)), 0600, error));
	must_fail(webhook_verify(arena, file, &w, NOW, 300000, error), BAD_SIGNATURE);
	w.signature = NULL;
	must_fail(webhook_verify(arena, file, &w, NOW, 300000, error), BAD_SIGNATURE);
	must_succeed(file_write(file, bytes_of_text("no-secret\n"), 0600, error));
	w.signature = both;
	must_fail(webhook_verify(arena, file, &w, NOW, 300000, error), BAD_CONFIG);
}
END_TEST

/* ---- a voyage ---- */

START_TEST(rows_of_a_recording_come_in_order_with_their_cells)
{
	FOLDER(place);
	ARENA_AUTO arena = arena_new();
	struct voyage_rows rows;
	const char *file = in(arena, place, "v.csv");
	must_succeed(file_write(file, bytes_of_text("time_utc,latitude,door\r\n2016-02-01T12:00:00Z,30.10,\r\n\r\n2016-02-01T11:00:00Z,,1\r\n2016-02-01T12:00:00Z,,0\n"),
	                        0644, error));
	must_succeed(voyage_read(file, NULL, arena, &rows, error));
	ck_assert_uint_eq(rows.count, 3);
	ck_assert_str_eq(json_to_text(arena, rows.items[0].json, JSON_COMPACT), "{\"time_utc\":\"2016-02-01T11:00:00Z\",\"door\":\"1\"}");
	ck_assert_str_eq(json_to_text(arena, rows.items[1].json, JSON_COMPACT), "{\"time_utc\":\"2016-02-01T12:00:00Z\",\"latitude\":\"30.10\"}");
	ck_assert_str_eq(json_to_text(arena, rows.items[2].json, JSON_COMPACT), "{\"time_utc\":\"2016-02-01T12:00:00Z\",\"door\":\"0\"}");
	must_succeed(file_write(file, bytes_of_text("time_utc,door\n2016-02-01T12:00:00Z,1\n2016-02-01T12:00:00Z\n"), 0644, error));
	struct error why = { 0 };
	ck_assert_int_eq(voyage_read(file, NULL, arena, &rows, &why), -1);
	says(why.place, "v.csv:3");
}
END_TEST

START_TEST(the_shipped_voyages_are_read_and_thinned)
{
	ARENA_AUTO arena = arena_new();
	struct voyage_rows all, thin;
	struct keeping keeping;
	struct error why = { 0 };
	const char *file = source(arena, "tests/data/voyages/voyage-C.csv");
	must_succeed(voyage_read(file, NULL, arena, &all, error));
	ck_assert_uint_eq(all.count, 1057);
	must_succeed(keeping_read("2/3", &keeping, error));
	must_succeed(voyage_read(file, &keeping, arena, &thin, error));
	ck_assert_uint_eq(thin.count + thin.taken_out, all.count);
	ck_assert_uint_eq(thin.taken_out, all.count / 3);
	for (size_t i = 0; i < thin.count; i++) {  /* one stretch is missing, in the middle */
		const struct voyage_row *row = &all.items[i < all.count / 3 ? i : i + thin.taken_out];
		ck_assert_str_eq(json_to_text(arena, thin.items[i].json, JSON_COMPACT), json_to_text(arena, row->json, JSON_COMPACT));
	}
	static const char *const bad[] = { "3/2", "0/3", "2", "a/b", "", "2/", "99999999999999999999999999999/3" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_int_eq(keeping_read(bad[i], &keeping, &why), -1);
}
END_TEST

SUITE("program", output_that_finds_no_room_is_a_failure, a_wrong_call_is_told_and_ends_with_2, options_stand_anywhere_and_two_hyphens_end_them, help_tells_every_command_and_option,
      the_manual_page_lists_what_there_is, init_makes_a_demonstration_that_is_good_and_never_writes_twice,
      an_installation_has_keys_for_a_year_and_things_to_fill_in, check_tells_all_that_is_wrong_with_file_and_line,
      a_key_that_seals_alone_is_held_to_the_measure_of_as4, settings_are_printed_for_the_manual,
      a_token_is_made_listed_and_revoked, verify_tells_who_signed_and_what_does_not_hold, a_published_webhook_signature_verifies,
      a_webhook_signed_with_the_older_secret_verifies_while_both_are_kept, rows_of_a_recording_come_in_order_with_their_cells,
      the_shipped_voyages_are_read_and_thinned)
