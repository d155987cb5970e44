/* What a response means: every function code, its faults at what wrote them, how secret it is; and hostile ones lose nothing. */
#include "place.h"

#include "lib/crypto/digest.h"
#include "store/view.h"

START_TEST(an_error_is_told_at_its_source)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct wire w = { "03", "a", NULL,
		"<Error><ValidationCode>CDS12014</ValidationCode><Pointer><DocumentSectionCode>42A</DocumentSectionCode><TagID>D013</TagID></Pointer></Error>"
		"<Error><ValidationCode>CDS12056</ValidationCode><Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>42A</DocumentSectionCode></Pointer>"
		"<Pointer><SequenceNumeric>2</SequenceNumeric><DocumentSectionCode>03A</DocumentSectionCode><TagID>226</TagID></Pointer></Error>"
		"<Error><ValidationCode>CDS12070</ValidationCode><Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer>"
		"<Pointer><DocumentSectionCode>67A</DocumentSectionCode></Pointer>"
		"<Pointer><SequenceNumeric>1</SequenceNumeric><DocumentSectionCode>68A</DocumentSectionCode></Pointer></Error>"
		"<Error><Pointer><DocumentSectionCode>42A</DocumentSectionCode></Pointer>"
		"<Pointer><SequenceNumeric>2</SequenceNumeric><DocumentSectionCode>03A</DocumentSectionCode></Pointer></Error>"
		"<Error><Pointer><DocumentSectionCode>42A</DocumentSectionCode><TagID>D011</TagID></Pointer></Error>"
		"<Error><Pointer><DocumentSectionCode>07B</DocumentSectionCode></Pointer></Error>",
		REPORT, "16NL1", NULL };
	struct taken taken = take(&p, &w);
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "rejected");
	str_at(&p, &row, "errors.0.pointer", "42A/D013");
	str_at(&p, &row, "errors.0.element", "Declaration/TypeCode");
	str_at(&p, &row, "errors.0.source", "agreement.type_code");
	str_at(&p, &row, "errors.1.pointer", "42A/03A(2)/226");
	str_at(&p, &row, "errors.1.source", "events.0.type");
	ck_assert_ptr_nonnull(json_path_text(json_of(&p, row.content), "errors.1.event"));
	str_at(&p, &row, "errors.2.element", "Declaration/GoodsShipment");
	ck_assert_ptr_nonnull(json_path_text(json_of(&p, row.content), "errors.2.near"));
	str_at(&p, &row, "errors.3.element", "Declaration/AdditionalInformation[2]");
	str_at(&p, &row, "errors.3.near", NULL);
	str_at(&p, &row, "errors.4.element", "Declaration/IssueDateTime/DateTimeString");
	str_at(&p, &row, "errors.4.source", "message.issued");
	str_at(&p, &row, "errors.5.element", NULL);
	ck_assert_ptr_nonnull(strstr(json_path_text(json_of(&p, row.content), "errors.0.mapping"), "integrity-report/document.xml:"));
	place_close(&p);
}
END_TEST

static int forget_set(struct db *db, void *context, struct error *error)
{
	return db_run(db, error, "update message set set_digest = $1", "t", context);
}

START_TEST(an_error_is_told_with_the_set_that_made_the_message)
{
	PLACE(p);
	struct wire w = { "03", "a", NULL,
		"<Error><ValidationCode>CDS12014</ValidationCode><Pointer><DocumentSectionCode>42A</DocumentSectionCode><TagID>D013</TagID></Pointer></Error>",
		REPORT, "16NL1", NULL };
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	/* an older set: the same mappings and one code list more */
	struct map_set *older;
	char command[400];
	const char *copy = place_file(&p, "older");
	snprintf(command, sizeof command, "cp -r '%s/mappings' '%s' && printf '# source: a test\\na,b\\n1,2\\n' > '%s/codes/more.csv'", SOURCE_DIR, copy, copy);
	ck_assert_int_eq(system(command), 0);
	must_succeed(map_set_load(copy, SOURCE_DIR "/schemas", p.arena, NULL, &older, error));
	ck_assert_str_ne(map_set_digest(older), map_set_digest(p.set));
	must_succeed(store_write(p.store, forget_set, arena_text(p.arena, map_set_digest(older)), error));
	struct taken taken = take(&p, &w);
	struct notice_row row = notice_at(&p, &taken, 0);
	str_at(&p, &row, "errors.0.element", NULL);   /* not kept: told without */
	ck_assert_ptr_nonnull(strstr(row.content, "cannot be told"));
	must_succeed(map_set_keep(p.settings.kept_sets, older, error));
	w.own = "b";
	taken = take(&p, &w);
	row = notice_at(&p, &taken, 0);
	str_at(&p, &row, "errors.0.source", "agreement.type_code");
	map_set_free(&older);
	place_close(&p);
}
END_TEST

