/* What customs makes of a document: a question to a report, a control after the reply, an assessment that is complete after an
 * assurance; an error document where what it says does not hold. Nothing of it can fail: customs always says something. */
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/hub_inside.h"

#define NS_IE "urn:wco:datamodel:eu:ics2:2"
#define MRN_SIZE 18
#define HOUR_MS 3600000LL
#define LRN_MOST 22
#define DECLARANT_MOST 17

struct play {
	struct hub_intake *in;
	struct hub *hub;
	struct arena *arena;
	struct json *line, *remarks;
	struct hub_draft *drafts;
	size_t count;
	int64_t now;
};

typedef void write_fn(const struct setup *setup, const struct affair *affair, int64_t now, struct buffer *out);

static void say(struct play *p, const char *action, const struct affair *affair, write_fn *write)
{
	BUFFER_AUTO out = { 0 };
	write(p->hub->sandbox->setup, affair, p->now, &out);
	p->drafts[p->count++] = (struct hub_draft){ action, arena_bytes(p->arena, buffer_bytes(&out)), affair->lrn };
}

/* HUB_NO_RULE: it is nobody's fault. */
static void object(struct play *p, enum hub_rule rule, const char *lrn, const char *mrn, const struct objection *objection)
{
	BUFFER_AUTO out = { 0 };
	const char *type = rule == HUB_LIFE_CYCLE ? "IE3N01" : "IE3N99";
	bool fits = !lrn || strlen(lrn) <= LRN_MOST;
	struct objection told = *objection;
	if (strlen(told.text) > 512)   /* an..512 */
		told.text = arena_text_n(p->arena, told.text, text_utf8_check((struct bytes){ (const uint8_t *)told.text, 512 }));
	hub_write_errors(type, fits ? lrn : NULL, mrn && strlen(mrn) == MRN_SIZE ? mrn : NULL, &told, p->now, &out);
	p->drafts[p->count++] = (struct hub_draft){ type, arena_bytes(p->arena, buffer_bytes(&out)), lrn };
	if (rule == HUB_NO_RULE)
		return;
	json_append(p->remarks, json_new_text(p->arena, hub_rule_row(rule)->slug));
	json_set_text(p->arena, p->line, "objection", told.text);
}

static bool is_on(const struct play *p, enum scenario scenario)
{
	return p->hub->sandbox->setup->scenarios.on[scenario];
}

/* ---- reports ---- */

/* An identifier of the form of an MRN, the same for the same report. */
static const char *identifier_of(struct play *p, const char *lrn)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	char time[CLOCK_TEXT_SIZE];
	BUFFER_AUTO hex = { 0 };
	digest_sha256(bytes_of_text(lrn), digest);
	text_hex(&hex, (struct bytes){ digest, 7 });
	char *id = arena_printf(p->arena, "%.2s%.2s%.14s", clock_format_304(p->now, time) + 2, p->hub->sandbox->setup->authority.country, buffer_text(&hex));
	for (char *c = id; *c; c++)
		if (*c >= 'a' && *c <= 'f')
			*c = (char)(*c - 'a' + 'A');
	return id;
}

static struct bill bill_of(struct play *p, const struct declaration *d, const char *type)
{
	const char *number = declaration_earlier(d, type);
	return (struct bill){ number, number ? arena_printf(p->arena, "N%s", type) : NULL };
}

static struct affair affair_of(struct play *p, const struct declaration *d)
{
	const char *mrn = declaration_earlier(d, "355"), *id = identifier_of(p, d->reference);
	size_t length = strlen(d->reference);
	struct affair a = { .lrn = d->reference, .id = id, .mrn = mrn && strlen(mrn) == MRN_SIZE ? mrn : id, .container = d->container,
		            .declarant = d->submitter && strlen(d->submitter) <= DECLARANT_MOST ? d->submitter : NULL,
		            .master = bill_of(p, d, "705"), .house = bill_of(p, d, "714"), .arrives = declaration_arrival(p->arena, d) };
	if (!a.declarant && strlen(p->in->peer->setup->party.id) <= DECLARANT_MOST)
		a.declarant = p->in->peer->setup->party.id;
	if (!a.house.number)
		a.house = bill_of(p, d, "703");
	if (d->kind == LODGED_REPORT)   /* an..17 */
		a.question = arena_printf(p->arena, "Q-%s", d->reference + (length > 15 ? length - 15 : 0));
	return a;
}

