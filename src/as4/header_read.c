/* eb:Messaging in: element by element, in the order of the schema (ebMS 3 Core, appendix A). */
#include <string.h>

#include "as4/header.h"
#include "as4/names.h"
#include "lib/base/text.h"

#define TEXT_MOST 1024
#define PROPERTIES_MOST 64

/* Goes over an element's children in order. */
struct walk {
	struct arena *arena;
	const struct xml_node *parent, *at;
	struct fault *fault;
};

static bool is_at(const struct walk *w, const char *name)
{
	return w->at && text_equal(w->at->uri, NS_EB) && text_equal(w->at->name, name);
}

static const struct xml_node *take(struct walk *w, const char *name)
{
	const struct xml_node *node = is_at(w, name) ? w->at : NULL;
	if (node)
		w->at = node->next;
	return node;
}

static int need(struct walk *w, const char *name, const struct xml_node **node_r)
{
	*node_r = take(w, name);
	if (!*node_r)
		REFUSE(w->fault, INVALID_HEADER, "line %u: eb:%s has no eb:%s at its place", w->parent->line, w->parent->name, name);
	return 0;
}

/* Nothing may be left, but elements of other namespaces where `others` says so. */
static int walk_end(struct walk *w, bool others)
{
	while (others && w->at && !text_equal(w->at->uri, NS_EB))
		w->at = w->at->next;
	if (w->at)
		REFUSE(w->fault, INVALID_HEADER, "line %u: \"%.60s\" is out of place in eb:%s", w->at->line, w->at->name, w->parent->name);
	return 0;
}

static struct walk walk_of(const struct walk *w, const struct xml_node *parent)
{
	return (struct walk){ w->arena, parent, parent->child, w->fault };
}

static int check_text(const struct walk *w, const struct xml_node *node, const char *name, const char *text)
{
	size_t n = strlen(text);
	if (n == 0 || n > TEXT_MOST)
		REFUSE(w->fault, INVALID_HEADER, "line %u: %s of eb:%s is empty or longer than %d octets", node->line, name, node->name, TEXT_MOST);
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			REFUSE(w->fault, INVALID_HEADER, "line %u: %s of eb:%s holds a control character", node->line, name, node->name);
	return 0;
}

static int text_of(const struct walk *w, const struct xml_node *node, const char **text_r)
{
	*text_r = xml_text(w->arena, node);
	if (node->child)
		REFUSE(w->fault, INVALID_HEADER, "line %u: eb:%s holds an element where text is due", node->line, node->name);
	return check_text(w, node, "the text", *text_r);
}

static int attribute_of(const struct walk *w, const struct xml_node *node, const char *name, bool required, const char **value_r)
{
	const char *value = xml_attribute(node, name);
	*value_r = NULL;
	if (!value && required)
		REFUSE(w->fault, INVALID_HEADER, "line %u: eb:%s has no attribute \"%s\"", node->line, node->name, name);
	if (!value)
		return 0;
	TRY(check_text(w, node, name, value));
	*value_r = value;
	return 0;
}

static int need_text(struct walk *w, const char *name, const char **text_r)
{
	const struct xml_node *node;
	TRY(need(w, name, &node));
	return text_of(w, node, text_r);
}

/* RFC 2822 msg-id without its angle brackets; only what could break a log or a file name is refused. */
static int check_id(const struct walk *w, const char *name, const char *id)
{
	if (strlen(id) > 255 || strpbrk(id, " <>\"\\"))
		REFUSE(w->fault, INVALID_HEADER, "%s \"%.80s\" is no message id of at most 255 characters (RFC 2822)", name, id);
	for (const char *c = id; *c; c++)
		if ((unsigned char)*c > '~')
			REFUSE(w->fault, INVALID_HEADER, "%s \"%.80s\" is not ASCII", name, id);
	return 0;
}

/* xsd:dateTime; without a zone it is UTC (ebMS 3 Core 5.2.2.1, ICS2 ICD 4.2.1). */
static int read_time(const struct walk *w, const char *text, int64_t *time_r)
{
	const char *t = strchr(text, 'T');
	bool zone = t && (strchr(t, 'Z') || strchr(t, '+') || strchr(t, '-'));
	if (clock_parse(zone ? text : arena_printf(w->arena, "%.60sZ", text), time_r, w->fault->error) < 0)
		REFUSE(w->fault, INVALID_HEADER, "eb:Timestamp \"%.60s\" is no time", text);
	return 0;
}

