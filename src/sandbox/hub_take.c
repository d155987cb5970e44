/* POST /as4: what comes in, and what the sender is told. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/hub_inside.h"

#define WAITING_MOST 1000

/* ---- refusing ---- */

int hub_refuse(struct hub_intake *in, enum ebms_code code, enum hub_rule rule, const char *format, ...)
{
	char text[500];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	in->code = code;
	in->rule = rule;
	return error_set(&in->error, ebms_row(code)->error, "%s", text);
}

int hub_refuse_as(struct hub_intake *in, bool opened)
{
	unsigned algorithms = in->peer ? in->peer->mode.algorithms : ~0u;
	in->rule = hub_examine(in->content_type, in->octets, opened, algorithms, in->code, &in->error);
	return -1;
}

int hub_pack_signal(struct hub *hub, struct arena *arena, const struct hub_peer *peer, const struct as4_header *header, struct buffer *out,
                    const char **content_type_r, struct error *error)
{
	struct as4_packed packed;
	struct sink sink = sink_to_buffer(out);
	TRY(as4_pack(arena, peer ? &peer->mode : &hub->stranger, header, NULL, 0, &sink, &packed, error));
	*content_type_r = packed.content_type;
	return 0;
}

struct json *hub_line(const struct hub_intake *in, const char *what)
{
	const struct as4_header *header = &in->in->header;
	struct json *line = ledger_line(in->arena, what, in->peer ? in->peer->setup->name : NULL);
	json_set_text(in->arena, line, "message", header->message_id);
	json_set_text(in->arena, line, "ref_to", header->ref_to);
	if (header->kind == AS4_USER && header->message_id)
		json_set_text(in->arena, line, "action", as4_is_test(header) ? "ping" : header->user.collaboration.action);
	if (in->code != EBMS_NONE) {
		json_set_text(in->arena, line, "code", ebms_row(in->code)->code);
		json_set_text(in->arena, line, "rule", in->rule ? hub_rule_row(in->rule)->slug : NULL);
		json_set_text(in->arena, line, "text", in->error.text);
	}
	return line;
}

void hub_answer_octets(struct hub_intake *in, const char *content_type, struct bytes octets)
{
	http_answer(in->request, 200, content_type, octets);
}

/* Signed and in the response, as everything is (ICS2 ICD 4.3.2). */
void hub_answer_error(struct hub_intake *in)
{
	BUFFER_AUTO out = { 0 };
	struct as4_header header;
	struct error error = { 0 };
	const char *content_type;
	const struct as4_header *about = &in->in->header;
	as4_error_for(in->arena, in->code, in->error.text, in->detail, about->message_id, as4_message_id(in->arena, in->hub->setup->party.id), hub_time(in->hub),
	              &header);
	log_warning("as4", about->message_id, "message %s%s%s is refused: %s (%s): %s", about->message_id ? about->message_id : "without an id",
	            in->peer ? " of " : "", in->peer ? in->peer->setup->name : "", ebms_row(in->code)->code, in->rule ? hub_rule_row(in->rule)->slug : "",
	            in->error.text);
	if (hub_pack_signal(in->hub, in->arena, in->peer, &header, &out, &content_type, &error) < 0) {
		log_error("as4", about->message_id, "the error signal cannot be made: %s", error.text);
		http_answer(in->request, 500, NULL, (struct bytes){ 0 });
		return;
	}
	hub_answer_octets(in, content_type, buffer_bytes(&out));
}

static void refuse_message(struct hub_intake *in)
{
	struct json *line = hub_line(in, "refused");
	struct error error = { 0 };
	const char *name = ledger_name(in->hub->ledger, in->arena, in->peer ? in->peer->setup->name : "unknown", "refused");
	if (ledger_put(in->hub->ledger, "in", name, ".mime", in->content_type, in->octets, &error) < 0)
		log_error("as4", NULL, "what was refused could not be kept: %s", error.text);
	json_set_text(in->arena, line, "file", arena_printf(in->arena, "in/%s.mime", name));
	ledger_note(in->hub->ledger, in->arena, line);
	hub_answer_error(in);
}

/* ---- receipts ---- */

struct late {
	struct http_request *request;
	char *content_type;
	struct buffer octets;
};

static void late_answer(void *context, void *thing)
{
	struct late *late = thing;
	(void)context;
	http_answer_owned(late->request, 200, late->content_type, &late->octets);
	buffer_clear(&late->octets);
	free(late->content_type);
	free(late);
}

static void answer_late(struct hub_intake *in, const char *content_type, struct bytes octets, int in_ms)
{
	struct late *late = calloc(1, sizeof *late);
	if (!late || !(late->content_type = strdup(content_type)))
		die("out of memory");
	late->request = in->request;
	buffer_add(&late->octets, octets.data, octets.size);
	clerk_give(in->hub->sandbox->clerk, in_ms, late_answer, in->hub, late);
}