static struct json *bill_keep(struct arena *arena, const struct bill *bill)
{
	struct json *out = json_new_object(arena);
	json_set_text(arena, out, "number", bill->number);
	json_set_text(arena, out, "type", bill->type);
	return out;
}

static void affair_keep(struct play *p, const struct affair *a)
{
	struct json *out = json_new_object(p->arena);
	json_set_text(p->arena, out, "lrn", a->lrn);
	json_set_text(p->arena, out, "id", a->id);
	json_set_text(p->arena, out, "mrn", a->mrn);
	json_set_text(p->arena, out, "container", a->container);
	json_set_text(p->arena, out, "declarant", a->declarant);
	json_set_text(p->arena, out, "question", a->question);
	json_set(out, "master", bill_keep(p->arena, &a->master));
	json_set(out, "house", bill_keep(p->arena, &a->house));
	if (a->arrives != CLOCK_NONE)
		json_set_integer(p->arena, out, "arrives", a->arrives);
	json_set(p->line, "affair", out);
}

static bool takes_back(const struct declaration *d)
{
	for (size_t i = 0; i < d->statement_count; i++)
		if (text_equal(d->statements[i].code, "RETRACTED"))
			return true;
	return false;
}

static void answer_report(struct play *p, const struct declaration *d)
{
	struct affair a = affair_of(p, d);
	if (is_on(p, SCENARIO_REGISTERED))
		say(p, "IE3R01", &a, hub_write_registered);
	if (d->kind == LODGED_ASSURANCE || takes_back(d)) {
		a.question = NULL;
		say(p, "IE3N03", &a, hub_write_complete);
	} else {
		if (is_on(p, SCENARIO_DO_NOT_LOAD))
			say(p, "IE3Q01", &a, hub_write_do_not_load);
		say(p, "IE3Q02", &a, hub_write_question);
	}
	affair_keep(p, &a);
}

static void answer_about(struct play *p, const struct declaration *d, const struct affair *known)
{
	struct affair a = affair_of(p, d);
	if (d->kind == LODGED_WITHDRAWAL && known) {
		a.id = known->id;
		json_set_text(p->arena, p->line, "withdraws", known->id);
		say(p, "IE3R07", &a, hub_write_invalidated);
		return;
	}
	a.mrn = d->id && strlen(d->id) == MRN_SIZE ? d->id : a.id;
	say(p, "IE3R04", &a, hub_write_arrived);
}

/* ---- what is wrong with a report ---- */

static int check_seal(struct play *p, struct error *error)
{
	const struct hub_intake *in = p->in;
	for (size_t i = 1; i < in->in->count; i++) {
		struct verdict verdict;
		int64_t now = p->hub->sandbox->setup->clock_of_documents ? CLOCK_NONE : p->now;
		if (text_equal(as4_property_find(in->in->parts[i].info->properties, "Purpose"), "signature"))
			TRY(verify_detached(p->arena, in->parts[0], in->parts[i], p->hub->anchors, NULL, now, &verdict, error));
	}
	return 0;
}

static int read_declaration(struct play *p, struct declaration *d, struct error *error)
{
	struct xml_document *document;
	struct error unread = { 0 };
	TRY(xml_parse(p->arena, p->in->parts[0], NULL, &document, error));
	int read = declaration_read(p->arena, document, d, &unread);  /* first: an error document is to name its reference */
	TRY(validate_document(p->hub->sandbox->validator, "wco-dms/declaration.xsd", p->in->parts[0], error));
	if (read < 0)
		FAIL(error, BAD_FIELD, "%s", unread.text);
	return check_seal(p, error);
}

