/* eb:Messaging is written canonical and read back the same; what breaks the schema's rules is refused with its ebMS code. */
#include <string.h>

#include "as4/header.h"
#include "as4/names.h"
#include "lib/base/text.h"
#include "support/suite.h"

static int read_text(struct arena *arena, const char *text, struct as4_header *header, enum ebms_code *code, struct error *error)
{
	struct xml_document *document;
	struct fault fault = { EBMS_NONE, error };
	TRY(xml_parse(arena, bytes_of_text(text), NULL, &document, error));
	int result = header_read(arena, document->root, header, &fault);
	*code = fault.code;
	return result;
}

/* Awkward texts everywhere. */
#define ODD "a<b>&\"c'\xc3\xa9 d"

static struct as4_header full(void)
{
	static const struct as4_property p2 = { "finalRecipient", NULL, ODD, NULL }, p1 = { "originalSender", ODD, "C1", &p2 }, q = { "x", NULL, ODD, NULL };
	static const struct as4_part_info second = { .cid = "b@x" }, first = { "a@x", "application/xml", "utf-8", true, &q, &second };
	return (struct as4_header){ .kind = AS4_USER, .message_id = "m1@x", .ref_to = "m0@x", .time = 1454464101062,
		.user = { "urn:mpc", { "A", ODD, "Trader" }, { "B", NULL, "Customs" }, { ODD, "t", "p", "s", "st", "act", "1" }, &p1, &first, 2 } };
}

static void check_canonical(struct arena *arena, const char *text)
{
	struct xml_document *document;
	BUFFER_AUTO form = { 0 };
	must_succeed(xml_parse(arena, bytes_of_text(text), NULL, &document, error));
	must_succeed(xml_canonical(document, document->root, NULL, &form, error));
	ck_assert_str_eq(buffer_text(&form), text);
}

START_TEST(what_is_written_is_canonical_and_read_back)
{
	ARENA_AUTO arena = arena_new();
	static const struct as4_reference r2 = { "#id", NS_EC, "env wsse", DIGEST_SHA256, "QUJD", NULL }, r1 = { "cid:a@x", "urn:t", NULL, DIGEST_SHA256, "QUI=", &r2 };
	static const struct as4_error e2 = { .code = "EBMS:0001", .severity = "failure" },
	                              e1 = { "EBMS:0302", "failure", "Communication", "ebms", "m@x", "InvalidReceipt", ODD, ODD, &e2 };
	struct as4_header user = full(), h;
	struct as4_header receipt = { .kind = AS4_RECEIPT, .message_id = "r@x", .ref_to = "m1@x", .time = 1000, .references = &r1 };
	struct as4_header error_header = { .kind = AS4_ERROR, .message_id = "e@x", .time = 1000, .errors = &e1 };
	struct as4_header pull = { .kind = AS4_PULL, .message_id = "p@x", .time = 1000, .pull_mpc = ODD };
	const struct as4_header *const all[] = { &user, &receipt, &error_header, &pull };
	enum ebms_code code;
	for (size_t i = 0; i < 4; i++) {
		BUFFER_AUTO out = { 0 };
		BUFFER_AUTO again = { 0 };
		header_write(all[i], "id1", &out);
		check_canonical(arena, buffer_text(&out));
		must_succeed(read_text(arena, buffer_text(&out), &h, &code, error));
		header_write(&h, "id1", &again);
		ck_assert_str_eq(buffer_text(&again), buffer_text(&out));
	}
	must_succeed(read_text(arena, "<eb:Messaging xmlns:eb=\"" NS_EB "\"><eb:SignalMessage><eb:MessageInfo><eb:Timestamp>2016-02-03T01:48:21.123456</eb:Timestamp>"
	                       "<eb:MessageId> m@x\n</eb:MessageId></eb:MessageInfo><eb:PullRequest/></eb:SignalMessage></eb:Messaging>", &h, &code, error));
	ck_assert_str_eq(h.message_id, "m@x");
	ck_assert_int_eq(h.time, 1454464101123);
}
END_TEST

