/* Dry runs: answers, payloads, documents and their origin, without a gateway. */
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sealgate/try.h"
#include "support/folder.h"
#include "support/program.h"
#include "support/suite.h"

static const char *source(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", SOURCE_DIR, name);
}

/* The example's gateway and agreement, the mappings of the tree. */
#define dry(arena, ...) program("try", __VA_ARGS__, "--mappings", source(arena, "mappings"), "--schemas", source(arena, "schemas"), NULL)

#define OPENING \
	"{ \"id\": \"e-1\", \"type\": \"door_opened\", \"time\": \"2016-02-03T01:48:21Z\", \"container\": \"CSQU3054383\", " \
	"\"device\": { \"id\": \"356938035643809\" }, \"position\": { \"lat\": \"30.877701\", \"lon\": \"121.883003\", \"source\": \"gnss\" } }\n"
#define ANOTHER \
	"{ \"id\": \"e-c\", \"type\": \"door_closed\", \"time\": \"2016-02-03T02:48:21Z\", \"container\": \"CSQU3054383\", " \
	"\"device\": { \"id\": \"356938035643809\" } }\n" \
	"{ \"id\": \"e-2\", \"type\": \"door_opened\", \"time\": \"2016-02-04T01:48:21Z\", \"container\": \"CSQU3054383\", " \
	"\"device\": { \"id\": \"356938035643809\" } }\n"

static const char *put(struct arena *arena, const char *folder, const char *name, const char *text)
{
	const char *path = file_path(arena, folder, name);
	must_succeed(file_write(path, bytes_of_text(text), 0644, error));
	return path;
}

START_TEST(the_same_reference_and_time_give_the_same_octets)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	const char *events = put(arena, folder, "e.json", OPENING), *journey = source(arena, "tests/data/voyages/journey-C.json");
	SAID one = dry(arena, "--event", events, "--journey", journey, "--reference", "SG00000000000000000001", "--issued", "2016-02-03T01:50:00Z");
	SAID two = dry(arena, "--event", events, "--journey", journey, "--reference", "SG00000000000000000001", "--issued", "2016-02-03T01:50:00Z");
	ended(one, EXIT_GOOD);
	ck_assert(text_equal(one.out, two.out));
	says(one.out, "<FunctionalReferenceID>SG00000000000000000001</FunctionalReferenceID>");
	says(one.out, ">20160203015000Z</");
	says(one.err, "finding 1 of 1: F-OPENING, high");
	ck_assert(one.out[strlen(one.out) - 1] == '>');  /* canonical: not even a line feed behind it */
	SAID other = dry(arena, "--event", events, "--journey", journey);
	ended(other, EXIT_GOOD);
	ck_assert(!text_equal(one.out, other.out));
}
END_TEST

/* Which port it is, and until when, is of the call: a peer that may not see the call does not read it there either. */
START_TEST(what_can_still_be_done_is_said_as_far_as_it_is_shared)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	const char *events = put(arena, folder, "e.json", OPENING), *journey = source(arena, "tests/data/voyages/journey-C.json");
	SAID all = dry(arena, "--event", events, "--journey", journey);
	says(all.out, "can still be kept from loading at CNYSA until 2016-02-06T00:00:00Z. t=");
	says(all.out, "act=do_not_load at=CNYSA until=20160206T0000Z<");
	SAID back = dry(arena, "--event", events, "--journey", journey, "--withdraws", "SG00000000000000000001", "--reason", "a test");
	ended(back, EXIT_GOOD);
	says(back.out, "Report SG00000000000000000001 is taken back: a test.");
	ck_assert_ptr_null(strstr(back.out, "can still be"));
	ck_assert_ptr_null(strstr(back.out, "act="));
	const char *own = arena_printf(arena, "%s/own", folder), *settings = arena_printf(arena, "%s/sealgate.yaml", own);
	const char *agreement = arena_printf(arena, "%s/agreements/sandbox.yaml", own);
	SAID made = program("init", own, "--demo", NULL);
	ended(made, EXIT_GOOD);
	unlink(arena_printf(arena, "%s/agreements/hub.yaml", own));  /* one is enough here */
	char *text;
	must_succeed(file_read_text(agreement, arena, &text, error));
	put(arena, own, "agreements/sandbox.yaml", arena_printf(arena, "%sfields: [ references, position ]\n", text));
	SAID less = dry(arena, "--config", settings, "--event", events, "--journey", journey);
	ended(less, EXIT_GOOD);
	says(less.out, "can still be kept from loading. t=");
	ck_assert_ptr_null(strstr(less.out, "CNYSA"));
	ck_assert_ptr_null(strstr(less.out, "20160206"));
}
END_TEST

