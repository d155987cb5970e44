/* What a mapping wrote is judged alike with a tree and without; and what is wrong with it is told, whichever way it is read. */
#include <string.h>

#include "lib/base/file.h"
#include "support/suite.h"
#include "validate/validate.h"

static struct validator *validator;

static void set_up(void)
{
	must_succeed(validator_open(SOURCE_DIR "/schemas", &validator, error));
}

static char *sample(struct arena *arena, const char *name)
{
	char *text;
	must_succeed(file_read_text(file_path(arena, SOURCE_DIR "/mappings/messages/wco-dms", name), arena, &text, error));
	return text;
}

static int both(struct bytes document, struct error *error)
{
	struct error other = { 0 };
	int result = validate_document(validator, "wco-dms/declaration.xsd", document, error);
	int own = validate_own(validator, "wco-dms/declaration.xsd", document, &other);
	ck_assert_int_eq(result, own);
	ck_assert_int_eq(error->code, other.code);
	return own;
}

START_TEST(every_sample_is_valid_both_ways)
{
	static const char *const names[] = { "integrity-report/sample.out.xml", "assurance/sample.out.xml", "withdrawal/sample.out.xml", "arrival/sample.out.xml" };
	ARENA_AUTO arena = arena_new();
	set_up();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		must_succeed(both(bytes_of_text(sample(arena, names[i])), error));
	validator_free(&validator);
}
END_TEST

/* The text in place of a text of the sample. */
static struct bytes changed(struct arena *arena, const char *what, const char *by)
{
	const char *text = sample(arena, "integrity-report/sample.out.xml"), *at = strstr(text, what);
	ck_assert_ptr_nonnull(at);
	return bytes_of_text(arena_printf(arena, "%.*s%s%s", (int)(at - text), text, by, at + strlen(what)));
}

START_TEST(what_the_schema_does_not_take_is_refused_both_ways)
{
	static const char *const changes[][2] = {
		{ "<FunctionCode>9</FunctionCode>", "<FunctionCode>nine</FunctionCode>" },
		{ "<FunctionCode>9</FunctionCode>", "" },
		{ "<FunctionCode>9</FunctionCode>", "<FunctionCode>9</FunctionCode><FunctionCode>9</FunctionCode>" },
		{ "<FunctionCode>9</FunctionCode>", "<Unknown>9</Unknown>" },
		{ "<FunctionCode>9</FunctionCode>", "<FunctionCode>9<Inside></Inside></FunctionCode>" },
		{ "<FunctionCode>9</FunctionCode>", "<FunctionCode>9</FunctionCode>loose text" },
		{ "formatCode=\"304\"", "formatCode=\"304\" another=\"1\"" },
	};
	ARENA_AUTO arena = arena_new();
	set_up();
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		struct bytes document = changed(arena, changes[i][0], changes[i][1]);
		must_fail(both(document, error), BAD_SCHEMA);
	}
	validator_free(&validator);
}
END_TEST

START_TEST(what_is_no_xml_is_refused_both_ways)
{
	ARENA_AUTO arena = arena_new();
	set_up();
	must_fail(both(changed(arena, "<FunctionCode>9</FunctionCode>", "<FunctionCode>9</Function>"), error), BAD_XML);
	must_fail(both(changed(arena, "</md:MetaData>", ""), error), BAD_XML);
	must_fail(both(bytes_of_text(""), error), BAD_XML);
	must_fail(validate_own(validator, "wco-dms/unheard-of.xsd", bytes_of_text("<a></a>"), error), NOT_FOUND);
	validator_free(&validator);
}
END_TEST

SUITE("validate", every_sample_is_valid_both_ways, what_the_schema_does_not_take_is_refused_both_ways, what_is_no_xml_is_refused_both_ways)
