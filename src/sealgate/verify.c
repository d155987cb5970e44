/* sealgate verify: who signed a document, and when. */
#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "sealgate/input.h"
#include "sealgate/output.h"
#include "sign/sign.h"

const struct option_row verify_options[] = {
	{ "signature", "FILE", "the detached signature; without it, the document must hold its own" },
	{ "trust", "FILE", "CA certificates that the signer's must lead to, PEM" },
	{ "signer", "TEXT", "common name of the signer, or attributes of its subject (CN=...,O=...)" },
	{ "at", "TIME", "when it came, where that is not now: the certificate must be good then" },
	{ 0 },
};

static void tell(struct run *run, const struct verdict *v, const struct error *why)
{
	char time[CLOCK_TEXT_SIZE] = "";
	struct json *out = json_new_object(run->arena);
	if (!why && v->signing_time != CLOCK_NONE)
		clock_format(v->signing_time, time);
	json_set_bool(run->arena, out, "valid", !why);
	if (why) {
		json_set_text(run->arena, out, "reason", why->text);
	} else {
		json_set_text(run->arena, out, "signer", v->subject);
		json_set_text(run->arena, out, "issuer", v->issuer);
		json_set_text(run->arena, out, "signed", *time ? time : NULL);
		json_set_text(run->arena, out, "algorithm", v->algorithm);
		json_set_text(run->arena, out, "form", v->enveloped ? "enveloped" : "detached");
		json_set_text(run->arena, out, "certificate_digest", v->certificate_digest);
	}
	if (run->json) {
		out_json_pretty(run, out);
		return;
	}
	if (why) {
		out_line(run, "not valid: %s%s%s%s", why->text, *why->place ? " [" : "", why->place, *why->place ? "]" : "");
		return;
	}
	out_line(run, "valid, %s", v->enveloped ? "enveloped" : "detached");
	out_line(run, "  signed by    %s", v->subject);
	out_line(run, "  certified by %s", v->issuer);
	out_line(run, "  at           %s", *time ? time : "(not said)");
	out_line(run, "  with         %s", v->algorithm);
	out_line(run, "  certificate  SHA-256 %s", v->certificate_digest);
}

int command_verify(struct run *run, struct error *error)
{
	const char *trust = run_option(run, "trust"), *beside = run_option(run, "signature"), *signer = run_option(run, "signer");
	CERTIFICATE_AUTO anchors = NULL;
	struct bytes document, signature = { 0 };
	struct verdict verdict;
	int64_t now;
	if (!trust)
		return usage_fail(run, error, "\"verify\" needs --trust: the CA certificates that you trust");
	TRY(run_time(run, "at", clock_real_ms(), &now, error));
	TRY(certificate_open(trust, &anchors, error));
	TRY(input_octets(run, run->operands[0], &document, error));
	if (beside)
		TRY(input_octets(run, beside, &signature, error));
	int rc = beside ? verify_detached(run->arena, document, signature, anchors, signer, now, &verdict, error)
	                : verify_enveloped(run->arena, document, anchors, signer, now, &verdict, error);
	tell(run, &verdict, rc < 0 ? error : NULL);
	return rc < 0 ? EXIT_FAILED : EXIT_GOOD;
}