START_TEST(of_several_findings_one_is_chosen)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	const char *events = put(arena, folder, "e.ndjson", OPENING ANOTHER), *journey = source(arena, "tests/data/voyages/journey-C.json");
	SAID first = dry(arena, "--event", events, "--journey", journey);
	SAID second = dry(arena, "--event", events, "--journey", journey, "--finding", "2");
	SAID third = dry(arena, "--event", events, "--journey", journey, "--finding", "3");
	ended(first, EXIT_GOOD);
	ended(second, EXIT_GOOD);
	ended(third, EXIT_USAGE);
	says(first.out, "ref=e-1<");
	says(second.out, "ref=e-2<");
}
END_TEST

START_TEST(what_would_not_be_sent_is_told_with_the_reason)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	const char *events = put(arena, folder, "e.json", OPENING), *journey = source(arena, "tests/data/voyages/journey-C.json");
	SAID assurance = dry(arena, "--event", events, "--journey", journey, "--kind", "assurance");
	ended(assurance, EXIT_FAILED);
	says(assurance.err, "no assurance: there is a finding");
	SAID nothing = dry(arena, "--journey", journey);
	ended(nothing, EXIT_FAILED);
	says(nothing.err, "no rule finds anything");
	SAID arrival = dry(arena, "--journey", journey, "--kind", "arrival", "--mrn", "26NL000511SCI0000417L3");
	ended(arrival, EXIT_FAILED);
	says(arrival.err, "does not share kind \"arrival\"");
	SAID bad = dry(arena, "--event", put(arena, folder, "bad.json", "{\"type\":\"door_opened\",\"time\":\"yesterday\"}"), "--journey", journey);
	ended(bad, EXIT_FAILED);
	says(bad.err, "event 0");
	says(bad.err, "/time");
	SAID broken = dry(arena, "--event", put(arena, folder, "broken.json", "{\"type\": }"), "--journey", journey);
	ended(broken, EXIT_FAILED);
	says(broken.err, "broken.json: line 1");
}
END_TEST

START_TEST(a_customs_answer_becomes_notices)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	SAID refused = dry(arena, "--answer", put(arena, folder, "a.xml", "<x/>"));
	ended(refused, EXIT_FAILED);
	ck_assert_str_eq(refused.out, "");
	const char *response =
		"<md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\"><md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>"
		"<md:WCOTypeName>RES</md:WCOTypeName><Response xmlns=\"urn:wco:datamodel:WCO:RES-DMS:2\"><FunctionCode>01</FunctionCode>"
		"<FunctionalReferenceID>customs-1</FunctionalReferenceID><IssueDateTime>"
		"<ds:DateTimeString xmlns:ds=\"urn:wco:datamodel:WCO:Response_DS:DMS:2\" formatCode=\"304\">20160203020000Z</ds:DateTimeString></IssueDateTime>"
		"<Declaration><FunctionalReferenceID>SG00000000000000000001</FunctionalReferenceID><ID>26NL000511SCI0000417L3</ID></Declaration>"
		"</Response></md:MetaData>";
	SAID accepted = dry(arena, "--answer", put(arena, folder, "b.xml", response), "--json");
	ended(accepted, EXIT_GOOD);
	struct json *notice;
	must_succeed(json_parse(arena, bytes_of_text(accepted.out), NULL, &notice, error));
	ck_assert_str_eq(json_path_text(notice, "kind"), "accepted");
	ck_assert_str_eq(json_path_text(notice, "message"), "SG00000000000000000001");
}
END_TEST

