/* What was lodged: signed by somebody trusted? valid? seen before? Then it is kept, taken (202), judged and answered. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/inside.h"
#include "sandbox/refusal.h"
#include "sandbox/shelf.h"

#define XMLDSIG "http://www.w3.org/2000/09/xmldsig#"

struct intake {
	struct sandbox *sandbox;
	struct submission *submission;
	struct arena *arena;             /* of the clerk: the request's ends with its answer */
	struct bytes body, signature;    /* signature size 0: within the document, or none */
	struct bytes content;            /* what was signed and is read: without an enveloped signature */
	struct declaration declaration;
};

struct no {
	int status;
	const char *code, *message, *detail_code;
	struct error error;              /* its text is the detail */
};

static int refuse(struct no *no, int status, const char *code, const char *message, const char *detail_code)
{
	no->status = status;
	no->code = code;
	no->message = message;
	no->detail_code = detail_code;
	return -1;
}

/* ---- the checks ---- */

/* The verdict on the time is the clock's: one that follows the documents is not ahead of any. */
static int signature_check(struct intake *in, const struct xml_document *document, struct no *no)
{
	struct sandbox *s = in->sandbox;
	const char *header = http_request_header(in->submission->request, SIGNATURE_HEADER);
	int64_t now = s->setup->clock_of_documents ? CLOCK_NONE : sandbox_time(s);
	struct verdict verdict;
	BUFFER_AUTO octets = { 0 };
	in->content = in->body;
	if (header) {
		if (text_base64_decode(header, false, &octets, &no->error) < 0)
			return refuse(no, 400, "BAD_REQUEST", "The " SIGNATURE_HEADER " header is not valid", "signature_error");
		in->signature = arena_bytes(in->arena, buffer_bytes(&octets));
		if (verify_detached(in->arena, in->body, in->signature, s->anchors, NULL, now, &verdict, &no->error) < 0)
			return refuse(no, 400, "BAD_REQUEST", "The signature is not valid", "signature_error");
	} else {
		const struct xml_node *within = xml_child(document->root, XMLDSIG, "Signature");
		if (!within) {
			error_set(&no->error, ERROR_BAD_SIGNATURE, "there is no " SIGNATURE_HEADER " header, and no Signature in the document");
			return refuse(no, 400, "BAD_REQUEST", "The signature is missing", "signature_missing");
		}
		if (verify_enveloped(in->arena, in->body, s->anchors, NULL, now, &verdict, &no->error) < 0 ||
		    xml_canonical(document, document->root, within, &octets, &no->error) < 0)
			return refuse(no, 400, "BAD_REQUEST", "The signature is not valid", "signature_error");
		in->content = arena_bytes(in->arena, buffer_bytes(&octets));
	}
	if (verdict.signing_time != CLOCK_NONE)
		sandbox_heard(s, verdict.signing_time);
	return 0;
}

static int document_check(struct intake *in, struct no *no)
{
	struct xml_document *document, *content = NULL;
	const char *detail = "xml_validation_error";
	if (xml_parse(in->arena, in->body, NULL, &document, &no->error) < 0)
		return refuse(no, 400, "BAD_REQUEST", "Request body does not contain a well-formed XML document.", detail);
	if (signature_check(in, document, no) < 0)
		return -1;
	if (in->content.data == in->body.data)  /* signed detached: it was parsed as it is */
		content = document;
	else if (xml_parse(in->arena, in->content, NULL, &content, &no->error) < 0)
		return refuse(no, 400, "BAD_REQUEST", "Payload is not valid according to schema", detail);
	if (validate_parsed(in->sandbox->validator, "wco-dms/declaration.xsd", content, in->content, &no->error) < 0 ||
	    declaration_read(in->arena, content, &in->declaration, &no->error) < 0)
		return refuse(no, 400, "BAD_REQUEST", "Payload is not valid according to schema", detail);
	/* The published schema of cancellations takes nothing else; the other addresses leave the type to those who judge. */
	if (in->submission->desk == DESK_CANCELLATIONS && in->declaration.kind != LODGED_WITHDRAWAL) {
		error_set(&no->error, ERROR_BAD_SCHEMA, "a cancellation request has FunctionCode 13 and TypeCode INV");
		return refuse(no, 400, "BAD_REQUEST", "Payload is not valid according to schema", detail);
	}
	return 0;
}