static int read_info(struct walk *outer, struct as4_header *header)
{
	const struct xml_node *node;
	const char *time, *id;
	TRY(need(outer, "MessageInfo", &node));
	struct walk w = walk_of(outer, node);
	TRY(need_text(&w, "Timestamp", &time));
	TRY(read_time(&w, time, &header->time));
	TRY(need_text(&w, "MessageId", &id));
	TRY(check_id(&w, "eb:MessageId", id));
	header->message_id = id;  /* one that is none is not repeated: nobody could read the error that refers to it */
	if (is_at(&w, "RefToMessageId")) {
		TRY(need_text(&w, "RefToMessageId", &id));
		TRY(check_id(&w, "eb:RefToMessageId", id));
		header->ref_to = id;
	}
	return walk_end(&w, false);
}

/* ---- user messages ---- */

static int read_party(struct walk *outer, const char *side, struct as4_party *party)
{
	const struct xml_node *node, *id;
	TRY(need(outer, side, &node));
	struct walk w = walk_of(outer, node);
	TRY(need(&w, "PartyId", &id));
	TRY(text_of(&w, id, &party->id));
	TRY(attribute_of(&w, id, "type", false, &party->type));
	if (is_at(&w, "PartyId"))
		REFUSE(w.fault, FEATURE_PRESENT, "eb:%s has more than one eb:PartyId; one is agreed", side);
	TRY(need_text(&w, "Role", &party->role));
	return walk_end(&w, false);
}

static int read_collaboration(struct walk *outer, struct as4_collaboration *c)
{
	const struct xml_node *node, *inner;
	TRY(need(outer, "CollaborationInfo", &node));
	struct walk w = walk_of(outer, node);
	if ((inner = take(&w, "AgreementRef"))) {
		TRY(text_of(&w, inner, &c->agreement));
		TRY(attribute_of(&w, inner, "type", false, &c->agreement_type));
		TRY(attribute_of(&w, inner, "pmode", false, &c->agreement_mode));
	}
	TRY(need(&w, "Service", &inner));
	TRY(text_of(&w, inner, &c->service));
	TRY(attribute_of(&w, inner, "type", false, &c->service_type));
	TRY(need_text(&w, "Action", &c->action));
	TRY(need_text(&w, "ConversationId", &c->conversation));
	return walk_end(&w, false);
}

static int read_properties(const struct walk *outer, const struct xml_node *node, const struct as4_property **last)
{
	struct walk w = walk_of(outer, node);
	const struct as4_property *const *first = last;
	size_t count = 0;
	for (const struct xml_node *at; (at = take(&w, "Property"));) {
		if (++count > PROPERTIES_MOST)
			REFUSE(w.fault, FEATURE_PRESENT, "line %u: eb:%s has more than %d properties", at->line, node->name, PROPERTIES_MOST);
		struct as4_property *property = arena_alloc(w.arena, sizeof *property);
		TRY(attribute_of(&w, at, "name", true, &property->name));
		TRY(attribute_of(&w, at, "type", false, &property->type));
		TRY(text_of(&w, at, &property->value));
		if (as4_property_find(*first, property->name))
			REFUSE(w.fault, VALUE_INCONSISTENT, "line %u: property \"%.60s\" stands twice", at->line, property->name);
		*last = property;
		last = &property->next;
	}
	return walk_end(&w, false);
}

