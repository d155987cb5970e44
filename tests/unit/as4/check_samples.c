/* Messages and schemas that others published: SEALGATE_REFERENCE/as4 (77: skipped, where they are absent). */
#include <string.h>

#include "peers.h"

#include "as4/inside.h"
#include "lib/base/file.h"
#include "support/folder.h"

#define IN_2026 INT64_C(1767225600000)
#define IN_2015 INT64_C(1447236304000)

static const char *reference(struct arena *arena, const char *name)
{
	const char *set = getenv("SEALGATE_REFERENCE");
	return arena_printf(arena, "%s/as4/%s", set ? set : SOURCE_DIR "/../shared/data", name);
}

static char *load(struct arena *arena, const char *name)
{
	char *text;
	must_succeed(file_read_text(reference(arena, name), arena, &text, error));
	return text;
}

static const struct xml_node *find(const struct xml_node *node, const char *uri, const char *name)
{
	if (text_equal(node->uri, uri) && text_equal(node->name, name))
		return node;
	for (const struct xml_node *child = node->child; child; child = child->next) {
		const struct xml_node *found = find(child, uri, name);
		if (found)
			return found;
	}
	return NULL;
}

/* A receipt of phase4 (WSS4J), with an InclusiveNamespaces list, signed by a certificate of 2025. */
START_TEST(a_receipt_of_phase4_verifies)
{
	ARENA_AUTO arena = arena_new();
	char *text = load(arena, "receipts/TestReceipt12.xml");
	struct xml_document *document;
	struct as4_incoming *in;
	enum ebms_code why;
	CERTIFICATE_AUTO signer = NULL;
	BUFFER_AUTO der = { 0 };
	must_succeed(xml_parse(arena, bytes_of_text(text), NULL, &document, error));
	must_succeed(text_base64_decode(find(document->root, NS_WSSE, "BinarySecurityToken")->text, true, &der, error));
	must_succeed(certificate_from_der(buffer_bytes(&der), &signer, error));
	struct as4_mode mode = { .trust = { .pinned = signer }, .rsa_bits = 2048 };
	must_succeed(open_octets(arena, "application/soap+xml", bytes_of_text(text), &in, &why, error));
	ck_assert_int_eq(in->header.kind, AS4_RECEIPT);
	ck_assert_str_eq(in->header.ref_to, "035e0a83-6dc5-427b-bcee-483475c65153@phase4");
	must_succeed(as4_accept(in, &mode, IN_2026, &why, error));
	ck_assert_str_eq(in->algorithm, "RSA PKCS#1 v1.5 with SHA-256 (legacy)");
	must_refuse(as4_accept(in, &mode, IN_2015, &code, error), FAILED_AUTHENTICATION);
	const struct as4_reference *r = in->header.references;
	ck_assert_str_eq(r->prefixes, "S12");
	ck_assert_str_eq(r->digest, "oIh7yNKoasQ6p5MN/n7xCtrcZ0NNqjBm2j5GDoeBgH8=");
	ck_assert_str_eq(r->next->next->uri, "cid:phase4-att-a9297596-e9df-4740-9245-2c069712326f@cid");
	ck_assert_ptr_null(r->next->next->next);
	must_succeed(as4_receipt_check(&in->header, in->header.ref_to, in->header.references, &why, error));
	char *touched = strstr(text, "<eb:MessageId>d36e26c0");
	touched[20]++;
	must_succeed(open_octets(arena, "application/soap+xml", bytes_of_text(text), &in, &why, error));
	must_refuse(as4_accept(in, &mode, IN_2026, &code, error), FAILED_AUTHENTICATION);
}
END_TEST

/* The EC's samples are print-outs, indented and with bare line feeds: no reader should take them off the wire. Their headers can
 * be read; the payloads' hrefs lack "cid:", which is refused. */
