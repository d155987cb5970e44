/* What the sandbox reads out of a declaration, and what it concludes; and its tokens. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "sandbox/judge.h"
#include "sandbox/shelf.h"
#include "stand.h"
#include "support/suite.h"

START_TEST(values_are_read_from_the_tail_alone)
{
	ARENA_AUTO arena = arena_new();
	struct statement s = { "F-OPENING", "Opened sev=low, they say. t=20160203014821Z sev=high note=a%20b%3Dc" };
	ck_assert_str_eq(statement_value(arena, &s, "sev"), "high");
	ck_assert_str_eq(statement_value(arena, &s, "note"), "a b=c");
	ck_assert_str_eq(statement_value(arena, &s, "t"), "20160203014821Z");
	ck_assert_ptr_null(statement_value(arena, &s, "se"));
	struct statement sentence = { "F-OPENING", "Opened sev=high, they say." };
	ck_assert_ptr_null(statement_value(arena, &sentence, "sev"));
	struct statement nothing = { "F-OPENING", "" };
	ck_assert_ptr_null(statement_value(arena, &nothing, "sev"));
}
END_TEST

/* The finding that asks for a control is the worst one of those that mean that somebody may have been inside. */
START_TEST(the_worst_opening_decides)
{
	static const struct {
		const char *code[2], *tail[2], *function;
		bool thorough;
	} table[] = {
		{ { "F-OPENING", "F-SEAL" }, { "sev=low", "sev=medium" }, "05", false },
		{ { "F-HIDDENENTRY", "F-OPENING" }, { "sev=high", "sev=medium" }, "05", true },
		{ { "F-OPENING", "F-SEAL" }, { "sev=low", "sev=low" }, "01", false },
		{ { "F-CLIMATE", "F-ROUTE" }, { "sev=high", "sev=high" }, "01", false },
		{ { "RETRACTED", "DOOROPEN" }, { "", "" }, "01", false },
		{ { "F-OPENING", "RETRACTED" }, { "sev=high", "" }, "01", false },
		{ { "DOOROPEN", "X-CALL" }, { "", "" }, "03", false },
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		ARENA_AUTO arena = arena_new();
		struct decision decision;
		struct statement statements[2] = { { table[i].code[0], table[i].tail[0] }, { table[i].code[1], table[i].tail[1] } };
		struct declaration d = { .kind = LODGED_REPORT, .issued = CLOCK_NONE, .container = "CSQU3054383", .statements = statements, .statement_count = 2 };
		judge(arena, &d, KNOWN_NOT, CLOCK_NONE, &decision);
		ck_assert_str_eq(decision.function, table[i].function);
		ck_assert_int_eq(decision.thorough, table[i].thorough);
	}
}
END_TEST

START_TEST(a_report_from_the_future_is_rejected_only_by_a_real_clock)
{
	ARENA_AUTO arena = arena_new();
	struct decision decision;
	struct statement statement = { "F-OPENING", "sev=high" };
	struct declaration d = { .kind = LODGED_REPORT, .issued = 1000000000, .container = "CSQU3054383", .statements = &statement, .statement_count = 1 };
	judge(arena, &d, KNOWN_NOT, CLOCK_NONE, &decision);
	ck_assert_str_eq(decision.function, "05");
	judge(arena, &d, KNOWN_NOT, 1000000000 - 400000, &decision);
	ck_assert_str_eq(decision.function, "03");
	ck_assert_str_eq(decision.objection.pointer, "42A/D011");
	judge(arena, &d, KNOWN_NOT, 1000000000 - 200000, &decision);
	ck_assert_str_eq(decision.function, "05");
}
END_TEST

/* ---- tokens ---- */

static struct http_outcome ask(struct stand *s, const char *form)
{
	struct http_header header = { "Content-Type", "application/x-www-form-urlencoded" };
	return call(s, "POST", "/oauth/token", &header, 1, form);
}

static const char *member(struct stand *s, const struct http_outcome *o, const char *name)
{
	struct json *json;
	must_succeed(json_parse(s->arena, o->body, NULL, &json, error));
	return json_path_text(json, name);
}

#define CLIENT "&client_id=gateway-1&client_secret=open-sesame"

