/* SOAP 1.2 around eb:Messaging, with an empty Body (eDelivery AS4 1.15, 1.3.4). */
#include <string.h>

#include "as4/inside.h"
#include "as4/names.h"
#include "lib/base/text.h"

void body_write(const char *body_id, struct buffer *out)
{
	buffer_printf(out, "<env:Body xmlns:env=\"" NS_SOAP "\" xmlns:wsu=\"" NS_WSU "\" wsu:Id=\"%s\"></env:Body>", body_id);
}

void envelope_write(struct bytes messaging, struct bytes security, const char *body_id, struct buffer *out)
{
	buffer_add_text(out, "<env:Envelope xmlns:env=\"" NS_SOAP "\"><env:Header>");
	buffer_add(out, messaging.data, messaging.size);
	buffer_add(out, security.data, security.size);
	buffer_add_text(out, "</env:Header>");
	body_write(body_id, out);
	buffer_add_text(out, "</env:Envelope>");
}

static bool is_named(const struct xml_node *node, const char *uri, const char *name)
{
	return text_equal(node->uri, uri) && text_equal(node->name, name);
}

/* SOAP 1.2 Part 1, 5.2.3 */
static bool must_understand(const struct xml_node *node)
{
	for (const struct xml_attribute *a = node->attributes; a; a = a->next)
		if (text_equal(a->uri, NS_SOAP) && text_equal(a->name, "mustUnderstand"))
			return text_equal(a->value, "true") || text_equal(a->value, "1");
	return false;
}

static int read_headers(const struct xml_node *header, struct envelope *e, struct fault *fault)
{
	for (const struct xml_node *at = header->child; at; at = at->next) {
		const struct xml_node **place = is_named(at, NS_EB, "Messaging") ? &e->messaging : is_named(at, NS_WSSE, "Security") ? &e->security : NULL;
		if (place && *place)
			REFUSE(fault, INVALID_HEADER, "line %u: the SOAP Header holds two of \"%s\"", at->line, at->name);
		if (place)
			*place = at;
		else if (must_understand(at))
			REFUSE(fault, FEATURE_PRESENT, "line %u: the SOAP header block \"%.80s\" must be understood and is not known here", at->line, at->name);
	}
	if (!e->messaging)
		REFUSE(fault, INVALID_HEADER, "the SOAP Header holds no eb:Messaging: this is no ebMS 3 message");
	if (!must_understand(e->messaging))
		REFUSE(fault, INVALID_HEADER, "eb:Messaging is not marked env:mustUnderstand (ebMS 3 Core 5.2.1)");
	return 0;
}

int envelope_read(struct arena *arena, struct bytes octets, struct envelope *e, struct fault *fault)
{
	static const struct xml_limits limits = { .depth = 24, .attributes = 24 };
	*e = (struct envelope){ 0 };
	TRY_AS(fault, INVALID_HEADER, xml_parse(arena, octets, &limits, &e->document, fault->error));
	const struct xml_node *root = e->document->root, *header = root->child;
	if (is_named(root, NS_SOAP11, "Envelope"))
		REFUSE(fault, INVALID_HEADER, "the message is SOAP 1.1; AS4 needs SOAP 1.2");
	if (!is_named(root, NS_SOAP, "Envelope"))
		REFUSE(fault, INVALID_HEADER, "the message is no SOAP 1.2 envelope");
	if (!header || !is_named(header, NS_SOAP, "Header"))
		REFUSE(fault, INVALID_HEADER, "the SOAP envelope does not begin with its Header");
	e->body = header->next;
	if (!e->body || !is_named(e->body, NS_SOAP, "Body") || e->body->next)
		REFUSE(fault, INVALID_HEADER, "the SOAP envelope does not hold one Body behind its Header, and nothing else");
	TRY(read_headers(header, e, fault));
	if (e->body->child || e->body->text[strspn(e->body->text, " \t\r\n")])
		REFUSE(fault, FEATURE_PRESENT, "the SOAP Body is not empty; payloads must be MIME parts");
	return 0;
}