START_TEST(faults_beside_a_yes_are_warnings)
{
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct wire w = { "01", "a", NULL, "<Error><Description>odd</Description><ValidationCode>CDS13000</ValidationCode></Error>", REPORT, "16NL1", NULL };
	struct taken taken = take(&p, &w);
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "accepted");
	str_at(&p, &row, "warnings.0.code", "CDS13000");
	ck_assert_uint_eq(json_count(json_path(json_of(&p, row.content), "errors")), 0);
	place_close(&p);
}
END_TEST

START_TEST(every_function_code_has_its_meaning)
{
	static const struct {
		const char *code, *inside, *kind, *who, *block, *answerable, *member, *value;
	} cases[] = {
		{ "01", NULL, "accepted", NULL, NULL, NULL, NULL, NULL },
		{ "02", NULL, "registered", NULL, NULL, NULL, NULL, NULL },
		{ "03", NULL, "rejected", "filer", NULL, NULL, NULL, NULL },
		{ "05", NULL, "control", "terminal", "gate_out", NULL, NULL, NULL },
		{ "5", NULL, "control", "terminal", "move", NULL, NULL, NULL },
		{ "06", NULL, "documents_requested", "declarant", NULL, "portal", NULL, NULL },
		{ "07", NULL, "amended", "broker", NULL, NULL, NULL, NULL },
		{ "08", NULL, "release", NULL, NULL, NULL, "final", "false" },
		{ "09", NULL, "release", NULL, NULL, NULL, "final", "true" },
		{ "10", NULL, "cancelled", "terminal", "load", NULL, NULL, NULL },
		{ "11", NULL, "decision", NULL, NULL, NULL, "decision", "held" },
		{ "11", "<Status><NameCode>39</NameCode></Status>", "decision", NULL, NULL, NULL, "decision", "granted" },
		{ "11", "<Error/>", "decision", NULL, NULL, NULL, "decision", "held" },
		{ "11", "<Error><ValidationCode>X</ValidationCode></Error><Status><NameCode>39</NameCode></Status>", "rejected", "filer", NULL, NULL, "decision", NULL },
		{ "13", NULL, "information", NULL, NULL, NULL, NULL, NULL },
		{ "14", NULL, "payment_due", "declarant", NULL, NULL, NULL, NULL },
		{ "15", NULL, "payment_due", "declarant", NULL, NULL, NULL, NULL },
		{ "16", NULL, "exited", NULL, NULL, NULL, NULL, NULL },
		{ "17", NULL, "manual_handling", NULL, NULL, NULL, NULL, NULL },
		{ "18", NULL, "proof_of_exit_due", "exporter", NULL, NULL, NULL, NULL },
		{ "50", NULL, "hold", NULL, NULL, NULL, NULL, NULL },
		{ "51", NULL, "question", "declarant", NULL, "portal", NULL, NULL },
		{ "99", NULL, "information", NULL, NULL, NULL, NULL, NULL },
	};
	PLACE(p);
	place_journey(&p, "J-1", BOX, "{}");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wire w = { cases[i].code, arena_printf(p.arena, "f%zu", i), NULL, cases[i].inside, NULL, arena_printf(p.arena, "M%zu", i), BOX };
		struct taken taken = take(&p, &w);
		struct notice_row row = notice_at(&p, &taken, 0);
		if (!text_equal(row.kind, cases[i].kind))
			ck_abort_msg("%s is %s", cases[i].code, row.kind);
		str_at(&p, &row, "action.who", cases[i].who);
		str_at(&p, &row, "answerable", cases[i].answerable);
		str_at(&p, &row, "journey", "J-1");
		if (cases[i].block ? !has_block(&p, &row, cases[i].block) : json_count(json_path(json_of(&p, row.content), "action.blocks")) != 0)
			ck_abort_msg("%s blocks otherwise: %s", cases[i].code, row.content);
		if (cases[i].member)
			str_at(&p, &row, cases[i].member, cases[i].value);
	}
	place_close(&p);
}
END_TEST