static const char *words_of(struct play *p, const struct error *error)
{
	return arena_printf(p->arena, "%s%s%s", error->place, *error->place ? ": " : "", error->text);
}

static void play_declaration(struct play *p)
{
	static const char *const actions[] = { "SCI001", "SCA001", "SCW001", "SCR001", "" };
	struct error error = { 0 };
	struct declaration d = { .kind = LODGED_OTHER };
	struct decision decision;
	const char *action = p->in->in->header.user.collaboration.action;
	if (read_declaration(p, &d, &error) < 0) {
		object(p, HUB_CONTENT, d.reference, NULL, &(struct objection){ "SBX00001", words_of(p, &error), "/" });
		return;
	}
	const char *peer = p->in->peer->setup->name;
	struct affair *known = d.id ? ledger_find_id(p->hub->ledger, peer, d.id) : NULL;
	enum known state = !known ? KNOWN_NOT : known->withdrawn ? KNOWN_WITHDRAWN : KNOWN_STANDS;
	if (d.issued != CLOCK_NONE)
		sandbox_heard(p->hub->sandbox, d.issued);
	p->now = hub_time(p->hub);
	judge(p->arena, &d, state, p->hub->sandbox->setup->clock_of_documents ? CLOCK_NONE : p->now, &decision);
	bool unknown = text_equal(decision.function, "03") && text_starts(decision.objection.code, "SBX1201") && d.kind == LODGED_WITHDRAWAL;
	if (!text_equal(actions[d.kind], action))
		object(p, HUB_CONTENT, d.reference, d.id, &(struct objection){ "SBX00002", arena_printf(p->arena, "this is %s, which does not go with action %s",
		       d.kind == LODGED_OTHER ? "a declaration of an unknown type" : lodged_kind_name(d.kind), action), "/MetaData/Declaration/TypeCode" });
	else if (ledger_find_affair(p->hub->ledger, peer, d.reference))
		object(p, HUB_LIFE_CYCLE, d.reference, NULL, &(struct objection){ "SBX00003", "the FunctionalReferenceID was used before, in another message",
		       "/MetaData/Declaration/FunctionalReferenceID" });
	else if (text_equal(decision.function, "03"))
		object(p, unknown ? HUB_LIFE_CYCLE : HUB_CONTENT, d.reference, d.id, &decision.objection);
	else if (is_on(p, SCENARIO_REJECT))
		object(p, HUB_NO_RULE, d.reference, NULL, &(struct objection){ "SBX90000", "rejected because the scenario says so", "/MetaData/Declaration" });
	else if (d.kind == LODGED_REPORT || d.kind == LODGED_ASSURANCE)
		answer_report(p, &d);
	else
		answer_about(p, &d, known);
	json_set_text(p->arena, p->line, "lrn", d.reference);
	json_set_text(p->arena, p->line, "container", d.container);
}

/* ---- replies ---- */

/* The name by which an attachment goes is the identification in the document, and each is named (ICS2 ICD 4.2.5). */
static const char *files_wrong(struct play *p, const struct xml_node *root)
{
	const struct as4_incoming *in = p->in->in;
	size_t named = 0;
	for (const struct xml_node *d = xml_child(root, NS_IE, "referralResponseDetails"); d; d = xml_next_same(d))
		for (const struct xml_node *f = xml_child(d, NS_IE, "binaryFile"); f; f = xml_next_same(f)) {
			const char *id = xml_child_text(p->arena, f, NS_IE, "identification"), *type = xml_child_text(p->arena, f, NS_IE, "MIME");
			size_t i = 1;
			while (i < in->count && !text_equal(in->parts[i].info->cid, id))
				i++;
			if (i >= in->count)
				return arena_printf(p->arena, "file \"%.120s\" is no part of the message", id);
			if (!text_equal(in->parts[i].info->mime_type, type))
				return arena_printf(p->arena, "file \"%.120s\" is \"%.60s\" in the document, and \"%.60s\" in the message", id, type,
				                    in->parts[i].info->mime_type);
			named++;
		}
	return named == in->count - 1 ? NULL : "a part of the message is named by no binaryFile of the document";
}

