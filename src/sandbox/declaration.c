#include "sandbox/declaration.h"

#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"

#define DEC "urn:wco:datamodel:WCO:DEC-DMS:2"
#define DEC_DS "urn:wco:datamodel:WCO:Declaration_DS:DMS:2"

static const struct {
	const char *function, *type, *name;
} kinds[] = {
	[LODGED_REPORT] = { "9", "SCI", "integrity report" },
	[LODGED_ASSURANCE] = { "9", "SCA", "assurance" },
	[LODGED_WITHDRAWAL] = { "13", "INV", "withdrawal" },
	[LODGED_ARRIVAL] = { "13", "GPR", "arrival notification" },
	[LODGED_OTHER] = { NULL, NULL, "declaration of an unknown type" },
};

const char *lodged_kind_name(enum lodged_kind kind)
{
	return kinds[kind].name;
}

static const char *text_of(struct arena *arena, const struct xml_node *parent, const char *name)
{
	return xml_child_text(arena, parent, DEC, name);
}

static void statements_read(struct arena *arena, const struct xml_node *root, struct declaration *d)
{
	const struct xml_node *first = xml_child(root, DEC, "AdditionalInformation");
	size_t count = 0;
	for (const struct xml_node *at = first; at; at = xml_next_same(at))
		count++;
	d->statements = arena_array(arena, count + 1, sizeof *d->statements);
	for (const struct xml_node *at = first; at; at = xml_next_same(at)) {
		const char *code = text_of(arena, at, "StatementCode"), *description = text_of(arena, at, "StatementDescription");
		d->statements[d->statement_count++] = (struct statement){ code ? code : "", description ? description : "" };
	}
	for (const struct xml_node *at = xml_child(root, DEC, "AdditionalDocument"); at; at = xml_next_same(at))
		d->document_count++;
}

static void earlier_read(struct arena *arena, const struct xml_node *shipment, struct declaration *d)
{
	const struct xml_node *first = xml_child(shipment, DEC, "PreviousDocument");
	size_t count = 0;
	for (const struct xml_node *at = first; at; at = xml_next_same(at))
		count++;
	d->earlier = arena_array(arena, count + 1, sizeof *d->earlier);
	for (const struct xml_node *at = first; at; at = xml_next_same(at))
		d->earlier[d->earlier_count++] = (struct earlier_document){ text_of(arena, at, "TypeCode"), text_of(arena, at, "ID") };
}

const char *declaration_earlier(const struct declaration *d, const char *type)
{
	for (size_t i = 0; i < d->earlier_count; i++)
		if (text_equal(d->earlier[i].type, type))
			return d->earlier[i].id;
	return NULL;
}

/* "20160220T0400Z" */
int64_t declaration_arrival(struct arena *arena, const struct declaration *d)
{
	int64_t ms;
	for (size_t i = 0; i < d->statement_count; i++) {
		const char *eta = text_equal(d->statements[i].code, "X-CALL") ? statement_value(arena, &d->statements[i], "eta") : NULL;
		if (eta && strlen(eta) == 14 && eta[8] == 'T' && clock_parse_304(arena_printf(arena, "%.8s%.4s00Z", eta, eta + 9), &ms, NULL) == 0)
			return ms;
	}
	return CLOCK_NONE;
}

int declaration_read(struct arena *arena, const struct xml_document *document, struct declaration *declaration_r, struct error *error)
{
	const struct xml_node *root = xml_child(document->root, DEC, "Declaration");
	struct declaration d = { .kind = LODGED_REPORT, .issued = CLOCK_NONE };
	if (!root)
		FAIL(error, BAD_FIELD, "there is no Declaration in the document");
	d.function = text_of(arena, root, "FunctionCode");
	d.reference = text_of(arena, root, "FunctionalReferenceID");
	d.id = text_of(arena, root, "ID");
	d.type = text_of(arena, root, "TypeCode");
	if (!d.function || text_empty(d.reference) || !d.type)
		FAIL(error, BAD_FIELD, "the Declaration has no FunctionCode, FunctionalReferenceID or TypeCode");
	const char *issued = xml_child_text(arena, xml_child(root, DEC, "IssueDateTime"), DEC_DS, "DateTimeString");
	if (issued)
		TRY(clock_parse_304(issued, &d.issued, error));
	const struct xml_node *consignment = xml_child(xml_child(root, DEC, "GoodsShipment"), DEC, "Consignment");
	d.container = text_of(arena, xml_child(consignment, DEC, "TransportEquipment"), "ID");
	while (d.kind < LODGED_OTHER && !(text_equal(kinds[d.kind].function, d.function) && text_equal(kinds[d.kind].type, d.type)))
		d.kind++;
	d.submitter = text_of(arena, xml_child(root, DEC, "Submitter"), "ID");
	statements_read(arena, root, &d);
	earlier_read(arena, xml_child(root, DEC, "GoodsShipment"), &d);
	*declaration_r = d;
	return 0;
}

/* ---- the tail ---- */

static int hex_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *decode(struct arena *arena, const char *text, size_t size)
{
	char *out = arena_alloc(arena, size + 1), *to = out;
	for (size_t i = 0; i < size; i++) {
		int high = text[i] == '%' && i + 2 < size ? hex_of(text[i + 1]) : -1, low = high >= 0 ? hex_of(text[i + 2]) : -1;
		if (low >= 0 && high + low > 0) {
			*to++ = (char)(high * 16 + low);
			i += 2;
		} else {
			*to++ = text[i];
		}
	}
	return out;
}

const char *statement_value(struct arena *arena, const struct statement *statement, const char *key)
{
	const char *start = statement->description, *end = start + strlen(start);
	size_t length = strlen(key);
	while (end > start) {
		const char *word = end;
		while (word > start && word[-1] != ' ')
			word--;
		const char *equals = memchr(word, '=', (size_t)(end - word));
		if (!equals)
			return NULL;
		if ((size_t)(equals - word) == length && memcmp(word, key, length) == 0)
			return decode(arena, equals + 1, (size_t)(end - equals - 1));
		end = word > start ? word - 1 : start;
	}
	return NULL;
}