START_TEST(the_catalog_of_schemas_is_true)
{
	ARENA_AUTO arena = arena_new();
	char *catalog, **names;
	size_t files = 0;
	must_succeed(file_read_text(SOURCE_DIR "/schemas/wco-dms/CATALOG", arena, &catalog, error));
	must_succeed(file_list(SOURCE_DIR "/schemas/wco-dms", arena, &names, error));
	for (; *names; names++) {
		char *octets, hex[DIGEST_HEX_SIZE];
		if (text_equal(*names, "CATALOG"))
			continue;
		must_succeed(file_read_text(file_path(arena, SOURCE_DIR "/schemas/wco-dms", *names), arena, &octets, error));
		const char *line = arena_printf(arena, "\n%s %s own writing", *names, digest_sha256_hex(bytes_of_text(octets), hex));
		if (!strstr(catalog, line))
			ck_abort_msg("CATALOG should have the line \"%s; ...\"", line + 1);
		files++;
	}
	ck_assert_uint_ge(files, 6);
}
END_TEST

/* ---- secrecy ---- */

struct viewing {
	struct viewer viewer;
	struct arena *arena;
	const struct document_row *document;
	struct json *shown;
};

static int view_it(struct db *db, void *context, struct error *error)
{
	struct viewing *v = context;
	return view_document(db, v->arena, &v->viewer, v->document, &v->shown, error);
}

static bool sees_document(struct place *p, enum role role, const struct document_row *document)
{
	struct viewing v = { { &p->settings, "port-1", 1u << role }, p->arena, document, NULL };
	must_succeed(store_read(p->store, view_it, &v, error));
	return v.shown != NULL;
}

START_TEST(the_peer_may_raise_secrecy_and_never_lower_it)
{
	static const struct {
		const char *code, *tail, *wanted;
	} cases[] = {
		{ "05", "disclose=open", "restricted" }, { "05", "disclose=covert", "covert" }, { "05", "disclose=restricted", "restricted" },
		{ "13", "disclose=restricted", "restricted" }, { "13", "disclose=secret", "restricted" }, { "13", "disclose=", "open" },
		{ "13", "disclose=open disclose=covert", "restricted" }, { "13", "DISCLOSE=covert", "open" }, { "02", "disclose=covert", "covert" },
	};
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	place_journey(&p, "J-1", BOX, "{\"owner\":\"port-1\",\"owners\":[\"port-1\"],\"contacts\":[{\"owner\":\"port-1\"}]}");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *inside = arena_printf(p.arena, "<AdditionalInformation><StatementDescription>Words. %s</StatementDescription></AdditionalInformation>", cases[i].tail);
		struct wire w = { cases[i].code, arena_printf(p.arena, "s%zu", i), NULL, inside, REPORT, NULL, NULL };
		struct taken taken = take(&p, &w);
		struct notice_row row = notice_at(&p, &taken, 0);
		if (!text_equal(row.disclosure, cases[i].wanted))
			ck_abort_msg("%s %s gives %s", cases[i].code, cases[i].tail, row.disclosure);
		str_at(&p, &row, "disclosure", cases[i].wanted);
		if (!text_equal(row.disclosure, "covert")) {
			struct document_row document = document_now(&p, taken.document);
			ck_assert(sees_document(&p, ROLE_SECURITY, &document));
		} else {
			ck_assert_int_eq(row.escalate, CLOCK_NONE);
			struct document_row document = document_now(&p, taken.document);
			ck_assert(!sees_document(&p, ROLE_SECURITY, &document));  /* named persons alone */
			ck_assert(sees_document(&p, ROLE_ADMIN, &document));
		}
	}
	place_close(&p);
}
END_TEST

/* ---- hostile ---- */