static const struct {
	const char *from, *to;
	enum ebms_code code;
} changes[] = {
	{ "<eb:UserMessage", "<eb:SignalMessage/><eb:UserMessage", EBMS_FEATURE_PRESENT },
	{ "</eb:UserMessage>", "</eb:UserMessage><eb:UserMessage/>", EBMS_FEATURE_PRESENT },
	{ "<eb:MessageId>m1@x</eb:MessageId>", "", EBMS_INVALID_HEADER },
	{ "<eb:MessageId>m1@x", "<eb:MessageId> ", EBMS_INVALID_HEADER },
	{ "<eb:MessageId>m1@x", "<eb:MessageId>m1 @x", EBMS_INVALID_HEADER },
	{ "<eb:MessageId>m1@x", "<eb:MessageId><eb:x/>m1@x", EBMS_INVALID_HEADER },
	{ "<eb:MessageId>m1@x", "<eb:MessageId>m1\xc3\xa9@x", EBMS_INVALID_HEADER },
	{ "2016-02-03T01:48:21.062Z", "yesterday", EBMS_INVALID_HEADER },
	{ "</eb:MessageId>", "</eb:MessageId><eb:MessageId>m2@x</eb:MessageId>", EBMS_INVALID_HEADER },
	{ "<eb:Role>Trader</eb:Role>", "", EBMS_INVALID_HEADER },
	{ "</eb:PartyId>", "</eb:PartyId><eb:PartyId>C</eb:PartyId>", EBMS_FEATURE_PRESENT },
	{ "<eb:ConversationId>1</eb:ConversationId>", "", EBMS_INVALID_HEADER },
	{ "<eb:Action>act", "<eb:Action>a\tct", EBMS_INVALID_HEADER },
	{ "<eb:Action>", "<eb:Reaction>x</eb:Reaction><eb:Action>", EBMS_INVALID_HEADER },
	{ "name=\"finalRecipient\"", "name=\"originalSender\"", EBMS_VALUE_INCONSISTENT },
	{ "name=\"finalRecipient\"", "", EBMS_INVALID_HEADER },
	{ "href=\"cid:a@x\"", "href=\"http://x/a\"", EBMS_EXTERNAL_PAYLOAD },   /* AS4_CP_TA08 */
	{ "href=\"cid:a@x\"", "href=\"cid:a%40x\"", EBMS_MIME_INCONSISTENCY },
	{ "href=\"cid:a@x\"", "href=\"#body\"", EBMS_FEATURE_PRESENT },
	{ "href=\"cid:a@x\"", "", EBMS_FEATURE_PRESENT },
	{ "href=\"cid:a@x\"", "href=\"cid:\"", EBMS_INVALID_HEADER },
	{ "<eb:Property name=\"MimeType\">application/xml</eb:Property>", "", EBMS_VALUE_INCONSISTENT }, /* AS4_CP_TA26 */
	{ ">utf-8<", ">!utf*<", EBMS_VALUE_NOT_RECOGNIZED },                    /* AS4_CP_TA29 */
	{ ">application/gzip<", ">application/zip<", EBMS_DECOMPRESSION_FAILURE },
	{ "</eb:PayloadInfo>", "</eb:PayloadInfo><eb:PayloadInfo/>", EBMS_INVALID_HEADER },
	{ "</eb:Messaging>", "<eb:Other/></eb:Messaging>", EBMS_INVALID_HEADER },
};

static const char *with(struct arena *arena, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	if (!at)
		ck_abort_msg("\"%s\" is not in the text", from);
	return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

START_TEST(what_breaks_the_rules_is_refused)
{
	BUFFER_AUTO out = { 0 };
	struct as4_header user = full();
	header_write(&user, "id1", &out);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		ARENA_AUTO arena = arena_new();
		struct as4_header h;
		struct error why = { 0 };
		enum ebms_code code = EBMS_NONE;
		if (read_text(arena, with(arena, buffer_text(&out), changes[i].from, changes[i].to), &h, &code, &why) == 0)
			ck_abort_msg("\"%s\" was accepted", changes[i].to);
		if (code != changes[i].code)
			ck_abort_msg("\"%s\": %s, not %s: %s", changes[i].to, code ? ebms_row(code)->code : "none", ebms_row(changes[i].code)->code, why.text);
	}
}
END_TEST

/* Else the error that refers to it would be refused for the same reason. */
START_TEST(an_id_that_is_none_is_not_handed_on)
{
	static const char *const bad[] = { "<eb:MessageId>m1 @x", "<eb:MessageId>m1\xc3\xa9@x" };
	BUFFER_AUTO out = { 0 };
	struct as4_header user = full();
	header_write(&user, "id1", &out);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ARENA_AUTO arena = arena_new();
		struct as4_header h;
		struct error why = { 0 };
		enum ebms_code code;
		ck_assert_int_lt(read_text(arena, with(arena, buffer_text(&out), "<eb:MessageId>m1@x", bad[i]), &h, &code, &why), 0);
		ck_assert_ptr_null(h.message_id);
	}
}
END_TEST

START_TEST(signals_are_one_thing)
{
	static const char *const bad[] = { "", "<eb:PullRequest/><eb:Receipt/>", "<eb:Receipt/>" /* no RefToMessageId */, "<eb:Receipt/><eb:Error/>",
		"<eb:Error severity=\"failure\"/>", "<eb:Error errorCode=\"EBMS:0001\"/>", "<eb:PullRequest/><eb:PullRequest/>" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ARENA_AUTO arena = arena_new();
		struct as4_header h;
		struct error why = { 0 };
		enum ebms_code code = EBMS_NONE;
		const char *text = arena_printf(arena, "<eb:Messaging xmlns:eb=\"" NS_EB "\"><eb:SignalMessage><eb:MessageInfo><eb:Timestamp>2016-02-03T01:48:21Z"
		                                "</eb:Timestamp><eb:MessageId>m@x</eb:MessageId></eb:MessageInfo>%s</eb:SignalMessage></eb:Messaging>", bad[i]);
		if (read_text(arena, text, &h, &code, &why) == 0 || code == EBMS_NONE)
			ck_abort_msg("\"%s\" was accepted", bad[i]);
	}
}
END_TEST

START_TEST(the_table_of_errors_is_whole)
{
	ck_assert_int_eq(EBMS_CODES - 1, 42);
	for (enum ebms_code code = EBMS_NONE + 1; code < EBMS_CODES; code++) {
		ck_assert_int_eq(ebms_find(ebms_row(code)->code), code);
		ck_assert_uint_eq(strlen(ebms_row(code)->code), 9);
	}
	ck_assert_int_eq(ebms_find("EBMS:9999"), EBMS_NONE);
	ck_assert(!ebms_row(EBMS_EMPTY_CHANNEL)->is_failure);
	ck_assert(ebms_row(EBMS_CONNECTION_FAILURE)->is_failure);
	ck_assert_str_eq(ebms_row(EBMS_POLICY_NONCOMPLIANCE)->origin, "security");
	ck_assert_str_eq(ebms_row(EBMS_DECOMPRESSION_FAILURE)->category, "Communication");
}
END_TEST

SUITE("header", what_is_written_is_canonical_and_read_back, what_breaks_the_rules_is_refused, an_id_that_is_none_is_not_handed_on, signals_are_one_thing, the_table_of_errors_is_whole)
