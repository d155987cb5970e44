/* The documents of customs, as schemas/eu-hub has them: what the public tables of ICS2 name, and nothing that they do not. */
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "sandbox/hub_inside.h"

#define NS_IE "urn:wco:datamodel:eu:ics2:2"
#define HOUR_MS 3600000LL

static void begin(struct buffer *out, const char *type)
{
	buffer_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"" NS_IE "\">", type);
}

static void element(struct buffer *out, const char *name, const char *text)
{
	if (text_empty(text))
		return;
	buffer_printf(out, "<%s>", name);
	xml_escape_text(out, text);
	buffer_printf(out, "</%s>", name);
}

/* Whole seconds, UTC. */
static void time_write(struct buffer *out, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	buffer_printf(out, "<%s><DateTime>%s</DateTime></%s>", name, clock_format(ms / 1000 * 1000, text), name);
}

static void inside_write(struct buffer *out, const char *outer, const char *name, const char *text)
{
	if (text_empty(text))
		return;
	buffer_printf(out, "<%s>", outer);
	element(out, name, text);
	buffer_printf(out, "</%s>", outer);
}

static void bill_write(struct buffer *out, const char *name, const struct bill *bill)
{
	if (!bill->number)
		return;
	buffer_printf(out, "<%s>", name);
	element(out, "documentNumber", bill->number);
	element(out, "type", bill->type);
	buffer_printf(out, "</%s>", name);
}

static void subjects_write(struct buffer *out, const char *name, const struct affair *a)
{
	buffer_printf(out, "<%s>", name);
	bill_write(out, "transportDocument", &a->house);
	inside_write(out, "transportEquipment", "containerIdentificationNumber", a->container);
	buffer_printf(out, "</%s>", name);
}

void hub_write_registered(const struct setup *setup, const struct affair *a, int64_t now, struct buffer *out)
{
	begin(out, "IE3R01");
	element(out, "LRN", a->lrn);
	element(out, "MRN", a->id);
	time_write(out, "registrationDate", now);
	element(out, "SpecificCircumstanceIndicator", "SCI");
	inside_write(out, "addressedMemberState", "country", setup->authority.country);
	bill_write(out, "transportDocument", &a->master);
	inside_write(out, "declarant", "identificationNumber", a->declarant);
	inside_write(out, "customsOfficeOfFirstEntry", "referenceNumber", setup->authority.office);
	buffer_add_text(out, "</IE3R01>\n");
}

void hub_write_do_not_load(const struct setup *setup, const struct affair *a, int64_t now, struct buffer *out)
{
	begin(out, "IE3Q01");
	time_write(out, "documentIssueDate", now);
	element(out, "MRN", a->mrn);
	inside_write(out, "responsibleMemberState", "country", setup->authority.country);
	bill_write(out, "transportDocument", &a->master);
	inside_write(out, "declarant", "identificationNumber", a->declarant);
	subjects_write(out, "doNotLoadDetails", a);
	buffer_add_text(out, "</IE3Q01>\n");
}

/* Which report it is about stands in the supporting document and in the words; IE3Q02 has no LRN and no container. */
void hub_write_question(const struct setup *setup, const struct affair *a, int64_t now, struct buffer *out)
{
	BUFFER_AUTO words = { 0 };
	buffer_printf(&words, "Your report %s%s%s: who had the box at the time of the event, and which seal is on it now?", a->lrn,
	              a->container ? " on container " : "", a->container ? a->container : "");
	begin(out, "IE3Q02");
	time_write(out, "documentIssueDate", now);
	element(out, "MRN", a->mrn);
	inside_write(out, "responsibleMemberState", "country", setup->authority.country);
	inside_write(out, "declarant", "identificationNumber", a->declarant);
	buffer_add_text(out, "<referralRequestDetails>");
	element(out, "referralRequestReference", a->question);
	element(out, "requestType", "1");
	bill_write(out, "transportDocumentHouse", &a->house);
	bill_write(out, "transportDocumentMaster", &a->master);
	buffer_add_text(out, "<supportingDocuments>");
	element(out, "referenceNumber", a->lrn);
	buffer_add_text(out, "</supportingDocuments><additionalInformation>");
	element(out, "text", buffer_text(&words));
	buffer_add_text(out, "</additionalInformation><pointer><messageElementPath>/MetaData/Declaration/GoodsShipment/Consignment/TransportEquipment[1]/ID"
	                "</messageElementPath></pointer></referralRequestDetails></IE3Q02>\n");
}

