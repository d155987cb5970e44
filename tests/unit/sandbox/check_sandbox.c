/* The sandbox from outside: what a sender sees of it in good times. */
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "stand.h"
#include "support/folder.h"
#include "support/suite.h"

static void expect_function(struct stand *s, size_t n, const char *function)
{
	ck_assert_str_eq(text_at(s, response_of(s, s->received[n].body), "FunctionCode"), function);
}

START_TEST(a_report_gets_a_signed_control_with_place_time_and_contact)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	struct http_outcome o = lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	ck_assert_int_eq(o.status, 202);
	ck_assert_uint_eq(o.body.size, 0);
	const char *conversation = http_header_find(o.headers, o.n_headers, "X-Conversation-ID");
	ck_assert_uint_eq(strlen(conversation), 36);
	wait_for(&s, 1);
	const struct received *r = &s.received[0];
	ck_assert_str_eq(r->conversation, conversation);
	ck_assert_str_eq(r->authorization, "Bearer what-we-agreed");
	ck_assert_str_eq(r->type, "application/xml; charset=UTF-8");
	must_succeed(verify(&s, r->body, r->signature, error));
	const struct xml_node *response = response_of(&s, r->body);
	ck_assert_str_eq(text_at(&s, response, "FunctionCode"), "05");
	ck_assert_uint_eq(strlen(text_at(&s, response, "FunctionalReferenceID")), 32);
	ck_assert(text_starts(text_at(&s, response, "IssueDateTime/DateTimeString"), "2016020301501"));  /* a little after the document's 01:50:12 */
	ck_assert_str_eq(text_at(&s, response, "AdditionalInformation/StatementCode"), "X-CONTROL");
	/* six hours after the vessel's arrival, at a full hour */
	ck_assert(text_ends(text_at(&s, response, "AdditionalInformation/StatementDescription"), " officer=team-4 type=unpack from=20160220T1100Z disclose=restricted"));
	ck_assert_str_eq(text_at(&s, response, "AdditionalInformation/LimitDateTime/DateTimeString"), "20160220190000Z");
	ck_assert_str_eq(text_at(&s, response, "ContactOffice/ID"), "NL000511");
	ck_assert_str_eq(text_at(&s, response, "ContactOffice/Communication/ID"), "+31881234567");
	const struct xml_node *ours = xml_child(response, "urn:wco:datamodel:WCO:RES-DMS:2", "Declaration");
	const struct xml_node *theirs = xml_child(response, "urn:wco:datamodel:WCO:DEC-DMS:2", "Declaration");
	ck_assert_str_eq(text_at(&s, ours, "FunctionalReferenceID"), REPORT);
	ck_assert(text_starts(text_at(&s, ours, "ID"), "16NL000511SCI"));
	ck_assert_str_eq(text_at(&s, theirs, "GoodsShipment/Consignment/GoodsLocation/Name"), "Scan <Rijksinspectieterminal>");
	ck_assert_str_eq(text_at(&s, theirs, "GoodsShipment/Consignment/GoodsLocation/ID"), "NLRTMRIT");
	ck_assert_str_eq(text_at(&s, theirs, "GoodsShipment/Consignment/TransportEquipment/ID"), "CSQU3054383");
	expect_no_more(&s, 1, 300);
	stand_down(&s);
}
END_TEST