static void answer_spoiled(struct hub_intake *in, enum scenario scenario)
{
	BUFFER_AUTO out = { 0 };
	struct error error = { 0 };
	const char *content_type;
	struct json *line = hub_line(in, "spoiled");
	json_set_text(in->arena, line, "scenario", scenario_name(scenario));
	ledger_note(in->hub->ledger, in->arena, line);
	if (scenario == SCENARIO_NO_RECEIPT)
		http_answer(in->request, 202, NULL, (struct bytes){ 0 });
	else if (hub_spoil_receipt(in, scenario, &out, &content_type, &error) == 0)
		hub_answer_octets(in, content_type, buffer_bytes(&out));
	else
		http_answer(in->request, 500, NULL, (struct bytes){ 0 });
}

/* As it is kept, or as a scenario has it. `first`: not for a repeat. */
static void answer_receipt(struct hub_intake *in, const char *file, bool first)
{
	static const enum scenario spoils[] = { SCENARIO_NO_RECEIPT, SCENARIO_RECEIPT_DIGEST, SCENARIO_RECEIPT_UNSIGNED };
	const struct scenarios *scenarios = &in->hub->sandbox->setup->scenarios;
	struct error error = { 0 };
	const char *content_type;
	struct bytes octets;
	for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++)
		if (hub_spoils(in->hub, spoils[i])) {
			answer_spoiled(in, spoils[i]);
			return;
		}
	if (ledger_get(in->hub->ledger, in->arena, file, &content_type, &octets, &error) < 0) {
		log_error("as4", in->in->header.message_id, "a receipt is lost: %s", error.text);
		http_answer(in->request, 500, NULL, (struct bytes){ 0 });
	} else if (first && scenarios->on[SCENARIO_RECEIPT_LATE]) {
		answer_late(in, content_type, octets, scenarios->number[SCENARIO_RECEIPT_LATE] * 1000);
	} else {
		hub_answer_octets(in, content_type, octets);
	}
}

static int make_receipt(struct hub_intake *in, const char *name, struct error *error)
{
	BUFFER_AUTO out = { 0 };
	struct as4_header header;
	const char *content_type;
	as4_receipt_for(in->in, as4_message_id(in->arena, in->hub->setup->party.id), hub_time(in->hub), &header);
	TRY(hub_pack_signal(in->hub, in->arena, in->peer, &header, &out, &content_type, error));
	return ledger_put(in->hub->ledger, "in", name, ".receipt.mime", content_type, buffer_bytes(&out), error);
}

/* ---- user messages ---- */

/* Sent before, in the same octets: the stored receipt is the answer again. False: refused. */
static bool repeat_answer(struct hub_intake *in, const struct taken *before, const char *digest)
{
	if (!text_equal(before->digest, digest)) {
		(void)hub_refuse(in, EBMS_OTHER, HUB_SAME_ID, "message \"%.120s\" was taken before with other digests: an id stands for one message, and what is "
		                 "sent again is the same octets", in->in->header.message_id);
		return false;
	}
	log_info("as4", before->message_id, "message %s of %s came again: the stored receipt is the answer", before->message_id, before->peer);
	ledger_note(in->hub->ledger, in->arena, hub_line(in, "repeat"));
	answer_receipt(in, before->receipt, false);
	return true;
}

/* Its files first, then the line that makes it true, then the answer. */
static int keep(struct hub_intake *in, const char *digest, struct json *remarks, const char **receipt_r, struct error *error)
{
	struct hub *hub = in->hub;
	struct hub_draft drafts[HUB_DRAFTS_MOST];
	struct json *line = hub_line(in, "taken"), *out = json_new_array(in->arena), *described;
	const char *action = as4_is_test(&in->in->header) ? "ping" : in->in->header.user.collaboration.action;
	const char *name = ledger_name(hub->ledger, in->arena, in->peer->setup->name, action);
	*receipt_r = arena_printf(in->arena, "in/%s.receipt.mime", name);
	TRY(ledger_put(hub->ledger, "in", name, ".mime", in->content_type, in->octets, error));
	if (in->parts)
		TRY(ledger_put(hub->ledger, "in", name, ".xml", NULL, in->parts[0], error));
	TRY(make_receipt(in, name, error));
	size_t count = as4_is_test(&in->in->header) ? 0 : hub_play(in, line, remarks, drafts);
	for (size_t i = 0; i < count; i++) {
		TRY(hub_prepare(in, &drafts[i], &described, error));
		json_append(out, described);
	}
	json_set_text(in->arena, line, "digest", digest);
	json_set_text(in->arena, line, "receipt", *receipt_r);
	json_set_text(in->arena, line, "algorithm", in->in->algorithm);
	json_set(line, "remarks", remarks);
	json_set(line, "out", out);
	return ledger_add(hub->ledger, in->arena, line, error);
}