void hub_write_complete(const struct setup *setup, const struct affair *a, int64_t now, struct buffer *out)
{
	begin(out, "IE3N03");
	element(out, "MRN", a->mrn);
	time_write(out, "completionDate", now);
	subjects_write(out, "assessmentComplete", a);
	inside_write(out, "responsibleMemberState", "country", setup->authority.country);
	bill_write(out, "transportDocument", &a->master);
	inside_write(out, "declarant", "identificationNumber", a->declarant);
	buffer_add_text(out, "</IE3N03>\n");
}

/* Six hours from now, or after the vessel's arrival where it is still at sea, at a full hour. */
void hub_write_control(const struct setup *setup, const struct affair *a, int64_t now, struct buffer *out)
{
	int64_t from = a->arrives != CLOCK_NONE && a->arrives > now ? a->arrives : now;
	begin(out, "IE3N08");
	element(out, "MRN", a->mrn);
	time_write(out, "notificationDate", now);
	time_write(out, "scheduledControlDate", (from / HOUR_MS + 7) * HOUR_MS);
	inside_write(out, "customsOfficeOfControl", "referenceNumber", setup->authority.office);
	bill_write(out, "transportDocument", &a->master);
	buffer_add_text(out, "<control><examinationPlace>");
	element(out, "placeOfExamination", setup->authority.place_name);
	element(out, "referenceNumber", setup->authority.place_code);
	buffer_add_text(out, "</examinationPlace><controlSubject><consignmentMasterLevel>");
	inside_write(out, "transportEquipment", "containerIdentificationNumber", a->container);
	buffer_add_text(out, "</consignmentMasterLevel></controlSubject></control>");
	inside_write(out, "declarant", "identificationNumber", a->declarant);
	buffer_add_text(out, "</IE3N08>\n");
}

void hub_write_invalidated(const struct setup *setup, const struct affair *a, int64_t now, struct buffer *out)
{
	(void)setup;
	begin(out, "IE3R07");
	element(out, "LRN", a->lrn);
	element(out, "MRN", a->id);
	time_write(out, "invalidationDate", now);
	inside_write(out, "declarant", "identificationNumber", a->declarant);
	buffer_add_text(out, "</IE3R07>\n");
}

void hub_write_arrived(const struct setup *setup, const struct affair *a, int64_t now, struct buffer *out)
{
	begin(out, "IE3R04");
	element(out, "LRN", a->lrn);
	element(out, "MRN", a->mrn);
	time_write(out, "registrationDate", now);
	inside_write(out, "personNotifyingTheArrival", "identificationNumber", a->declarant);
	inside_write(out, "customsOfficeOfFirstEntry", "referenceNumber", setup->authority.office);
	buffer_add_text(out, "</IE3R04>\n");
}

void hub_write_errors(const char *type, const char *lrn, const char *mrn, const struct objection *o, int64_t now, struct buffer *out)
{
	begin(out, type);
	element(out, "LRN", lrn);
	element(out, "MRN", mrn);
	time_write(out, "notificationDate", now);
	buffer_add_text(out, "<error>");
	element(out, "description", o->text);
	element(out, "validationCode", o->code);
	inside_write(out, "pointer", "messageElementPath", o->pointer);
	buffer_printf(out, "</error></%s>\n", type);
}