/* One answer each, by what the document says. */
START_TEST(each_kind_gets_the_answer_that_its_content_asks_for)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	ck_assert_int_eq(lodge(&s, PLACE, sample(&s, "assurance", NULL, NULL), s.gateway).status, 202);
	wait_for(&s, 1);
	expect_function(&s, 0, "01");
	ck_assert_int_eq(lodge(&s, PLACE, sample(&s, "integrity-report", "sev=high", "sev=low"), s.gateway).status, 202);
	wait_for(&s, 2);
	expect_function(&s, 1, "01");
	ck_assert_ptr_nonnull(text_at(&s, response_of(&s, s.received[1].body), "Declaration/AcceptanceDateTime/DateTimeString"));
	ck_assert_int_eq(lodge(&s, PLACE "/arrival-notification", sample(&s, "arrival", NULL, NULL), s.gateway).status, 202);
	wait_for(&s, 3);
	expect_function(&s, 2, "02");
	/* The report is withdrawn by the identifier that customs gave to it; once. */
	const char *id = text_at(&s, response_of(&s, s.received[1].body), "Declaration/ID");
	ck_assert_int_eq(lodge(&s, PLACE "/cancellation-requests", sample(&s, "withdrawal", "26NL000511SCI0000417L3", id), s.gateway).status, 202);
	wait_for(&s, 4);
	expect_function(&s, 3, "10");
	ck_assert_str_eq(text_at(&s, response_of(&s, s.received[3].body), "Declaration/ID"), id);
	const char *again = sample(&s, "withdrawal", "SG26B8QK3M0V7TZ4XH2W01", "SG26B8QK3M0V7TZ4XH2W02");
	ck_assert_int_eq(lodge(&s, PLACE "/cancellation-requests", again, s.gateway).status, 202);
	wait_for(&s, 5);
	const struct xml_node *response = response_of(&s, s.received[4].body);
	ck_assert_str_eq(text_at(&s, response, "FunctionCode"), "03");
	ck_assert_str_eq(text_at(&s, response, "Error/ValidationCode"), "SBX12015");
	ck_assert_str_eq(text_at(&s, response, "Error/Pointer/DocumentSectionCode"), "42A");
	ck_assert_str_eq(text_at(&s, response, "Error/Pointer/TagID"), "D014");
	for (size_t i = 0; i < 5; i++)
		must_succeed(verify(&s, s.received[i].body, s.received[i].signature, error));
	stand_down(&s);
}
END_TEST

/* What can be seen at once is refused at once; what is well formed and wrong is rejected by an answer. */
START_TEST(bad_content_is_rejected_with_a_pointer_to_it)
{
	static const struct {
		const char *from, *to, *code, *section, *tag;
	} table[] = {
		{ "CSQU3054383", "CSQU3054384", "SBX31159", "31B", "159" },
		{ "<TypeCode>SCI</TypeCode>", "<TypeCode>IMA</TypeCode>", "SBX12014", "42A", "D013" },
		{ " sev=high", "", "SBX30225", "03A", "225" },
		{ "F-OPENING", "F-NOFINDING", "SBX30226", "03A", "226" },
	};
	struct stand s;
	stand_up(&s, "good", NULL);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *reference = arena_printf(s.arena, "SG26B8QK3M0V7TZ4XH1RN%zu", i), *body = sample(&s, "integrity-report", table[i].from, table[i].to);
		char *own = arena_text(s.arena, body);
		memcpy(strstr(own, REPORT), reference, strlen(REPORT));
		ck_assert_int_eq(lodge(&s, PLACE, own, s.gateway).status, 202);
		wait_for(&s, i + 1);
		const struct xml_node *response = response_of(&s, s.received[i].body), *error = xml_child(response, NULL, "Error"), *last = NULL;
		ck_assert_str_eq(text_at(&s, response, "FunctionCode"), "03");
		ck_assert_str_eq(text_at(&s, error, "ValidationCode"), table[i].code);
		for (const struct xml_node *p = xml_child(error, NULL, "Pointer"); p; p = xml_next_same(p))
			last = p;
		ck_assert_str_eq(text_at(&s, last, "DocumentSectionCode"), table[i].section);
		ck_assert_str_eq(text_at(&s, last, "TagID"), table[i].tag);
		ck_assert_ptr_nonnull(text_at(&s, response, "Declaration/RejectionDateTime/DateTimeString"));
	}
	stand_down(&s);
}
END_TEST