/* XML 1.0 4.3.3 EncName */
static bool is_encoding_name(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	size_t n = strspn(name, letters);
	return n > 0 && name[n + strspn(name + n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0';
}

/* AS4 3.1: MimeType, CharacterSet, CompressionType leave the list. */
static int understand_properties(const struct walk *w, struct as4_part_info *part)
{
	const struct as4_property **last = &part->properties;
	for (const struct as4_property *p = part->properties, *next; p; p = next) {
		next = p->next;
		if (text_equal(p->name, "MimeType")) {
			part->mime_type = p->value;
		} else if (text_equal(p->name, "CharacterSet")) {
			part->character_set = p->value;
		} else if (text_equal(p->name, "CompressionType")) {
			part->compressed = true;
			if (!text_equal_nocase(p->value, "application/gzip"))
				REFUSE(w->fault, DECOMPRESSION_FAILURE, "part \"%.80s\" is compressed as \"%.60s\"; only application/gzip is known", part->cid, p->value);
		} else {
			*last = p;
			last = (const struct as4_property **)(uintptr_t)&p->next;
		}
	}
	*last = NULL;
	if (part->compressed && !part->mime_type)
		REFUSE(w->fault, VALUE_INCONSISTENT, "part \"%.80s\" is compressed and has no property MimeType (AS4 3.1)", part->cid);
	if (part->character_set && !is_encoding_name(part->character_set))
		REFUSE(w->fault, VALUE_NOT_RECOGNIZED, "part \"%.80s\" has the CharacterSet \"%.40s\", which names no encoding (XML 1.0, 4.3.3)", part->cid,
		       part->character_set);
	return 0;
}

/* RFC 2392, but a percent-encoded one is refused: it would be another text than the Content-ID, and readers differ. */
static int read_href(const struct walk *w, const struct xml_node *node, const char **cid_r)
{
	const char *href = xml_attribute(node, "href");
	if (!href || *href == '#' || !*href)
		REFUSE(w->fault, FEATURE_PRESENT, "line %u: a payload lies in the SOAP Body; it must be a MIME part of its own", node->line);
	if (!text_starts(href, "cid:"))
		REFUSE(w->fault, EXTERNAL_PAYLOAD, "payload \"%.120s\" lies outside the message; it must be a MIME part (\"cid:\")", href);
	if (strchr(href, '%'))
		REFUSE(w->fault, MIME_INCONSISTENCY, "payload \"%.120s\" is percent-encoded; write the Content-ID as it stands", href);
	*cid_r = href + 4;
	return check_text(w, node, "href", *cid_r);
}

static int read_part(const struct walk *outer, const struct xml_node *node, struct as4_part_info *part)
{
	struct walk w = walk_of(outer, node);
	TRY(read_href(&w, node, &part->cid));
	take(&w, "Schema");
	take(&w, "Description");
	const struct xml_node *properties = take(&w, "PartProperties");
	if (properties)
		TRY(read_properties(&w, properties, &part->properties));
	TRY(understand_properties(&w, part));
	return walk_end(&w, false);
}

static int read_parts(const struct walk *outer, const struct xml_node *node, struct as4_user *user)
{
	struct walk w = walk_of(outer, node);
	const struct as4_part_info **last = &user->parts;
	for (const struct xml_node *at; (at = take(&w, "PartInfo"));) {
		struct as4_part_info *part = arena_alloc(w.arena, sizeof *part);
		TRY(read_part(&w, at, part));
		*last = part;
		last = &part->next;
		user->part_count++;
	}
	if (!user->part_count)
		REFUSE(w.fault, INVALID_HEADER, "line %u: eb:PayloadInfo has no eb:PartInfo", node->line);
	return walk_end(&w, false);
}

static int read_user(const struct walk *outer, const struct xml_node *node, struct as4_header *header)
{
	struct walk w = walk_of(outer, node);
	const struct xml_node *inner;
	header->kind = AS4_USER;
	TRY(attribute_of(&w, node, "mpc", false, &header->user.mpc));
	TRY(read_info(&w, header));
	TRY(need(&w, "PartyInfo", &inner));
	struct walk parties = walk_of(&w, inner);
	TRY(read_party(&parties, "From", &header->user.from));
	TRY(read_party(&parties, "To", &header->user.to));
	TRY(walk_end(&parties, false));
	TRY(read_collaboration(&w, &header->user.collaboration));
	if ((inner = take(&w, "MessageProperties")))
		TRY(read_properties(&w, inner, &header->user.properties));
	if ((inner = take(&w, "PayloadInfo")))
		TRY(read_parts(&w, inner, &header->user));
	return walk_end(&w, false);
}

/* ---- signals ---- */

int reference_read(struct arena *arena, const struct xml_node *node, enum ebms_code code, struct as4_reference *reference, struct fault *fault)
{
	const struct xml_node *transforms = xml_child(node, NS_DS, "Transforms"), *transform = transforms ? transforms->child : NULL;
	const struct xml_node *inclusive = transform ? transform->child : NULL;
	const struct xml_node *method = xml_child(node, NS_DS, "DigestMethod"), *value = xml_child(node, NS_DS, "DigestValue");
	*reference = (struct as4_reference){ .uri = xml_attribute(node, "URI") };
	if (!reference->uri || !*reference->uri || strlen(reference->uri) > TEXT_MOST || !method || !xml_attribute(method, "Algorithm") || !value || value->child)
		return ebms_refuse(fault, code, "line %u: a ds:Reference lacks its URI, digest method or digest", node->line);
	if (transform) {
		reference->transform = xml_attribute(transform, "Algorithm");
		bool good = text_equal(transform->name, "Transform") && text_equal(transform->uri, NS_DS) && !transform->next && reference->transform;
		if (good && inclusive) {
			reference->prefixes = xml_attribute(inclusive, "PrefixList");
			good = text_equal(inclusive->name, "InclusiveNamespaces") && text_equal(inclusive->uri, NS_EC) && !inclusive->next && !inclusive->child &&
			       reference->prefixes && text_equal(reference->transform, NS_EC);
		}
		if (!good)
			return ebms_refuse(fault, code, "line %u: the ds:Reference to \"%.120s\" has other transforms than one that is agreed", node->line, reference->uri);
	}
	reference->digest_method = xml_attribute(method, "Algorithm");
	BUFFER_AUTO digest = { 0 };
	for (const char *c = value->text; *c; c++)
		if (!strchr(" \t\r\n", *c))
			buffer_add_char(&digest, *c);
	reference->digest = arena_text(arena, buffer_text(&digest));
	return 0;
}

/* ebBP signals 2.0; MessagePartIdentifier is not for AS4 (AS4 5.1.8). */
static int read_receipt(const struct walk *outer, const struct xml_node *node, struct as4_header *header)
{
	const struct as4_reference **last = &header->references;
	const struct xml_node *information = xml_child(node, NS_EBBP, "NonRepudiationInformation");
	header->kind = AS4_RECEIPT;
	if (information && xml_next_same(information))
		REFUSE(outer->fault, INVALID_RECEIPT, "the receipt holds two NonRepudiationInformation");
	for (const struct xml_node *at = information ? information->child : NULL; at; at = at->next) {
		const struct xml_node *reference = at->child;
		if (!text_equal(at->uri, NS_EBBP) || !text_equal(at->name, "MessagePartNRInformation") || !reference || reference->next ||
		    !text_equal(reference->uri, NS_DS) || !text_equal(reference->name, "Reference"))
			REFUSE(outer->fault, INVALID_RECEIPT, "line %u: the receipt's NonRepudiationInformation holds something else than ds:Reference", at->line);
		struct as4_reference *one = arena_alloc(outer->arena, sizeof *one);
		TRY(reference_read(outer->arena, reference, EBMS_INVALID_RECEIPT, one, outer->fault));
		*last = one;
		last = &one->next;
	}
	return 0;
}

static int read_errors(struct walk *w, struct as4_header *header)
{
	const struct as4_error **last = &header->errors;
	for (const struct xml_node *at; (at = take(w, "Error"));) {
		struct as4_error *e = arena_alloc(w->arena, sizeof *e);
		struct walk inner = walk_of(w, at);
		TRY(attribute_of(w, at, "errorCode", true, &e->code));
		TRY(attribute_of(w, at, "severity", true, &e->severity));
		e->category = xml_attribute(at, "category");
		e->origin = xml_attribute(at, "origin");
		e->ref_to = xml_attribute(at, "refToMessageInError");
		e->text = xml_attribute(at, "shortDescription");
		e->description = xml_text(w->arena, take(&inner, "Description"));
		e->detail = xml_text(w->arena, take(&inner, "ErrorDetail"));
		TRY(walk_end(&inner, false));
		*last = e;
		last = &e->next;
	}
	return 0;
}

static int read_signal(const struct walk *outer, const struct xml_node *node, struct as4_header *header)
{
	struct walk w = walk_of(outer, node);
	TRY(read_info(&w, header));
	const struct xml_node *pull = take(&w, "PullRequest"), *receipt = take(&w, "Receipt");
	TRY(read_errors(&w, header));
	if ((pull != NULL) + (receipt != NULL) + (header->errors != NULL) != 1)
		REFUSE(w.fault, FEATURE_PRESENT, "line %u: a signal must be one of PullRequest, Receipt, Error", node->line);
	if (pull) {
		header->kind = AS4_PULL;
		TRY(attribute_of(&w, pull, "mpc", false, &header->pull_mpc));
	} else if (receipt) {
		TRY(read_receipt(&w, receipt, header));
		if (!header->ref_to)
			REFUSE(w.fault, INVALID_RECEIPT, "the receipt has no RefToMessageId");
	} else {
		header->kind = AS4_ERROR;
	}
	return walk_end(&w, true);
}

int header_read(struct arena *arena, const struct xml_node *messaging, struct as4_header *header_r, struct fault *fault)
{
	struct walk w = { arena, messaging, messaging->child, fault };
	*header_r = (struct as4_header){ 0 };
	const struct xml_node *signal = take(&w, "SignalMessage"), *user = signal ? NULL : take(&w, "UserMessage");
	if (!signal && !user)
		REFUSE(fault, INVALID_HEADER, "line %u: eb:Messaging holds neither a UserMessage nor a SignalMessage", messaging->line);
	if (is_at(&w, "SignalMessage") || is_at(&w, "UserMessage"))
		REFUSE(fault, FEATURE_PRESENT, "line %u: eb:Messaging holds more than one message", messaging->line);
	TRY(walk_end(&w, true));
	return signal ? read_signal(&w, signal, header_r) : read_user(&w, user, header_r);
}

bool as4_is_test(const struct as4_header *header)
{
	return header->kind == AS4_USER && text_equal(header->user.collaboration.service, TEST_SERVICE) &&
	       text_equal(header->user.collaboration.action, TEST_ACTION);
}

const char *as4_property_find(const struct as4_property *properties, const char *name)
{
	for (; properties; properties = properties->next)
		if (text_equal(properties->name, name))
			return properties->value;
	return NULL;
}
