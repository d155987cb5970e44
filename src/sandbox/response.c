#include "sandbox/response.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"

#define HOUR_MS 3600000LL

static void element(struct buffer *out, const char *name, const char *text)
{
	if (text_empty(text))
		return;
	buffer_printf(out, "<%s>", name);
	xml_escape_text(out, text);
	buffer_printf(out, "</%s>", name);
}

static void element_time(struct buffer *out, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];
	buffer_printf(out, "<%s><r:DateTimeString formatCode=\"304\">%s</r:DateTimeString></%s>", name, clock_format_304(ms, text), name);
}

static bool is_class(const char *text, size_t n)
{
	return n >= 3 && text[0] >= '0' && text[0] <= '9' && text[1] >= '0' && text[1] <= '9' && text[2] >= 'A' && text[2] <= 'Z' && (n == 3 || text[3] == '[');
}

/* "42A/03A[2]/225": a Pointer for each class; a TagID goes into the last. */
static void pointer_write(struct buffer *out, const char *pointer)
{
	for (const char *at = pointer; at && *at;) {
		size_t n = strcspn(at, "/");
		const char *next = at[n] ? at + n + 1 : NULL;
		size_t tag = next ? strcspn(next, "/") : 0;
		bool tagged = tag && !is_class(next, tag);
		buffer_printf(out, "<Pointer><SequenceNumeric>%d</SequenceNumeric><DocumentSectionCode>%.3s</DocumentSectionCode>",
		              n > 4 && at[3] == '[' ? (int)strtol(at + 4, NULL, 10) : 1, at);
		if (tagged)
			buffer_printf(out, "<TagID>%.*s</TagID>", (int)tag, next);
		buffer_add_text(out, "</Pointer>");
		at = tagged ? NULL : next;
	}
}

static int64_t next_hour(int64_t ms)
{
	return (ms / HOUR_MS + 1) * HOUR_MS;
}

static void statement(struct buffer *out, const char *code, const char *text, int64_t limit, const char *type, const char *pointer)
{
	buffer_add_text(out, "<AdditionalInformation>");
	element(out, "StatementCode", code);
	element(out, "StatementDescription", text);
	if (limit != CLOCK_NONE)
		element_time(out, "LimitDateTime", limit);
	element(out, "StatementTypeCode", type);
	pointer_write(out, pointer);
	buffer_add_text(out, "</AdditionalInformation>");
}

#define BOX "42A/67A/28A/31B/159"

/* Six hours from now, or after the vessel's arrival where it is still at sea. */
static void control_statement(const struct response *r, struct buffer *out)
{
	int64_t from = next_hour((r->arrives != CLOCK_NONE && r->arrives > r->issued ? r->arrives : r->issued) + 6 * HOUR_MS);
	char time[CLOCK_TEXT_SIZE];
	BUFFER_AUTO text = { 0 };
	clock_format_304(from, time);
	buffer_printf(&text, "%s officer=team-4 type=%s from=%.8sT%.4sZ disclose=restricted",
	              r->decision->thorough ? "Unpacking. Present box with seal intact; do not open." : "Scan. Present box with seal intact; do not open.",
	              r->decision->thorough ? "unpack" : "scan", time, time + 8);
	statement(out, "X-CONTROL", buffer_text(&text), from + 8 * HOUR_MS, "ACB", r->container ? BOX : NULL);
}

static void statements_write(const struct response *r, struct buffer *out)
{
	if (text_equal(r->function, "05"))
		control_statement(r, out);
	else if (text_equal(r->function, "06"))
		statement(out, "ACA", "Present the raw payload of the event and the record of the device.", next_hour(r->issued + 48 * HOUR_MS), "ACA",
		          r->document_count ? "42A/02A/D005" : "42A");
	else if (text_equal(r->function, "51"))
		statement(out, "X-QUESTION", "Who had the box at the time of the event, and which seal is on it now?", next_hour(r->issued + 24 * HOUR_MS), "ACB",
		          r->container ? BOX : "42A");
	else if (text_equal(r->function, "50"))
		statement(out, NULL, "The box is on hold while other authorities look at it; do not move it.", CLOCK_NONE, "ACB", r->container ? BOX : "42A");
}

