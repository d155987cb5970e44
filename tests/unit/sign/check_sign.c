/* What is signed verifies, with every algorithm and in both forms; what was touched anywhere does not. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/xml/xml.h"
#include "sign/sign.h"
#include "unit/sign/place.h"

START_TEST(every_algorithm_signs_and_verifies_in_both_forms)
{
	static const char *const kinds[] = { "p256", "p384", "rsa3072", "ed25519" };
	for (size_t i = 0; i < 4; i++) {
		FOLDER(folder);
		ARENA_AUTO arena = arena_new();
		struct place p = { arena, folder, NULL, NULL };
		set_up(&p, kinds[i], "p256", UNTIL);
		BUFFER_AUTO detached = { 0 };
		BUFFER_AUTO enveloped = { 0 };
		struct verdict verdict;
		must_succeed(sign_detached(p.signer, bytes_of_text(DOCUMENT), "SG1.xml", NOW, &detached, error));
		must_succeed(verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&detached), p.anchors, "Gateway seal", NOW, &verdict, error));
		ck_assert_int_eq(verdict.signing_time, NOW);
		ck_assert_str_eq(verdict.subject, "CN=Gateway seal,O=Port,C=NL");
		must_succeed(sign_enveloped(p.signer, bytes_of_text(DOCUMENT), NOW, &enveloped, error));
		must_succeed(verify_enveloped(arena, buffer_bytes(&enveloped), p.anchors, NULL, NOW, &verdict, error));
		ck_assert(verdict.enveloped);
		must_fail(verify_detached(arena, bytes_of_text(DOCUMENT " "), buffer_bytes(&detached), p.anchors, NULL, NOW, &verdict, error), BAD_SIGNATURE);
		must_fail(verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&detached), p.anchors, "Somebody else", NOW, &verdict, error),
		          BAD_CERTIFICATE);
		must_fail(verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&detached), p.anchors, NULL, NOW - 3600000, &verdict, error),
		          BAD_SIGNATURE);
		tear_down(&p);
	}
}
END_TEST

/* Octets of what is signed, changed one by one, make it refused. What no signature can cover is left out: a namespace
 * declaration that repeats an outer one, the Id of the Signature itself. */
START_TEST(a_changed_octet_is_found)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct place p = { arena, folder, NULL, NULL };
	set_up(&p, "p256", "p256", UNTIL);
	BUFFER_AUTO signature = { 0 };
	must_succeed(sign_detached(p.signer, bytes_of_text(DOCUMENT), "SG1.xml", NOW, &signature, error));
	char *text = arena_text(arena, buffer_text(&signature));
	size_t accepted = 0, tried = 0;
	char *open = strstr(text, "<ds:CanonicalizationMethod"), *close = strstr(text, "</ds:SignatureValue>");
	for (char *at = open; at < close; at += 3) {
		ARENA_AUTO own = arena_new();
		struct verdict verdict;
		struct error why = { 0 };
		char kept = *at;
		*at = kept == 'A' ? 'B' : 'A';
		tried++;
		if (verify_detached(own, bytes_of_text(DOCUMENT), bytes_of_text(text), p.anchors, NULL, NOW, &verdict, &why) == 0 && ++accepted)
			fprintf(stderr, "accepted: %.60s\n", at);
		*at = kept;
	}
	ck_assert_uint_gt(tried, 200);
	ck_assert_uint_eq(accepted, 0);
	tear_down(&p);
}
END_TEST

START_TEST(a_signer_that_is_not_trusted_or_not_valid_then_is_refused)
{
	FOLDER(folder);
	FOLDER(other_folder);
	ARENA_AUTO arena = arena_new();
	struct place p = { arena, folder, NULL, NULL }, other = { arena, other_folder, NULL, NULL };
	set_up(&p, "p256", "p256", NOW - 1000);
	set_up(&other, "p256", "p256", UNTIL);
	BUFFER_AUTO expired = { 0 };
	BUFFER_AUTO strange = { 0 };
	struct verdict verdict;
	must_succeed(sign_detached(p.signer, bytes_of_text(DOCUMENT), "SG1.xml", NOW, &expired, error));
	must_fail(verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&expired), p.anchors, NULL, NOW, &verdict, error), BAD_CERTIFICATE);
	must_succeed(sign_detached(other.signer, bytes_of_text(DOCUMENT), "SG1.xml", NOW, &strange, error));
	must_fail(verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&strange), p.anchors, NULL, NOW, &verdict, error), BAD_CERTIFICATE);
	must_fail(signer_open(in(&p, "key.pem"), in(&other, "leaf.pem"), false, &other.signer, error), BAD_KEY);
	tear_down(&p);
	tear_down(&other);
}
END_TEST

