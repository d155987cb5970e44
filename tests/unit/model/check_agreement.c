/* Agreements: which peers are refused, and what belongs together. */
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "model/agreement.h"
#include "support/folder.h"
#include "support/suite.h"

START_TEST(production_systems_are_no_addressees)
{
	static const char *const refused[] = { "https://api.service.hmrc.gov.uk/customs", "sti-taxud", "nti-de", "NTI-NL", "gate@nti-fr@FR", "https://nti-de.example/as4",
		                               "https://conformance.customs.ec.europa.eu:8445/domibus/services/msh", "https://sti-taxud.example", NULL };
	static const char *const taken[] = { "https://localhost:8460", "https://anti-fraud.example", "NL123456789", "hub@NL123456789@NL",
		                             "https://test-api.example.gov/customs", "", NULL };
	for (const char *const *r = refused; *r; r++)
		if (!addressee_refusal(*r))
			ck_abort_msg("%s is taken", *r);
	for (const char *const *t = taken; *t; t++)
		if (addressee_refusal(*t))
			ck_abort_msg("%s is refused: %s", *t, addressee_refusal(*t));
	ck_assert_ptr_null(addressee_refusal(NULL));
}
END_TEST

START_TEST(a_reply_may_go_where_no_report_goes)
{
	ARENA_AUTO arena = arena_new();
	struct agreement a = { .name = "hub", .kinds = (1u << KIND_INTEGRITY_REPORT) | (1u << KIND_ASSURANCE) | (1u << KIND_WITHDRAWAL) | (1u << KIND_REPLY),
		               .until = CLOCK_NONE, .addressee = "sti-taxud" };
	const char *refusal = agreement_refusal(&a, KIND_INTEGRITY_REPORT, 1, arena);
	ck_assert_ptr_nonnull(refusal);
	ck_assert_ptr_nonnull(strstr(refusal, "false filing"));
	ck_assert_ptr_nonnull(agreement_refusal(&a, KIND_WITHDRAWAL, 1, arena));
	ck_assert_ptr_null(agreement_refusal(&a, KIND_REPLY, 1, arena));
	a.addressee = "NL123456789";
	ck_assert_ptr_null(agreement_refusal(&a, KIND_INTEGRITY_REPORT, 1, arena));
}
END_TEST

#define BASE "purpose: bilateral\nbasis: { kind: contract, reference: r, granted_by: g, from: 2020-01-01 }\ncountry: EU\nagency: a\n"
#define HEAD BASE "signing: { form: none, agreed: the AS4 seal, key: agreement.yaml, certificate: agreement.yaml }\nanswers: { signed: false, anchors: agreement.yaml }\n"
#define AS4 "as4: { url: \"https://hub.example/as4\", self: { id: NL1 }, peer: { id: hub-1 } }\n"
#define REST "rest: { url: \"https://%s\", authorization: { grant: token, token: agreement.yaml } }\n"

/* All problems of the agreement, joined; "": none. */
static const char *problems_of(struct arena *arena, const char *folder, const char *text)
{
	struct config_problems problems = { .arena = arena };
	struct config_node *root;
	struct agreement agreement;
	BUFFER_AUTO out = { 0 };
	const char *path = file_path(arena, folder, "agreement.yaml");
	must_succeed(file_write(path, bytes_of_text(text), 0600, error));
	ck_assert_int_eq(config_read(&problems, path, &root), 0);
	config_check(root, agreement_rows, agreement_row_count, &problems);
	agreement_load(arena, root, "hub", &agreement, &problems);
	for (size_t i = 0; i < problems.count; i++)
		buffer_printf(&out, "%s\n", problems.items[i].text);
	return arena_text(arena, buffer_text(&out));
}