START_TEST(what_cannot_be_taken_is_refused_as_the_contract_says)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	const char *body = sample(&s, "integrity-report", NULL, NULL);
	struct http_header headers[] = { { "Accept", "application/vnd.hmrc.1.0+xml" }, { "Content-Type", "application/xml" }, { "Authorization", "Bearer nonsense" } };
	struct http_outcome o = call(&s, "POST", PLACE, headers, 3, body);
	ck_assert_int_eq(o.status, 401);
	ck_assert_str_eq(error_code(&s, &o), "UNAUTHORIZED");
	headers[1].value = "application/xml; charset=ISO-8859-1";
	o = call(&s, "POST", PLACE, headers, 3, body);
	ck_assert_int_eq(o.status, 415);
	ck_assert_str_eq(error_code(&s, &o), "UNSUPPORTED_MEDIA_TYPE");
	headers[0].value = "application/vnd.hmrc.4.0+xml";
	o = call(&s, "POST", PLACE, headers, 3, body);
	ck_assert_int_eq(o.status, 406);
	ck_assert_str_eq(error_code(&s, &o), "ACCEPT_HEADER_INVALID");
	o = call(&s, "GET", PLACE, headers, 3, NULL);
	ck_assert_int_eq(o.status, 405);
	o = call(&s, "GET", "/customs/other", headers, 3, NULL);
	ck_assert_int_eq(o.status, 404);
	o = lodge(&s, PLACE, body, NULL);
	ck_assert_int_eq(o.status, 400);
	ck_assert(strstr((const char *)o.body.data, "signature_missing"));
	o = lodge(&s, PLACE, body, s.stranger);
	ck_assert_int_eq(o.status, 400);
	ck_assert(strstr((const char *)o.body.data, "signature_error"));
	o = lodge(&s, PLACE, "<a>", s.gateway);
	ck_assert_int_eq(o.status, 400);
	ck_assert(strstr((const char *)o.body.data, "well-formed"));
	o = lodge(&s, PLACE, sample(&s, "integrity-report", "<FunctionCode>9</FunctionCode>", ""), s.gateway);
	ck_assert_int_eq(o.status, 400);
	ck_assert_str_eq(error_code(&s, &o), "BAD_REQUEST");
	ck_assert(strstr((const char *)o.body.data, "xml_validation_error") && http_header_find(o.headers, o.n_headers, "X-Conversation-ID"));
	o = lodge(&s, PLACE "/cancellation-requests", body, s.gateway);
	ck_assert_int_eq(o.status, 400);
	expect_no_more(&s, 0, 500);
	stand_down(&s);
}
END_TEST

/* The octets that were signed are what counts: one that was changed on the way is found. */
START_TEST(a_changed_document_is_refused)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	BUFFER_AUTO signature = { 0 };
	BUFFER_AUTO base64 = { 0 };
	must_succeed(sign_detached(s.gateway, bytes_of_text(sample(&s, "integrity-report", NULL, NULL)), "lodged.xml", INT64_C(1454464212000), &signature, error));
	text_base64(&base64, buffer_bytes(&signature));
	struct http_header headers[] = { { "Accept", "application/vnd.hmrc.3.0+xml" }, { "Content-Type", "application/xml" },
		                         { "Authorization", arena_printf(s.arena, "Bearer %s", s.token) }, { SIGNATURE_HEADER, buffer_text(&base64) } };
	struct http_outcome o = call(&s, "POST", PLACE, headers, 4, sample(&s, "integrity-report", "sev=high", "sev=low "));
	ck_assert_int_eq(o.status, 400);
	ck_assert(strstr((const char *)o.body.data, "digest differs"));
	stand_down(&s);
}
END_TEST

START_TEST(an_enveloped_signature_is_taken_and_the_rest_validated)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	BUFFER_AUTO document = { 0 };
	must_succeed(sign_enveloped(s.gateway, bytes_of_text(sample(&s, "integrity-report", NULL, NULL)), INT64_C(1454464212000), &document, error));
	ck_assert_int_eq(lodge(&s, PLACE, buffer_text(&document), NULL).status, 202);
	wait_for(&s, 1);
	expect_function(&s, 0, "05");
	stand_down(&s);
}
END_TEST

