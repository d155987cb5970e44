/* Published events of DCSA and GS1, the wrong ones too: each is read, or refused with the member that is wrong. Skipped
 * where the samples are not at hand (SEALGATE_REFERENCE). */
#include "support/payload.h"

static const char *reference_folder(void)
{
	const char *said = getenv("SEALGATE_REFERENCE");
	return text_empty(said) ? SOURCE_DIR "/../shared/data" : said;
}

struct published {
	const char *mapping, *file, *told;
};

static const struct published published[] = {
	{ "dcsa-iot-1.0", "dcsa/examples/iot-1.0.0-beta1-01.json", "door_opened 2022-09-19T06:31:00+02:00 MSKU9070323\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/iot-1.0.0-beta1-02.json", "door_opened 2019-11-12T07:41:00+08:30 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/iot-1.0.0-beta1-03.json", "door_opened 2022-09-19T06:31:00+02:00 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/iot-1.0.0-beta1-04.json", "retracted 2022-09-20T07:41:00+08:30 - <- 957e4966-dad0-4111-9f8f-fb7216c43907\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/reefer-1.0.0-beta1-01.json",
	  "temperature 2022-09-19T06:31:00+02:00 MSKU9070323\ntemperature 2019-11-12T07:41:00+08:30 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/reefer-1.0.0-beta1-02.json",
	  "temperature 2019-11-12T07:41:00+08:30 APZU4812090\ntemperature 2018-03-18T17:36:00+01:00 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/reefer-1.0.0-beta1-03.json", "temperature 2022-09-19T06:31:00+02:00 APZU4812090\n" },
	{ "dcsa-iot-1.0", "dcsa/examples/reefer-1.0.0-beta1-04.json",
	  "retracted 2022-09-20T07:41:00+08:30 - <- 957e4966-dad0-4111-9f8f-fb7216c43907\n" },
	/* a document was issued; a loading is estimated, and is none */
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-01.json",
	  "other 2022-09-19T06:31:00+02:00 APZU4812090\nother 2022-10-05T13:19:00+02:00 APZU4812090\n" },
	/* a drop-off has no canonical type; APNR7744962 is no container number */
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-02.json", "other 2019-11-12T07:41:00+08:30 APZU4812090\nrefused bad-field /container\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-03.json",
	  "retracted 2022-09-20T07:41:00+08:30 - <- 957e4966-dad0-4111-9f8f-fb7216c43907\nother 2022-10-03T02:55:00+03:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-04.json", "other 2022-09-19T06:31:00+02:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-05.json", "other 2022-09-30T09:25:00+02:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-06.json", "other 2022-10-03T02:55:00+03:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-07.json", "other 2022-10-03T02:55:00+03:00 APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/examples/tnt-3.0.0-beta1-08.json",
	  "retracted 2022-09-20T07:41:00+08:30 - <- 957e4966-dad0-4111-9f8f-fb7216c43907\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-equipment.json", "loaded 2026-01-20T14:15:00Z APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-iot.json", "door_opened 2026-01-20T16:45:00Z APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-reefer.json", "temperature 2026-01-20T18:00:00Z APZU4812090\n" },
	/* of a booking and of a vessel, with no container in it */
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-shipment.json", "refused missing-field events.0.equipmentDetails.equipmentReference\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-request-transport.json", "refused missing-field events.0.equipmentDetails.equipmentReference\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-response.json",
	  "refused missing-field events.0.equipmentDetails.equipmentReference\nrefused missing-field events.1.equipmentDetails.equipmentReference\n"
	  "gate_in 2026-01-17T13:45:00Z APZU4812090\nposition 2026-01-18T15:20:00Z APZU4812090\ntemperature 2026-01-19T17:00:00Z APZU4812090\n" },
	{ "dcsa-tnt-3.0", "dcsa/tnt3/tnt-300-response-nextpage.json",
	  "refused missing-field events.0.equipmentDetails.equipmentReference\nrefused missing-field events.1.equipmentDetails.equipmentReference\n"
	  "discharged 2026-01-20T12:30:00Z APZU4812090\ndoor_closed 2026-01-20T14:45:00Z APZU4812090\nother 2026-01-20T16:30:00Z APZU4812090\n" },
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response.json",
	  "arrived 2021-01-09T14:12:56+01:00 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\nother 2021-01-23T12:34:56Z APZU4812090\n"
	  "arrived 2021-01-09T14:12:56+01:00 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\nother 2021-01-09T14:12:56Z APZU4812090\n"
	  "other 2019-11-12T07:41:00+08:30 APZU4812090\n" },
	/* APZU2134567 has a wrong check digit: taken, and marked */
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response-wrong-attribute-values.json",
	  "refused missing-field $.0.equipmentReference\nrefused missing-field $.1.equipmentReference\nother 2021-01-09T14:12:56Z APZU2134567\n" },
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response-wrong-date-times.json",
	  "refused missing-field $.0.equipmentReference\nrefused missing-field $.1.equipmentReference\nrefused missing-field $.2.eventDateTime\n"
	  "refused missing-field $.3.equipmentReference\nrefused missing-field $.4.equipmentReference\nrefused missing-field $.5.equipmentReference\n"
	  "refused missing-field $.6.equipmentReference\n" },
	/* a number as id is an id; the same id twice is for the store to find */
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response-wrong-event-ids.json",
	  "other 2019-11-12T07:41:00+08:30 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\n"
	  "other 2019-11-12T07:41:00+08:30 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\nother 2019-11-12T07:41:00+08:30 APZU4812090\n"
	  "other 2019-11-12T07:41:00+08:30 APZU4812090\n" },
	{ "dcsa-tnt-2.2", "dcsa/tnt3/tnt-220-response-wrong-structure.json",
	  "refused missing-field $.0.eventClassifierCode\nrefused missing-field $.1.eventClassifierCode\n" },
	{ "epcis-2.0", "epcis/examples/AssociationEvent-a.jsonld", "other 2019-11-01T14:00:00.000+01:00 - urn:epc:id:giai:4000001.12345\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample1.jsonld",
	  "inspected 2019-04-02T15:00:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:05:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-04-02T14:35:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:55:00.000+01:00 - urn:epc:id:giai:4000001.111\n" },
	/* goods, seen by nothing that has a name */
	{ "epcis-2.0", "epcis/examples/SensorDataExample3.jsonld", "refused missing-field /container\nrefused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample5.jsonld",
	  "inspected 2019-04-02T15:00:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:05:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-04-02T14:15:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:25:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-04-02T14:35:00.000+01:00 - urn:epc:id:giai:4000001.111\nstatus 2019-04-02T14:45:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-04-02T14:55:00.000+01:00 - urn:epc:id:giai:4000001.111\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample7.jsonld",
	  "refused missing-field /container\nstatus 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.111\n"
	  "status 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.112\nstatus 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.113\n"
	  "status 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.114\nstatus 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.115\n"
	  "status 2019-07-19T14:00:00.000+01:00 - urn:epc:id:giai:4000001.116\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample9.jsonld", "refused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample11.jsonld", "refused missing-field /container\nrefused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample13.jsonld", "refused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample15.jsonld", "refused missing-field /container\n" },
	{ "epcis-2.0", "epcis/examples/SensorDataExample17.jsonld", "refused missing-field /container\n" },
};