START_TEST(channel_profile_and_kinds_fit)
{
	static const struct {
		const char *text, *problem;   /* "": none */
	} all[] = {
		{ HEAD "profile: eu-hub\nchannel: as4\nkinds: [ reply, integrity-report ]\n" AS4, "" },
		{ HEAD "profile: wco-dms\nchannel: as4\nkinds: [ assurance ]\n" AS4, "" },
		{ HEAD "profile: eu-hub\nkinds: [ reply ]\n" REST, "travel by \"channel: as4\"" },
		{ HEAD "profile: wco-dms\nkinds: [ assurance ]\n", "\"rest\" is missing: the peer's REST interface" },
		{ HEAD "profile: wco-dms\nchannel: as4\nkinds: [ assurance ]\n" REST, "\"rest\" says nothing then" },
		{ HEAD "profile: wco-dms\nchannel: as4\nkinds: [ reply ]\n", "it needs \"profile: eu-hub\"" },
		{ HEAD "profile: relay\nchannel: as4\nkinds: [ relay ]\nrelay: { notices: [ control ], peers: [ hub ] }\n" AS4, "" },
		{ HEAD "profile: relay\nchannel: as4\nkinds: [ assurance ]\n", "belong together" },
		{ HEAD "profile: wco-dms\nchannel: as4\nkinds: [ relay ]\n", "belong together" },
		{ HEAD "profile: other\nchannel: as4\nkinds: [ reply ]\n", "known are: wco-dms eu-hub" },
		{ HEAD "profile: wco-dms\nkinds: [ assurance ]\n" REST, "" },
		{ HEAD "profile: wco-dms\nkinds: [ assurance ]\n" REST AS4, "\"as4\" says nothing then" },
		{ HEAD "profile: wco-dms\nchannel: as4\nkinds: [ assurance ]\n", "\"as4\" is missing: the peer's AS4 interface" },
	};
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const char *text = arena_text(arena, all[i].text), *hole = strstr(text, "%s");
		if (hole)
			text = arena_printf(arena, "%.*speer.example%s", (int)(hole - text), text, hole + 2);
		const char *got = problems_of(arena, folder, text);
		if (!*all[i].problem ? *got : !strstr(got, all[i].problem))
			ck_abort_msg("%s\ngives: %s", text, got);
	}
	const char *ics2 = arena_printf(arena, HEAD "profile: wco-dms\nkinds: [ assurance ]\n" REST, "nti-de.example");
	ck_assert_ptr_nonnull(strstr(problems_of(arena, folder, ics2), "a national trader interface of ICS2, which takes no integrity reports"));
}
END_TEST

START_TEST(secrets_go_over_tls)
{
	static const struct {
		const char *rest;
		bool good;
	} all[] = {
		{ "url: \"https://peer.example\"", true }, { "url: \"http://peer.example\"", false }, { "url: \"http://10.0.0.1:80/x\"", false },
		{ "url: peer.example", false }, { "url: \"https://\"", false }, { "url: \"ftp://peer.example\"", false },
		{ "plain_hosts: [ inside.example ], url: \"http://inside.example:8080/x\"", true },
		{ "plain_hosts: [ inside.example ], url: \"http://inside.example.evil.example/x\"", false },
		{ "plain_hosts: [ inside.example ], url: \"http://inside.example@evil.example/x\"", false },
	};
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const char *got = problems_of(arena, folder, arena_printf(arena, HEAD "profile: wco-dms\nkinds: [ assurance ]\nrest: { %s, authorization: "
		                              "{ grant: token, token: agreement.yaml } }\n", all[i].rest));
		if ((*got == '\0') != all[i].good)
			ck_abort_msg("%s\ngives: %s", all[i].rest, got);
	}
}
END_TEST

#define HUB HEAD "profile: eu-hub\nchannel: as4\nkinds: [ reply ]\n"
#define PARTIES "self: { id: NL1 }, peer: { id: hub-1 }"