START_TEST(a_repeat_is_a_duplicate_and_other_octets_are_refused)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	const char *body = sample(&s, "integrity-report", NULL, NULL);
	struct http_outcome first = lodge(&s, PLACE, body, s.gateway), o = lodge(&s, PLACE, body, s.gateway);
	ck_assert_int_eq(first.status, 202);
	ck_assert_int_eq(o.status, 409);
	ck_assert_str_eq(error_code(&s, &o), "DUPLICATE_SUBMISSION");
	ck_assert_str_eq(http_header_find(o.headers, o.n_headers, "X-Conversation-ID"), http_header_find(first.headers, first.n_headers, "X-Conversation-ID"));
	o = lodge(&s, PLACE, sample(&s, "integrity-report", "sev=high", "sev=low"), s.gateway);
	ck_assert_int_eq(o.status, 409);
	ck_assert_str_eq(error_code(&s, &o), "REFERENCE_IN_USE");
	wait_for(&s, 1);
	expect_no_more(&s, 1, 500);
	stand_down(&s);
}
END_TEST

/* Everything lies in the folder, each beside its signature, as it was sent. */
START_TEST(the_folder_keeps_what_came_and_went)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	const char *body = sample(&s, "integrity-report", NULL, NULL);
	char *text, **names;
	lodge(&s, PLACE, body, s.gateway);
	wait_for(&s, 1);
	must_succeed(file_list(stand_file(&s, "customs"), s.arena, &names, error));
	ck_assert_str_eq(names[0], REPORT "-answer.sig.xml");
	ck_assert_str_eq(names[1], REPORT "-answer.xml");
	ck_assert_str_eq(names[2], REPORT ".sig.xml");
	ck_assert_str_eq(names[3], REPORT ".xml");
	ck_assert_ptr_null(names[4]);
	must_succeed(file_read_text(stand_file(&s, "customs/" REPORT ".xml"), s.arena, &text, error));
	ck_assert_str_eq(text, body);
	must_succeed(file_read_text(stand_file(&s, "customs/" REPORT "-answer.xml"), s.arena, &text, error));
	ck_assert_str_eq(text, s.received[0].body);
	stand_down(&s);
}
END_TEST

START_TEST(a_push_is_repeated_until_it_is_taken)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	s.refuse = 2;
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	wait_for(&s, 1);
	expect_no_more(&s, 1, 300);
	ck_assert_int_eq(s.refuse, 0);
	stand_down(&s);
}
END_TEST

/* ---- pull ---- */

static struct http_outcome pull(struct stand *s, const char *path)
{
	struct http_header headers[] = { { "Accept", "application/vnd.hmrc.1.0+xml" }, { "Authorization", arena_printf(s->arena, "Bearer %s", s->token) } };
	return call(s, "GET", path, headers, 2, NULL);
}

static const char *link_of(struct stand *s, const char *path)
{
	struct http_outcome o = pull(s, path);
	struct xml_document *list;
	ck_assert_int_eq(o.status, 200);
	must_succeed(xml_parse(s->arena, o.body, NULL, &list, error));
	ck_assert_str_eq(list->root->name, "resource");
	for (const struct xml_node *link = xml_child(list->root, NULL, "link"); link; link = xml_next_same(link))
		if (text_equal(xml_attribute(link, "rel"), "notification"))
			return xml_attribute(link, "href");
	return NULL;
}