/* A repeat with the same octets was taken before; another document under a reference that is used is none that can be taken. */
static int repeat_check(struct intake *in, const uint8_t *digest, struct no *no)
{
	const struct lodged *before = lodgings_find(in->sandbox->lodgings, in->declaration.reference);
	if (!before)
		return 0;
	if (memcmp(before->digest, digest, DIGEST_SHA256_SIZE) == 0) {
		in->submission->conversation = before->conversation;
		error_set(&no->error, ERROR_CONFLICT, "%s was taken before, in conversation %s", before->reference, before->conversation);
		return refuse(no, 409, "DUPLICATE_SUBMISSION", "The same declaration was submitted before", "duplicate");
	}
	error_set(&no->error, ERROR_CONFLICT, "%s was used for another document; give each declaration a FunctionalReferenceID of its own", before->reference);
	return refuse(no, 409, "REFERENCE_IN_USE", "The FunctionalReferenceID belongs to another declaration", "reference_in_use");
}

static int room_check(struct intake *in, struct no *no)
{
	struct sandbox *s = in->sandbox;
	if (!lodgings_full(s->lodgings) && !outbox_full(s->outbox))
		return 0;
	error_set(&no->error, ERROR_BUSY, "no more can be kept: too many answers wait to be taken, or too many declarations were lodged since the start");
	no->error.retry_after = 60;
	return refuse(no, 503, "SERVICE_UNAVAILABLE", "Service unavailable", "busy");
}

/* ---- the answers to the request ---- */

static void no_answer(struct intake *in, const struct no *no)
{
	struct sandbox *s = in->sandbox;
	struct submission *sub = in->submission;
	const char *place = no->error.place;
	const char *detail = arena_printf(in->arena, "%s%s%s%s", *place ? "Error at " : "", place, *place ? ": " : "", no->error.text);
	log_warning("submission", sub->conversation, "submission of client %s in conversation %s: %d %s: %s", sub->client, sub->conversation, no->status, no->code,
	            detail);
	if (no->status == 400 || (no->status == 409 && !text_equal(no->code, "DUPLICATE_SUBMISSION")))
		shelf_put_refused(s->shelf, sub->conversation, in->body, in->signature, detail);
	if (s->setup->scenarios.on[SCENARIO_SILENCE]) {
		http_request_drop(sub->request);
		return;
	}
	if (no->error.retry_after)
		http_answer_header(sub->request, "Retry-After", arena_printf(in->arena, "%d", no->error.retry_after));
	http_answer_header(sub->request, "X-Conversation-ID", sub->conversation);
	refusal_answer(sub->request, no->status, no->code, no->message, no->detail_code, detail);
}

static void yes_now(void *context, void *thing)
{
	struct submission *sub = thing;
	(void)context;
	http_answer_header(sub->request, "X-Conversation-ID", sub->conversation);
	http_answer(sub->request, 202, "application/xml", (struct bytes){ 0 });
	free(sub);
}

static void yes_answer(struct intake *in)
{
	struct sandbox *s = in->sandbox;
	const struct scenarios *scenarios = &s->setup->scenarios;
	if (scenarios->on[SCENARIO_SILENCE])
		http_request_drop(in->submission->request);
	else if (scenarios->on[SCENARIO_SLOW])
		clerk_give(s->clerk, scenarios->number[SCENARIO_SLOW] * 1000, yes_now, s, in->submission);
	else
		yes_now(s, in->submission);
	if (!scenarios->on[SCENARIO_SILENCE])
		in->submission = NULL;  /* yes_now has it */
}

/* ---- the whole way ---- */

/* Before anything else is looked at. */
static int misbehave(struct intake *in, struct no *no)
{
	const struct scenarios *s = &in->sandbox->setup->scenarios;
	int number = ++in->sandbox->submissions;
	if (s->on[SCENARIO_ERRORS_500] && number <= s->number[SCENARIO_ERRORS_500]) {
		error_set(&no->error, ERROR_INTERNAL, "scenario errors-500, submission %d", number);
		return refuse(no, 500, "INTERNAL_SERVER_ERROR", "Internal server error", "scenario");
	}
	int before = s->on[SCENARIO_ERRORS_500] ? s->number[SCENARIO_ERRORS_500] : 0;
	if (s->on[SCENARIO_BUSY_429] && number <= before + s->number[SCENARIO_BUSY_429]) {
		error_set(&no->error, ERROR_TOO_MANY, "scenario busy-429, submission %d", number);
		no->error.retry_after = 1;
		return refuse(no, 429, "MESSAGE_THROTTLED_OUT", "The request for the API is throttled as you have exceeded your quota.", "scenario");
	}
	return 0;
}