START_TEST(hostile_tails_lose_no_control)
{
	static const struct {
		const char *text, *scheduled, *name;
	} cases[] = {
		{ "Do. from=20160204T1200Z officer=a%3Db", "2016-02-04T12:00:00Z", "a=b" },
		{ "Do. from=99999999T9999Z officer=x", NULL, "x" },
		{ "Do. from=20160204T1200Z from=20160205T1200Z", NULL, NULL },
		{ "Do. from=20160204T1200Z from=20160204T1200Z from=20160204T1200Z", NULL, NULL },
		{ "from=20160204T1200Z Do. officer=x", NULL, "x" },
		{ "Do. officer=%00%01", NULL, NULL },
		{ "Do. officer=%0Afrom=20160204T1200Z", NULL, NULL },
		{ "Do. officer=%C3%28", NULL, NULL },
		{ "Do. officer=%C3%A9", NULL, "\xc3\xa9" },
		{ "Do. officer=%zz from=20160204T1200Z", "2016-02-04T12:00:00Z", NULL },
		{ "Do. offi%63er=x", NULL, NULL },
		{ "Do. officer=\xef\xbc\x9d", NULL, NULL },
		{ "officer=only", NULL, "only" },
		{ "Do. =x officer=y", NULL, "y" },
		{ "Do.\xc2\xa0officer=x", NULL, NULL },
	};
	PLACE(p);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *inside = arena_printf(p.arena, "<AdditionalInformation><StatementCode>X-CONTROL</StatementCode><StatementDescription>%s"
		                                  "</StatementDescription></AdditionalInformation>", cases[i].text);
		struct wire w = { "05", arena_printf(p.arena, "h%zu", i), NULL, inside, REPORT, NULL, NULL };
		struct taken taken = take(&p, &w);
		ck_assert_str_eq(taken.state, "tied");
		struct notice_row row = notice_at(&p, &taken, 0);
		str_at(&p, &row, "scheduled", cases[i].scheduled);
		str_at(&p, &row, "office.contact.0.name", cases[i].name);
	}
	place_close(&p);
}
END_TEST

START_TEST(hostile_documents_are_refused_and_kept)
{
	PLACE(p);
	BUFFER_AUTO deep = { 0 };
	BUFFER_AUTO wide = { 0 };
	for (int i = 0; i < 5000; i++)
		buffer_add_text(&deep, "<a>");
	buffer_add_text(&wide, "<a");
	for (int i = 0; i < 5000; i++)
		buffer_printf(&wide, " a%d='x'", i);
	buffer_add_text(&wide, "/>");
	const char *const documents[] = {
		"", "not xml", "<a>", "\xff\xfe<\0a\0>\0", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", buffer_text(&deep), buffer_text(&wide),
		"<md:MetaData " NAMESPACES "/>", "<md:MetaData " NAMESPACES "><Response/></md:MetaData>",
		"<md:MetaData " NAMESPACES "><Response><FunctionCode>055</FunctionCode><Declaration/></Response></md:MetaData>",
		"<md:MetaData " NAMESPACES "><Response><FunctionCode>05</FunctionCode></Response></md:MetaData>",
		"<MetaData><Response><FunctionCode>05</FunctionCode><Declaration/></Response></MetaData>",
		"<errorResponse><code>BAD_REQUEST</code></errorResponse>",
	};
	for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
		struct taken taken = take_signed(&p, 0, 0, documents[i], NULL);
		if (!text_equal(taken.state, "refused") || !*taken.why.text || error_code_class(taken.why.code) != ERROR_CLASS_PERM)
			ck_abort_msg("document %zu is %s: %s", i, taken.state, taken.why.text);
		ck_assert_str_eq(document_now(&p, taken.document).state, "refused");
	}
	ck_assert_int_eq(count_now(&p, "select count(*) from notice"), 0);
	ck_assert_int_eq(count_now(&p, "select count(*) from document"), (int64_t)(sizeof documents / sizeof *documents));
	place_close(&p);
}
END_TEST

START_TEST(too_much_detail_is_left_out_of_the_notice_and_kept_in_the_document)
{
	PLACE(p);
	BUFFER_AUTO many = { 0 };
	for (int i = 0; i < 9000; i++)
		buffer_printf(&many, "<AdditionalInformation><StatementCode>S%d</StatementCode><StatementDescription>%0500d</StatementDescription></AdditionalInformation>", i, i);
	place_message(&p, REPORT, "nl", "integrity-report", BOX, MESSAGE_SENT, NULL);
	struct wire w = { "05", "big", NULL, buffer_text(&many), REPORT, "16NL1", NULL };
	struct taken taken = take(&p, &w);
	ck_assert_str_eq(taken.state, "tied");
	struct notice_row row = notice_at(&p, &taken, 0);
	ck_assert_str_eq(row.kind, "control");
	ck_assert_ptr_null(json_path(json_of(&p, row.content), "statements"));
	ck_assert_ptr_nonnull(strstr(row.content, "too much to be shown here"));
	place_close(&p);
}
END_TEST

SUITE("answer meaning", an_error_is_told_at_its_source, an_error_is_told_with_the_set_that_made_the_message,
      faults_beside_a_yes_are_warnings, every_function_code_has_its_meaning, the_catalog_of_schemas_is_true,
      the_peer_may_raise_secrecy_and_never_lower_it, hostile_tails_lose_no_control, hostile_documents_are_refused_and_kept,
      too_much_detail_is_left_out_of_the_notice_and_kept_in_the_document)