START_TEST(answers_wait_to_be_pulled_and_can_be_pulled_again)
{
	struct stand s;
	stand_up(&s, "pull", NULL);
	struct http_outcome o = lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	const char *conversation = http_header_find(o.headers, o.n_headers, "X-Conversation-ID"), *link = NULL;
	for (int i = 0; i < 50 && !link; i++, usleep(50000))
		link = link_of(&s, "/notifications/unpulled");
	ck_assert(text_starts(link, "/notifications/unpulled/"));
	ck_assert_str_eq(link_of(&s, arena_printf(s.arena, "/notifications/conversationId/%s/unpulled", conversation)), link);
	ck_assert_ptr_null(link_of(&s, "/notifications/conversationId/00000000-0000-4000-8000-000000000000"));
	const char *again = arena_printf(s.arena, "/notifications/pulled/%s", link + strlen("/notifications/unpulled/"));
	o = pull(&s, again);
	ck_assert_int_eq(o.status, 400);
	o = pull(&s, link);
	ck_assert_int_eq(o.status, 200);
	ck_assert_str_eq(http_header_find(o.headers, o.n_headers, "X-Conversation-ID"), conversation);
	must_succeed(verify(&s, (const char *)o.body.data, http_header_find(o.headers, o.n_headers, SIGNATURE_HEADER), error));
	ck_assert_str_eq(text_at(&s, response_of(&s, (const char *)o.body.data), "FunctionCode"), "05");
	ck_assert_ptr_null(link_of(&s, "/notifications/unpulled"));
	ck_assert_str_eq(link_of(&s, "/notifications/pulled"), again);
	ck_assert_int_eq(pull(&s, again).status, 200);
	ck_assert_int_eq(pull(&s, "/notifications/unpulled/00000000-0000-4000-8000-000000000000").status, 404);
	expect_no_more(&s, 0, 100);
	stand_down(&s);
}
END_TEST

/* ---- the program ---- */

START_TEST(the_program_says_where_it_listens_and_ends_when_told)
{
	struct stand s = { .arena = arena_new(), .folder = "/tmp/sealgate-test-XXXXXX" };
	int out[2], status;
	char line[200] = "";
	ck_assert_ptr_nonnull(mkdtemp(s.folder));
	const char *yaml = stand_write(&s, "good", NULL, true), *program = arena_printf(s.arena, "%s/sealgate-sandbox", getenv("BUILD_DIR") ? getenv("BUILD_DIR") : ".");
	ck_assert_int_eq(pipe(out), 0);
	pid_t child = fork();
	if (child == 0) {
		dup2(out[1], STDOUT_FILENO);
		close(out[0]);
		if (!freopen("/dev/null", "w", stderr))
			_exit(126);
		execl(program, program, "--config", yaml, "--port", "0", "--scenario", "pull", (char *)NULL);
		_exit(127);
	}
	close(out[1]);
	FILE *from = fdopen(out[0], "r");
	ck_assert_ptr_nonnull(fgets(line, sizeof line, from));
	ck_assert_msg(text_starts(line, "sealgate-sandbox: ready on https://127.0.0.1:"), "%s", line);
	/* TLS, and a token over it */
	static const char *const hosts[] = { "127.0.0.1", NULL };
	struct http_header form = { "Content-Type", "application/x-www-form-urlencoded" };
	struct http_client_config config = { .ca_file = stand_file(&s, "ca.pem") };
	struct http_outcome outcome;
	const char *base = arena_text_n(s.arena, strstr(line, "https"), strcspn(strstr(line, "https"), "\n"));
	struct http_call token = { .method = "POST", .url = arena_printf(s.arena, "%s/oauth/token", base), .headers = &form, .n_headers = 1, .private_hosts = hosts,
		                   .body = bytes_of_text("grant_type=client_credentials&client_id=other-1&client_secret=another-secret") };
	must_succeed(http_client_open(&config, &s.client, error));
	must_succeed(http_client_call(s.client, &token, s.arena, &outcome, error));
	ck_assert_int_eq(outcome.status, 200);
	http_client_close(&s.client);
	kill(child, SIGTERM);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	fclose(from);
	folder_remove(&s.folder);
	arena_free(&s.arena);
}
END_TEST

SUITE("sandbox", a_report_gets_a_signed_control_with_place_time_and_contact, each_kind_gets_the_answer_that_its_content_asks_for,
      bad_content_is_rejected_with_a_pointer_to_it, what_cannot_be_taken_is_refused_as_the_contract_says, a_changed_document_is_refused,
      an_enveloped_signature_is_taken_and_the_rest_validated, a_repeat_is_a_duplicate_and_other_octets_are_refused, the_folder_keeps_what_came_and_went,
      a_push_is_repeated_until_it_is_taken, answers_wait_to_be_pulled_and_can_be_pulled_again, the_program_says_where_it_listens_and_ends_when_told)