static void office_write(const struct setup *setup, struct buffer *out)
{
	buffer_add_text(out, "<ContactOffice>");
	element(out, "ID", setup->authority.office);
	buffer_add_text(out, "<Communication>");
	element(out, "ID", setup->authority.phone);
	buffer_add_text(out, "<TypeCode>TE</TypeCode></Communication></ContactOffice>");
}

static void declaration_write(const struct response *r, struct buffer *out)
{
	buffer_add_text(out, "<Declaration>");
	if (text_equal(r->function, "01"))
		element_time(out, "AcceptanceDateTime", r->issued);
	if (text_equal(r->function, "10"))
		element_time(out, "CancellationDateTime", r->issued);
	element(out, "FunctionalReferenceID", r->reference);
	element(out, "ID", r->id);
	if (text_equal(r->function, "03"))
		element_time(out, "RejectionDateTime", r->issued);
	buffer_add_text(out, "<VersionID>1</VersionID></Declaration>");
}

static void control_place_write(const struct setup *setup, const struct response *r, struct buffer *out)
{
	buffer_add_text(out, "<od:Declaration><od:FunctionCode>9</od:FunctionCode><od:GoodsShipment><od:Consignment><od:GoodsLocation>");
	element(out, "od:Name", setup->authority.place_name);
	element(out, "od:ID", setup->authority.place_code);
	buffer_add_text(out, "<od:TypeCode>A</od:TypeCode></od:GoodsLocation><od:TransportEquipment><od:SequenceNumeric>1</od:SequenceNumeric>");
	element(out, "od:ID", r->container);
	buffer_add_text(out, "</od:TransportEquipment></od:Consignment></od:GoodsShipment></od:Declaration>");
}

static void error_write(const struct objection *o, struct buffer *out)
{
	buffer_add_text(out, "<Error>");
	element(out, "Description", o->text);
	element(out, "ValidationCode", o->code);
	pointer_write(out, o->pointer);
	buffer_add_text(out, "</Error>");
}

void response_write(const struct setup *setup, const struct response *r, struct buffer *out)
{
	bool stops = text_equal(r->function, "05") || text_equal(r->function, "06") || text_equal(r->function, "50") || text_equal(r->function, "51");
	bool releases = text_equal(r->function, "08") || text_equal(r->function, "09");
	buffer_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                "<md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\" xmlns=\"urn:wco:datamodel:WCO:RES-DMS:2\" "
	                "xmlns:r=\"urn:wco:datamodel:WCO:Response_DS:DMS:2\" xmlns:od=\"urn:wco:datamodel:WCO:DEC-DMS:2\">"
	                "<md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode><md:WCOTypeName>RES</md:WCOTypeName>");
	element(out, "md:ResponsibleCountryCode", setup->authority.country);
	element(out, "md:ResponsibleAgencyName", setup->authority.name);
	buffer_add_text(out, "<Response>");
	element(out, "FunctionCode", r->function);
	element(out, "FunctionalReferenceID", r->number);
	element_time(out, "IssueDateTime", r->issued);
	statements_write(r, out);
	if (stops)
		office_write(setup, out);
	if (text_equal(r->function, "03"))
		error_write(&r->decision->objection, out);
	if (releases) {
		buffer_add_text(out, "<Status>");
		element_time(out, "ReleaseDateTime", r->issued);
		pointer_write(out, r->container ? BOX : NULL);
		buffer_add_text(out, "</Status>");
	}
	declaration_write(r, out);
	if (text_equal(r->function, "05"))
		control_place_write(setup, r, out);
	buffer_add_text(out, "</Response></md:MetaData>");
}
