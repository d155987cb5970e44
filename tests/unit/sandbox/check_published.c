/* Every answer that the sandbox can give is valid under the response schema that HMRC publishes, and its refusals under the
 * error schema. Skipped where these are not at hand. */
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "stand.h"
#include "support/suite.h"

static const char *published(struct arena *arena, const char *name)
{
	const char *folder = getenv("SEALGATE_REFERENCE");
	return arena_printf(arena, "%s/wco/hmrc-cds/%s", text_empty(folder) ? SOURCE_DIR "/../shared/data" : folder, name);
}

static void expect_valid(struct stand *s, const char *schema_name, struct bytes document)
{
	struct xml_schema *schema;
	struct xml_document *parsed;
	must_succeed(xml_schema_open(published(s->arena, schema_name), &schema, error));
	must_succeed(xml_parse(s->arena, document, NULL, &parsed, error));
	must_succeed(xml_schema_check(schema, parsed, error));
	xml_schema_free(&schema);
}

static void expect_all_valid(struct stand *s, size_t count, const char *functions)
{
	wait_for(s, count);
	for (size_t i = 0; i < count; i++) {
		ck_assert_ptr_nonnull(strstr(functions, text_at(s, response_of(s, s->received[i].body), "FunctionCode")));
		expect_valid(s, "response.xsd", bytes_of_text(s->received[i].body));
	}
}

START_TEST(decisions)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);                      /* 05 */
	lodge(&s, PLACE, sample(&s, "assurance", NULL, NULL), s.gateway);                             /* 01 */
	lodge(&s, PLACE "/arrival-notification", sample(&s, "arrival", NULL, NULL), s.gateway);       /* 02 */
	lodge(&s, PLACE "/cancellation-requests", sample(&s, "withdrawal", NULL, NULL), s.gateway);   /* 03 */
	expect_all_valid(&s, 4, "05 01 02 03");
	const char *id = NULL;
	for (size_t i = 0; i < 4 && !id; i++)
		if (text_equal(text_at(&s, response_of(&s, s.received[i].body), "Declaration/FunctionalReferenceID"), REPORT))
			id = text_at(&s, response_of(&s, s.received[i].body), "Declaration/ID");
	char *again = arena_text(s.arena, sample(&s, "withdrawal", "26NL000511SCI0000417L3", id));
	memcpy(strstr(again, "SG26B8QK3M0V7TZ4XH2W01"), "SG26B8QK3M0V7TZ4XH2W02", 22);
	lodge(&s, PLACE "/cancellation-requests", again, s.gateway);                                  /* 10 */
	wait_for(&s, 5);
	ck_assert_str_eq(text_at(&s, response_of(&s, s.received[4].body), "FunctionCode"), "10");
	expect_valid(&s, "response.xsd", bytes_of_text(s.received[4].body));
	stand_down(&s);
}
END_TEST

START_TEST(decisions_of_scenarios)
{
	struct stand s;
	stand_up(&s, "documents,question,hold,release", NULL);
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	expect_all_valid(&s, 5, "06 51 50 08 09");
	stand_down(&s);
	stand_up(&s, "reject", NULL);
	lodge(&s, PLACE, sample(&s, "integrity-report", NULL, NULL), s.gateway);
	expect_all_valid(&s, 1, "03");
	stand_down(&s);
}
END_TEST

START_TEST(refusals)
{
	struct stand s;
	stand_up(&s, "good", NULL);
	expect_valid(&s, "schemas/customs/error.xsd", lodge(&s, PLACE, "<a/>", s.gateway).body);
	expect_valid(&s, "schemas/customs/error.xsd", lodge(&s, "/customs/elsewhere", "<a/>", s.gateway).body);
	stand_down(&s);
}
END_TEST

static int suite_run(void)
{
	Suite *suite = suite_create("sandbox under published schemas");
	TCase *tcase = tcase_create("published");
	tcase_add_test(tcase, decisions);
	tcase_add_test(tcase, decisions_of_scenarios);
	tcase_add_test(tcase, refusals);
	suite_add_tcase(suite, tcase);
	SRunner *runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(void)
{
	ARENA_AUTO arena = arena_new();
	return file_exists(published(arena, "response.xsd")) ? suite_run() : 77;
}
