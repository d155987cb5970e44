/* eb:Messaging out. The rules of form are those of all that we sign: xmlns where a prefix is first used visibly and in the
 * order of prefixes, attributes by namespace and name, no empty-element tags, nothing between elements. */
#include "as4/header.h"

#include "as4/names.h"
#include "lib/base/text.h"

static void add_attribute(struct buffer *out, const char *name, const char *value)
{
	if (!value)
		return;
	buffer_printf(out, " %s=\"", name);
	xml_escape_attribute(out, value);
	buffer_add_char(out, '"');
}

static void add_element(struct buffer *out, const char *name, const char *value)
{
	if (!value)
		return;
	buffer_printf(out, "<eb:%s>", name);
	xml_escape_text(out, value);
	buffer_printf(out, "</eb:%s>", name);
}

static void add_typed(struct buffer *out, const char *name, const char *mode, const char *type, const char *value)
{
	if (!value)
		return;
	buffer_printf(out, "<eb:%s", name);
	add_attribute(out, "pmode", mode);
	add_attribute(out, "type", type);
	buffer_add_char(out, '>');
	xml_escape_text(out, value);
	buffer_printf(out, "</eb:%s>", name);
}

static void add_party(struct buffer *out, const char *side, const struct as4_party *party)
{
	buffer_printf(out, "<eb:%s>", side);
	add_typed(out, "PartyId", NULL, party->type, party->id);
	add_element(out, "Role", party->role);
	buffer_printf(out, "</eb:%s>", side);
}

static void add_property(struct buffer *out, const char *name, const char *type, const char *value)
{
	if (!value)
		return;
	buffer_add_text(out, "<eb:Property");
	add_attribute(out, "name", name);
	add_attribute(out, "type", type);
	buffer_add_char(out, '>');
	xml_escape_text(out, value);
	buffer_add_text(out, "</eb:Property>");
}

static void add_part(struct buffer *out, const struct as4_part_info *part)
{
	buffer_add_text(out, "<eb:PartInfo href=\"cid:");
	xml_escape_attribute(out, part->cid);
	buffer_add_text(out, "\">");
	if (part->mime_type || part->character_set || part->compressed || part->properties) {
		buffer_add_text(out, "<eb:PartProperties>");
		add_property(out, "MimeType", NULL, part->mime_type);
		add_property(out, "CharacterSet", NULL, part->character_set);
		add_property(out, "CompressionType", NULL, part->compressed ? "application/gzip" : NULL);
		for (const struct as4_property *p = part->properties; p; p = p->next)
			add_property(out, p->name, p->type, p->value);
		buffer_add_text(out, "</eb:PartProperties>");
	}
	buffer_add_text(out, "</eb:PartInfo>");
}

static void add_info(struct buffer *out, const struct as4_header *header)
{
	char time[CLOCK_TEXT_SIZE];
	buffer_printf(out, "<eb:MessageInfo><eb:Timestamp>%s</eb:Timestamp>", clock_format(header->time, time));
	add_element(out, "MessageId", header->message_id);
	add_element(out, "RefToMessageId", header->ref_to);
	buffer_add_text(out, "</eb:MessageInfo>");
}

static void add_user(struct buffer *out, const struct as4_header *header)
{
	const struct as4_user *user = &header->user;
	const struct as4_collaboration *c = &user->collaboration;
	buffer_add_text(out, "<eb:UserMessage");
	add_attribute(out, "mpc", user->mpc);
	buffer_add_char(out, '>');
	add_info(out, header);
	buffer_add_text(out, "<eb:PartyInfo>");
	add_party(out, "From", &user->from);
	add_party(out, "To", &user->to);
	buffer_add_text(out, "</eb:PartyInfo><eb:CollaborationInfo>");
	add_typed(out, "AgreementRef", c->agreement_mode, c->agreement_type, c->agreement);
	add_typed(out, "Service", NULL, c->service_type, c->service);
	add_element(out, "Action", c->action);
	add_element(out, "ConversationId", c->conversation);
	buffer_add_text(out, "</eb:CollaborationInfo>");
	if (user->properties) {
		buffer_add_text(out, "<eb:MessageProperties>");
		for (const struct as4_property *p = user->properties; p; p = p->next)
			add_property(out, p->name, p->type, p->value);
		buffer_add_text(out, "</eb:MessageProperties>");
	}
	if (user->parts) {
		buffer_add_text(out, "<eb:PayloadInfo>");
		for (const struct as4_part_info *p = user->parts; p; p = p->next)
			add_part(out, p);
		buffer_add_text(out, "</eb:PayloadInfo>");
	}
	buffer_add_text(out, "</eb:UserMessage>");
}