START_TEST(forms_that_hide_something_are_refused)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct place p = { arena, folder, NULL, NULL };
	set_up(&p, "p256", "p256", UNTIL);
	BUFFER_AUTO signature = { 0 };
	BUFFER_AUTO enveloped = { 0 };
	struct verdict verdict;
	must_succeed(sign_detached(p.signer, bytes_of_text(DOCUMENT), "SG1.xml", NOW, &signature, error));
	must_succeed(sign_enveloped(p.signer, bytes_of_text(DOCUMENT), NOW, &enveloped, error));
	const char *text = buffer_text(&signature), *env = buffer_text(&enveloped);
	const char *const detached[] = {
		with(arena, text, "<ds:Signature ", "<!DOCTYPE x [<!ENTITY e \"x\">]><ds:Signature "),
		with(arena, text, "xml-exc-c14n#\"></ds:CanonicalizationMethod>", "xml-exc-c14n#WithComments\"></ds:CanonicalizationMethod>"),
		with(arena, text, "ecdsa-sha256", "hmac-sha256"),
		with(arena, text, "xmlenc#sha256\"></ds:DigestMethod>", "sha1\"></ds:DigestMethod>"),
		with(arena, text, "</ds:SignedInfo>", "<ds:Reference URI=\"y\"></ds:Reference></ds:SignedInfo>"),
		with(arena, text, "<ds:Object>", "<ds:Object><x Id=\"sealgate-properties\"></x></ds:Object><ds:Object>"),
		with(arena, text, "URI=\"SG1.xml\"", "URI=\"#SG1.xml\""),
	};
	for (size_t i = 0; i < sizeof detached / sizeof *detached; i++) {
		struct error why = { 0 };
		if (verify_detached(arena, bytes_of_text(DOCUMENT), bytes_of_text(detached[i]), p.anchors, NULL, NOW, &verdict, &why) == 0)
			ck_abort_msg("form %zu was accepted", i);
	}
	const char *wrapped = arena_printf(arena, "<w>%s</w>", env);
	must_fail(verify_enveloped(arena, bytes_of_text(wrapped), p.anchors, NULL, NOW, &verdict, error), BAD_SIGNATURE);
	must_fail(verify_enveloped(arena, bytes_of_text(with(arena, env, ">text<", ">other<")), p.anchors, NULL, NOW, &verdict, error), BAD_SIGNATURE);
	tear_down(&p);
}
END_TEST

