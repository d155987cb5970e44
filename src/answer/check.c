/* Whose document is it? */
#include "answer/inside.h"
#include "lib/base/text.h"

#define DS "http://www.w3.org/2000/09/xmldsig#"

static const struct certificate *anchors_of(const struct taking *t)
{
	const struct settings *s = t->answer->config.settings;
	size_t i = (size_t)(t->arrived->agreement - s->agreements);
	return i < s->agreement_count ? t->answer->anchors[i] : NULL;
}

/* The header's base64, undone; what is none is kept as it came. */
static int signature_decode(struct taking *t, struct error *error)
{
	BUFFER_AUTO decoded = { .ceiling = (size_t)1 << 20 };
	const char *header = t->arrived->signature;
	t->signature = bytes_of_text(arena_text(t->arena, header));
	if (text_base64_decode(header, false, &decoded, error) < 0 || !decoded.size)
		FAIL(error, BAD_SIGNATURE, "header \"%s\" is no base64", SIGNATURE_HEADER);
	t->signature = arena_bytes(t->arena, buffer_bytes(&decoded));
	return 0;
}

/* Is there a Signature to be asked about? A document that is no XML has none, and is refused for that later. */
static bool holds_signature(struct taking *t)
{
	struct xml_document *document;
	struct error ignored = { 0 };
	return xml_parse(t->arena, t->arrived->body, NULL, &document, &ignored) == 0 && xml_child(document->root, DS, "Signature");
}

int taking_check(struct taking *t, struct error *error)
{
	const struct agreement *agreement = t->arrived->agreement;
	const struct certificate *anchors = anchors_of(t);
	bool detached = !text_empty(t->arrived->signature);
	if (t->arrived->sealed) {
		t->verdict = *t->arrived->sealed;
		t->is_signed = true;
		return 0;
	}
	if (detached)
		TRY(signature_decode(t, error));
	if (!detached && !holds_signature(t)) {
		if (agreement->answers_signed)
			FAIL(error, BAD_SIGNATURE, "the document is not signed; send an XAdES signature of it in the header \"%s\"", SIGNATURE_HEADER);
		return 0;
	}
	if (!anchors && !agreement->answers_signed)
		return 0;  /* nobody agreed on a signer: the document is taken as one that is not signed */
	if (!anchors)
		FAIL(error, BAD_CERTIFICATE, "agreement \"%s\" names no CA certificates of the peer's signer", agreement->name);
	if (detached)
		TRY(verify_detached(t->arena, t->arrived->body, t->signature, anchors, agreement->answer_signer, t->received, &t->verdict, error));
	else
		TRY(verify_enveloped(t->arena, t->arrived->body, anchors, agreement->answer_signer, t->received, &t->verdict, error));
	t->is_signed = true;
	return 0;
}