static void add_error(struct buffer *out, const struct as4_error *e)
{
	buffer_add_text(out, "<eb:Error");
	add_attribute(out, "category", e->category);
	add_attribute(out, "errorCode", e->code);
	add_attribute(out, "origin", e->origin);
	add_attribute(out, "refToMessageInError", e->ref_to);
	add_attribute(out, "severity", e->severity);
	add_attribute(out, "shortDescription", e->text);
	buffer_add_char(out, '>');
	if (e->description) {
		buffer_add_text(out, "<eb:Description xml:lang=\"en\">");
		xml_escape_text(out, e->description);
		buffer_add_text(out, "</eb:Description>");
	}
	add_element(out, "ErrorDetail", e->detail);
	buffer_add_text(out, "</eb:Error>");
}

void reference_write(const struct as4_reference *r, bool ds, struct buffer *out)
{
	buffer_printf(out, "<ds:Reference%s", ds ? "" : " xmlns:ds=\"" NS_DS "\"");
	add_attribute(out, "URI", r->uri);
	buffer_add_char(out, '>');
	if (r->transform) {
		buffer_add_text(out, "<ds:Transforms><ds:Transform");
		add_attribute(out, "Algorithm", r->transform);
		buffer_add_char(out, '>');
		if (r->prefixes) {
			buffer_add_text(out, "<ec:InclusiveNamespaces xmlns:ec=\"" NS_EC "\"");
			add_attribute(out, "PrefixList", r->prefixes);
			buffer_add_text(out, "></ec:InclusiveNamespaces>");
		}
		buffer_add_text(out, "</ds:Transform></ds:Transforms>");
	}
	buffer_add_text(out, "<ds:DigestMethod");
	add_attribute(out, "Algorithm", r->digest_method);
	buffer_add_text(out, "></ds:DigestMethod><ds:DigestValue>");
	xml_escape_text(out, r->digest);
	buffer_add_text(out, "</ds:DigestValue></ds:Reference>");
}

static void add_receipt(struct buffer *out, const struct as4_header *header)
{
	buffer_add_text(out, "<eb:Receipt><ebbp:NonRepudiationInformation xmlns:ebbp=\"" NS_EBBP "\">");
	for (const struct as4_reference *r = header->references; r; r = r->next) {
		buffer_add_text(out, "<ebbp:MessagePartNRInformation>");
		reference_write(r, false, out);
		buffer_add_text(out, "</ebbp:MessagePartNRInformation>");
	}
	buffer_add_text(out, "</ebbp:NonRepudiationInformation></eb:Receipt>");
}

static void add_signal(struct buffer *out, const struct as4_header *header)
{
	buffer_add_text(out, "<eb:SignalMessage>");
	add_info(out, header);
	if (header->kind == AS4_PULL) {
		buffer_add_text(out, "<eb:PullRequest");
		add_attribute(out, "mpc", header->pull_mpc);
		buffer_add_text(out, "></eb:PullRequest>");
	} else if (header->kind == AS4_RECEIPT) {
		add_receipt(out, header);
	}
	for (const struct as4_error *e = header->errors; header->kind == AS4_ERROR && e; e = e->next)
		add_error(out, e);
	buffer_add_text(out, "</eb:SignalMessage>");
}

void header_write(const struct as4_header *header, const char *id, struct buffer *out)
{
	buffer_printf(out, "<eb:Messaging xmlns:eb=\"" NS_EB "\" xmlns:env=\"" NS_SOAP "\" xmlns:wsu=\"" NS_WSU "\" wsu:Id=\"%s\" env:mustUnderstand=\"true\">", id);
	if (header->kind == AS4_USER)
		add_user(out, header);
	else
		add_signal(out, header);
	buffer_add_text(out, "</eb:Messaging>");
}