START_TEST(samples_of_the_commission_are_read_as_far_as_they_are_right)
{
	static const struct {
		const char *name, *id, *action;
		size_t parts;
	} samples[] = { { "cef/sample1.txt", "submission@corner1", "Submit", 2 }, { "cef/sample2.txt", "as4message@corner2", "ACT_SIMPLE_TWOWAY", 2 },
		        { "cef/sample3.txt", "notification@corner2", "Notify", 0 }, { "cef/sample4.txt", "deliver@corner3", "Deliver", 2 },
		        { "cef/sample5.txt", "as4message@corner3", "ACT_SIMPLE_TWOWAY", 2 } };
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		ARENA_AUTO arena = arena_new();
		BUFFER_AUTO raw = { 0 };
		BUFFER_AUTO mended = { 0 };
		struct as4_incoming *in;
		struct as4_header header;
		struct envelope envelope;
		must_succeed(file_read(reference(arena, samples[i].name), &raw, error));
		must_refuse(open_octets(arena, "multipart/related; boundary=\"----=_Part_2_1139158911.1446925440201\"", buffer_bytes(&raw), &in, &code, error),
		            MIME_INCONSISTENCY);
		const char *start = memmem(raw.data, raw.size, ":Envelope ", 10), *end = memmem(raw.data, raw.size, ":Envelope>", 10);
		ck_assert(start && end && start < end);
		while (*start != '<')
			start--;
		const char *xml = arena_text_n(arena, start, (size_t)(end + 10 - start));
		if (samples[i].parts)
			must_refuse(open_octets(arena, "application/soap+xml", bytes_of_text(xml), &in, &code, error), EXTERNAL_PAYLOAD);
		for (const char *at = xml, *href; at; at = href ? href + 6 : NULL) {
			href = strstr(at, "href=\"");
			buffer_add(&mended, at, href ? (size_t)(href + 6 - at) : strlen(at));
			if (href)
				buffer_add_text(&mended, "cid:");
		}
		struct error why = { 0 };
		struct fault fault = { EBMS_NONE, &why };
		if (envelope_read(arena, buffer_bytes(&mended), &envelope, &fault) < 0 || header_read(arena, envelope.messaging, &header, &fault) < 0)
			ck_abort_msg("%s: %s", samples[i].name, why.text);
		ck_assert_str_eq(header.message_id, samples[i].id);
		ck_assert_str_eq(header.user.collaboration.action, samples[i].action);
		ck_assert_uint_eq(header.user.part_count, samples[i].parts);
		if (samples[i].parts)
			ck_assert_ptr_nonnull(header.user.parts->mime_type);
	}
}
END_TEST

static void copy_mended(struct arena *arena, const char *folder, const char *name)
{
	char *text = load(arena, arena_printf(arena, "schemas/%s", name));
	BUFFER_AUTO out = { 0 };
	const char *hole = "namespace=\"http://www.w3.org/XML/1998/namespace\"", *at = text;
	for (const char *found; (found = strstr(at, hole)); at = found + strlen(hole)) {
		buffer_add(&out, at, (size_t)(found - at) + strlen(hole));
		buffer_add_text(&out, " schemaLocation=\"xml.xsd\"");
	}
	buffer_add_text(&out, at);
	must_succeed(file_write(file_path(arena, folder, name), buffer_bytes(&out), 0600, error));
}