START_TEST(tokens_are_given_to_whom_they_belong)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	struct http_outcome o = ask(&s, "grant_type=client_credentials&client_id=gateway-1&client_secret=wrong");
	ck_assert_int_eq(o.status, 401);
	ck_assert_str_eq(member(&s, &o, "error"), "invalid_client");
	o = ask(&s, "grant_type=password" CLIENT);
	ck_assert_int_eq(o.status, 400);
	ck_assert_str_eq(member(&s, &o, "error"), "unsupported_grant_type");
	struct http_header basic[] = { { "Content-Type", "application/x-www-form-urlencoded" }, { "Authorization", "Basic Z2F0ZXdheS0xOm9wZW4tc2VzYW1l" } };
	o = call(&s, "POST", "/oauth/token", basic, 2, "grant_type=client_credentials");
	ck_assert_int_eq(o.status, 200);
	ck_assert_ptr_nonnull(member(&s, &o, "access_token"));
	stand_down(&s);
}
END_TEST

/* RFC 6749 4.1, and the rotation of RFC 9700 4.14.2. */
START_TEST(a_code_becomes_tokens_once_and_refresh_tokens_rotate)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	struct http_outcome o = call(&s, "GET", "/oauth/authorize?response_type=code&client_id=gateway-1&state=a%26b&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fback",
	                             NULL, 0, NULL);
	ck_assert_int_eq(o.status, 302);
	const char *location = http_header_find(o.headers, o.n_headers, "Location");
	ck_assert(text_starts(location, "http://127.0.0.1:9/back?code=") && text_ends(location, "&state=%61%26%62"));
	const char *code = arena_text_n(s.arena, strstr(location, "code=") + 5, strcspn(strstr(location, "code=") + 5, "&"));
	o = ask(&s, arena_printf(s.arena, "grant_type=authorization_code&code=%s" CLIENT, code));
	ck_assert_str_eq(member(&s, &o, "error"), "invalid_grant");  /* without its redirect_uri */
	o = ask(&s, arena_printf(s.arena, "grant_type=authorization_code&code=%s&redirect_uri=http%%3A%%2F%%2F127.0.0.1%%3A9%%2Fback" CLIENT, code));
	ck_assert_int_eq(o.status, 200);
	const char *first = member(&s, &o, "refresh_token");
	o = ask(&s, arena_printf(s.arena, "grant_type=refresh_token&refresh_token=%s" CLIENT, first));
	ck_assert_int_eq(o.status, 200);
	const char *second = member(&s, &o, "refresh_token");
	s.token = member(&s, &o, "access_token");
	ck_assert_str_ne(first, second);
	ck_assert_int_eq(lodge(&s, PLACE, sample(&s, "assurance", NULL, NULL), s.gateway).status, 202);
	/* Used twice: somebody else has it. Whatever came of that consent ends. */
	o = ask(&s, arena_printf(s.arena, "grant_type=refresh_token&refresh_token=%s" CLIENT, first));
	ck_assert_str_eq(member(&s, &o, "error"), "invalid_grant");
	o = ask(&s, arena_printf(s.arena, "grant_type=refresh_token&refresh_token=%s" CLIENT, second));
	ck_assert_str_eq(member(&s, &o, "error"), "invalid_grant");
	ck_assert_int_eq(lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway).status, 401);
	stand_down(&s);
}
END_TEST

START_TEST(codes_go_to_loopback_or_are_shown)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	ck_assert_int_eq(call(&s, "GET", "/oauth/authorize?response_type=code&client_id=gateway-1&redirect_uri=https%3A%2F%2Fexample.com%2F", NULL, 0, NULL).status,
	                 400);
	ck_assert_int_eq(call(&s, "GET", "/oauth/authorize?response_type=code&client_id=gateway-1&redirect_uri=http%3A%2F%2Flocalhost.example%2F", NULL, 0,
	                      NULL).status, 400);
	ck_assert_int_eq(call(&s, "GET", "/oauth/authorize?response_type=code&client_id=nobody", NULL, 0, NULL).status, 400);
	struct http_outcome o = call(&s, "GET", "/oauth/authorize?response_type=code&client_id=gateway-1", NULL, 0, NULL);
	ck_assert_int_eq(o.status, 200);
	const char *code = strchr((const char *)o.body.data, '\n') + 1;
	o = ask(&s, arena_printf(s.arena, "grant_type=authorization_code&code=%.*s&redirect_uri=urn%%3Aietf%%3Awg%%3Aoauth%%3A2.0%%3Aoob" CLIENT,
	                         (int)strcspn(code, "\n"), code));
	ck_assert_int_eq(o.status, 200);
	/* another client's code is nobody's */
	o = call(&s, "GET", "/oauth/authorize?response_type=code&client_id=other-1", NULL, 0, NULL);
	code = strchr((const char *)o.body.data, '\n') + 1;
	o = ask(&s, arena_printf(s.arena, "grant_type=authorization_code&code=%.*s" CLIENT, (int)strcspn(code, "\n"), code));
	ck_assert_int_eq(o.status, 400);
	stand_down(&s);
}
END_TEST

