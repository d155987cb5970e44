/* Responses that others published: each reads into a notice of the right kind; what is valid under the published schemas is
 * valid under ours. Skipped where the reference data are not there. */
#include "place.h"

#include "answer/inside.h"

static const char *reference_folder(struct arena *arena)
{
	const char *said = getenv("SEALGATE_REFERENCE");
	return file_path(arena, said ? said : SOURCE_DIR "/../shared/data", "wco/hmrc-cds");
}

static struct bytes octets_of(struct arena *arena, const char *path)
{
	BUFFER_AUTO all = { 0 };
	must_succeed(file_read(path, &all, error));
	return arena_bytes(arena, buffer_bytes(&all));
}

/* The kind that a file's name promises (DMSACC, DMSTAX ...); by what is in it, as DMSGER once stands on a name of its neighbour. */
static const char *kind_of(const char *code, bool has_error)
{
	static const char *const kinds[][2] = {
		{ "01", "accepted" }, { "02", "registered" }, { "03", "rejected" }, { "05", "control" }, { "06", "documents_requested" }, { "07", "amended" },
		{ "08", "release" }, { "09", "release" }, { "10", "cancelled" }, { "11", "decision" }, { "13", "information" }, { "14", "payment_due" },
		{ "15", "payment_due" }, { "16", "exited" }, { "17", "manual_handling" }, { "18", "proof_of_exit_due" }, { "50", "hold" }, { "51", "question" },
	};
	if (text_equal(code, "11") && has_error)
		return "rejected";
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (text_equal(kinds[i][0], code))
			return kinds[i][1];
	return "information";
}

static void look_at_notice(struct arena *arena, const char *name, struct bytes octets, struct json *notices)
{
	struct xml_document *document;
	must_succeed(xml_parse(arena, octets, NULL, &document, error));
	const struct xml_node *said = xml_child(document->root, NULL, "Response"), *declaration = xml_child(said, NULL, "Declaration");
	const struct json *notice = json_at(notices, 0);
	const char *wanted = kind_of(xml_child_text(arena, said, NULL, "FunctionCode"), xml_child(said, NULL, "Error") != NULL);
	if (json_count(notices) != 1 || !text_equal(json_path_text(notice, "kind"), wanted))
		ck_abort_msg("%s is no %s: %s", name, wanted, json_to_text(arena, notices, JSON_COMPACT));
	ck_assert_str_eq(json_path_text(notice, "reference"), xml_child_text(arena, said, NULL, "FunctionalReferenceID"));
	ck_assert_str_eq(json_path_text(notice, "message"), xml_child_text(arena, declaration, NULL, "FunctionalReferenceID"));
	ck_assert_str_eq(json_path_text(notice, "mrn"), xml_child_text(arena, declaration, NULL, "ID"));
	if (notice_time(notice, "issued") == CLOCK_NONE || text_empty(json_path_text(notice, "text")))
		ck_abort_msg("%s: no time or text: %s", name, json_to_text(arena, notices, JSON_COMPACT));
	const char *list = text_equal(wanted, "accepted") ? "warnings" : "errors";
	ck_assert_uint_eq(json_count(json_find(notice, list)), xml_count(said, NULL, "Error"));
	if (text_equal(wanted, "amended"))
		ck_assert_ptr_nonnull(json_find(notice, "changes"));
}

static size_t read_folder(const char *folder, bool bare, const struct xml_schema *published)
{
	ARENA_AUTO outer = arena_new();
	MAP_SET_AUTO set = NULL;
	struct validator *validator;
	char **names;
	size_t count = 0, valid = 0;
	const char *path = file_path(outer, reference_folder(outer), folder);
	must_succeed(map_set_load(SOURCE_DIR "/mappings", SOURCE_DIR "/schemas", outer, NULL, &set, error));
	must_succeed(validator_open(SOURCE_DIR "/schemas", &validator, error));
	must_succeed(file_list(path, outer, &names, error));
	for (; *names; names++, count++) {
		ARENA_AUTO arena = arena_new();
		struct bytes octets = octets_of(arena, file_path(arena, path, *names));
		struct json *notices;
		struct xml_document *document;
		struct error why = { 0 };
		BUFFER_AUTO qualified = { 0 };
		if (bare)
			must_fail(answer_read(set, validator, "wco-dms", false, octets, arena, &notices, NULL, error), BAD_SCHEMA);
		if (answer_read(set, validator, "wco-dms", bare, octets, arena, &notices, NULL, &why) < 0)
			ck_abort_msg("%s: %s [%s]", *names, why.text, why.place);
		look_at_notice(arena, *names, octets, notices);
		must_succeed(xml_parse(arena, octets, NULL, &document, error));
		if (bare) {
			document_qualify(document->root, &qualified);
			must_succeed(xml_parse(arena, buffer_bytes(&qualified), NULL, &document, error));
		}
		valid += xml_schema_check(published, document, &why) == 0;
	}
	validator_free(&validator);
	ck_assert_uint_gt(valid * 2, count);  /* the comparison says something: most are valid under the published schemas too */
	return count;
}