/* What we write is valid under the published schema of ebMS 3. */
START_TEST(headers_are_valid_under_the_published_schema)
{
	static const char xml_xsd[] = "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"" NS_XML "\"><xs:attribute name=\"lang\" "
		"type=\"xs:language\"/><xs:attribute name=\"base\" type=\"xs:anyURI\"/><xs:attribute name=\"space\" type=\"xs:NCName\"/></xs:schema>";
	FOLDER(folder);
	PEERS(p, "p256");
	ARENA_AUTO arena = arena_new();
	LETTER(l);
	struct as4_incoming *in;
	struct xml_schema *schema;
	must_succeed(file_write(file_path(arena, folder, "xml.xsd"), bytes_of_text(xml_xsd), 0600, error));
	copy_mended(arena, folder, "soap11.xsd");
	copy_mended(arena, folder, "soap12.xsd");
	copy_mended(arena, folder, "ebms-header-3_0-200704.xsd");
	must_succeed(xml_schema_open(file_path(arena, folder, "ebms-header-3_0-200704.xsd"), &schema, error));
	letter_write(arena, &p.at_trader, &l);
	must_take(arena, &p.at_hub, &l, &in);
	struct as4_header receipt, error_header, pull = { .kind = AS4_PULL, .message_id = "p@x", .time = NOW, .pull_mpc = "urn:x" };
	as4_receipt_for(in, "r@x", NOW, &receipt);
	as4_error_for(arena, EBMS_OTHER, "words", "detail", "m@x", "e@x", NOW, &error_header);
	const struct as4_header *const all[] = { &in->header, &receipt, &error_header, &pull };
	for (size_t i = 0; i < 4; i++) {
		BUFFER_AUTO messaging = { 0 };
		BUFFER_AUTO soap = { 0 };
		struct xml_document *document;
		header_write(all[i], "m1", &messaging);
		envelope_write(buffer_bytes(&messaging), (struct bytes){ 0 }, "b1", &soap);
		must_succeed(xml_parse(arena, buffer_bytes(&soap), NULL, &document, error));
		must_succeed(xml_schema_check(schema, document, error));
		BUFFER_AUTO broken = { 0 };
		const char *text = buffer_text(&soap), *time = strstr(text, "<eb:Timestamp>");
		buffer_add(&broken, text, (size_t)(time - text));
		buffer_add_text(&broken, strstr(time, "<eb:MessageId>"));
		must_succeed(xml_parse(arena, buffer_bytes(&broken), NULL, &document, error));
		must_fail(xml_schema_check(schema, document, error), BAD_SCHEMA);
	}
	xml_schema_free(&schema);
}
END_TEST

/* Indented, and with a line feed inside DigestValue. */
START_TEST(the_information_of_a_receipt_of_phase4_is_read)
{
	ARENA_AUTO arena = arena_new();
	const char *information = strstr(load(arena, "receipts/NonRepudiationInformation.xml"), "<ebbp:NonRepudiationInformation");
	ck_assert_ptr_nonnull(information);
	const char *text = arena_printf(arena, "<eb:Messaging xmlns:eb=\"" NS_EB "\"><eb:SignalMessage><eb:MessageInfo><eb:Timestamp>2016-02-03T01:48:21Z"
	                                "</eb:Timestamp><eb:MessageId>r@x</eb:MessageId><eb:RefToMessageId>m@x</eb:RefToMessageId></eb:MessageInfo>"
	                                "<eb:Receipt>%s</eb:Receipt></eb:SignalMessage></eb:Messaging>", information);
	struct xml_document *document;
	struct as4_header header;
	struct error why = { 0 };
	struct fault fault = { EBMS_NONE, &why };
	must_succeed(xml_parse(arena, bytes_of_text(text), NULL, &document, error));
	if (header_read(arena, document->root, &header, &fault) < 0)
		ck_abort_msg("%s", why.text);
	ck_assert_int_eq(header.kind, AS4_RECEIPT);
	ck_assert_str_eq(header.references->uri, "#id-ba025036-a014-4920-a09e-790b16e0395e");
	ck_assert_str_eq(header.references->digest, "RIcni4sbaa+5g6cpTI00hCy9PBN9kzI4CZizkbsF5jI=");
	ck_assert_str_eq(header.references->transform, NS_EC);
	ck_assert_ptr_null(header.references->next);
}
END_TEST

#define main suite_main  /* so that it can be skipped */
SUITE("samples", a_receipt_of_phase4_verifies, the_information_of_a_receipt_of_phase4_is_read,
      samples_of_the_commission_are_read_as_far_as_they_are_right, headers_are_valid_under_the_published_schema)
#undef main

int main(void)
{
	ARENA_AUTO arena = arena_new();
	return file_exists(reference(arena, "receipts/TestReceipt12.xml")) ? suite_main() : 77;
}