/* Enveloped: what a reader could be shown beside, or instead of, what was signed. */
START_TEST(an_enveloped_document_is_read_as_it_was_signed)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct place p = { arena, folder, NULL, NULL };
	set_up(&p, "p256", "p256", UNTIL);
	BUFFER_AUTO enveloped = { 0 };
	struct verdict verdict;
	must_succeed(sign_enveloped(p.signer, bytes_of_text(DOCUMENT), NOW, &enveloped, error));
	const char *env = buffer_text(&enveloped), *start = strstr(env, "<ds:Signature ");
	const char *signature = arena_text_n(arena, start, strlen(start) - strlen("</a:x>"));
	const char *carrying = with(arena, signature, "<ds:Object>", "<ds:Object>" DOCUMENT "</ds:Object><ds:Object>");
	const char *const refused[] = {
		/* another root around the signature, which carries what was signed */
		arena_printf(arena, "<a:x xmlns:a=\"urn:a\" b=\"1\"><a:y>evil</a:y>%s</a:x>", carrying),
		/* something more, or less, or elsewhere */
		with(arena, env, "<ds:Signature ", "<a:y>more</a:y><ds:Signature "),
		with(arena, env, "<a:y>text</a:y>", "<a:z><a:y>text</a:y></a:z>"),
		with(arena, env, "<a:y>text</a:y>", "<?a y?><a:y>text</a:y>"),
		with(arena, env, "<a:y>text</a:y>", "<a:y>te&#13;xt</a:y>"),
		with(arena, env, " b=\"1\"", ""),
		/* the same names in another namespace */
		with(arena, env, "xmlns:a=\"urn:a\"", "xmlns:a=\"urn:b\""),
		with(arena, env, "<a:y>text</a:y>", "<a:y xmlns:a=\"urn:c\">text</a:y>"),
		with(arena, env, "<a:y>text</a:y>", "<y>text</y>"),
		/* transforms, references, ids */
		with(arena, env, "</ds:Transforms>", "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\">"
		     "<ds:XPath>false()</ds:XPath></ds:Transform></ds:Transforms>"),
		with(arena, env, "URI=\"\"", "URI=\"#a\""),
		with(arena, env, "<ds:Object>", "<ds:Object><x xml:id=\"sealgate-properties\"></x></ds:Object><ds:Object>"),
		with(arena, env, "<a:y>text</a:y>", arena_printf(arena, "<a:y>text</a:y>%s", signature)),
		with(arena, env, "</ds:CanonicalizationMethod>", "<c:InclusiveNamespaces xmlns:c=\"http://www.w3.org/2001/10/xml-exc-c14n#\" "
		     "PrefixList=\"a\"></c:InclusiveNamespaces></ds:CanonicalizationMethod>"),
	};
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct error why = { 0 };
		if (verify_enveloped(arena, bytes_of_text(refused[i]), p.anchors, NULL, NOW, &verdict, &why) == 0)
			ck_abort_msg("form %zu was accepted", i);
	}
	/* other octets of the same canonical form: taken, and read as what was signed */
	const char *const taken[] = {
		with(arena, env, "text", "te<!-- not -->xt"), with(arena, env, "text", "<![CDATA[te]]>xt"), with(arena, env, "text", "te&#x78;t"),
		with(arena, env, "<a:y>", "<a:y xmlns:unused=\"urn:u\" >"), with(arena, env, "b=\"1\"", "b='1' xmlns:z=\"urn:z\""),
	};
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		struct xml_document *document;
		must_succeed(verify_enveloped(arena, bytes_of_text(taken[i]), p.anchors, NULL, NOW, &verdict, error));
		must_succeed(xml_parse(arena, bytes_of_text(taken[i]), NULL, &document, error));
		ck_assert_str_eq(xml_child_text(arena, document->root, "urn:a", "y"), "text");
		ck_assert_str_eq(xml_attribute(document->root, "b"), "1");
	}
	tear_down(&p);
}
END_TEST

static void same_tree(const struct xml_node *a, const struct xml_node *b)
{
	ck_assert_str_eq(a->name, b->name);
	ck_assert_str_eq(a->uri, b->uri);
	ck_assert_str_eq(a->text, b->text);
	size_t count = 0, more = 0;
	for (const struct xml_attribute *x = a->attributes; x; x = x->next) {
		const struct xml_attribute *y = b->attributes;
		while (y && !(text_equal(x->name, y->name) && text_equal(x->uri, y->uri)))
			y = y->next;
		ck_assert_ptr_nonnull(y);
		ck_assert_str_eq(x->value, y->value);
		count++;
	}
	for (const struct xml_attribute *y = b->attributes; y; y = y->next)
		more++;
	ck_assert_uint_eq(count, more);
	const struct xml_node *x = a->child, *y = b->child;
	for (; x && y; x = x->next, y = y->next)
		same_tree(x, y);
	ck_assert(!x && !y);
}