START_TEST(every_published_response_reads)
{
	ARENA_AUTO arena = arena_new();
	struct xml_schema *published;
	must_succeed(xml_schema_open(file_path(arena, reference_folder(arena), "response.xsd"), &published, error));
	ck_assert_uint_ge(read_folder("samples/responses", false, published), 3);
	ck_assert_uint_ge(read_folder("samples/responses-without-namespaces", true, published), 80);
	xml_schema_free(&published);
}
END_TEST

/* Our golden samples are valid under the published schemas. */
START_TEST(our_samples_are_valid_under_the_published_schemas)
{
	ARENA_AUTO arena = arena_new();
	struct xml_schema *published;
	const char *folder = SOURCE_DIR "/mappings/answers/wco-dms/response";
	char **names;
	size_t count = 0;
	must_succeed(xml_schema_open(file_path(arena, reference_folder(arena), "response.xsd"), &published, error));
	must_succeed(file_list(folder, arena, &names, error));
	for (; *names; names++) {
		struct xml_document *document;
		struct error why = { 0 };
		if (!text_ends(*names, ".in.xml"))
			continue;
		must_succeed(xml_parse(arena, octets_of(arena, file_path(arena, folder, *names)), NULL, &document, error));
		if (xml_schema_check(published, document, &why) < 0)
			ck_abort_msg("%s: %s [%s]", *names, why.text, why.place);
		count++;
	}
	ck_assert_uint_ge(count, 3);
	xml_schema_free(&published);
}
END_TEST

START_TEST(the_guide_s_control_reads)
{
	PLACE(p);
	const char *path = file_path(p.arena, reference_folder(p.arena), "../../guide-samples/9-response-control.xml");
	struct bytes octets = octets_of(p.arena, path);
	clock_freeze(INT64_C(1772078400000));  /* 2026-02-26T04:00:00Z */
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_UNKNOWN, NULL);
	struct taken taken = take_signed(&p, 0, 0, arena_text_n(p.arena, (const char *)octets.data, octets.size), NULL);
	ck_assert_str_eq(taken.state, "tied");
	struct notice_row row = notice_at(&p, &taken, 0);
	struct json *notice = json_of(&p, row.content);
	ck_assert_str_eq(row.kind, "control");
	ck_assert_str_eq(row.container, BOX);
	ck_assert_str_eq(json_path_text(notice, "place.code"), "NLRTMRIT");
	ck_assert_str_eq(json_path_text(notice, "place.name"), "Scan Rijksinspectieterminal");
	ck_assert_str_eq(json_path_text(notice, "scheduled"), "2026-02-26T08:00:00Z");
	ck_assert_str_eq(json_path_text(notice, "respond_by"), "2026-02-26T16:00:00Z");
	ck_assert_str_eq(json_path_text(notice, "office.code"), "NL000511");
	ck_assert_str_eq(json_path_text(notice, "office.contact.1.phone"), "+31881234567");
	ck_assert_str_eq(json_path_text(notice, "text"), "Unpacking. Present box with seal intact; do not open.");
	ck_assert_str_eq(message_now(&p, REPORT).customs_id, "26NL000511SCI0000417L3");
	place_close(&p);
}
END_TEST

int main(void)
{
	ARENA_AUTO arena = arena_new();
	if (!file_exists(file_path(arena, reference_folder(arena), "response.xsd")))
		return 77;
	Suite *suite = suite_create("answer published");
	TCase *tcase = tcase_create("answer published");
	tcase_add_test(tcase, every_published_response_reads);
	tcase_add_test(tcase, our_samples_are_valid_under_the_published_schemas);
	tcase_add_test(tcase, the_guide_s_control_reads);
	tcase_set_timeout(tcase, 30);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
