/* sealgate try: dry runs without a gateway: what goes in, what would come out. */
#include "sealgate/try.h"

#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sealgate/configuration.h"
#include "sealgate/output.h"

const struct option_row try_options[] = {
	{ "event", "FILE", "events: one, an array, or one a line" },
	{ "journey", "FILE", "the journey as it is filed" },
	{ "provider", "NAME", "FILE, or the --event file, is this provider's own payload: a provider of the configuration, or a mapping" },
	{ "answer", "FILE", "a customs answer: print the notices that it becomes" },
	{ "message", "ID", "make this message of the gateway again, and compare" },
	{ "agreement", "NAME", "the agreement that it would go by, where there are several" },
	{ "kind", "KIND", "integrity-report (default), assurance, withdrawal or arrival" },
	{ "finding", "N", "which finding is reported, where there are several: 1, 2, ..." },
	{ "reference", "REF", "of the message; else a new one" },
	{ "issued", "TIME", "of the message; else the time of the last event" },
	{ "filed", "TIME", "when the journey was filed: a permit counts from then on; else at its start" },
	{ "withdraws", "REF", "withdrawal: our reference of the report" },
	{ "customs-id", "ID", "withdrawal: what customs calls the report" },
	{ "reason", "TEXT", "withdrawal: why" },
	{ "mrn", "MRN", "arrival: the declaration whose goods are presented" },
	{ "mappings", "DIR", "folder of mappings; else the configuration's" },
	{ "schemas", "DIR", "folder of schemas; else the configuration's" },
	{ 0 },
};

/* Where nothing is configured yet: enough to see what a document looks like. */
static const struct agreement example_agreement = {
	.name = "example", .file = "", .profile = "wco-dms", .purpose = PURPOSE_SANDBOX, .basis_kind = "consent", .basis_reference = "dry run",
	.granted_by = "nobody", .from = 0, .until = CLOCK_NONE, .country = "NL", .agency = "Example customs", .customization = "SCINT",
	.customization_version = "1.0", .language = "en", .type_codes = { "SCI", "SCA", "INV", "GPR" }, .kinds = 7, .fields = 255,
	.severity = SEVERITY_LOW, .coverage = 90, .form = FORM_DETACHED,
};

static const struct settings *example_settings(struct arena *arena)
{
	struct settings *s = arena_alloc(arena, sizeof *s);
	*s = (struct settings){ .arena = arena, .file = "", .name = "Example gateway", .eori = "NL123456789", .country = "NL", .uri = "https://gateway.example/",
		                .language = "en", .contact = { "duty", "Duty desk", "+31101234567", "duty@port.example", "en" },
		                .mappings = SEALGATE_DATADIR "/mappings", .schemas = SEALGATE_DATADIR "/schemas", .agreements = &example_agreement,
		                .agreement_count = 1, .light_lux = assess_defaults.light_lux, .coverage_slack = assess_defaults.slack,
		                .merge_ms = assess_defaults.merge_ms, .fix_age_ms = assess_defaults.fix_age_ms, .interval_ms = assess_defaults.interval_ms,
		                .assurance_ms = assess_defaults.assurance_ms };
	return s;
}

static void validator_drop(void *validator)
{
	struct validator *own = validator;
	validator_free(&own);
}

static int agreement_choose(struct bench *bench, struct error *error)
{
	const struct settings *s = bench->settings;
	const char *name = run_option(bench->run, "agreement");
	if (name && !(bench->agreement = settings_agreement(s, name)))
		FAIL(error, NOT_FOUND, "there is no agreement \"%s\" in \"%s\"", name, *s->file ? s->file : "the example");
	if (!name && s->agreement_count > 1)
		return usage_fail(bench->run, error, "there are %zu agreements: --agreement says by which one, such as \"%s\"", s->agreement_count,
		                  s->agreements[0].name);
	if (!name)
		bench->agreement = s->agreement_count ? &s->agreements[0] : &example_agreement;
	return 0;
}

int bench_open(struct run *run, bool documents, struct bench *bench, struct error *error)
{
	*bench = (struct bench){ .run = run };
	const char *said = run_option(run, "config"), *variable = getenv("SEALGATE_CONFIG");
	if (said || !text_empty(variable) || file_exists(configuration_path(run))) {
		TRY(configuration_load(run, &bench->settings, error));
	} else {
		note(run, "no configuration: with the gateway and agreement of an example");
		bench->settings = example_settings(run->arena);
	}
	const char *mappings = run_option(run, "mappings"), *schemas = run_option(run, "schemas");
	schemas = schemas ? schemas : bench->settings->schemas;
	TRY(configuration_set(run, mappings ? mappings : bench->settings->mappings, schemas, &bench->set, error));
	if (!documents)
		return 0;
	TRY(validator_open(schemas, &bench->validator, error));
	arena_at_free(run->arena, validator_drop, bench->validator);
	return agreement_choose(bench, error);
}

int command_try(struct run *run, struct error *error)
{
	struct bench bench;
	const char *message = run_option(run, "message"), *answer = run_option(run, "answer"), *provider = run_option(run, "provider");
	bool report = run_has(run, "event") || run_has(run, "journey") || run_has(run, "kind");
	if (!!message + !!answer + report + !!run->operand_count != 1)
		return usage_fail(run, error, "\"try\" makes one thing: --event with --journey, --message, --answer, or --provider NAME FILE");
	if (run->operand_count && !provider)
		return usage_fail(run, error, "whose payload is \"%s\"? say --provider NAME", run->operands[0]);
	TRY(bench_open(run, !message && !run->operand_count, &bench, error));
	if (message)
		return try_message(&bench, message, error);
	if (answer)
		return try_answer(&bench, answer, error);
	return report ? try_report(&bench, error) : try_payload(&bench, provider, run->operands[0], error);
}