static bool objects_to_reply(struct play *p, const struct xml_node *root, const char *mrn, struct json *answers, struct affair **affair_r)
{
	const char *wrong = files_wrong(p, root);
	for (const struct xml_node *d = xml_child(root, NS_IE, "referralResponseDetails"); d && !wrong; d = xml_next_same(d)) {
		const char *reference = xml_child_text(p->arena, d, NS_IE, "referralRequestReference");
		struct affair *a = reference ? ledger_find_question(p->hub->ledger, p->in->peer->setup->name, reference) : NULL;
		if (!a)
			wrong = arena_printf(p->arena, "nobody asked \"%.60s\": it is no referralRequestReference of the hub's", reference ? reference : "");
		else if (!text_equal(a->mrn, mrn))
			wrong = arena_printf(p->arena, "question \"%.60s\" is about MRN %s, not %.60s", reference, a->mrn, mrn ? mrn : "");
		else if (a->answered) {
			object(p, HUB_LIFE_CYCLE, NULL, mrn, &(struct objection){ "SBX00004", "the question was answered before", "/IE3R02/referralResponseDetails" });
			return true;
		}
		*affair_r = a;
		json_append(answers, json_new_text(p->arena, reference));
	}
	if (wrong)
		object(p, HUB_CONTENT, NULL, mrn, &(struct objection){ "SBX00005", wrong, "/IE3R02/referralResponseDetails" });
	return wrong != NULL;
}

static void play_reply(struct play *p)
{
	struct xml_document *document = NULL;
	struct json *answers = json_new_array(p->arena);
	struct affair *affair = NULL;
	struct error error = { 0 };
	if (xml_parse(p->arena, p->in->parts[0], NULL, &document, &error) < 0 ||
	    validate_document(p->hub->sandbox->validator, "eu-hub/IE3R02.xsd", p->in->parts[0], &error) < 0) {
		object(p, HUB_CONTENT, NULL, document ? xml_child_text(p->arena, document->root, NS_IE, "MRN") : NULL,
		       &(struct objection){ "SBX00001", words_of(p, &error), "/IE3R02" });
		return;
	}
	const char *mrn = xml_child_text(p->arena, document->root, NS_IE, "MRN");
	if (objects_to_reply(p, document->root, mrn, answers, &affair))
		return;
	json_set(p->line, "answers", answers);
	/* Several controls of one box are one after the other. */
	struct affair controlled = *affair;
	controlled.arrives = (affair->arrives > p->now ? affair->arrives : p->now) +
	                     (int64_t)ledger_count_answered(p->hub->ledger, affair->peer, affair->container) * HOUR_MS;
	say(p, "IE3N08", &controlled, hub_write_control);
	if (is_on(p, SCENARIO_COMPLETE))
		say(p, "IE3N03", affair, hub_write_complete);
}

size_t hub_play(struct hub_intake *in, struct json *line, struct json *remarks, struct hub_draft *drafts)
{
	struct play p = { .in = in, .hub = in->hub, .arena = in->arena, .line = line, .remarks = remarks, .drafts = drafts, .now = hub_time(in->hub) };
	if (text_equal(in->in->header.user.collaboration.service, in->hub->setup->service))
		play_declaration(&p);
	else
		play_reply(&p);
	for (size_t i = 0; i < p.count; i++)
		log_info("hub", in->in->header.message_id, "%s%s%s to %s", drafts[i].action, drafts[i].about ? " about " : "", drafts[i].about ? drafts[i].about : "",
		         in->peer->setup->name);
	return is_on(&p, SCENARIO_NO_ANSWER) ? 0 : p.count;
}