/* sign.h's reason why nothing can be hidden from the digest: the tree that is read holds nothing that the canonical form lacks. */
START_TEST(the_tree_that_is_read_is_that_of_the_canonical_form)
{
	static const char *const rows[] = {
		"<?xml version='1.0'?><!-- c --><a b = 'x&#x9;y\n z' c='&lt;&quot;&amp;'> t<!-- in -->u<![CDATA[<&]]>v&#13;\r\nw <b/><?p i?></a><!-- d -->",
		"<p:a xmlns:p='urn:p' xmlns:q='urn:p' xmlns='urn:d' q:k='1' k='2'><b xmlns=''/><q:c p:k='3'>&#x1F6A2;</q:c><b/></p:a>",
		"<a xml:lang='nl' xml:id='i' xmlns:x='urn:x'><x:b xmlns:x='urn:y' x:c='1'/><x:b/></a>",
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		ARENA_AUTO arena = arena_new();
		BUFFER_AUTO canonical = { 0 };
		struct xml_document *document, *again;
		must_succeed(xml_parse(arena, bytes_of_text(rows[i]), NULL, &document, error));
		must_succeed(xml_canonical(document, document->root, NULL, &canonical, error));
		must_succeed(xml_parse(arena, buffer_bytes(&canonical), NULL, &again, error));
		same_tree(document->root, again->root);
	}
}
END_TEST

START_TEST(a_signer_is_known_by_his_whole_name_and_while_his_certificate_lasts)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct place p = { arena, folder, NULL, NULL };
	set_up(&p, "p256", "p256", NOW + 86400000);
	BUFFER_AUTO signature = { 0 };
	struct verdict verdict;
	must_succeed(sign_detached(p.signer, bytes_of_text(DOCUMENT), "SG1.xml", NOW, &signature, error));
	static const char *const his[] = { "Gateway seal", "CN=Gateway seal", "CN=Gateway seal,O=Port", "O=Port", "CN=Gateway seal,O=Port,C=NL" };
	static const char *const others[] = { "Gateway", "seal", "CN=Gateway", "Gateway seal,O=Por", "N=Gateway seal", "gateway seal", "", "CN=Gateway seal,C=NL" };
	for (size_t i = 0; i < sizeof his / sizeof *his; i++)
		must_succeed(verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&signature), p.anchors, his[i], NOW, &verdict, error));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		must_fail(verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&signature), p.anchors, others[i], NOW, &verdict, error), BAD_CERTIFICATE);
	/* signed in time, as the signer says, and first seen when the certificate had ended */
	must_fail(verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&signature), p.anchors, NULL, NOW + 2 * 86400000, &verdict, error), BAD_CERTIFICATE);
	tear_down(&p);
}
END_TEST

/* Without a time of the check there is that of signing alone, for a signer who is remembered too. */
START_TEST(without_a_clock_the_time_of_signing_counts)
{
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct place p = { arena, folder, NULL, NULL };
	set_up(&p, "p256", "p256", NOW + 30000);
	static const struct {
		int64_t at;
		bool good;
	} signings[] = { { NOW, true }, { NOW + 20000, true }, { NOW + 40000, false }, { NOW - 5000, true }, { FROM - 1000, false }, { NOW + 1000, true } };
	for (size_t i = 0; i < sizeof signings / sizeof *signings; i++) {
		BUFFER_AUTO signature = { 0 };
		struct verdict verdict;
		must_succeed(sign_detached(p.signer, bytes_of_text(DOCUMENT), "SG1.xml", signings[i].at, &signature, error));
		for (int again = 0; again < 2; again++) {
			struct error why = { 0 };
			int result = verify_detached(arena, bytes_of_text(DOCUMENT), buffer_bytes(&signature), p.anchors, NULL, CLOCK_NONE, &verdict, &why);
			ck_assert_int_eq(result, signings[i].good ? 0 : -1);
			ck_assert_int_eq(why.code, signings[i].good ? ERROR_NONE : ERROR_BAD_CERTIFICATE);
		}
	}
	tear_down(&p);
}
END_TEST

SUITE("sign", every_algorithm_signs_and_verifies_in_both_forms, a_changed_octet_is_found, a_signer_that_is_not_trusted_or_not_valid_then_is_refused,
      forms_that_hide_something_are_refused, an_enveloped_document_is_read_as_it_was_signed, the_tree_that_is_read_is_that_of_the_canonical_form,
      a_signer_is_known_by_his_whole_name_and_while_his_certificate_lasts, without_a_clock_the_time_of_signing_counts)