START_TEST(a_payload_becomes_events)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	must_succeed(file_make_folders(file_path(arena, folder, "m/providers/box"), 0755, error));
	must_succeed(file_make_folders(file_path(arena, folder, "m/codes"), 0755, error));
	put(arena, folder, "m/providers/box/events.json",
	    "{ \"type\": \"status\", \"time\": \"{at}\", \"device\": { \"id\": \"{box}\" }, \"readings\": [ { \"kind\": \"light\", \"value\": \"{lux}\", \"unit\": \"LUX\" } ] }");
	const char *payload = put(arena, folder, "p.json", "{\"at\":\"2016-02-03T01:48:21Z\",\"box\":\"b1\",\"lux\":\"3\"}");
	SAID good = program("try", "--provider", "box", payload, "--mappings", file_path(arena, folder, "m"), "--schemas", source(arena, "schemas"), "--json", NULL);
	ended(good, EXIT_GOOD);
	struct json *event;
	must_succeed(json_parse(arena, bytes_of_text(good.out), NULL, &event, error));
	ck_assert_str_eq(json_path_text(event, "device.id"), "b1");
	ck_assert_uint_gt(strlen(json_path_text(event, "id")), 8);
	SAID tracker = dry(arena, "--provider", "schenker-tracker", source(arena, "mappings/providers/schenker-tracker/sample.in.json"), "--json");
	ended(tracker, EXIT_GOOD);
	says(tracker.out, "\"type\":\"status\"");
	SAID unknown = program("try", "--provider", "nobody", payload, "--mappings", file_path(arena, folder, "m"), "--schemas", source(arena, "schemas"), NULL);
	ended(unknown, EXIT_FAILED);
	SAID bad = program("try", "--provider", "box", put(arena, folder, "q.json", "{\"at\":\"now\",\"box\":\"b1\"}"), "--mappings",
	                   file_path(arena, folder, "m"), "--schemas", source(arena, "schemas"), NULL);
	ended(bad, EXIT_FAILED);
	says(bad.err, "event 0 is refused");
}
END_TEST

START_TEST(a_file_is_explained_without_a_gateway)
{
	ARENA_AUTO arena = arena_new();
	SAID table = program("explain", "--input", source(arena, "mappings/messages/wco-dms/integrity-report/sample.in.json"), "--mappings",
	                     source(arena, "mappings"), "--schemas", source(arena, "schemas"), "--json", NULL);
	ended(table, EXIT_GOOD);
	says(table.out, "\"element\":\"/MetaData/Declaration/FunctionalReferenceID\",\"wco\":\"D026\"");
	says(table.out, "\"source\":\"message.reference\"");
	SAID wrong = program("explain", "--input", source(arena, "mappings/messages/wco-dms/integrity-report/sample.in.json"), "--mapping", "messages/none",
	                     "--mappings", source(arena, "mappings"), "--schemas", source(arena, "schemas"), NULL);
	ended(wrong, EXIT_FAILED);
}
END_TEST

START_TEST(an_enveloped_signature_is_left_aside)
{
	static const struct {
		const char *made, *sent;
		bool same;
	} pairs[] = {
		{ "<a><b></b></a>", "<a><b></b></a>", true },
		{ "<a><b></b></a>", "<a><b></b><ds:Signature xmlns:ds=\"x\"></ds:Signature></a>", true },
		{ "<a><b></b></a>", "<a><b></b><c>more</c></a>", false },
		{ "<a><b></b></a>", "<a><c></c><ds:Signature xmlns:ds=\"x\"></ds:Signature></a>", false },
		{ "<a><b></b></a>", "<a><b></b></a", false },
		{ "<a><b></b></a>", "", false },
		{ "", "<a></a>", false },
	};
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		ck_assert_int_eq(document_same(bytes_of_text(pairs[i].made), bytes_of_text(pairs[i].sent)), pairs[i].same);
}
END_TEST

SUITE("try", the_same_reference_and_time_give_the_same_octets, what_can_still_be_done_is_said_as_far_as_it_is_shared,
      of_several_findings_one_is_chosen, what_would_not_be_sent_is_told_with_the_reason,
      a_customs_answer_becomes_notices, a_payload_becomes_events, a_file_is_explained_without_a_gateway, an_enveloped_signature_is_left_aside)