static struct lodged *keep(struct intake *in, const uint8_t *digest, struct no *no)
{
	static const char *const types[] = { "SCI", "SCA", "INV", "GPR", "XXX" };
	struct sandbox *s = in->sandbox;
	struct lodged lodged = { .reference = in->declaration.reference, .client = in->submission->client, .conversation = in->submission->conversation,
		                 .kind = in->declaration.kind, .state = KNOWN_STANDS };
	memcpy(lodged.digest, digest, DIGEST_SHA256_SIZE);
	if (shelf_put(s->shelf, in->declaration.reference, in->body, in->signature, &no->error) < 0) {
		refuse(no, 500, "INTERNAL_SERVER_ERROR", "Internal server error", "documents");
		return NULL;
	}
	return lodgings_add(s->lodgings, &lodged, s->setup->authority.office, types[in->declaration.kind], sandbox_time(s));
}

/* The identifiers of others are nobody's business: to whoever did not lodge it, it is not known. */
static struct lodged *meant_by(struct intake *in, const struct lodged *lodged)
{
	const struct declaration *d = &in->declaration;
	struct lodged *meant = d->id ? lodgings_find_id(in->sandbox->lodgings, d->id) : NULL;
	bool report = meant && (meant->kind == LODGED_REPORT || meant->kind == LODGED_ASSURANCE);
	return report && text_equal(meant->client, lodged->client) ? meant : NULL;
}

static void decide(struct intake *in, struct lodged *lodged)
{
	struct sandbox *s = in->sandbox;
	const struct declaration *d = &in->declaration;
	struct lodged *meant = meant_by(in, lodged);
	struct decision decision;
	const char *functions[8];
	judge(in->arena, d, meant ? meant->state : KNOWN_NOT, s->setup->clock_of_documents ? CLOCK_NONE : sandbox_time(s), &decision);
	size_t count = text_equal(decision.function, "03") ? 0 : judge_by_scenario(&s->setup->scenarios, d, functions);
	if (count && text_equal(functions[0], "03"))
		decision.objection = (struct objection){ "SBX90000", "rejected because the scenario says so", d->statement_count ? "42A/03A[1]/225" : "42A/D013" };
	if (!count)
		functions[count++] = decision.function;
	if (text_equal(functions[0], "03"))
		lodged->state = KNOWN_REJECTED;
	else if (d->kind == LODGED_WITHDRAWAL && meant)
		meant->state = KNOWN_WITHDRAWN;
	bool stops = text_equal(functions[0], "05") || text_equal(functions[0], "06") || text_equal(functions[0], "50") || text_equal(functions[0], "51");
	if (s->setup->scenarios.on[SCENARIO_RELEASE] && stops) {
		functions[count++] = "08";
		functions[count++] = "09";
	}
	log_info("declaration", d->reference, "%s %s%s%s, client %s, is %s: answer %s, %s", lodged_kind_name(d->kind), d->reference,
	         d->container ? " on box " : "", d->container ? d->container : "", lodged->client, lodged->id, functions[0],
	         text_equal(functions[0], decision.function) ? decision.why : "as the scenario says");
	answer_send(s, lodged, d, &decision, functions, count);
}

void intake_do(void *context, void *thing)
{
	ARENA_AUTO arena = arena_new();
	struct submission *own = thing;
	struct intake in = { .sandbox = context, .submission = thing, .arena = arena };
	struct no no = { 0 };
	uint8_t digest[DIGEST_SHA256_SIZE];
	struct lodged *lodged = NULL;
	in.body = arena_bytes(arena, own->request->body);
	digest_sha256(in.body, digest);
	if (misbehave(&in, &no) == 0 && document_check(&in, &no) == 0 && repeat_check(&in, digest, &no) == 0 && room_check(&in, &no) == 0)
		lodged = keep(&in, digest, &no);
	if (!lodged) {
		no_answer(&in, &no);
		free(own);
		return;
	}
	if (in.declaration.issued != CLOCK_NONE)
		sandbox_heard(in.sandbox, in.declaration.issued);
	yes_answer(&in);
	decide(&in, lodged);
	free(in.submission);
}