static void take_user(struct hub_intake *in)
{
	struct json *remarks = json_new_array(in->arena);
	struct error error = { 0 };
	const char *receipt;
	if (hub_check_user(in, remarks) < 0) {
		refuse_message(in);
		return;
	}
	const char *digest = ledger_digest(in->arena, in->in->references);
	const struct taken *before = ledger_find_taken(in->hub->ledger, in->peer->setup->name, in->in->header.message_id);
	if (before) {
		if (!repeat_answer(in, before, digest))
			refuse_message(in);
		return;
	}
	if (ledger_full(in->hub->ledger)) {
		http_answer_header(in->request, "Retry-After", "60");
		http_answer(in->request, 503, NULL, (struct bytes){ 0 });
		return;
	}
	sandbox_heard(in->hub->sandbox, in->in->header.time);
	if (keep(in, digest, remarks, &receipt, &error) < 0) {
		log_error("as4", in->in->header.message_id, "message %s of %s could not be kept: %s", in->in->header.message_id, in->peer->setup->name, error.text);
		http_answer(in->request, 500, NULL, (struct bytes){ 0 });
		return;
	}
	log_info("as4", in->in->header.message_id, "message %s of %s is taken", in->in->header.message_id, in->peer->setup->name);
	answer_receipt(in, receipt, true);
	hub_look(in->hub, clock_mono_ms());
}

/* ---- signals that come by themselves, as they do after a pull ---- */

static void take_signal(struct hub_intake *in)
{
	const struct as4_header *header = &in->in->header;
	const char *ref_to = header->ref_to ? header->ref_to : header->errors ? header->errors->ref_to : NULL;
	struct outgoing *about = ledger_find_outgoing(in->hub->ledger, ref_to);
	bool good = about && hub_signal_take(in, about);
	if (!about)
		(void)hub_refuse(in, EBMS_VALUE_INCONSISTENT, HUB_RECEIPT_OF, "the signal refers to message \"%.120s\", which was not sent from here", ref_to ? ref_to : "");
	if (good)
		http_answer(in->request, 202, NULL, (struct bytes){ 0 });
	else if (header->kind == AS4_RECEIPT)
		refuse_message(in);
	else {  /* an error is no answer to an error */
		ledger_note(in->hub->ledger, in->arena, hub_line(in, "refused"));
		http_answer(in->request, 202, NULL, (struct bytes){ 0 });
	}
}

/* ---- the way in ---- */

static void take_one(struct hub_intake *in)
{
	struct blob blob = blob_of_bytes(&in->octets);
	struct as4_limits limits = { .message_bytes = HUB_BODY_BYTES };
	if (as4_open(in->arena, in->content_type, &blob, &limits, &in->in, &in->code, &in->error) < 0) {
		in->peer = in->in->header.kind == AS4_USER && in->in->header.user.from.id ? hub_peer_of(in->hub, in->in->header.user.from.id) : NULL;
		(void)hub_refuse_as(in, false);
		refuse_message(in);
		return;
	}
	if (in->in->header.kind == AS4_USER)
		take_user(in);
	else if (in->in->header.kind == AS4_PULL)
		hub_pull(in);
	else
		take_signal(in);
}

static void take_do(void *context, void *thing)
{
	static const char page[] = "<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n";
	ARENA_AUTO arena = arena_new();
	struct http_request *request = thing;
	const char *content_type = http_request_header(request, "Content-Type");
	struct hub_intake in = { .hub = context, .request = request, .arena = arena, .content_type = content_type ? content_type : "", .octets = request->body };
	if (hub_spoils(in.hub, SCENARIO_HTML_502)) {
		struct json *line = ledger_line(arena, "spoiled", NULL);
		json_set_text(arena, line, "scenario", scenario_name(SCENARIO_HTML_502));
		ledger_note(in.hub->ledger, arena, line);
		http_answer(request, 502, "text/html", bytes_of_text(page));
		return;
	}
	take_one(&in);
}

void hub_take(struct hub *hub, struct http_request *request)
{
	if (clerk_waiting(hub->sandbox->clerk) >= WAITING_MOST) {
		http_answer_header(request, "Retry-After", "2");
		http_answer(request, 503, NULL, (struct bytes){ 0 });
		return;
	}
	http_request_defer(request);
	clerk_give(hub->sandbox->clerk, 0, take_do, hub, request);
}