START_TEST(as4_settings_fit_each_other)
{
	static const struct {
		const char *text, *problem;   /* "": none */
	} all[] = {
		{ HUB "as4: { preset: ics2, url: \"https://h.example\", " PARTIES ", pull: { every: 10s } }\n", "" },
		{ HUB "as4: { serve: { mpc: \"urn:x\" }, " PARTIES " }\n", "" },
		{ HUB "as4: { " PARTIES " }\n", "nothing can reach the peer" },
		{ HUB "as4: { url: \"https://h.example\", serve: { mpc: \"urn:x\" }, " PARTIES " }\n", "leave one out" },
		{ HUB "as4: { serve: { mpc: \"urn:x\" }, pull: { every: 10s }, " PARTIES " }\n", "fetches from \"as4.url\"" },
		{ HUB "as4: { url: \"https://h.example\", pull: { every: 10s }, " PARTIES " }\n", "\"as4.pull.mpc\" must be said" },
		{ HUB "as4: { url: \"http://h.example\", " PARTIES " }\n", "is no https:// address" },
		{ HUB "as4: { url: \"http://h.example\", tls: { plain_hosts: [ h.example ] }, " PARTIES " }\n", "" },
		{ HUB "as4: { url: \"https://h.example\", tls: { key: agreement.yaml }, " PARTIES " }\n", "go together" },
		{ HUB "as4: { url: \"https://h.example\", agreement_type: t, " PARTIES " }\n", "is the type of \"as4.agreement\"" },
		{ HUB "as4: { url: \"https://h.example\", encryption: { required: true }, " PARTIES " }\n", "must name the key that deciphers" },
		{ HUB "as4: { preset: ics2, url: \"https://h.example\", encryption: { certificate: agreement.yaml }, " PARTIES " }\n", "ICS2 encrypts nothing" },
		{ HUB "as4: { url: \"https://h.example\", self: { id: x }, peer: { id: x } }\n", "the same PartyId" },
		{ HUB "as4: { url: \"https://h.example\", domain: \"a b\", " PARTIES " }\n", "is a name such as" },
		{ HEAD "profile: eu-hub\nchannel: as4\nkinds: [ integrity-report ]\nas4: { url: \"https://h.example\", self: { id: NL1 }, peer: { id: sti-taxud } }\n",
		  "takes no integrity reports" },
		{ HUB "as4: { url: \"https://h.example\", self: { id: NL1 }, peer: { id: sti-taxud } }\n", "" },
		{ BASE "signing: { form: none, agreed: x }\nanswers: { signed: false }\nprofile: eu-hub\nchannel: as4\nkinds: [ reply ]\n" AS4, "every AS4 message is signed" },
		{ BASE "signing: { form: none, agreed: x }\nanswers: { signed: false }\nprofile: eu-hub\nchannel: as4\nkinds: [ reply ]\n" AS4,
		  "what comes over AS4 is signed" },
	};
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		const char *got = problems_of(arena, folder, all[i].text);
		if (!*all[i].problem ? *got : !strstr(got, all[i].problem))
			ck_abort_msg("%s\ngives: %s", all[i].text, got);
	}
}
END_TEST

START_TEST(presets_fill_what_is_not_said)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct config_problems problems = { .arena = arena };
	struct config_node *root;
	struct agreement a;
	const char *path = file_path(arena, folder, "agreement.yaml");
	must_succeed(file_write(path, bytes_of_text(HUB "as4: { preset: ics2, url: \"https://h.example\", pull: { every: 10s }, self: { id: NL1 }, peer: { id: sti-taxud, role: Other } }\n"),
	                        0600, error));
	ck_assert_int_eq(config_read(&problems, path, &root), 0);
	agreement_load(arena, root, "hub", &a, &problems);
	ck_assert_str_eq(a.as4->self.type, "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:EORI");
	ck_assert_str_eq(a.as4->peer.role, "Other");
	ck_assert_str_eq(a.as4->agreement, "EU-ICS2-TI-V2.0");
	ck_assert_str_eq(a.as4->token, "pkipath");
	ck_assert_str_eq(a.as4->pull_mpc, "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/NL1");
	ck_assert_str_eq(a.as4->take_services[0], "eu_ics2_c2t");
	ck_assert_str_eq(a.as4->actions[KIND_REPLY], "IE3R02");
	ck_assert_str_eq(a.addressee, "sti-taxud");
}
END_TEST

SUITE("model agreement", as4_settings_fit_each_other, presets_fill_what_is_not_said, secrets_go_over_tls, production_systems_are_no_addressees, a_reply_may_go_where_no_report_goes, channel_profile_and_kinds_fit)