/* What another client lodged is unknown to whoever asks. */
START_TEST(nobody_withdraws_the_report_of_another)
{
	struct stand s;
	struct json *json;
	stand_up(&s, "good", NULL);
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	wait_for(&s, 1);
	const char *id = text_at(&s, response_of(&s, s.received[0].body), "Declaration/ID");
	struct http_outcome o = ask(&s, "grant_type=client_credentials&client_id=other-1&client_secret=another-secret");
	must_succeed(json_parse(s.arena, o.body, NULL, &json, error));
	s.token = json_path_text(json, "access_token");
	lodge(&s, PLACE "/cancellation-requests", sample(&s, "withdrawal", "26NL000511SCI0000417L3", id), s.gateway);
	wait_for(&s, 2);
	ck_assert_str_eq(text_at(&s, response_of(&s, s.received[1].body), "FunctionCode"), "03");
	stand_down(&s);
}
END_TEST

START_TEST(a_configuration_says_all_that_is_wrong)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	struct config_problems problems = { .arena = s.arena };
	ck_assert_ptr_null(setup_load(stand_write(&s, "bad-one", "colck: real\nclock: sometimes\n", false), &problems));
	ck_assert_uint_eq(problems.count, 3);
	stand_down(&s);
}
END_TEST

static void tar_extract(const char *archive, const char *folder)
{
	int status;
	pid_t child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) {
		execlp("tar", "tar", "-xf", archive, "-C", folder, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

static void holds(struct arena *arena, const char *folder, const char *name, struct bytes wanted)
{
	BUFFER_AUTO octets = { 0 };
	const char *path = file_path(arena, folder, name);
	must_succeed(file_read(path, &octets, error));
	ck_assert(bytes_equal(buffer_bytes(&octets), wanted));
	ck_assert_int_eq(unlink(path), 0);
}

/* What is kept is the same in files and in an archive, which tar reads while it grows and when it has ended. */
START_TEST(an_archive_holds_what_files_would)
{
	static const size_t sizes[] = { 1, 511, 512, 513, 9000 };
	static uint8_t octets[9000];
	for (size_t i = 0; i < sizeof octets; i++)
		octets[i] = (uint8_t)(i * 31 + i / 256);
	for (int round = 0; round < 3; round++) {
		ARENA_AUTO arena = arena_new();
		char folder[] = "/tmp/shelf-XXXXXX", **names;
		struct shelf *shelf;
		ck_assert_ptr_nonnull(mkdtemp(folder));
		must_succeed(shelf_open(folder, round > 0, &shelf, error));
		for (size_t i = 0; i < 5; i++)
			must_succeed(shelf_put(shelf, arena_printf(arena, "SG-%zu", i), (struct bytes){ octets, sizes[i] },
			                       (struct bytes){ octets + 1, i % 2 ? sizes[i] - 1 : 0 }, error));
		shelf_put_refused(shelf, "c1", bytes_of_text("<a/>"), (struct bytes){ 0 }, "no signature");
		if (round < 2)
			shelf_close(&shelf);
		must_succeed(file_list(folder, arena, &names, error));
		if (round > 0) {
			const char *archive = file_path(arena, folder, names[0]);
			ck_assert_ptr_null(names[1]);
			tar_extract(archive, folder);
			ck_assert_int_eq(unlink(archive), 0);
		}
		for (size_t i = 0; i < 5; i++) {
			holds(arena, folder, arena_printf(arena, "SG-%zu.xml", i), (struct bytes){ octets, sizes[i] });
			if (i % 2)
				holds(arena, folder, arena_printf(arena, "SG-%zu.sig.xml", i), (struct bytes){ octets + 1, sizes[i] - 1 });
		}
		holds(arena, folder, "refused-c1.xml", bytes_of_text("<a/>"));
		holds(arena, folder, "refused-c1.txt", bytes_of_text("no signature\n"));
		shelf_close(&shelf);
		ck_assert_int_eq(rmdir(folder), 0);
	}
}
END_TEST

SUITE("sandbox parts", values_are_read_from_the_tail_alone, the_worst_opening_decides, a_report_from_the_future_is_rejected_only_by_a_real_clock,
      tokens_are_given_to_whom_they_belong, a_code_becomes_tokens_once_and_refresh_tokens_rotate, codes_go_to_loopback_or_are_shown,
      nobody_withdraws_the_report_of_another, a_configuration_says_all_that_is_wrong,
      an_archive_holds_what_files_would)