/* Folders whose every sample is in the table: a new one must not go by unread. */
static void check_none_forgotten(struct arena *arena, const char *reference, const char *folder)
{
	char **files;
	must_succeed(file_list(arena_printf(arena, "%s/events/%s", reference, folder), arena, &files, error));
	for (; *files; files++) {
		const char *name = arena_printf(arena, "%s/%s", folder, *files);
		bool known = !text_ends(*files, ".json") && !text_ends(*files, ".jsonld");
		for (size_t i = 0; i < sizeof published / sizeof *published && !known; i++)
			known = text_equal(published[i].file, name);
		if (!known)
			ck_abort_msg("%s is read by no test", name);
	}
}

START_TEST(published_samples_are_read_or_refused)
{
	ARENA_AUTO arena = arena_new();
	const char *reference = reference_folder();
	struct map_set *set = set_of_project(arena);
	for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
		const struct published *p = &published[i];
		const struct mapping *mapping = mapping_find(set, arena_printf(arena, "providers/%s", p->mapping));
		ck_assert_ptr_nonnull(mapping);
		struct outcome o = outcome_of(arena, mapping, json_of_file(arena, arena_printf(arena, "%s/events/%s", reference, p->file)));
		check_outcome(arena, p->file, &o);
		if (strcmp(told(arena, &o), p->told) != 0)
			ck_abort_msg("%s: got\n%s", p->file, told(arena, &o));
	}
	check_none_forgotten(arena, reference, "dcsa/examples");
	check_none_forgotten(arena, reference, "dcsa/tnt3");
	check_none_forgotten(arena, reference, "epcis/examples");
	map_set_free(&set);
}
END_TEST

static int suite_run(void)
{
	Suite *suite = suite_create("published events");
	TCase *tcase = tcase_create("published events");
	tcase_add_test(tcase, published_samples_are_read_or_refused);
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
	return file_exists(arena_printf(arena, "%s/events", reference_folder())) ? suite_run() : 77;
}
